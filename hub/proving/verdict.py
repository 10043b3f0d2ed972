"""The jsonschema library's verdict on a site's JSON Schemas, from a process of its own that runs beside the check.

Importing that library with its format extras costs 2 s of processor time, most of it one grammar of IRIs which no
meta-schema needs: the child leaves that out, and the check does not wait for it until everything else is done.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import orjson

from hub.findings import Finding

_NOT_NEEDED = "rfc3987_syntax"
_LONGEST_S = 60
_SOURCE = Path(__file__).parents[2]


class SchemaVerdict:
    """A verdict that is being made; ``findings`` waits for it. Ends its process when it is left."""

    def __init__(self, root: Path) -> None:
        """Start on ``schemas/canonical`` and every folder of ``schemas/agencies`` that has JSON Schemas."""
        folders = [root / "schemas" / "canonical", *sorted(root.glob("schemas/agencies/*/"))]
        named = [(str(folder), folder.relative_to(root).as_posix()) for folder in folders if any(folder.glob("*.json"))]
        paths = [str(_SOURCE), *filter(None, [os.environ.get("PYTHONPATH")])]
        self._child = subprocess.Popen(
            [sys.executable, "-m", "hub.proving.verdict", *(part for pair in named for part in pair)],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )

    def __enter__(self) -> SchemaVerdict:
        return self

    def __exit__(self, *_: object) -> None:
        if self._child.poll() is None:
            self._child.kill()
        self._child.wait()

    def findings(self) -> list[Finding]:
        """What the library finds wrong. Raises ``RuntimeError`` where its process failed."""
        told, _ = self._child.communicate(timeout=_LONGEST_S)
        if self._child.returncode != 0:
            raise RuntimeError("the check of JSON Schemas ended without a verdict")
        return [Finding(**finding) for finding in orjson.loads(told)]


def main(arguments: Sequence[str]) -> None:
    """The child: (folder, its path inside the site) pairs; prints findings as JSON."""
    sys.modules[_NOT_NEEDED] = None  # type: ignore[assignment]
    schema_findings = importlib.import_module("hub.schema.authority").schema_findings
    pairs = zip(arguments[::2], arguments[1::2], strict=True)
    found = [finding for folder, name in pairs for finding in schema_findings(Path(folder), name)]
    sys.stdout.buffer.write(orjson.dumps([asdict(finding) for finding in found]))


if __name__ == "__main__":
    main(sys.argv[1:])
