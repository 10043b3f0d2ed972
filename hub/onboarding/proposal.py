"""What is proposed for one message type: lines and blocks of a mapping file, each with its score, and what is left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hub.onboarding.match import SURE, Match

Options = tuple[tuple[str, "str | Options"], ...]


@dataclass(frozen=True, slots=True)
class CodeDraft:
    """A code table to be: the pairs that are clear, and the codes of both sides that are not."""

    name: str
    pairs: Mapping[str, str]
    partner_left: tuple[str, ...]
    canonical_left: tuple[str, ...]

    @property
    def is_complete(self) -> bool:
        """Whether every code of both sides has its pair."""
        return not self.partner_left and not self.canonical_left


@dataclass(frozen=True, slots=True)
class Line:
    """One value: canonical key, its options (``at`` first), and what is to be confirmed.

    ``uses`` are the agency's paths; ``rival`` is another canonical key that fits as well.
    """

    key: str
    options: Options
    match: Match
    uses: tuple[str, ...]
    doubt: str = ""
    table: CodeDraft | None = None
    rival: str = ""

    @property
    def is_sure(self) -> bool:
        """Whether it is written as a line, not as a comment."""
        return self.match.score >= SURE


@dataclass(frozen=True, slots=True)
class Block:
    """A list or a followed link with the lines inside."""

    key: str
    options: Options
    match: Match
    nodes: tuple[Node, ...]
    doubt: str = ""


Node = Line | Block


@dataclass(frozen=True, slots=True)
class Proposal:
    """Everything for one message type; ``unmapped`` and ``unread``: (path, required) of what nothing was found for."""

    nodes: tuple[Node, ...]
    constants: tuple[Line, ...]
    unmapped: tuple[tuple[str, bool], ...]
    unread: tuple[tuple[str, bool], ...]

    def lines(self) -> Iterator[tuple[str, Line]]:
        """Every line with its full canonical path."""
        yield from _lines(self.nodes, "")

    def carried(self) -> tuple[str, ...]:
        """The canonical paths that sure lines and links fill, in their order."""
        return tuple(dict.fromkeys(_carried(self.nodes, "")))

    def tables(self) -> tuple[CodeDraft, ...]:
        """The code tables that the lines name, once each."""
        found = {line.table.name: line.table for _, line in self.lines() if line.table is not None and line.is_sure}
        return tuple(found.values())


def _carried(nodes: tuple[Node, ...], above: str) -> Iterator[str]:
    for node in nodes:
        path = above + node.key
        if isinstance(node, Line):
            if node.is_sure:
                yield path
            continue
        target = dict(node.options).get("to")
        if target:
            yield path
        yield from _carried(node.nodes, f"{target}." if isinstance(target, str) else f"{path}.")


def _lines(nodes: tuple[Node, ...], above: str) -> Iterator[tuple[str, Line]]:
    for node in nodes:
        if isinstance(node, Line):
            yield above + node.key, node
        else:
            target = dict(node.options).get("to")
            inner = f"{target}." if isinstance(target, str) else f"{above}{node.key}."
            yield from _lines(node.nodes, inner)
