"""The jsonschema library's verdict on a site's JSON Schemas, for ``hub check``: meta-schema and references.

It is the authority when a site is checked. It is not part of starting a hub: importing it with its format extras takes
1.5 s of processor time, jsonschema-rs (which a start uses) takes 0.02 s.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from referencing import Registry, Resource
from referencing.exceptions import NoSuchResource
from referencing.jsonschema import DRAFT202012

from hub.findings import Finding, Findings
from hub.schema.json_schema import Located, SchemaSet
from hub.schema.positions import escape


def schema_findings(folder: Path, prefix: str) -> tuple[Finding, ...]:
    """What is wrong with the JSON Schemas of one folder (``schemas/canonical``, ``schemas/agencies/<agency>``)."""
    findings: dict[Finding, None] = {}
    for path in sorted(folder.glob("*.json")):
        try:
            schemas = SchemaSet(path, folder, prefix)
        except Findings as error:
            findings.update(dict.fromkeys(error.findings))
            continue
        try:
            Draft202012Validator.check_schema(schemas.root.schema)
        except SchemaError as error:
            pointer = "".join(f"/{escape(str(step))}" for step in error.absolute_path)
            findings[schemas.finding("bad-schema", Located(schemas.main, pointer, None), error.message)] = None
    return tuple(findings)


def authoritative_validator(schemas: SchemaSet) -> Any:
    """A jsonschema validator over the same closed set, for tests that hold the fast one against it."""
    registry: Any = Registry(retrieve=_refuse)  # type: ignore[call-arg]
    for file, document in schemas.documents.items():
        registry = registry.with_resource(f"site:///{file}", Resource(document, DRAFT202012))  # type: ignore[call-arg]
    reference = {"$ref": f"site:///{schemas.name(schemas.main)}"}
    return Draft202012Validator(reference, registry=registry, format_checker=Draft202012Validator.FORMAT_CHECKER)


def _refuse(uri: str) -> Any:
    raise NoSuchResource(uri)
