"""Whether every value that one schema allows is allowed by another: proved, or told facet by facet with an example."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Literal

from hub.findings import few
from hub.formats.padding import in_words
from hub.schema.automaton import Automaton, TooLarge, accepts, build, outside
from hub.schema.lexical import CALENDARS, Spelling, lexical, spelling_of
from hub.schema.pattern import Expression, OutsideSubset, lengths, parse_pattern
from hub.schema.shape import ValueType

Facet = Literal["code", "length", "pattern", "range", "digits", "type", "unproven"]
_NOT_BLANK = r"^[\s\S]*[^\t\n\r ][\s\S]*$"
_DIGITS_ONLY = "^[0-9]+$"
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Gap:
    """One way in which a value may not fit, with an example where there is one. ``unproven``: it is not decided."""

    facet: Facet
    text: str
    example: str | None = None


@dataclass(frozen=True, slots=True)
class Values:
    """A set of texts (or of JSON scalars as text): a value type and whose schema it is from."""

    type: ValueType
    xml: bool = False

    @property
    def spelling(self) -> Spelling:
        """How its texts are spelt."""
        return spelling_of(self.type, xml=self.xml)


@dataclass
class Inclusions:
    """Decides, and remembers what was decided: schemas name the same few types again and again."""

    _known: dict[tuple[Values, Values], tuple[Gap, ...]] = field(default_factory=dict)
    _automata: dict[tuple[str, bool], tuple[Automaton, Expression] | None] = field(default_factory=dict)

    def gaps(self, source: Values, target: Values) -> tuple[Gap, ...]:
        """Why some value of ``source`` may not be one of ``target``; empty: it is proved that all are."""
        key = (source, target)
        if key not in self._known:
            self._known[key] = tuple(self._gaps(source, target))
        return self._known[key]

    def takes(self, target: Values, text: str) -> bool:
        """Whether one text is a value of ``target``."""
        return not self.gaps(Values(ValueType(codes=(text,)), target.xml), target)

    def _gaps(self, source: Values, target: Values) -> Iterator[Gap]:
        if target.type.loose:
            yield Gap("unproven", "the target has alternatives or exclusive bounds, about which nothing is decided")
            return
        if source == target:
            return
        if unmet := [demand for demand in target.type.demands if demand not in source.type.demands]:
            yield Gap("unproven", f"whether every value keeps {', '.join(unmet)} cannot be decided")
        codes = source.type.codes
        if codes is None and source.type.base == "boolean":
            codes = ("true", "false", "1", "0") if source.spelling == "xsd" else ("true", "false")
        if codes is not None:
            yield from self._listed(codes, target)
            return
        if target.type.codes is not None:
            yield Gap("code", f"any text may come, and only a closed list is allowed ({few(target.type.codes)})")
            return
        yield from self._length(source, target)
        if target.type.base in CALENDARS and source.type.base != target.type.base:
            yield Gap("type", f"what comes need not be a {target.type.base}")
            return
        patterns = target.type.patterns
        base = _demanded(target)
        yield from self._patterns(source, [(pattern, target.xml) for pattern in patterns])
        if base is not None:
            yield from self._patterns(source, [(base, False)], "type", f"is no {target.type.base}")
        yield from self._numbers(source, target.type)

    # --- a closed list ---

    def _listed(self, codes: tuple[str, ...], target: Values) -> Iterator[Gap]:
        for code in codes:
            text = " ".join(code.split()) if target.type.space == "collapse" else code
            facet = self._misfit(text, target)
            if facet is not None:
                yield Gap(facet, f"{code[:_SHOWN]!r} may come, and is not allowed", code[:_SHOWN])
                return

    def _misfit(self, text: str, target: Values) -> Facet | None:
        type = target.type
        if type.codes is not None and text not in type.codes:
            return "code"
        if len(text) < type.min_length or (type.max_length is not None and len(text) > type.max_length):
            return "length"
        base = _demanded(target)
        for pattern, xml in [(pattern, target.xml) for pattern in type.patterns] + ([(base, False)] if base else []):
            built = self._built(pattern, xml)
            if built is None:
                return "unproven"
            if not accepts(built[0], text):
                return "pattern" if pattern != base else "type"
        number = _number(text)
        if number is not None and not _within(number, type):
            return "range"
        return None

    # --- lengths and patterns ---

    def _length(self, source: Values, target: Values) -> Iterator[Gap]:
        if target.type.json != "string":
            return
        least, most = self.lengths(source)
        limit = target.type.max_length
        if limit is not None and (most is None or most > limit):
            comes = f"{most} characters" if most is not None else "a text of any length"
            yield Gap("length", f"{comes} may come, and {limit} fit")
        if least < target.type.min_length:
            yield Gap("length", f"{least} characters may come, and {target.type.min_length} are needed")
        elif target.type.space == "collapse" and target.type.min_length > 0 and source.type.base == "string":
            yield from self._patterns(source, [(_NOT_BLANK, False)], "length", "is nothing but white space")

    def lengths(self, source: Values) -> tuple[int, int | None]:
        """The fewest and the most characters of a text of ``source``."""
        type = source.type
        if type.codes:
            return min(map(len, type.codes)), max(map(len, type.codes))
        least, most = type.min_length, type.max_length
        for pattern, xml in self._own(source):
            built = self._built(pattern, xml)
            if built is not None:
                low, high = lengths(built[1])
                least = max(least, low)
                most = high if most is None else most if high is None else min(most, high)
        bounds = [bound for bound in (_number(type.minimum), _number(type.maximum)) if bound is not None]
        if type.base == "integer" and len(bounds) == 2 and source.spelling == "number":
            longest = max(len(str(int(bound))) for bound in bounds)
            most = longest if most is None else min(most, longest)
        return least, most

    def _own(self, source: Values) -> list[tuple[str, bool]]:
        base = lexical(source.type, source.spelling)
        own = [(pattern, source.xml) for pattern in source.type.patterns]
        return [*own, (base, False)] if base else own

    def _patterns(
        self, source: Values, wanted: list[tuple[str, bool]], facet: Facet = "pattern", says: str = "does not match"
    ) -> Iterator[Gap]:
        own = self._own(source)
        for pattern, xml in wanted:
            if (pattern, xml) in own:
                continue
            what = (in_words(pattern) or f"{says} {pattern}") if facet == "pattern" else says
            target = self._built(pattern, xml)
            sources = [self._built(mine, its) for mine, its in own]
            if target is None:
                yield Gap("unproven", f"whether every value matches {pattern} cannot be decided")
                continue
            known = [built[0] for built in sources if built is not None]
            try:
                found = outside(known, target[0], source.type.min_length, source.type.max_length)
            except TooLarge:
                yield Gap("unproven", f"whether every value matches {pattern} would take too long to decide")
                continue
            if found is None:
                continue
            text, counted = found
            if None in sources or not counted:
                yield Gap("unproven", f"whether every value matches {pattern} cannot be decided")
            else:
                yield Gap(facet, f"{text[:_SHOWN]!r} may come, which {what}", text[:_SHOWN])

    def _built(self, pattern: str, xml: bool) -> tuple[Automaton, Expression] | None:
        key = (pattern, xml)
        if key not in self._automata:
            try:
                expression = parse_pattern(pattern, "xsd" if xml else "ecma")
                self._automata[key] = (build(expression), expression)
            except (OutsideSubset, TooLarge, IndexError):
                self._automata[key] = None
        return self._automata[key]

    # --- numbers ---

    def _numbers(self, source: Values, target: ValueType) -> Iterator[Gap]:
        if (target.minimum, target.maximum, target.total_digits, target.fraction_digits) == (None, None, None, None):
            return
        lowest, highest = self._bounds(source)
        least, most = _number(target.minimum), _number(target.maximum)
        if least is not None and (lowest is None or lowest < least):
            yield Gap("range", f"{_bound(lowest, 'any number')} may come, and the least is {target.minimum}")
        if most is not None and (highest is None or highest > most):
            yield Gap("range", f"{_bound(highest, 'any number')} may come, and the most is {target.maximum}")
        yield from self._digits(source, target, lowest, highest)

    def _bounds(self, source: Values) -> tuple[Decimal | None, Decimal | None]:
        type = source.type
        lowest, highest = _number(type.minimum), _number(type.maximum)
        if lowest is None or highest is None:
            _, most = self.lengths(source)
            digits = most is not None and not any(self._patterns(source, [(_DIGITS_ONLY, False)]))
            if digits and most is not None and most < 40:
                lowest = Decimal(0) if lowest is None else lowest
                highest = Decimal(10) ** most - 1 if highest is None else highest
        return lowest, highest

    def _digits(
        self, source: Values, target: ValueType, lowest: Decimal | None, highest: Decimal | None
    ) -> Iterator[Gap]:
        places = 0 if source.type.base == "integer" else source.type.fraction_digits
        limit = target.fraction_digits if target.base == "decimal" else None
        if limit is not None and (places is None or places > limit):
            yield Gap("digits", f"more than {limit} digits after the point may come")
        if target.total_digits is None:
            return
        whole = None if lowest is None or highest is None else len(str(int(max(abs(lowest), abs(highest)))))
        own = source.type.total_digits
        if own is None and whole is not None and places is not None:
            own = whole + places
        if own is None or own > target.total_digits:
            yield Gap("digits", f"more than {target.total_digits} digits may come")


def _demanded(target: Values) -> str | None:
    """How a value must be spelt: a JSON number may come from any spelling of it."""
    return lexical(target.type, "json" if target.type.json != "string" else target.spelling)


def _number(text: str | None) -> Decimal | None:
    try:
        return Decimal(text) if text is not None else None
    except InvalidOperation:
        return None


def _within(number: Decimal, type: ValueType) -> bool:
    least, most = _number(type.minimum), _number(type.maximum)
    return (least is None or number >= least) and (most is None or number <= most)


def _bound(bound: Decimal | None, otherwise: str) -> str:
    return otherwise if bound is None else str(bound)
