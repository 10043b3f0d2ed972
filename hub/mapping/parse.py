"""A mapping's YAML to the nodes of ``hub.mapping.language``, or findings with file and line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from hub.definition import Reading
from hub.findings import Finding, Findings, nearest
from hub.mapping import keys
from hub.mapping.convert import Converter
from hub.mapping.converters import CONVERTERS
from hub.mapping.installed import not_installed
from hub.mapping.language import (
    Absent,
    Answers,
    BothWays,
    ConstantSpec,
    Conversion,
    EmbeddedSpec,
    GroupNode,
    GuardSpec,
    LinkNode,
    MappingFile,
    Node,
    RepeatNode,
    RepeatSpec,
    Stylesheets,
    UnlinkedSpec,
    ValueNode,
    ValueSpec,
    Written,
)
from hub.marked import Items, Table, Text

FILE_KEYS = tuple(keys.FILE)
VALUE_KEYS = tuple(keys.VALUE)
REPEAT_KEYS = tuple(keys.REPEAT)
LINK_KEYS = {form: tuple(table) for form, table in keys.LINKS.items()}


def parse_mapping(root: Any, file: str, converters: Mapping[str, Converter] = CONVERTERS) -> MappingFile:
    """The file's node (``hub.marked``) as a ``MappingFile``. Raises ``Findings`` with everything that is wrong.

    ``converters``: those that ``as`` may name.
    """
    if not isinstance(root, Table):
        raise Findings([Finding("bad-mapping", file, 1, "a mapping file is a table of keys")])
    parser = _Parser(Reading(file), converters)
    result = parser.file(root)
    if parser.reading.findings:
        raise Findings(parser.reading.findings)
    return result


class _Parser:
    """Reads nodes and collects what is wrong; a wrong part yields a stand-in, so that the rest is read too."""

    def __init__(self, reading: Reading, converters: Mapping[str, Converter]) -> None:
        self.reading = reading
        self.converters = converters

    def wrong(self, line: int, text: str, hint: str = "", code: str = "bad-value") -> None:
        self.reading.wrong(code, line, text, hint)

    # --- the file ---

    def file(self, root: Table) -> MappingFile:
        self.keys(root, FILE_KEYS, "a mapping file")
        for key in keys.REQUIRED:
            if key not in root:
                self.wrong(root.line, f"the key {key!r} is missing", code="missing-key")
        return MappingFile(
            file=self.reading.file,
            message=self.text(root, "message") or Written("", root.line),
            agency=self.text(root, "agency") or Written("", root.line),
            root=self.text(root, "root"),
            identity=self.texts(root, "identity"),
            absent=self.absent(root) or Absent(),
            unseen=cast(Any, self.word(root, "unseen", *keys.FILE["unseen"].words) or "count"),
            unseen_line=root.lines.get("unseen", root.line),
            fields=self.fields(root),
            constants=self.constants(root),
            embedded=tuple(self.embedded(root)),
            xslt=self.xslt(root),
            drops=self.reasons(root, "drops"),
            unlinked=tuple(self.unlinked(root)),
            ignores=self.reasons(root, "ignores"),
            refuses=self.reasons(root, "refuses"),
            unproven=self.reasons(root, "unproven"),
        )

    def embedded(self, root: Table) -> Iterator[EmbeddedSpec]:
        table = self.table(root, "embedded") or Table()
        for path, line in table.lines.items() if table else ():
            inner = self.table(table, path)
            if inner is None:
                continue
            self.keys(inner, keys.EMBEDDED, "an embedded document")
            schema, top = self.text(inner, "schema"), self.text(inner, "root")
            if schema is None or top is None:
                self.wrong(line, "an embedded document has a schema and a root", code="missing-key")
                continue
            yield EmbeddedSpec(Written(path, line), schema, top)

    def xslt(self, root: Table) -> Stylesheets | None:
        table = self.table(root, "xslt")
        if table is None:
            return None
        self.keys(table, keys.XSLT, "xslt")
        if not {"read", "write"} & table.keys():
            self.wrong(table.line, "xslt names a stylesheet: read, write or both", code="missing-key")
        return Stylesheets(
            line=root.lines["xslt"],
            read=self.text(table, "read"),
            write=self.text(table, "write"),
            schema=self.text(table, "schema"),
            refuse=bool(self.word(table, "unfit", "refuse")),
        )

    def unlinked(self, root: Table) -> Iterator[UnlinkedSpec]:
        table = self.table(root, "unlinked") or Table()
        for path, value in table.items():
            line = table.lines[path]
            if isinstance(value, Table):
                reason = self.rest(value, "items that nothing links to")
                yield UnlinkedSpec(Written(path, line), refuse=False, reason=reason)
            elif isinstance(value, Text) and value == keys.UNLINKED:
                yield UnlinkedSpec(Written(path, line), refuse=True)
            else:
                self.wrong(line, f"items of {path} that nothing links to: {keys.UNLINKED}, or {{drops: why}}")

    def rest(self, table: Table, what: str) -> str:
        """The reason of ``{drops: why}``."""
        self.keys(table, keys.REST, what)
        reason = self.text(table, "drops")
        if reason is None:
            self.wrong(table.line, f"{what}: say why they are dropped", code="missing-key")
        elif not reason.text.strip():
            self.wrong(reason.line, "drops gives no reason")
        return reason.text if reason else ""

    def fields(self, parent: Table) -> tuple[Node, ...]:
        table = self.table(parent, "fields")
        nodes = (self.node(Written(key, table.lines[key]), value) for key, value in table.items()) if table else ()
        return tuple(node for node in nodes if node is not None)

    def node(self, key: Written, value: Any) -> Node | None:
        if isinstance(value, Text):
            at = {"": Written(str(value), value.line)}
            return ValueNode(key, (self._value(key.line, at, Table(), Conversion()),))
        if isinstance(value, Table):
            return self._single(key, value)
        specs = [spec for spec in value if isinstance(spec, Table)]
        if not specs or len(specs) != len(value):
            self.wrong(key.line, "a list holds tables: one for each place")
            return None
        rest = [spec for spec in specs if "drops" in spec]
        for spec in rest:
            self.rest(spec, "the rest that is dropped")
        specs = [spec for spec in specs if spec not in rest]
        if any("fields" in spec for spec in specs):
            return RepeatNode(key, tuple(self.repeat(spec) for spec in specs), bool(rest))
        return ValueNode(key, tuple(self.value(spec, key) for spec in specs), bool(rest))

    def _single(self, key: Written, table: Table) -> Node | None:
        for form in LINK_KEYS:
            if form in table:
                return self.link(key, form, table)
        if "fields" not in table:
            return ValueNode(key, (self.value(table, key),))
        if key.text.endswith("[]"):
            return RepeatNode(key, (self.repeat(table),))
        self.keys(table, keys.GROUP, "a group of fields")
        return GroupNode(key, self.text(table, "at"), self.fields(table))

    # --- the three kinds ---

    def value(self, table: Table, key: Written) -> ValueSpec:
        conversion = self.conversion(table, VALUE_KEYS)
        at = table.get("at")
        ports: dict[str, Written] = {}
        if isinstance(at, Table):
            ports = {port: self.text(at, port) or Written("", at.lines[port]) for port in at}
        elif at is not None and (path := self.text(table, "at")):
            ports = {"": path}
        if not ports and "always" not in table:
            self.wrong(key.line, f"{key.text!r} says no place: at", code="missing-key")
        if ports and "always" in table:
            self.wrong(table.lines["always"], "always is for what the agency has no place for: not together with at")
        return self._value(table.line, ports, table, conversion)

    def _value(self, line: int, ports: dict[str, Written], table: Table, conversion: Conversion) -> ValueSpec:
        return ValueSpec(
            line=line,
            ports=ports,
            conversion=conversion,
            otherwise=self.both_ways(table, "else"),
            default=self.both_ways(table, "default"),
            absent=self.absent(table),
            pick=cast(Any, self.word(table, "pick", "first", "last") or ""),
            answers=self.answers(table),
            where=self.where(table),
            guards=self.guards(table),
            unless=self.text(table, "unless"),
            always=self.text(table, "always"),
        )

    def answers(self, table: Table) -> Answers:
        return Answers(
            too_long=cast(Any, self.word(table, "too-long", "cut", "refuse") or ""),
            too_many=cast(Any, self.word(table, "too-many", "refuse", "drop") or ""),
            unfit=cast(Any, self.word(table, "unfit", "refuse", "drop") or ""),
            missing=bool(self.word(table, "missing", "refuse")),
        )

    def repeat(self, table: Table) -> RepeatSpec:
        self.keys(table, REPEAT_KEYS, "a list")
        return RepeatSpec(
            line=table.line,
            at=self.text(table, "at"),
            id=self.text(table, "id"),
            where=self.where(table),
            guards=self.guards(table),
            constants=self.constants(table),
            too_many=cast(Any, self.word(table, "too-many", "refuse", "drop") or ""),
            fields=self.fields(table),
        )

    def link(self, key: Written, form: str, table: Table) -> LinkNode:
        self.keys(table, LINK_KEYS[form], f"a link by {form}")
        needed = [name for name in LINK_KEYS[form] if name in keys.NEEDED_BY_LINKS and name not in table]
        for name in needed:
            self.wrong(table.line, f"a link by {form} needs {name!r}", code="missing-key")
        dangling = self.word(table, "dangling", "prune", "refuse")
        nowhere = Written("", table.line)
        return LinkNode(
            key=key,
            form="ref" if form == "ref" else "via" if form == "via" else "follow",
            path=self.text(table, form) or nowhere,
            to=self.text(table, "to") or nowhere,
            pick=cast(Any, self.word(table, "pick", "first", "last") or ""),
            missing=bool(self.word(table, "missing", "refuse")),
            dangling="prune" if dangling == "prune" else "refuse" if dangling == "refuse" else "",
            here=self.text(table, "here"),
            there=self.text(table, "there"),
            id=self.text(table, "id"),
            same=self.texts(table, "same"),
            fields=self.fields(table) if form == "follow" else (),
        )

    # --- options ---

    def conversion(self, table: Table, allowed: tuple[str, ...]) -> Conversion:
        name = self.text(table, "as")
        converter = self.converters.get(name.text) if name else None
        if name and converter is None:
            hint = nearest(name.text, self.converters) or not_installed(name.text)
            self.wrong(name.line, f"there is no converter {name.text!r}", hint, "unknown-converter")
        options = sorted(converter.options) if converter else []
        if name is None or converter is not None:
            self.keys(table, (*allowed, *options), f"a value as {name.text}" if name else "a value")
        if name and "codes" in table:
            self.wrong(table.lines["codes"], "a value has a converter or a code table, not both")
        chosen = {key: table[key] for key in options if key in table}
        return Conversion(name if converter else None, converter, chosen, self.text(table, "codes"))

    def constants(self, parent: Table) -> tuple[ConstantSpec, ...]:
        table = self.table(parent, "constants")
        found = []
        for path, value in (table or {}).items():
            line = table.lines[path] if table else 0
            if isinstance(value, Table):
                conversion = self.conversion(value, tuple(keys.CONSTANT))
                source = self.text(value, "from")
                if source is None:
                    self.wrong(line, "a constant's table says where it comes from: from", code="missing-key")
                    continue
                found.append(ConstantSpec(Written(path, line), source, conversion, self.answers(value)))
            elif isinstance(value, Text):
                found.append(ConstantSpec(Written(path, line), Written(str(value), value.line), Conversion()))
            else:
                self.wrong(line, "a constant is a text, a source, or a table with from")
        return tuple(found)

    def guards(self, table: Table) -> tuple[GuardSpec, ...]:
        inner = self.table(table, "is")
        found = []
        for path, value in (inner or {}).items():
            line = inner.lines[path] if inner else 0
            values = (value,) if isinstance(value, Text) else tuple(value)
            if isinstance(value, Table) or not all(isinstance(item, Text) for item in values):
                self.wrong(line, "a guard compares with a text or a list of texts")
                continue
            found.append(GuardSpec(Written(path, line), tuple(map(str, values)), isinstance(value, Items)))
        return tuple(found)

    def where(self, table: Table) -> tuple[tuple[Written, str], ...]:
        return self.pairs(table, "where")

    def reasons(self, parent: Table, key: str) -> tuple[tuple[Written, str], ...]:
        found = self.pairs(parent, key)
        for path, reason in found:
            if not reason.strip():
                self.wrong(path.line, f"{key} of {path.text!r} gives no reason")
        return found

    def pairs(self, parent: Table, key: str) -> tuple[tuple[Written, str], ...]:
        table = self.table(parent, key)
        texts = [(path, self.text(table, path)) for path in table] if table else []
        return tuple((Written(path, table.lines[path]), text.text) for path, text in texts if text and table)

    def absent(self, parent: Table) -> Absent | None:
        table = self.table(parent, "absent")
        if table is None:
            return None
        self.keys(table, keys.ABSENT, "absent")
        read = frozenset(text.text for text in self.texts(table, "read")) if "read" in table else Absent().read
        write = self.text(table, "write")
        return Absent(read - {"nil"}, write.text if write else "omit")

    def both_ways(self, parent: Table, key: str) -> BothWays:
        table = self.table(parent, key)
        if table is None:
            return BothWays()
        self.keys(table, keys.BOTH_WAYS, key)
        read, write = self.text(table, "read"), self.text(table, "write")
        return BothWays(read.text if read else None, write.text if write else None)

    # --- scalars and tables ---

    def keys(self, table: Table, allowed: Iterable[str], what: str) -> None:
        allowed = tuple(allowed)
        for key in table:
            if key not in allowed:
                hint = nearest(key, allowed) or f"known: {', '.join(allowed)}"
                self.wrong(table.lines[key], f"{what} has no key {key!r}", hint, "unknown-key")

    def table(self, parent: Table, key: str) -> Table | None:
        value = parent.get(key)
        if value is None or isinstance(value, Table):
            return value
        self.wrong(parent.lines[key], f"{key!r} is a table")
        return None

    def text(self, parent: Table, key: str) -> Written | None:
        value = parent.get(key)
        if value is None:
            return None
        if isinstance(value, Text):
            return Written(str(value), value.line)
        self.wrong(parent.lines[key], f"{key!r} is one text")
        return None

    def texts(self, parent: Table, key: str) -> tuple[Written, ...]:
        value = parent.get(key)
        if value is None:
            return ()
        items = [value] if isinstance(value, Text) else value
        if isinstance(items, Table) or not all(isinstance(item, Text) for item in items):
            self.wrong(parent.lines[key], f"{key!r} is a list of texts")
            return ()
        return tuple(Written(str(item), item.line) for item in items)

    def word(self, parent: Table, key: str, *allowed: str) -> str | None:
        value = self.text(parent, key)
        if value is None:
            return None
        if value.text not in allowed:
            text = f"{key!r} is one of {', '.join(allowed)}, not {value.text!r}"
            self.wrong(value.line, text, nearest(value.text, allowed))
            return None
        return value.text
