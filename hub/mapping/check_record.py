"""How many messages one document of the agency's holds, and whether it may hold a single one."""

from __future__ import annotations

from collections.abc import Iterator

from hub.findings import Finding
from hub.mapping.paths import Step
from hub.mapping.plan import Plan


def check_record(plan: Plan) -> Iterator[Finding]:
    """Writing: a document that has to hold several messages, as any message may have to go alone."""
    step = _repeating(plan)
    if step is not None and step.shape.minimum > 1:
        text = f"a document holds {step.shape.minimum} messages or more, and each may have to go alone"
        hint = "the agency has to take documents of one message"
        line = plan.written.root.line if plan.written.root else 1
        yield Finding("missing-required", plan.written.file, line, text, hint)


def most_messages(plan: Plan) -> int | None:
    """How many messages a document that holds several has room for; None: any number, or it is no such document."""
    step = _repeating(plan)
    return step.shape.maximum if step is not None else None


def _repeating(plan: Plan) -> Step | None:
    """The step that makes a message each; None where the document is one."""
    return plan.root.steps[plan.root.each] if plan.record.marks else None
