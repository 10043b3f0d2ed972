"""A large document in parts: every part is a document of its own with the head, some records and the tail.

So the memory that a document takes is that of its bytes and of one part, whatever it holds. A part keeps the sender's
bytes, and knows where in the whole document its records and lines stand.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from hub.errors import HubError, Problem

MOST_RECORDS = 64
MOST_BYTES = 128 * 1024


@dataclass(frozen=True, slots=True)
class Cut:
    """Records ``first`` to ``first + count - 1`` of a document, as a document.

    Lines from ``line`` on (in ``body``) stand ``skipped`` lines further down in the whole; ``step`` is where in a path
    (split at its slashes) the record's index stands.
    """

    body: bytes
    charset: str
    first: int
    count: int
    line: int
    skipped: int
    step: int
    kind: str


@dataclass(slots=True)
class Records:
    """Where the records of a document stand in ``content`` (bytes in ``charset``): start, end and line of each."""

    content: bytes
    charset: str
    kind: str
    step: int
    starts: array[int] = field(default_factory=lambda: array("q"))
    ends: array[int] = field(default_factory=lambda: array("q"))
    lines: array[int] = field(default_factory=lambda: array("q"))

    def add(self, start: int, end: int, line: int) -> None:
        """The next record."""
        self.starts.append(start)
        self.ends.append(end)
        self.lines.append(line)

    def __len__(self) -> int:
        return len(self.starts)

    def cuts(self, most: int = MOST_RECORDS, most_bytes: int = MOST_BYTES) -> Iterator[Cut]:
        """All records, in parts of at most so many and about so many bytes (a record is never divided)."""
        first = 0
        while first < len(self):
            end = first + 1
            while end < len(self) and end - first < most and self.ends[end] - self.starts[first] < most_bytes:
                end += 1
            yield self.cut(first, end - first)
            first = end

    def cut(self, first: int, count: int) -> Cut:
        """Some records, with the document's head and tail."""
        body = b"".join(
            (
                self.content[: self.starts[0]],
                self.content[self.starts[first] : self.ends[first + count - 1]],
                self.tail(first, count),
            )
        )
        line, skipped = self.lines[0], self.lines[first] - self.lines[0]
        return Cut(body, self.charset, first, count, line, skipped, self.step, self.kind)

    def tail(self, first: int, count: int) -> bytes:
        """What stands behind some records when they are a document of their own."""
        return self.content[self.ends[-1] :]


def at_most(most: int | None, records: Records | None) -> Records | None:
    """The records, where there are not more than the schema allows: only the whole document breaks that rule."""
    return None if records is not None and most is not None and len(records) > most else records


def in_whole(error: HubError, cut: Cut) -> HubError:
    """The same error with the places of the whole document."""
    problems = located(error.problems, cut)
    text = problems[0].text if error.problems and error.text == error.problems[0].text else error.text
    return HubError(error.code.name, text, problems, retry_after_s=error.retry_after_s)


def located(problems: Sequence[Problem], cut: Cut) -> tuple[Problem, ...]:
    """Problems of a part with the paths, lines and record numbers of the whole document."""
    return tuple(_located(problem, cut) for problem in problems)


def _located(problem: Problem, cut: Cut) -> Problem:
    line, path, text = problem.line, _moved(problem.path, cut), problem.text
    if path and problem.path and text.startswith(problem.path):
        text = path + text[len(problem.path) :]
    return replace(
        problem,
        text=text,
        path=path,
        line=line + cut.skipped if line is not None and line >= cut.line else line,
        record=None if problem.record is None else problem.record + cut.first,
    )


def _moved(path: str | None, cut: Cut) -> str | None:
    """A path whose index of the record counts from the document's first."""
    if path is None or not cut.first:
        return path
    if cut.kind == "table":
        word, _, rest = path.partition(" ")
        number, comma, rest = rest.partition(",")
        return f"row {int(number) + cut.first}{comma}{rest}" if word == "row" and number.isdecimal() else path
    steps = path.split("/")
    if len(steps) <= cut.step:
        return path
    if cut.kind == "json":
        index = steps[cut.step]
        steps[cut.step] = str(int(index) + cut.first) if index.isdecimal() else index
    else:
        name, bracket, index = steps[cut.step].partition("[")
        if bracket:
            steps[cut.step] = f"{name}[{int(index[:-1]) + cut.first}]"
    return "/".join(steps)
