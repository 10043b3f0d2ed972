"""Writing XML: a layout compiled once to closures that append text in schema order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from hub.formats.xml_door import XSI, escape_attribute, escape_text
from hub.mapping.layout import NIL, Check, Emitter, Layout, Produce, first_of
from hub.mapping.writing import Writing

# Appends to the buffer; says whether content came, which makes the containers around it appear.
WriteXml = Callable[[Writing, Any, list[str]], bool]


def compile_xml(document: Layout, namespaces: Mapping[str, str]) -> Callable[[Writing, Any], str]:
    """One function from the document's item to its text: the root element with its namespace declarations."""
    (root,) = document.children.values()
    writer, checks = _root(root, namespaces), tuple(document.checks)

    def write(writing: Writing, item: Any) -> str:
        for check in checks:
            check(writing, item)
        out: list[str] = []
        writer(writing, item, out)
        return "".join(out)

    return write


def _root(root: Layout, namespaces: Mapping[str, str]) -> WriteXml:
    """The root element of a document, with the namespaces that it and all below it need."""
    names = [root.step.name if root.step else "", *(step.name for step in root.steps())]
    used = {name.removeprefix("@")[1:].partition("}")[0] for name in names if "{" in name}
    declared = "".join(
        f' xmlns:{prefix}="{escape_attribute(uri)}"' for prefix, uri in sorted(namespaces.items()) if uri in used
    )
    if _has_nil(root) and XSI[1:-1] not in used:
        declared += f' xmlns:xsi="{XSI[1:-1]}"'
    return _place(root, namespaces, declared)


def _has_nil(layout: Layout) -> bool:
    below = [*layout.children.values(), *(emitter.inner for emitter in layout.emitters)]
    return layout.shape.nillable or any(map(_has_nil, below))


def _place(layout: Layout, namespaces: Mapping[str, str], declared: str = "") -> WriteXml:
    """One place: the element itself, and the lists that stand there."""
    writers = [_element(layout, namespaces, declared)] if layout.own else []
    writers += [_list(emitter, namespaces, declared) for emitter in layout.emitters]
    return writers[0] if len(writers) == 1 else _all(tuple(writers))


def _list(emitter: Emitter, namespaces: Mapping[str, str], declared: str) -> WriteXml:
    each, one = emitter.each, _element(emitter.inner, namespaces, declared)

    def write(writing: Writing, item: Any, out: list[str]) -> bool:
        got = False
        for child in each(writing, item):
            if one(writing, child, out):
                got = True
        return got

    return write


def _all(writers: Iterable[WriteXml]) -> WriteXml:
    def write(writing: Writing, item: Any, out: list[str]) -> bool:
        got = False
        for writer in writers:
            if writer(writing, item, out):
                got = True
        return got

    return write


def _element(layout: Layout, namespaces: Mapping[str, str], declared: str = "") -> WriteXml:
    tag = layout.step.shown if layout.step else ""
    if not layout.children and not layout.checks and not declared:
        return _text_element(tag, first_of(layout.values), first_of(layout.fillers))
    children = [child for child in layout.in_order() if child.step]
    inner = [child for child in children if child.step and not child.step.attribute]
    if layout.shape.embeds:
        writers = [_escaped(_root(child, namespaces)) for child in inner]
    else:
        writers = [_place(child, namespaces) for child in inner]
    if layout.values or layout.fillers:
        writers.insert(0, _text(first_of(layout.values), first_of(layout.fillers)))
    heads = tuple(
        (f' {child.step.shown.removeprefix("@")}="', first_of(child.values), first_of(child.fillers))
        for child in children
        if child.step and child.step.attribute
    )
    if heads or layout.checks or declared or not layout.solid:
        keep = bool(declared) or not layout.solid
        return _with_head(f"<{tag}{declared}", f"</{tag}>", heads, tuple(writers), tuple(layout.checks), keep)
    return _container(f"<{tag}>", f"</{tag}>", tuple(writers))


def _escaped(root: WriteXml) -> WriteXml:
    """A whole document as the text of an element."""

    def write(writing: Writing, item: Any, out: list[str]) -> bool:
        document: list[str] = []
        got = root(writing, item, document)
        if document:
            out.append(escape_text("".join(document)))
        return got

    return write


def _text_element(tag: str, value: Produce | None, fill: Produce | None) -> WriteXml:
    """An element that is nothing but text."""
    start, end, nil = f"<{tag}>", f"</{tag}>", f'<{tag} xsi:nil="true"/>'
    if value is None:
        return _filled(start, end, nil, fill)

    def write(writing: Writing, item: Any, out: list[str]) -> bool:
        raw = value(writing, item)
        if raw is None:
            return False
        out.append(f"{start}{escape_text(raw)}{end}")
        return True

    if fill is None:
        return write
    instead = _filled(start, end, nil, fill)
    return lambda writing, item, out: write(writing, item, out) or instead(writing, item, out)


def _filled(start: str, end: str, nil: str, fill: Produce | None) -> WriteXml:
    def write(writing: Writing, item: Any, out: list[str]) -> bool:
        raw = fill(writing, item) if fill else None
        if raw is not None:
            out.append(nil if raw is NIL else f"{start}{escape_text(raw)}{end}")
        return False

    return write


def _text(value: Produce | None, fill: Produce | None) -> WriteXml:
    """The text of an element that has attributes too."""

    def write(writing: Writing, item: Any, out: list[str]) -> bool:
        raw = value(writing, item) if value else None
        if raw is not None:
            out.append(escape_text(raw))
            return True
        raw = fill(writing, item) if fill else None
        if raw is not None and raw is not NIL:
            out.append(escape_text(raw))
        return False

    return write


def _container(start: str, end: str, writers: tuple[WriteXml, ...]) -> WriteXml:
    """An element with elements below: it appears only with content."""

    def write(writing: Writing, item: Any, out: list[str]) -> bool:
        mark = len(out)
        out.append(start)
        got = False
        for writer in writers:
            if writer(writing, item, out):
                got = True
        if not got:
            del out[mark:]
            return False
        out.append(end)
        return True

    return write


def _with_head(
    start: str,
    end: str,
    heads: tuple[tuple[str, Produce | None, Produce | None], ...],
    writers: tuple[WriteXml, ...],
    checks: tuple[Check, ...],
    keep: bool,
) -> WriteXml:
    """The same with attributes. ``keep``: fillers alone are enough (the root, elements of constants)."""

    def write(writing: Writing, item: Any, out: list[str]) -> bool:
        for check in checks:
            check(writing, item)
        mark, head, got = len(out), start, False
        for name, value, fill in heads:
            raw = value(writing, item) if value else None
            if raw is not None:
                got = True
            elif fill:
                raw = fill(writing, item)
            if raw is not None and raw is not NIL:
                head += f'{name}{escape_attribute(raw)}"'
        out.append(head)
        for writer in writers:
            if writer(writing, item, out):
                got = True
        empty = len(out) == mark + 1
        if not got and (not keep or (empty and head is start)):
            del out[mark:]
            return False
        if empty:
            out[mark] = head + "/>"
        else:
            out[mark] = head + ">"
            out.append(end)
        return got

    return write
