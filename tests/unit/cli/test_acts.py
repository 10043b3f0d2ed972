"""Finding what is stuck, and acting on it, without a hub that runs."""

from __future__ import annotations

import json

import pytest

from hub.cli import dispatch
from tests.unit.cli.stocked import Stocked


def called(capsys: pytest.CaptureFixture[str], stocked: Stocked, *words: str, status: int = 0) -> str:
    """What a command printed, errors included."""
    assert dispatch([*words, "--data", str(stocked.data)]) == status
    told = capsys.readouterr()
    return told.out + told.err


def state_of(capsys: pytest.CaptureFixture[str], stocked: Stocked, id: str) -> dict[str, object]:
    """One delivery as ``hub deliveries ID --json`` shows it."""
    shown: dict[str, object] = json.loads(called(capsys, stocked, "deliveries", id, "--json"))
    return shown


def test_a_dead_letter_says_what_can_be_done(stocked: Stocked, capsys: pytest.CaptureFixture[str]) -> None:
    """The partner's words, and the command to type."""
    text = called(capsys, stocked, "deliveries", stocked.dead)
    assert "unknown offence code" in text
    assert f"hub resend {stocked.dead}" in text
    assert state_of(capsys, stocked, stocked.dead)["failure"] == "refused"


def test_what_waits_names_what_comes_first(stocked: Stocked, capsys: pytest.CaptureFixture[str]) -> None:
    """The head of its lane, by id."""
    assert state_of(capsys, stocked, stocked.pending)["behind"] == stocked.dead
    assert stocked.dead in called(capsys, stocked, "deliveries", stocked.pending)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["--error", "OFFENCE code"], ["dead"]),
        (["--error", "100%"], []),
        (["--code", "partner-refused"], ["dead"]),
        (["--case", "1448-1", "--agency", "court"], ["dead", "pending"]),
        (["--state", "dead", "--state", "withheld"], ["dead", "withheld"]),
        (["--younger-than", "1h"], []),
        (["--older-than", "1h", "--state", "dead"], ["dead"]),
    ],
    ids=str,
)
def test_deliveries_are_chosen(
    stocked: Stocked, capsys: pytest.CaptureFixture[str], words: list[str], found: list[str]
) -> None:
    """By state, error, code, case and age."""
    page = json.loads(called(capsys, stocked, "deliveries", *words, "--json"))
    assert {each["id"] for each in page["deliveries"]} == {getattr(stocked, name) for name in found}


def test_a_lane_is_chosen_by_one_of_its_deliveries(stocked: Stocked, capsys: pytest.CaptureFixture[str]) -> None:
    """Other agencies' deliveries of the case are not in it."""
    page = json.loads(called(capsys, stocked, "deliveries", "--lane", stocked.pending, "--json"))
    assert [each["id"] for each in page["deliveries"]] == [stocked.dead, stocked.pending]


def test_counts_are_by_agency_state_reason_and_age(stocked: Stocked, capsys: pytest.CaptureFixture[str]) -> None:
    """What is delivered does not count unless it is asked for."""
    told = json.loads(called(capsys, stocked, "deliveries", "--counts", "--json"))
    counted = [(each["agency"], each["state"], each["reason"], each["count"]) for each in told["counts"]]
    assert counted == [
        ("court", "dead", "partner-refused", 1), ("court", "pending", "", 1), ("press", "withheld", "not granted", 1),
    ]  # fmt: skip
    assert told["counts"][0]["ages"] == [0, 0, 0, 1]


def test_many_are_counted_and_need_a_yes(stocked: Stocked, capsys: pytest.CaptureFixture[str]) -> None:
    """Where nobody can be asked nothing is done."""
    words = ("resend", "--agency", "court", "--reason", "mended")
    text = called(capsys, stocked, *words, status=2)
    assert "partner-refused" in text
    assert "--yes" in text
    assert state_of(capsys, stocked, stocked.dead)["state"] == "dead"
    assert "1 pending again" in called(capsys, stocked, *words, "--yes")
    assert state_of(capsys, stocked, stocked.dead)["state"] == "pending"


def test_a_dry_run_changes_nothing(stocked: Stocked, capsys: pytest.CaptureFixture[str]) -> None:
    """It shows the counts."""
    told = json.loads(called(capsys, stocked, "cancel", "--agency", "court", "--dry-run", "--json"))
    assert (told["chosen"], told["counts"][0]["count"]) == (1, 1)
    assert state_of(capsys, stocked, stocked.dead)["state"] == "dead"


def test_no_act_without_a_reason(stocked: Stocked, capsys: pytest.CaptureFixture[str]) -> None:
    """It stands in the ledger."""
    for act in ("resend", "reprocess", "cancel", "skip"):
        assert "--reason" in called(capsys, stocked, act, stocked.dead, status=2)
    assert "--reason" in called(capsys, stocked, "pause", "court", status=2)


def test_a_cancelled_delivery_shows_who_and_why(stocked: Stocked, capsys: pytest.CaptureFixture[str]) -> None:
    """So does a skipped one; the lane goes on."""
    assert "1 skipped" in called(capsys, stocked, "skip", stocked.dead, "--reason", "they look into it")
    assert state_of(capsys, stocked, stocked.pending)["behind"] is None
    assert "1 cancelled" in called(capsys, stocked, "cancel", stocked.dead, "--reason", "sealed")
    acted = state_of(capsys, stocked, stocked.dead)["acted"]
    assert isinstance(acted, dict)
    assert (acted["kind"], acted["why"], bool(acted["who"])) == ("cancel", "sealed", True)
    assert "cancelled (partner-refused, cancel by" in called(capsys, stocked, "deliveries", "--state", "cancelled")
    assert "left as it is: cancelled" in called(capsys, stocked, "resend", stocked.dead, "--reason", "x", status=1)
