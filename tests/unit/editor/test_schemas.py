"""The JSON Schemas for editors: every YAML file of every site keeps them, and mistakes do not."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from hub.editor import FOLDER, as_file, editor_schemas, kind_of, modeline
from hub.marked import Items, Table, load, parse

ROOT = Path(__file__).parents[3]
SITES = [ROOT, *sorted((ROOT / "tests" / "sites").iterdir()), ROOT / "tests" / "bench" / "site"]
FILES = sorted(
    path
    for site in SITES
    for part in ("connectors/agencies", "schemas", "mappings")
    for path in (site / part).rglob("*.yaml")
)
SCHEMAS = {name: jsonschema_rs.validator_for(schema) for name, schema in editor_schemas().items()}
NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]*)([.][0-9]+)?")


def as_text(node: Any) -> Any:
    """As the hub reads it: every scalar is text."""
    if isinstance(node, Table):
        return {key: as_text(value) for key, value in node.items()}
    return [as_text(item) for item in node] if isinstance(node, Items) else str(node)


def as_editor(node: Any) -> Any:
    """As an editor reads it (YAML 1.2): plain numbers and booleans are no text."""
    if isinstance(node, dict):
        return {key: as_editor(value) for key, value in node.items()}
    if isinstance(node, list):
        return [as_editor(item) for item in node]
    if node in ("true", "false"):
        return node == "true"
    return float(node) if "." in node and NUMBER.fullmatch(node) else int(node) if NUMBER.fullmatch(node) else node


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_yaml_file_of_every_site_keeps_its_schema(path: Path) -> None:
    """Read as text like the hub does, and typed like an editor does."""
    kind = kind_of(path)
    assert kind is not None
    node = as_text(load(path, path.name))
    assert [error.message for error in SCHEMAS[kind].iter_errors(node)] == []
    assert [error.message for error in SCHEMAS[kind].iter_errors(as_editor(node))] == []


AGENCY = "agency: a\nname: {en: A}\nceiling: PUBLIC\ndocuments: {t: {format: json, schema: t.json}}\n"
DELIVERS = AGENCY + "delivers: {transport: %s, endpoint: x, options: {%s}}\n"
MAPPING = "message: m\nagency: a\nfields:\n  %s\n"
LAYOUT = "format: delimited\nencoding: utf-8\nseparator: ;\ncolumns: [{name: A%s}]\n"
MISTAKES = [
    ("agency", AGENCY.replace("ceiling: PUBLIC", "ceiling: OPEN"), "an unknown label"),
    ("agency", AGENCY + "delivrs: {}\n", "a misspelt key"),
    ("agency", AGENCY.replace("name: {en: A}\n", ""), "a missing key"),
    ("agency", AGENCY + "delivers: {transport: rest, endpoint: x, concurrency: 0}\n", "a number out of range"),
    ("agency", AGENCY + "delivers: {transport: rest, endpoint: x, concurrency: many}\n", "no number"),
    ("agency", DELIVERS % ("rest", "wsdl: a.wsdl"), "another connector's option"),
    ("agency", DELIVERS % ("soap", "wsdl: a.wsdl"), "a connector's option that is missing"),
    ("agency", DELIVERS % ("file", "name: x, meta: maybe"), "neither true nor false"),
    ("access", "agency: a\ngrants: [{rule: A, may: read, type: t}]\n", "no such permission"),
    ("access", "agency: a\ngrants: [{rule: A, may: send, type: t, field: x}]\n", "a misspelt key"),
    ("mapping", "message: m\nfields: {}\n", "a missing key"),
    ("mapping", MAPPING % "a: {at: x, as: hijri}", "no such converter"),
    ("mapping", MAPPING % "a: {at: x, as: hijri-date, zone: Asia/Riyadh}", "another converter's option"),
    ("mapping", MAPPING % "a: {at: x, zone: Asia/Riyadh}", "an option without its converter"),
    ("mapping", MAPPING % "a: {at: x, as: date, codes: t}", "converter and code table"),
    ("mapping", MAPPING % "a: {codes: t}", "no place"),
    ("mapping", MAPPING % "a: {at: x, pick: middle}", "no such word"),
    ("mapping", MAPPING % "a: {ref: x}", "a link without target"),
    ("mapping", MAPPING % "a: {at: x, too-many: drop, fields: {}}", "a list's option on a group"),
    ("mapping", MAPPING % 'a[]: {at: x, fields: {"b[]": {at: y, feilds: {}}}}', "a misspelt key deep inside"),
    ("mapping", MAPPING % "a: [x, y]", "places without tables"),
    ("mapping", MAPPING % "a: x" + "unseen: keep-all\n", "no such policy"),
    ("layout", LAYOUT % ", typ: string", "a misspelt key of a column"),
    ("layout", LAYOUT % ", type: number", "no such type"),
    ("environment", "a: {secrets: {k: {file: x, path: y}}}\n", "a misspelt key of a secret"),
    ("example", "type: t\ndirection: both\n", "no such direction"),
    ("simulator", "agency: a\nplays: [{say: x}]\n", "a play without its clock"),
]


@pytest.mark.parametrize(("kind", "text"), [mistake[:2] for mistake in MISTAKES], ids=[each[2] for each in MISTAKES])
def test_a_mistake_breaks_its_schema(kind: str, text: str) -> None:
    """An editor marks what the hub would refuse."""
    assert not SCHEMAS[kind].is_valid(as_editor(as_text(parse(text, "planted.yaml"))))


def test_the_files_that_mistakes_were_planted_in_are_sound() -> None:
    """So it was the mistake that was found."""
    sound = [("agency", AGENCY), ("agency", DELIVERS % ("file", "name: x, meta: true")), ("layout", LAYOUT % "")]
    sound += [("mapping", MAPPING % "a: {at: x, as: hijri-date, format: yyyy}"), ("mapping", MAPPING % "a: x")]
    for kind, text in sound:
        assert SCHEMAS[kind].is_valid(as_text(parse(text, "sound.yaml")))


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_schemas_in_the_repository_are_those_of_the_engine(name: str) -> None:
    """Stale? Run ``hub schema --write schemas/editor``."""
    assert (ROOT / FOLDER / f"{name}.schema.json").read_bytes() == as_file(editor_schemas()[name])


SITE_FILES = [path for path in FILES if not path.is_relative_to(ROOT / "tests")]


@pytest.mark.parametrize("path", SITE_FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_file_of_the_default_site_names_its_schema(path: Path) -> None:
    """In its first line, so that an editor completes at once; and the path leads there."""
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    assert first + "\n" == modeline(ROOT, path)
    assert (path.parent / first.rpartition("=")[2]).resolve() == ROOT / FOLDER / f"{kind_of(path)}.schema.json"


def test_a_file_names_its_schema_by_a_relative_path() -> None:
    """From the file's own folder, so that a clone anywhere works."""
    site = Path("/site")
    assert modeline(site, site / "mappings" / "a" / "t.yaml").endswith(
        "$schema=../../schemas/editor/mapping.schema.json\n"
    )
