"""One mapping on a temporary site: schemas and mapping as texts, everything behind them real."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from hub.formats.contract import Contract
from hub.formats.open import open_contract
from hub.mapping.codes import Codes
from hub.mapping.convert import Converter
from hub.mapping.converters import CONVERTERS
from hub.mapping.mapping import Mapping as FieldMapping
from hub.mapping.mapping import ReadRecord, WriteRecord, load_mapping
from hub.mapping.presence import View
from hub.mapping.writing import WrittenDocument
from hub.message import Classification
from hub.schema.canonical import load_canonical
from hub.site.agency import Agency, DocumentDefinition, Format

SUFFIX: Mapping[Format, str] = {
    "xml": ".xsd",
    "json": ".json",
    "delimited": ".layout.yaml",
    "fixed-width": ".layout.yaml",
}
BOTH = frozenset({"read", "write"})


def text(**extra: Any) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, **extra}


def object_of(required: Collection[str] = (), **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": properties,
    }


def list_of(items: Any) -> dict[str, Any]:
    return {"type": "array", "minItems": 1, "items": items}


def reference(to: str) -> dict[str, Any]:
    return text(**{"x-ref": to})


class Bench:
    """One agency's document of one type, mapped both ways."""

    def __init__(
        self,
        folder: Path,
        *,
        schema: str,
        canonical: dict[str, Any],
        mapping: str,
        format: Format = "xml",
        codes: Mapping[str, str] | None = None,
        namespaces: Mapping[str, str] | None = None,
        directions: frozenset[str] = BOTH,
        granted: Collection[str] | None = None,
        prove: bool = False,
        views: Sequence[View] = (),
        converters: Mapping[str, Converter] = CONVERTERS,
    ) -> None:
        for name in ("canonical", "agency", "codes"):
            (folder / name).mkdir(exist_ok=True)
        heading = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": "case.v1.json",
            "x-type": "case",
            "x-version": 1,
            "x-case": {"case": "number"},
        }
        (folder / "canonical" / "case.v1.json").write_text(json.dumps({**heading, **canonical}))
        name = f"case{SUFFIX[format]}"
        (folder / "agency" / name).write_text(schema)
        for table, rows in (codes or {}).items():
            (folder / "codes" / f"{table}.csv").write_text("partner,canonical,note\n" + rows)
        (folder / "case.yaml").write_text("message: case\nagency: partner\n" + mapping)
        definition = DocumentDefinition("case", format, name, "all", 1)
        agency = Agency(
            name="partner",
            titles={},
            ceiling=Classification.SECRET,
            unlabelled=Classification.SECRET,
            namespaces=namespaces or {"p": "urn:partner"},
            documents={"case": definition},
            rest=None,
            soap=None,
            file=None,
            way=None,
            file_name="agency.yaml",
        )
        self.contract: Contract = open_contract(definition, folder / "agency", "agency", agency.namespaces)
        self.type = load_canonical(folder / "canonical")["case"]
        self.mapping: FieldMapping = load_mapping(
            folder / "case.yaml",
            "case.yaml",
            agency,
            self.contract,
            self.type.shape,
            Codes(folder / "codes", "codes"),
            directions,  # type: ignore[arg-type]
            granted,
            prove=prove,
            views=views,
            converters=converters,
            open_schema=lambda schema: open_contract(
                replace(definition, schema=schema), folder / "agency", "agency", agency.namespaces
            ),
        )
        self.contract = self.mapping.contract or self.contract

    def write(self, *messages: dict[str, Any], **facts: str) -> bytes:
        """The document of these messages, valid by the agency's schema."""
        records = [WriteRecord(message, facts) for message in messages]
        return self.contract.render(self._write(records).document)

    def dropped(self, *messages: dict[str, Any]) -> list[dict[str, int]]:
        """What falls of each message when they are written."""
        return [dict(each) for each in self._write([WriteRecord(message, {}) for message in messages]).dropped]

    def _write(self, records: list[WriteRecord]) -> WrittenDocument:
        return self.mapping.write(records, {"id": "parcel-1", "count": str(len(records))})

    def read(self, body: bytes | str) -> list[ReadRecord]:
        """The records of a document that is valid by the agency's schema."""
        parsed = self.contract.parse(body.encode() if isinstance(body, str) else body)
        assert self.contract.problems(parsed) == ()
        return self.mapping.read(parsed.tree)

    def one(self, body: bytes | str) -> dict[str, Any]:
        """The only message of a document, read without a problem."""
        (record,) = self.read(body)
        assert record.problems == ()
        return record.data
