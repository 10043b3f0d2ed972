"""Converters of text, numbers, names and identifiers (DOMAIN.md, Persons and Text)."""

from __future__ import annotations

import re
from typing import Any

from hub.mapping import reach_texts as texts
from hub.mapping.convert import BadOption, Codec, Converter, Example, Options, Unfit, single

_ARABIC = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
_PLAIN_INTEGER = re.compile(r"([+-]?)0*([0-9]+)")
_PLAIN_DECIMAL = re.compile(r"([+-]?)0*([0-9]*)(?:\.([0-9]*))?")
_NATIONAL_ID = re.compile("[12][0-9]{9}")
_ID_TYPES = {"1": "nin", "2": "iqama"}


def fold_digits(text: str) -> str:
    """Arabic-Indic and Persian digits as ASCII ones."""
    return text.translate(_ARABIC)


def has_check_digit(number: str) -> bool:
    """Whether ten digits pass Luhn with the digits at even indices doubled (DOMAIN.md, Persons)."""
    total = 0
    for index, digit in enumerate(map(int, number)):
        doubled = digit * 2 if index % 2 == 0 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def _integer(_: Options) -> Codec:
    def read(text: str) -> str:
        match = _PLAIN_INTEGER.fullmatch(fold_digits(text.strip()))
        if match is None:
            raise Unfit("this is not a whole number")
        return ("-" if match[1] == "-" and match[2] != "0" else "") + match[2]

    return single(read, read)


def _decimal(options: Options) -> Codec:
    separator = options.text("separator", ".")

    def plain(text: str) -> str:
        match = _PLAIN_DECIMAL.fullmatch(text)
        if match is None or not (match[2] or match[3] or text.strip("+-") in ("0", "00")):
            raise Unfit("this is not a decimal number")
        whole, fraction = match[2] or "0", (match[3] or "").rstrip("0")
        number = whole + (f".{fraction}" if fraction else "")
        return f"-{number}" if match[1] == "-" and number != "0" else number

    def read(text: str) -> str:
        text = fold_digits(text.strip())
        if separator != ".":
            if "." in text:
                raise Unfit("this is not a decimal number")
            text = text.replace(separator, ".", 1)
        return plain(text)

    return single(read, lambda value: plain(value).replace(".", separator))


def _boolean(options: Options) -> Codec:
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


def _text(_: Options) -> Codec:
    def write(value: str) -> str:
        if " ".join(value.split()) != value:
            raise Unfit("the white space of this text would not come back", "unwritable-value")
        return value

    return single(lambda text: " ".join(text.split()), write)


def _digits(_: Options) -> Codec:
    def write(value: str) -> str:
        if fold_digits(value) != value:
            raise Unfit("the digits of this text would not come back", "unwritable-value")
        return value

    return single(fold_digits, write)


def _national_id(options: Options) -> Codec:
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


def _name_whole(options: Options) -> Codec:
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


def _template(options: Options) -> Codec:
    names, expression, pattern = _pattern(options)
    writes = {name: (lambda value, name=name: _split(expression, names, pattern, value)[name]) for name in names}
    return Codec(lambda ports: _joined_once(expression, names, pattern, ports), writes)


def _parts(options: Options) -> Codec:
    names, expression, pattern = _pattern(options)
    return single(
        lambda text: _split(expression, names, pattern, text),
        lambda value: _joined_once(expression, names, pattern, value),
    )


def _joined(options: Options) -> Codec:
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


TEXT_CONVERTERS = (
    Converter(
        "integer",
        _integer,
        "scalar",
        "refuses",
        "a whole number, Arabic-Indic digits too",
        texts.integer,
        texts.integer,
        examples=(Example("٠١٢", "12", {}, back=False), Example("-7", "-7", {})),
    ),
    Converter(
        "decimal",
        _decimal,
        "scalar",
        "refuses",
        "a decimal number without exponent",
        texts.decimal(writing=False),
        texts.decimal(writing=True),
        frozenset({"separator"}),
        examples=(Example("012,50", "12.5", {"separator": ","}, back=False), Example("3", "3", {})),
    ),
    Converter(
        "boolean",
        _boolean,
        "scalar",
        "always",
        "the agreed spellings",
        texts.boolean_read,
        texts.boolean_write,
        frozenset({"true", "false"}),
        examples=(Example("Y", "true", {"true": "Y", "false": "N"}), Example("0", "false", {}, back=False)),
    ),
    Converter(
        "text",
        _text,
        "scalar",
        "refuses",
        "any text",
        texts.text_read,
        texts.text_write,
        examples=(Example("  a \n b ", "a b", {}, back=False),),
    ),
    Converter(
        "digits",
        _digits,
        "scalar",
        "refuses",
        "any text",
        texts.digits_read,
        texts.digits_write,
        examples=(Example("ق ١٢/٣", "ق 12/3", {}, back=False),),
    ),
    Converter(
        "national-id",
        _national_id,
        "either",
        "refuses",
        "10 digits with a valid check digit",
        texts.national_id_read,
        texts.national_id_write,
        frozenset({"kind"}),
        examples=(
            Example("1000000008", "1000000008", {}),
            Example("١٠٠٠٠٠٠٠٠٨", {"type": "nin", "value": "1000000008"}, {}, back=False, whole=True),
        ),
    ),
    Converter(
        "name-whole",
        _name_whole,
        "object",
        "never",
        "a whole name",
        texts.name_read,
        texts.name_write,
        frozenset({"parts"}),
        examples=(Example("محمد أحمد", {"whole": "محمد أحمد"}, {}),),
    ),
    Converter(
        "template",
        _template,
        "scalar",
        "refuses",
        "every port filled",
        texts.template_read,
        texts.template_write,
        frozenset({"pattern"}),
        None,
        examples=(Example({"year": "1446", "number": "12"}, "1446/12", {"pattern": "{year}/{number}"}),),
    ),
    Converter(
        "parts",
        _parts,
        "object",
        "refuses",
        "text of the pattern",
        texts.parts_read,
        texts.parts_write,
        frozenset({"pattern"}),
        examples=(Example("12-B", {"house": "12", "flat": "B"}, {"pattern": "{house}-{flat}"}),),
    ),
    Converter(
        "joined",
        _joined,
        "list",
        "refuses",
        "texts with a separator between",
        texts.joined_read,
        texts.joined_write,
        frozenset({"separator"}),
        examples=(Example("ar|en", ["ar", "en"], {"separator": "|"}),),
    ),
)
