"""Findings as SARIF 2.1.0, the form in which code hosts show them beside the lines of a change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from hub import __version__
from hub.findings import Finding
from hub.mapping.finding_codes import FINDING_CODES

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
                        "rules": list(map(_rule, rules)),
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [_result(finding, rules.index(finding.code), prefix) for finding in findings],
            }
        ],
    }


def _rule(code: str) -> dict[str, Any]:
    """What a code host shows of a code: its cause and what to do, where the table of codes has it."""
    advice = FINDING_CODES.get(code)
    cause, remedy = (advice.cause, advice.remedy) if advice else (code.replace("-", " "), "the finding says it")
    return {"id": code, "shortDescription": {"text": cause}, "help": {"text": remedy}}


def _result(finding: Finding, rule: int, prefix: str) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": quote(f"{prefix}{finding.file}")}}
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
