"""Where the rows of a delimited table stand in its bytes, so that a large table is read in parts."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from hub.errors import HubError
from hub.formats.cuts import Records
from hub.formats.layout import Layout
from hub.formats.text import decode


def cut_delimited(body: bytes, charset: str | None, layout: Layout) -> Records | None:
    """The data rows (rows that belong together are one record); None where the table has to be read as a whole.

    Rows are found in the bytes of UTF-8. Another encoding is written as UTF-8 first: a part of such a table could be
    taken for UTF-8 by chance.
    """
    if not (layout.separator + layout.quote).isascii():
        return None
    try:
        text = decode(body, charset or layout.alphabet.codec)
    except HubError:
        return None
    if "\0" in text:
        return None
    content = text.encode()
    del text
    records = Records(content, "utf-8", "table", 0)
    try:
        return _filled(records, layout)
    except csv.Error:
        return None


def _filled(records: Records, layout: Layout) -> Records:
    grouping = layout.grouping
    lines = _Lines(records.content)
    reader = csv.reader(
        iter(lines), delimiter=layout.separator, quotechar=layout.quote, doublequote=True, strict=True
    )  # fmt: skip
    header, last = layout.header, None
    while True:
        start, line = lines.at, reader.line_num + 1
        cells = next(reader, None)
        if cells is None:
            return records
        if not cells:
            continue
        if header:
            header = False
            continue
        key = grouping.key(cells)
        if grouping.by and key == last:
            records.ends[-1] = lines.at
        else:
            records.add(start, lines.at, line)
            last = key


class _Lines:
    """The lines as ``csv`` wants them, each byte one character; ``at`` is where the next one begins."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.at = 0

    def __iter__(self) -> Iterator[str]:
        for line in io.TextIOWrapper(io.BytesIO(self._content), "latin-1", newline=""):
            self.at += len(line)
            yield line
