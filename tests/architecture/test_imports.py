"""The shape of the code: imports go one way, the engine knows no agency, stages are made only where they may be."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("hub", "connectors", "monitoring")

# Lowest first; a module may import from its own layer (never itself in a circle: Python would say) and from below.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("hub.errors", "hub.findings", "hub.identifiers"),
    ("hub.marked", "hub.message", "hub.site.window"),
    ("hub.definition", "hub.site.agency", "hub.observe", "hub.schema", "hub.formats"),
    ("hub.mapping", "hub.site.agency_file", "hub.site.mailbox_file", "hub.site.window_file"),
    ("hub.access", "hub.pipeline.translate", "hub.delivery.retry"),
    ("hub.ledger", "hub.subjects", "hub.site.environment"),
    ("hub.site.site", "hub.store", "hub.queue"),
    ("hub.proving", "hub.site"),
    ("hub.pipeline.admit", "hub.pipeline.routing", "hub.pipeline.entries"),
    ("hub.delivery.circuit", "hub.delivery.breaker", "hub.delivery.sharing"),
    ("hub.pipeline.render", "hub.delivery.desk", "hub.delivery.claims", "hub.delivery.sweep"),
    ("hub.pipeline", "hub.delivery.attempts", "hub.delivery.batcher", "hub.delivery.suspects", "hub.comparing"),
    ("hub.repair",),
    ("hub.delivery", "connectors", "monitoring"),
    ("hub.web",),
    (
        "hub.settings",
        "hub.wiring.checking",
        "hub.wiring.snapshot",
        "hub.wiring.in_force",
        "hub.wiring.ways",
        "hub.wiring.collector",
    ),
    ("hub.wiring.folders", "hub.wiring.reloading"),
    ("hub.wiring", "hub.child", "hub.onboarding"),
    ("hub.bench", "hub.demo", "hub.editor", "hub.commands", "hub.cli"),
)


def modules() -> list[tuple[str, Path]]:
    found = []
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            found.append((name, path))
    return found


def layer(name: str) -> int:
    for index, prefixes in enumerate(LAYERS):
        if any(name == prefix or name.startswith(prefix + ".") for prefix in prefixes):
            return index
    return -1 if name in PACKAGES else pytest.fail(f"{name} stands in no layer: add it to LAYERS")


def imported(tree: ast.AST) -> set[str]:
    known, names = dict(modules()), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            inner = {f"{node.module}.{alias.name}" for alias in node.names} & known.keys()
            names.update(inner or {node.module})
    return names & known.keys()


@pytest.mark.parametrize(("name", "path"), modules(), ids=lambda value: value if isinstance(value, str) else "")
def test_imports_go_downwards(name: str, path: Path) -> None:
    """A module imports only from its own layer or a lower one."""
    above = {other for other in imported(ast.parse(path.read_text())) if layer(other) > layer(name)}
    assert not above


@pytest.mark.parametrize(("name", "path"), modules(), ids=lambda value: value if isinstance(value, str) else "")
def test_no_import_inside_a_function(name: str, path: Path) -> None:
    """An import inside a function would hide a circle between layers."""
    functions = [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    inner = [
        node for function in functions for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert not inner


def test_engine_never_imports_connectors_or_monitoring() -> None:
    """Only the wiring and what stands above it join engine, connectors and monitoring."""
    low = layer("hub.web")
    wrong = [
        name
        for name, path in modules()
        if name.startswith("hub.") and layer(name) <= low
        for other in imported(ast.parse(path.read_text()))
        if other.startswith(("connectors", "monitoring"))
    ]
    assert not wrong


def test_no_python_file_names_an_agency() -> None:
    """Adding an agency touches no Python file, so none may know one."""
    sites = [ROOT, *(ROOT / "tests" / "sites").glob("*")]
    names = {path.name for site in sites for path in (site / "connectors" / "agencies").glob("*") if path.is_dir()}
    assert names
    pattern = re.compile(
        "|".join(rf"\b{re.escape(name)}\b" for name in sorted(names) if "-" in name or name == "emirate")
    )
    wrong = [name for name, path in modules() if pattern.search(path.read_text())]
    assert not wrong


@pytest.mark.parametrize(
    ("record", "makers"),
    [
        ("Sender", {"hub.access.identify"}),
        ("Projected", {"hub.access.project"}),
        ("Outbound", {"hub.pipeline.render"}),
        ("Canonical", {"hub.pipeline.translate"}),
    ],
)
def test_stage_is_made_only_by_the_stage_before_it(record: str, makers: set[str]) -> None:
    """A connector can send only what was made under a grant: no other module makes one."""
    calls = {
        name
        for name, path in modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == record
    }
    assert calls <= makers
