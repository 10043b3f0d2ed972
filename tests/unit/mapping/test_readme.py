"""The reference of the language shows only what the language takes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from hub.mapping.converters import CONVERTERS
from hub.mapping.finding_codes import FINDING_CODES
from hub.mapping.parse import LINK_KEYS, REPEAT_KEYS, VALUE_KEYS, parse_mapping
from hub.mapping.reference import brought_up_to_date, parts
from hub.marked import parse
from hub.schema.inclusion import Facet

ROOT = Path(__file__).parents[3]
CODE = re.compile(r'Finding\(\s*"([a-z-]+)"|BadConversion\(\s*"([a-z-]+)"|shop\.wrong\(\s*"([a-z-]+)"')
README = (ROOT / "mappings" / "README.md").read_text(encoding="utf-8")
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


def test_the_reference_is_the_languages_own() -> None:
    """Stale? Run ``hub schema --reference mappings/README.md``."""
    assert brought_up_to_date(README) == README
    assert set(re.findall("<!-- reference: ([a-z]+)", README)) == set(parts())


def test_no_finding_is_left_out_of_the_table() -> None:
    """Each code that the sources of mappings and grants name has its advice."""
    sources = [*(ROOT / "hub" / "mapping").glob("*.py"), ROOT / "hub" / "access" / "check_grants.py"]
    said = {
        code for path in sources for found in CODE.findall(path.read_text(encoding="utf-8")) for code in found if code
    }
    facets = {f"{facet}-gap" for facet in get_args(Facet) if facet != "unproven"}
    assert len(said) > 20
    assert (said | facets) - set(FINDING_CODES) == set()
