"""An OpenAPI (3.x) or Swagger (2.0) description as a contract: request bodies as JSON Schemas of the hub's dialect."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import orjson
import yaml

from hub.findings import Finding, Findings
from hub.onboarding.contract import ContractDraft, Offer, Unusable
from hub.schema.json_schema import DIALECT

_METHODS = ("post", "put", "patch")
# Keywords of OpenAPI that JSON Schema does not have, or has otherwise.
_LEFT_OUT = ("nullable", "discriminator", "xml", "externalDocs", "example", "readOnly", "writeOnly", "deprecated", "id")
_DATA = ("enum", "const", "default", "examples")


def read_openapi(path: Path) -> ContractDraft:
    """A description with every file that it refers to. Raises ``Findings`` (a missing file) and ``Unusable``."""
    documents = _documents(path)
    main = documents[path.name]
    if not isinstance(main, dict) or not ("openapi" in main or "swagger" in main):
        raise Unusable(f"{path.name} is not an OpenAPI description")
    names = {name: f"{Path(name).stem}.schemas.json" for name in documents}
    files = {path.name: path.read_bytes()}
    for name, document in documents.items():
        files[names[name]] = _written({"$schema": DIALECT, **_shared(document, names)})
    offers = []
    for name, url, note, schema in _bodies(main):
        file = f"{name}.json"
        files[file] = _written({"$schema": DIALECT, **_schema(schema, names, names[path.name])})
        offers.append(Offer(name, "json", file, note=note, path=url))
    if not offers:
        raise Unusable(f"{path.name}: no operation takes a JSON body")
    return ContractDraft(files, tuple(offers), "rest", _endpoint(main))


def _documents(path: Path) -> dict[str, Any]:
    """The file and all files that it refers to, by name."""
    found: dict[str, Any] = {}
    findings: list[Finding] = []
    waiting = [path.resolve()]
    while waiting:
        file = waiting.pop()
        if file.name in found:
            continue
        found[file.name] = document = _parsed(file)
        for reference in _references(document):
            parts = urlsplit(reference)
            if not parts.path and not parts.netloc:
                continue
            other = (file.parent / unquote(parts.path)).resolve()
            if parts.netloc or not other.is_file():
                name = Path(parts.path).name
                text = f"it refers to {reference}: the file {name} is missing"
                findings.append(Finding("missing-import", file.name, 0, text, f"put {name} beside {file.name}"))
            else:
                waiting.append(other)
    if findings:
        raise Findings(dict.fromkeys(findings))
    return found


def _parsed(file: Path) -> Any:
    """JSON, or YAML in which days stay text."""
    text = file.read_text(encoding="utf-8-sig")
    try:
        return json.loads(text)
    except ValueError:
        pass
    try:
        return yaml.load(text, Loader=_WithoutDays)
    except yaml.YAMLError as error:
        raise Unusable(f"{file.name} is neither JSON nor YAML: {error}") from None


class _WithoutDays(yaml.SafeLoader):
    """Plain YAML, but 2020-01-01 is no date: JSON has none."""

    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [(tag, form) for tag, form in found if not tag.endswith(":timestamp")]
        for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def _bodies(main: Mapping[str, Any]) -> Iterator[tuple[str, str, str, Any]]:
    """(name, path, note, schema) of every JSON request body."""
    for url, methods in main.get("paths", {}).items():
        for method in _METHODS:
            operation = methods.get(method) if isinstance(methods, dict) else None
            schema = _body(main, operation) if isinstance(operation, dict) else None
            if schema is not None and isinstance(operation, dict):
                words = "".join(part if part.isalnum() else "-" for part in f"{method}{url}").strip("-")
                note = operation.get("summary") or operation.get("description") or ""
                yield operation.get("operationId") or words, url, " ".join(str(note).split()), schema


def _body(main: Mapping[str, Any], operation: Mapping[str, Any]) -> Any:
    body = operation.get("requestBody", {})
    if "$ref" in body:
        body = main.get("components", {}).get("requestBodies", {}).get(body["$ref"].rpartition("/")[2], {})
    for media_type, content in body.get("content", {}).items():
        if media_type.partition(";")[0].endswith("json"):
            return content.get("schema")
    return next((each.get("schema") for each in operation.get("parameters", ()) if each.get("in") == "body"), None)


def _endpoint(main: Mapping[str, Any]) -> str:
    if "swagger" in main:
        scheme = next(iter(main.get("schemes", ())), "https")
        return f"{scheme}://{main['host']}{main.get('basePath', '')}" if "host" in main else ""
    return str(next((server.get("url", "") for server in main.get("servers", ())), ""))


def _shared(document: Any, names: Mapping[str, str]) -> dict[str, Any]:
    """The schemas of a description at the places where references find them."""
    if not isinstance(document, dict):
        return {}
    components = document.get("components", {})
    parts: dict[str, Any] = {}
    if "schemas" in components:
        parts["components"] = {"schemas": _each(components["schemas"], names)}
    if "definitions" in document:
        parts["definitions"] = _each(document["definitions"], names)
    if not parts and not ("openapi" in document or "swagger" in document):
        return dict(_schema(document, names, ""))
    return parts


def _each(schemas: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {name: _schema(schema, names, "") for name, schema in schemas.items()}


def _schema(node: Any, names: Mapping[str, str], home: str) -> Any:
    """A schema in JSON Schema 2020-12; ``home`` is the file of the references that name none."""
    if isinstance(node, list):
        return [_schema(item, names, home) for item in node]
    if not isinstance(node, dict):
        return node
    made: dict[str, Any] = {}
    for key, value in node.items():
        if key == "$ref" and isinstance(value, str):
            made[key] = _reference(value, names, home)
        elif key in _DATA:
            made[key] = value
        elif key in ("properties", "patternProperties"):
            made[key] = {name: _schema(each, names, home) for name, each in value.items()}
        elif key not in _LEFT_OUT:
            made[key] = _schema(value, names, home)
    return _modern(made, node)


def _modern(made: dict[str, Any], node: Mapping[str, Any]) -> dict[str, Any]:
    """What OpenAPI 3.0 spells in another way."""
    for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(made.get(exclusive), bool) and made.pop(exclusive) and bound in made:
            made[exclusive] = made.pop(bound)
    if node.get("nullable") is True and isinstance(made.get("type"), str):
        made["type"] = [made["type"], "null"]
        if "enum" in made and None not in made["enum"]:
            made["enum"] = [*made["enum"], None]
    return made


def _reference(reference: str, names: Mapping[str, str], home: str) -> str:
    file, sign, pointer = reference.partition("#")
    target = names.get(Path(unquote(file)).name, file) if file else home
    return f"{target}{sign}{pointer}"


def _written(document: Any) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
