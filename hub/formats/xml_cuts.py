"""Where the records of an XML document stand in its bytes, told by expat in one pass that builds nothing."""

from __future__ import annotations

from collections.abc import Collection
from xml.parsers import expat

from hub.errors import HubError
from hub.formats.cuts import Records
from hub.formats.text import decode


class _Whole(Exception):
    """The document is taken as a whole: it cannot be cut, or something is wrong that only then is told well."""


def cut_xml(body: bytes, charset: str | None, names: tuple[str, ...], ids: Collection[str] = ()) -> Records | None:
    """The elements at the path ``names`` (Clark names from the root); None where the document is no plain batch.

    A plain batch is well-formed, has no DOCTYPE, and its records stand side by side in one element, with nothing else
    between them. ``ids`` are attributes (Clark names) whose values stand once in a document: twice is no plain batch.
    """
    try:
        text = decode(body, charset)
    except HubError:
        return None
    content = body if charset in (None, "utf-8") and not body.startswith(b"\xef\xbb\xbf") else text.encode()
    del text
    reader = _Reader(content, names, ids)
    try:
        return reader.read()
    except (expat.ExpatError, _Whole):
        return None


class _Reader:
    def __init__(self, content: bytes, names: tuple[str, ...], ids: Collection[str]) -> None:
        self._records = Records(content, "utf-8", "xml", len(names))
        self._content = content
        self._names = [name.removeprefix("{") if "}" in name else name for name in names]
        self._ids = {name.removeprefix("{") for name in ids}
        self._seen: set[str] = set()
        self._depth = 0
        self._matched = 0
        self._begin = self._line = 0
        self._alone = False  # nothing has come since the record's start tag
        self._closed = False  # another element, or the records' parent's end, has come after the records

    def read(self) -> Records:
        parser = self._parser = expat.ParserCreate("utf-8", "}")
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.StartDoctypeDeclHandler = _no_batch
        parser.Parse(self._content, True)
        return self._records

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        depth = self._depth
        self._depth = depth + 1
        self._alone = False
        if self._ids and attributes:
            self._note_ids(attributes)
        if depth == self._matched and depth < len(self._names):
            if name == self._names[depth]:
                self._matched = depth + 1
                if self._matched == len(self._names):
                    if self._closed:
                        raise _Whole
                    self._begin, self._line = self._parser.CurrentByteIndex, self._parser.CurrentLineNumber
                    self._alone = True
                elif len(self._records):
                    raise _Whole  # a second parent of records
            elif depth == len(self._names) - 1 and len(self._records):
                self._closed = True

    def _end(self, name: str) -> None:
        self._depth -= 1
        if self._depth < self._matched:
            if self._matched == len(self._names):
                self._records.add(self._begin, self._end_of_tag(), self._line)
            self._matched = self._depth
        self._alone = False

    def _end_of_tag(self) -> int:
        """Where the element ends: expat stands at its end tag, or behind the one tag of an empty element."""
        at = self._parser.CurrentByteIndex
        if self._alone and self._content[at - 2 : at] == b"/>":
            return at
        return self._content.index(b">", at) + 1

    def _note_ids(self, attributes: dict[str, str]) -> None:
        for name in self._ids.intersection(attributes):
            if attributes[name] in self._seen:
                raise _Whole
            self._seen.add(attributes[name])


def _no_batch(*_: object) -> None:
    raise _Whole
