"""The stylesheets that a mapping names: found, checked, and put between the agency's contract and the mapping."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from hub.findings import Finding, Findings
from hub.formats.contract import Contract
from hub.formats.styled import Sheet, StyledContract
from hub.formats.xml import XmlContract
from hub.formats.xslt import Stylist
from hub.formats.xslt_sheet import load_sheet
from hub.mapping.language import MappingFile, Stylesheets, Written

STYLESHEET = "stylesheet"


def styled(written: MappingFile, folder: Path, contract: Contract, open_schema: Callable[[str], Contract]) -> Contract:
    """The contract that the mapping's fields are about: the agency's own, or what stylesheets make of it.

    ``folder`` is the mapping's own; ``open_schema`` gives another XSD of the agency's folder. Raises ``Findings``.
    """
    xslt = written.xslt
    if xslt is None:
        return contract
    if not isinstance(contract, XmlContract):
        raise Findings([Finding("bad-stylesheet", written.file, xslt.line, "only XML goes through a stylesheet")])
    inside = open_schema(xslt.schema.text) if xslt.schema else contract
    if not isinstance(inside, XmlContract):
        raise Findings([Finding("bad-stylesheet", written.file, xslt.line, "the schema of a stylesheet is an XSD")])
    read, write = (_sheet(sheet, folder, written.file) for sheet in (xslt.read, xslt.write))
    return StyledContract(contract, inside, read, write, Stylist())


def _sheet(written: Written | None, folder: Path, file: str) -> Sheet | None:
    if written is None:
        return None
    if "/" in written.text or not written.text.endswith(".xslt"):
        text = "a stylesheet is a file NAME.xslt beside the mapping"
        raise Findings([Finding("bad-stylesheet", file, written.line, text)])
    name = f"{file.rpartition('/')[0]}/{written.text}"
    return Sheet(written.text, load_sheet(folder / written.text, name))


def check_stylesheets(written: MappingFile, directions: frozenset[str]) -> Iterator[Finding]:
    """That each direction in use has what it needs; what nobody proves is answered; and a note for each that runs."""
    xslt = written.xslt
    if xslt is None:
        return
    for direction, sheet in (("read", xslt.read), ("write", xslt.write)):
        if sheet is None or direction not in directions:
            continue
        text = f"{sheet.text} runs between the agency's document and this mapping"
        yield Finding(STYLESHEET, written.file, sheet.line, text, severity="note")
    yield from _lacking(written, xslt, directions)
    if xslt.write is not None and "write" in directions and not xslt.refuse:
        text = f"whether what {xslt.write.text} writes keeps the agency's schema cannot be decided"
        yield Finding("unproven", written.file, xslt.write.line, text, "xslt: {unfit: refuse} says what happens then")


def _lacking(written: MappingFile, xslt: Stylesheets, directions: frozenset[str]) -> Iterator[Finding]:
    for direction, sheet in (("read", xslt.read), ("write", xslt.write)):
        if xslt.schema is not None and sheet is None and direction in directions:
            text = f"a grant lets this mapping {direction}, and no stylesheet leads between the two schemas then"
            yield Finding("missing-key", written.file, xslt.line, text)
