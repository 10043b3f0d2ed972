"""Writing documents: a plan compiled once to one function from canonical records to what a contract renders."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from hub.errors import HubError
from hub.mapping.arrange import arrange
from hub.mapping.plan import Fields, Follow, Listed, Plan, Ref, Target, Via
from hub.mapping.write_tree import compile_tree
from hub.mapping.write_xml import compile_xml
from hub.mapping.writing import WriteRecord, Writing

WriteDocument = Callable[[Sequence[WriteRecord], Mapping[str, str]], Any]


def compile_writer(plan: Plan) -> WriteDocument:
    """The whole mapping as one function; it raises ``HubError`` unwritable-value with every problem found."""
    layout = arrange(plan)
    document: Callable[[Writing, Any], Any] = (
        compile_xml(layout, plan.namespaces) if plan.kind == "xml" else compile_tree(layout)
    )
    targets = tuple({target.key: target for target in _targets(plan.fields)}.values())
    xml, file, batch = plan.kind == "xml", plan.written.file, bool(plan.record.marks)

    def write(records: Sequence[WriteRecord], parcel: Mapping[str, str]) -> Any:
        writing = Writing(records, parcel, xml, targets, file)
        if not batch and len(records) != 1:
            raise HubError("unwritable-value", "a document of this agency holds one message")
        output = document(writing, writing.begin(0))
        if writing.problems:
            raise HubError("unwritable-value", writing.problems[0].text, writing.problems)
        return output

    return write


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
