"""``hub ledger verify`` notices what was done to the ledger."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import psycopg
import pytest

from hub.cli import dispatch
from tests.unit.cli.stocked import Stocked


def verify(stocked: Stocked, capsys: pytest.CaptureFixture[str], status: int, *words: str) -> dict[str, object]:
    assert dispatch(["ledger", "verify", "--data", str(stocked.data), "--json", *words]) == status
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def test_an_untouched_ledger_is_sound(stocked: Stocked, capsys: pytest.CaptureFixture[str]) -> None:
    """Every entry is counted, and a signed checkpoint agrees."""
    found = verify(stocked, capsys, 0)
    assert found["ok"] is True
    assert found["entries"] == 6
    assert found["checkpoints"]


def tamper(stocked: Stocked) -> None:
    """What whoever can write to the store's tables can do."""
    if stocked.store == "sqlite":
        with closing(sqlite3.connect(stocked.data / "hub.db")) as connection, connection:
            changed = "CAST(replace(body, 'refused', 'Refused') AS BLOB)"
            connection.execute(f"UPDATE entry SET body = {changed} WHERE instr(body, 'refused')")
        return
    with psycopg.connect(stocked.store) as server:
        changed = "convert_to(replace(convert_from(body, 'UTF8'), 'refused', 'Refused'), 'UTF8')"
        server.execute(f"UPDATE entry SET body = {changed} WHERE convert_from(body, 'UTF8') LIKE '%refused%'")


def test_a_changed_entry_is_a_fault_at_its_place(stocked: Stocked, capsys: pytest.CaptureFixture[str]) -> None:
    """One byte in one entry."""
    tamper(stocked)
    found = verify(stocked, capsys, 1)
    assert found["ok"] is False
    assert found["fault"]


def test_a_foreign_public_key_is_a_fault(stocked: Stocked, capsys: pytest.CaptureFixture[str]) -> None:
    """Checkpoints that somebody else signed prove nothing."""
    other = stocked.data / "other"
    other.mkdir()
    dispatch(["resend", "x", "--why", "w", "--data", str(other)])
    capsys.readouterr()
    verify(stocked, capsys, 1, "--public-key", str(other / "ledger.pub"))


def test_a_key_that_is_none_is_a_usage_error(stocked: Stocked) -> None:
    """Exit status 2 for a wrong file."""
    wrong = stocked.data / "hub.lock"
    assert dispatch(["ledger", "verify", "--data", str(stocked.data), "--public-key", str(wrong)]) == 2
