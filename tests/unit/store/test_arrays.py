"""Binary arrays: the server reads what was written, whatever the values, and says the same back."""

from __future__ import annotations

import math
import struct
from typing import Any

import psycopg
import pytest

from hub.store.arrays import encoder, register

VALUES: dict[str, list[Any]] = {
    "BIGINT": [0, -1, 2**62, None, -(2**62)],
    "INTEGER": [1, -(2**31), None, 2**31 - 1],
    "SMALLINT": [0, 1, -5],
    "DOUBLE PRECISION": [0.0, -1.5, 1_760_000_000.123456, None, math.inf, 3],
    "TEXT": ["", "a", None, 'quotes " and \\ and {,}', "NULL", "محضر رقم ٥", "x" * 70_000],
    "BYTEA": [b"", bytearray(range(256)), None, b"\\x00", bytearray(b"y" * 70_000)],
}


@pytest.mark.parametrize("type", sorted(VALUES))
def test_every_value_arrives_as_it_was(server: str, type: str) -> None:
    """NULL, signs, Arabic, quotes and long ones; in order."""
    with psycopg.connect(server, autocommit=True) as connection:
        register(connection)
        for values in (VALUES[type], [value for value in VALUES[type] if value is not None], VALUES[type][:1]):
            query = f"SELECT * FROM unnest(%s::{type}[])"
            for prepare in (False, True):
                found = connection.execute(query, [encoder(type)(values)], prepare=prepare, binary=True).fetchall()
                assert [value for (value,) in found] == values


def test_a_value_that_does_not_fit_its_type_is_refused() -> None:
    """Before anything is sent."""
    with pytest.raises(struct.error):
        encoder("SMALLINT")([40_000])
    with pytest.raises(struct.error):
        encoder("BIGINT")(["1"])
