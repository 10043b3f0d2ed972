"""Converters of text, numbers, names and identifiers (DOMAIN.md, Persons and Text)."""

from __future__ import annotations

import re
from typing import Any

from hub.mapping.convert import BadOption, Codec, Options, Unfit, single

# The decimal separator that goes with Arabic-Indic digits.
ARABIC_POINT = "٫"
_ARABIC = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
_PLAIN_INTEGER = re.compile(r"([+-]?)([0-9]+)")
_PLAIN_DECIMAL = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?")
_NATIONAL_ID = re.compile("[12][0-9]{9}")
_ID_TYPES = {"1": "nin", "2": "iqama"}


def fold_digits(text: str) -> str:
    """Arabic-Indic and Persian digits as ASCII ones."""
    return text.translate(_ARABIC)


def plain_decimal(text: str) -> str:
    """A decimal number as we write it: no sign, zero or point that says nothing. Raises ``Unfit``."""
    match = _PLAIN_DECIMAL.fullmatch(text)
    if match is None or not any(char.isdecimal() for char in text):
        raise Unfit("this is not a decimal number")
    whole, fraction = match[2].lstrip("0") or "0", (match[3] or "").rstrip("0")
    number = whole + (f".{fraction}" if fraction else "")
    return f"-{number}" if match[1] == "-" and number != "0" else number


def has_check_digit(number: str) -> bool:
    """Whether ten digits pass Luhn with the digits at even indices doubled (DOMAIN.md, Persons)."""
    total = 0
    for index, digit in enumerate(map(int, number)):
        doubled = digit * 2 if index % 2 == 0 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def integer_codec(_: Options) -> Codec:
    """A whole number."""

    def read(text: str) -> str:
        match = _PLAIN_INTEGER.fullmatch(fold_digits(text.strip()))
        if match is None:
            raise Unfit("this is not a whole number")
        number = match[2].lstrip("0") or "0"
        return f"-{number}" if match[1] == "-" and number != "0" else number

    return single(read, read)


def decimal_codec(options: Options) -> Codec:
    """A decimal number with the agency's separator."""
    separator = options.text("separator", ".")

    def read(text: str) -> str:
        text = fold_digits(text.strip()).replace(ARABIC_POINT, separator)
        if separator != ".":
            if "." in text:
                raise Unfit("this is not a decimal number")
            text = text.replace(separator, ".", 1)
        return plain_decimal(text)

    return single(read, lambda value: plain_decimal(value).replace(".", separator))


def boolean_codec(options: Options) -> Codec:
    """Agreed spellings."""
    yes, no = options.texts("true", "true", "1"), options.texts("false", "false", "0")
    if set(yes) & set(no):
        raise BadOption("true", "one spelling cannot mean both")
    reading = {**dict.fromkeys(yes, "true"), **dict.fromkeys(no, "false")}
    writing = {"true": yes[0], "false": no[0]}

    def read(text: str) -> str:
        try:
            return reading[text.strip()]
        except KeyError:
            raise Unfit(f"this is neither {yes[0]!r} nor {no[0]!r}") from None

    def write(value: str) -> str:
        try:
            return writing[value]
        except KeyError:
            raise Unfit("this is neither true nor false", "unwritable-value") from None

    return single(read, write)


def text_codec(_: Options) -> Codec:
    """Text without surplus white space."""

    def write(value: str) -> str:
        if " ".join(value.split()) != value:
            raise Unfit("the white space of this text would not come back", "unwritable-value")
        return value

    return single(lambda text: " ".join(text.split()), write)


def digits_codec(_: Options) -> Codec:
    """Text with ASCII digits."""

    def write(value: str) -> str:
        if fold_digits(value) != value:
            raise Unfit("the digits of this text would not come back", "unwritable-value")
        return value

    return single(fold_digits, write)


def national_id_codec(options: Options) -> Codec:
    """A national or residence number with its check digit."""
    kind = options.one_of("kind", "any", "nin", "iqama")

    def checked(text: str) -> str:
        number = fold_digits(text.strip())
        if not _NATIONAL_ID.fullmatch(number):
            raise Unfit("a national or residence number has 10 digits and starts with 1 or 2")
        if kind not in ("any", _ID_TYPES[number[0]]):
            raise Unfit(f"this number is not of the kind {kind}")
        if not has_check_digit(number):
            raise Unfit("the check digit of this number is wrong")
        return number

    def read_whole(text: str) -> dict[str, str]:
        number = checked(text)
        return {"type": _ID_TYPES[number[0]], "value": number}

    def write_whole(value: dict[str, str]) -> str:
        number = checked(value.get("value", ""))
        if value.get("type") != _ID_TYPES[number[0]] or len(value) != 2:
            raise Unfit("only national and residence numbers can be written here", "unwritable-value")
        return number

    return single(read_whole, write_whole) if options.whole else single(checked, checked)


def name_whole_codec(options: Options) -> Codec:
    """A whole name: never split, joined from parts."""
    parts = options.texts("parts", "given", "father", "grandfather", "family")

    def read(text: str) -> dict[str, str]:
        return {"whole": text}

    def write(value: dict[str, str]) -> str | None:
        return value.get("whole") or " ".join(value[part] for part in parts if part in value) or None

    return single(read, write, reads_back=False)


def _pattern(options: Options) -> tuple[list[str], re.Pattern[str], str]:
    pattern = options.text("pattern")
    names = re.findall(r"\{([^{}]+)\}", pattern)
    if not names or len(set(names)) != len(names):
        raise BadOption("pattern", "the pattern names each part once, in braces")
    expression, last = "", 0
    for match in re.finditer(r"\{[^{}]+\}", pattern):
        if last and not pattern[last : match.start()]:
            raise BadOption("pattern", "two parts need something between them")
        following = pattern[match.end() : match.end() + 1]
        expression += re.escape(pattern[last : match.start()]) + (
            f"([^{re.escape(following)}]+)" if following else "(.+)"
        )
        last = match.end()
    return names, re.compile(expression + re.escape(pattern[last:]), re.DOTALL), pattern


def _fill(pattern: str, names: list[str], values: dict[str, str]) -> str:
    missing = [name for name in names if not values.get(name)]
    if missing:
        raise Unfit(f"{missing[0]} is missing, and {pattern} needs it")
    return re.sub(r"\{([^{}]+)\}", lambda match: values[match[1]], pattern)


def _split(expression: re.Pattern[str], names: list[str], pattern: str, text: str) -> dict[str, str]:
    match = expression.fullmatch(text)
    if match is None:
        raise Unfit(f"this does not look like {pattern}")
    return dict(zip(names, match.groups(), strict=True))


def _joined_once(expression: re.Pattern[str], names: list[str], pattern: str, values: dict[str, str]) -> str:
    text = _fill(pattern, names, values)
    if _split(expression, names, pattern, text) != values:
        raise Unfit(f"a part holds what separates the parts of {pattern}")
    return text


def template_codec(options: Options) -> Codec:
    """Several places to one text."""
    names, expression, pattern = _pattern(options)
    writes = {name: (lambda value, name=name: _split(expression, names, pattern, value)[name]) for name in names}
    return Codec(lambda ports: _joined_once(expression, names, pattern, ports), writes)


def parts_codec(options: Options) -> Codec:
    """One text to an object."""
    names, expression, pattern = _pattern(options)
    return single(
        lambda text: _split(expression, names, pattern, text),
        lambda value: _joined_once(expression, names, pattern, value),
    )


def joined_codec(options: Options) -> Codec:
    """One text to a list."""
    separator = options.text("separator", ",")
    if not separator:
        raise BadOption("separator", "a separator is needed")

    def read(text: str) -> list[str]:
        return [part for part in text.split(separator) if part]

    def write(value: list[Any]) -> str | None:
        text = separator.join(value)
        if read(text) != value:
            raise Unfit("an item holds the separator or is empty", "unwritable-value")
        return text or None

    return single(read, write)
