"""Files to compare with: what the path or ``example.yaml`` says about them, or whoever hands them over."""

from __future__ import annotations

import glob
from collections.abc import Iterator, Sequence
from pathlib import Path

from hub.comparing.documents import Document
from hub.findings import Finding, Findings
from hub.marked import Table, load
from hub.message import Received


def documents_of(patterns: Sequence[str], agency: str | None, type: str | None, now: float) -> Iterator[Document]:
    """A document for every file; each is read when its turn comes. ``**`` in a pattern looks into all folders.

    In ``mappings/<agency>/examples/<case>/`` only ``input.*`` is a document that an agency sends. Raises ``Findings``
    for a pattern without files, and for a file of which agency or type is not known.
    """
    for pattern in patterns:
        found = sorted(path for path in map(Path, glob.glob(pattern, recursive=True)) if path.is_file())
        if not found:
            raise Findings([Finding("file-missing", pattern, 0, "there is no such file")])
        for path in found:
            document = _document(path, agency, type, now)
            if document is not None:
                yield document


def _document(path: Path, agency: str | None, type: str | None, now: float) -> Document | None:
    charset: str | None = None
    steps = path.absolute().parts
    if len(steps) > 4 and steps[-3] == "examples" and steps[-5] == "mappings":
        if path.stem != "input":
            return None
        notes = load(path.with_name("example.yaml"), str(path.with_name("example.yaml")))
        if isinstance(notes, Table):
            agency, type = agency or steps[-4], type or notes.get("type")
            charset = notes.get("charset")
    if not agency or not type:
        text = "whose file it is and of which type is not known: give --from AGENCY --as TYPE"
        raise Findings([Finding("unknown-document", str(path), 0, text)])
    return Document(Received(agency, str(type), "", path.read_bytes(), now, charset=charset), str(path))
