"""Proves mappings with generated cases: what is written is valid and reads back, what is sent is read or refused."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count, product
from typing import Any, Literal

from hypothesis import HealthCheck, Phase, given, settings, strategies
from hypothesis import seed as seeded
from hypothesis.errors import HypothesisException, Unsatisfiable

from hub.access.rules import Facts
from hub.errors import Fault, HubError, Problem
from hub.findings import Finding
from hub.mapping.lines import MappingLines
from hub.mapping.mapping import Mapping, WriteRecord
from hub.message import Classification, Envelope, Json, Projected, Received
from hub.pipeline.translate import Dialect, translate_in, translate_out
from hub.proving.difference import values_differ
from hub.proving.documents import agency_documents
from hub.proving.examples import MESSAGE, PARCEL
from hub.proving.json_cases import JsonCases
from hub.proving.law import Law, NotComparable, declared_refusals
from hub.proving.shrink import smallest
from hub.schema.json_schema import SchemaSet
from hub.site.site import Site

Direction = Literal["read", "write"]
Draw = Callable[[strategies.SearchStrategy[Any]], Any]

_MOST_FAILURES = 3
_LONGEST = 1500
_BY_SCHEMA = ("too-long", "unfit", "missing")
_FINAL = ("unsatisfiable", "flaky")
_RECEIVED_AT = 1_782_000_000.0


class _Broken(Exception):
    """A case that a mapping does not stand: finding code, what happened, the mapping's line, the document (canonical
    data or the agency's text), and what makes it the same failure as another."""

    def __init__(self, code: str, text: str, line: int, document: Any, kind: str) -> None:
        super().__init__(text)
        self.code, self.text, self.line, self.document, self.kind = code, text, line, document, kind


@dataclass
class Proved:
    """What came of one mapping in one direction. ``outcomes`` counts cases: ``equal``, ``valid``, ``refused: ...``."""

    agency: str
    type: str
    direction: Direction
    cases: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)


def targets(site: Site, only: tuple[str, str] | None = None) -> list[tuple[Dialect, Direction]]:
    """Every mapping and direction that a grant uses (or those of one mapping)."""
    found: list[tuple[Dialect, Direction]] = []
    for key, dialect in site.dialects.items():
        if only in (None, key):
            if site.grants.of("receive", *key):
                found.append((dialect, "write"))
            if site.grants.of("send", *key):
                found.append((dialect, "read"))
    return found


def prove(
    site: Site, dialect: Dialect, direction: Direction, cases: int, seed: int, step: Callable[[], None]
) -> Proved:
    """Run generated cases; each kind of failure is shrunk and told once. ``step`` is called after every case."""
    proved = Proved(dialect.agency.name, dialect.type.type, direction)
    attempt = _Writing(site, dialect, proved) if direction == "write" else _Reading(site, dialect, proved)
    known: set[str] = set()
    while len(known) < _MOST_FAILURES:
        broken = _search(attempt, cases, seed, known, step, proved)
        if broken is None:
            break
        known.add(broken.kind)
        proved.findings.append(_finding(site, dialect, broken, seed))
        if broken.kind in _FINAL:
            break
    return proved


def _finding(site: Site, dialect: Dialect, broken: _Broken, seed: int) -> Finding:
    """An error; a note where the law is broken by a file that grants use in one direction only."""
    one_way = len(targets(site, (dialect.agency.name, dialect.type.type))) == 1
    document = broken.document if isinstance(broken.document, str) else json.dumps(broken.document, ensure_ascii=False)
    text = f"{broken.text}\n    smallest case (seed {seed}): {_shortened(document)}"
    note = one_way and broken.code == "law-broken"
    hint = "no grant uses the way back" if note else ""
    file = dialect.mapping.plan.written.file
    return Finding(broken.code, file, broken.line or 1, text, hint, "note" if note else "error")


def _search(
    attempt: _Writing | _Reading,
    cases: int,
    seed: int,
    known: set[str],
    step: Callable[[], None],
    proved: Proved,
) -> _Broken | None:
    """The smallest failure of a kind not known yet."""

    @seeded(seed)
    @settings(
        max_examples=cases,
        database=None,
        deadline=None,
        derandomize=False,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        # A canonical message is made smaller by taking parts away, which is quicker and goes further.
        phases=(Phase.generate,) if isinstance(attempt, _Writing) else (Phase.generate, Phase.shrink),
    )
    @given(strategies.data())
    def run(data: Any) -> None:
        try:
            attempt.case(data.draw)
        except _Broken as broken:
            if broken.kind not in known:
                raise
        finally:
            if proved.cases < cases:
                proved.cases += 1
                step()

    try:
        run()
    except _Broken as broken:
        return _smaller(attempt, broken)
    except Unsatisfiable:
        return _Broken("unproven", "no valid case could be generated", 0, "none", "unsatisfiable")
    except HypothesisException as error:
        return _Broken("unproven", f"the cases do not behave the same twice: {type(error).__name__}", 0, "?", "flaky")
    return None


def _smaller(attempt: _Writing | _Reading, broken: _Broken) -> _Broken:
    """The same failure with the smallest message that shows it; hypothesis has shrunk agencies' documents itself."""
    found, type = broken, attempt.dialect.type
    if not isinstance(broken.document, dict):
        return broken

    def fails(data: Json) -> bool:
        nonlocal found
        if type.problems(data) or not type.case.of(data):
            return False
        try:
            attempt.check(data)
        except _Broken as other:
            if other.kind == broken.kind:
                found = other
            return other.kind == broken.kind
        return False

    smallest(broken.document, fails)
    return found


class _Writing:
    """Canonical messages, as each grant that applies cuts them, to the agency's documents and back."""

    def __init__(self, site: Site, dialect: Dialect, proved: Proved) -> None:
        self.site, self.dialect, self.proved = site, dialect, proved
        self.plan = dialect.mapping.plan
        self.canonical = canonical_cases(site, dialect)
        self.both = Mapping(self.plan, frozenset({"read", "write"}))
        self.law = Law(self.plan, dialect.type)
        self.refusals = declared_refusals(self.plan)
        # These the receiver's own schema refuses, once the document is written.
        self.left_to_schema = {line: word for line, word in self.refusals.items() if word.startswith(_BY_SCHEMA)}
        self.lines = MappingLines(self.plan)
        self.senders = sorted({grant.agency for grant in site.grants.all if grant.may == "send"})

    def case(self, draw: Draw) -> None:
        """One generated message."""
        data = self.canonical(draw)
        if data is not None:
            self.check(data)

    def check(self, data: Json) -> None:
        """One message; raises ``_Broken``."""
        for projected in self.projections(data):
            body = self.write(projected, data)
            if body is not None:
                self.compare(projected.data, body, data)

    def projections(self, data: Json) -> Iterator[Projected]:
        """The message as every grant sees it that applies to it, whoever sent it and however it is labelled."""
        agency, type = self.dialect.agency, self.dialect.type.type
        seen: set[str] = set()
        labels = [label for label in Classification if label <= agency.ceiling]
        for source, label in product(self.senders, labels):
            grant = self.site.grants.applying("receive", agency.name, Facts(type, source, label, data))
            if grant is not None and grant.rule not in seen:
                seen.add(grant.rule)
                facts = envelope(type, source, label)
                yield self.site.projections[agency.name, grant.rule].apply(agency.name, facts, data)

    def write(self, projected: Projected, data: Json) -> bytes | None:
        """The document; None where the file itself says that such a message is refused."""
        try:
            body = translate_out(self.dialect, [projected], PARCEL)
        except HubError as error:
            lines = [_line(problem) or self.lines.at(problem.path) or 0 for problem in error.problems]
            known = self.refusals if error.code.name == "unwritable-value" else self.left_to_schema
            declared = [known[line] for line in lines if line in known]
            if lines and len(declared) == len(lines):
                self.proved.outcomes[f"refused as declared ({declared[0]})"] += 1
                return None
            problem = error.problems[0] if error.problems else Problem(error.text)
            line = _line(problem) or self.lines.at(problem.path) or 0
            text = f"{projected.rule}: {error.code.name}: {problem.path or ''}: {problem.text}"
            code = "not-written" if error.code.name == "unwritable-value" else error.code.name
            raise _Broken(code, text, line, data, f"{code} {line} {problem.rule}") from None
        except Exception as error:  # whatever it is, it has to be made small and shown
            text = f"{projected.rule}: {type(error).__name__} while writing: {error}"
            raise _Broken("mapping-failed", text, 0, data, f"crash {type(error)}") from error
        self.proved.outcomes["valid"] += 1
        return body

    def compare(self, cut: Json, body: bytes, data: Json) -> None:
        """The law, for what the grant left of the message."""
        try:
            sent = self.law.sent(cut)
        except NotComparable:
            self.proved.outcomes["not comparable (too-many: drop)"] += 1
            return
        records = self.both.read(self.dialect.contract.parse(body).tree)
        if not records:
            raise _Broken("law-broken", "what is written holds no record when it is read", 0, data, "law none")
        record = records[0]
        if record.problems:
            problem = record.problems[0]
            text = f"what is written cannot be read: {problem.path}: {problem.text}"
            line = _line(problem) or self.lines.at(problem.path) or 0
            raise _Broken("law-broken", text, line, data, f"law {line}")
        if found := values_differ(sent, self.law.plain(record.data)):
            text = f"read(write(c)) is not c: {found[0]}"
            raise _Broken("law-broken", text, 0, data, f"law {_place(found[0])}")
        self.proved.outcomes["equal"] += 1


class _Reading:
    """An agency's documents: random ones by its own schema, each read or refused with a problem that names a place; and
    ones that say what a canonical message says, which must be read as that."""

    def __init__(self, site: Site, dialect: Dialect, proved: Proved) -> None:
        self.dialect, self.proved = dialect, proved
        self.documents = agency_documents(site, dialect)
        self.canonical = canonical_cases(site, dialect)
        self.both = Mapping(dialect.mapping.plan, frozenset({"read", "write"}))
        self.law = Law(dialect.mapping.plan, dialect.type)

    def case(self, draw: Draw) -> None:
        """One generated document."""
        if draw(strategies.booleans()):
            data = self.canonical(draw)
            if data is not None:
                self.check(data)
        else:
            self.random(draw)

    def check(self, data: Json) -> None:
        """A message as the agency would have told it; raises ``_Broken`` where it is read as another."""
        facts = {**MESSAGE, "type": self.dialect.type.type}
        try:
            sent = self.law.sent(data)
            body = self.dialect.contract.render(self.both.write([WriteRecord(data, facts)], PARCEL))
        except (HubError, NotComparable):
            self.proved.outcomes["not sayable by the agency"] += 1
            return
        try:
            found = self.read(body)
        except HubError as error:
            problem = error.problems[0] if error.problems else Problem(error.text)
            text = f"it is refused as {error.code.name}: {problem.path or ''}: {problem.text}"
            raise _Broken("law-broken", text, _line(problem), data, f"law {error.code.name} {_line(problem)}") from None
        if differences := values_differ(sent, self.law.plain(found[0])):
            text = f"read(write(c)) is not c: {differences[0]}"
            raise _Broken("law-broken", text, 0, data, f"law {_place(differences[0])}")
        self.proved.outcomes["equal"] += 1

    def read(self, body: bytes) -> list[Json]:
        """The canonical messages of a document; a refused record counts for the document. Raises ``HubError``."""
        received = Received(self.dialect.agency.name, self.dialect.type.type, "rest", body, _RECEIVED_AT)
        numbers = count(1)
        inward = translate_in(self.dialect, received, lambda: f"m{next(numbers)}")
        if inward.refusals:
            raise inward.refusals[0].error
        return [message.data for message in inward.messages]

    def random(self, draw: Draw) -> None:
        """A document by the agency's schema alone."""
        body, contract = self.documents(draw), self.dialect.contract
        if body is None or contract.problems(contract.parse(body)):
            self.proved.outcomes["not generated"] += 1
            return
        try:
            self.read(body)
        except HubError as error:
            self.refused(error, body)
        except Exception as error:
            text = f"{type(error).__name__} while reading: {error}"
            raise _Broken("mapping-failed", text, 0, _text(body), f"crash {type(error)}") from error
        else:
            self.proved.outcomes["read"] += 1

    def refused(self, error: HubError, body: bytes) -> None:
        if error.code.fault is not Fault.SENDER:
            text = f"a valid document is refused as {error.code.name}: {error.text}"
            raise _Broken("mapping-failed", text, 0, _text(body), f"fault {error.code.name}")
        if not any(problem.path for problem in error.problems):
            text = f"a valid document is refused without a place: {error.code.name}: {error.text}"
            raise _Broken("unclear-refusal", text, 0, _text(body), f"place {error.code.name}")
        self.proved.outcomes[f"refused: {error.code.name}"] += 1


def canonical_cases(site: Site, dialect: Dialect) -> Callable[[Draw], Json | None]:
    """Makes valid canonical messages of a type that name their case; None where a draw gave none."""
    type = dialect.type
    file = site.root / type.file
    needed = [path.split(".")[0].removesuffix("[]") for _, path in type.case_paths]
    cases = JsonCases(SchemaSet(file, file.parent, file.parent.relative_to(site.root).as_posix()), needed)

    def make(draw: Draw) -> Json | None:
        data: Json = cases.document(draw)
        return None if type.problems(data) or not type.case.of(data) else data

    return make


def envelope(type: str, source: str, label: Classification) -> Envelope:
    """Made-up facts of a message."""
    return Envelope(
        id=MESSAGE["id"],
        message_id=MESSAGE["messageId"],
        source=source,
        type=type,
        subject=MESSAGE["subject"],
        time=MESSAGE["time"],
        classification=label,
        case_key=MESSAGE["caseKey"],
        sequence=1,
    )


def _line(problem: Problem) -> int:
    """The mapping's line, where the problem's rule is one."""
    _, _, line = (problem.rule or "").rpartition(".yaml:")
    return int(line) if line.isdecimal() else 0


def _place(difference: str) -> str:
    """A difference's place without its indices, so that one mistake is one kind."""
    return "".join(char for char in difference.partition(": ")[0] if not char.isdecimal())


def _text(body: bytes) -> str:
    return body.decode("utf-8", "backslashreplace")


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"
