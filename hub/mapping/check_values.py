"""Whether every value fits where it goes: through converters and code tables, in each direction that a grant uses.

Writing is proved or an error until the file says what happens; what reading may refuse is the sender's mistake, and
worth a note.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from hub.findings import Finding, few
from hub.mapping.codes import Codes, CodeTable
from hub.mapping.convert import Converter, Options
from hub.mapping.facts import MessageFacts
from hub.mapping.fits import fit_test, undecided
from hub.mapping.plan import Constant, Fields, Plan, Spot, Value, is_whole, value_type
from hub.mapping.reach import Reach, Types
from hub.mapping.scalars import EXACT_DIGITS, EXACT_TEXTS, INTEGER_DIGITS
from hub.schema.inclusion import Gap, Inclusions, Values
from hub.schema.shape import Shape, ValueType

_HINTS = {
    "length": "too-long: cut or refuse, or unfit: drop or refuse",
    "unproven": "unfit: drop or refuse says what happens then",
}
_HINT = "else: {write: ...}, or unfit: drop or refuse says what happens then"
_MANY = 3


@dataclass
class ValueCheck:
    """Proves the values of one mapping. ``reading`` collects what may be refused on reading: (line, text)."""

    plan: Plan
    codes: Codes
    facts: MessageFacts
    reading: list[tuple[int, str]] = field(default_factory=list)

    @property
    def inclusions(self) -> Inclusions:
        """What is known of types."""
        return self.facts.inclusions

    @property
    def xml(self) -> bool:
        """Whether the agency's types are XSD's."""
        return self.plan.kind == "xml"

    def fields(self, fields: Fields, directions: frozenset[str]) -> Iterator[Finding]:
        """Every value and constant of one item."""
        for value in fields.values:
            for spot in value.spots:
                if "write" in directions and not value.partner:
                    yield from self._writes(value, spot)
                if "read" in directions:
                    self._reads(value, spot)
                    yield from self._not_had(value, spot)
        if "write" in directions:
            for constant in fields.constants:
                yield from self._constant(constant)

    def refusals(self) -> Iterator[Finding]:
        """What reading may refuse; told together where it is much."""
        file = self.plan.written.file
        if len(self.reading) <= _MANY:
            for line, text in self.reading:
                yield Finding("may-refuse", file, line, f"reading may refuse {text}", severity="note")
            return
        line, text = self.reading[0]
        others = ", ".join(f"{number}" for number in sorted({number for number, _ in self.reading[1:]}))
        text = f"reading may refuse {text}, and values of {len(self.reading) - 1} other fields (lines {others})"
        yield Finding("may-refuse", file, line, text, severity="note")

    # --- writing ---

    def _writes(self, value: Value, spot: Spot) -> Iterator[Finding]:
        own = [guard for guard in spot.guards if guard.names == value.names]
        given = canonical_types(value.shape)
        if own and "" in given:
            given = {"": replace(given[""], codes=tuple(str(item) for item in sorted(own[0].values, key=str)))}
        yield from self._answers(value, spot)
        names = f"{value.key}: "
        if spot.fits:
            yield from self._undecided(names, spot)
        if spot.answers.unfit or spot.otherwise_write is not None:
            return
        if spot.codes:
            table = self.codes.get(spot.codes)
            if table is not None:
                yield from self._table(names, spot.line, given[""], table)
                gives: Types = {"": ValueType(codes=_written(table, given[""]))}
            else:
                gives = {}
        elif spot.by is not None and spot.options is not None:
            yield from self._object(names, value, spot.line, spot.by)
            reach = spot.by.writes(spot.options, given)
            yield from self._refused(names, spot.line, spot.by, given, reach)
            gives = reach.gives
        else:
            gives = given
        for port, shape in _shapes(spot).items():
            if port in gives:
                yield from self._fits(names, spot, gives[port], shape)

    def _undecided(self, names: str, spot: Spot) -> Iterator[Finding]:
        """``unfit: drop`` and ``else`` where only the schema itself can tell what fits."""
        if any(undecided(value_type(shape), xml=self.xml) for shape in _shapes(spot).values()):
            text = f"{names}which values do not fit here only the agency's schema can tell, so none can be kept back"
            yield Finding("unproven", self.plan.written.file, spot.line, text, "unfit: refuse")

    def _fits(self, names: str, spot: Spot, type: ValueType, shape: Shape) -> Iterator[Finding]:
        target = Values(value_type(shape), self.xml)
        gaps = self.inclusions.gaps(Values(type), target)
        if spot.answers.too_long == "refuse":
            gaps = tuple(gap for gap in gaps if gap.facet != "length")
        if spot.cut is not None and any(gap.facet == "length" for gap in gaps):
            cut = ValueType(type.base, min_length=type.min_length, max_length=spot.cut, space=type.space)
            gaps = self.inclusions.gaps(Values(cut), target)
        yield from self._told(names, spot.line, gaps)
        yield from self._kept_digits(names, spot.line, type, value_type(shape))
        if spot.by is None and not spot.codes and not gaps:
            yield from self._kept_spelling(names, spot.line, type, value_type(shape))

    def _kept_digits(self, names: str, line: int, type: ValueType, target: ValueType) -> Iterator[Finding]:
        """Text into a JSON number: more digits than that keeps are refused when the document is written."""
        most = {"number": EXACT_DIGITS, "integer": INTEGER_DIGITS}.get(target.json)
        if self.xml or most is None or type.json != "string" or type.codes is not None:
            return
        if type.max_length is not None and type.max_length <= most:
            return
        short = ValueType(patterns=(f"^[^0-9]*([0-9][^0-9]*){{0,{most}}}$",))
        for gap in self.inclusions.gaps(Values(type), Values(short)):
            shown = f"{gap.example!r} may come" if gap.example else "a longer number may come"
            text = f"{names}{shown}, and a JSON {target.json} keeps {most} digits"
            yield Finding("digits-gap", self.plan.written.file, line, text, _HINT)

    def _kept_spelling(self, names: str, line: int, type: ValueType, target: ValueType) -> Iterator[Finding]:
        """Text into a JSON number or boolean: what would come back as another text is refused."""
        if self.plan.kind != "json" or type.json != "string" or target.json == "string":
            return
        exact = Values(ValueType(patterns=(EXACT_TEXTS[target.json],)))
        for gap in self.inclusions.gaps(Values(type), exact)[:1]:
            shown = f"{gap.example!r} may come" if gap.example else "another text may come"
            text = f"{names}{shown}, which a JSON {target.json} does not give back as it was"
            yield Finding("type-gap", self.plan.written.file, line, text, _HINT)

    def _table(self, names: str, line: int, given: ValueType, table: CodeTable) -> Iterator[Finding]:
        file = self.plan.written.file
        if given.codes is None:
            text = f"{names}the message may hold any text, and the table {table.name} knows {len(table.writing)}"
            yield Finding("code-gap", file, line, text, _HINT)
            return
        missing = [code for code in given.codes if code not in table.writing]
        if missing:
            text = f"{names}the table {table.name} cannot write {few(missing)}"
            yield Finding("code-gap", file, line, text, f"add rows, or {_HINT}")

    def _refused(self, names: str, line: int, converter: Converter, given: Types, reach: Reach) -> Iterator[Finding]:
        file = self.plan.written.file
        for name, takes in reach.takes.items():
            if name not in given:
                continue
            for gap in self.inclusions.gaps(Values(given[name]), Values(takes)):
                code = "unproven" if gap.facet == "unproven" else "convert-gap"
                yield Finding(code, file, line, names + _not_taken(gap, converter), _HINT)
        if reach.refuses:
            text = f"{names}{converter.name} refuses {reach.refuses}, and such a value may come"
            yield Finding("convert-gap", file, line, text, _HINT)

    def _object(self, names: str, value: Value, line: int, converter: Converter) -> Iterator[Finding]:
        """An object of the message must have what the converter cannot do without, and texts in it."""
        if value.shape is None or not is_whole(value.shape):
            return
        for name in converter.needs:
            child = value.shape.by_name.get(name)
            if child is None or child.minimum == 0:
                text = f"{names}a message may come without {name}, and {converter.name} needs it"
                yield Finding("convert-gap", self.plan.written.file, line, text, _HINT)
        for child in value.shape.children:
            if child.value is not None and child.value.json != "string":
                text = f"{names}{child.name} is {child.value.json}, and {converter.name} takes texts"
                yield Finding("type-mismatch", self.plan.written.file, line, text)

    def _told(self, names: str, line: int, gaps: tuple[Gap, ...]) -> Iterator[Finding]:
        for gap in gaps:
            code = "unproven" if gap.facet == "unproven" else f"{gap.facet}-gap"
            yield Finding(code, self.plan.written.file, line, names + gap.text, _HINTS.get(gap.facet, _HINT))

    def _answers(self, value: Value, spot: Spot) -> Iterator[Finding]:
        """What the file writes itself must fit too."""
        shape = next(iter(_shapes(spot).values()))
        missing = None if spot.nil else spot.missing
        for what, text in (("else", spot.otherwise_write), ("default", missing)):
            if text is not None and (text != "" or self.plan.kind != "table"):
                yield from self._literal(f"{what} of {value.key}", spot.line, text, shape)
        if spot.nil and not value.partner:
            for shape in _shapes(spot).values():
                if not shape.nillable:
                    text = f"absent: nil is written, and {shape.name} may not be nil"
                    yield Finding("bad-value", self.plan.written.file, spot.line, text, "absent: {write: omit}")
        for condition in spot.where:
            yield from self._literal("where", spot.line, condition.text, condition.place.shape)

    def _literal(self, what: str, line: int, text: object, shape: Shape) -> Iterator[Finding]:
        shown = str(text).lower() if isinstance(text, bool) else str(text)
        target = Values(value_type(shape), self.xml)
        gaps = self.inclusions.gaps(Values(ValueType(codes=(shown,)), self.xml), target)
        told = any(gap.facet != "unproven" for gap in gaps)
        if told or (gaps and not fit_test(value_type(shape), xml=self.xml)(text)):
            said = f"{what}: {shown!r} is not allowed where it goes ({shape.name})"
            yield Finding("bad-value", self.plan.written.file, line, said)

    # --- constants ---

    def _constant(self, constant: Constant) -> Iterator[Finding]:
        if not constant.origin:
            yield from self._literal("the constant", constant.line, constant.text, constant.place.shape)
            return
        if constant.answers.unfit:
            return
        known = self.facts.parcel() if constant.origin == "parcel" else self.facts.message()
        names = f"${constant.origin}.{constant.name}: "
        for given in known[constant.name]:
            yield from self._fact(names, constant, given)

    def _fact(self, names: str, constant: Constant, values: Values) -> Iterator[Finding]:
        given = values.type
        if constant.codes:
            table = self.codes.get(constant.codes)
            if table is None:
                return
            yield from self._table(names, constant.line, given, table)
            values = Values(ValueType(codes=_written(table, given)))
        elif constant.by is not None:
            reach = constant.by.writes(constant.options or Options({}), {"": given})
            yield from self._refused(names, constant.line, constant.by, {"": given}, reach)
            values = Values(reach.gives[""])
        target = Values(value_type(constant.place.shape), self.xml)
        yield from self._told(names, constant.line, self.inclusions.gaps(values, target))

    # --- reading ---

    def _reads(self, value: Value, spot: Spot) -> None:
        if spot.otherwise_read is not None:
            return
        given = {port: self._sent(spot, shape) for port, shape in _shapes(spot).items()}
        if spot.codes:
            table = self.codes.get(spot.codes)
            if table is None:
                return
            self._unread_codes(value, spot, given[""], table)
            gives: Types = {"": ValueType(codes=_read(table, given[""]))}
            xml = False
        elif spot.by is not None and spot.options is not None:
            reach = spot.by.reads(spot.options, given)
            for name, takes in reach.takes.items():
                for gap in self.inclusions.gaps(Values(given[name], self.xml), Values(takes)):
                    self._note(spot, f"{value.key} ({_not_taken(gap, spot.by)})")
            if reach.refuses:
                self._note(spot, f"{value.key} ({spot.converter}: {reach.refuses})")
            gives, xml = reach.gives, False
        else:
            gives, xml = given, self.xml
        wanted = canonical_types(value.shape)
        for name, type in gives.items():
            if name in wanted:
                for gap in self.inclusions.gaps(Values(type, xml), Values(wanted[name])):
                    self._note(spot, f"{value.key} ({gap.text})")

    def _not_had(self, value: Value, spot: Spot) -> Iterator[Finding]:
        """What a converter reads into an object that has no such property: no message of it would ever pass."""
        shape = value.shape
        if spot.by is None or spot.options is None or shape is None or not is_whole(shape) or shape.open:
            return
        given = {port: self._sent(spot, place) for port, place in _shapes(spot).items()}
        for name in spot.by.reads(spot.options, given).gives:
            if name and name not in shape.by_name:
                text = f"{value.key}: {spot.converter} reads {name!r} into it, which the canonical schema does not have"
                yield Finding("type-mismatch", self.plan.written.file, spot.line, text)

    def _sent(self, spot: Spot, shape: Shape) -> ValueType:
        """What the agency may write there that means something."""
        type = value_type(shape)
        if type.codes is not None:
            type = replace(type, codes=tuple(code for code in type.codes if code not in spot.absent))
        return replace(type, min_length=max(type.min_length, 1)) if "" in spot.absent else type

    def _unread_codes(self, value: Value, spot: Spot, given: ValueType, table: CodeTable) -> None:
        if given.codes is None:
            self._note(spot, f"{value.key} (any text may come, and the table {table.name} is closed)")
            return
        missing = [code for code in given.codes if code not in table.reading]
        if missing:
            text = f"{value.key}: the agency may send {few(missing)}, which the table {table.name} cannot read"
            self._note(spot, text)

    def _note(self, spot: Spot, text: str) -> None:
        if all(line != spot.line for line, _ in self.reading):
            self.reading.append((spot.line, text))


def _not_taken(gap: Gap, converter: Converter) -> str:
    if gap.example is None:
        return f"{converter.name} may refuse it: {gap.text}"
    return f"{gap.example!r} may come, and {converter.name} takes only {converter.domain}"


def canonical_types(shape: Shape | None) -> Types:
    """The types of a canonical scalar (as ""), or of an object's properties."""
    if shape is None:
        return {"": ValueType()}
    if not is_whole(shape):
        return {"": value_type(shape)}
    return {child.name: child.value for child in shape.children if child.value is not None}


def _shapes(spot: Spot) -> Mapping[str, Shape]:
    return {port: place.shape for port, place in spot.ports} or {"": spot.slots[0].shape}


def _written(table: CodeTable, given: ValueType) -> tuple[str, ...]:
    codes = given.codes if given.codes is not None else tuple(table.writing)
    return tuple(table.writing[code] for code in codes if code in table.writing)


def _read(table: CodeTable, given: ValueType) -> tuple[str, ...]:
    codes = given.codes if given.codes is not None else tuple(table.reading)
    return tuple(table.reading[code] for code in codes if code in table.reading)
