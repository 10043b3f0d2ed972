"""An OpenAPI (3.x) or Swagger (2.0) description, or a JSON Schema, as a contract: JSON bodies in the hub's dialect."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hub.findings import few
from hub.onboarding.contract import ContractDraft, Offer, Unusable
from hub.onboarding.described import Documents, Spot
from hub.onboarding.modern_schema import SchemaFiles, as_schema

_METHODS = ("post", "put", "patch")


def read_openapi(path: Path) -> ContractDraft:
    """A description with every file that it refers to. Raises ``Findings`` (a missing file) and ``Unusable``."""
    documents = Documents(path)
    main = Spot(documents.parsed[documents.main], documents.main)
    if not isinstance(main.node, dict) or not ("openapi" in main.node or "swagger" in main.node):
        raise Unusable(f"{path.name} is not an OpenAPI description (for a JSON Schema: --json-schema)")
    schemas = SchemaFiles(documents)
    files = {path.name: path.read_bytes()}
    offers, decisions, others = [], [], []
    for operation in _operations(documents, main):
        if operation.schema is None:
            others.extend(operation.media_types)
            continue
        file = _free(f"{re.sub(r'[^A-Za-z0-9._-]+', '-', operation.name).strip('-.') or 'body'}", files)
        files[file] = as_schema(schemas.schema(operation.schema.node, operation.schema.file))
        offers.append(Offer(operation.name, "json", file, note=operation.note, path=operation.path))
        if "{" in operation.path:
            decisions.append(
                f"The path of {operation.name}, {operation.path}, has a part for each message, which the hub does not"
                " fill: give a path without it (delivers.options.paths)."
            )
    if not offers:
        taken = f"; they take {few(sorted(set(others)))}" if others else ""
        raise Unusable(f"{path.name}: no operation takes a JSON body{taken}")
    endpoint, doubt = _endpoint(main.node)
    decisions += [doubt] if doubt else []
    return ContractDraft(files | schemas.written(), tuple(offers), "rest", endpoint, decisions=tuple(decisions))


def read_json_schema(path: Path) -> ContractDraft:
    """A JSON Schema (draft 4 or later) with every file that it refers to. Raises ``Findings`` and ``Unusable``."""
    documents = Documents(path)
    node = documents.parsed[documents.main]
    if not isinstance(node, dict) or "openapi" in node or "swagger" in node:
        raise Unusable(f"{path.name} is not a JSON Schema")
    schemas = SchemaFiles(documents)
    file = f"{path.name.split('.')[0]}.json"
    body = as_schema(schemas.schema(node, documents.main))
    note = " ".join(str(node.get("title") or "").split())
    decisions = ("How its documents travel: a JSON Schema does not say. The draft assumes REST.",)
    offer = Offer(path.name.split(".")[0], "json", file, note=note)
    return ContractDraft({file: body, **schemas.written()}, (offer,), "rest", decisions=decisions)


class _Operation:
    """An operation with its JSON body (``schema``; None: it takes other media types, or nothing)."""

    def __init__(self, method: str, path: str, spot: Spot, documents: Documents) -> None:
        words = "".join(part if part.isalnum() else "-" for part in f"{method}{path}").strip("-")
        note = spot.node.get("summary") or spot.node.get("description") or ""
        self.name = str(spot.node.get("operationId") or words)
        self.path = path
        self.note = " ".join(str(note).split())
        self.media_types: list[str] = []
        self.schema = self._body(spot, documents)

    def _body(self, spot: Spot, documents: Documents) -> Spot | None:
        contents = documents.follow(spot.below("requestBody")).below("content")
        for media_type in contents.node:
            if media_type.partition(";")[0].endswith(("json", "*/*")):
                return documents.follow(contents.below(media_type)).below("schema")
            self.media_types.append(media_type)
        parameters = spot.node.get("parameters", ())
        for parameter in (documents.follow(Spot(each, spot.file)) for each in parameters):
            if parameter.node.get("in") == "body":
                return parameter.below("schema")
            if parameter.node.get("in") == "formData":
                self.media_types.append("form data")
        return None


def _operations(documents: Documents, main: Spot) -> Iterator[_Operation]:
    for path in main.below("paths").node:
        item = documents.follow(main.below("paths", path))
        for method in _METHODS:
            operation = documents.follow(item.below(method))
            if isinstance(operation.node, dict) and operation.node:
                yield _Operation(method, path, operation, documents)


def _free(stem: str, files: Mapping[str, bytes]) -> str:
    name, number = f"{stem}.json", 1
    while name in files:
        number += 1
        name = f"{stem}-{number}.json"
    return name


def _endpoint(main: Mapping[str, Any]) -> tuple[str, str]:
    """The first server's URL, or nothing and what to decide about it."""
    if "swagger" in main:
        scheme = next(iter(main.get("schemes", ())), "https")
        url = f"{scheme}://{main['host']}{main.get('basePath', '')}" if "host" in main else main.get("basePath", "")
    else:
        server: Mapping[str, Any] = next(iter(main.get("servers", ())), {})
        url = str(server.get("url", ""))
        for name, variable in server.get("variables", {}).items():
            url = url.replace(f"{{{name}}}", str(variable.get("default", f"{{{name}}}")))
    if url.startswith(("http://", "https://")) and "{" not in url:
        return url, ""
    return "", f"The contract's server is {url!r}, which is no whole URL." if url not in ("", "/") else ""
