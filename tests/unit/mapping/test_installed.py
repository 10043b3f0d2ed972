"""Converters from installed packages: allowed by the operator, checked when they are loaded, held to what they say."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.findings import Findings
from hub.mapping.convert import Codec, Options, Unfit
from hub.mapping.converters import CONVERTERS
from hub.mapping.installed import allowed_names, load_installed
from tests.unit.mapping.package import PLATES, install
from tests.unit.mapping.workbench import Bench, object_of, text


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of installed packages; what is imported from it is forgotten afterwards."""
    folder = tmp_path / "packages"
    monkeypatch.syspath_prepend(str(folder))
    known = set(sys.modules)
    yield folder
    for name in set(sys.modules) - known:
        del sys.modules[name]


@pytest.fixture
def plates(packages: Path) -> Codec:
    """The converter of the shipped package, made ready."""
    install(packages)
    return load_installed(["plates"])["installed/plates"].make(Options({}))


def test_a_converter_of_a_package_reads_and_writes(plates: Codec) -> None:
    """Under the name that its entry point has."""
    assert plates.read("ABC 12") == "12-ABC"
    assert plates.writes[""]("12-ABC") == "ABC 12"


def test_only_allowed_names_are_loaded(packages: Path) -> None:
    """An installed package that the operator does not name is not even imported."""
    install(packages)
    assert allowed_names({}) == ()
    assert allowed_names({"HUB_CONVERTERS": " plates, ,other"}) == ("plates", "other")
    assert load_installed(()) == {}
    assert "police_plates" not in sys.modules


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("abc 12", "this is not a plate: three letters and up to four digits"),
        ("XXX 1", "plates of the series XXX were never issued"),
        ("BAD 1", "installed/plates failed (RuntimeError)"),
        ("END 1", "installed/plates failed (SystemExit)"),
        ("ODD 1", "installed/plates made something else of this than it declares"),
    ],
)
def test_what_fails_refuses_the_value(plates: Codec, value: str, says: str) -> None:
    """Whatever a package's code does, the sender gets a text, and no one its inside."""
    with pytest.raises(Unfit) as error:
        plates.read(value)
    assert error.value.text == says


def test_what_would_not_read_back_is_not_written(plates: Codec) -> None:
    """One-to-one is held, not believed."""
    with pytest.raises(Unfit, match="read back"):
        plates.writes[""]("12-TWO")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('examples = [("ABC 12", "12-ABC")]', "examples = []", "there is no example"),
        ('"12-ABC")]', '"13-ABC")]', "is not true"),
        ('"ABC 12"', '"abc"', "fails: this is not a plate"),
        ("one_to_one = True", "", "one_to_one must be True or False"),
        ("[A-Z]{3} [0-9]{1,4}", "(?=A)[A-Z]+", "agency must be a regular expression"),
        ("def write(value)", "def writes(value)", "must be functions"),
        ("import re", "import no_such_module", "cannot be loaded: ModuleNotFoundError"),
    ],
)
def test_a_package_that_breaks_the_contract_is_refused(packages: Path, old: str, new: str, says: str) -> None:
    """At load, with the package's name and version."""
    assert old in PLATES
    install(packages, PLATES.replace(old, new))
    with pytest.raises(Findings) as error:
        load_installed(["plates"])
    (finding,) = error.value.findings
    assert finding.code == "bad-converter"
    assert says in finding.text
    assert "police-plates 1.2" in finding.text


def test_a_name_that_no_package_or_two_packages_offer_is_refused(packages: Path) -> None:
    """The operator must know whose code runs."""
    install(packages)
    with pytest.raises(Findings, match="did you mean 'plates'"):
        load_installed(["plate"])
    install(packages, package="other-plates")
    with pytest.raises(Findings, match=r"other-plates 1\.2 and police-plates 1\.2"):
        load_installed(["plates"])


SCHEMA = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:partner" xmlns="urn:partner"
  elementFormDefault="qualified"><xs:element name="Case"><xs:complexType><xs:sequence>
  <xs:element name="Number" type="xs:string"/>
  <xs:element name="Plate" minOccurs="0"><xs:simpleType><xs:restriction base="xs:string">
    <xs:pattern value="[A-Z]{3} [0-9]{1,LENGTH}"/></xs:restriction></xs:simpleType></xs:element>
</xs:sequence></xs:complexType></xs:element></xs:schema>"""
PLATE = text(pattern="^[0-9]{1,4}-[A-Z]{3}$")


def bench(folder: Path, plate: str, length: int = 4) -> Bench:
    return Bench(
        folder,
        schema=SCHEMA.replace("LENGTH", str(length)),
        canonical=object_of(["number"], number=text(), plate=PLATE),
        mapping=f"root: p:Case\nfields:\n  number: p:Number\n  plate: {plate}\n",
        prove=True,
        converters={**CONVERTERS, **load_installed(["plates"])},
    )


def test_the_proof_takes_the_declared_reach_and_the_check_tells_whose_code_runs(packages: Path, tmp_path: Path) -> None:
    """Where the reach fits the agency's schema there is nothing but the note; where it does not, an error."""
    install(packages)
    made = bench(tmp_path, "{at: p:Plate, as: installed/plates}")
    noted = [(finding.code, finding.line) for finding in made.mapping.notes]
    assert ("installed-converter", 6) in noted
    assert b"<p:Plate>ABC 12</p:Plate>" in made.write({"number": "1", "plate": "12-ABC"})
    with pytest.raises(Findings, match="pattern-gap"):
        bench(tmp_path, "{at: p:Plate, as: installed/plates}", length=3)


def test_a_message_that_a_converter_refuses_is_the_senders_error(packages: Path, tmp_path: Path) -> None:
    """With its place, like any other value."""
    install(packages)
    made = bench(tmp_path, "{at: p:Plate, as: installed/plates}")
    body = '<Case xmlns="urn:partner"><Number>1</Number><Plate>BAD 1</Plate></Case>'
    (record,) = made.read(body)
    (problem,) = record.problems
    assert (problem.path, problem.text) == ("/p:Case/p:Plate", "installed/plates failed (RuntimeError)")


def test_a_mapping_cannot_name_what_the_operator_does_not_allow(tmp_path: Path) -> None:
    """A site's file alone brings no code in."""
    with pytest.raises(Findings, match="HUB_CONVERTERS"):
        Bench(
            tmp_path,
            schema=SCHEMA.replace("LENGTH", "4"),
            canonical=object_of(["number"], number=text(), plate=PLATE),
            mapping="root: p:Case\nfields:\n  number: p:Number\n  plate: {at: p:Plate, as: installed/plates}\n",
        )
