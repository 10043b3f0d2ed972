"""``hub new-agency``: what is written for each kind of contract, and that it loads."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.marked import load
from tests.unit.onboarding.conftest import Hub, errors

KINDS = {
    "wsdl": ("--wsdl", "court.wsdl"),
    "wsdl-in": ("--wsdl", "court.wsdl", "--direction", "send", "--type", "case-referral=FileCase"),
    "openapi": ("--openapi", "api.yaml", "--direction", "both"),
    "table": ("--sample", "injuries.csv", "--type", "incident-report"),
    "json": ("--sample", "report.json"),
    "xml": ("--sample", "decision.xml"),
    "fixed-width": ("--sample", "traffic.txt", "--type", "incident-report"),
}


def draft(hub: Hub, contracts: Path, *words: str, status: int = 0) -> object:
    path = contracts / words[1]
    return hub("new-agency", "newcomer", words[0], str(path), *words[2:], status=status)


@pytest.mark.parametrize("kind", KINDS)
def test_a_draft_loads_and_grants_nothing(hub: Hub, contracts: Path, site: Path, kind: str) -> None:
    """``hub check`` finds no error, and the newcomer has no grant."""
    draft(hub, contracts, *KINDS[kind])
    assert errors(hub) == []
    assert load(site / "connectors/agencies/newcomer/access.yaml", "access.yaml") == {
        "agency": "newcomer",
        "grants": [],
    }


def test_imports_become_local_files(hub: Hub, contracts: Path, site: Path) -> None:
    """What the WSDL imports from other folders lies beside it, under names that need no folder."""
    draft(hub, contracts, *KINDS["wsdl"])
    folder = site / "schemas/agencies/newcomer"
    assert sorted(path.name for path in folder.iterdir()) == [
        "codes.xsd",
        "common.xsd",
        "court-types.xsd",
        "court.wsdl",
    ]
    assert 'schemaLocation="common.xsd"' in (folder / "court.wsdl").read_text(encoding="utf-8")
    assert 'schemaLocation="codes.xsd"' in (folder / "common.xsd").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("gone", "words"),
    [("codes.xsd", ("--wsdl", "court.wsdl")), ("common.yaml", ("--openapi", "api.yaml"))],
)
def test_a_missing_import_is_refused_by_name(
    hub: Hub, contracts: Path, site: Path, gone: str, words: tuple[str, str]
) -> None:
    """And nothing is written."""
    (contracts / gone).unlink()
    text = draft(hub, contracts, *words, status=1)
    assert f"the file {gone} is missing" in str(text)
    assert not (site / "connectors/agencies/newcomer").exists()


def test_an_import_from_the_network_is_taken_from_beside_or_refused(hub: Hub, contracts: Path) -> None:
    """A URL is never fetched: its file lies beside the contract, or is asked for."""
    wsdl = contracts / "court.wsdl"
    text = wsdl.read_text(encoding="utf-8").replace("types/common.xsd", "http://courts.example/svc?xsd=shared")
    wsdl.write_text(text, encoding="utf-8")
    assert "shared.xsd is missing" in str(draft(hub, contracts, *KINDS["wsdl"], status=1))
    common = (contracts / "types/common.xsd").read_text(encoding="utf-8").replace("../codes.xsd", "codes.xsd")
    (contracts / "shared.xsd").write_text(common, encoding="utf-8")
    draft(hub, contracts, *KINDS["wsdl"])


def test_nothing_that_exists_is_changed(hub: Hub, contracts: Path, site: Path) -> None:
    """A second draft is refused, and so is one that a file of this name stands in the way of."""
    draft(hub, contracts, *KINDS["wsdl"])
    path = site / "mappings/newcomer/case-referral.yaml"
    path.write_text("# mine\n", encoding="utf-8")
    assert "the site has an agency newcomer" in str(draft(hub, contracts, *KINDS["wsdl"], status=2))
    (site / "connectors/agencies/newcomer/agency.yaml").unlink()
    assert "mappings/newcomer/case-referral.yaml" in str(draft(hub, contracts, *KINDS["wsdl"], status=2))
    assert path.read_text(encoding="utf-8") == "# mine\n"


def test_a_draft_is_written_whole_or_not_at_all(hub: Hub, contracts: Path, site: Path) -> None:
    """A folder that cannot be made leaves no file behind."""
    (site / "mappings/newcomer").write_text("in the way", encoding="utf-8")
    assert "nothing was written: mappings/newcomer/" in str(draft(hub, contracts, *KINDS["wsdl"], status=2))
    assert [path for path in site.rglob("newcomer/*") if path.is_file()] == []


def test_a_dry_run_writes_nothing(hub: Hub, contracts: Path, site: Path) -> None:
    """It shows the files all the same."""
    before = sorted(site.rglob("*"))
    found = hub("new-agency", "newcomer", "--wsdl", str(contracts / "court.wsdl"), "--dry-run")
    assert "mappings/newcomer/case-referral.yaml" in found["files"]
    assert sorted(site.rglob("*")) == before


def test_the_soap_way_out_is_taken_from_the_wsdl(hub: Hub, contracts: Path, site: Path) -> None:
    """Endpoint, operations, namespaces."""
    draft(hub, contracts, *KINDS["wsdl"])
    agency = load(site / "connectors/agencies/newcomer/agency.yaml", "agency.yaml")
    assert agency["delivers"]["endpoint"] == "https://efiling.courts.example/soap"
    operations = {"case-referral": "FileCase", "case-status": "NotifyEvent"}
    assert agency["delivers"]["options"] == {"wsdl": "court.wsdl", "operations": operations}


def test_a_layout_is_inferred_from_an_arabic_table(hub: Hub, contracts: Path, site: Path) -> None:
    """Separator, header, patterns and code lists; the encoding is a decision."""
    found = hub("new-agency", "newcomer", "--sample", str(contracts / "injuries.csv"), "--type", "incident-report")
    layout = load(site / "schemas/agencies/newcomer/injuries.layout.yaml", "layout")
    assert (layout["encoding"], layout["separator"], layout["header"]) == ("windows-1256", ";", "true")
    columns = {column["name"]: column for column in layout["columns"]}
    assert columns["رقم القضية"]["pattern"] == "[0-9]{4}-MK-[0-9]{7}"
    assert columns["نوع الإصابة"]["codes"] == ["جرح", "كسر"]
    assert any("Encoding windows-1256: a guess" in line for line in found["decisions"]["Its documents"])


def test_openapi_schemas_are_made_json_schemas(hub: Hub, contracts: Path, site: Path) -> None:
    """``nullable`` and boolean ``exclusiveMinimum`` are of another dialect."""
    draft(hub, contracts, *KINDS["openapi"])
    text = (site / "schemas/agencies/newcomer/api.schemas.json").read_text(encoding="utf-8")
    assert '"exclusiveMinimum": 0' in text
    assert "nullable" not in text


def test_an_unknown_type_is_a_usage_error(hub: Hub, contracts: Path) -> None:
    """With the nearest name."""
    text = hub("new-agency", "newcomer", "--wsdl", str(contracts / "court.wsdl"), "--type", "case-refferal", status=2)
    assert "did you mean 'case-referral'" in text


def test_an_element_of_an_included_file_without_namespace_is_found(hub: Hub, contracts: Path, site: Path) -> None:
    """It takes the namespace of the schema that includes it, here the one inside the WSDL."""
    wsdl = contracts / "court.wsdl"
    text = wsdl.read_text(encoding="utf-8")
    start, end = text.index("<xsd:schema"), text.index("</xsd:schema>") + len("</xsd:schema>")
    schema = text[start:end].replace(' targetNamespace="http://efiling.courts.example/2024/filing"', "", 1)
    spaces = 'xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:cm="http://efiling.courts.example/2024/common" '
    schema = schema.replace("<xsd:schema ", f"<xsd:schema {spaces}", 1).replace('"cf:', '"')
    (contracts / "filing.xsd").write_text(schema, encoding="utf-8")
    space = "http://efiling.courts.example/2024/filing"
    include = f'<xsd:schema xmlns="{space}" targetNamespace="{space}"><xsd:include schemaLocation='
    wsdl.write_text(f'{text[:start]}{include}"filing.xsd"/></xsd:schema>{text[end:]}', encoding="utf-8")
    draft(hub, contracts, *KINDS["wsdl"])
    assert errors(hub) == []
