"""Small changes to a text, each made at a random place of its kind; what comes out may be sense or nonsense."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

# The changed text, or None where the text has no such place.
Edit = Callable[[str, random.Random], str | None]


def choose(pattern: str, change: Callable[[re.Match[str], random.Random], str | None]) -> Edit:
    """Change one of the places that match."""
    found = re.compile(pattern, re.MULTILINE)

    def edit(text: str, chance: random.Random) -> str | None:
        places = list(found.finditer(text))
        if not places:
            return None
        place = chance.choice(places)
        new = change(place, chance)
        return None if new is None or new == place[0] else text[: place.start()] + new + text[place.end() :]

    return edit


def removed(pattern: str) -> Edit:
    """Take one of them away."""
    return choose(pattern, lambda place, chance: "")


def replaced(pattern: str, *others: str) -> Edit:
    """Put one of ``others`` in the place of one (``\\1`` stands for its first group)."""
    return choose(pattern, lambda place, chance: place.expand(chance.choice(others)))


def number(pattern: str) -> Edit:
    """Change the number that is the second group (the first and third stand around it)."""

    def other(place: re.Match[str], chance: random.Random) -> str:
        value = int(place[2])
        return f"{place[1]}{chance.choice([0, 1, 2, max(0, value - 1), value + 1, value * 2, value // 2])}{place[3]}"

    return choose(pattern, other)


def swapped(pattern: str) -> Edit:
    """Exchange the groups ``it`` of two places."""
    found = re.compile(pattern, re.MULTILINE)

    def edit(text: str, chance: random.Random) -> str | None:
        places = list(found.finditer(text))
        if len(places) < 2:
            return None
        first, second = sorted(chance.sample(places, 2), key=lambda place: place.start())
        (start, end), (from_, to) = first.span("it"), second.span("it")
        return text[:start] + second["it"] + text[end:from_] + first["it"] + text[to:]

    return edit


def borrowed(pattern: str) -> Edit:
    """Write the group ``it`` of one place also at another."""
    found = re.compile(pattern, re.MULTILINE)

    def edit(text: str, chance: random.Random) -> str | None:
        places = list(found.finditer(text))
        if len(places) < 2:
            return None
        to, from_ = chance.sample(places, 2)
        start, end = to.span("it")
        return text[:start] + from_["it"] + text[end:]

    return edit


def doubled(pattern: str) -> Edit:
    """Write one of them twice."""
    return choose(pattern, lambda place, chance: place[0] + place[0])


def added(pattern: str, others: Sequence[str]) -> Edit:
    """Write one of ``others`` behind one of them."""
    return choose(pattern, lambda place, chance: place[0] + place.expand(chance.choice(others)))
