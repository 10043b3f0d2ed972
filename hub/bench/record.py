"""What generator and sink write down: numbers and moments on the machine's monotonic clock, in a binary file."""

from __future__ import annotations

from array import array
from pathlib import Path

NEVER = -1.0


def write_moments(path: Path, rows: list[tuple[float, ...]]) -> None:
    """Write rows of equal width, the first of each the message's number."""
    array("d", [value for row in rows for value in row]).tofile(path.open("wb"))


def read_moments(path: Path, width: int) -> list[tuple[float, ...]]:
    """Read what ``write_moments`` wrote."""
    values = array("d")
    values.frombytes(path.read_bytes())
    return [tuple(values[at : at + width]) for at in range(0, len(values), width)]


def percentile(values: list[float], share: float) -> float:
    """The smallest of the values that is not below ``share`` of them; 0 where there are none."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
