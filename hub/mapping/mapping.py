"""One mapping, ready: documents to canonical records and back, and canonical places to the agency's own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from collections.abc import Mapping as Facts
from pathlib import Path
from typing import Literal

from hub.findings import Finding, Findings, nearest
from hub.formats.contract import Contract, Tree
from hub.mapping import origin as places
from hub.mapping.check import check_plan
from hub.mapping.codes import Codes
from hub.mapping.convert import Converter
from hub.mapping.converters import CONVERTERS
from hub.mapping.explain import Explained, explain_write
from hub.mapping.facts import MessageFacts
from hub.mapping.inner_documents import with_embedded
from hub.mapping.language import MappingFile
from hub.mapping.parse import parse_mapping
from hub.mapping.paths import Step, kind_of
from hub.mapping.plan import Plan, value_type
from hub.mapping.presence import View
from hub.mapping.read import compile_reader
from hub.mapping.reading import ReadRecord
from hub.mapping.resolve import resolve
from hub.mapping.stylesheets import styled
from hub.mapping.write import compile_writer
from hub.mapping.writing import WriteRecord, WrittenDocument
from hub.marked import load
from hub.schema.inclusion import Values
from hub.schema.shape import Shape
from hub.site.agency import Agency

__all__ = ["Direction", "Mapping", "ReadRecord", "WriteRecord", "load_mapping"]

Direction = Literal["read", "write"]


class Mapping:
    """A compiled mapping. Immutable; may be used from several threads.

    ``identity``: canonical paths or ``$partner.x`` that make a record the same message again. ``notes``: what the
    check found that is worth knowing but no mistake. ``contract``: whose trees it reads and writes, where it was loaded
    with one: the agency's, or what stylesheets make of it.
    """

    def __init__(
        self,
        plan: Plan,
        directions: frozenset[Direction],
        notes: Sequence[Finding] = (),
        contract: Contract | None = None,
    ) -> None:
        self.plan = plan
        self.contract = contract
        self.identity = tuple(path.text for path in plan.written.identity)
        self.notes = tuple(notes)
        self._read = compile_reader(plan) if "read" in directions else None
        self._write = compile_writer(plan) if "write" in directions else None

    def read(self, document: Tree) -> list[ReadRecord]:
        """Every record of a document tree. Never raises for bad input: problems are in the records."""
        if self._read is None:
            raise ValueError("this mapping was not compiled for reading")
        return self._read(document)

    def write(self, records: Sequence[WriteRecord], parcel: Facts[str, str]) -> WrittenDocument:
        """What ``Contract.render`` takes (XML text, or a tree), and what fell; raises ``HubError`` unwritable-value."""
        if self._write is None:
            raise ValueError("this mapping was not compiled for writing")
        return self._write(records, parcel)

    def origin(self, path: str, record: ReadRecord | int) -> str | None:
        """A canonical instance path (``persons[1].sex``) as the agency's own path; exact with the ``ReadRecord``."""
        return places.origin(self.plan, path, record)

    def record_of(self, path: str | None) -> int | None:
        """Which record a path of the agency's document lies in; None: outside all of them."""
        return places.record_of(self.plan, path)

    def is_record(self, path: str | None) -> bool:
        """Whether a path of the agency's XML document leads to a record itself, not into one."""
        return self.record_of(path) is not None and (path or "").count("/") == len(self._way)

    @property
    def record_step(self) -> tuple[tuple[str, ...], Shape] | None:
        """The steps from the document to its records and the schema of the last; None where it is one record."""
        root = self.plan.root
        if root.each < 0 or len(self.plan.record.marks) != 1:
            return None
        return tuple(step.name for step in self._way), self._way[-1].shape

    @property
    def _way(self) -> tuple[Step, ...]:
        root = self.plan.root
        return root.steps if root.each < 0 else root.steps[: root.each + 1]

    @property
    def partner_numbers(self) -> tuple[Values, ...]:
        """What the agency's own case numbers may be, where this mapping reads them."""
        spots = [spot for value in self.plan.fields.values if value.partner == "caseNumber" for spot in value.spots]
        places = [place for spot in spots for _, place in spot.ports]
        return tuple(Values(value_type(place.shape), self.plan.kind == "xml") for place in places)

    @property
    def may_take_long(self) -> bool:
        """Whether a document of any size may take seconds: a stylesheet runs."""
        return self.plan.written.xslt is not None

    @property
    def root_element(self) -> str | None:
        """The first step of a written document (a Clark name in XML); None where the document is the record, or where
        stylesheets decide it."""
        xslt = self.plan.written.xslt
        if xslt is not None and xslt.schema is not None:
            return None
        return self.plan.root.steps[0].name if self.plan.root.steps else None

    def explain(self, record: WriteRecord, parcel: Facts[str, str], number: int = 0) -> list[Explained]:
        """For each value that writing the record would put out: where from, by which line, converter and code row."""
        return explain_write(self.plan, record, parcel, number)


def load_mapping(
    path: Path,
    name: str,
    agency: Agency,
    contract: Contract,
    canonical: Shape,
    codes: Codes,
    directions: frozenset[Direction],
    granted: Collection[str] | None = None,
    facts: MessageFacts | None = None,
    *,
    prove: bool = True,
    views: Sequence[View] = (),
    converters: Facts[str, Converter] = CONVERTERS,
    open_schema: Callable[[str], Contract] | None = None,
) -> Mapping:
    """Load, resolve, check and compile one file; ``name`` is its path inside the site. Raises ``Findings``.

    ``granted`` are the canonical scalar paths (``persons[].sex``) that some grant lets the agency receive: what none
    does need not be written or dropped. None: all of them. ``facts``: what the site knows of the messages.
    Without ``prove``, values and conditions are not proved: whoever starts with such a site has had it checked before.
    ``converters``: those that the file may name. ``open_schema``: opens another XSD of the agency's folder, for
    mappings behind stylesheets.
    """
    written = parse_mapping(load(path, name), name, converters)
    mistakes = _belongs(written, path, agency)
    if mistakes:
        raise Findings(mistakes)
    kind = kind_of(agency.documents[written.message.text].format)
    if open_schema is not None:
        contract = styled(written, path.parent, contract, open_schema)
        contract = with_embedded(written, contract, open_schema, agency.namespaces)
    plan = resolve(written, kind, agency.namespaces, contract.shape, canonical, codes)
    findings = check_plan(plan, directions, codes, granted, facts, prove=prove, views=views)
    wrong = [finding for finding in findings if finding.severity == "error"]
    if wrong:
        raise Findings(findings)
    return Mapping(plan, directions, findings, contract)


def _belongs(written: MappingFile, path: Path, agency: Agency) -> list[Finding]:
    """The file says of itself what its place in the site says."""
    found = []
    if written.agency.text != agency.name:
        text = f"the file stands with the agency {agency.name!r} and says {written.agency.text!r}"
        found.append(Finding("wrong-agency", written.file, written.agency.line, text))
    if written.message.text not in agency.documents:
        text = f"{agency.name} has no document for {written.message.text!r}"
        hint = nearest(written.message.text, agency.documents)
        found.append(Finding("unknown-type", written.file, written.message.line, text, hint))
    elif written.message.text != path.stem:
        text = f"the file's name says {path.stem!r}, its content {written.message.text!r}"
        found.append(Finding("wrong-name", written.file, written.message.line, text))
    return found
