"""Opening a store: migrate it, lock it, read or make the ledger's key, start the writer."""

from __future__ import annotations

import fcntl
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import orjson

from hub.ledger import Signer
from hub.store.keys import LATEST, open_signer, sync_folder, write_through
from hub.store.migrate import migrate
from hub.store.numbers import Numbers
from hub.store.postgres import PostgresSession
from hub.store.sequencer import Sequenced, sequence
from hub.store.session import Session, StoreUnusable
from hub.store.sqlite import SqliteSession
from hub.store.statements import Statements, dialect_of
from hub.store.store import ORDER, SqlStore
from hub.store.work import Work
from hub.store.writer import Writer

DATABASE = "hub.db"
LOCK = "hub.lock"
MOST_WAITING = 5_000
MOST_WAITING_BYTES = 64 * 1024 * 1024

KEY_FACT = "ledger-key"
# With the data folder locked, whoever held these claims has ended; a head is due at once and not when its lease ends.
END_CLAIMS = """
UPDATE delivery INDEXED BY delivery_standing
SET lease_until = NULL, worker = NULL, wake_at = CASE WHEN wake_at IS NULL THEN NULL ELSE :now END
WHERE state = 'pending' AND state <> 'delivered' AND lease_until IS NOT NULL
"""
# Nobody else could probe or be probing; how the partner is now is seen by trying.
END_PROBES = "UPDATE circuit SET open_until = :now, prober = '' WHERE state <> 'closed' AND open_until > :now"
READ_FACT = "SELECT value FROM fact WHERE name = :name"
ADD_FACT = "INSERT INTO fact (name, value) VALUES (:name, :value) ON CONFLICT (name) DO NOTHING"


def end_process(why: str) -> None:
    """End this process at once, so that nothing more is written or answered."""
    line = orjson.dumps({"level": "critical", "event": "store-failed", "text": "the process ends", "why": why})
    sys.stderr.write(line.decode() + "\n")
    sys.stderr.flush()
    os._exit(70)


def open_store(
    url: str,
    data: Path,
    *,
    clock: Callable[[], float] = time.time,
    die: Callable[[str], None] = end_process,
    most_waiting: int = MOST_WAITING,
    most_waiting_bytes: int = MOST_WAITING_BYTES,
) -> SqlStore:
    """The store at ``url``: ``sqlite`` (``hub.db`` in ``data``) or ``postgresql://...``; ``data`` has the ledger's key.

    ``die`` is called in the writer thread when nothing may go on. Raises StoreUnusable where the store is in use, was
    made by a newer hub, is not durable, or belongs to another ledger key.
    """
    data.mkdir(parents=True, exist_ok=True)
    sync_folder(data.parent)
    signer = open_signer(data)
    unlock: Callable[[], None] = _nothing
    if url == "sqlite":
        unlock = _lock(data / LOCK)
    elif not url.startswith(("postgresql://", "postgres://")):
        raise StoreUnusable("the store is either sqlite or postgresql://...")
    try:
        session = _session(url, data / DATABASE)
        sync_folder(data)
        return _start(session, signer, data, clock, die, most_waiting, most_waiting_bytes, unlock)
    except BaseException:
        unlock()
        raise


def _session(url: str, database: Path) -> Session:
    """The writing connection, to tables of this version; a server that must not be used gets none."""
    if url == "sqlite":
        migrate(url, database)
        return SqliteSession(database)
    session = PostgresSession(url)
    try:
        migrate(url, database)
    except BaseException:
        session.close()
        raise
    return session


def _start(
    session: Session,
    signer: Signer,
    data: Path,
    clock: Callable[[], float],
    die: Callable[[str], None],
    most_waiting: int,
    most_waiting_bytes: int,
    unlock: Callable[[], None],
) -> SqlStore:
    """Check the key, then hand the session to the writer thread."""
    statements = Statements(dialect_of(session.dialect))
    new_work = partial(Work, session, statements, Numbers(session))
    _check_key(session, new_work(), signer.public)
    if session.dialect == "sqlite":
        _end_claims(session, new_work(), clock())

    def sequence_now(work: Work, sign: bool) -> Sequenced:
        return sequence(work, signer, clock(), sign=sign)

    publish = partial(_publish, data / LATEST)
    writer = Writer(session, new_work, ORDER, sequence_now, publish, die, most_waiting, most_waiting_bytes)
    return SqlStore(writer, clock, unlock)


def _check_key(session: Session, work: Work, public: str) -> None:
    """Bind the store to its first ledger key: two keys would give a ledger that nobody can verify."""
    session.begin()
    work.ask(ADD_FACT, name=KEY_FACT, value=public)
    ((known,),) = work.ask(READ_FACT, name=KEY_FACT)
    session.commit()
    if known != public:
        session.close()
        raise StoreUnusable("the store's ledger was signed with another key: put its ledger.key into the data folder")


def _end_claims(session: Session, work: Work, now: float) -> None:
    """End the claims of an earlier process. They still count as crashes: it stored no end of those attempts."""
    session.begin()
    work.ask(END_CLAIMS, now=now)
    work.ask(END_PROBES, now=now)
    session.commit()


def _publish(path: Path, note: str) -> None:
    """Put the latest checkpoint beside the store, for others to copy; the store has it too."""
    with suppress(OSError):
        write_through(path, note, mode=0o644, durable=False)


def _lock(path: Path) -> Callable[[], None]:
    """Take the data folder for this process; gives what lets go of it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise StoreUnusable("another hub process uses this data folder") from error
    closed = False

    def unlock() -> None:
        nonlocal closed
        if not closed:
            closed = True
            os.close(descriptor)

    return unlock


def _nothing() -> None:
    """What lets go of nothing."""
