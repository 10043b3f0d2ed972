"""Name-value pairs in one text (``PL=ABC;CO=red``) to an object with one property a name, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hub.mapping.convert import BadOption, Codec, Options, Unfit, single
from hub.mapping.reach import Reach, Types, text_of
from hub.mapping.reach_texts import BLANK, in_class
from hub.schema.shape import ValueType


def pairs_codec(options: Options) -> Codec:
    """``PL=ABC;CO=red`` to an object with one property a name, and back."""
    separator, equals = _marks(options)
    names = _names(options)
    theirs = {agency: canonical for canonical, agency in names.items()}

    def read(text: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for part in text.split(separator):
            if not part.strip():
                continue
            name, mark, value = part.partition(equals)
            known = theirs.get(name.strip())
            if not mark or known is None:
                raise Unfit(f"{name.strip()[:40]!r} is none of the names {', '.join(theirs)}")
            if known in found:
                raise Unfit(f"{name.strip()!r} stands twice")
            if value.strip():
                found[known] = value.strip()
        if not found:
            raise Unfit("there is no value in this text")
        return found

    def write(value: dict[str, str]) -> str | None:
        parts = [f"{agency}{equals}{value[name]}" for name, agency in names.items() if value.get(name)]
        text = separator.join(parts)
        if text and read(text) != {name: part for name, part in value.items() if name in names}:
            raise Unfit("a value begins or ends with white space or holds what separates the pairs", "unwritable-value")
        return text or None

    return single(read, write, reads_back=True)


def _marks(options: Options) -> tuple[str, str]:
    separator, equals = options.text("separator", ";"), options.text("equals", "=")
    if len(separator) != 1 or len(equals) != 1 or separator == equals:
        raise BadOption("separator", "separator and equals are one character each, and not the same")
    return separator, equals


def _names(options: Options) -> Mapping[str, str]:
    """Canonical property to the agency's name, from ``property=NAME`` (or a name that is the same in both)."""
    separator, equals = _marks(options)
    names = {}
    for text in options.texts("names"):
        canonical, mark, agency = text.partition("=")
        names[canonical.strip()] = (agency if mark else canonical).strip()
    if "" in names or "" in names.values() or len(set(names.values())) != len(options.texts("names")):
        raise BadOption("names", "each of 'names' is property=NAME, and none stands twice")
    if any(mark in name for name in names.values() for mark in (separator, equals)):
        raise BadOption("names", "a name holds what separates the pairs")
    return names


def pairs_read(options: Options, given: Types) -> Reach:
    """Each property may come, as text without the separator."""
    separator, _ = _marks(options)
    names = _names(options)
    value = replace(_value(separator), max_length=given[""].max_length)
    return Reach(dict.fromkeys(names, value), refuses=f"what is not made of {', '.join(names.values())}")


def pairs_write(options: Options, given: Types) -> Reach:
    """The pairs in the order of ``names``, those without value left out."""
    separator, equals = _marks(options)
    names = _names(options)
    takes = _value(separator)
    most: int | None = len(names) - 1
    for name, agency in names.items():
        length = given[name].max_length if name in given else 0
        most = None if most is None or length is None else most + len(agency) + len(equals) + length
    nothing = frozenset(("",)) if set(given) - set(names) else frozenset()
    return Reach({"": ValueType(min_length=1, max_length=most)}, dict.fromkeys(names, takes), nothing=nothing)


def _value(separator: str) -> ValueType:
    """A text without the separator, and without white space at its ends (what str.strip takes away)."""
    mark = in_class(separator)
    return text_of(f"[^{mark}{BLANK}]([^{mark}]*[^{mark}{BLANK}])?")
