"""Attachments: a file's content as text, in base64 or hex, bounded in size and known by its first bytes."""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Callable, Mapping

from hub.mapping.convert import BadOption, Codec, Options, Unfit, single
from hub.mapping.reach import Reach, Types, text_of
from hub.schema.shape import ValueType

ENCODINGS = ("base64", "hex", "base64url")
UNKNOWN_MEDIA = "application/octet-stream"
_MOST_BYTES = 7_000_000  # XML's parser takes texts of 10 MB, and base64 makes a third more of them
# The first bytes of what is sent as evidence: fingerprints (WSQ), portraits, scans, documents (file(1), IANA).
SIGNATURES: Mapping[str, bytes] = {
    "application/pdf": b"%PDF-",
    "image/jpeg": b"\xff\xd8\xff",
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/gif": b"GIF8",
    "image/tiff": b"II*\x00",
    "image/jp2": b"\x00\x00\x00\x0cjP  \r\n\x87\n",
    "image/x-wsq": b"\xff\xa0",
}
_BIG_ENDIAN_TIFF = b"MM\x00*"
# Base64 in one spelling (RFC 4648, 3.5): no white space, whole groups, the bits that say nothing are zero.
_SIX = "[A-Za-z0-9+/]"
_CANONICAL = f"({_SIX}{{4}})*({_SIX}{{4}}|{_SIX}[AQgw]==|{_SIX}{{2}}[AEIMQUYcgkosw048]=)"
_URL_SIX = "[A-Za-z0-9_-]"
_SPACES = re.compile("[ \t\r\n]+")


def attachment_codec(options: Options) -> Codec:
    """A file's content in the agency's encoding to base64 (or {content, mediaType}), and back."""
    most, media = _most(options), _media(options)
    decode, encode = _ENCODINGS[options.one_of("encoding", *ENCODINGS)]

    def checked(content: bytes) -> str:
        if not content:
            raise Unfit("this attachment is empty")
        if len(content) > most:
            raise Unfit(f"this attachment is larger than {most} bytes")
        found = media_type(content)
        if media and found not in media:
            raise Unfit(f"this attachment is {_shown(found)}, and only {', '.join(media)} is taken here")
        return found

    def read(text: str) -> str | dict[str, str]:
        compact = _SPACES.sub("", text)
        if len(compact) > 2 * most + 4:
            raise Unfit(f"this attachment is larger than {most} bytes")
        content = decode(compact)
        found = checked(content)
        ours = base64.b64encode(content).decode("ascii")
        return {"content": ours, "mediaType": found} if options.whole else ours

    def write(value: str | dict[str, str]) -> str:
        text = value if isinstance(value, str) else value.get("content", "")
        content = _from_base64(text)
        found = checked(content)
        if base64.b64encode(content).decode("ascii") != text:
            raise Unfit("the content is not in base64's one spelling", "unwritable-value")
        if isinstance(value, dict) and value != {"content": text, "mediaType": found}:
            raise Unfit(f"the content is {_shown(found)}, and the message says something else", "unwritable-value")
        return encode(content)

    return single(read, write)


def media_type(content: bytes) -> str:
    """What a content is by its first bytes; ``application/octet-stream`` where they tell nothing."""
    if content.startswith(_BIG_ENDIAN_TIFF):
        return "image/tiff"
    return next((name for name, start in SIGNATURES.items() if content.startswith(start)), UNKNOWN_MEDIA)


def _shown(media: str) -> str:
    return "of no known type" if media == UNKNOWN_MEDIA else media


def _most(options: Options) -> int:
    text = options.text("max-bytes")
    if not re.fullmatch("[0-9]{1,8}", text) or not 0 < int(text) <= _MOST_BYTES:
        raise BadOption("max-bytes", f"the option 'max-bytes' is a number from 1 to {_MOST_BYTES}")
    return int(text)


def _media(options: Options) -> tuple[str, ...]:
    names = options.texts("media") if "media" in options.values else ()
    unknown = [name for name in names if name not in SIGNATURES]
    if unknown:
        raise BadOption("media", f"{unknown[0]!r} is not told by its content; known: {', '.join(SIGNATURES)}")
    return names


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Unfit("this is not base64") from None


def _from_base64url(text: str) -> bytes:
    if not re.fullmatch(f"{_URL_SIX}*={{0,2}}", text):
        raise Unfit("this is not base64url")
    bare = text.rstrip("=")
    try:
        return base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
    except (binascii.Error, ValueError):
        raise Unfit("this is not base64url") from None


def _from_hex(text: str) -> bytes:
    try:
        return binascii.unhexlify(text)
    except (binascii.Error, ValueError):
        raise Unfit("this is not hexadecimal") from None


_ENCODINGS: Mapping[str, tuple[Callable[[str], bytes], Callable[[bytes], str]]] = {
    "base64": (_from_base64, lambda content: base64.b64encode(content).decode("ascii")),
    "hex": (_from_hex, lambda content: content.hex().upper()),
    "base64url": (_from_base64url, lambda content: base64.urlsafe_b64encode(content).decode("ascii").rstrip("=")),
}


def attachment_read(options: Options, _: Types) -> Reach:
    """Base64 of a bounded size."""
    most, media = _most(options), _media(options)
    content = ValueType("binary", patterns=(f"^(?:{_CANONICAL})$",), max_length=4 * math.ceil(most / 3))
    types = ValueType(codes=media or (*SIGNATURES, UNKNOWN_MEDIA))
    gives = {"content": content, "mediaType": types} if options.whole else {"": content}
    return Reach(gives, refuses=_refuses(options))


def attachment_write(options: Options, _: Types) -> Reach:
    """The agency's encoding of what is not too large. Four characters carry at least one byte and at most three."""
    most, encoding = _most(options), options.one_of("encoding", *ENCODINGS)
    # So many whole groups are sure not to exceed the limit.
    takes = text_of(_CANONICAL, max_length=4 * (most // 3))
    gives = {
        "base64": ValueType("binary", patterns=(f"^(?:{_CANONICAL})$",), max_length=4 * math.ceil(most / 3)),
        "hex": ValueType("binary", patterns=("^([0-9A-F]{2})+$",), max_length=2 * most),
        "base64url": text_of(f"{_URL_SIX}+", max_length=math.ceil(4 * most / 3)),
    }[encoding]
    refuses = "content of another media type" if options.whole or _media(options) else ""
    return Reach({"": gives}, {"content" if options.whole else "": takes}, refuses)


def _refuses(options: Options) -> str:
    other = ", content of another media type" if _media(options) else ""
    return f"what is not {options.text('encoding', 'base64')} or larger than {_most(options)} bytes{other}"
