"""Runs examples: what the mapping makes of each, held against the files that say what it should be."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import orjson

from hub.errors import HubError, Problem
from hub.findings import Finding
from hub.message import Canonical, Classification, Envelope, Projected, Received
from hub.pipeline.translate import translate_in, translate_out
from hub.proving.difference import MOST_SHOWN, documents_differ, pretty_xml, values_differ
from hub.proving.examples import Example
from hub.site.site import Site

_RECEIVED_AT = 1_782_000_000.0
_ENDINGS = {"xml": ".xml", "json": ".json", "delimited": ".csv", "fixed-width": ".txt"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one example. ``expected`` is the file that it was held against; ``found`` what that file would
    have to hold (None where nothing was made)."""

    example: Example
    findings: tuple[Finding, ...]
    expected: Path
    found: bytes | None


def run_example(site: Site, example: Example) -> Outcome:
    """Run one example; never raises for what it finds."""
    return _run_in(site, example) if example.direction == "in" else _run_out(site, example)


def update(outcome: Outcome) -> bool:
    """Write what was found over what was expected, where they differ; whether a file was written."""
    if outcome.found is None or not outcome.findings:
        return False
    outcome.expected.write_bytes(outcome.found)
    return True


def read_input(site: Site, example: Example) -> tuple[Canonical, ...]:
    """The messages that the example's input holds. Raises ``HubError``; a refused record is raised too."""
    path = example.file("input")
    body = path.read_bytes() if path else b""
    received = Received(example.agency, example.type, "rest", body, _RECEIVED_AT, charset=example.charset)
    numbers = count(1)
    inward = translate_in(site.dialects[example.key], received, lambda: f"m{next(numbers)}")
    if inward.refusals:
        raise inward.refusals[0].error
    return inward.messages


def project(site: Site, example: Example) -> list[Projected]:
    """What the example's rule lets through of its canonical messages."""
    data = orjson.loads((example.folder / "canonical.json").read_bytes())
    facts = example.message
    envelope = Envelope(
        id=facts["id"],
        message_id=facts["messageId"],
        source=facts["source"],
        type=facts["type"],
        subject=facts["subject"],
        time=facts["time"],
        classification=Classification[facts["classification"]],
        case_key=facts["caseKey"],
        sequence=int(facts["sequence"]),
        relates_to=facts.get("relatesTo", ""),
        partner={"caseNumber": facts["partner"]} if "partner" in facts else None,
    )
    projection = site.projections[example.agency, example.rule]
    return [projection.apply(example.agency, envelope, item) for item in (data if isinstance(data, list) else [data])]


def _run_in(site: Site, example: Example) -> Outcome:
    expected = example.folder / "canonical.json"
    try:
        messages = read_input(site, example)
    except HubError as error:
        if example.refused == error.code.name:
            return Outcome(example, (), expected, None)
        return Outcome(example, (_failed(example, "input", error),), expected, None)
    if example.refused:
        text = f"the input should be refused ({example.refused}), and was accepted"
        return Outcome(example, (_finding(example, "example.yaml", "example-differs", text),), expected, None)
    found = messages[0].data if len(messages) == 1 else [message.data for message in messages]
    try:
        wanted = orjson.loads(expected.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        findings = [_finding(example, expected.name, "file-missing", "there is no readable canonical.json")]
    else:
        findings = _differences(example, expected.name, values_differ(wanted, found))
    if example.partner is not None:
        findings += _differences(example, "example.yaml", values_differ(example.partner, dict(messages[0].partner)))
    return Outcome(example, tuple(findings), expected, _json(found))


def _run_out(site: Site, example: Example) -> Outcome:
    dialect = site.dialects[example.key]
    expected = example.file("output") or example.folder / f"output{_ENDINGS[dialect.definition.format]}"
    try:
        data = orjson.loads((example.folder / "canonical.json").read_bytes())
        for item in data if isinstance(data, list) else [data]:
            if problems := dialect.type.problems(item):
                raise HubError("canonical-violation", problems[0].text, problems)
        found = translate_out(dialect, project(site, example), example.parcel).body
    except orjson.JSONDecodeError as error:
        text = f"canonical.json cannot be read: {error}"
        return Outcome(example, (_finding(example, "canonical.json", "bad-example", text),), expected, None)
    except HubError as error:
        return Outcome(example, (_failed(example, "canonical.json", error),), expected, None)
    if expected.is_file():
        findings = _differences(
            example, expected.name, documents_differ(dialect.contract, expected.read_bytes(), found)
        )
    else:
        findings = [_finding(example, expected.name, "file-missing", "there is no output file")]
    return Outcome(example, tuple(findings), expected, _laid_out(dialect.definition.format, found))


def _failed(example: Example, stem: str, error: HubError) -> Finding:
    told = "".join(f"\n    {_told(problem)}" for problem in error.problems[:MOST_SHOWN])
    path = example.file(stem)
    line = next((problem.line for problem in error.problems if problem.line), 0) if stem == "input" else 0
    text = f"{error.code.name}: {error.text}{told}"
    return _finding(example, path.name if path else stem, "example-failed", text, line)


def _told(problem: Problem) -> str:
    rule = f" [{problem.rule}]" if problem.rule else ""
    return f"{problem.path or ''}: {problem.text}{rule}"


def _differences(example: Example, file: str, lines: Sequence[str]) -> list[Finding]:
    if not lines:
        return []
    more = [f"... and {len(lines) - MOST_SHOWN} more"] if len(lines) > MOST_SHOWN else []
    told = "".join(f"\n    {line}" for line in [*lines[:MOST_SHOWN], *more])
    hint = "hub check --update writes what the mapping makes"
    return [_finding(example, file, "example-differs", f"the mapping makes something else:{told}", hint=hint)]


def _finding(example: Example, file: str, code: str, text: str, line: int = 1, hint: str = "") -> Finding:
    return Finding(code, f"{example.name}/{file}", line or 1, text, hint)


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def _laid_out(format: str, document: bytes) -> bytes:
    if format == "xml":
        return pretty_xml(document)
    return _json(orjson.loads(document)) if format == "json" else document
