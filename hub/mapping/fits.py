"""Whether one raw value may stand at an agency's place: asked where a mapping says what happens otherwise."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from hub.mapping.scalars import text_of
from hub.schema.automaton import TooLarge, accepts, build
from hub.schema.json_values import keeps
from hub.schema.lexical import lexical, spelling_of
from hub.schema.pattern import OutsideSubset, parse_pattern
from hub.schema.shape import ValueType

Fits = Callable[[Any], bool]


def fit_test(type: ValueType, *, xml: bool) -> Fits:
    """The test for one value type. What it cannot decide (a pattern outside our subset) is left to the schema."""
    tests = [test for pattern in type.patterns if (test := _matcher(pattern, xml=xml))]
    demanded = [test for demand in type.demands if (test := keeps(demand))]
    base = lexical(type, spelling_of(type, xml=xml))
    if base and type.json == "string":
        tests.append(re.compile(base.replace("$", r"\Z")).match)
    codes = frozenset(type.codes) if type.codes is not None else None
    least, most = _number(type.minimum), _number(type.maximum)

    def fits(raw: Any) -> bool:
        if not all(test(raw) for test in demanded):
            return False
        text = text_of(raw)
        if type.space == "collapse":
            text = " ".join(text.split())
        if codes is not None and text not in codes:
            return False
        if len(text) < type.min_length or (type.max_length is not None and len(text) > type.max_length):
            return False
        if not all(test(text) for test in tests):
            return False
        number = _number(text) if least is not None or most is not None else None
        return number is None or ((least is None or number >= least) and (most is None or number <= most))

    return fits


def undecided(type: ValueType, *, xml: bool) -> bool:
    """Whether the test may take what the schema refuses."""
    unknown = any(_matcher(pattern, xml=xml) is None for pattern in type.patterns)
    return type.loose or unknown or any(keeps(demand) is None for demand in type.demands)


def _matcher(pattern: str, *, xml: bool) -> Callable[[str], object] | None:
    try:
        automaton = build(parse_pattern(pattern, "xsd" if xml else "ecma"))
    except (OutsideSubset, TooLarge, IndexError):
        return None
    return lambda text: accepts(automaton, text)


def _number(text: str | None) -> Decimal | None:
    try:
        return Decimal(text) if text is not None else None
    except InvalidOperation:
        return None
