"""What converters are said to take and give is what they take and give: the proof of mappings rests on it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.mapping.convert import Options, Unfit
from hub.mapping.converters import CONVERTERS
from hub.mapping.fits import fit_test
from hub.mapping.reach import Types
from hub.proving.values import Values
from hub.schema.inclusion import Inclusions
from hub.schema.inclusion import Values as Language
from hub.schema.shape import ValueType
from tests.unit.mapping.workbench import Bench, object_of, text

CASES = [
    (name, example.options, example.whole)
    for name, converter in CONVERTERS.items()
    for example in converter.examples
    if name in ("phone", "unit", "pairs", "attachment", "decimal", "integer", "national-id")
]
IDS = [f"{name}-{number}" for number, (name, _, _) in enumerate(CASES)]
NAMES = ("", "content", "mediaType", "type", "value", "plate", "colour")
ANY: Types = dict.fromkeys(NAMES, ValueType())


def parts(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {"": value}


def taken(type: ValueType) -> st.SearchStrategy[str]:
    """Texts of a type: of its pattern where it has one."""
    if not type.patterns:
        return Values(as_text=True).of(type)
    drawn = st.from_regex(re.compile(type.patterns[0]), fullmatch=True).filter(lambda found: not found.endswith("\n"))
    return drawn.filter(lambda found: len(found) <= (type.max_length or 10**6))


def holds(types: Types, value: Any) -> bool:
    return all(fit_test(types[name], xml=False)(part) for name, part in parts(value).items() if name in types)


@pytest.mark.parametrize(("name", "options", "whole"), CASES, ids=IDS)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_reading_gives_what_is_said(name: str, options: dict[str, Any], whole: bool, data: st.DataObject) -> None:
    """And refuses nothing of what it is said to take, but for what is told in words."""
    chosen = Options(options, whole)
    reach = CONVERTERS[name].reads(chosen, ANY)
    raw = data.draw(taken(reach.takes.get("", ValueType())))
    try:
        value = CONVERTERS[name].make(chosen).read(raw)
    except Unfit:
        assert reach.refuses
    else:
        assert holds(reach.gives, value)


@pytest.mark.parametrize(("name", "options", "whole"), CASES, ids=IDS)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_writing_gives_what_is_said_and_reads_back(
    name: str, options: dict[str, Any], whole: bool, data: st.DataObject
) -> None:
    """Whatever the converter itself reads can be written again, and what is written is read as the same."""
    chosen, converter = Options(options, whole), CONVERTERS[name]
    codec, reach = converter.make(chosen), converter.writes(chosen, ANY)
    drawn = {key: data.draw(taken(type)) for key, type in (reach.takes or {"": ValueType()}).items()}
    value: Any = drawn[""] if set(drawn) == {""} else drawn
    try:
        raw = codec.writes[""](value)
    except Unfit:
        precise = reach.takes.get("", ValueType()).fraction_digits is not None
        assert reach.refuses or precise
        return
    assert holds(reach.gives, raw)
    if codec.reads_back and name not in ("decimal", "integer", "unit"):
        assert codec.read(raw) == value


@pytest.mark.parametrize("digits", range(4))
@pytest.mark.parametrize("rounding", ["half-even", "half-up", "down", "refuse"])
@pytest.mark.parametrize(("unit", "own"), [("in", "cm"), ("lb", "kg"), ("m", "cm"), ("km/h", "mph"), ("km/h", "m/s")])
def test_a_unit_that_is_said_to_read_back_does(unit: str, own: str, rounding: str, digits: int) -> None:
    """Every whole number up to 500; and where it is said not to, one of them is lost."""
    options = {"unit": unit, "canonical-unit": own, "digits": str(digits), "rounding": rounding}
    codec = CONVERTERS["unit"].make(Options(options))
    lost = []
    for number in map(str, range(501)):
        try:
            if codec.read(codec.writes[""](number)) != number:
                lost.append(number)
        except Unfit:
            assert rounding == "refuse"
    assert codec.reads_back == (not lost)


def test_bounds_go_through_a_unit() -> None:
    """Rounded as the values are."""
    options = Options({"unit": "in", "canonical-unit": "cm", "digits": "1"})
    given_type = {"": ValueType("integer", json="integer", minimum="30", maximum="300")}
    gives = CONVERTERS["unit"].writes(options, given_type).gives[""]
    assert (gives.minimum, gives.maximum, gives.fraction_digits) == ("11.8", "118.1", 1)


def test_hexadecimal_is_not_proved_to_be_base64(tmp_path: Any) -> None:
    """Both are binary; only the encoding of the agency's schema fits."""
    for folder, encoding, type in (("a", "base64", "hexBinary"), ("b", "hex", "base64Binary")):
        (tmp_path / folder).mkdir()
        schema = (
            '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:partner"'
            f' elementFormDefault="qualified"><xs:element name="Case"><xs:complexType><xs:sequence><xs:element name="N"'
            f' type="xs:string"/><xs:element name="F" type="xs:{type}" minOccurs="0"/></xs:sequence></xs:complexType>'
            "</xs:element></xs:schema>"
        )
        made = Bench(
            tmp_path / folder,
            schema=schema,
            canonical=object_of(["number"], number=text(), file=text()),
            mapping="root: p:Case\nfields:\n  number: p:N\n"
            f'  file: {{at: p:F, as: attachment, max-bytes: "300", encoding: {encoding}, unfit: refuse}}\n',
        )
        (spot,) = made.mapping.plan.fields.values[1].spots
        assert spot.by is not None
        assert spot.options is not None
        gives = spot.by.writes(spot.options, ANY).gives[""]
        place = spot.ports[0][1].shape.value
        assert place is not None
        gaps = Inclusions().gaps(Language(gives), Language(place, xml=True))
        # Every hexadecimal text is also spelt like base64: there the kind of binary cannot tell.
        assert bool(gaps) == (encoding == "base64")
