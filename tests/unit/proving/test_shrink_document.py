"""An agency's failing document is made small in its own format, and stays one that its schema takes."""

from __future__ import annotations

from pathlib import Path

import orjson
from lxml import etree

from hub.formats.delimited import DelimitedContract
from hub.formats.xml import XmlContract
from hub.proving.shrink_document import smallest_document
from tests.unit.proving.test_generators import XSD

LAYOUT = """\
format: delimited
encoding: utf-8
separator: ";"
columns:
  - {name: "No", required: true}
  - {name: Note}
"""
DOCUMENT = b"""<Case xmlns="urn:p"><Part id="a"><No>2026/AB</No><C>true</C><Knife>x</Knife></Part>
<Part id="b"><No>2027/CD</No><A>2026-01-01</A><B>7</B><To ref="a"/></Part></Case>"""


def never() -> bool:
    return False


def test_elements_and_attributes_go(tmp_path: Path) -> None:
    """Whatever the failure does not need and the schema does not want."""
    path = tmp_path / "case.xsd"
    path.write_text(XSD, encoding="utf-8")
    contract = XmlContract(path, {"p": "urn:p"})

    def fails(body: bytes) -> bool:
        return not contract.problems(contract.parse(body)) and b">7<" in body

    root = etree.fromstring(smallest_document(contract, "xml", DOCUMENT, fails, never))
    assert [etree.QName(element).localname for element in root.iter()] == ["Case", "Part", "No", "A", "B"]


def test_it_ends_when_the_time_is_spent(tmp_path: Path) -> None:
    """What was found until then, even if that is nothing."""
    path = tmp_path / "case.xsd"
    path.write_text(XSD, encoding="utf-8")
    found = smallest_document(XmlContract(path, {"p": "urn:p"}), "xml", DOCUMENT, lambda _: True, lambda: True)
    assert etree.canonicalize(etree.fromstring(found)) == etree.canonicalize(etree.fromstring(DOCUMENT))


def test_properties_and_items_go(tmp_path: Path) -> None:
    """JSON as it was, without what is not needed."""
    path = tmp_path / "a.layout.yaml"
    path.write_text(LAYOUT, encoding="utf-8")
    contract = DelimitedContract(path, "a.layout.yaml")
    document = orjson.dumps({"a": [1, {"b": 2, "c": 3}], "d": "x"})
    assert smallest_document(contract, "json", document, lambda body: b'"c"' in body, never) == b'{"a":[{"c":3}]}'


def test_rows_and_cells_go(tmp_path: Path) -> None:
    """A table keeps its heading."""
    path = tmp_path / "a.layout.yaml"
    path.write_text(LAYOUT, encoding="utf-8")
    contract = DelimitedContract(path, "a.layout.yaml")
    rows = [{"No": str(number), "Note": f"note {number}"} for number in range(5)]
    found = smallest_document(contract, "delimited", contract.render({"rows": rows}), lambda body: b"3" in body, never)
    assert contract.parse(found).tree == {"rows": [{"No": "3", "Note": ""}]}
