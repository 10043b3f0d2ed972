"""What a mutation is: a small named function from a file's text to another, with the seeded chance it draws from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Chance:
    """Seeded draws, and what stands in the site: codes, names of code tables, canonical paths."""

    random: Random
    words: Sequence[str]
    tables: Sequence[str]
    paths: Sequence[str]

    def one(self, among: Sequence[T]) -> T:
        return self.random.choice(among)

    def two(self, among: Sequence[T]) -> tuple[T, T] | None:
        """Two different ones, in the order in which they stand; None where there are not so many."""
        if len(among) < 2:
            return None
        first, second = sorted(self.random.sample(range(len(among)), 2))
        return among[first], among[second]

    def word(self) -> str:
        return self.random.choice(self.words)

    def word_or(self, *more: str) -> str:
        """A word of the site, or one of a few texts of its own."""
        return self.word() if self.random.random() < 0.6 else self.random.choice(more)


Mutate = Callable[[str, Chance], str | None]
"""The new text of a file, or None where there is nothing to change in this way."""
