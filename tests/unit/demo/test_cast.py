"""The parts that agencies play, read from a site."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.demo.cast import load_cast
from hub.findings import Findings
from hub.site.agency import Agency
from hub.site.agency_file import load_agency

ROOT = Path(__file__).parents[3]
AGENCIES = ROOT / "connectors" / "agencies"


def agencies() -> dict[str, Agency]:
    return {path.name: load_agency(path, path.name) for path in AGENCIES.iterdir() if path.is_dir()}


def written(folder: Path, text: str) -> Path:
    name, agency = next(iter(agencies().items()))
    place = folder / "connectors" / "agencies" / name
    place.mkdir(parents=True)
    (place / "simulator.yaml").write_text(text.replace("AGENCY", name), encoding="utf-8")
    load_cast(folder, {name: agency})
    return place


def test_default_site_gives_every_agency_a_part() -> None:
    """Each has its secrets and its server's answers, and every document that it sends exists."""
    cast = load_cast(ROOT, agencies())
    assert len(cast) >= 5
    for name, role in cast.items():
        needed = [part.credential for part in (role.agency.rest, role.agency.soap) if part is not None]
        assert [secret for secret in needed if secret not in role.secrets] == [], name
        assert role.plays or role.answers, name


def test_default_site_shows_one_message_a_refusal_and_an_outage() -> None:
    """What the demo is for."""
    plays = [play for role in load_cast(ROOT, agencies()).values() for play in role.plays]
    assert [play.type for play in plays if play.shown]
    assert any(play.away_s for play in plays)
    assert {"schema-violation", "malformed", "unauthenticated", "duplicate", "conflict"} <= {
        play.expect for play in plays
    }


def test_repetitions_differ_where_the_play_says_so() -> None:
    """@N@ counts, so that twenty reports are twenty reports."""
    plays = [play for role in load_cast(ROOT, agencies()).values() for play in role.plays if play.repeat > 1]
    assert plays
    assert all(play.bytes_of(1) != play.bytes_of(2) for play in plays)


def test_an_unknown_key_is_a_finding_with_its_line(tmp_path: Path) -> None:
    """A typing mistake does not silently drop a scene."""
    with pytest.raises(Findings) as raised:
        written(tmp_path, "agency: AGENCY\nplays:\n  - {clock: '08:00', say: x, repeet: '2'}\n")
    assert "repeet" in str(raised.value)
    assert ":3:" in str(raised.value)


def test_a_missing_document_is_a_finding(tmp_path: Path) -> None:
    """It is told before the day begins."""
    with pytest.raises(Findings, match=r"nowhere\.json"):
        written(tmp_path, "agency: AGENCY\nplays:\n  - {clock: '08:00', say: x, file: nowhere.json}\n")
