"""The reference of the language in Markdown, made from what parses, converts and checks (mappings/README.md)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from hub.mapping import keys
from hub.mapping.convert import Converter, Example, Option
from hub.mapping.converters import CONVERTERS
from hub.mapping.finding_codes import table as findings
from hub.mapping.keys import Key

_HOLDS = {
    "text": "text",
    "texts": "text or list",
    "reasons": "table",
    "place": "path, or table",
    "guards": "table",
    "fields": "table",
    "constants": "table",
    "absent": "table",
    "both-ways": "table",
    "converter": "name",
    "xslt": "table",
    "embedded": "table",
    "unlinked": "table",
}
_READS_BACK = {
    "always": "yes",
    "refuses": "yes; refuses what would not",
    "options": "depends on the options",
    "never": "no",
}
_PART = re.compile(r"(<!-- reference: ([a-z-]+)[^\n]* -->\n)(.*?)(<!-- end of reference -->)", re.DOTALL)


class NoSuchPart(ValueError):
    """A text asks for a part of the reference that there is not."""


def parts() -> Mapping[str, str]:
    """Every part of the reference, by the name that a text's comment asks for it."""
    return {
        "file": _keys(keys.FILE, keys.REQUIRED),
        "values": _keys(keys.VALUE),
        "lists": _keys(keys.REPEAT, ("fields",)),
        "links": "\n\n".join(_keys(table, [form]) for form, table in keys.LINKS.items()),
        "constants": _keys(keys.CONSTANT, ("from",)),
        "embedded": _keys(keys.EMBEDDED, keys.EMBEDDED),
        "xslt": _keys(keys.XSLT),
        "converters": _converters(),
        "examples": _examples(),
        "findings": findings(),
    }


def brought_up_to_date(text: str) -> str:
    """A text with what stands between ``<!-- reference: PART -->`` and its end made anew. Raises ``NoSuchPart``."""
    known = parts()

    def part(match: re.Match[str]) -> str:
        if match[2] not in known:
            raise NoSuchPart(f"no part {match[2]!r} (known: {', '.join(known)})")
        return f"{match[1]}{known[match[2]]}\n{match[4]}"

    return _PART.sub(part, text)


def _keys(table: Mapping[str, Key], needed: Iterable[str] = ()) -> str:
    rows = []
    for name, key in table.items():
        holds = " or ".join(f"`{word}`" for word in key.words) if key.words else _HOLDS[key.holds]
        rows.append((f"`{name}`" + (" (needed)" if name in needed else ""), holds, key.note))
    return _table(("key", "holds", "means"), rows)


def _converters() -> str:
    rows = []
    for converter in CONVERTERS.values():
        ports = f"ports {', '.join(f'`{port}`' for port in converter.ports)}: " if converter.ports else ""
        ports = ports if converter.ports is not None else "ports named by the pattern: "
        rows.append(
            (
                f"`{converter.name}`",
                ports + converter.domain,
                converter.makes,
                _READS_BACK[converter.inverts],
                "; ".join(_option(name, option) for name, option in converter.options.items()),
            )
        )
    return _table(("`as`", "agency", "canonical", "reads back what it writes", "options"), rows)


def _option(name: str, option: Option) -> str:
    words = f" ({', '.join(option.words)})" if option.words else ""
    needed = " (needed)" if option.default is None else ""
    return f"`{name}{f': {option.default}' if option.default else ''}`{needed} {option.note}{words}"


def _examples() -> str:
    rows = []
    for converter in CONVERTERS.values():
        for example in converter.examples:
            rows.append(
                (_asked(converter, example.options), _code(example.agency), _arrow(example), _code(example.canonical))
            )
        for refused in converter.refused:
            shown = (_code(refused.value), "") if not refused.writing else ("", _code(refused.value))
            rows.append((_asked(converter, refused.options), shown[0] or refused.says, "✗", shown[1] or refused.says))
    return _table(("`as`", "agency", "", "canonical"), rows)


def _arrow(example: Example) -> str:
    return "↔" if example.back else "→"


def _asked(converter: Converter, options: Mapping[str, Any]) -> str:
    shown = ", ".join(f"{name}: {_yaml(value)}" for name, value in options.items())
    return f"`{converter.name}`" + (f" `{shown}`" if shown else "")


def _code(value: Any) -> str:
    return f"`{_yaml(value)}`"


def _yaml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_yaml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_yaml, value)) + "]"
    plain = re.fullmatch(r"[^\s,:\[\]{}#&*!|>'\"%@`]([^,\[\]{}]*[^\s,:\[\]{}])?", value) and ": " not in value
    return str(value) if plain else f'"{value}"'


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", "\\n") for cell in line) + " |" for line in lines
    )
