"""Every finding that a mapping can cause: what it means and what to do. The table in mappings/README.md is this one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Advice:
    """Why a finding is told, and how it is mended or answered."""

    cause: str
    remedy: str


_NOT_PROVED = "`else: {write: V}`, `unfit: drop`, or `unfit: refuse` (a dead letter that names this line)"

FINDING_CODES: Mapping[str, Advice] = {
    # Values on writing: errors until proved or answered.
    "length-gap": Advice(
        "a longer or shorter text may come than the agency takes (characters, not bytes)",
        "`too-long: cut` or `refuse`, or as for `pattern-gap`",
    ),
    "pattern-gap": Advice("a text may come that the agency's pattern does not match; the text shows one", _NOT_PROVED),
    "code-gap": Advice(
        "a code of the source's list that the code table or the target's list does not have",
        f"add a row (`write only`, `read only` where it is for one way), or {_NOT_PROVED}",
    ),
    "range-gap": Advice("a number outside the agency's minimum or maximum may come", _NOT_PROVED),
    "digits-gap": Advice("more digits may come than totalDigits or fractionDigits allow", _NOT_PROVED),
    "type-gap": Advice("what comes need not be a number, date or time where the agency wants one", _NOT_PROVED),
    "convert-gap": Advice("the converter refuses some values that may come (its domain is in the text)", _NOT_PROVED),
    "unproven": Advice(
        "it cannot be decided: a pattern outside the usual subset or too large, or what the agency's schema asks of a"
        " list or object beyond its parts (`uniqueItems`, `not`, `dependentRequired`, `xs:unique`, ...)",
        f"of a value: {_NOT_PROVED}; of a list, object or id: `unproven: {{path: why}}`",
    ),
    "bad-value": Advice(
        "a word that the option does not take, or a value of this file (`else`, `default`, `where`, `is`, a constant)"
        " that the schema it goes to does not allow",
        "write an allowed one",
    ),
    # Presence on writing.
    "missing-required": Advice(
        "a required place stays empty for some message that the schema allows and a grant lets through; or nothing"
        " sets it at all",
        "map it, `default: {write: V}`, a constant, another grant, or `missing: refuse`",
    ),
    "written-twice": Advice("two lines write one place for the same message", "guards that exclude each other"),
    "choice-twice": Advice("a message may fill two members of a choice of the agency's schema", "`unless:` or `is:`"),
    "too-many": Advice("a list may have more items than the agency has room for", "`too-many: refuse` or `drop`"),
    "unlinked": Advice(
        "items of a list that the agency nests under what links to them (`follow`) are not written where nothing does",
        "`unlinked: {persons[]: refuse}`, or `{drops: why}`",
    ),
    # Conditions.
    "guard-overlap": Advice("two places of one value or list hold for the same message", "`is:` with other values"),
    "guard-gap": Advice(
        "no place holds for some message", "one place without `is:`, `- {drops: reason}`, or `unfit: refuse`"
    ),
    "unreachable": Advice(
        "a condition that is never true: a `where` or grant's `when` outside the closed list, `unless` of what is"
        " always there, a source that may not send, a grant behind one without conditions",
        "mend the value, or take the line away",
    ),
    "read-twice": Advice("two lists read the same items of the agency's", "`where:` with texts that differ"),
    # Coverage and reading.
    "unread-field": Advice("a field of the agency's is lost on reading", "map it, or `ignores` or `refuses` it"),
    "unwritten-field": Advice("a canonical field that a grant discloses is lost on writing", "map it, or `drops` it"),
    "unused-ignore": Advice("an entry of `ignores` or `refuses` that covers nothing (note)", "take it away"),
    "unused-drop": Advice("an entry of `drops` that covers nothing (note)", "take it away"),
    "may-refuse": Advice(
        "the agency's schema allows what reading refuses: the sender is told (note)",
        "nothing, `else: {read: V}`, or a stricter contract",
    ),
    "schema-default": Advice(
        "the agency's schema has a default (XSD) for a place, so that nothing there means something (note)",
        "`default: {read: V, write: V}`, or nothing, if absence is meant so",
    ),
    "cannot-keep": Advice(
        "`unseen: keep` and the message type has no list `unseen[]` of `path` and `content`",
        "`count` or `refuse`, or add the list to the canonical schema",
    ),
    "one-way": Advice("the converter does not read back what it writes (note)", "nothing, if that is meant"),
    # Escape hatches.
    "installed-converter": Advice(
        "a converter of an installed package stands here: the proof takes its declared reach, which is held at run"
        " time (note)",
        "nothing, if the operator wants it so; or a converter of the language",
    ),
    "stylesheet": Advice(
        "a stylesheet runs here: what it makes is checked by the schema each time, and proved by nobody (note)",
        "nothing, if that is meant; or the mapping says it",
    ),
    "bad-stylesheet": Advice(
        "a stylesheet that is no XSLT 1.0, reads other files, or calls functions that XPath 1.0 does not have",
        "one file beside the mapping, with nothing but XSLT 1.0",
    ),
    "bad-converter": Advice(
        "a name in `HUB_CONVERTERS` that no installed package offers, or whose converter breaks its contract",
        "install or mend the package, or take the name away",
    ),
    # Names and forms.
    "unknown-path": Advice("a path that the schema does not have", "the nearest name is in the hint"),
    "unknown-prefix": Advice("a prefix that agency.yaml does not declare", "`namespaces` in agency.yaml"),
    "unknown-source": Advice("a `$` source that does not exist or does not fit here", "the known ones are in the hint"),
    "unknown-converter": Advice("`as` names no converter", "the table of converters"),
    "unknown-code-table": Advice("`codes` names no table", "mappings/codes/<table>.csv"),
    "unknown-code": Advice("a row's canonical code is not in the canonical list", "mend the row"),
    "unknown-key": Advice("a key that this part of the file does not have", "the nearest key is in the hint"),
    "unknown-type": Advice("a message type that the agency or the site does not have", "agency.yaml, `documents`"),
    "bad-code-table": Advice("a table with a wrong header or row", "partner,canonical,note; both codes filled"),
    "not-one-to-one": Advice("a canonical code with two spellings for writing", "`read only` in a row's note"),
    "bad-link": Advice("a link to a list without ids, or where none can stand", "`id:` on the list, or `follow:`"),
    "bad-mapping": Advice("the file is no table of keys", "see A whole file"),
    "bad-option": Advice("an option of a converter is missing or wrong", "the table of converters"),
    "bad-path": Advice("a path that cannot be", "see Paths"),
    "bad-ports": Advice("the ports of `at` are not those of the converter", "the table of converters"),
    "cardinality": Advice("a list where one value is wanted, or the other way round", "`[]`, a `pick` or a list"),
    "missing-key": Advice("a needed key is missing", "add it"),
    "type-mismatch": Advice("an object where a value is wanted, or the other way round", "a converter, or `fields`"),
    "duplicate-key": Advice("a key stands twice in one table", "take one away"),
    "bad-yaml": Advice("no YAML, or anchors, aliases or tags", "plain YAML"),
    "file-missing": Advice("the file does not exist", "write it, or take the document out of agency.yaml"),
    "wrong-agency": Advice("the file says another agency than its folder", "move or mend it"),
    "wrong-name": Advice("the file says another type than its name", "rename or mend it"),
}


def table() -> str:
    """The codes as a Markdown table."""
    rows = [f"| `{code}` | {advice.cause} | {advice.remedy} |" for code, advice in FINDING_CODES.items()]
    return "\n".join(["| code | why | what to do |", "|---|---|---|", *rows])
