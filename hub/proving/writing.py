"""Proves writing: canonical messages, as each grant that applies cuts them, become valid documents that read back."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from collections.abc import Mapping as Table
from itertools import product
from typing import cast

from hub.access.rules import Facts
from hub.errors import HubError, Problem
from hub.mapping.check_demands import Unproven
from hub.mapping.lines import MappingLines
from hub.mapping.mapping import Mapping
from hub.message import Classification, Envelope, Json, Projected
from hub.pipeline.translate import Dialect, translate_out
from hub.proving.cases import Broken, Draw, canonical_cases, line_of, place_of
from hub.proving.difference import values_differ
from hub.proving.examples import MESSAGE, PARCEL
from hub.proving.law import Law, NotComparable, declared_refusals
from hub.site.site import Site

_BY_SCHEMA = ("too-long", "unfit", "missing")
_MORE_TRIES = 6
_INDEX = re.compile(r"\[\d+\]|/\d+(?=/|$)")


class Writing:
    """Canonical messages, as each grant that applies cuts them, to the agency's documents and back."""

    def __init__(self, site: Site, dialect: Dialect) -> None:
        self.site, self.dialect = site, dialect
        self.outcomes: Counter[str] = Counter()
        self.plan = dialect.mapping.plan
        self.canonical = canonical_cases(site, dialect)
        self.both = Mapping(self.plan, frozenset({"read", "write"}))
        self.law = Law(self.plan, dialect.type, dialect.contract)
        self.refusals = declared_refusals(self.plan)
        # These the receiver's own schema refuses, once the document is written.
        self.left_to_schema = {
            line: word for line, word in self.refusals.items() if any(each in word for each in _BY_SCHEMA)
        }
        self.unproven = Unproven(self.plan)
        self.lines = MappingLines(self.plan)
        self.senders = sorted({grant.agency for grant in site.grants.all if grant.may == "send"})

    def case(self, draw: Draw) -> None:
        """One generated message; another where no grant applies to it."""
        data = self.canonical(draw)
        for _ in range(_MORE_TRIES):
            if data is None or any(True for _ in self.projections(data)):
                break
            data = self.canonical(draw)
        if data is None:
            self.outcomes["not generated"] += 1
        else:
            self.check(data)

    def valid(self, document: Json | bytes) -> bool:
        """Whether such a message may come."""
        type = self.dialect.type
        return isinstance(document, dict) and not type.problems(document) and bool(type.case.of(document))

    def check(self, document: Json | bytes) -> None:
        """One message; raises ``Broken``."""
        data = cast(Json, document)
        seen = False
        for projected in self.projections(data):
            seen = True
            body = self.write(projected, data)
            if body is not None:
                self.compare(projected.data, body, data)
        if not seen:
            self.outcomes["no grant applies"] += 1

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
            body = translate_out(self.dialect, [projected], PARCEL).body
        except HubError as error:
            known = self.refusals if error.code.name == "unwritable-value" else self.left_to_schema
            lines = [self._declared(problem, known) for problem in error.problems if not self._unproven(error, problem)]
            declared = [known[line] for line in lines if line in known]
            if error.problems and not lines:
                self.outcomes["refused as declared (unproven)"] += 1
                return None
            if lines and len(declared) == len(lines):
                self.outcomes[f"refused as declared ({declared[0]})"] += 1
                return None
            problem = error.problems[0] if error.problems else Problem(error.text)
            line = line_of(problem) or self.lines.at(problem.path) or 0
            text = f"{projected.rule}: {error.code.name}: {problem.path or ''}: {problem.text}"
            code = "not-written" if error.code.name == "unwritable-value" else error.code.name
            raise Broken(code, text, line, data, f"{code} {line} {problem.rule}") from None
        except Exception as error:  # whatever it is, it has to be made small and shown
            text = f"{projected.rule}: {type(error).__name__} while writing: {error}"
            raise Broken("mapping-failed", text, 0, data, f"crash {type(error)}") from error
        self.outcomes["valid"] += 1
        return body

    def _unproven(self, error: HubError, problem: Problem) -> bool:
        """Whether the file says of the place that nobody proves what is asked of it (of stylesheets: of all)."""
        xslt = self.plan.written.xslt
        if xslt is not None and xslt.refuse and error.code.name == "output-invalid":
            return True
        path = _INDEX.sub("", problem.path or "") or "/"
        return error.code.name == "output-invalid" and self.unproven.covers(path)

    def _declared(self, problem: Problem, known: Table[int, str]) -> int:
        """The line that a refusal is about: of the place (one of several that share it), or of one in the container
        that stayed empty. XSD tells what is missing at what comes after it."""
        line = line_of(problem) or self.lines.at(problem.path) or 0
        if problem.rule == "unexpected-element":
            beside = self.lines.beside(problem.path)
            return next((other for other in beside if _leaves_out(known.get(other, ""))), 0)
        others = (*self.lines.every(problem.path), *self.lines.below(problem.path))
        return line if line in known else next((other for other in others if other in known), line)

    def compare(self, cut: Json, body: bytes, data: Json) -> None:
        """The law, for what the grant left of the message."""
        try:
            sent = self.law.sent(cut)
        except NotComparable:
            self.outcomes["not comparable (too-many: drop)"] += 1
            return
        records = self.both.read(self.dialect.contract.parse(body).tree)
        if not records:
            raise Broken("law-broken", "what is written holds no record when it is read", 0, data, "law none")
        record = records[0]
        if record.problems:
            problem = record.problems[0]
            text = f"what is written cannot be read: {problem.path}: {problem.text}"
            line = line_of(problem) or self.lines.at(problem.path) or 0
            raise Broken("law-broken", text, line, data, f"law {line}")
        if found := values_differ(sent, self.law.plain(record.data)):
            text = f"read(write(c)) is not c: {found[0]}"
            raise Broken("law-broken", text, 0, data, f"law {place_of(found[0])}")
        self.outcomes["equal"] += 1


def _leaves_out(answer: str) -> bool:
    return "missing" in answer


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
