"""The options of an agency that fetches its messages: ``delivers: {transport: mailbox, options: ...}``."""

from __future__ import annotations

from typing import Any

from hub.definition import Number, Reading, Record, Scalar, Values
from hub.marked import Table
from hub.site.agency import Mailbox

MAILBOX = Record(
    {
        "credential": Scalar("name of the secret with which the agency proves itself when it fetches"),
        "again-after-s": Number("when a fetched message that is not acknowledged comes again; default 60", 1, 86_400),
    },
    ("credential",),
)
_OF_CALLS = ("endpoint", "timeout-s", "concurrency", "rate", "breaker", "window")


def mailbox_of(delivers: Values, reading: Reading) -> Mailbox:
    """The mailbox that ``delivers`` declares; every mistake is noted in ``reading``."""
    values: Any = MAILBOX.read(delivers.get("options") or _nothing(delivers.line), delivers.line, reading) or {}
    if int(delivers.get("batch", {}).get("most", 1)) > 1:
        reading.wrong("bad-value", delivers.lines["batch"], "a mailbox hands out single messages: no batch")
    for key in _OF_CALLS:
        if key in delivers:
            text = f"{key!r} is about our calls, and an agency with a mailbox calls us: take it away"
            reading.wrong("bad-value", delivers.lines[key], text)
    return Mailbox(str(values.get("credential", "")), float(values.get("again-after-s", 60)))


def _nothing(line: int) -> Table:
    nothing = Table()
    nothing.line, nothing.lines = line, {}
    return nothing
