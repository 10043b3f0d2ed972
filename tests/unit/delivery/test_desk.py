"""What one agency has waiting: bounded, each id once, nothing forgotten silently."""

from __future__ import annotations

from hub.delivery.breaker import Breakers
from hub.delivery.desk import MOST_WAITING, Desk
from tests.unit.delivery.playing import Watcher


def _desk() -> Desk:
    return Desk("north", Breakers(dict, Watcher(), lambda: 0.0))


def test_an_id_that_is_rung_twice_waits_once() -> None:
    """Rings may repeat; a claim for each would be waste."""
    desk = _desk()
    desk.add(["1", "2"])
    desk.add(["2", "3"])
    assert desk.take(10) == ["1", "2", "3"]


def test_an_id_may_wait_again_once_it_was_taken() -> None:
    """A ring that comes while the claim is under way is about something newer."""
    desk = _desk()
    desk.add(["1"])
    desk.take(1)
    desk.add(["1"])
    assert desk.take(1) == ["1"]


def test_a_suspect_that_is_rung_does_not_wait_here() -> None:
    """It has its own turn; each sweep would ask the store about it again."""
    desk = _desk()
    desk.suspects.add("1")
    desk.add(["1", "2"])
    assert desk.take(10) == ["2"]


def test_what_could_not_be_claimed_goes_back_to_the_front() -> None:
    """In its old order, before what came meanwhile, and not twice."""
    desk = _desk()
    desk.add(["1", "2", "3"])
    taken = desk.take(3)
    desk.add(["4", "2"])
    desk.put_back(taken)
    assert desk.take(10) == ["1", "3", "4", "2"]


def test_a_full_desk_leaves_the_rest_to_the_sweep() -> None:
    """And remembers that the store holds more."""
    desk = _desk()
    desk.add([str(number) for number in range(MOST_WAITING + 5)])
    assert len(desk) == MOST_WAITING
    assert desk.overflowed
