"""The strict door for JSON: what decoders let through (repeated keys, U+0000, huge integers) is refused here.

orjson itself refuses NaN, Infinity, bytes that are not UTF-8, lone surrogates and floats beyond a double. The rest is
found with a few cheap counts on the bytes, which can only err towards the careful pass:

- orjson keeps one of several equal keys. Written again without white space, the decoded document has exactly as many
  colons as the text (one a key, and those inside strings) unless a key was lost or a colon was written as an escape.
- U+0000 can only come as its six-character escape.
- An integer beyond 64 bits has at least 19 digits in a row, and no quote or letter before them.
- A document with at most as many opening brackets as levels allowed cannot be too deep.
"""

from __future__ import annotations

import re
from typing import Any

import orjson

from hub.errors import HubError, Problem
from hub.formats.text import decode, shown
from hub.schema.positions import Place, places

MAX_DEPTH = 64
MAX_BYTES = 64 * 1024 * 1024

_DIGITS_ALIKE = bytes(0x30 if 0x30 <= byte <= 0x39 else byte for byte in range(256))
_MANY_DIGITS = b"0" * 19
_LONG_NUMBER = re.compile(rb"(?:^|[\s:,\[-])[0-9]{19}")
_INTEGER = re.compile(r"-?[0-9]+")
_SMALLEST, _LARGEST = -(2**63), 2**64 - 1


def decode_json(body: bytes, charset: str | None = None) -> Any:
    """The value of one JSON text. Raises ``HubError`` with the line: malformed, wrong-encoding, forbidden-character,
    too-deep, too-large.

    JSON is UTF-8 (RFC 8259, 8.1); another codec is read only where the transport declared it.
    """
    if len(body) > MAX_BYTES:
        raise HubError("too-large")
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        return _decode_again(body, charset, error)
    if (
        body.count(b":") != orjson.dumps(value).count(b":")
        or (b"\\u00" in body and (b"\\u0000" in body or b"\\u003a" in body or b"\\u003A" in body))
        or (_MANY_DIGITS in body.translate(_DIGITS_ALIKE) and _LONG_NUMBER.search(body))
        or (body.count(b"{") + body.count(b"[") > MAX_DEPTH and _is_deeper(value, MAX_DEPTH))
    ):
        _look_carefully(body.decode("utf-8"))
    return value


def _decode_again(body: bytes, charset: str | None, error: orjson.JSONDecodeError) -> Any:
    """The text may have a mark or be in another encoding; else say what is wrong with it."""
    text = decode(body, charset)
    if text.encode("utf-8", "surrogatepass") != body and not text.startswith("\ufeff"):
        return decode_json(text.encode("utf-8"))
    line, column = error.lineno, error.colno
    if "depth limit" in error.msg:
        raise _refused("too-deep", line, f"More than {MAX_DEPTH} levels", "depth")
    if "surrogate" in error.msg:
        raise _refused("forbidden-character", line, "A lone surrogate is not accepted", "character")
    if "control character" in error.msg:
        raise _refused("forbidden-character", line, "A control character stands in a text", "character")
    raise _refused("malformed", line, f"column {column}: {error.msg}", "well-formed")


def _is_deeper(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        level = [
            child
            for container in level
            for child in (container.values() if type(container) is dict else container)
            if type(child) is dict or type(child) is list
        ]
        if not level:
            return False
    return True


def _look_carefully(text: str) -> None:
    """Read the text token by token and raise where something must be refused."""
    for place in places(text):
        token = place.token
        if place.again:
            raise _at(place, "malformed", "The key stands here again", "duplicate-key")
        if "\0" in place.pointer or (token[0] == '"' and "\\u0000" in token and "\0" in orjson.loads(token)):
            raise _at(place, "forbidden-character", "The character U+0000 is not accepted", "character")
        if _INTEGER.fullmatch(token) and (len(token) > 20 or not _SMALLEST <= int(token) <= _LARGEST):
            raise _at(place, "malformed", f"The integer {shown(token, 24)} needs more than 64 bits", "integer-range")
        if place.depth >= MAX_DEPTH and token in "{[":
            raise _at(place, "too-deep", f"More than {MAX_DEPTH} levels", "depth")


def _at(place: Place, code: str, said: str, rule: str) -> HubError:
    pointer = place.pointer.replace("\0", "\\u0000")[:200]
    problem = Problem(said, path=pointer, line=place.line, rule=rule)
    return HubError(code, f"Line {place.line}, {pointer or 'document'}: {said}", [problem])


def _refused(code: str, line: int, said: str, rule: str) -> HubError:
    return HubError(code, f"Line {line}: {said}", [Problem(said, line=line, rule=rule)])
