"""Stylesheets: checked when they are loaded, confined and bounded when they run."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.findings import Findings
from hub.formats.xslt import Stylist, Unstyled
from hub.formats.xslt_sheet import load_sheet

HEAD = '<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">\n'
END = "\n</xsl:stylesheet>"
RENAME = HEAD + '<xsl:template match="/"><b><xsl:value-of select="a"/></b></xsl:template>' + END
# Each call calls twice: endless for all that matters, and never deep.
LOOP = (
    HEAD
    + '<xsl:template name="loop"><xsl:param name="left"/><xsl:if test="$left &gt; 0">'
    + '<xsl:call-template name="loop"><xsl:with-param name="left" select="$left - 1"/></xsl:call-template>' * 2
    + '</xsl:if></xsl:template><xsl:template match="/"><b><xsl:call-template name="loop">'
    + '<xsl:with-param name="left" select="200"/></xsl:call-template></b></xsl:template>'
    + END
)
GROW = LOOP.replace('&gt; 0">', '&gt; 0">' + "x" * 10_000)


def sheet(text: str, element: str = '<b><xsl:value-of select="%s"/></b>') -> bytes:
    return (
        HEAD + f'<xsl:template match="/">{element % text if "%s" in element else element}</xsl:template>' + END
    ).encode()


@pytest.fixture
def stylist() -> Iterator[Stylist]:
    """With limits that a test can wait for."""
    made = Stylist(cpu_s=0.3, most_bytes=100_000)
    yield made
    made.close()


def test_a_stylesheet_turns_one_document_into_another(stylist: Stylist) -> None:
    """The same process serves one after the other."""
    assert stylist.apply(RENAME.encode(), "<a>عمر</a>".encode()) == "<b>عمر</b>".encode()
    first = stylist.pid
    assert b"<b>2</b>" in stylist.apply(RENAME.encode(), b"<a>2</a>")
    assert stylist.pid == first


def test_a_stylesheet_that_does_not_end_is_ended(stylist: Stylist) -> None:
    """The kernel ends it, and the next document has a fresh process."""
    with pytest.raises(Unstyled, match=r"more than 0\.3 s"):
        stylist.apply(LOOP.encode(), b"<a/>")
    assert stylist.pid is None
    assert b"<b>2</b>" in stylist.apply(RENAME.encode(), b"<a>2</a>")


def test_a_process_that_is_stuck_is_ended_from_outside() -> None:
    """Where the computing time is not used up, the clock on the wall decides."""
    stylist = Stylist(cpu_s=100, wall_s=0.5)
    with pytest.raises(Unstyled):
        stylist.apply(LOOP.encode(), b"<a/>")
    assert stylist.pid is None


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (GROW.replace('select="200"', 'select="5"').encode(), "its result is too large"),
        (sheet("", "just text"), "it makes no element"),
        (sheet("nope()"), "it failed"),
        (
            sheet("", '<xsl:message terminate="yes">no plate</xsl:message>'),
            "it says that this document cannot be taken",
        ),
    ],
)
def test_what_goes_wrong_is_told_without_content(stylist: Stylist, body: bytes, says: str) -> None:
    """Only what the stylesheet itself says may hold content, and stands apart."""
    with pytest.raises(Unstyled) as error:
        stylist.apply(body, b"<a>secret</a>")
    assert error.value.text == says
    assert error.value.said == ("no plate" if b"terminate" in body else "")


def test_a_result_that_grows_for_ever_ends(stylist: Stylist) -> None:
    """Within its memory and its time."""
    with pytest.raises(Unstyled):
        stylist.apply(GROW.encode(), b"<a/>")


def test_no_file_and_no_network_is_reached_even_past_the_check(stylist: Stylist, tmp_path: Path) -> None:
    """The process denies what the check of a stylesheet would have refused anyway."""
    (tmp_path / "secret.xml").write_text("<s>secret</s>")
    target = tmp_path / "written.xml"
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        port = server.getsockname()[1]
        places = [f"file://{tmp_path}/secret.xml", str(tmp_path / "secret.xml"), f"http://127.0.0.1:{port}/x.xml"]
        for place in places:
            with pytest.raises(Unstyled):
                stylist.apply(sheet(f"document('{place}')"), b"<a/>")
        writing = sheet("", f'<e:document href="{target}">x</e:document>').replace(
            b'version="1.0"', b'version="1.0" xmlns:e="http://exslt.org/common" extension-element-prefixes="e"'
        )
        with pytest.raises(Unstyled):
            stylist.apply(writing, b"<a/>")
        with pytest.raises(TimeoutError):
            server.accept()
    assert not target.exists()


def test_a_process_that_rested_too_long_is_started_again() -> None:
    """It ends by itself when nothing comes."""
    stylist = Stylist(idle_s=0.05)
    stylist.apply(RENAME.encode(), b"<a/>")
    first = stylist.pid
    while stylist.pid is not None:
        pass
    assert b"<b>2</b>" in stylist.apply(RENAME.encode(), b"<a>2</a>")
    assert stylist.pid != first
    stylist.close()


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("<a>", 1, "Line 1"),
        ("<a/>", 1, "no XSLT 1.0 stylesheet"),
        (RENAME.replace('"1.0"', '"2.0"'), 1, "no XSLT 1.0 stylesheet"),
        (HEAD + '<xsl:import href="x.xslt"/>' + END, 2, "reads another file"),
        (RENAME.replace("value-of", "vlaue-of"), 2, "did you mean 'value-of'"),
        (RENAME.replace('select="a"', "select=\"document('x')\""), 2, "document() is not"),
        (RENAME.replace('select="a"', 'select="date:now()"'), 2, "date:now() is not"),
        (RENAME.replace('select="a"', 'select="1 +"'), 2, "could not compile"),
        (RENAME.replace("<b>", '<b xsl:extension-element-prefixes="xsl">'), 2, "extension elements"),
        ("<!DOCTYPE a [<!ENTITY x 'y'>]>" + RENAME, 1, "document type"),
    ],
)
def test_a_stylesheet_that_cannot_be_used_is_a_finding(tmp_path: Path, text: str, line: int, says: str) -> None:
    """With its file and line, before anything runs."""
    path = tmp_path / "s.xslt"
    path.write_text(text)
    with pytest.raises(Findings, match="bad-stylesheet") as error:
        load_sheet(path, "mappings/a/s.xslt")
    (finding,) = error.value.findings
    assert (finding.file, finding.line) == ("mappings/a/s.xslt", line)
    assert says in str(finding)


def test_a_text_that_looks_like_a_call_is_none(tmp_path: Path) -> None:
    """Inside quotes it is text."""
    path = tmp_path / "s.xslt"
    path.write_text(RENAME.replace('select="a"', "select=\"concat('pp:name(', a)\""))
    assert load_sheet(path, "s.xslt") == path.read_bytes()
