"""Mutations of mapping files: lines, places, converters, conditions, answers, coverage."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from hub.mapping.converters import CONVERTERS
from tests.fuzz.chance import Chance, Mutate
from tests.fuzz.yaml_edit import (
    Pair,
    child,
    every_pair,
    pairs,
    parsed,
    quoted,
    replaced,
    source,
    span,
    swapped,
    with_pair,
    without,
)

_FORMATS = ("yyyyMMdd", "yyyyMMddHHmmss", "dd/MM/yyyy", "yyyy-MM-dd", "HHmm", "HH:mm:ss", "yyMMdd", "yyyy/MM/dd HH:mm")
_CONVERTERS = tuple(CONVERTERS)
_OPTIONS = frozenset(
    (
        "else", "default", "absent", "pick", "too-long", "too-many", "unfit", "missing", "where", "is", "unless",
        "dangling", "id", "same", "codes", "as", "format", "zone", "separator", "constants", "clash", "true", "false",
        "hijri-format", "pad", "always",
    )
)  # fmt: skip


def lines(node: yaml.Node | None) -> Iterator[Pair]:
    """Every line of every table ``fields``, at any depth."""
    for pair in pairs(node):
        yield pair
        for part in pair.value.value if isinstance(pair.value, yaml.SequenceNode) else [pair.value]:
            yield from lines(child(part, "fields"))


def _fields(text: str) -> list[Pair]:
    return list(lines(child(parsed(text), "fields")))


def _places(text: str) -> list[yaml.Node]:
    """Every agency path of the fields."""
    found = []
    for pair in _fields(text):
        if isinstance(pair.value, yaml.ScalarNode):
            found.append(pair.value)
        found += [
            each.value for each in pairs(pair.value)
            if each.name in ("at", "ref", "follow") and isinstance(each.value, yaml.ScalarNode)
        ]  # fmt: skip
    return sorted(found, key=lambda node: node.start_mark.index)


def swap_places(text: str, chance: Chance) -> str | None:
    two = chance.two(_places(text))
    return swapped(text, *two) if two else None


def repeat_place(text: str, chance: Chance) -> str | None:
    two = chance.two(_places(text))
    return replaced(text, two[0], source(text, two[1])) if two else None


def swap_keys(text: str, chance: Chance) -> str | None:
    table = chance.one(_fields(text)).table
    two = chance.two([pair.key for pair in pairs(table)])
    return swapped(text, *two) if two else None


def swap_values(text: str, chance: Chance) -> str | None:
    """What one line does with its value, done to another's."""
    table = chance.one(_fields(text)).table
    two = chance.two([pair.value for pair in pairs(table)])
    return swapped(text, *two) if two else None


def reorder_lines(text: str, chance: Chance) -> str | None:
    """The order means nothing."""
    table = chance.one(_fields(text)).table
    two = chance.two(pairs(table))
    if two is None:
        return None
    (first, end), (second, last) = ((span(text, pair.key)[0], span(text, pair.value)[1]) for pair in two)
    return text[:first] + text[second:last] + text[end:second] + text[first:end] + text[last:]


def drop_line(text: str, chance: Chance) -> str | None:
    return without(text, chance.one(_fields(text)))


def drop_line_with_reason(text: str, chance: Chance) -> str | None:
    """Legal where nothing needs it."""
    pair = chance.one(pairs(child(parsed(text), "fields")))
    return covered(without(text, pair), "drops", pair.name)


def covered(text: str, list: str, path: str) -> str:
    """The file with one more entry of ``drops``, ``ignores`` or ``unlinked``."""
    reason = "refuse" if list == "unlinked" else "a reason"
    table = child(parsed(text), list)
    if not isinstance(table, yaml.MappingNode):
        return f"{text.rstrip()}\n{list}: {{{quoted(path)}: {reason}}}\n"
    return with_pair(text, table, f"{quoted(path)}: {reason}")


def uncover(text: str, chance: Chance) -> str | None:
    root = parsed(text)
    found = [pair for list in ("drops", "ignores", "refuses", "unlinked") for pair in pairs(child(root, list))]
    return without(text, chance.one(found)) if found else None


def drop_constant(text: str, chance: Chance) -> str | None:
    found = [pair for each in every_pair(parsed(text)) if each.name == "constants" for pair in pairs(each.value)]
    return without(text, chance.one(found)) if found else None


def change_constant(text: str, chance: Chance) -> str | None:
    found = [pair for each in every_pair(parsed(text)) if each.name == "constants" for pair in pairs(each.value)]
    sources = ("$message.id", "$message.time", "$message.subject", "$message.caseKey", "$message.partner", "", "A")
    return replaced(text, chance.one(found).value, quoted(chance.word_or(*sources))) if found else None


def map_dropped(text: str, chance: Chance) -> str | None:
    """A field that was dropped goes where another goes, or to a place that was ignored."""
    root = parsed(text)
    dropped = pairs(child(root, "drops"))
    if not dropped:
        return None
    pair, place = chance.one(dropped), source(text, chance.one(_places(text)))
    ignored = pairs(child(root, "ignores"))
    if ignored and chance.random.random() < 0.5:
        place = source(text, chance.one(ignored).key)
    changed = without(text, pair)
    table = child(parsed(changed), "fields")
    return with_pair(changed, table, f"{quoted(pair.name)}: {place}") if isinstance(table, yaml.MappingNode) else None


def drop_option(text: str, chance: Chance) -> str | None:
    found = [pair for pair in every_pair(parsed(text)) if pair.name in _OPTIONS]
    return without(text, chance.one(found)) if found else None


def change_option(text: str, chance: Chance) -> str | None:
    scalars = [
        pair for pair in every_pair(parsed(text))
        if pair.name in _OPTIONS | {"write", "read", "unseen", "unlinked"} and isinstance(pair.value, yaml.ScalarNode)
    ]  # fmt: skip
    if not scalars:
        return None
    pair = chance.one(scalars)
    known = {
        "as": _CONVERTERS, "codes": chance.tables, "format": _FORMATS, "hijri-format": _FORMATS,
        "unseen": ("count", "keep", "refuse"), "zone": ("UTC", "Asia/Riyadh"),
        "write": ("omit", "nil", "empty", "-", "", "0"),
    }.get(pair.name, ("refuse", "drop", "cut", "first", "last", "prune", "1", ""))  # fmt: skip
    return replaced(
        text, pair.value, quoted(chance.word_or(*known) if chance.random.random() < 0.3 else chance.one(known))
    )


def with_option(text: str, value: yaml.Node, option: str) -> str | None:
    """A line's value with one more option."""
    if isinstance(value, yaml.ScalarNode):
        return replaced(text, value, f"{{at: {source(text, value)}, {option}}}")
    return with_pair(text, value, option) if isinstance(value, yaml.MappingNode) else None


def add_option(text: str, chance: Chance) -> str | None:
    """An answer, a condition or a change, as the kind of line takes it."""
    pair = chance.one(_fields(text))
    names = {each.name for each in pairs(pair.value)}
    if names & {"ref", "via", "follow"}:
        return with_option(text, pair.value, chance.one(("dangling: prune", "dangling: refuse", "missing: refuse")))
    sibling = quoted(chance.one(pairs(pair.table)).name)
    word, other = quoted(chance.word_or("-", "0", "x")), quoted(chance.word_or("-", "0", "x"))
    conditions = (f"is: {{{sibling}: {word}}}", f"is: {{{sibling}: [{word}, {other}]}}")
    if "fields" in names:
        return with_option(text, pair.value, chance.one(("too-many: drop", "too-many: refuse", *conditions)))
    many = ("too-many: drop", "too-many: refuse") if pair.name.endswith("[]") else ("pick: first", "pick: last")
    options = (
        *conditions, *many, "missing: refuse", "missing: refuse", "too-long: cut", "too-long: refuse", "unfit: drop",
        "unfit: refuse", f"unless: {sibling}", f"default: {{write: {word}}}", f"default: {{read: {word}}}",
        f"default: {{read: {word}, write: {other}}}", f"else: {{write: {word}}}", f"else: {{read: {word}}}",
        f'absent: {{read: ["", {word}], write: omit}}', 'absent: {read: [""], write: empty}',
        'absent: {read: ["", nil], write: nil}', f"as: {chance.one(_CONVERTERS)}",
        f"codes: {chance.one(chance.tables)}", f"as: date, format: {chance.one(_FORMATS)}",
    )  # fmt: skip
    return with_option(text, pair.value, chance.one(options))


def guard_line(text: str, chance: Chance) -> str | None:
    """One place becomes several, chosen by another value."""
    scalars = [pair for pair in _fields(text) if isinstance(pair.value, yaml.ScalarNode)]
    two = chance.two(scalars)
    if two is None:
        return None
    pair, other = two if chance.random.random() < 0.5 else two[::-1]
    sibling, word = quoted(chance.one(pairs(pair.table)).name), quoted(chance.word())
    rest = chance.one((f"{{at: {source(text, other.value)}}}", "{drops: a reason}", ""))
    return replaced(text, pair.value, f"[{{at: {source(text, pair.value)}, is: {{{sibling}: {word}}}}}, {rest}]")


def unless_other(text: str, chance: Chance) -> str | None:
    """Two fields for one place: the second only where the first is not there."""
    table = chance.one(_fields(text)).table
    two = chance.two([pair for pair in pairs(table) if isinstance(pair.value, yaml.ScalarNode)])
    if two is None:
        return None
    new = f"{{at: {source(text, two[0].value)}, unless: {quoted(two[0].name)}}}"
    return replaced(text, two[1].value, new)


def change_list_key(text: str, chance: Chance) -> str | None:
    """``k[]`` to ``k``, or the other way round."""
    pair = chance.one(_fields(text))
    name = pair.name.removesuffix("[]") if pair.name.endswith("[]") else f"{pair.name}[]"
    return replaced(text, pair.key, quoted(name))


def change_head(text: str, chance: Chance) -> str | None:
    """``absent`` and ``unseen`` of the whole file."""
    root = parsed(text)
    options = {
        "unseen": ("count", "keep", "refuse"),
        "absent": ('{read: [""], write: omit}', '{read: ["", "-", nil], write: empty}', '{read: ["", nil], write: nil}',
                   f"{{read: [{quoted(chance.word())}], write: omit}}"),
    }  # fmt: skip
    name = chance.one(list(options))
    new, old = chance.one(options[name]), child(root, name)
    return replaced(text, old, new) if old is not None else f"{name}: {new}\n{text}"


MAPPINGS: tuple[Mutate, ...] = (
    swap_places, repeat_place, swap_keys, swap_values, reorder_lines, drop_line, drop_line_with_reason, uncover,
    drop_constant, change_constant, map_dropped, drop_option, change_option, add_option, add_option, guard_line,
    unless_other, change_list_key, change_head,
)  # fmt: skip
