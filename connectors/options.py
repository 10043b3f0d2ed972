"""A connector's own keys in ``agency.yaml`` (``delivers: options:``), read with the declaration that checks them."""

from __future__ import annotations

from urllib.parse import urlsplit

from hub.definition import Reading, Record, Values
from hub.findings import nearest
from hub.marked import Table
from hub.site.agency import Agency, Way


def read_options(keys: Record, way: Way, reading: Reading) -> Values:
    """The options by their declared keys; every mistake is noted in ``reading`` and its key left out."""
    options = way.options
    if not options:
        options = Table()
        options.line, options.lines = way.line, {}
    values = keys.read(options, way.line, reading)
    if values is None:
        values = Values()
        values.line, values.lines = way.line, {}
    return values


def check_types(values: Values, key: str, agency: Agency, reading: Reading) -> None:
    """Every message type named below ``key`` has a document at this agency."""
    for type in values.get(key, {}):
        if type not in agency.documents:
            text = f"the message type {type!r} has no document here"
            reading.wrong("unknown-type", values.lines[key], text, nearest(type, agency.documents))


def check_url(way: Way, reading: Reading) -> None:
    """The endpoint is an http or https URL."""
    try:
        parts = urlsplit(way.endpoint)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        reading.wrong("bad-value", way.line, "the endpoint must be an http or https URL")
