"""What happens to one value between an agency's place and the canonical one: converter, code table, JSON types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.findings import nearest
from hub.mapping.codes import Codes, CodeTable
from hub.mapping.convert import BadOption, Codec, Options, Unfit
from hub.mapping.language import Conversion
from hub.mapping.paths import Kind
from hub.mapping.plan import Change, is_whole, value_type
from hub.mapping.scalars import exactly, from_text, to_text
from hub.schema.shape import Shape, ValueType


class BadConversion(ValueError):
    """A converter or code table that does not fit: finding code, text, hint, and the option's key if one is meant."""

    def __init__(self, code: str, text: str, hint: str = "", key: str = "") -> None:
        super().__init__(text)
        self.code, self.text, self.hint, self.key = code, text, hint, key


@dataclass(frozen=True, slots=True)
class Ready:
    """Both directions of one spot."""

    read: Change
    writes: Mapping[str, Change]
    reads_back: bool
    options: Options | None


def make_codec(
    conversion: Conversion,
    canonical: Shape | None,
    many: bool,
    cut: bool,
    agency: Mapping[str, Shape],
    kind: Kind,
    codes: Codes,
) -> Ready:
    """``agency`` gives the shape by port ("" for a single place); ``canonical`` None means plain text ($partner).

    Raises ``BadConversion``.
    """
    core = _core(conversion, canonical, many, cut, agency, codes)
    whole = canonical is not None and (is_whole(canonical) or conversion_of_list(conversion))
    inner = ValueType() if canonical is None or whole else value_type(canonical)
    read = core.read if core else None
    if kind == "json":
        read = _texts_first(read, agency)
    elif core is None or conversion.codes:
        (shape,) = agency.values() if len(agency) == 1 else (None,)
        if shape is not None and value_type(shape).space == "collapse":
            read = _then(_collapsed if value_type(shape).base == "string" else str.strip, read)
    if inner.json != "string":
        read = _then(read, from_text(inner))
    writes: dict[str, Change] = {}
    for port, shape in agency.items():
        write: Change = core.writes[port] if core else None
        write = _then(None if whole else to_text(inner), write)
        if kind == "json":
            plain = core is None and inner.json == "string"
            write = _then(write, _some((exactly if plain else from_text)(value_type(shape))))
        writes[port] = write
    chosen = Options(conversion.options or {}, canonical is not None and is_whole(canonical), cut)
    return Ready(read, writes, core.reads_back if core else True, chosen if conversion.converter else None)


def conversion_of_list(conversion: Conversion) -> bool:
    """Whether the converter takes a whole list of texts."""
    return conversion.by is not None and conversion.by.canonical == "list"


def _core(
    conversion: Conversion, canonical: Shape | None, many: bool, cut: bool, agency: Mapping[str, Shape], codes: Codes
) -> Codec | None:
    if conversion.codes is not None:
        table = codes.get(conversion.codes.text)
        if table is None:
            text = f"there is no code table {conversion.codes.text!r}"
            raise BadConversion("unknown-code-table", text, nearest(conversion.codes.text, codes.names))
        return _lookup(table)
    if conversion.by is None:
        if set(agency) != {""}:
            raise BadConversion("bad-ports", "several places need a converter with ports: as")
        if canonical is not None and is_whole(canonical):
            raise BadConversion("type-mismatch", "an object needs a converter, or fields", "date, hijri-date, ...")
        return None
    converter = conversion.by
    whole = canonical is not None and is_whole(canonical)
    if converter.canonical == "list" and not many:
        raise BadConversion("cardinality", f"{converter.name} makes a list: end the key with []")
    if converter.canonical == "object" and not whole:
        raise BadConversion("type-mismatch", f"{converter.name} makes an object, and this is one value")
    if converter.canonical in ("scalar", "list") and whole:
        raise BadConversion("type-mismatch", f"{converter.name} makes one value, and this is an object")
    try:
        codec = converter.make(Options(conversion.options or {}, whole, cut))
    except BadOption as error:
        raise BadConversion("bad-option", error.text, key=error.key) from None
    if set(agency) != set(codec.writes):
        wanted = ", ".join(sorted(port for port in codec.writes if port))
        text = f"{converter.name} has the ports {wanted}" if wanted else f"{converter.name} has one place, no ports"
        raise BadConversion("bad-ports", text)
    return codec


def _lookup(table: CodeTable) -> Codec:
    reading, writing = table.reading, table.writing

    def read(raw: str) -> str:
        try:
            return reading[raw]
        except KeyError:
            raise Unfit(f"the code {raw[:40]!r} is not in the table {table.name}", "unmapped-code") from None

    def write(value: str) -> str:
        try:
            return writing[value]
        except KeyError:
            raise Unfit(f"{value[:40]!r} is not in the code table {table.name}", "unmapped-code") from None

    return Codec(read, {"": write})


def _collapsed(text: str) -> str:
    """What XSD's whiteSpace=collapse makes of a text."""
    return " ".join(text.split())


def _then(first: Change, second: Change) -> Change:
    if first is None or second is None:
        return first or second
    return lambda value: second(first(value))


def _some(change: Change) -> Change:
    if change is None:
        return None
    return lambda value: None if value is None else change(value)


def _texts_first(read: Change, agency: Mapping[str, Shape]) -> Change:
    """JSON scalars become text before anything else looks at them."""
    texts = {port: change for port, shape in agency.items() if (change := to_text(value_type(shape)))}
    if not texts:
        return read
    if "" in texts:
        return _then(texts[""], read)

    def read_ports(raw: dict[str, Any]) -> Any:
        plain = {port: texts[port](value) if port in texts else value for port, value in raw.items()}
        return read(plain) if read else plain

    return read_ports
