"""Writing documents: a plan compiled once to one function from canonical records to what a contract renders."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from hub.errors import HubError
from hub.mapping.arrange import arrange
from hub.mapping.language import UnlinkedSpec
from hub.mapping.plan import Fields, Follow, Listed, Plan, Ref, Target, Via, nested_lists
from hub.mapping.reading import at
from hub.mapping.write_tree import compile_tree
from hub.mapping.write_xml import compile_xml
from hub.mapping.writing import WriteRecord, Writing, WrittenDocument

_NOTHING: Mapping[str, int] = {}
WriteDocument = Callable[[Sequence[WriteRecord], Mapping[str, str]], WrittenDocument]


def compile_writer(plan: Plan) -> WriteDocument:
    """The whole mapping as one function; it raises ``HubError`` unwritable-value with every problem found."""
    layout = arrange(plan)
    document: Callable[[Writing, Any], Any] = (
        compile_xml(layout, plan.namespaces) if plan.kind == "xml" else compile_tree(layout)
    )
    targets = tuple({target.key: target for target in _targets(plan.fields)}.values())
    xml, file, batch = plan.kind == "xml", plan.written.file, bool(plan.record.marks)
    unlinked = tuple(_unlinked(plan))
    nested = frozenset(target.key for target, _ in unlinked)

    def write(records: Sequence[WriteRecord], parcel: Mapping[str, str]) -> WrittenDocument:
        writing = Writing(records, parcel, xml, targets, file, nested=nested)
        if not batch and len(records) != 1:
            raise HubError("unwritable-value", "a document of this agency holds one message")
        output = document(writing, writing.begin(0))
        for target, spec in unlinked:
            _answer_unlinked(writing, target, spec)
        if writing.problems:
            raise HubError("unwritable-value", writing.problems[0].text, writing.problems)
        dropped = tuple(writing.dropped.get(number, _NOTHING) for number in range(len(records)))
        return WrittenDocument(output, dropped)

    return write


def _unlinked(plan: Plan) -> Iterator[tuple[Target, UnlinkedSpec]]:
    """The lists of which items stand under links only, with what becomes of one that nothing links to."""
    nested = nested_lists(plan)
    for spec in plan.written.unlinked:
        if spec.path.text in nested:
            yield nested[spec.path.text].to, spec


def _answer_unlinked(writing: Writing, target: Target, spec: UnlinkedSpec) -> None:
    """An item that nothing links to makes a dead letter, or falls."""
    for number in range(len(writing.records)):
        data = writing.begin(number)
        lost = [
            item for item in at(data, target.names) or () if not writing.reached(number, target.key, item.get("id"))
        ]
        if lost and not spec.refuse:
            writing.drop(target.key, len(lost))
        elif lost:
            many = f"{len(lost)} items" if len(lost) > 1 else "an item"
            writing.wrong(f"{many} of {target.key} that nothing links to", target.key, spec.path.line)


def _targets(fields: Fields) -> Iterator[Target]:
    for link in fields.links:
        if isinstance(link, (Ref, Via, Follow)):
            yield link.to
        if isinstance(link, Follow):
            yield from _targets(link.fields)
    for repeat in fields.repeats:
        for branch in repeat.branches:
            for inner in (branch.fields,) if isinstance(branch, Listed) else branch.slots:
                yield from _targets(inner)
