"""The one counter that numbers the rows of the store.

SQLite has one writer: it counts on from the highest number found when the store is opened. PostgreSQL has many: each
process takes blocks from a sequence. Numbers only ever grow within a process, so they follow its order of commits; a
transaction that is rolled back leaves a hole.
"""

from __future__ import annotations

from hub.store.session import Session

BLOCK = 1000
SEQUENCE = "number_block"
NUMBERED = ("content", "case_key", "message", "delivery", "parcel", "entry", "reading", "act")


class Numbers:
    """Gives numbers to the writer thread."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._next = 1
        self._end: int | None = 1
        if session.dialect == "sqlite":
            highest = " UNION ALL ".join(f"SELECT max(n) AS n FROM {table}" for table in NUMBERED)
            ((found,),) = session.ask(f"SELECT coalesce(max(n), 0) FROM ({highest})", {})
            self._next = found + 1
            self._end = None

    def next(self) -> int:
        """A number that no row has yet."""
        number = self._next
        if number == self._end:
            ((number,),) = self._session.ask(f"SELECT nextval('{SEQUENCE}')", {})
            self._end = number + BLOCK
        self._next = number + 1
        return number
