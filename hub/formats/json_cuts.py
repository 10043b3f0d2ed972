"""Where the items of a list stand in a JSON text, found token by token without decoding any."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from hub.errors import HubError
from hub.formats.cuts import Records
from hub.formats.text import decode

_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[\[\]{}:,]', re.DOTALL)
_SPACE = b" \t\r\n"


def cut_json(body: bytes, charset: str | None, names: tuple[str, ...]) -> Records | None:
    """The items of the list at the property path ``names`` (none: the document itself); None where there is no such
    list, or two."""
    content = body
    if charset not in (None, "utf-8") or body[:1] not in (b"{", b"[", b" ", b"\n", b"\r", b"\t"):
        try:
            content = decode(body, charset).encode()
        except (HubError, UnicodeEncodeError):
            return None
    try:
        return _Scan(content, names).read()
    except (ValueError, IndexError):
        return None  # not JSON: whoever decodes all of it says why


class _Scan:
    def __init__(self, content: bytes, names: tuple[str, ...]) -> None:
        self._content = content
        self._names = names
        self._records = Records(content, "utf-8", "json", len(names) + 1)

    def read(self) -> Records | None:
        """Walk the objects on the way to the list; everything beside it is passed over.

        ``depth`` containers are open, and ``matched`` of the names lead to the innermost object on the way.
        """
        tokens = _TOKEN.finditer(self._content)
        depth = matched = 0
        key: bytes | None = None
        wants_key = found = False
        for match in tokens:
            token = match[0]
            if token[0] == 0x22:
                if wants_key and depth == matched + 1:
                    key = token
                wants_key = False
            elif token in (b"{", b"["):
                if not self._names and depth == 0:
                    if found or token == b"{":
                        return None
                    found = True
                    self._items(tokens, match.end())
                    continue
                on_way = depth == matched + 1 and self._is(key, matched)
                is_last = matched + 1 == len(self._names)
                if on_way and is_last and token == b"[":
                    if found:
                        return None
                    found, key = True, None
                    self._items(tokens, match.end())
                    continue
                matched += on_way and not is_last and token == b"{"
                depth += 1
                wants_key, key = token == b"{", None
            elif token in (b"}", b"]"):
                depth -= 1
                matched -= 0 < matched == depth
                key = None
            elif token == b",":
                wants_key, key = True, None
        return self._records if found and depth == 0 else None

    def _is(self, key: bytes | None, matched: int) -> bool:
        return key is not None and matched < len(self._names) and json.loads(key) == self._names[matched]

    def _items(self, tokens: Iterator[re.Match[bytes]], at: int) -> None:
        """The items of the list whose bracket has just been read, up to its closing one."""
        content, records = self._content, self._records
        line, counted, depth, begin = content.count(b"\n", 0, at) + 1, at, 0, at
        for match in tokens:
            token = match[0]
            if token == b"{" or token == b"[":
                depth += 1
                continue
            ends = token == b"]" and depth == 0
            if ends or (token == b"," and depth == 0):
                start, end = _trimmed(content, begin, match.start())
                if start < end:
                    line += content.count(b"\n", counted, start)
                    counted = start
                    records.add(start, end, line)
                elif not ends or len(records):
                    raise ValueError("an item is missing")
                if ends:
                    return
                begin = match.end()
            elif token == b"}" or token == b"]":
                depth -= 1
        raise ValueError("the list does not end")


def _trimmed(content: bytes, start: int, end: int) -> tuple[int, int]:
    while start < end and content[start] in _SPACE:
        start += 1
    while start < end and content[end - 1] in _SPACE:
        end -= 1
    return start, end
