"""The strict door for JSON: nothing that decoders pass over gets through."""

from __future__ import annotations

import codecs
import json
import math
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hub.errors import HubError
from hub.formats.json_door import MAX_DEPTH, decode_json


@pytest.mark.parametrize(
    ("body", "code", "line", "path"),
    [
        (b'{"a": 1,\n"a": 2}', "malformed", 2, "/a"),
        (b'{"a": 1,\n"\\u0061": 2}', "malformed", 2, "/a"),
        (b'{"x": [{"a" : 1,\n"a"\n: 1}]}', "malformed", 2, "/x/0/a"),
        (b'{"b": "\\u003a",\n"a": 1, "a": 1}', "malformed", 2, "/a"),
        (b'{"b": "\\u003A",\n"a": 1, "a": 1}', "malformed", 2, "/a"),
        (b'{"b": ":::",\n"a": 1, "a": 1}', "malformed", 2, "/a"),
        (b'{"": 1,\n"": 1}', "malformed", 2, "/"),
        (b'{"a/b": 1,\n"a/b": 1}', "malformed", 2, "/a~1b"),
        (b'{"a":\n"x\\u0000"}', "forbidden-character", 1, "/a"),
        (b'{\n"a\\u0000": 1}', "forbidden-character", 2, "/a\\u0000"),
        (b'{"a":\n"\x00"}', "forbidden-character", 2, None),
        (b'{"a":\n"\\ud800"}', "forbidden-character", 2, None),
        (b'{"a":\n"\xed\xa0\x80"}', "wrong-encoding", 2, None),
        (b'{"a":\n"\xe3"}', "wrong-encoding", 2, None),
        (b'{"a":\nNaN}', "malformed", 2, None),
        (b'{"a":\n-Infinity}', "malformed", 2, None),
        (b'{"a":\n1e999}', "malformed", None, None),
        (b"[\n18446744073709551616]", "malformed", 2, "/0"),
        (b"[\n-9223372036854775809]", "malformed", 2, "/0"),
        (b'{"a": 1\n,}', "malformed", 2, None),
        (b'{"a": 1}\n{}', "malformed", 2, None),
        (b'{"a": 01}', "malformed", 1, None),
        (b"", "malformed", 1, None),
        (b'{"a": "' + b"x" * 100, "malformed", 1, None),
        (b"\n" + b"[" * 65 + b"]" * 65, "too-deep", 2, "/0" * 64),
        (b'{"a":' * 65 + b"1" + b"}" * 65, "too-deep", 1, "/a" * 64),
        (b"[" * 5000 + b"]" * 5000, "too-deep", 1, None),
    ],
)
def test_bad_json_is_refused_with_code_line_and_place(
    body: bytes, code: str, line: int | None, path: str | None
) -> None:
    """The sender learns what is wrong and where."""
    with pytest.raises(HubError) as caught:
        decode_json(body)
    problem = caught.value.problems[0]
    assert caught.value.code.name == code
    assert problem.path == path
    assert line is None or problem.line == line


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": "\\\\u0000 \\u003a : \\" "}', {"a": '\\u0000 : : " '}),
        (b"[18446744073709551615, -9223372036854775808]", [2**64 - 1, -(2**63)]),
        (b'{"id": "1234567890123456789012345"}', {"id": "1234567890123456789012345"}),
        (b"[1234567890.1234567890123456789]", [1234567890.1234567890123456789]),
        (codecs.BOM_UTF8 + '{"ا": "ض"}'.encode(), {"ا": "ض"}),
        (b"[" * 64 + b"]" * 64, json.loads("[" * 64 + "]" * 64)),
        (b"[" + b"[]," * 500 + b"[]]", [[]] * 501),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
    ],
)
def test_what_only_looks_suspicious_is_read(body: bytes, value: Any) -> None:
    """The cheap tests may only send a document to the careful pass, never refuse it."""
    assert decode_json(body) == value


def test_another_codec_is_read_only_where_the_transport_declared_it() -> None:
    """JSON is UTF-8; a guess is never made."""
    body = '{"a": "ضبط"}'.encode("cp1256")
    assert decode_json(body, "windows-1256") == {"a": "ضبط"}
    with pytest.raises(HubError, match="wrong-encoding"):
        decode_json(body)
    with pytest.raises(HubError, match="malformed"):
        decode_json('{"a": "ضبط", "a": 1}'.encode("cp1256"), "windows-1256")


def reference(body: bytes) -> Any:
    """A slow door that says plainly what may come in; raises ``ValueError``."""

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({key for key, _ in items}) != len(items):
            raise ValueError("duplicate")
        return dict(items)

    def integer(digits: str) -> int:
        if not -(2**63) <= int(digits) <= 2**64 - 1:
            raise ValueError("integer")
        return int(digits)

    def number(digits: str) -> float:
        if math.isinf(float(digits)):
            raise ValueError("float")
        return float(digits)

    def constant(name: str) -> Any:
        raise ValueError(name)

    def check(value: Any, depth: int) -> None:
        if isinstance(value, str):
            value.encode()
            if "\0" in value:
                raise ValueError("U+0000")
        elif isinstance(value, (list, dict)):
            if depth >= MAX_DEPTH:
                raise ValueError("deep")
            for key in value if isinstance(value, dict) else ():
                check(key, depth)
            for child in value.values() if isinstance(value, dict) else value:
                check(child, depth + 1)

    text = body.decode("utf-8")
    value = json.loads(text, object_pairs_hook=pairs, parse_int=integer, parse_float=number, parse_constant=constant)
    check(value, 0)
    return value


STRINGS = st.sampled_from(
    (
        *('"a"', r'"\u0061"', '":"', r'"\u003a"', r'"\u003A\u003a"', r'"\":"', r'"\\"', r'"\\u0000"', r'"\u0000"'),
        *(r'"\ud800"', r'"\ud83d\ude00"', '"{[,"', '""', '"ض"', r'"\n"', '"0000000000000000000000"', r'"\\\u003a"'),
    )
)
NUMBERS = st.sampled_from(["0", "-0", "1.5e3", "1e999", "1E400", "-9223372036854775808", "9223372036854775808"]) | (
    st.integers(-(2**66), 2**66).map(str)
)
SPACE = st.sampled_from(["", "", " ", "\n", "\t \r\n"])
SCALARS = STRINGS | NUMBERS | st.sampled_from(["true", "false", "null", "NaN", "Infinity"])


def texts(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    member = st.tuples(SPACE, STRINGS, SPACE, children).map(lambda part: f"{part[0]}{part[1]}{part[2]}:{part[3]}")
    objects = st.lists(member, max_size=4).map(lambda members: "{" + ",".join(members) + "}")
    lists = st.lists(children, max_size=4).map(lambda items: "[" + ",".join(items) + "]")
    nested = st.integers(50, 70).map(lambda depth: '{"a":[' * (depth // 2) + "1" + "]}" * (depth // 2))
    return objects | lists | nested


JSON_TEXTS = st.recursive(SCALARS, texts, max_leaves=12)


@settings(max_examples=600, deadline=None)
@given(JSON_TEXTS)
@example('{"a":"\\u003a","a":":"}')
@example('{"a":{"b":1},"a":"::"}')
def test_the_fast_door_agrees_with_a_slow_one(text: str) -> None:
    """Whatever the counts say, the verdict is that of a decoder that looks at everything."""
    body = text.encode()
    try:
        expected = reference(body)
    except ValueError:
        with pytest.raises(HubError):
            decode_json(body)
        return
    assert decode_json(body) == expected
