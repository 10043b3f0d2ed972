"""The keys that a mapping file may hold, declared once: the parser takes no others, and editors complete them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

# What stands at a key: a text or texts, a word of a closed list, a table of path: text, or a part with its own keys.
Holds = Literal[
    "text", "texts", "word", "reasons", "place", "guards", "fields", "constants", "absent", "both-ways", "converter"
]


@dataclass(frozen=True, slots=True)
class Key:
    """One key: what it holds, what it means, and its words where it takes no others."""

    holds: Holds
    note: str
    words: tuple[str, ...] = ()


_CODES = Key("text", "code table: mappings/codes/<table>.csv")
_CONVERTER = Key("converter", "converter; its options stand beside it")
_ABSENT = Key("absent", "agency texts that mean nothing, and how nothing is written")
_WHERE = Key("reasons", "agency path: text that must stand beside it; writes it too")
_IS = Key("guards", "canonical path: value that must stand there to be written here; reading sets it")
_FIELDS = Key("fields", "canonical path: where it stands at the agency")
_TO = Key("text", "the canonical list whose item is meant: persons[]")
_PICK = Key("word", "the agency's path repeats, one value is wanted", ("first",))
_DANGLING = Key("word", "what writing does with a link whose target is not in the message", ("prune", "refuse"))
_MISSING = Key("word", "the agency requires it: a message without it is refused on writing", ("refuse",))
_UNFIT = Key("word", "a value that the agency's format does not take, on writing: refuse or drop", ("refuse", "drop"))
_CONSTANTS = Key("constants", "agency path: a text, or a source ($message.id), or {from, as, codes}")

FILE: Mapping[str, Key] = {
    "message": Key("text", "message type; the file's name"),
    "agency": Key("text", "the folder's name"),
    "root": Key("text", "the record: one canonical message each. Left out where the document is the record"),
    "identity": Key("texts", "canonical paths or $partner.x that make a record the same message again"),
    "absent": _ABSENT,
    "unseen": Key("word", "what happens to content that no path can name", ("count", "keep", "refuse")),
    "fields": _FIELDS,
    "constants": _CONSTANTS,
    "drops": Key("reasons", "canonical path (globs too) that is never written: why"),
    "ignores": Key("reasons", "agency path (globs too) that is never read: why"),
    "refuses": Key("reasons", "agency path (globs too) that is legal and not accepted: why"),
}
REQUIRED = ("message", "agency", "fields")
VALUE: Mapping[str, Key] = {
    "at": Key("place", "agency path, or {port: path} for a converter with ports"),
    "as": _CONVERTER,
    "codes": _CODES,
    "else": Key("both-ways", "what a value becomes that the code table or converter does not know"),
    "default": Key("both-ways", "what stands where there is nothing"),
    "absent": _ABSENT,
    "pick": _PICK,
    "too-long": Key("word", "cut to the agency's length or precision, or refuse (a dead letter)", ("cut", "refuse")),
    "too-many": Key("word", "a list of texts with more items than the agency has room for", ("refuse", "drop")),
    "unfit": _UNFIT,
    "missing": _MISSING,
    "where": _WHERE,
    "is": _IS,
    "unless": Key("text", "write only if the message has nothing at this canonical path"),
    "always": Key("text", "no agency place: reading sets this value, writing refuses another"),
}
REPEAT: Mapping[str, Key] = {
    "at": Key("text", "the agency's repeating path"),
    "id": Key("text", "agency path of the item's id"),
    "where": _WHERE,
    "is": _IS,
    "constants": _CONSTANTS,
    "too-many": Key("word", "more items than the agency has room for", ("refuse", "drop")),
    "fields": _FIELDS,
}
LINKS: Mapping[str, Mapping[str, Key]] = {
    "ref": {
        "ref": Key("text", "agency path of the reference"),
        "to": _TO,
        "dangling": _DANGLING,
        "pick": _PICK,
        "missing": _MISSING,
    },
    "via": {
        "via": Key("text", "element of its own for each pair, beside the list that holds the link"),
        "here": Key("text", "its reference to this item"),
        "there": Key("text", "its reference to the target"),
        "to": _TO,
        "dangling": _DANGLING,
    },
    "follow": {
        "follow": Key("text", "where the target is nested; . is this element"),
        "to": _TO,
        "id": Key("text", "agency path of the target's id"),
        "same": Key("texts", "canonical fields that show that it is one already read"),
        "missing": _MISSING,
        "fields": _FIELDS,
    },
}
NEEDED_BY_LINKS = ("to", "here", "there", "fields")
GROUP: Mapping[str, Key] = {"at": Key("text", "agency path before those below"), "fields": _FIELDS}
CONSTANT: Mapping[str, Key] = {
    "from": Key("text", "$message.*, $parcel.* or a text"),
    "as": _CONVERTER,
    "codes": _CODES,
    "unfit": _UNFIT,
    "missing": _MISSING,
}
ABSENT: Mapping[str, Key] = {
    "read": Key("texts", "texts that mean nothing; nil is xsi:nil or null"),
    "write": Key("text", "omit, empty, nil or a text"),
}
BOTH_WAYS: Mapping[str, Key] = {
    "read": Key("text", "canonical value"),
    "write": Key("text", "agency text"),
}
REST: Mapping[str, Key] = {"drops": Key("text", "what no place takes is dropped: why")}
