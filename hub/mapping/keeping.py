"""``unseen: keep``: content that no path can name, put beside the fields in the canonical list made for it."""

from __future__ import annotations

from typing import Any

import orjson

from hub.findings import Finding
from hub.mapping.plan import Plan
from hub.mapping.reading import Reading
from hub.schema.shape import Shape

# The canonical list that can keep it: ``unseen[]`` of objects with the agency's path and the content as JSON text.
LIST, PATH, CONTENT = "unseen", "path", "content"


def can_keep(canonical: Shape) -> bool:
    """Whether a message type has room for unseen content."""
    shape = canonical.by_name.get(LIST)
    return shape is not None and shape.repeats and {PATH, CONTENT} <= shape.by_name.keys()


def check_keeping(plan: Plan) -> list[Finding]:
    """``keep`` needs a place in the canonical message."""
    if plan.written.unseen != "keep" or can_keep(plan.canonical):
        return []
    text = f"unseen: keep has no place: {plan.written.message.text} has no list {LIST}[] with {PATH} and {CONTENT}"
    line = plan.written.unseen_line
    return [Finding("cannot-keep", plan.written.file, line, text, "unseen: count or refuse, or a list in the schema")]


def keep(reading: Reading, path: str, found: Any) -> None:
    """Put unseen content into the message."""
    items = reading.data.setdefault(LIST, [])
    items.append({PATH: f"/{path}", CONTENT: orjson.dumps(found, option=orjson.OPT_SORT_KEYS).decode()})
