"""Mutations of code tables, of layouts (delimited, fixed width), of grants and of agencies."""

from __future__ import annotations

import yaml

from tests.fuzz.chance import Chance, Mutate
from tests.fuzz.yaml_edit import every_pair, parsed, quoted, replaced, source, swapped, with_pair, without

_LAYOUT = {
    "pattern": ("[0-9]{4}", "[A-Z]+", ".{0,3}", "[0-9]*"), "align": ("left", "right"), "pad": ("0", "*"),
    "required": ("true", "false"), "encoding": ("utf-8", "windows-1256", "ascii"), "newline": ("lf", "crlf"),
    "delimiter": (";", ",", "|"), "header": ("true", "false"),
}  # fmt: skip


def code_row(text: str, chance: Chance) -> str | None:
    """A row goes, comes twice, or has another code or note."""
    head, *rows = text.splitlines()
    if not rows:
        return None
    number = chance.random.randrange(len(rows))
    cells = [*rows[number].split(","), "", "", ""][:3]
    other = [*chance.one(rows).split(","), "", "", ""][:3]
    changes: tuple[list[str], ...] = (
        [],
        [",".join((cells[0], other[1], cells[2])), rows[number]],
        [",".join((other[0], cells[1], cells[2]))],
        [",".join((chance.word(), cells[1], cells[2]))],
        [",".join((cells[0], chance.word(), cells[2]))],
        [",".join((cells[0], cells[1], chance.one(("read only", "write only", ""))))],
        [rows[number], ",".join((other[0], cells[1], "write only"))],
        [rows[number], ",".join((chance.word(), cells[1], "read only"))],
    )
    return "\n".join([head, *rows[:number], *chance.one(changes), *rows[number + 1 :], ""])


def layout_option(text: str, chance: Chance) -> str | None:
    found = [pair for pair in every_pair(parsed(text)) if pair.name in _LAYOUT]
    if not found:
        return None
    pair = chance.one(found)
    return replaced(text, pair.value, quoted(chance.one(_LAYOUT[pair.name])))


def layout_width(text: str, chance: Chance) -> str | None:
    """A column is a character shorter."""
    found = [pair for pair in every_pair(parsed(text)) if pair.name == "at" and "-" in source(text, pair.value)]
    if not found:
        return None
    pair = chance.one(found)
    start, _, end = str(pair.value.value).partition("-")
    return replaced(text, pair.value, f"{start}-{max(int(start), int(end) - chance.one((1, 2, 5)))}")


def layout_drop(text: str, chance: Chance) -> str | None:
    return without(text, chance.one(list(every_pair(parsed(text)))))


def layout_names(text: str, chance: Chance) -> str | None:
    two = chance.two([pair.value for pair in every_pair(parsed(text)) if pair.name in ("name", "codes", "pattern")])
    return swapped(text, *two) if two else None


def layout_add(text: str, chance: Chance) -> str | None:
    columns = [pair.table for pair in every_pair(parsed(text)) if pair.name == "name"]
    options = ("required: true", "max-length: 3", 'pattern: "[0-9]+"', 'codes: ["1", "2"]', "align: right", 'pad: "0"')
    return with_pair(text, chance.one(columns), chance.one(options)) if columns else None


def grant_field(text: str, chance: Chance) -> str | None:
    """A field less, or one more that is withheld."""
    lists = [pair for pair in every_pair(parsed(text)) if pair.name in ("fields", "except") and pair.value.value]
    if not lists:
        return None
    pair = chance.one(lists)
    items = [source(text, item) for item in pair.value.value]
    if chance.random.random() < 0.6 and len(items) > 1:
        items.remove(chance.one(items))
    else:
        items.append(quoted(chance.one(chance.paths)))
    return replaced(text, pair.value, f"[{', '.join(items)}]")


def grant_withhold(text: str, chance: Chance) -> str | None:
    """``except`` of a field of the message."""
    tables = [pair.table for pair in every_pair(parsed(text)) if pair.name == "fields"]
    if not tables:
        return None
    table = chance.one(tables)
    if any(str(key.value) == "except" for key, _ in table.value):
        return None
    return with_pair(text, table, f"except: [{quoted(chance.one(chance.paths))}]")


def grant_drop(text: str, chance: Chance) -> str | None:
    return without(text, chance.one([pair for pair in every_pair(parsed(text)) if pair.name != "agency"]))


def grant_condition(text: str, chance: Chance) -> str | None:
    found = [
        pair for pair in every_pair(parsed(text))
        if isinstance(pair.value, yaml.SequenceNode) and pair.name.startswith(("data.", "source"))
    ]  # fmt: skip
    return replaced(text, chance.one(found).value, f"[{quoted(chance.word())}]") if found else None


def agency_option(text: str, chance: Chance) -> str | None:
    known = {"batch": ("each", "all", "{most: 3, wait-s: 1}"), "ceiling": ("PUBLIC", "RESTRICTED", "SECRET")}
    found = [pair for pair in every_pair(parsed(text)) if pair.name in known]
    if not found:
        return None
    pair = chance.one(found)
    return replaced(text, pair.value, chance.one(known[pair.name]))


CODES: tuple[Mutate, ...] = (code_row,)
LAYOUTS: tuple[Mutate, ...] = (layout_option, layout_width, layout_drop, layout_names, layout_add)
GRANTS: tuple[Mutate, ...] = (grant_field, grant_withhold, grant_drop, grant_condition)
AGENCIES: tuple[Mutate, ...] = (agency_option,)
