"""What travels beside a parcel (DESIGN.md, fixed interfaces), as texts that every transport can carry."""

from __future__ import annotations

from urllib.parse import quote

from hub.message import Outbound

_KEPT = "!#$&'()*+-./:=?@[]^_`{|}~ "


def sequence(outbound: Outbound) -> str:
    """``<case key>;<n>``; a parcel of many has one for each delivery, separated by commas, in parcel order."""
    return ", ".join(f"{header_text(each.case_key)};{each.sequence}" for each in outbound.envelopes)


def trace(outbound: Outbound) -> str | None:
    """The W3C ``traceparent`` of the parcel's first message, if it came with one."""
    return outbound.envelopes[0].trace


def is_test(outbound: Outbound) -> bool:
    """Whether every message of the parcel is marked as a test."""
    return all(envelope.test for envelope in outbound.envelopes)


def header_text(text: str) -> str:
    """``text`` with everything percent-encoded that a header or the list of sequences cannot hold."""
    return text if text.isascii() and text.isalnum() else quote(text, safe=_KEPT)
