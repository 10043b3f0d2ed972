"""What the documentation shows of examples is what examples may say, and every code of a proof is described."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hub.definition import Reading
from hub.marked import parse
from hub.proving.examples import EXAMPLE

ROOT = Path(__file__).parents[3]
README = (ROOT / "mappings" / "README.md").read_text(encoding="utf-8")
BLOCKS = [block for block in re.findall(r"```yaml\n(.*?)```", README, re.DOTALL) if block.startswith("# example.yaml")]


@pytest.mark.parametrize("block", BLOCKS)
def test_every_example_file_shown_can_be_read(block: str) -> None:
    """Each has only keys that are known, with values that may stand there."""
    reading = Reading("README.md")
    EXAMPLE.read(parse(block, "README.md"), 1, reading)
    assert reading.findings == []


def test_every_key_of_an_example_is_shown() -> None:
    """Nothing can be written that is not described."""
    shown = {line.partition(":")[0] for block in BLOCKS for line in block.splitlines() if not line.startswith("#")}
    assert shown == set(EXAMPLE.keys)


def test_every_code_of_a_proof_is_described() -> None:
    """What --prove can find stands in the table."""
    text = (ROOT / "hub" / "proving" / "prove.py").read_text(encoding="utf-8")
    codes = set(re.findall(r'_Broken\(\s*"([a-z-]+)"', text)) | {"not-written", "output-invalid", "not-encodable"}
    assert codes
    assert {code for code in codes if f"`{code}`" not in README} == set()
