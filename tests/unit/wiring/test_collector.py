"""What lives when a hub is ready is not walked over again; what an old site leaves behind still goes."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from hub.wiring.collector import rest, settle


class _Ring:
    """Garbage that only the cyclic collector can find."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """The test process keeps its own collector."""
    threshold = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*threshold)
    gc.enable()


def test_what_lives_is_set_aside() -> None:
    """Nothing is collected while a process starts; afterwards the collector runs and leaves alone what was there."""
    rest()
    assert not gc.isenabled()
    settle()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 1_000


def test_what_was_set_aside_goes_with_the_next_settling() -> None:
    """A site that a reload has replaced is garbage in cycles among frozen objects."""
    old = _Ring()
    gone = weakref.ref(old)
    settle()
    del old
    gc.collect()
    assert gone() is not None
    settle()
    assert gone() is None
