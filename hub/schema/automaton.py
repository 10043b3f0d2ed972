"""Small automata: whether every text of some languages is a text of others, with a text that is not as the proof."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from hub.schema.pattern import LAST, Chars, CharSet, Choice, Expression, Repeated

_MOST_STATES = 6_000
_MOST_VISITS = 40_000
_MOST_WORK = 4_000_000  # states looked at for one decision: some seconds
_MOST_REMEMBERED = 20_000
_READABLE = "A0a1Zz9-/._ :+@"


class TooLarge(ValueError):
    """An automaton that would grow beyond what is worth its time."""


@dataclass(slots=True)
class Automaton:
    """A nondeterministic automaton with one start (0) and one end. ``steps[state]`` are (characters, next state).

    What was asked before is remembered, within bounds: the same few automata are walked again and again, also over
    what partners send. ``work`` counts the states that were looked at.
    """

    steps: list[list[tuple[CharSet, int]]] = field(default_factory=lambda: [[]])
    skips: list[list[int]] = field(default_factory=lambda: [[]])
    end: int = 0
    work: int = 0
    _borders: list[int] = field(default_factory=list)
    _like: dict[str, int] = field(default_factory=dict)
    _after: dict[tuple[frozenset[int], int], frozenset[int]] = field(default_factory=dict)

    def state(self) -> int:
        """A new state."""
        if len(self.steps) >= _MOST_STATES:
            raise TooLarge
        self.steps.append([])
        self.skips.append([])
        return len(self.steps) - 1

    def closure(self, states: Iterable[int]) -> frozenset[int]:
        """The states with all that are reached without a character."""
        found = set(states)
        todo = list(found)
        while todo:
            for below in self.skips[todo.pop()]:
                if below not in found:
                    found.add(below)
                    todo.append(below)
        return frozenset(found)

    def after(self, states: frozenset[int], point: int) -> frozenset[int]:
        """Where one character leads."""
        found = self._after.get((states, point))
        if found is None:
            if len(self._after) >= _MOST_REMEMBERED:
                self._after.clear()
            found = self._after[states, point] = self._walked(states, point)
        return found

    def like(self, char: str) -> int:
        """One character for all those that are treated like this one."""
        found = self._like.get(char)
        if found is None:
            if not self._borders:
                self._borders = sorted(_borders([self]))
            if len(self._like) >= _MOST_REMEMBERED:
                self._like.clear()
            found = self._like[char] = self._borders[bisect_right(self._borders, ord(char)) - 1]
        return found

    def _walked(self, states: frozenset[int], point: int) -> frozenset[int]:
        found = self.closure(target for state in states for chars, target in self.steps[state] if _holds(chars, point))
        self.work += len(states) + len(found)
        return found


def build(expression: Expression) -> Automaton:
    """The automaton of an expression. Raises ``TooLarge``."""
    automaton = Automaton()
    automaton.end = _add(automaton, expression, 0)
    return automaton


def accepts(automaton: Automaton, text: str) -> bool:
    """Whether a text is in the language."""
    states = automaton.closure((0,))
    for char in text:
        states = automaton.after(states, automaton.like(char))
    return automaton.end in states


def outside(
    sources: Sequence[Automaton], target: Automaton, least: int = 0, most: int | None = None
) -> tuple[str, bool] | None:
    """A text of every source (none: all texts) that the target does not have; None where there is none.

    ``least`` and ``most`` bound the length in characters. Beside the text: whether the length was counted on the way
    (else a text longer than ``most`` may come back). Raises ``TooLarge`` where it would take too long.
    """
    counted = most is not None and most <= 300
    allowed = _MOST_WORK + sum(automaton.work for automaton in (*sources, target))
    points = _points([*sources, target])
    start = (tuple(source.closure((0,)) for source in sources), target.closure((0,)), 0)
    seen = {start}
    todo: deque[tuple[tuple[tuple[frozenset[int], ...], frozenset[int], int], str]] = deque([(start, "")])
    while todo:
        (states, there, length), text = todo.popleft()
        ended = all(source.end in own for source, own in zip(sources, states, strict=True))
        if ended and target.end not in there and len(text) >= least:
            return text, counted or most is None or len(text) <= most
        if counted and most is not None and length >= most:
            continue
        if sum(automaton.work for automaton in (*sources, target)) > allowed:
            raise TooLarge
        for point in points:
            below = tuple(source.after(own, point) for source, own in zip(sources, states, strict=True))
            if not all(below):
                continue
            bound = length + 1 if counted else min(length + 1, least)
            node = (below, target.after(there, point), bound)
            if node not in seen:
                if len(seen) >= _MOST_VISITS:
                    raise TooLarge
                seen.add(node)
                todo.append((node, text + chr(point)))
    return None


def _add(automaton: Automaton, expression: Expression, start: int) -> int:
    """Add an expression after a state; where it ends."""
    if isinstance(expression, Chars):
        end = automaton.state()
        automaton.steps[start].append((expression.chars, end))
        return end
    if isinstance(expression, Choice):
        end = automaton.state()
        for part in expression.parts:
            first = automaton.state()
            automaton.skips[start].append(first)
            automaton.skips[_add(automaton, part, first)].append(end)
        return end
    if isinstance(expression, Repeated):
        return _add_repeated(automaton, expression, start)
    for part in expression.parts:
        start = _add(automaton, part, start)
    return start


def _add_repeated(automaton: Automaton, repeated: Repeated, start: int) -> int:
    if max(repeated.least, repeated.most or 0) > _MOST_STATES:
        raise TooLarge
    for _ in range(repeated.least):
        start = _add(automaton, repeated.part, start)
    if repeated.most is None:
        loop = automaton.state()
        automaton.skips[start].append(loop)
        automaton.skips[_add(automaton, repeated.part, loop)].append(loop)
        end = automaton.state()
        automaton.skips[loop].append(end)
        return end
    end = automaton.state()
    for _ in range(repeated.most - repeated.least):
        automaton.skips[start].append(end)
        start = _add(automaton, repeated.part, start)
    automaton.skips[start].append(end)
    return end


def _holds(chars: CharSet, point: int) -> bool:
    index = bisect_right(chars, (point, LAST + 1)) - 1
    return index >= 0 and chars[index][0] <= point <= chars[index][1]


def _borders(automata: Sequence[Automaton]) -> set[int]:
    """Where one class of characters that all automata treat alike ends and the next begins."""
    borders = {0}
    for automaton in automata:
        for chars, _ in (step for steps in automaton.steps for step in steps):
            for low, high in chars:
                borders.update((low, high + 1))
    return {border for border in borders if border <= LAST}


def _points(automata: Sequence[Automaton]) -> list[int]:
    """One character for each class of those that all automata treat alike, readable ones first."""
    ends = sorted(_borders(automata))
    chosen: dict[int, int] = {}
    for char in _READABLE:
        chosen.setdefault(bisect_right(ends, ord(char)) - 1, ord(char))
    for index, low in enumerate(ends):
        high = ends[index + 1] - 1 if index + 1 < len(ends) else LAST
        chosen.setdefault(index, next((point for point in (low, high) if chr(point).isprintable()), low))
    return sorted(chosen.values(), key=lambda point: (not chr(point).isalnum(), point > 126, point))
