"""Case keys: numbers that belong together share lanes."""

from __future__ import annotations

from hub.message import CaseNumber
from hub.store.query import open_queries
from hub.store.store import SqlStore
from tests.unit.store.making import LATER, Opening, acceptance, ending, intake, put, take


def test_a_report_and_its_case_share_a_lane(opening: Opening) -> None:
    """Once a message names both numbers, later ones by either number stand in the same lane."""
    report = acceptance(numbers=[CaseNumber("report", "r")])
    both = acceptance(numbers=[CaseNumber("case", "c"), CaseNumber("report", "r")])
    case = acceptance(numbers=[CaseNumber("case", "c")])

    async def steps(store: SqlStore) -> None:
        ids = await put(store, report, both, case)
        assert await store.due(LATER, 10) == {"court": ids[:1]}
        places = []
        for id in ids:
            (claimed,) = await take(store, id)
            places.append((claimed.envelope.case_key, claimed.envelope.sequence))
            await store.finish(ending(claimed))
        assert [sequence for _, sequence in places] == [1, 2, 3]
        assert len({key for key, _ in places}) == 1

    opening.run(steps)


def test_merged_cases_keep_the_order_of_each(opening: Opening) -> None:
    """A message that names two cases moves what is open of the later one behind what is open of the earlier one."""

    async def steps(store: SqlStore) -> None:
        old = await put(store, acceptance("a"), acceptance("a"))
        new = await put(store, acceptance("b"), acceptance("b"))
        (joining,) = await put(store, acceptance("a", "b"))
        (last,) = await put(store, acceptance("b"))
        for id in [*old, *new, joining, last]:
            assert await store.due(LATER, 10) == {"court": [id]}
            (claimed,) = await take(store, id)
            await store.finish(ending(claimed))

    opening.run(steps)


def test_merging_reaches_messages_and_numbers(opening: Opening) -> None:
    """After a merge the case shows all messages under each of its numbers."""

    async def steps(store: SqlStore) -> None:
        messages = [acceptance("a"), acceptance("b"), acceptance("a", "b")]
        await put(store, *messages)
        queries = await open_queries(opening.url, opening.data)
        (case,) = await queries.cases("b")
        assert [each.id for each in case.messages] == [each.id for each in messages]
        assert [each.number for each in case.numbers] == ["a", "b"]
        assert await queries.cases("a") == (case,)
        await queries.close()

    opening.run(steps)


def test_cases_are_merged_within_one_commit_too(opening: Opening) -> None:
    """One document may bring two new cases and the message that joins them."""

    async def steps(store: SqlStore) -> None:
        messages = [acceptance("a"), acceptance("b"), acceptance("a", "b")]
        stored = await store.accept(intake(*messages))
        assert stored.ring == {"court": messages[0].delivery_ids}
        for message in messages:
            (claimed,) = await take(store, message.delivery_ids[0])
            await store.finish(ending(claimed))

    opening.run(steps)


def test_a_delivery_in_flight_survives_the_merge_of_its_case(opening: Opening) -> None:
    """Its worker may still end it; then the surviving lane moves on."""

    async def steps(store: SqlStore) -> None:
        (first,) = await put(store, acceptance("a"))
        (second,) = await put(store, acceptance("b"))
        (held,) = await take(store, second)
        await put(store, acceptance("a", "b"))
        assert await store.due(LATER + 60, 10) == {"court": [first]}
        assert (await store.finish(ending(held))).stale == ()
        (claimed,) = await take(store, first)
        assert len((await store.finish(ending(claimed))).ring["court"]) == 1

    opening.run(steps)


def test_a_delivery_carries_the_receivers_own_case_number(opening: Opening) -> None:
    """A number that an agency gave is linked to the case and goes back to that agency only."""
    theirs = acceptance("a", sender="court", to=["police"], partner={"caseNumber": "C-7"})
    ours = acceptance("a", to=["court", "emirate"])

    async def steps(store: SqlStore) -> None:
        await put(store, theirs, ours)
        first, second = await take(store, *ours.delivery_ids)
        assert first.envelope.partner == {"caseNumber": "C-7"}
        assert second.envelope.partner is None
        by_theirs = acceptance(numbers=[CaseNumber("court", "C-7")], sender="court", to=["emirate"])
        await put(store, by_theirs)
        assert await take(store, *by_theirs.delivery_ids) == []

    opening.run(steps)


def test_messages_without_numbers_wait_for_nobody(opening: Opening) -> None:
    """Each is a case of its own."""

    async def steps(store: SqlStore) -> None:
        ids = await put(store, acceptance(), acceptance())
        assert await store.due(LATER, 10) == {"court": ids}

    opening.run(steps)
