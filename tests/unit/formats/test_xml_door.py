"""The hardened XML parser, trees and escapes."""

from __future__ import annotations

import codecs
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import HubError
from hub.formats.xml import element_tree, escape_attribute, escape_text, parse_hardened


def refused(body: bytes, charset: str | None = None) -> HubError:
    with pytest.raises(HubError) as caught:
        element_tree(parse_hardened(body, charset))
    return caught.value


@pytest.mark.parametrize(
    ("body", "code", "line"),
    [
        (b"<a>\n<b></a>", "malformed", 2),
        (b"<a/>\n<b/>", "malformed", 2),
        (b"", "malformed", 1),
        (b"<a>\n&unknown;</a>", "malformed", 2),
        (b"<p:a/>", "malformed", 1),
        (b'<a b="1" b="2"/>', "malformed", 1),
        (b'\n<!-- licence -->\n<?xml version="1.0"?><a/>', "malformed", 3),
        (b"<a>\n\x00</a>", "forbidden-character", 2),
        (b"<a>\n\n\x1f</a>", "forbidden-character", 3),
        (b"<a>\n&#0;</a>", "forbidden-character", 2),
        (b"<a>\n&#xD800;</a>", "forbidden-character", 2),
        ("<a>\n\ufffe</a>".encode(), "forbidden-character", 2),
        (b"<a>\n\xff</a>", "wrong-encoding", 2),
        (b"\n<!DOCTYPE a><a/>", "doctype-refused", 2),
        (b'<?xml version="1.0"?>\n<!-- x --><?y z?>\n<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>', "doctype-refused", 3),
        (b"<a>\n" + b"<a>" * 70 + b"</a>" * 70 + b"</a>", "too-deep", 2),
        (b"<a>" * 100_000, "too-deep", 1),
    ],
)
def test_bad_xml_is_refused_with_its_code_and_line(body: bytes, code: str, line: int) -> None:
    """The sender learns what is wrong and where."""
    error = refused(body)
    assert (error.code.name, error.problems[0].line) == (code, line)


def test_sixty_four_levels_are_read_and_sixty_five_are_not() -> None:
    """The limit is exact."""
    element_tree(parse_hardened(b"<a>" * 64 + b"</a>" * 64))
    assert refused(b"<a>" * 65 + b"</a>" * 65).code.name == "too-deep"


def test_a_doctype_in_text_or_comment_means_nothing() -> None:
    """Only a declaration in the prolog is one."""
    root = parse_hardened(b"<!-- <!DOCTYPE a> --><a><![CDATA[<!DOCTYPE a>]]></a>")
    assert element_tree(root) == {"a": [{"#": "<!DOCTYPE a>"}]}


def test_a_doctype_in_utf_16_is_seen() -> None:
    """The check looks at characters, not at bytes."""
    body = codecs.BOM_UTF16_LE + "<!DOCTYPE a><a/>".encode("utf-16-le")
    assert refused(body).code.name == "doctype-refused"


def test_an_entity_bomb_ends_at_once() -> None:
    """Nothing is expanded: ten thousand million letters would not come to an end."""
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 11))
    error = refused(f'<!DOCTYPE a [<!ENTITY e0 "x">{levels}]><a>&e9;</a>'.encode())
    assert error.code.name == "doctype-refused"


def test_no_file_and_no_network_is_touched(tmp_path: Path) -> None:
    """Neither external entities nor schema hints nor style sheets make the parser look anywhere."""
    secret = tmp_path / "secret"
    secret.write_text("geheim")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        where = f"http://127.0.0.1:{server.getsockname()[1]}/x"
        refused(f'<!DOCTYPE a [<!ENTITY e SYSTEM "file://{secret}">]><a>&e;</a>'.encode())
        hint = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation'
        parse_hardened(f'<?xml-stylesheet href="{where}"?><a {hint}="urn:a {where}"/>'.encode())
        with pytest.raises(TimeoutError):
            server.accept()


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        ("<a>ضبط</a>".encode(), None),
        ('<?xml version="1.0" encoding="UTF-16"?><a>ضبط</a>'.encode(), None),
        (codecs.BOM_UTF8 + "<a>ضبط</a>".encode(), None),
        (codecs.BOM_UTF16_BE + "<a>ضبط</a>".encode("utf-16-be"), None),
        ("<a>ضبط</a>".encode("utf-16-le"), "utf-16le"),
        ('<?xml version="1.0" encoding="windows-1256"?><a>ضبط</a>'.encode("cp1256"), None),
        ("<a>ضبط</a>".encode("cp1256"), "windows-1256"),
        ('<?xml version="1.0" encoding="windows-1252"?><a>ضبط</a>'.encode("cp1256"), "windows-1256"),
    ],
)
def test_encodings_are_read_by_mark_then_utf_8_then_declaration(body: bytes, charset: str | None) -> None:
    """The transport's charset counts before the document's own (RFC 7303)."""
    assert element_tree(parse_hardened(body, charset)) == {"a": [{"#": "ضبط"}]}


def test_windows_1256_without_a_declaration_is_refused() -> None:
    """A codec that decodes anything is never a guess."""
    assert refused("<a>ضبط</a>".encode("cp1256")).code.name == "wrong-encoding"


def test_a_tree_has_clark_names_attributes_and_lists_even_for_one() -> None:
    """Namespaces, not prefixes, identify elements, and one element is still a list."""
    body = b'<p:a xmlns:p="urn:x" k="1" p:l="2"><p:b>1</p:b><c/><p:b> 2 </p:b></p:a>'
    assert element_tree(parse_hardened(body)) == {
        "{urn:x}a": [{"@k": "1", "@{urn:x}l": "2", "{urn:x}b": [{"#": "1"}, {"#": " 2 "}], "c": [{"#": ""}]}]
    }


def test_comments_and_cdata_do_not_split_a_text() -> None:
    """The text of an element is whole."""
    tree = element_tree(parse_hardened(b"<a>x<!-- c -->y<?p q?><![CDATA[<z>]]></a>"))
    assert tree == {"a": [{"#": "xy<z>"}]}


def test_mixed_text_is_kept_beside_children_and_white_space_is_not() -> None:
    """Nothing that says something is lost silently."""
    assert element_tree(parse_hardened(b"<a>\n x <b/> y \n <b>1</b>\n</a>")) == {
        "a": [{"#": "\n x  y \n ", "b": [{"#": ""}, {"#": "1"}]}]
    }


def test_the_line_of_an_element_is_right_beyond_65535() -> None:
    """Long documents keep their line numbers."""
    root = parse_hardened(b"<a>" + b"\n" * 70_000 + b"<b/></a>")
    assert root[0].sourceline == 70_001


XML_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff", min_codepoint=32))


@given(XML_TEXT | st.sampled_from(["a\rb", "]]>", "<&>\"'", "\t\n", "\r\n"]))
def test_escaped_text_reads_back_code_point_for_code_point(value: str) -> None:
    """Legal spellings are delivered as they are, line ends and tabs in attributes included."""
    root = parse_hardened(f'<a b="{escape_attribute(value)}">{escape_text(value)}</a>'.encode())
    assert (root.get("b"), root.text or "") == (value, value)


@pytest.mark.parametrize("value", ["a\x00", "\x1f", "\ufffe", "\ud800"])
def test_what_xml_cannot_carry_stops_the_writer(value: str) -> None:
    """Nothing is replaced or dropped."""
    for escape in (escape_text, escape_attribute):
        with pytest.raises(HubError, match="not-encodable"):
            escape(value)
