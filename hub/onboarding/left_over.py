"""What a mapping leaves: the agency's places without a line, a container at once where nothing below it has one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice

from hub.onboarding.places import Place

# So often has an attribute to stand without a line (NIEM's s:id, s:metadata) to be told once, by a glob.
_OFTEN = 4
_MOST_LISTED = 12

Left = tuple[str, bool]


def left_over(record: Place, used: Iterable[str]) -> tuple[Left, ...]:
    """(path, whether the agency's schema requires it) below a record; ``used`` are the paths that have a line.

    A large container that need not be there and holds no line is one place: what stands below it is not looked at,
    for contracts of the NIEM kind have a hundred thousand places.
    """
    taken = {
        "/".join(steps[:size]) for path in used for steps in [path.split("/")] for size in range(1, len(steps) + 1)
    }
    found = list(dict.fromkeys(_places(record, (), taken, True)))
    often = _often(found)
    globs = [(f"**/{name}", False) for name in often]
    return (*(place for place in found if place[1] or _last(place) not in often), *globs)


def _places(place: Place, above: tuple[str, ...], taken: set[str], required: bool) -> Iterator[Left]:
    for child in place.children:
        if child.name in above:
            continue
        steps, needed = (*above, child.name), required and child.required
        path = "/".join(steps)
        whole = path not in taken and not needed and not _is_small(child)
        if path not in taken and (whole or child.value is not None or not child.children):
            yield path, needed
        if not whole:
            yield from _places(child, steps, taken, needed)


def _is_small(place: Place) -> bool:
    """Whether so little stands below that it may be listed."""
    return len(list(islice(_below(place, ()), _MOST_LISTED + 1))) <= _MOST_LISTED


def _below(place: Place, above: tuple[str, ...]) -> Iterator[str]:
    for child in place.children:
        if child.name not in above:
            yield child.name
            yield from _below(child, (*above, child.name))


def _often(places: list[Left]) -> list[str]:
    """The attributes that stand without a line again and again, and never have to be there."""
    counts = Counter(_last(place) for place in places if _last(place).startswith("@"))
    needed = {_last(place) for place in places if place[1]}
    return [name for name, count in counts.items() if count >= _OFTEN and name not in needed]


def _last(place: Left) -> str:
    return place[0].rpartition("/")[2]
