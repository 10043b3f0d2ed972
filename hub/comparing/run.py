"""Documents one after the other through both sites, into a summary."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping

from hub.comparing.compare import compare
from hub.comparing.documents import Document, alone, as_it_came
from hub.comparing.judge import WHOLE, Judged, judge
from hub.comparing.summary import Summary
from hub.site.site import Site

_MISSING = Judged(None)


async def run(
    today: Site, other: Site, documents: AsyncIterator[Document], summary: Summary, compared: Callable[[int], None]
) -> None:
    """Compare what ``documents`` gives; ``compared`` hears how many messages each of them held. Nothing is stored."""
    async for document in documents:
        compared(compare_document(today, other, document, summary))


def compare_document(today: Site, other: Site, document: Document, summary: Summary) -> int:
    """Add every record of one document to the summary; returns how many stored messages it stands for."""
    received = document.received
    ours = judge(today, received, document.ids)
    if set(ours) == {0} and len(document.ids) == 1:  # of a large document a message keeps its own record alone
        document = alone(document)
    labels = {record: judged.message.classification for record, judged in ours.items() if judged.message is not None}
    labelled = as_it_came(document, labels)
    if labelled is not received:
        ours = judge(today, labelled, document.ids)
    theirs = judge(other, labelled, document.ids)
    for record in _records(ours, theirs):
        before, after = _at(ours, record), _at(theirs, record)
        name = document.ids.get(record) or (f"{document.name} record {record}" if record > 0 else document.name)
        summary.add(received.agency, received.type, name, compare(today, other, before, after))
    return len(document.ids) or 1


def _records(ours: Mapping[int, Judged], theirs: Mapping[int, Judged]) -> list[int]:
    """A document that one site refuses as a whole is refused for every record that the other one reads."""
    return sorted({*ours, *theirs} - {WHOLE}) or [WHOLE]


def _at(judged: Mapping[int, Judged], record: int) -> Judged:
    return judged.get(record) or judged.get(WHOLE) or _MISSING
