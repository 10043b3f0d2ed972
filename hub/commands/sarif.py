"""Findings as SARIF 2.1.0, the form in which code hosts show them beside the lines of a change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hub import __version__
from hub.findings import Finding

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def sarif(findings: Sequence[Finding], prefix: str = "") -> dict[str, Any]:
    """One run of ``hub check``. ``prefix`` leads from the repository to the site (``""``: the site is the
    repository)."""
    rules = sorted({finding.code for finding in findings})
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "hub check",
                        "version": __version__,
                        "rules": [{"id": code, "shortDescription": {"text": code.replace("-", " ")}} for code in rules],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [_result(finding, rules.index(finding.code), prefix) for finding in findings],
            }
        ],
    }


def _result(finding: Finding, rule: int, prefix: str) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": f"{prefix}{finding.file}"}}
    if finding.line > 0:
        place["region"] = {"startLine": finding.line}
    text = f"{finding.text} ({finding.hint})" if finding.hint else finding.text
    return {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": finding.severity,
        "message": {"text": text},
        "locations": [{"physicalLocation": place}],
    }
