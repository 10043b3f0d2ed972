"""The reference of the language shows only what the language takes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hub.mapping.converters import CONVERTERS
from hub.mapping.parse import LINK_KEYS, REPEAT_KEYS, VALUE_KEYS, parse_mapping
from hub.marked import parse

README = (Path(__file__).parents[3] / "mappings" / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
# Every top-level entry of the blocks that show fields: they may show one key twice.
ENTRIES = [
    entry
    for block in BLOCKS
    if not block.startswith(("message:", "constants:", "# example.yaml"))
    for entry in re.split(r"\n(?=[^\s#-])", block)
]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry[:30])
def test_every_field_shown_can_be_parsed(entry: str) -> None:
    """Each example of the reference is legal."""
    indented = "".join(f"  {line}\n" for line in entry.splitlines())
    parse_mapping(parse(f"message: m\nagency: a\nfields:\n{indented}", "README.md"), "README.md")


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.startswith(("message:", "constants:"))])
def test_every_file_shown_can_be_parsed(block: str) -> None:
    """So is each whole file."""
    head = "" if block.startswith("message:") else "message: m\nagency: a\nfields: {}\n"
    parse_mapping(parse(head + block, "README.md"), "README.md")


def test_every_option_and_converter_is_in_the_reference() -> None:
    """Nothing can be written that is not described."""
    names = {*VALUE_KEYS, *REPEAT_KEYS, *CONVERTERS, *(key for keys in LINK_KEYS.values() for key in keys)}
    assert {name for name in names if not re.search(rf"`[^`]*\b{re.escape(name)}\b[^`]*`", README)} == set()
