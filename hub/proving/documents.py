"""Random documents of an agency, whatever their format: bytes as the agency would send them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from hypothesis import strategies as st

from hub.errors import HubError
from hub.pipeline.translate import Dialect
from hub.proving.json_cases import JsonCases
from hub.proving.values import Values
from hub.proving.xml_documents import xml_documents
from hub.schema.json_schema import SchemaSet
from hub.schema.shape import Shape
from hub.site.site import Site

Draw = Callable[[st.SearchStrategy[Any]], Any]

_ROWS = 3
_FULLNESS = (2, 5, 9)


def agency_documents(site: Site, dialect: Dialect) -> Callable[[Draw], bytes | None]:
    """Makes one document by its agency's own schema; None where a draw gave nothing that the format can carry."""
    folder = site.contracts_of(dialect.agency.name)
    schema, prefix = folder / dialect.definition.schema, f"schemas/agencies/{dialect.agency.name}"
    if dialect.definition.format == "xml":
        return xml_documents(dialect, folder, prefix)
    if dialect.definition.format == "json":
        cases = JsonCases(SchemaSet(schema, folder, prefix))
        return lambda draw: orjson.dumps(cases.document(draw))
    return _Tables(dialect).document


class _Tables:
    """Rows of a layout, with header and trailer where it has them."""

    def __init__(self, dialect: Dialect) -> None:
        self._contract = dialect.contract
        self._values = Values(as_text=True)

    def document(self, draw: Draw) -> bytes | None:
        fullness = draw(st.sampled_from(_FULLNESS))
        tree = {
            part.name: [self._row(draw, part, fullness) for _ in range(draw(st.integers(1, _ROWS)))]
            if part.repeats
            else self._row(draw, part, fullness)
            for part in self._contract.shape.children
        }
        try:
            return self._contract.render(tree)
        except HubError:
            return None

    def _row(self, draw: Draw, shape: Shape, fullness: int) -> dict[str, Any]:
        row: dict[str, Any] = {}
        for column in shape.children:
            if column.repeats:
                row[column.name] = [self._row(draw, column, fullness) for _ in range(draw(st.integers(1, _ROWS)))]
            elif column.minimum or draw(st.integers(0, 9)) >= 10 - fullness:
                row[column.name] = draw(self._values.of(column.value)) if column.value is not None else ""
            else:
                row[column.name] = ""
        return row
