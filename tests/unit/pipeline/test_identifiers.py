"""Ids and stamps, as other systems read them."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from hub.identifiers import new_id
from hub.pipeline.entries import stamp


@given(st.floats(min_value=0, max_value=4_000_000_000))
def test_id_is_a_uuid_of_version_7_that_tells_its_time(now: float) -> None:
    """Any UUID library reads it, and its first 48 bits are the milliseconds."""
    id = UUID(new_id(now))
    assert (id.version, id.variant) == (7, "specified in RFC 4122")
    assert id.int >> 80 == int(now * 1000)


def test_ids_of_one_moment_differ_and_later_ones_sort_behind() -> None:
    """No two are the same; order by text is order by time."""
    assert len({new_id(1.0) for _ in range(10_000)}) == 10_000
    assert new_id(1.0) < new_id(1.5) < new_id(2_000_000_000.0)


@given(st.floats(min_value=0, max_value=4_000_000_000))
def test_stamp_is_rfc_3339_in_utc_to_the_microsecond(at: float) -> None:
    """A stamp reads back as the moment it was made from."""
    text = stamp(at)
    assert text.endswith("Z")
    assert abs(datetime.fromisoformat(text).astimezone(UTC).timestamp() - at) <= 0.000_001
