"""Why a translated value stands where it stands, and which line of the mapping an error comes from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from hub.commands.show import table
from hub.commands.start import describe
from hub.errors import HubError, Problem
from hub.mapping.codes import Codes
from hub.mapping.explain import Explained, code_row
from hub.mapping.explain_read import explain_read
from hub.mapping.lines import MappingLines
from hub.mapping.mapping import WriteRecord
from hub.message import Projected, Received
from hub.pipeline.translate import Dialect, message_facts

_LONGEST = 32


def explain_document(folder: Path, dialect: Dialect, received: Received) -> list[dict[str, Any]]:
    """Every value that is read from a document, record by record."""
    tree = dialect.contract.parse(received.body, received.charset).tree
    plan, codes = dialect.mapping.plan, Codes(folder / "mappings" / "codes", "mappings/codes")
    return [
        _as_json(dialect, codes, record.record, item)
        for record in dialect.mapping.read(tree)
        for item in explain_read(plan, tree, record)
    ]


def explain_messages(
    folder: Path, dialect: Dialect, projected: Sequence[Projected], parcel: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Every value that is written for messages of one document."""
    codes = Codes(folder / "mappings" / "codes", "mappings/codes")
    return [
        _as_json(dialect, codes, number, item)
        for number, part in enumerate(projected)
        for item in dialect.mapping.explain(WriteRecord(part.data, message_facts(part.envelope)), parcel, number)
    ]


def _as_json(dialect: Dialect, codes: Codes, record: int, item: Explained) -> dict[str, Any]:
    members = {
        "record": record,
        "agency": None if item.dropped else {"path": item.path, "value": item.value},
        "canonical": {"path": item.source, "value": item.given},
        "line": f"{dialect.mapping.plan.written.file}:{item.line}",
        "converter": item.converter,
        "codes": item.codes,
        "row": code_row(codes, item),
        "dropped": item.dropped,
    }
    return {key: value for key, value in members.items() if value not in ("", None)}


def told(explained: Sequence[Mapping[str, Any]]) -> str:
    """A table for people: the agency's place, its value, the mapping's line and what it does, our value and place."""
    several = len({item["record"] for item in explained}) > 1
    rows = []
    for item in explained:
        way = (
            str(item.get("row", "")).removeprefix("mappings/codes/") or item.get("converter") or item.get("codes") or ""
        )
        line = str(item["line"]).rpartition(":")[2]
        ours = item["canonical"]
        agency = item.get("agency") or {"path": "(dropped)", "value": item["dropped"]}
        cells = (agency["path"], _shown(agency["value"]), line, way, _shown(ours["value"]), ours["path"])
        rows.append((str(item["record"]), *cells) if several else cells)
    heads = ("agency's place", "agency's value", "line", "by", "canonical value", "canonical place")
    file = str(explained[0]["line"]).rpartition(":")[0] if explained else ""
    return f"{file}\n{table(('record', *heads) if several else heads, rows)}" if rows else "nothing was translated"


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)
    flat = " ".join(text.split())
    return flat if len(flat) <= _LONGEST else flat[: _LONGEST - 1] + "…"


def told_error(dialect: Dialect, error: HubError) -> str:
    """An error with the mapping's line at each problem."""
    lines = MappingLines(dialect.mapping.plan)
    problems = [replace(problem, rule=_rule(problem, _line(dialect, lines, problem))) for problem in error.problems]
    return describe(HubError(error.code.name, error.text, problems))


def error_as_json(dialect: Dialect, error: HubError) -> dict[str, Any]:
    """The error as the hub would answer it, with ``mapping`` (FILE:LINE) at each problem."""
    lines, body = MappingLines(dialect.mapping.plan), error.as_json()
    for problem, told in zip(error.problems, body.get("problems", ()), strict=True):
        if line := _line(dialect, lines, problem):
            told["mapping"] = line
    return body


def _line(dialect: Dialect, lines: MappingLines, problem: Problem) -> str | None:
    file = dialect.mapping.plan.written.file
    if problem.rule and problem.rule.startswith(f"{file}:"):
        return problem.rule
    line = lines.at(problem.path)
    return f"{file}:{line}" if line else None


def _rule(problem: Problem, line: str | None) -> str | None:
    return problem.rule if line in (None, problem.rule) else f"{problem.rule}, {line}" if problem.rule else line
