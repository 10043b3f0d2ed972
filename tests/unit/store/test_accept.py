"""Receipts, duplicates and conflicts (P1, P5)."""

from __future__ import annotations

from hub.message import Receipt, State
from hub.store.base import Conflict, Stored
from hub.store.query import open_queries
from hub.store.store import SqlStore
from tests.unit.store.making import LATER, NOW, Opening, acceptance, intake


def test_the_same_message_gets_the_same_receipt_after_a_restart(opening: Opening) -> None:
    """Same sender, identity and content: the stored receipt, word for word, and nothing is delivered again."""
    first = acceptance("1", identity="x", accepted_at=NOW + 0.1234567)
    again = acceptance("1", identity="x", accepted_at=NOW + 99)
    stored = opening.run(lambda store: store.accept(intake(first)))
    repeated = opening.run(lambda store: store.accept(intake(again)))
    receipt, same = stored.results[0], repeated.results[0]
    assert isinstance(receipt, Receipt)
    assert isinstance(same, Receipt)
    assert stored.ring == {"court": first.delivery_ids}
    assert repeated.ring == {}
    assert (receipt.duplicate, same.duplicate) == (False, True)
    assert {**same.as_json(), "duplicate": False} == receipt.as_json()
    assert receipt.accepted_at == "2025-10-09T08:53:20.123Z"


def test_a_message_twice_in_one_document_is_stored_once(opening: Opening) -> None:
    """The second record of the same identity and content is a duplicate of the first."""
    first, second = acceptance("1", identity="x"), acceptance("1", identity="x", record=1)
    stored = opening.run(lambda store: store.accept(intake(first, second)))
    assert [each.duplicate for each in stored.results if isinstance(each, Receipt)] == [False, True]
    assert stored.ring == {"court": first.delivery_ids}


def test_one_conflict_refuses_the_whole_document(opening: Opening) -> None:
    """Other content under a used identity: nothing of the document is stored, only the conflict is answered."""
    first, other = acceptance("1", identity="x"), acceptance("2", identity="y")
    wrong = acceptance("1", identity="x", digest="e", record=1)

    async def steps(store: SqlStore) -> tuple[Stored, Stored]:
        await store.accept(intake(first))
        return await store.accept(intake(other, wrong)), await store.accept(intake(other))

    refused, alone = opening.run(steps)
    assert refused == Stored((Conflict("x", 1, first.id),), {})
    assert isinstance(alone.results[0], Receipt)
    assert not alone.results[0].duplicate


def test_a_conflict_refuses_only_its_record_where_records_stand_alone(opening: Opening) -> None:
    """With ``whole`` false the other records of the document are accepted."""
    first, other = acceptance("1", identity="x"), acceptance("2", identity="y")
    wrong = acceptance("1", identity="x", digest="e", record=1)

    async def steps(store: SqlStore) -> Stored:
        await store.accept(intake(first))
        return await store.accept(intake(wrong, other, whole=False))

    stored = opening.run(steps)
    assert stored.results[0] == Conflict("x", 1, first.id)
    assert isinstance(stored.results[1], Receipt)
    assert stored.ring == {"court": other.delivery_ids}


def test_senders_do_not_share_identities(opening: Opening) -> None:
    """The same identity from two senders is two messages."""
    one, two = acceptance("1", identity="x"), acceptance("2", identity="x", sender="other", digest="e")

    async def steps(store: SqlStore) -> Stored:
        await store.accept(intake(one))
        return await store.accept(intake(two))

    result = opening.run(steps).results[0]
    assert isinstance(result, Receipt)
    assert not result.duplicate


def test_a_withheld_delivery_is_visible_but_never_due(opening: Opening) -> None:
    """A recipient without a grant gets a row with the rule, and no number in a lane that others could miss."""
    message = acceptance("1", withheld=["press"])

    async def steps(store: SqlStore) -> None:
        stored = await store.accept(intake(message))
        assert stored.ring == {"court": message.delivery_ids[:1]}
        assert await store.due(LATER, 10) == {"court": [message.delivery_ids[0]]}
        assert (await store.totals())["press"]["states"] == {"withheld": 1}
        queries = await open_queries(opening.url, opening.data)
        found = await queries.message(message.id)
        await queries.close()
        assert found is not None
        kept = found.deliveries[1]
        assert (kept.state, kept.rule, kept.sequence, kept.waits_for) == (State.WITHHELD, "R1", 0, None)

    opening.run(steps)
