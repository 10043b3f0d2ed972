"""Proves reading: what an agency may send is read as it was meant, or refused with the place that is wrong."""

from __future__ import annotations

from collections import Counter
from itertools import count

from hypothesis import strategies

from hub.errors import Fault, HubError, Problem
from hub.mapping.mapping import Mapping, WriteRecord
from hub.message import Json, Received
from hub.pipeline.translate import Dialect, translate_in
from hub.proving.cases import Broken, Draw, canonical_cases, line_of, place_of
from hub.proving.difference import values_differ
from hub.proving.documents import agency_documents
from hub.proving.examples import MESSAGE, PARCEL
from hub.proving.law import Law, NotComparable
from hub.proving.sayable import Sayable, with_own_numbers
from hub.site.site import Site

_RECEIVED_AT = 1_782_000_000.0


class Reading:
    """An agency's documents: random ones by its own schema, each read or refused with a problem that names a place; and
    ones that say what a canonical message says, which must be read as that."""

    def __init__(self, site: Site, dialect: Dialect) -> None:
        self.dialect = dialect
        self.outcomes: Counter[str] = Counter()
        self.documents = agency_documents(site, dialect)
        self.canonical, self.full = canonical_cases(site, dialect), canonical_cases(site, dialect, full=True)
        self.sayable = Sayable(dialect.mapping.plan)
        self.both = Mapping(with_own_numbers(dialect.mapping.plan), frozenset({"read", "write"}))
        self.law = Law(dialect.mapping.plan, dialect.type, dialect.contract)

    def case(self, draw: Draw) -> None:
        """One generated document."""
        if draw(strategies.integers(0, 2)):
            data = self._sayable(draw)
            if data is None:
                self.outcomes["not generated"] += 1
            else:
                self.said(data)
        else:
            body = self.documents(draw)
            if body is None or not self.valid(body):
                self.outcomes["not generated"] += 1
            else:
                self.random(body)

    def _sayable(self, draw: Draw) -> Json | None:
        """A message that the agency could have told; often a full one, as agencies require what others leave out."""
        data = self.full(draw) if draw(strategies.integers(0, 2)) else self.canonical(draw)
        if data is None:
            return None
        bent = self.sayable.bent(data, draw)
        return bent if self.valid(bent) else None

    def valid(self, document: Json | bytes) -> bool:
        """Whether a document (or canonical message) may come."""
        if isinstance(document, bytes):
            contract = self.dialect.contract
            return not contract.problems(contract.parse(document))
        return not self.dialect.type.problems(document) and bool(self.dialect.type.case.of(document))

    def check(self, document: Json | bytes) -> None:
        """The same with a given one; raises ``Broken``."""
        if isinstance(document, bytes):
            self.random(document)
        else:
            self.said(document)

    def said(self, data: Json) -> None:
        """A message as the agency would have told it; raises ``Broken`` where it is read as another."""
        facts = {**MESSAGE, "type": self.dialect.type.type}
        if not self.sayable.has_place_for(data):
            self.outcomes["not sayable by the agency"] += 1
            return
        try:
            sent = self.law.sent(data)
            body = self.dialect.contract.render(self.both.write([WriteRecord(data, facts)], PARCEL).document)
        except (HubError, NotComparable):
            self.outcomes["not sayable by the agency"] += 1
            return
        try:
            found = self.read(body)
        except HubError as error:
            problem = error.problems[0] if error.problems else Problem(error.text)
            text = f"it is refused as {error.code.name}: {problem.path or ''}: {problem.text}"
            kind = f"law {error.code.name} {line_of(problem)}"
            raise Broken("law-broken", text, line_of(problem), data, kind) from None
        if differences := values_differ(sent, self.law.plain(found[0])):
            text = f"read(write(c)) is not c: {differences[0]}"
            raise Broken("law-broken", text, 0, data, f"law {place_of(differences[0])}")
        self.outcomes["equal"] += 1

    def read(self, body: bytes) -> list[Json]:
        """The canonical messages of a document; a refused record counts for the document. Raises ``HubError``."""
        received = Received(self.dialect.agency.name, self.dialect.type.type, "rest", body, _RECEIVED_AT)
        numbers = count(1)
        inward = translate_in(self.dialect, received, lambda: f"m{next(numbers)}")
        if inward.refusals:
            raise inward.refusals[0].error
        return [message.data for message in inward.messages]

    def random(self, body: bytes) -> None:
        """A document that is valid by the agency's schema."""
        try:
            self.read(body)
        except HubError as error:
            self.refused(error, body)
        except Exception as error:
            text = f"{type(error).__name__} while reading: {error}"
            raise Broken("mapping-failed", text, 0, body, f"crash {type(error)}") from error
        else:
            self.outcomes["read"] += 1

    def refused(self, error: HubError, body: bytes) -> None:
        if error.code.fault is not Fault.SENDER:
            text = f"a valid document is refused as {error.code.name}: {error.text}"
            raise Broken("mapping-failed", text, 0, body, f"fault {error.code.name}")
        if not any(problem.path for problem in error.problems):
            text = f"a valid document is refused without a place: {error.code.name}: {error.text}"
            raise Broken("unclear-refusal", text, 0, body, f"place {error.code.name}")
        self.outcomes[f"refused: {error.code.name}"] += 1
