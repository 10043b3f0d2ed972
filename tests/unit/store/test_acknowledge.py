"""Acknowledging: the partner's word ends what was sent to it, in time, late, or while somebody has it in hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.message import Outcome, Result, State
from hub.store.audit import verify_store
from hub.store.base import Acknowledge, Acknowledged, Claimed
from hub.store.store import SqlStore
from tests.unit.store.making import LATER, NOW, Opening, acceptance, ending, freezing, put, take

DUE = LATER + 60


def sent(*claimed: Claimed) -> object:
    """The end of an attempt that handed a parcel over."""
    finish = ending(*claimed, result=Result.SENT, state=State.PENDING, due_at=DUE)
    return replace(finish, reason="sent", outcome=Outcome(Result.SENT))


def word(*ids: str, agency: str = "court", taken: bool = True, gap: bool = False) -> Acknowledge:
    outcome = Outcome(Result.DELIVERED, partner_log_id="7") if taken else Outcome(Result.REFUSED, "partner-refused")
    state = State.DELIVERED if taken else State.DEAD
    return Acknowledge(agency, ids, outcome, state, gap, DUE, {"kind": "disclose", "outcome": outcome.result.value})


async def hand_over(store: SqlStore, *ids: str) -> list[Claimed]:
    """Claim, freeze as one parcel, and end the attempt as sent."""
    claimed = await take(store, *ids)
    assert await store.freeze(freezing(*claimed))
    assert (await store.finish(sent(*claimed))).stale == ()  # type: ignore[arg-type]
    return claimed


async def states(store: SqlStore) -> dict[str, int]:
    found: dict[str, int] = (await store.totals())["court"]["states"]
    return {state: count for state, count in found.items() if count}


def test_an_acknowledged_delivery_is_delivered_and_the_next_of_its_lane_can_go(opening: Opening) -> None:
    """Until then the lane waits, without being due."""

    async def steps(store: SqlStore) -> None:
        first, second = await put(store, acceptance("a"), acceptance("a"))
        await hand_over(store, first)
        assert await store.due(DUE - 1, 10) == {}
        done = await store.acknowledge(word(first))
        assert done == Acknowledged(((first, "report", NOW),), {}, {"court": (second,)})
        assert await states(store) == {"delivered": 1, "pending": 1}
        assert [each.id for each in await take(store, second, now=DUE)] == [second]

    opening.run(steps)
    assert verify_store(opening.url, opening.data).fault is None


def test_without_a_word_in_time_it_is_due_again_and_says_so(opening: Opening) -> None:
    """The next attempt knows that it was sent before."""

    async def steps(store: SqlStore) -> None:
        (id,) = await put(store, acceptance("a"))
        await hand_over(store, id)
        (again,) = await take(store, id, now=DUE)
        assert (again.reason, again.maybe_sent, again.attempt) == ("sent", True, 2)

    opening.run(steps)


def test_the_word_counts_while_somebody_has_it_in_hand(opening: Opening) -> None:
    """Whoever is about to hand it over again finds its token stale."""

    async def steps(store: SqlStore) -> None:
        (id,) = await put(store, acceptance("a"))
        await hand_over(store, id)
        (again,) = await take(store, id, now=DUE)
        assert [each[0] for each in (await store.acknowledge(word(id))).ended] == [id]
        assert not await store.freeze(freezing(again))
        assert (await store.finish(sent(again))).stale == (id,)  # type: ignore[arg-type]
        assert await states(store) == {"delivered": 1}

    opening.run(steps)


def test_a_late_word_mends_a_dead_letter(opening: Opening) -> None:
    """Dead because nobody acknowledged it; what waited behind it goes on."""

    async def steps(store: SqlStore) -> None:
        first, second = await put(store, acceptance("a"), acceptance("a"))
        (claimed,) = await hand_over(store, first)
        (claimed,) = await take(store, first, now=DUE)
        dead = ending(claimed, result=Result.UNKNOWN, state=State.DEAD)
        await store.finish(dead)
        done = await store.acknowledge(word(first))
        assert (done.ended[0][0], done.ring) == (first, {"court": (second,)})
        assert await states(store) == {"delivered": 1, "pending": 1}

    opening.run(steps)


@pytest.mark.parametrize("gap", [False, True])
def test_a_refusal_is_a_dead_letter_that_blocks_its_lane_or_leaves_a_gap(opening: Opening, gap: bool) -> None:
    """As for any dead letter."""

    async def steps(store: SqlStore) -> None:
        first, second = await put(store, acceptance("a"), acceptance("a"))
        await hand_over(store, first)
        done = await store.acknowledge(word(first, taken=False, gap=gap))
        assert done.ring == ({"court": (second,)} if gap else {})
        assert await states(store) == {"dead": 1, "pending": 1}
        assert (await store.totals())["court"]["blocked_lanes"] == (0 if gap else 1)

    opening.run(steps)


def test_the_same_word_again_changes_nothing(opening: Opening) -> None:
    """Taken or refused; and what was taken stays taken."""

    async def steps(store: SqlStore) -> None:
        taken, refused = await put(store, acceptance("a"), acceptance("b"))
        await hand_over(store, taken)
        await hand_over(store, refused)
        await store.acknowledge(word(taken))
        await store.acknowledge(word(refused, taken=False))
        assert await store.acknowledge(word(taken)) == Acknowledged((), {taken: State.DELIVERED}, {})
        assert await store.acknowledge(word(taken, taken=False)) == Acknowledged((), {taken: State.DELIVERED}, {})
        assert await store.acknowledge(word(refused, taken=False)) == Acknowledged((), {refused: State.DEAD}, {})
        assert await states(store) == {"delivered": 1, "dead": 1}

    opening.run(steps)


def test_only_what_was_sent_to_that_agency_is_acknowledged(opening: Opening) -> None:
    """Not what waits, what is under way for the first time, what another agency got, or what never was."""

    async def steps(store: SqlStore) -> None:
        waiting, trying, other = await put(store, acceptance("a"), acceptance("b"), acceptance("c"))
        (claimed,) = await take(store, trying)
        await store.freeze(freezing(claimed))
        await hand_over(store, other)
        for one in (word(waiting), word(trying), word(other, agency="clinic"), word("nothing")):
            assert await store.acknowledge(one) == Acknowledged((), {}, {})

    opening.run(steps)


def test_a_parcel_is_acknowledged_as_a_whole(opening: Opening) -> None:
    """Its id, or that of any of its members, stands for all of them."""

    async def steps(store: SqlStore) -> None:
        ids = await put(store, acceptance("a"), acceptance("b"), acceptance("c"))
        await hand_over(store, *ids)
        done = await store.acknowledge(word(ids[1]))
        assert sorted(each[0] for each in done.ended) == sorted(ids)
        assert await states(store) == {"delivered": 3}

    opening.run(steps)
