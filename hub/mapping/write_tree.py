"""Writing JSON and tables: a layout compiled once to closures that fill dicts in schema order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hub.mapping.layout import NIL, Emitter, Layout, Produce, first_of
from hub.mapping.writing import Writing

Tree = dict[str, Any]
# Adds to the object; says whether content came, which makes the objects around it appear.
WriteTree = Callable[[Writing, Any, Tree], bool]


def compile_tree(document: Layout) -> Callable[[Writing, Any], Tree]:
    """One function from the document's item to its tree."""
    writers = tuple(_place(child) for child in document.in_order())
    checks = tuple(document.checks)

    def write(writing: Writing, item: Any) -> Tree:
        for check in checks:
            check(writing, item)
        tree: Tree = {}
        for writer in writers:
            writer(writing, item, tree)
        return tree

    return write


def _place(layout: Layout) -> WriteTree:
    writers = [_list(emitter, layout) for emitter in layout.emitters]
    if layout.own:
        writers.insert(0, _member(layout))
    if len(writers) == 1:
        return writers[0]

    def write(writing: Writing, item: Any, tree: Tree) -> bool:
        got = False
        for writer in writers:
            if writer(writing, item, tree):
                got = True
        return got

    return write


def _member(layout: Layout) -> WriteTree:
    """One property: a scalar, or an object that appears only with content (or with nothing but constants)."""
    name, listed = _name(layout)
    if not layout.children and not layout.checks:
        return _scalar(name, listed, first_of(layout.values), first_of(layout.fillers))
    writers = tuple(_place(child) for child in layout.in_order())
    checks, solid = tuple(layout.checks), layout.solid

    def write(writing: Writing, item: Any, tree: Tree) -> bool:
        for check in checks:
            check(writing, item)
        below: Tree = {}
        got = False
        for writer in writers:
            if writer(writing, item, below):
                got = True
        if got or (below and not solid):
            _set(tree, name, listed, below)
        return got

    return write


def _scalar(name: str, listed: bool, value: Produce | None, fill: Produce | None) -> WriteTree:
    def write(writing: Writing, item: Any, tree: Tree) -> bool:
        raw = value(writing, item) if value else None
        if raw is not None:
            _set(tree, name, listed, raw)
            return True
        raw = fill(writing, item) if fill else None
        if raw is not None:
            _set(tree, name, listed, None if raw is NIL else raw)
        return False

    def write_plain(writing: Writing, item: Any, tree: Tree) -> bool:
        raw = value(writing, item) if value else None
        if raw is None:
            return False
        tree[name] = raw
        return True

    return write_plain if fill is None and not listed else write


def _set(tree: Tree, name: str, listed: bool, below: Any) -> None:
    if listed:
        tree.setdefault(name, []).append(below)
    else:
        tree[name] = below


def _list(emitter: Emitter, layout: Layout) -> WriteTree:
    """A list of objects, or of scalars."""
    name, _ = _name(layout)
    each, inner = emitter.each, emitter.inner
    if not inner.children and not inner.emitters:
        value = first_of([*inner.values, *inner.fillers])

        def write_scalars(writing: Writing, item: Any, tree: Tree) -> bool:
            raws = [raw for child in each(writing, item) if value and (raw := value(writing, child)) is not None]
            if raws:
                tree.setdefault(name, []).extend(raws)
            return bool(raws)

        return write_scalars
    writers, checks = tuple(_place(child) for child in inner.in_order()), tuple(inner.checks)

    def write(writing: Writing, item: Any, tree: Tree) -> bool:
        found = []
        for child in each(writing, item):
            for check in checks:
                check(writing, child)
            below: Tree = {}
            got = False
            for writer in writers:
                if writer(writing, child, below):
                    got = True
            if got:
                found.append(below)
        if found:
            tree.setdefault(name, []).extend(found)
        return bool(found)

    return write


def _name(layout: Layout) -> tuple[str, bool]:
    return (layout.step.name, layout.step.listed) if layout.step else ("", False)
