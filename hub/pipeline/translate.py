"""One agency's dialect of a message type: its documents to canonical messages, and projected messages to documents."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import orjson

from hub.errors import HubError, Problem
from hub.formats.contract import Contract, ParsedDocument
from hub.formats.cuts import Cut
from hub.mapping.mapping import Mapping as FieldMapping
from hub.mapping.mapping import ReadRecord, WriteRecord
from hub.message import Canonical, CaseNumber, Classification, Envelope, Json, Projected, Received, Refusal
from hub.schema.canonical import CanonicalType
from hub.site.agency import Agency, DocumentDefinition

_MOST_PROBLEMS = 50


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one agency writes one message type: its contract, the mapping, and the canonical type behind both."""

    agency: Agency
    type: CanonicalType
    definition: DocumentDefinition
    contract: Contract
    mapping: FieldMapping


@dataclass(frozen=True, slots=True)
class Inward:
    """What one document held: canonical messages, and the records that were refused."""

    messages: tuple[Canonical, ...]
    refusals: tuple[Refusal, ...]


def translate_in(
    dialect: Dialect, received: Received, next_id: Callable[[], str], cut: Cut | None = None
) -> Inward:  # fmt: skip
    """Parse, validate, read and validate again; ``next_id`` gives a fresh message id.

    Raises ``HubError`` where the whole document is refused: it cannot be read, it breaks the agency's schema outside
    any record, or a record is wrong and the agency's documents are taken all or nothing.

    ``cut``: these records of ``received`` only, with the numbers that they have in the whole document; a record that
    is wrong is refused alone then, and places in errors are the cut's.
    """
    if cut is None:
        parsed = dialect.contract.parse(received.body, received.charset)
    else:
        parsed = dialect.contract.parse(cut.body, cut.charset)
    whole = cut is None and dialect.definition.batch == "all"
    faults: dict[int | None, list[Problem]] = {}
    for problem in dialect.contract.problems(parsed):
        faults.setdefault(_record_of(dialect, problem), []).append(problem)
    if None in faults or (faults and whole):
        raise _violation([problem for problems in faults.values() for problem in problems])
    records = dialect.mapping.read(parsed.tree)
    if not records:
        raise HubError("malformed", "the document holds no message")
    label = _label(received)
    alone, first = cut is None and len(records) == 1, 0 if cut is None else cut.first
    messages, refusals = [], []
    for record in records:
        number = first + record.record
        try:
            if record.record in faults:
                raise _violation(faults[record.record])
            messages.append(_canonical(dialect, received, parsed, record, number, next_id(), label, alone=alone))
        except HubError as error:
            if alone or whole:
                raise
            refusals.append(Refusal(number, error))
    return Inward(tuple(messages), tuple(refusals))


@dataclass(frozen=True, slots=True)
class Outward:
    """One document for its receiver; ``dropped`` counts by canonical path, for each message in it, what the mapping let
    fall because it says so."""

    body: bytes
    dropped: tuple[Mapping[str, int], ...]


def translate_out(dialect: Dialect, projected: Sequence[Projected], parcel: Mapping[str, str]) -> Outward:
    """The receiver's document for one or more messages, checked against the receiver's schema.

    Raises ``HubError`` unwritable-value, output-invalid or not-encodable: nothing may be sent.
    """
    records = [WriteRecord(part.data, message_facts(part.envelope)) for part in projected]
    written = dialect.mapping.write(records, parcel)
    return Outward(dialect.contract.render(written.document), written.dropped)


def _record_of(dialect: Dialect, problem: Problem) -> int | None:
    """The record that a problem is in; None where it is the document's. A record that must not stand where it stands
    is the document's: what follows it has not been checked against the order that the schema wants."""
    if problem.record is not None:
        return problem.record if dialect.mapping.plan.record.marks else None  # the whole file is one message
    if problem.rule == "unexpected-element" and dialect.mapping.is_record(problem.path):
        return None
    return dialect.mapping.record_of(problem.path)


def _violation(problems: list[Problem]) -> HubError:
    more = len(problems) - _MOST_PROBLEMS
    text = f"{len(problems)} problems, the first {_MOST_PROBLEMS} are listed" if more > 0 else ""
    return HubError(_first_code(problems, "schema-violation"), text or problems[0].text, problems[:_MOST_PROBLEMS])


def _first_code(problems: Sequence[Problem], default: str) -> str:
    return problems[0].code or default


def _label(received: Received) -> Classification | None:
    if received.classification is None:
        return None
    try:
        return Classification[received.classification.strip().upper()]
    except KeyError:
        raise HubError(
            "bad-header", "the classification is not one of " + ", ".join(Classification.__members__)
        ) from None


def _canonical(
    dialect: Dialect,
    received: Received,
    parsed: ParsedDocument,
    record: ReadRecord,
    number: int,
    id: str,
    label: Classification | None,
    *,
    alone: bool,
) -> Canonical:
    if record.problems:
        raise _violation([_located(dialect, parsed, problem) for problem in record.problems])
    numbers = _numbers(dialect, record)
    if not numbers:
        raise _without_subject(dialect, record)
    problems = dialect.type.problems(record.data)
    if problems:
        raise _violation([_in_their_terms(dialect, parsed, record, problem) for problem in problems])
    digest = hashlib.sha256(
        orjson.dumps(
            [parsed.tree if alone else [record.source, record.data], dict(record.partner)], option=orjson.OPT_SORT_KEYS
        )
    ).hexdigest()
    labels = [item for item in (label, _own_label(dialect.type, record.data)) if item is not None]
    return Canonical(
        id=id,
        source=dialect.agency.name,
        type=dialect.type.type,
        version=dialect.type.version,
        subject=numbers[0].number,
        time=_time(dialect.type, record.data, received),
        classification=max(labels) if labels else dialect.agency.unlabelled,
        data=record.data,
        identity=_identity(dialect, received, record, number, digest, alone=alone),
        digest=digest,
        numbers=numbers,
        partner=record.partner,
        recipients=_recipients(dialect.type, record.data),
        record=number,
        dropped=record.dropped,
    )


def _without_subject(dialect: Dialect, record: ReadRecord) -> HubError:
    """Every place in the sender's document that would have named a case or report."""
    places = [dialect.mapping.origin(path, record) or path for _, path in dialect.type.case_paths]
    text = f"the message names no case or report: give {' or '.join(places)}"
    return HubError(
        "missing-subject", text, [Problem(text, path, rule="x-case", record=record.record) for path in places]
    )


def _located(dialect: Dialect, parsed: ParsedDocument, problem: Problem) -> Problem:
    if problem.line is not None or problem.path is None:
        return problem
    return replace(problem, line=dialect.contract.line_of(parsed, problem.path))


def _in_their_terms(dialect: Dialect, parsed: ParsedDocument, record: ReadRecord, problem: Problem) -> Problem:
    """A canonical problem at the place in the sender's own document that the value came from."""
    path = dialect.mapping.origin(problem.path or "", record)
    code = problem.code or "canonical-violation"
    if path is None:
        return replace(problem, code=code, record=record.record)
    line = dialect.contract.line_of(parsed, path)
    text = f"{path}: {problem.text.removeprefix(f'{problem.path}: ')}"
    return replace(problem, text=text, path=path, line=line, code=code, record=record.record)


def _numbers(dialect: Dialect, record: ReadRecord) -> tuple[CaseNumber, ...]:
    """Every number by which the message names its case: ours by the type's ``x-case``, then the partner's own."""
    own = [
        (dialect.agency.name, record.partner.get("caseNumber")),
        (f"{dialect.agency.name}:report", record.partner.get("reportNumber")),
    ]
    return tuple(CaseNumber(scheme, number) for scheme, number in (*dialect.type.case.of(record.data), *own) if number)


def value_at(data: Json, path: str) -> Any:
    """The scalar at a canonical path without repeats (``station.code``), or None."""
    value: Any = data
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _own_label(type: CanonicalType, data: Json) -> Classification | None:
    label = value_at(data, type.classification_path) if type.classification_path else None
    return Classification[label] if label else None


def _recipients(type: CanonicalType, data: Json) -> tuple[str, ...] | None:
    named = value_at(data, type.recipients_path) if type.recipients_path else None
    return tuple(named) if named else None


def _time(type: CanonicalType, data: Json, received: Received) -> str:
    declared = value_at(data, type.time_path) if type.time_path else None
    return str(declared) if declared else datetime.fromtimestamp(received.received_at, UTC).isoformat()


def _identity(
    dialect: Dialect, received: Received, record: ReadRecord, number: int, digest: str, *, alone: bool
) -> str:  # fmt: skip
    """What makes it the same message again (P5): the declared id, else the declared fields, else the content."""
    if received.message_id:
        return received.message_id if alone else f"{received.message_id}#{number}"
    if dialect.mapping.identity:
        parts = [
            record.partner.get(path.removeprefix("$partner.")) if path.startswith("$") else value_at(record.data, path)
            for path in dialect.mapping.identity
        ]
        if any(part is not None for part in parts):
            return f"{dialect.type.type}:" + "|".join("" if part is None else str(part) for part in parts)
    return f"sha256:{digest}"


def parcel_facts(id: str, time: str, envelopes: Sequence[Envelope]) -> dict[str, str]:
    """What ``$parcel.*`` names in a mapping; the parcel's label is the highest of its messages'."""
    highest = max(envelope.classification for envelope in envelopes)
    return {"id": id, "count": str(len(envelopes)), "time": time, "classification": highest.name}


def message_facts(envelope: Envelope) -> dict[str, str]:
    """What ``$message.*`` names in a mapping."""
    facts = {
        "id": envelope.id,
        "messageId": envelope.message_id,
        "type": envelope.type,
        "source": envelope.source,
        "subject": envelope.subject,
        "time": envelope.time,
        "classification": envelope.classification.name,
        "caseKey": envelope.case_key,
        "sequence": str(envelope.sequence),
    }
    if envelope.relates_to:
        facts["relatesTo"] = envelope.relates_to
    if envelope.partner and envelope.partner.get("caseNumber"):
        facts["partner"] = envelope.partner["caseNumber"]
    return facts
