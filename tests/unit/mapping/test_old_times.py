"""Moments before a zone had a standard time keep their instant, though no offset with seconds can be written."""

from __future__ import annotations

import pytest

from hub.mapping.convert import Options
from hub.mapping.converters import CONVERTERS


@pytest.mark.parametrize("moment", ["1924-08-01T10:05:00Z", "1947-03-13T20:53:07.5Z", "2026-06-22T10:05:00Z"])
def test_a_moment_written_with_a_zones_offset_reads_back(moment: str) -> None:
    """Riyadh was 3:06:52 ahead until 1947: written +03:07, with the local time that belongs to that offset."""
    codec = CONVERTERS["date-time"].make(Options({"zone": "Asia/Riyadh"}))
    assert codec.read(codec.writes[""](moment)) == moment
