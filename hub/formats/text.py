"""Bytes to text by DOMAIN.md's order of belief: byte order mark, strict UTF-8, then only a codec that was declared."""

from __future__ import annotations

import codecs

from hub.errors import HubError, Problem

# Single-byte codecs decode almost anything, so the list is closed: a declared name outside it is refused, never tried.
_ACCEPTED = {
    codecs.lookup(name).name
    for name in (
        "ascii",
        "utf-8",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "cp1256",
        "cp1252",
        "iso8859-1",
        "iso8859-6",
    )
}
_UTF_16 = {codecs.lookup(name).name for name in ("utf-16", "utf-16-le", "utf-16-be")}
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def decode(body: bytes, declared: str | None = None) -> str:
    """The text of ``body`` without its byte order mark.

    ``declared`` is the codec that the transport (or the document's own declaration) named. UTF-16 without a mark is
    read only where it was declared. Raises ``HubError`` wrong-encoding: bytes that do not fit, or a codec that the hub
    does not accept.
    """
    for mark, name in _MARKS:
        if body.startswith(mark):
            return _strictly(body[len(mark) :], name)
    codec = accepted_codec(declared) if declared else "utf-8"
    if codec not in _UTF_16:
        try:
            return body.decode("utf-8")
        except UnicodeDecodeError:
            if codec == "utf-8" or codec == "ascii":
                raise _broken(body, "utf-8") from None
    return _strictly(body, codec)


def decode_table(body: bytes, declared: str) -> str:
    """The same for tables, which hold no U+0000. Raises ``HubError`` wrong-encoding, forbidden-character."""
    text = decode(body, declared)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        said = "The character U+0000 is not accepted"
        raise HubError("forbidden-character", f"Line {line}: {said}", [Problem(said, line=line, rule="character")])
    return text


def accepted_codec(name: str) -> str:
    """Python's name of a codec; raises ``HubError`` wrong-encoding for one outside the closed list."""
    try:
        codec = codecs.lookup(name.strip().strip("\"'")).name
    except (LookupError, ValueError):
        codec = ""
    if codec not in _ACCEPTED:
        raise HubError("wrong-encoding", f"The encoding {shown(name)} is not accepted")
    return codec


def shown(token: str, most: int = 60) -> str:
    """An offending token as an error text may show it: quoted, printable, cut when long."""
    clean = "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in token[: most + 1])
    return f"'{clean[:most]}…'" if len(clean) > most else f"'{clean}'"


def _strictly(body: bytes, codec: str) -> str:
    try:
        return body.decode(codec)
    except UnicodeDecodeError:
        raise _broken(body, codec) from None


def _broken(body: bytes, codec: str) -> HubError:
    try:
        body.decode(codec)
    except UnicodeDecodeError as error:
        width = 2 if codec in _UTF_16 else 1
        line = body[: error.start].count(b"\n" if width == 1 else b"\n\0") + 1
        text = f"The bytes are not {codec}: {error.reason} at byte {error.start + 1}"
        return HubError("wrong-encoding", text, [Problem(text, line=line, rule="encoding")])
    return HubError("wrong-encoding")
