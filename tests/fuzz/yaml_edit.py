"""Edits of YAML by what is written where, so that the rest of the file, its comments too, stays as it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import yaml


@dataclass(frozen=True)
class Pair:
    """One ``key: value`` of a table, by its number there."""

    table: yaml.MappingNode
    number: int

    @property
    def key(self) -> yaml.Node:
        return self.table.value[self.number][0]  # type: ignore[no-any-return]

    @property
    def value(self) -> yaml.Node:
        return self.table.value[self.number][1]  # type: ignore[no-any-return]

    @property
    def name(self) -> str:
        return str(self.key.value)


def parsed(text: str) -> yaml.MappingNode:
    """The file's table; raises ``yaml.YAMLError`` or ``TypeError``."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(node, yaml.MappingNode):
        raise TypeError("no table")
    return node


def pairs(table: yaml.Node | None) -> list[Pair]:
    """The pairs of one table (none, where it is no table)."""
    return [Pair(table, number) for number in range(len(table.value))] if isinstance(table, yaml.MappingNode) else []


def every_pair(node: yaml.Node) -> Iterator[Pair]:
    """Every pair of every table below."""
    for pair in pairs(node):
        yield pair
        yield from every_pair(pair.value)
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from every_pair(item)


def child(table: yaml.Node | None, name: str) -> yaml.Node | None:
    """What stands under a key."""
    return next((pair.value for pair in pairs(table) if pair.name == name), None)


def span(text: str, node: yaml.Node) -> tuple[int, int]:
    """Where a node stands, without what only follows it."""
    start, end = node.start_mark.index, node.end_mark.index
    if isinstance(node, yaml.CollectionNode) and not node.flow_style:
        end = start + len(text[start:end].rstrip())
        while (last := text.rfind("\n", start, end)) >= 0 and text[last:end].lstrip().startswith("#"):
            end = start + len(text[start:last].rstrip())
    return start, end


def source(text: str, node: yaml.Node) -> str:
    """A node as it is written."""
    start, end = span(text, node)
    return text[start:end]


def replaced(text: str, node: yaml.Node, new: str) -> str:
    """The text with another node in its place."""
    start, end = span(text, node)
    return text[:start] + new + text[end:]


def swapped(text: str, first: yaml.Node, second: yaml.Node) -> str:
    """Two nodes, the first standing before the second, in each other's place."""
    one, other = source(text, first), source(text, second)
    return replaced(replaced(text, second, one), first, other)


def without(text: str, pair: Pair) -> str:
    """The text without one pair, and without its table's braces' commas; an only pair leaves ``{}``."""
    everyone = pairs(pair.table)
    if len(everyone) == 1:
        return replaced(text, pair.table, "{}")
    start, end = span(text, pair.key)[0], span(text, pair.value)[1]
    if pair.number + 1 < len(everyone):
        return text[:start] + text[span(text, everyone[pair.number + 1].key)[0] :]
    before = span(text, everyone[pair.number - 1].value)[1]
    return text[:before] + text[end:]


def with_pair(text: str, table: yaml.CollectionNode, pair: str) -> str:
    """The text with one more pair at the start of a table."""
    start = table.start_mark.index
    if table.flow_style:
        return text[: start + 1] + pair + (", " if table.value else "") + text[start + 1 :]
    return text[:start] + pair + "\n" + " " * table.start_mark.column + text[start:]


def quoted(text: str) -> str:
    """A text as YAML always takes it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
