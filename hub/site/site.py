"""A site folder as one immutable, compiled ``Site``, or the list of everything that is wrong with it."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal, TypeVar

from hub.access.check_grants import check_grants, senders_of
from hub.access.project import Projection
from hub.access.rules import Grant, Grants, load_grants
from hub.findings import Finding, Findings, nearest
from hub.formats.contract import Contract
from hub.formats.open import open_contract
from hub.mapping.check_record import most_messages
from hub.mapping.codes import Codes
from hub.mapping.convert import Converter
from hub.mapping.converters import CONVERTERS
from hub.mapping.facts import MessageFacts
from hub.mapping.installed import allowed_names, load_installed
from hub.mapping.mapping import Mapping as FieldMapping
from hub.mapping.mapping import load_mapping
from hub.mapping.presence import View
from hub.pipeline.translate import Dialect
from hub.schema.canonical import CanonicalType, load_canonical
from hub.schema.inclusion import Inclusions, Values
from hub.site.agency import Agency, DocumentDefinition
from hub.site.agency_file import load_agency

_AGENCIES = "connectors/agencies"
_PARTS = ((_AGENCIES, ("agency.yaml", "access.yaml")), ("schemas", ()), ("mappings", ()))
_ENDINGS = (".yaml", ".json", ".xsd", ".wsdl", ".csv", ".xslt")
_NO_PART = frozenset({"examples", "editor"})

Direction = Literal["read", "write"]
T = TypeVar("T")


@dataclass(frozen=True)
class Site:
    """Everything that makes a hub this hub. ``digest`` is the SHA-256 of its files; ``notes`` are not errors.

    ``dialects`` are keyed by (agency, message type), ``projections`` by (agency, rule).
    """

    root: Path
    digest: str
    types: Mapping[str, CanonicalType]
    agencies: Mapping[str, Agency]
    grants: Grants
    dialects: Mapping[tuple[str, str], Dialect]
    projections: Mapping[tuple[str, str], Projection]
    notes: tuple[Finding, ...]

    def contracts_of(self, agency: str) -> Path:
        """The folder with the contracts that one agency publishes."""
        return self.root / "schemas" / "agencies" / agency


class _Collector:
    """Findings of parts that were tried one after the other, so that one run of ``hub check`` tells them all."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def attempt(self, make: Callable[[], T]) -> T | None:
        """What ``make`` returns, or None where it raised ``Findings``."""
        try:
            return make()
        except Findings as error:
            self.findings.extend(error.findings)
            return None

    def stop_if_wrong(self) -> None:
        """Raise everything found so far where an error is among it."""
        if any(finding.severity == "error" for finding in self.findings):
            raise Findings(sorted(set(self.findings), key=lambda it: (it.file, it.line, it.code, it.text)))


def load_site(root: Path, only: tuple[str, str] | None = None, *, prove: bool = True) -> Site:
    """Load, check and compile a site folder. Raises ``Findings`` with file and line of every mistake.

    ``only``: one (agency, message type), for commands that need no more: the others are neither loaded nor checked,
    and the digest is empty. Without ``prove``, values and conditions of mappings and grants are not proved.
    Converters of installed packages are those that this process's environment allows (``hub.mapping.installed``).
    """
    collector = _Collector()
    folder = root / _AGENCIES
    if not folder.is_dir():
        raise Findings([Finding("file-missing", _AGENCIES, 0, "the site has no such folder")])
    types = collector.attempt(lambda: load_canonical(root / "schemas" / "canonical")) or {}
    names = sorted(path.name for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    if only is not None:
        names = [name for name in names if name == only[0]]
    loaded = [collector.attempt(partial(load_agency, folder / name, f"{_AGENCIES}/{name}")) for name in names]
    agencies = {agency.name: agency for agency in loaded if agency is not None}
    granted = [collector.attempt(partial(load_grants, folder / name, f"{_AGENCIES}/{name}", types)) for name in names]
    collector.stop_if_wrong()
    grants = Grants([grant for part in granted for grant in part or ()])
    codes = collector.attempt(lambda: Codes(root / "mappings" / "codes", "mappings/codes"))
    converters = {**CONVERTERS, **(collector.attempt(lambda: load_installed(allowed_names(os.environ))) or {})}
    dialects = _dialects(root, agencies, types, grants, codes, converters, collector, only, prove) if codes else {}
    projections = {
        (grant.agency, grant.rule): projection
        for grant in grants.all
        if grant.may == "receive"
        and only in (None, (grant.agency, grant.type))
        and (projection := collector.attempt(partial(Projection, grant, types[grant.type])))
    }
    collector.stop_if_wrong()
    digest = hashlib.sha256(pack_site(root)).hexdigest() if only is None else ""
    return Site(root, digest, types, agencies, grants, dialects, projections, tuple(collector.findings))


def _dialects(
    root: Path,
    agencies: Mapping[str, Agency],
    types: Mapping[str, CanonicalType],
    grants: Grants,
    codes: Codes,
    converters: Mapping[str, Converter],
    collector: _Collector,
    only: tuple[str, str] | None,
    prove: bool,
) -> dict[tuple[str, str], Dialect]:
    dialects = {}
    inclusions = Inclusions() if prove else None
    for agency in agencies.values():
        partners: list[Values] = []
        for definition in sorted(agency.documents.values(), key=lambda each: _written_only(agency, each, grants)):
            if only not in (None, (agency.name, definition.type)):
                continue
            uses = _directions(agency, definition.type, grants)
            if definition.type not in types:
                text = f"the message type {definition.type!r} has no canonical schema"
                hint = nearest(definition.type, types)
                collector.findings.append(Finding("unknown-type", agency.file_name, definition.line, text, hint))
            elif uses:
                dialect = collector.attempt(
                    partial(
                        _dialect,
                        root,
                        agency,
                        definition,
                        types[definition.type],
                        codes,
                        converters,
                        uses,
                        grants,
                        partners,
                        collector,
                        inclusions,
                    )
                )
                if dialect is not None:
                    partners.extend(dialect.mapping.partner_numbers)
                    dialects[agency.name, definition.type] = dialect
            else:
                text = f"no grant uses the document of {definition.type!r}"
                note = Finding("unused-document", agency.file_name, definition.line, text, severity="note")
                collector.findings.append(note)
    collector.findings.extend(_missing_documents(grants.all, agencies))
    if only is None and prove:
        collector.findings.extend(check_grants(grants, agencies))
    return dialects


def _dialect(
    root: Path,
    agency: Agency,
    definition: DocumentDefinition,
    type: CanonicalType,
    codes: Codes,
    converters: Mapping[str, Converter],
    uses: frozenset[Direction],
    grants: Grants,
    partners: Sequence[Values],
    collector: _Collector,
    inclusions: Inclusions | None,
) -> Dialect:
    name = f"schemas/agencies/{agency.name}"

    def open_schema(schema: str) -> Contract:
        return open_contract(replace(definition, schema=schema), root / name, name, agency.namespaces)

    contract = open_schema(definition.schema)
    mapping_name = f"mappings/{agency.name}/{definition.type}.yaml"
    senders = senders_of(grants, agency.name, type.type)
    facts = MessageFacts(type.type, agency.ceiling, senders, tuple(partners), inclusions or Inclusions())
    views = _views(grants, agency, type)
    granted = frozenset(path for view in views for path in view.paths or ())
    mapping = load_mapping(
        root / mapping_name,
        mapping_name,
        agency,
        contract,
        type.shape,
        codes,
        uses,
        granted,
        facts,
        prove=inclusions is not None,
        views=views,
        converters=converters,
        open_schema=open_schema,
    )
    collector.findings.extend(mapping.notes)
    if "write" in uses:
        collector.findings.extend(_parcels(agency, definition, mapping))
    return Dialect(agency, type, definition, mapping.contract or contract, mapping)


def _parcels(agency: Agency, definition: DocumentDefinition, mapping: FieldMapping) -> Iterable[Finding]:
    """A note where a parcel may have more deliveries than a document has room for: such a one is never sent."""
    room = most_messages(mapping.plan)
    if agency.way is not None and room is not None and agency.way.batch.most > room:
        text = (
            f"a parcel may have {agency.way.batch.most} deliveries, and a document of {definition.type} has room for"
            f" {room}: a fuller parcel goes one by one"
        )
        hint = f"batch: {{most: {room}}}"
        yield Finding("too-many", agency.file_name, agency.way.line, text, hint, severity="note")


def _views(grants: Grants, agency: Agency, type: CanonicalType) -> list[View]:
    """What each grant lets the agency receive (a wrong grant is told where projections are made)."""
    found = []
    for grant in grants.of("receive", agency.name, type.type):
        with suppress(Findings):
            fields = Projection(grant, type).fields()
            found.append(View(grant.rule, frozenset(path for path, (disclosed, _) in fields.items() if disclosed)))
    return found


def _written_only(agency: Agency, definition: DocumentDefinition, grants: Grants) -> bool:
    """What is read too comes first: it says what the agency's own case numbers look like."""
    return "read" not in _directions(agency, definition.type, grants)


def _directions(agency: Agency, type: str, grants: Grants) -> frozenset[Direction]:
    found: set[Direction] = set()
    if grants.of("send", agency.name, type):
        found.add("read")
    if grants.of("receive", agency.name, type):
        found.add("write")
    return frozenset(found)


def _missing_documents(grants: Iterable[Grant], agencies: Mapping[str, Agency]) -> list[Finding]:
    found = []
    for grant in grants:
        agency = agencies.get(grant.agency)
        if agency is None:
            continue
        if grant.type not in agency.documents:
            text = f"the grant needs a document for {grant.type!r} in agency.yaml"
            found.append(
                Finding("missing-document", grant.file, grant.line, text, nearest(grant.type, agency.documents))
            )
        if grant.may == "receive" and agency.way is None:
            found.append(
                Finding("missing-key", agency.file_name, 1, "the agency receives, but nothing says how: delivers")
            )
    return found


def site_files(root: Path) -> list[Path]:
    """The files that make the site what it is, sorted: no examples, nothing that only editors read."""
    found = []
    for part, names in _PARTS:
        for path in (root / part).rglob("*"):
            relevant = path.name in names if names else path.suffix in _ENDINGS
            if relevant and path.is_file() and _NO_PART.isdisjoint(path.relative_to(root).parts):
                found.append(path)
    return sorted(found)


def pack_site(root: Path) -> bytes:
    """The site's files as one zip whose bytes depend on nothing but them (so that its digest names the site)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path in site_files(root):
            archive.writestr(zipfile.ZipInfo(path.relative_to(root).as_posix()), path.read_bytes())
    return buffer.getvalue()


def unpack_site(content: bytes, folder: Path) -> None:
    """Write a packed site into an empty folder, so that ``load_site`` can compile it again."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(folder)
