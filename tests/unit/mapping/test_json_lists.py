"""JSON documents that are a list themselves: ``root: "[]"`` makes a message of each item."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import orjson
import pytest

from hub.errors import HubError
from hub.findings import Findings
from hub.mapping.mapping import WriteRecord
from tests.unit.mapping.workbench import BOTH, Bench, list_of, object_of, text

CANONICAL = object_of(["number"], number=text(), notes=list_of(object_of(text=text())))
ITEM = object_of(["no"], no=text(), notes=list_of(object_of(["text"], text=text())))
MAPPING = 'root: "[]"\nfields: {number: no, "notes[]": {at: notes, fields: {text: text}}}\n'


def bench(
    folder: Path,
    mapping: str = MAPPING,
    *,
    prove: bool = False,
    directions: frozenset[str] = BOTH,
    **schema: Any,
) -> Bench:
    document = {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "array", "items": ITEM, **schema}
    return Bench(
        folder,
        schema=json.dumps(document),
        canonical=CANONICAL,
        mapping=mapping,
        format="json",
        directions=directions,
        prove=prove,
    )


def test_each_item_is_a_message_and_each_message_an_item(tmp_path: Path) -> None:
    """Read, and written back: one alone is a list, too."""
    body = b'[{"no":"1"},{"no":"2","notes":[{"text":"a"},{"text":"b"}]}]'
    workbench = bench(tmp_path)
    records = workbench.read(body)
    assert [record.data for record in records] == [
        {"number": "1"},
        {"number": "2", "notes": [{"text": "a"}, {"text": "b"}]},
    ]
    assert orjson.loads(workbench.write(*(record.data for record in records))) == orjson.loads(body)
    assert workbench.write({"number": "1"}) == b'[{"no":"1"}]'


def test_problems_have_the_pointer_and_line_of_the_document(tmp_path: Path) -> None:
    """Both of the schema and of the mapping, and both lead to their record."""
    workbench = bench(tmp_path)
    parsed = workbench.contract.parse(b'[{"no": "1"},\n {"no": "2",\n  "notes": [{"text": 5}]}]')
    (problem,) = workbench.contract.problems(parsed)
    assert (problem.path, problem.line) == ("/1/notes/0/text", 3)
    assert workbench.mapping.record_of(problem.path) == 1
    assert workbench.contract.line_of(parsed, "/1/no") == 2
    (record,) = workbench.read(b'[{"no": "1", "notes": [{"text": "a"}]}]')
    assert workbench.mapping.origin("notes[0].text", record) == "/0/notes/0/text"


@pytest.mark.parametrize(("body", "says"), [(b'{"no": "1"}', "not a list"), (b'"no"', "not a list")])
def test_another_document_is_refused(tmp_path: Path, body: bytes, says: str) -> None:
    """An object where a list is agreed."""
    with pytest.raises(HubError, match=says):
        bench(tmp_path).contract.parse(body)


def test_explain_names_the_place_of_each_item(tmp_path: Path) -> None:
    """As the document's JSON Pointers are."""
    told = bench(tmp_path).mapping.explain(WriteRecord({"number": "1", "notes": [{"text": "a"}]}, {}), {})
    assert [(part.path, part.value) for part in told] == [("/0/no", "1"), ("/0/notes/0/text", "a")]
    (third,) = bench(tmp_path).mapping.explain(WriteRecord({"number": "3"}, {}), {}, 2)
    assert (third.path, third.value) == ("/2/no", "3")


def test_a_list_that_holds_one_at_most_takes_one_message(tmp_path: Path) -> None:
    """`maxItems: 1` is a list with room for one, not a list without end."""
    (child,) = bench(tmp_path, maxItems=1).contract.shape.children
    assert (child.repeats, child.minimum, child.maximum) == (True, 0, 1)
    with pytest.raises(HubError):
        bench(tmp_path, maxItems=1).write({"number": "1"}, {"number": "2"})


def test_a_list_that_never_holds_one_takes_no_message_that_goes_alone(tmp_path: Path) -> None:
    """`minItems: 2` is found before the first delivery, where such lists are written."""
    with pytest.raises(Findings) as caught:
        bench(tmp_path, prove=True, minItems=2)
    (found,) = [found for found in caught.value.findings if found.severity == "error"]
    assert (found.code, found.line) == ("missing-required", 3)
    bench(tmp_path, prove=True, directions=frozenset({"read"}), minItems=2)


def test_whoever_forgets_the_root_is_told(tmp_path: Path) -> None:
    """At the first path that is not there."""
    with pytest.raises(Findings) as caught:
        bench(tmp_path, "fields: {number: no}\n")
    assert 'root: "[]"' in {found.hint.partition(": ")[2] for found in caught.value.findings}


def test_a_list_behind_a_reference_is_one(tmp_path: Path) -> None:
    """The contract's root may only say where the list is defined."""
    schema = {"$ref": "#/$defs/L", "$defs": {"L": {"type": "array", "items": ITEM}}}
    document = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    workbench = Bench(
        tmp_path, schema=json.dumps(document), canonical=CANONICAL, mapping=MAPPING, format="json", directions=BOTH
    )
    assert [record.data for record in workbench.read(b'[{"no":"1"},{"no":"2"}]')] == [{"number": "1"}, {"number": "2"}]


def test_a_place_in_front_of_the_list_is_none(tmp_path: Path) -> None:
    """There is nothing beside the list, and [] stands only where the document is one."""
    with pytest.raises(Findings) as caught:
        bench(tmp_path, 'root: "[]"\nfields: {number: /no}\n')
    assert {found.code for found in caught.value.findings} >= {"unknown-path"}
    with pytest.raises(Findings) as caught:
        bench(tmp_path, MAPPING, type="object", items={}, properties={"no": {"type": "string"}})
    assert {found.code for found in caught.value.findings} >= {"unknown-path"}
