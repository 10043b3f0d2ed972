"""The YAML that READMEs show is taken by the hub, and editors say what each key of such a file means."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from hub.access.rules import ACCESS_FILE
from hub.definition import Definition, Reading
from hub.editor import editor_schemas
from hub.marked import Table, parse
from hub.site.agency_file import AGENCY_FILE
from hub.site.environment import ENVIRONMENT_FILE
from tests.unit.editor.test_schemas import as_editor, as_text

ROOT = Path(__file__).parents[3]
BLOCKS = [
    (name, block)
    for name in ("README.md", "CONTRIBUTING.md", "connectors/README.md", "schemas/README.md", "docker/README.md")
    for block in re.findall(r"```ya?ml\n(.*?)```", (ROOT / name).read_text(encoding="utf-8"), re.DOTALL)
]
BASE = "agency: a\nname: {en: A}\nceiling: PUBLIC\ndocuments: {t: {format: json, schema: t.json}}\n"
READERS: dict[str, Definition] = {"agency": AGENCY_FILE, "access": ACCESS_FILE, "environment": ENVIRONMENT_FILE}


def kind_and_text(block: str) -> tuple[str, str]:
    """Which file a block is, and that file: a part of agency.yaml is put into a whole one."""
    keys = set(parse(block, "README.md"))
    if keys == {"delivers"}:
        return "agency", BASE + block.replace("delivers:\n", "delivers:\n  transport: memory\n")
    kinds = {"ceiling": "agency", "grants": "access", "format": "layout"}
    return next((kind for key, kind in kinds.items() if key in keys), "environment"), block


@pytest.mark.parametrize(("name", "block"), BLOCKS, ids=[f"{name}-{number}" for number, (name, _) in enumerate(BLOCKS)])
def test_yaml_that_is_shown_is_right(name: str, block: str) -> None:
    """For the hub that reads it, and for an editor."""
    kind, text = kind_and_text(block)
    node = parse(text, name)
    validator = jsonschema_rs.validator_for(editor_schemas()[kind])
    assert [error.message for error in validator.iter_errors(as_editor(as_text(node)))] == []
    reading = Reading(name)
    assert isinstance(node, Table)
    if kind in READERS:
        READERS[kind].read(node, 1, reading)
    assert list(map(str, reading.findings)) == []


def test_every_kind_of_file_is_shown() -> None:
    """The test above would pass over READMEs without YAML."""
    assert {kind_and_text(block)[0] for _, block in BLOCKS} == {"agency", "access", "environment", "layout"}


def undescribed(schema: Any, path: str) -> Iterator[str]:
    """Keys without a description; conditions (``if``), and tables that they only narrow, show none."""
    if isinstance(schema, list):
        for number, item in enumerate(schema):
            yield from undescribed(item, f"{path}/{number}")
    if not isinstance(schema, dict):
        return
    for key, value in (schema.get("properties") or {}).items():
        if not value.get("description") and (key, path.rpartition("/")[2]) not in {("options", "then")}:
            yield f"{path}/{key}"
    for key, value in schema.items():
        if key != "if":
            yield from undescribed(value, f"{path}/{key}")


@pytest.mark.parametrize("kind", READERS)
def test_an_editor_says_what_every_key_means(kind: str) -> None:
    """Lists and tables too."""
    assert list(undescribed(editor_schemas()[kind], kind)) == []
