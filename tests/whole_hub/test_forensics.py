"""The site tests/sites/forensics: documents inside documents, a stylesheet and contents of many kinds, end to end."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.cli import dispatch
from tests.unit.mapping.package import install
from tests.whole_hub.running import Running, until

ROOT = Path(__file__).parents[2]
SITE = ROOT / "tests" / "sites" / "forensics"
SENDER, RECEIVER, TYPE = "laboratory", "exhibits", "exhibit"
EXAMPLES = SITE / "mappings"
DOCUMENT = (EXAMPLES / SENDER / "examples" / "a-vehicle" / "input.xml").read_bytes()
EXPECTED = (EXAMPLES / RECEIVER / "examples" / "a-vehicle" / "output.xml").read_bytes()


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    data = tmp_path_factory.mktemp("forensics")
    with Running(SITE, data, as_process=True, secrets={SENDER: {"api-key": "k"}}) as hub:
        yield hub


def rows(document: bytes) -> list[str]:
    return [line.strip() for line in document.decode().replace("><", ">\n<").splitlines() if "<Row " in line]


def commands_below(pid: int) -> list[bytes]:
    """The command lines of a process's children."""
    children = (Path("/proc") / str(pid) / "task" / str(pid) / "children").read_text().split()
    return [(Path("/proc") / child / "cmdline").read_bytes() for child in children]


def test_the_site_has_no_error_and_keeps_the_law(capsys: pytest.CaptureFixture[str]) -> None:
    """Its examples run, some generated cases hold, and the check counts the stylesheet."""
    assert dispatch(["check", "--site", str(SITE), "--prove", "5", "--seed", "1"]) == 0
    out = capsys.readouterr().out
    assert "escape hatches: 1" in out
    assert "exhibit.yaml:3: note stylesheet: exhibit-out.xslt" in out


def test_a_result_of_the_laboratory_reaches_the_store_in_its_own_shape(hub: Running) -> None:
    """Through CDATA, four converters and a stylesheet, over HTTP and into a folder."""
    answer = hub.post(SENDER, TYPE, DOCUMENT, Content_Type="application/xml")
    assert answer.status == 202
    hub.settled(answer.json["id"], exhibits="delivered")
    (file,) = until(lambda: hub.outbox(RECEIVER))
    assert rows(file.read_bytes()) == rows(EXPECTED)


@pytest.mark.parametrize(
    ("old", "new", "code", "path", "line", "says"),
    [
        (b"<Contact>", b"<Contact>x", "unreadable-value", "/l:Result/l:Contact", 3, "no telephone number"),
        (b"70.9", b"tall", "schema-violation", "/l:Result/l:HeightInches", 6, "not a valid"),
        (b"PL=", b"XX=", "unreadable-value", "/l:Result/l:Vehicle", 3, "'XX' is none of the names PL, CO"),
        (b"255044462d", b"00", "unreadable-value", "/l:Result/l:Photo", 3, "of no known type"),
        (b"</Result>", b"</Resul>", "schema-violation", "", 3, "inside b:Payload: Line"),
        (b"<?xml version", b"<!DOCTYPE a><?xml version", "schema-violation", "", 3, "document type"),
    ],
)
def test_what_is_wrong_is_told_in_the_laboratorys_own_terms(
    hub: Running, old: bytes, new: bytes, code: str, path: str, line: int, says: str
) -> None:
    """The path goes on into the document inside; the line is that of the document that was sent."""
    assert DOCUMENT.count(old) == 1
    answer = hub.post(SENDER, TYPE, DOCUMENT.replace(old, new), Content_Type="application/xml")
    problem = answer.json["problems"][0]
    assert (answer.status, answer.json["code"]) == (422, code)
    assert (problem["path"], problem["line"]) == (f"/b:Envelope/b:Payload{path}", line)
    assert says in problem["text"]


def test_a_document_behind_a_stylesheet_is_rendered_apart_and_a_dead_letter_where_it_is_invalid(
    tmp_path: Path,
) -> None:
    """However small: a stylesheet that does not end holds up nobody else's message, and its own has the reason."""
    shutil.copytree(SITE, tmp_path / "site")
    sheet = tmp_path / "site" / "mappings" / RECEIVER / "exhibit-out.xslt"
    loop = (
        '<xsl:template name="loop"><xsl:param name="left"/><xsl:if test="$left &gt; 0">'
        + '<xsl:call-template name="loop"><xsl:with-param name="left" select="$left - 1"/></xsl:call-template>' * 2
        + '</xsl:if></xsl:template><xsl:template match="/x:Exhibit"><Rows><xsl:if test="x:Number = 666">'
        + '<xsl:call-template name="loop"><xsl:with-param name="left" select="200"/></xsl:call-template></xsl:if>'
    )
    text = sheet.read_text()
    sheet.write_text(text.replace('<xsl:template match="/x:Exhibit">\n    <Rows>', loop))
    assert sheet.read_text() != text
    with Running(tmp_path / "site", tmp_path / "data", as_process=True, secrets={SENDER: {"api-key": "k"}}) as hub:
        endless = DOCUMENT.replace(b"1448", b"666")
        stuck = hub.post(SENDER, TYPE, endless, Content_Type="application/xml").json["id"]
        other = hub.post(SENDER, TYPE, DOCUMENT, Content_Type="application/xml").json["id"]
        hub.settled(other, exhibits="delivered")
        until(lambda: any(b"hub.pipeline.worker" in command for command in commands_below(hub.pid)))
        until(lambda: hub.deliveries(stuck)[RECEIVER].state == "dead", deadline_s=60)
        delivery = hub.deliveries(stuck)[RECEIVER]
        assert delivery.reason == "output-invalid"
        (attempt,) = hub.attempts(delivery.id)
        assert attempt.text.startswith("exhibit-out.xslt: it took more than 2 s of computing")


def test_an_installed_converter_works_only_where_the_operator_allows_it(tmp_path: Path) -> None:
    """In a process of its own, as an operator runs it: named in the check, counted, and refused without the setting."""
    packages = install(tmp_path / "packages")
    site = tmp_path / "site"
    shutil.copytree(SITE, site)
    path = site / "mappings" / SENDER / "exhibit.yaml"
    path.write_text(path.read_text().replace("number: b:Key", "number: {at: b:Key, as: installed/plates}"))

    def check(**setting: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "hub.cli", "check", "--site", str(site), "--no-examples", "--json"]
        environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{packages}", **setting}
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)

    allowed = json.loads(check(HUB_CONVERTERS="plates").stdout)
    assert ("installed-converter", 6) in [(each["code"], each["line"]) for each in allowed["findings"]]
    assert allowed["ok"]
    refused = json.loads(check(HUB_CONVERTERS="").stdout)
    assert [each["code"] for each in refused["findings"] if each["severity"] == "error"] == ["unknown-converter"]
