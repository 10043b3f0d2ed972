"""The reading side: a connection and thread of its own, usable while the hub runs, by it or by another process."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import SQLAlchemyError

from hub.message import Json
from hub.store import read_came, read_deliveries, read_ledger, read_messages, read_waits
from hub.store.choice import Choice
from hub.store.migrate import HEAD, VERSION_TABLE, engine_url
from hub.store.open import DATABASE
from hub.store.session import StoreUnusable
from hub.store.views import (
    AttemptView,
    CameSpan,
    CameView,
    CaseView,
    ChosenView,
    CountView,
    DeliveryPage,
    EntryView,
    FieldsView,
    MessageView,
    OriginalView,
    ParcelView,
    PauseView,
)

P = ParamSpec("P")
R = TypeVar("R")
EVERY = Choice()


class Queries:
    """Questions to the store, each answered from one consistent state of it; none changes anything."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store-reader")

    async def message(self, id: str) -> MessageView | None:
        """The message with this id, or of the delivery with this id."""
        return await self._ask(read_messages.message, id)

    async def cases(self, number: str) -> tuple[CaseView, ...]:
        """The cases that have this number, under whatever scheme, each with all its messages."""
        return await self._ask(read_messages.cases, number)

    async def deliveries(self, choice: Choice = EVERY, limit: int = 100, cursor: int | None = None) -> DeliveryPage:
        """The chosen deliveries, oldest first, at most ``limit``; ``cursor`` is that of the page before."""
        return await self._ask(read_deliveries.deliveries, choice, limit, cursor)

    async def counts(self, choice: Choice) -> tuple[CountView, ...]:
        """How many deliveries are chosen, by agency, state and reason, and how old they are."""
        return await self._ask(read_deliveries.counts, choice)

    async def chosen(self, choice: Choice, limit: int | None = None) -> list[ChosenView]:
        """Which deliveries are chosen, oldest first."""
        return await self._ask(read_deliveries.chosen, choice, limit)

    async def originals(self, ids: Sequence[str]) -> tuple[OriginalView, ...]:
        """What deliveries are made from anew; of unknown ids nothing."""
        return await self._ask(read_deliveries.originals, ids)

    async def pauses(self) -> tuple[PauseView, ...]:
        """The pauses that hold now."""
        return await self._ask(read_waits.pauses)

    async def attempts(self, delivery_id: str) -> tuple[AttemptView, ...]:
        """The attempts of a delivery, first to last."""
        return await self._ask(read_messages.attempts, delivery_id)

    async def parcel(self, delivery_id: str) -> ParcelView | None:
        """The bytes that were frozen for a delivery."""
        return await self._ask(read_messages.parcel, delivery_id)

    async def raw(self, message_id: str) -> bytes | None:
        """The bytes in which a message came."""
        return await self._ask(read_messages.raw, message_id)

    async def canonical(self, message_id: str) -> bytes | None:
        """A message's canonical data as JSON."""
        return await self._ask(read_messages.canonical, message_id)

    async def span(self, sender: str | None, type: str | None, latest: int | None) -> CameSpan:
        """Where the messages of a sender and type stand in the order of acceptance, at most the ``latest`` so many."""
        return await self._ask(read_came.span, sender, type, latest)

    async def came(
        self, after: int, last: int, most: int, sender: str | None = None, type: str | None = None
    ) -> tuple[CameView, ...]:
        """The first ``most`` messages behind place ``after``, up to place ``last``."""
        return await self._ask(read_came.came, after, last, most, sender, type)

    async def came_as(self, raw: int) -> bytes:
        """The bytes of one document that came."""
        return await self._ask(read_came.came_as, raw)

    async def entries(self, message_id: str) -> tuple[EntryView, ...]:
        """The ledger entries about a message, in the order of their commits."""
        return await self._ask(read_ledger.entries, message_id)

    async def fields(self, delivery_id: str) -> FieldsView | None:
        """What was disclosed and withheld when a delivery's bytes were last fixed; None where they never were."""
        return await self._ask(read_ledger.fields, delivery_id)

    async def accepted_before(self, sender: str, identities: Sequence[str]) -> Mapping[str, tuple[str, str]]:
        """Digest and id of the messages that ``sender`` sent under these identities before (at most 500)."""
        return await self._ask(read_messages.accepted_before, sender, identities)

    async def status(self, sender: str, id: str) -> Json | None:
        """A message as its sender may see it; None where ``sender`` sent no such message."""
        found = await self.message(id)
        if found is None or found.sender != sender or found.id != id:
            return None
        return {
            "id": found.id,
            "type": found.type,
            "subject": found.subject,
            "messageId": found.identity,
            "digest": found.digest,
            "acceptedAt": found.accepted_at,
            "deliveries": [{"agency": each.agency, "state": each.state.value} for each in found.deliveries],
        }

    async def close(self) -> None:
        """Close the connection."""
        await asyncio.to_thread(self._thread.shutdown)
        self._engine.dispose()

    async def _ask(self, question: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        def answer() -> R:
            with self._engine.connect() as connection:
                return question(connection, *args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._thread, answer)


async def open_queries(url: str, data: Path) -> Queries:
    """The reading side of the store at ``url``; raises StoreUnusable where no store of this hub's form is there."""
    engine = reading_engine(url, data)
    try:
        await asyncio.to_thread(_check, engine)
    except StoreUnusable:
        engine.dispose()
        raise
    return Queries(engine)


def reading_engine(url: str, data: Path) -> Engine:
    """Connections that cannot write, and see one state of the store in each transaction."""
    if url == "sqlite" and not (data / DATABASE).exists():
        raise StoreUnusable("there is no store in this data folder")
    if url == "sqlite":
        engine = create_engine(engine_url(url, data / DATABASE), pool_size=1)
        event.listen(engine, "connect", _only_read)
        event.listen(engine, "begin", _begin)
        return engine
    return create_engine(
        engine_url(url, data / DATABASE),
        pool_size=1,
        isolation_level="REPEATABLE READ",
        connect_args={"options": "-c default_transaction_read_only=on"},
    )


def _only_read(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA query_only = ON")


def _begin(connection: Connection) -> None:
    """Start a transaction before the first query (sqlite3 does not), so that all queries see the same state."""
    connection.exec_driver_sql("BEGIN")


def _check(engine: Engine) -> None:
    try:
        with engine.connect() as connection:
            version = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()
    except SQLAlchemyError as error:
        raise StoreUnusable("there is no store here, or it does not answer") from error
    if version != HEAD:
        raise StoreUnusable("the store was made by another version of the hub")
