"""An XML document behind stylesheets: the agency's contract outside, the document that is mapped inside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lxml import etree

from hub.errors import HubError, Problem
from hub.formats.contract import ParsedDocument
from hub.formats.xml import XmlContract
from hub.formats.xslt import Stylist, Unstyled
from hub.schema.shape import Shape


@dataclass(frozen=True, slots=True)
class Sheet:
    """One stylesheet: its name (what errors call it) and its bytes."""

    name: str
    body: bytes


@dataclass(frozen=True, slots=True)
class _Source:
    """What was parsed outside, and every problem that was found on the way in."""

    outside: ParsedDocument
    problems: tuple[Problem, ...]


class StyledContract:
    """A contract (``hub.formats.contract.Contract``) whose tree and shape are those of the document that is mapped.

    What comes is checked against the agency's XSD, turned by ``read`` and checked against the inner one; what goes out
    the other way round. Without a stylesheet for a direction, the two XSDs must be one. Used from one thread.
    """

    def __init__(
        self, outside: XmlContract, inside: XmlContract, read: Sheet | None, write: Sheet | None, stylist: Stylist
    ) -> None:
        self.media_type = outside.media_type
        self.shape: Shape = inside.shape
        self._outside, self._inside = outside, inside
        self._read, self._write = read, write
        self._stylist = stylist

    def parse(self, body: bytes, charset: str | None = None) -> ParsedDocument:
        """The mapped document's tree; empty where the agency's document or what the stylesheet made of it is wrong."""
        outside = self._outside.parse(body, charset)
        if self._read is None:
            return ParsedDocument(body, outside.tree, _Source(outside, self._outside.problems(outside)))
        if problems := self._outside.problems(outside):
            return ParsedDocument(body, {}, _Source(outside, problems))
        try:
            inside = self._inside.parse(self._stylist.apply(self._read.body, etree.tostring(outside.source)))
            problems = self._inside.problems(inside)
        except Unstyled as unstyled:
            reason = f": {' '.join(unstyled.said.split())}" if unstyled.said else ""
            problems = (Problem(f"{unstyled.text}{reason}"),)
        except HubError as error:
            problems = (Problem(error.text),)
        if problems:
            told = tuple(self._told(self._read, problem) for problem in problems)
            return ParsedDocument(body, {}, _Source(outside, told))
        return ParsedDocument(body, inside.tree, _Source(outside, ()))

    def cut(self, body: bytes, charset: str | None, names: tuple[str, ...], most: int | None) -> None:
        """None: a stylesheet sees the whole document."""
        return

    def problems(self, parsed: ParsedDocument) -> tuple[Problem, ...]:
        """Every break of the agency's XSD, or of the inner one by what the stylesheet made (then without a place)."""
        source: _Source = parsed.source
        return source.problems

    def line_of(self, parsed: ParsedDocument, path: str) -> int | None:
        """Only where no stylesheet stands between: places of the inner document are not the sender's."""
        source: _Source = parsed.source
        return self._outside.line_of(source.outside, path) if self._read is None else None

    def render(self, output: Any) -> bytes:
        """The agency's document. Raises ``HubError`` output-invalid, not-encodable."""
        if self._write is None:
            return self._outside.render(output)
        body = self._inside.render(output)
        try:
            made = self._stylist.apply(self._write.body, body)
        except Unstyled as unstyled:
            problem = self._told(self._write, Problem(unstyled.text))
            raise HubError("output-invalid", problem.text, [problem]) from None
        try:
            return self._outside.render(made.decode("utf-8"))
        except HubError as error:
            problems = [self._told(self._write, problem) for problem in error.problems] or [Problem(error.text)]
            raise HubError(error.code.name, problems[0].text, problems) from None

    def _told(self, sheet: Sheet, problem: Problem) -> Problem:
        return Problem(f"{sheet.name}: {problem.text}", rule=sheet.name)
