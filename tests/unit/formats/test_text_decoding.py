"""Bytes to text in the order of belief."""

from __future__ import annotations

import codecs

import pytest

from hub.errors import HubError
from hub.formats.text import decode, shown

ARABIC = "محضر الضبط"


@pytest.mark.parametrize(
    ("body", "declared"),
    [
        (ARABIC.encode(), None),
        (ARABIC.encode(), "windows-1256"),
        (codecs.BOM_UTF8 + ARABIC.encode(), "windows-1256"),
        (codecs.BOM_UTF16_LE + ARABIC.encode("utf-16-le"), None),
        (codecs.BOM_UTF16_BE + ARABIC.encode("utf-16-be"), "utf-8"),
        (ARABIC.encode("utf-16-le"), "utf-16le"),
        (ARABIC.encode("cp1256"), "windows-1256"),
        (ARABIC.encode("iso8859-6"), "ISO-8859-6"),
    ],
)
def test_a_mark_is_believed_before_utf_8_and_that_before_a_declared_codec(body: bytes, declared: str | None) -> None:
    """The same text comes out of every honest spelling."""
    assert decode(body, declared) == ARABIC


def test_windows_1256_is_never_guessed() -> None:
    """Bytes that only a single-byte codec would read are refused with their line unless one was declared."""
    with pytest.raises(HubError) as caught:
        decode(b"<a>\n" + ARABIC.encode("cp1256"))
    assert caught.value.code.name == "wrong-encoding"
    assert caught.value.problems[0].line == 2


@pytest.mark.parametrize("declared", ["utf-7", "punycode", "koi8-r", "no such codec", "zlib"])
def test_a_codec_outside_the_closed_list_is_refused(declared: str) -> None:
    """A declared name is never tried just because Python has a codec of that name."""
    with pytest.raises(HubError, match="wrong-encoding"):
        decode(b"a", declared)


@pytest.mark.parametrize("body", [b"\xff\xfe\x00\xd8", b"\xed\xa0\x80", b"\xff\xfea"])
def test_lone_surrogates_and_half_characters_are_refused(body: bytes) -> None:
    """Neither UTF-16 nor UTF-8 may bring half of a pair."""
    with pytest.raises(HubError, match="wrong-encoding"):
        decode(body)


def test_an_offending_token_is_cut_and_printable() -> None:
    """An error text shows a token, never a payload."""
    assert shown("x" * 500) == f"'{'x' * 60}…'"
    assert shown("a\x00b\n") == "'a\\u0000b\\u000a'"
