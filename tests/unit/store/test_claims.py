"""Claims: leases, fencing tokens, and what is known of attempts that were cut off."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.message import Result, State
from hub.store.audit import verify_store
from hub.store.freeze import BytesChanged, by_member
from hub.store.store import SqlStore
from tests.unit.store.making import LATER, NOW, Opening, acceptance, ending, freezing, put, take

EXPIRED = LATER + 31


def test_a_claimed_delivery_is_not_given_twice(opening: Opening) -> None:
    """Not later, and not in the same call."""

    async def steps(store: SqlStore) -> None:
        (id,) = await put(store, acceptance("a"))
        assert len(await take(store, id, id)) == 1
        assert await take(store, id) == []
        assert await store.due(LATER, 10) == {}

    opening.run(steps)


def test_an_expired_lease_lets_another_worker_in(opening: Opening) -> None:
    """The sweep finds it, the new claim gets a new token, and the old token is worth nothing."""

    async def steps(store: SqlStore) -> None:
        (id,) = await put(store, acceptance("a"))
        (old,) = await take(store, id)
        assert await store.next_due_at() == LATER + 30
        assert await store.due(EXPIRED, 10) == {"court": [id]}
        (new,) = await take(store, id, now=EXPIRED)
        assert (new.attempt, new.crashes, new.maybe_sent) == (2, 1, False)
        assert not await store.freeze(freezing(old))
        assert (await store.finish(ending(old))).stale == (id,)
        assert await store.freeze(freezing(new))
        assert (await store.finish(ending(new))).stale == ()
        assert (await store.finish(ending(new))).stale == (id,)

    opening.run(steps)


def test_a_stale_freeze_writes_nothing(opening: Opening) -> None:
    """Neither bytes nor a ledger entry: what was not frozen may not be sent."""

    async def steps(store: SqlStore) -> None:
        (id,) = await put(store, acceptance("a"))
        (old,) = await take(store, id)
        await take(store, id, now=EXPIRED)
        assert not await store.freeze(freezing(old))
        (third,) = await take(store, id, now=EXPIRED + 31)
        assert (third.parcel, third.maybe_sent) == (None, False)

    opening.run(steps)
    assert verify_store(opening.url, opening.data).entries == 1


def test_an_expired_lease_that_nobody_took_still_counts(opening: Opening) -> None:
    """The current token may end its attempt late."""

    async def steps(store: SqlStore) -> None:
        (id,) = await put(store, acceptance("a"))
        (claimed,) = await take(store, id)
        assert (await store.finish(ending(claimed, at=EXPIRED))).stale == ()

    opening.run(steps)


def test_an_attempt_cut_off_after_freezing_may_have_been_sent(opening: Opening) -> None:
    """A claim that ended without an outcome after the bytes were frozen leaves that open, also in later attempts."""

    async def steps(store: SqlStore) -> None:
        (id,) = await put(store, acceptance("a"))
        (first,) = await take(store, id)
        assert await store.freeze(freezing(first))
        (second,) = await take(store, id, now=EXPIRED)
        assert (second.maybe_sent, second.crashes) == (True, 1)
        await store.finish(ending(second, result=Result.FAILED, state=State.PENDING, due_at=EXPIRED))
        (third,) = await take(store, id, now=EXPIRED)
        assert (third.maybe_sent, third.crashes) == (True, 0)

    opening.run(steps)


def test_a_clear_failure_says_that_nothing_was_sent(opening: Opening) -> None:
    """After it other bytes may be frozen under the same id; the latest count."""

    async def steps(store: SqlStore) -> None:
        (id,) = await put(store, acceptance("a"))
        (first,) = await take(store, id)
        assert await store.freeze(freezing(first, body=b"one"))
        await store.finish(ending(first, result=Result.FAILED, state=State.PENDING, due_at=LATER))
        (second,) = await take(store, id)
        assert not second.maybe_sent
        assert await store.freeze(freezing(second, body=b"two"))
        await store.finish(ending(second, result=Result.UNKNOWN, state=State.PENDING, due_at=LATER))
        (third,) = await take(store, id)
        assert third.parcel is not None
        assert (third.parcel.body, third.maybe_sent) == (b"two", True)

    opening.run(steps)


def test_other_bytes_are_refused_where_something_may_have_been_sent(opening: Opening) -> None:
    """The store keeps P3 even against its caller; the same bytes may be frozen again."""

    async def steps(store: SqlStore) -> None:
        (id,) = await put(store, acceptance("a"))
        (first,) = await take(store, id)
        assert await store.freeze(freezing(first, body=b"one"))
        await store.finish(ending(first, result=Result.UNKNOWN, state=State.PENDING, due_at=LATER))
        (second,) = await take(store, id)
        with pytest.raises(BytesChanged):
            await store.freeze(freezing(second, body=b"two"))
        assert await store.freeze(freezing(second, body=b"one"))

    opening.run(steps)


def test_claims_bring_what_is_needed_to_render(opening: Opening) -> None:
    """Envelope, canonical bytes and frozen parcel come with the claim."""
    message = acceptance("a", canonical=b'{"x": 1}', trace="00-1", test=True)

    async def steps(store: SqlStore) -> None:
        (id,) = await put(store, message)
        (claimed,) = await take(store, id)
        envelope = claimed.envelope
        assert (claimed.canonical, claimed.site, claimed.accepted_at) == (b'{"x": 1}', "site-1", NOW)
        assert (envelope.id, envelope.message_id, envelope.source) == (id, message.id, "police")
        assert (envelope.subject, envelope.type, envelope.time) == ("a", "report", message.time)
        assert (envelope.trace, envelope.test, envelope.classification) == ("00-1", True, message.classification)
        assert claimed.parcel is None

    opening.run(steps)


def test_a_parcel_says_of_each_member_what_it_discloses(opening: Opening) -> None:
    """Two that disclose different fields come back apart; a parcel of before 0004 stands for both with all of it."""

    async def steps(store: SqlStore) -> None:
        ids = await put(store, acceptance("a"), acceptance("b"))
        claimed = await take(store, *ids)
        fields = (("caseNumber",), ("caseNumber", "note"))
        first = freezing(*claimed)
        await store.freeze(replace(first, parcel=replace(first.parcel, disclosed=fields)))
        again = await take(store, *ids, now=EXPIRED)
        assert [one.parcel and one.parcel.disclosed for one in again] == [fields, fields]

    opening.run(steps)
    assert by_member('["caseNumber","note"]', None, 2) == (("caseNumber", "note"),) * 2
