"""The layouts that schemas/README.md shows are layouts, and read the lines shown with them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hub.formats.contract import Contract
from hub.formats.fixed_width_layout import FIXED_WIDTH
from hub.formats.open import open_contract
from hub.site.agency import DocumentDefinition, Format

README = (Path(__file__).parents[3] / "schemas" / "README.md").read_text(encoding="utf-8")
LAYOUTS = dict(re.findall(r"```yaml\n(format: ([a-z-]+)\n.*?)```", README, re.DOTALL))


def shown(folder: Path, format: Format) -> Contract:
    (folder / "x.layout.yaml").write_text(next(text for text, name in LAYOUTS.items() if name == format))
    return open_contract(DocumentDefinition("x", format, "x.layout.yaml", "each", 1), folder, "x", {})


@pytest.mark.parametrize("format", ["delimited", "fixed-width"])
def test_every_kind_of_layout_is_shown_as_it_can_be_written(tmp_path: Path, format: Format) -> None:
    """Without a mistake."""
    assert list(LAYOUTS.values()) == ["delimited", "fixed-width"]
    assert shown(tmp_path, format).shape.by_name["rows"].children


def test_the_lines_shown_are_read_by_the_layout_shown(tmp_path: Path) -> None:
    """With every kind of line, trimmed as an editor leaves them."""
    (lines,) = re.findall(r"```text\n(H.*?)```", README, re.DOTALL)
    contract = shown(tmp_path, "fixed-width")
    parsed = contract.parse(lines.replace("\n", "\r\n").encode("cp1256"))
    assert contract.problems(parsed) == ()
    persons = [{"Name": "فهد راشد التجريبي", "Role": "V"}, {"Name": "نورة العينة", "Role": "W"}]
    assert parsed.tree == {
        "header": {"Day": "14480107"},
        "rows": [
            {"CaseNo": "1448/001", "Sum": "350", "Place": "جدة", "persons": persons},
            {"CaseNo": "1448/002", "Sum": "", "Place": "مكة", "persons": []},
        ],
        "trailer": {"Label": "RE"},
    }


def test_every_key_of_a_layout_of_fixed_width_is_described() -> None:
    """Nothing can be written that is not in the text."""
    part = README.partition("\n## Records of fixed width\n")[2]
    assert {key for key in FIXED_WIDTH.keys if f"{key}:" not in part and f"`{key}`" not in part} == set()
