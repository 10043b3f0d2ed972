"""A copy of a site on which mutants are tried: one is written, judged, and put right again."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lxml import etree

from hub.schema.canonical import load_canonical
from hub.schema.shape import Shape
from hub.site.site import site_files
from tests.fuzz import of_json_schemas, of_xsd
from tests.fuzz.chance import Mutate
from tests.fuzz.dense import dense_site
from tests.fuzz.of_mappings import MAPPINGS
from tests.fuzz.of_tables import AGENCIES, CODES, GRANTS, LAYOUTS
from tests.unit.proving.small import small_site

ROOT = Path(__file__).parents[2]
PARTS = ("connectors/agencies", "schemas/canonical", "schemas/agencies", "mappings")
SITES = ("small", "dense", "nibrs", "default", "forensics")


class Bench:
    """One site's copy in ``folder``. ``files``: what may be changed, by its path inside the site."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        makers = {"small": small_site, "dense": dense_site}
        self.site = makers[name](folder) if name in makers else _copied(name, folder / "site")
        self.files: dict[str, str] = {}
        for path in site_files(self.site):
            if mutations_of(file := path.relative_to(self.site).as_posix()):
                self.files[file] = spelt(file, path.read_text(encoding="utf-8"))
                path.write_text(self.files[file], encoding="utf-8")
        self.tables = sorted(path.stem for path in self.site.glob("mappings/codes/*.csv"))
        self.words = sorted(_words(self.files))
        shapes = [type.shape for type in load_canonical(self.site / "schemas" / "canonical").values()]
        self.paths = sorted({path for shape in shapes for path in _paths(shape, "", 4)})

    @contextmanager
    def changed(self, texts: Mapping[str, str]) -> Iterator[Path]:
        """The site with some files changed."""
        try:
            for file, text in texts.items():
                (self.site / file).write_text(text, encoding="utf-8")
            yield self.site
        finally:
            for file in texts:
                (self.site / file).write_text(self.files[file], encoding="utf-8")


def mutations_of(file: str) -> Sequence[Mutate]:
    """What can be done to a file, by its place and ending."""
    name = Path(file).name
    if name == "access.yaml":
        return GRANTS
    if name == "agency.yaml":
        return AGENCIES
    if file.startswith("schemas/"):
        endings = {".json": of_json_schemas.JSON_SCHEMAS, ".xsd": of_xsd.XSDS, ".yaml": LAYOUTS}
        return endings.get(Path(file).suffix, ())
    return {".csv": CODES, ".yaml": MAPPINGS}.get(Path(file).suffix, ())


def spelt(file: str, text: str) -> str:
    """A file in the spelling that its mutations write, so that a difference shows the mutation alone."""
    if file.endswith(".json"):
        return of_json_schemas.text_of(json.loads(text))
    return of_xsd.text_of(etree.fromstring(text.encode())) if file.endswith(".xsd") else text


def _copied(name: str, target: Path) -> Path:
    source = ROOT if name == "default" else ROOT / "tests" / "sites" / name
    for part in PARTS:
        shutil.copytree(source / part, target / part, ignore=shutil.ignore_patterns("examples", "*.md"))
    return target


def _words(files: Mapping[str, str]) -> set[str]:
    found: set[str] = set()
    for file, text in files.items():
        if file.endswith(".csv"):
            found.update(cell for row in list(csv.reader(text.splitlines()))[1:] for cell in row[:2] if cell)
        elif file.endswith(".json"):
            found.update(_codes(json.loads(text)))
        elif file.endswith(".xsd"):
            values = etree.fromstring(text.encode()).iter(of_xsd.XS + "enumeration")
            found.update(value.get("value") for value in values)
    return found


def _codes(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("enum"), list):
            yield from map(str, node["enum"])
        for below in node.values():
            yield from _codes(below)
    elif isinstance(node, list):
        for below in node:
            yield from _codes(below)


def _paths(shape: Shape, text: str, depth: int) -> Iterator[str]:
    for child in shape.children if depth else ():
        path = f"{text}.{child.name}" if text else child.name
        path += "[]" if child.repeats else ""
        yield path
        yield from _paths(child, path, depth - 1)
