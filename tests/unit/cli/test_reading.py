"""``hub trace`` and ``hub deliveries`` on a store that has seen something."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hub.cli import dispatch
from tests.unit.cli.stocked import Stocked


def shown(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> str:
    assert dispatch(words) == status
    return capsys.readouterr().out


def test_trace_shows_states_reasons_and_the_partners_log_id(
    stocked: Stocked, capsys: pytest.CaptureFixture[str]
) -> None:
    """An operator sees at a glance what became of a message."""
    text = shown(capsys, "trace", stocked.message, "--data", str(stocked.data))
    assert "to clinic: delivered" in text
    assert "to court: dead (partner-refused)" in text
    assert "unknown offence code  log id LOG-7" in text
    assert "to press: withheld (not granted, R1)" in text
    assert "accept" in text


def test_trace_finds_a_message_by_its_delivery(stocked: Stocked, capsys: pytest.CaptureFixture[str]) -> None:
    """The partner knows the delivery's id, not ours."""
    assert stocked.message in shown(capsys, "trace", stocked.dead, "--data", str(stocked.data))


def test_trace_of_a_case_shows_all_its_messages_in_order(stocked: Stocked, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever number of the case is given."""
    traces = json.loads(shown(capsys, "trace", "--case", "1448-1", "--data", str(stocked.data), "--json"))
    assert [len(trace["deliveries"]) for trace in traces] == [3, 1]
    assert traces[0]["ledger"]
    assert traces[0]["classification"] == "RESTRICTED"


def test_trace_of_nothing_is_a_negative_result(stocked: Stocked, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 1."""
    shown(capsys, "trace", "no-such-id", "--data", str(stocked.data), status=1)


def test_trace_wants_one_of_id_and_case(stocked: Stocked, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 2."""
    shown(capsys, "trace", "--data", str(stocked.data), status=2)


def test_deliveries_says_why_something_waits(stocked: Stocked, capsys: pytest.CaptureFixture[str]) -> None:
    """The second message of the case waits behind the dead letter of the first."""
    text = shown(capsys, "deliveries", "--state", "pending", "--data", str(stocked.data))
    assert stocked.pending in text
    assert f"behind {stocked.dead}, an earlier one of its case" in text


def test_deliveries_filters_by_state_and_agency(stocked: Stocked, capsys: pytest.CaptureFixture[str]) -> None:
    """Both filters at once."""
    words = ("deliveries", "--state", "dead", "--agency", "court", "--data", str(stocked.data), "--json")
    page = json.loads(shown(capsys, *words))
    assert [each["id"] for each in page["deliveries"]] == [stocked.dead]


def test_a_folder_without_a_store_is_told_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No stack, exit status 1."""
    assert dispatch(["deliveries", "--data", str(tmp_path)]) == 1
    assert "there is no store" in capsys.readouterr().err
