"""Code tables: what a partner's code is in canonical terms, from CSV files that know their lines."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hub.findings import Finding, Findings

HEADER = ["partner", "canonical", "note"]


@dataclass(frozen=True, slots=True)
class CodeTable:
    """One table. ``lines`` gives the line of each (partner, canonical) pair; ``doubles`` what is not one-to-one."""

    name: str
    file: str
    reading: Mapping[str, str]
    writing: Mapping[str, str]
    lines: Mapping[tuple[str, str], int]
    doubles: tuple[Finding, ...]


class Codes:
    """Every ``*.csv`` of a site's code folder by its stem; ``name`` is the folder's path inside the site."""

    def __init__(self, folder: Path, name: str) -> None:
        """Raises ``Findings``."""
        self._tables: dict[str, CodeTable] = {}
        findings: list[Finding] = []
        for path in sorted(folder.glob("*.csv")):
            try:
                text = path.read_text(encoding="utf-8-sig")
                self._tables[path.stem] = parse_codes(text, path.stem, f"{name}/{path.name}")
            except UnicodeDecodeError:
                findings.append(Finding("bad-code-table", f"{name}/{path.name}", 0, "the file is not UTF-8"))
            except Findings as found:
                findings.extend(found.findings)
        if findings:
            raise Findings(findings)

    def get(self, table: str) -> CodeTable | None:
        """One table by name."""
        return self._tables.get(table)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all tables."""
        return tuple(self._tables)


def load_codes(folder: Path, name: str) -> Codes:
    """The same as ``Codes(folder, name)``."""
    return Codes(folder, name)


def parse_codes(text: str, name: str, file: str) -> CodeTable:
    """One table's text. Raises ``Findings`` for a wrong header, an incomplete row or one code with two meanings."""
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    reading: dict[str, str] = {}
    writing: dict[str, str] = {}
    lines: dict[tuple[str, str], int] = {}
    findings: list[Finding] = []
    doubles: list[Finding] = []
    try:
        if next(rows, None) != HEADER:
            raise Findings([Finding("bad-code-table", file, 1, "the header is partner,canonical,note")])
        for row in rows:
            line = rows.line_num
            if not row:
                continue
            if len(row) not in (2, 3) or not row[0] or not row[1]:
                findings.append(
                    Finding("bad-code-table", file, line, "a row is partner,canonical,note; both codes filled")
                )
                continue
            partner, canonical, note = (*row, "")[:3]
            lines.setdefault((partner, canonical), line)
            if not note.startswith("write only") and reading.setdefault(partner, canonical) != canonical:
                findings.append(Finding("bad-code-table", file, line, f"{partner!r} has two meanings"))
            if not note.startswith("read only") and writing.setdefault(canonical, partner) != partner:
                text = f"{canonical!r} could be written as {writing[canonical]!r} or {partner!r}"
                hint = "start the note of the one not to be written with 'read only'"
                doubles.append(Finding("not-one-to-one", file, line, text, hint))
    except csv.Error as error:
        findings.append(Finding("bad-code-table", file, rows.line_num, str(error)))
    if findings:
        raise Findings(findings)
    return CodeTable(name, file, reading, writing, lines, tuple(doubles))
