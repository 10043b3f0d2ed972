"""YAML as a site writes it: every scalar is text, no key twice, no anchors, and each value knows its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from hub.findings import Finding, Findings


class Text(str):
    """A scalar exactly as written (``01`` stays ``01``), with the line (from 1) on which it stands."""

    line: int = 0


class Table(dict[str, Any]):
    """A mapping; ``line`` is where it starts and ``lines[key]`` where a key stands."""

    line: int = 0
    lines: dict[str, int]


class Items(list[Any]):
    """A sequence; ``line`` is where it starts and ``lines[index]`` where an item stands."""

    line: int = 0
    lines: list[int]


Node = Text | Table | Items


def load(path: Path, name: str) -> Node:
    """Read one YAML file; ``name`` is how findings call it (its path inside the site).

    Raises ``Findings`` with file and line for bad YAML, a repeated key, an anchor or alias, a tag, or a missing file.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise Findings([Finding("file-missing", name, 0, "the file does not exist")]) from None
    except UnicodeDecodeError as error:
        raise Findings([Finding("bad-yaml", name, 0, f"not UTF-8: {error.reason} at byte {error.start}")]) from None
    return parse(text, name)


def parse(text: str, name: str) -> Node:
    """The same for a text at hand."""
    try:
        for token in yaml.scan(text, Loader=yaml.CSafeLoader):
            if isinstance(token, (yaml.AnchorToken, yaml.AliasToken, yaml.TagToken)):
                line = token.start_mark.line + 1
                raise Findings([Finding("bad-yaml", name, line, "anchors, aliases and tags are not used here")])
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 0
        raise Findings([Finding("bad-yaml", name, line, str(error.problem or error.context))]) from None
    except yaml.YAMLError as error:
        raise Findings([Finding("bad-yaml", name, 0, str(error))]) from None
    if node is None:
        raise Findings([Finding("bad-yaml", name, 1, "the file is empty")])
    return _build(node, name)


def _build(node: yaml.Node, name: str) -> Node:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.ScalarNode):
        text = Text(node.value)
        text.line = line
        return text
    if isinstance(node, yaml.SequenceNode):
        items = Items(_build(child, name) for child in node.value)
        items.line, items.lines = line, [child.start_mark.line + 1 for child in node.value]
        return items
    table = Table()
    table.line, table.lines = line, {}
    for key_node, value_node in node.value:
        key_line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise Findings([Finding("bad-yaml", name, key_line, "a key must be plain text")])
        key = key_node.value
        if key in table:
            again = f"the key {key!r} stands here again (first on line {table.lines[key]})"
            raise Findings([Finding("duplicate-key", name, key_line, again)])
        table[key] = _build(value_node, name)
        table.lines[key] = key_line
    return table
