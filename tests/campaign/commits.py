"""Where a client of PostgreSQL says COMMIT: its messages, read from the bytes that it sends (protocol 3, no TLS)."""

from __future__ import annotations

from dataclasses import dataclass, field

_STARTUP = 196_608  # protocol 3.0; requests for TLS or GSS come before it, under other numbers


@dataclass
class Commits:
    """Reads one connection. A prepared COMMIT is known by the name under which it was prepared."""

    _pending: bytes = b""
    _started: bool = False
    _names: set[bytes] = field(default_factory=set)

    def found_in(self, piece: bytes) -> bool:
        """Whether a message that ends in this piece asks for a commit."""
        self._pending += piece
        found = False
        while (message := self._next()) is not None:
            found = self._is_commit(*message) or found
        return found

    def _next(self) -> tuple[bytes, bytes] | None:
        """The next whole message, as type and content; messages before the start have no type."""
        head = 5 if self._started else 4
        if len(self._pending) < head:
            return None
        size = int.from_bytes(self._pending[head - 4 : head], "big") + head - 4
        if len(self._pending) < size:
            return None
        kind, content = self._pending[: head - 4], self._pending[head:size]
        self._pending = self._pending[size:]
        self._started = self._started or int.from_bytes(content[:4], "big") == _STARTUP
        return kind, content

    def _is_commit(self, kind: bytes, content: bytes) -> bool:
        if kind == b"Q":
            return _says_commit(content.partition(b"\0")[0])
        if kind == b"P":
            name, _, rest = content.partition(b"\0")
            self._names.discard(name)
            if _says_commit(rest.partition(b"\0")[0]):
                self._names.add(name)
        if kind == b"B":
            return content.split(b"\0", 2)[1] in self._names
        return False


def _says_commit(statement: bytes) -> bool:
    return statement.strip().upper() == b"COMMIT"
