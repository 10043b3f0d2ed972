"""A Python package with a converter, as pip would have installed it: modules and metadata in a folder of sys.path."""

from __future__ import annotations

from pathlib import Path

PLATES = """
import re

domain = "a plate: three letters and up to four digits"
agency = "[A-Z]{3} [0-9]{1,4}"
canonical = "[0-9]{1,4}-[A-Z]{3}"
one_to_one = True
examples = [("ABC 12", "12-ABC")]


def read(text):
    letters, digits = text.split(" ")
    if letters == "XXX":
        raise ValueError("plates of the series XXX were never issued")
    if letters == "BAD":
        raise RuntimeError("secret inside")
    if letters == "END":
        raise SystemExit(3)
    if letters == "ODD":
        return "odd"
    return f"{digits}-{letters}"


def write(value):
    digits, letters = value.split("-")
    return f"{letters} {'1' if letters == 'TWO' else digits}"
"""


def install(folder: Path, module: str = PLATES, name: str = "plates", package: str = "police-plates") -> Path:
    """Put the package there; the folder still has to stand on sys.path."""
    folder.mkdir(parents=True, exist_ok=True)
    bare = package.replace("-", "_")
    (folder / f"{bare}.py").write_text(module)
    info = folder / f"{bare}-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text(f"[hub.converters]\n{name} = {bare}\n")
    return folder
