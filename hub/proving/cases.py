"""What a generated case is made from, and what is kept of one that a mapping does not stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from hypothesis import strategies

from hub.errors import Problem
from hub.findings import Finding
from hub.message import Json
from hub.pipeline.translate import Dialect
from hub.proving.json_cases import JsonCases
from hub.schema.json_schema import SchemaSet
from hub.site.site import Site

Direction = Literal["read", "write"]
Draw = Callable[[strategies.SearchStrategy[Any]], Any]


class Broken(Exception):
    """A case that a mapping does not stand: finding code, what happened, the mapping's line, the document (canonical
    data or the agency's bytes), and what makes it the same failure as another."""

    def __init__(self, code: str, text: str, line: int, document: Json | bytes, kind: str) -> None:
        super().__init__(text)
        self.code, self.text, self.line, self.document, self.kind = code, text, line, document, kind

    @property
    def size(self) -> int:
        """How long the document is, roughly: of two failures of a kind the shorter one is kept."""
        return len(self.document if isinstance(self.document, bytes) else repr(self.document))


@dataclass
class Proved:
    """What came of one mapping in one direction. ``outcomes`` counts cases: ``equal``, ``valid``, ``refused: ...``."""

    agency: str
    type: str
    direction: Direction
    cases: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)


def canonical_cases(site: Site, dialect: Dialect, *, full: bool = False) -> Callable[[Draw], Json | None]:
    """Makes valid canonical messages of a type that name their case; None where a draw gave none. ``full``: with
    everything that a message may hold."""
    type = dialect.type
    file = site.root / type.file
    needed = [path.split(".")[0].removesuffix("[]") for _, path in type.case_paths]
    cases = JsonCases(SchemaSet(file, file.parent, file.parent.relative_to(site.root).as_posix()), needed)

    def make(draw: Draw) -> Json | None:
        data: Json = cases.document(draw, full=full)
        return None if type.problems(data) or not type.case.of(data) else data

    return make


def line_of(problem: Problem) -> int:
    """The mapping's line, where the problem's rule is one."""
    _, _, line = (problem.rule or "").rpartition(".yaml:")
    return int(line) if line.isdecimal() else 0


def place_of(difference: str) -> str:
    """A difference's place without its indices, so that one mistake is one kind."""
    return "".join(char for char in difference.partition(": ")[0] if not char.isdecimal())
