"""The tutorial in mappings/README.md, followed to the letter on a copy of the default site."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.cli import dispatch
from tests.unit.onboarding.conftest import ROOT

README = (ROOT / "mappings" / "README.md").read_text(encoding="utf-8")
TUTORIAL = re.search(r"## A new agency from a WSDL.*?(?=\n## )", README, re.DOTALL)
BLOCK = re.compile(r"```(\w+)(?: (\S+))?\n(.*?)```", re.DOTALL)


def steps() -> Iterator[tuple[str, str, str]]:
    """(language, file or nothing, text) of every block that has a language."""
    assert TUTORIAL is not None
    yield from BLOCK.findall(TUTORIAL[0])


@pytest.fixture
def clone(site: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the tutorial's reader stands in."""
    contracts = "tests/unit/onboarding/contracts"
    shutil.copytree(ROOT / contracts, site / contracts)
    monkeypatch.chdir(site)
    return site


def run(line: str) -> None:
    """One line of a shell block; its comment tells another status than 0."""
    command, _, comment = line.partition("#")
    name, *words = shlex.split(command)
    assert name == "hub"
    expected = int(comment.removeprefix(" exit ")) if comment else 0
    assert dispatch(words) == expected, line


def test_the_tutorial_can_be_followed(clone: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Every command ends as shown, every file shown is taken; at the end the court gets what it should."""
    for language, file, text in steps():
        if language == "sh":
            for line in text.splitlines():
                capfd.readouterr()
                run(line)
        elif file:
            path = clone / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    document = capfd.readouterr().out
    assert "<cf:CaseReference>1448-MK-0002001</cf:CaseReference>" in document
    assert "<cf:EventDateTime>2026-06-22T13:06:00+03:00</cf:EventDateTime>" in document
    assert "900001" not in document


def test_lines_of_the_draft_that_are_shown_are_in_it(clone: Path) -> None:
    """As it is written today."""
    (shown,) = (text for language, _, text in steps() if language == "text")
    first = next(text.splitlines()[0] for language, _, text in steps() if language == "sh")
    run(first)
    assert shown in (clone / "mappings/court/case-status.yaml").read_text(encoding="utf-8")
