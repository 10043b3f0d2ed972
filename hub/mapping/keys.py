"""The keys that a mapping file may hold, declared once: the parser takes no others, and editors complete them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

# What stands at a key: a text or texts, a word of a closed list, a table of path: text, or a part with its own keys.
Holds = Literal[
    "text",
    "texts",
    "word",
    "reasons",
    "place",
    "guards",
    "fields",
    "constants",
    "absent",
    "both-ways",
    "converter",
    "xslt",
    "embedded",
    "unlinked",
]


@dataclass(frozen=True, slots=True)
class Key:
    """One key: what it holds, what it means, and its words where it takes no others."""

    holds: Holds
    note: str
    words: tuple[str, ...] = ()


_CODES = Key("text", "code table: mappings/codes/<table>.csv; not together with `as`")
_CONVERTER = Key("converter", "converter, with its options beside it")
_ABSENT = Key(
    "absent",
    'agency texts that mean nothing, and how nothing is written: `{read: ["", -, nil], write: omit}`. On a value it'
    " replaces the file's",
)
_WHERE = Key(
    "reasons",
    "`{agency path: text}` that must stand beside it: reads only there, and writes that text there too. Relative to the"
    " list's item; beside `x[]` in `at`, to that item (key-value lists)",
)
_IS = Key(
    "guards",
    "`{canonical path: value}`: written only if the message has that value there; reading here sets it. A list of"
    " values only filters writing",
)
_FIELDS = Key("fields", "`canonical path: place`; in a list relative to its item")
_TO = Key("text", "the canonical list whose item is meant: persons[]")
_PICK = Key(
    "word", "the agency's path repeats and one value is wanted; others are counted as dropped", ("first", "last")
)
_DANGLING = Key(
    "word",
    "what writing does with a link whose target is not in the message (a grant may have withheld it); without it: prune"
    " where the agency's schema does not require it. Reading refuses a dangling reference",
    ("prune", "refuse"),
)
_MISSING = Key(
    "word", "the agency's schema requires it and a message may lack it: such a message is a dead letter", ("refuse",)
)
_UNFIT = Key(
    "word",
    "what writing does with a value that nothing proves to fit the agency's schema: a dead letter, or it is left out",
    ("refuse", "drop"),
)
_CONSTANTS = Key("constants", "`agency path: text`, a source (`$message.id`), or `{from, as, codes}`")

FILE: Mapping[str, Key] = {
    "message": Key("text", "message type; the file's name"),
    "agency": Key("text", "the folder's name"),
    "root": Key(
        "text",
        "the record: one canonical message each; its last repeating step. Left out where the document is the record",
    ),
    "identity": Key("texts", "canonical paths or $partner.x that make a record the same message again"),
    "absent": _ABSENT,
    "unseen": Key(
        "word", "what happens to content that no path can name (without it: count)", ("count", "keep", "refuse")
    ),
    "fields": _FIELDS,
    "constants": _CONSTANTS,
    "embedded": Key(
        "embedded",
        "`agency path from the document: {schema, root}`: an element whose text is itself an XML document",
    ),
    "xslt": Key("xslt", "stylesheets between the agency's document and the one that is mapped (Escape hatches)"),
    "drops": Key("reasons", "`canonical path: why`, globs too: never written"),
    "unlinked": Key(
        "unlinked",
        "`canonical list: refuse`, or `{drops: why}`: what writing does with items that stand only under what links to"
        " them (`follow`) and that nothing links to",
    ),
    "ignores": Key("reasons", "`agency path: why`, globs too: never read"),
    "refuses": Key("reasons", "`agency path: why`, globs too: legal by the schema and not accepted"),
    "unproven": Key(
        "reasons",
        "`agency path: why`, globs too: places of which the agency's schema asks what nobody proves (`uniqueItems`,"
        " `xs:unique`, the spelling of ids). A message that breaks it is a dead letter",
    ),
}
EMBEDDED: Mapping[str, Key] = {
    "schema": Key("text", "XSD of the document that stands there, below schemas/agencies/<agency>/"),
    "root": Key("text", "its root element; paths go on with it: `r:Payload/p:Case/p:Number`"),
}
XSLT: Mapping[str, Key] = {
    "read": Key("text", "stylesheet beside the mapping: from the agency's document to the one that is mapped"),
    "write": Key("text", "stylesheet beside the mapping: from the document that is mapped to the agency's"),
    "schema": Key(
        "text", "XSD of the document that is mapped, below schemas/agencies/<agency>/; without it the agency's own"
    ),
    "unfit": Key(
        "word",
        "nobody proves what a stylesheet writes: a document that breaks the agency's schema is a dead letter",
        ("refuse",),
    ),
}
REQUIRED = ("message", "agency", "fields")
VALUE: Mapping[str, Key] = {
    "at": Key("place", "agency path, or `{port: path}` for a converter with ports"),
    "as": _CONVERTER,
    "codes": _CODES,
    "else": Key(
        "both-ways",
        "what a value becomes that the code table or converter does not take: `{read: canonical value, write: agency"
        " text}`. Without it: refused",
    ),
    "default": Key("both-ways", "what stands where there is nothing: `{read: canonical value, write: agency text}`"),
    "absent": _ABSENT,
    "pick": _PICK,
    "too-long": Key(
        "word",
        "cut to the agency's length or to what its date format shows, or refuse (a dead letter). Needed where a longer"
        " text may come",
        ("cut", "refuse"),
    ),
    "too-many": Key("word", "a list of scalars with more items than the agency has room for", ("refuse", "drop")),
    "unfit": _UNFIT,
    "missing": _MISSING,
    "where": _WHERE,
    "is": _IS,
    "unless": Key(
        "text", "written only if the message has nothing at this canonical path (choices of the agency's schema)"
    ),
    "always": Key("text", "no agency place: reading sets this value, writing refuses a message with another"),
}
REPEAT: Mapping[str, Key] = {
    "at": Key("text", "the agency's repeating path; left out for flat slots"),
    "id": Key(
        "text",
        "agency path of the item's id (the canonical property `id`). Without it ids are made on reading (`p1`, `p2`)"
        " and not written",
    ),
    "where": _WHERE,
    "is": _IS,
    "constants": _CONSTANTS,
    "too-many": Key("word", "more items than the agency has room for: the last are dropped", ("refuse", "drop")),
    "fields": _FIELDS,
}
LINKS: Mapping[str, Mapping[str, Key]] = {
    "ref": {
        "ref": Key("text", "agency path of the reference; with a key `k[]` one step repeats"),
        "to": _TO,
        "dangling": _DANGLING,
        "pick": _PICK,
        "missing": _MISSING,
    },
    "via": {
        "via": Key(
            "text",
            "element of its own for each pair, beside the list that holds this link (relative to where that list's `at`"
            " starts); a key without `[]` allows one pair",
        ),
        "here": Key("text", "its reference to this item, whose list needs `id`"),
        "there": Key("text", "its reference to the target"),
        "to": _TO,
        "dangling": _DANGLING,
    },
    "follow": {
        "follow": Key(
            "text", "where the target is nested: each place makes an item of the list `to`; `.` is this element"
        ),
        "to": _TO,
        "id": Key("text", "agency path of the target's id"),
        "same": Key("texts", "canonical fields, all present and equal, that show that it is one already read"),
        "missing": _MISSING,
        "fields": _FIELDS,
    },
}
NEEDED_BY_LINKS = ("to", "here", "there", "fields")
GROUP: Mapping[str, Key] = {"at": Key("text", "agency path before those below"), "fields": _FIELDS}
CONSTANT: Mapping[str, Key] = {
    "from": Key("text", "`$message.*`, `$parcel.*` or a text"),
    "as": _CONVERTER,
    "codes": _CODES,
    "unfit": _UNFIT,
    "missing": _MISSING,
}
ABSENT: Mapping[str, Key] = {
    "read": Key("texts", "texts that mean nothing; `nil` is xsi:nil or null"),
    "write": Key("text", "`omit`, `empty`, `nil` or a text"),
}
BOTH_WAYS: Mapping[str, Key] = {
    "read": Key("text", "canonical value"),
    "write": Key("text", "agency text"),
}
UNLINKED = "refuse"
REST: Mapping[str, Key] = {"drops": Key("text", "what no place takes is dropped: why")}
