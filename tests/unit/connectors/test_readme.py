"""What connectors/README.md tells engineers is what the connectors declare and do."""

from __future__ import annotations

import re
from pathlib import Path

import orjson
import pytest

from connectors.acknowledgement import ACKNOWLEDGEMENT
from connectors.drop import REPORTS
from connectors.file import meta
from connectors.mailbox import item
from connectors.registry import CONNECTORS
from connectors.verdict import by_status
from hub.definition import Record
from tests.unit.connectors.agencies import REFERRAL

README = (Path(__file__).parents[3] / "connectors" / "README.md").read_text(encoding="utf-8")
OPTIONS = README.partition("| transport | option | means |")[2].partition("\n\n")[0]
ANSWERS = README.partition("| your answer over REST or SOAP |")[2].partition("\n\n")[0]


@pytest.mark.parametrize("transport", CONNECTORS)
def test_every_option_is_in_the_table_and_no_other(transport: str) -> None:
    """The table's names are the declared keys, nested ones in braces."""
    told: set[str] = set()
    for row in re.findall(rf"^\| {transport} \| ([^|]*) \|", OPTIONS, re.MULTILINE):
        for name, _, inner in re.findall(r"`([a-z-]+)(: \{([^}]*)\}|: true)?`", row):
            told |= {name, *(f"{name}.{key.strip()}" for key in inner.split(",") if key)}
    keys = CONNECTORS[transport].keys.keys
    declared = set(keys)
    for name, key in keys.items():
        if isinstance(key, Record) and name != "acknowledgement":
            declared |= {f"{name}.{inner}" for inner in key.keys}
    assert told == declared


def test_every_key_of_an_acknowledgement_is_told() -> None:
    """In the paragraph about acknowledging files."""
    text = README.partition("**Acknowledging files.**")[2].partition("\n\n")[0]
    listed = ACKNOWLEDGEMENT.keys["list"]
    assert isinstance(listed, Record)
    assert [key for key in (*ACKNOWLEDGEMENT.keys, *listed.keys) if key not in text and key != "ready"] == []


STATUSES = [
    (int(status), row)
    for row in ANSWERS.splitlines()
    for status in re.findall(r"`([1-5][0-9]{2})`", row.split("|")[1] if row.startswith("|") else "")
    if not status.startswith("2")
]


@pytest.mark.parametrize(("status", "row"), STATUSES, ids=[str(status) for status, _ in STATUSES])
def test_a_status_means_what_the_table_says(status: int, row: str) -> None:
    """Outcome and code of every HTTP status that is named."""
    _, _, result, code, _ = row.split("|")
    outcome = by_status(status, None)
    assert (outcome.result.value, f"`{outcome.code}`") == (result.strip(), code.strip())


def test_the_table_names_statuses_of_every_kind() -> None:
    """The test above would pass over an empty table."""
    assert {429, 503, 500, 401, 404, 307} <= {status for status, _ in STATUSES}


def test_what_stands_beside_a_file_and_in_a_mailbox_is_told() -> None:
    """Every member of ``.meta.json`` and of a mailbox message, and the reports' endings."""
    text = README.partition("## For a partner's engineer")[2].partition("## access.yaml")[0]
    assert [key for key in meta(REFERRAL) if f"`{key}`" not in text] == []
    left_out = {"attempt", "messages", "test", "trace"}
    assert [key for key in orjson.loads(orjson.dumps(item(REFERRAL))) if key not in text and key not in left_out] == []
    assert all(f"{end}/<name>` | `<name>{suffix}`" in text for end, suffix in REPORTS.items())
