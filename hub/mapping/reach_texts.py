"""What the converters of text, numbers, names and identifiers take and give."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from hub.mapping.convert import Options
from hub.mapping.reach import Reach, Types, one, text_of
from hub.schema.shape import ValueType

_ANY_DIGIT = "[0-9٠-٩۰-۹]"
BLANK = r"\t-\r\x1c- \x85\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_CLEAN = text_of(f"[^{BLANK}]+( [^{BLANK}]+)*")
_NUMBERS = {"nin": "1[0-9]{9}", "iqama": "2[0-9]{9}", "any": "[12][0-9]{9}"}
_CHECK_DIGIT = "a number with a wrong check digit"


def plain(given: ValueType) -> ValueType:
    """The same number as we write it, without signs, zeros and points that say nothing."""
    integer = given.base == "integer"
    return ValueType(
        "integer" if integer else "decimal",
        patterns=("^-?(0|[1-9][0-9]*)$" if integer else "^-?(0|[1-9][0-9]*)([.][0-9]+)?$",),
        minimum=given.minimum,
        maximum=given.maximum,
        total_digits=given.total_digits,
        fraction_digits=given.fraction_digits,
    )


def integer(_: Options, given: Types) -> Reach:
    """Both ways alike."""
    return one(plain(replace(given[""], base="integer")), text_of(f"[ ]*[+-]?{_ANY_DIGIT}+[ ]*"))


def decimal(*, writing: bool) -> Callable[[Options, Types], Reach]:
    """Reading takes the agency's separator, writing puts it."""

    def reach(options: Options, given: Types) -> Reach:
        point = re.escape(options.text("separator", "."))
        gives = plain(given[""])
        if writing and point != r"\.":
            gives = text_of(f"-?(0|[1-9][0-9]*)({point}[0-9]+)?")
        longest = given[""].max_length if given[""].json == "string" else None
        if longest is not None:
            gives = replace(gives, max_length=longest + 1)  # ".5" becomes "0.5"; nothing else grows
        separator = r"\." if writing else point
        digits = "[0-9]" if writing else _ANY_DIGIT
        return one(gives, text_of(f"[+-]?({digits}+({separator}{digits}*)?|{separator}{digits}+)"))

    return reach


def boolean_read(options: Options, _: Types) -> Reach:
    """Every spelling is read."""
    spellings = (*options.texts("true", "true", "1"), *options.texts("false", "false", "0"))
    return one(ValueType("boolean", codes=("true", "false")), ValueType(codes=spellings))


def boolean_write(options: Options, _: Types) -> Reach:
    """The first spellings are written."""
    written = (options.texts("true", "true", "1")[0], options.texts("false", "false", "0")[0])
    return one(ValueType(codes=written), ValueType("boolean", codes=("true", "false")))


def text_read(_: Options, given: Types) -> Reach:
    """White space goes."""
    return one(ValueType(patterns=_CLEAN.patterns, max_length=given[""].max_length))


def text_write(_: Options, given: Types) -> Reach:
    """What reading would change is refused."""
    return one(given[""], _CLEAN)


def digits_read(_: Options, given: Types) -> Reach:
    """Digits change, nothing else: the patterns may."""
    type = given[""]
    return one(ValueType(min_length=type.min_length, max_length=type.max_length))


def digits_write(_: Options, given: Types) -> Reach:
    """What reading would change is refused."""
    return one(given[""], text_of("[^٠-٩۰-۹]*"))


def national_id_read(options: Options, _: Types) -> Reach:
    """The number, or its kind and the number."""
    kind = options.one_of("kind", "any", "nin", "iqama")
    number = text_of(_NUMBERS[kind])
    first = {"nin": "[1١۱]", "iqama": "[2٢۲]", "any": "[12١٢۱۲]"}[kind]
    takes = {"": text_of(f"[ ]*{first}{_ANY_DIGIT}{{9}}[ ]*")}
    kinds = ("nin", "iqama") if kind == "any" else (kind,)
    gives = {"type": ValueType(codes=kinds), "value": number} if options.whole else {"": number}
    return Reach(gives, takes, _CHECK_DIGIT)


def national_id_write(options: Options, _: Types) -> Reach:
    """Only a checked number of the kind is written."""
    kind = options.one_of("kind", "any", "nin", "iqama")
    number = text_of(_NUMBERS[kind])
    return Reach({"": number}, {"value" if options.whole else "": number}, _CHECK_DIGIT)


def name_read(_: Options, given: Types) -> Reach:
    """A whole name stays whole."""
    return Reach({"whole": given[""]})


def name_write(options: Options, given: Types) -> Reach:
    """The whole name, or the parts with spaces between; nothing where the name has only other parts."""
    names = options.texts("parts", "given", "father", "grandfather", "family")
    written = [given[name].max_length for name in names if name in given]
    joined = None if None in written else sum(length or 0 for length in written) + max(len(written) - 1, 0)
    whole = given["whole"].max_length if "whole" in given else 0
    most = None if joined is None or whole is None else max(joined, whole)
    nothing = frozenset(("",)) if set(given) - {"whole", *names} else frozenset()
    return Reach({"": ValueType(min_length=1, max_length=most)}, nothing=nothing)


def template_read(options: Options, given: Types) -> Reach:
    """Several places to one text."""
    _, parts = _pattern(options)
    return Reach(
        {"": _filled(options, given)},
        {name: text_of(part) for name, part in parts.items()},
    )


def template_write(options: Options, _: Types) -> Reach:
    """One text to several places."""
    whole, parts = _pattern(options)
    return Reach({name: text_of(part) for name, part in parts.items()}, {"": text_of(whole)})


def parts_read(options: Options, _: Types) -> Reach:
    """One text to an object."""
    return template_write(options, _)


def parts_write(options: Options, given: Types) -> Reach:
    """An object to one text."""
    return template_read(options, given)


def joined_read(options: Options, given: Types) -> Reach:
    """The items of a list."""
    separator = options.text("separator", ",")
    gives = text_of(f"[^{in_class(separator)}]+") if len(separator) == 1 else ValueType(min_length=1)
    return one(replace(gives, max_length=given[""].max_length))


def joined_write(options: Options, _: Types) -> Reach:
    """Items without the separator, in one text of any length."""
    separator = options.text("separator", ",")
    takes = text_of(f"[^{in_class(separator)}]+") if len(separator) == 1 else ValueType(min_length=1)
    return one(ValueType(min_length=1), takes, "" if len(separator) == 1 else "an item that holds the separator")


def _pattern(options: Options) -> tuple[str, dict[str, str]]:
    """The expression of the whole text of a template, and of each part."""
    pattern = options.text("pattern")
    whole, parts, last = "", {}, 0
    for match in re.finditer(r"\{([^{}]+)\}", pattern):
        following = pattern[match.end() : match.end() + 1]
        part = f"[^{in_class(following)}]+" if following else r"[\s\S]+"
        whole += re.escape(pattern[last : match.start()]) + part
        parts[match[1]] = part
        last = match.end()
    return whole + re.escape(pattern[last:]), parts


def _filled(options: Options, given: Types) -> ValueType:
    """The text of a template whose parts have these types: their own patterns, one after the other."""
    pattern, expression, last = options.text("pattern"), "", 0
    for match in re.finditer(r"\{([^{}]+)\}", pattern):
        expression += re.escape(pattern[last : match.start()]) + _inside(given.get(match[1], ValueType()))
        last = match.end()
    return text_of(expression + re.escape(pattern[last:]))


def _inside(type: ValueType) -> str:
    """A type's texts as a part of an expression."""
    if type.codes is not None:
        return "(" + "|".join(map(re.escape, type.codes)) + ")"
    if len(type.patterns) == 1:
        pattern = type.patterns[0]
        if pattern.startswith("^") and pattern.endswith("$"):
            return f"({pattern[1:-1]})"
    most = "" if type.max_length is None or type.max_length > 300 else str(type.max_length)
    return rf"[\s\S]{{{max(type.min_length, 1)},{most}}}"


def in_class(char: str) -> str:
    """A character as it stands in a class of an expression."""
    return "\\" + char if char in r"\]^-[" else char
