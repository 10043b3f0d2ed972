"""What a partner's HTTP status says about the parcel, where its body says nothing clearer.

``refused`` is the partner's clear no to this message. ``failed`` is its clear word that it did not take it now; wrong
credentials count as that, because they are mended at the hub and the message is not to blame. Every other 5xx may have
been raised after the message was taken (RFC 9110, 9.2.2), and so is ``unknown``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime

from connectors.base import Partner
from hub.message import Outcome, Result

_LONGEST_WAIT_S = 86_400.0
_NOT_NOW = frozenset({408, 421, 423, 425})
_NO_CREDENTIAL = frozenset({401, 407, 511})


def by_status(status: int, retry_after_s: float | None) -> Outcome:
    """The outcome of an answer that is no success by the agency's rule."""
    text = f"the partner answered HTTP {status}"
    if status == 429 or (status == 503 and retry_after_s is not None):
        return Outcome(Result.FAILED, "partner-throttled", text, retry_after_s=retry_after_s)
    if status == 503 or status in _NOT_NOW:
        return Outcome(Result.FAILED, "partner-failed", text, retry_after_s=retry_after_s)
    if status in _NO_CREDENTIAL:
        return Outcome(Result.FAILED, "partner-failed", f"{text}: it does not accept the hub's credentials")
    if 300 <= status < 400:
        return Outcome(Result.REFUSED, "partner-refused", f"{text}: redirects are not followed")
    if 400 <= status < 500 or status in (501, 505):
        return Outcome(Result.REFUSED, "partner-refused", text)
    if status >= 500:
        return Outcome(Result.UNKNOWN, "partner-failed", text, retry_after_s=retry_after_s)
    return Outcome(Result.UNKNOWN, "partner-garbled", f"{text}, which its success rule does not name")


def lacking(partner: Partner, credential: str | None) -> Outcome | None:
    """The outcome of every attempt while this deployment does not give the secret that the way out names."""
    if credential is None or partner.secrets.get(credential):
        return None
    text = f"this deployment gives no secret {credential!r} for the agency"
    return Outcome(Result.FAILED, "not-deliverable", text)


def retry_after(header: str | None, now: Callable[[], float] = time.time) -> float | None:
    """Seconds asked for by ``Retry-After`` (RFC 9110, 10.2.3: seconds or a date), at most a day; None if unreadable."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), _LONGEST_WAIT_S)
    try:
        wait_s = parsedate_to_datetime(text).timestamp() - now()
    except (TypeError, ValueError, OverflowError):
        return None
    return min(max(wait_s, 0.0), _LONGEST_WAIT_S)
