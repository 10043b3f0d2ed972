"""What can be changed in each kind of file of a site: as people do by mistake, and as partners do on purpose."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.edits import Edit, added, borrowed, doubled, number, removed, replaced, swapped

# A leaf of a mapping on a line of its own: key, then a path or a table in braces.
_LEAF = r"^ +[^\s#{][^\n]*?: (?![>|])[^\n]*[^\s:{,]\n"
_PLAIN = r"^(?P<before> +(?:\"[^\"]+\"|[\w.$\[\]#]+): )(?P<it>[^\s{\[\"'][^\s{},]*)$"
_AT = r"\bat: (?P<it>\"[^\"]+\"|[^\s{},\[\]]+)"
_OPTIONS = (
    "unfit: drop",
    "unfit: refuse",
    "missing: refuse",
    "missing: omit",
    "too-long: cut",
    "too-long: refuse",
    "pick: first",
    "pick: last",
    "too-many: drop",
    "too-many: refuse",
    'else: {write: "-"}',
    "else: {read: x, write: x}",
    "as: digits",
    "as: date",
    "as: decimal",
    "as: boolean",
    'absent: {read: [""], write: nil}',
    "always: x",
    "lost: drop",
)
_CONVERTERS = (
    "as: date",
    "as: date-time",
    "as: hijri-date",
    "as: time",
    "as: digits",
    "as: national-id",
    "as: phone",
    "as: decimal",
    "as: boolean",
    "as: name-whole",
    "as: local-time",
)

MAPPING: Mapping[str, Edit] = {
    "line-removed": removed(_LEAF),
    "line-doubled": doubled(_LEAF),
    "paths-swapped": swapped(_PLAIN),
    "path-borrowed": borrowed(_PLAIN),
    "at-swapped": swapped(_AT),
    "at-borrowed": borrowed(_AT),
    "option-removed": removed(r", [\w-]+: (?:[^\s{},\[\]]+|\{[^{}]*\}|\[[^\[\]]*\])(?=[,}])"),
    "option-added": added(r"\{at: (?:\"[^\"]+\"|[^\s{},\[\]]+)", [f", {option}" for option in _OPTIONS]),
    "option-for-a-plain-path": replaced(
        _PLAIN, *(rf"\g<before>{{at: \g<it>, {option}}}" for option in (*_OPTIONS, *_CONVERTERS))
    ),
    "converter-changed": replaced(r"\bas: [\w-]+", *_CONVERTERS),
    "answer-changed": replaced(r"\b(unfit|too-many|too-long|missing): \w+", r"\1: drop", r"\1: refuse", r"\1: cut"),
    "format-changed": replaced(
        r"(format: )(?:\"[^\"]+\"|[^\s{},]+)",
        r"\1yyyy-MM-dd",
        r"\1dd/MM/yyyy",
        r"\1yyyyMMdd",
        r'\1"HH:mm"',
        r"\1yyMMdd",
    ),
    "word-changed": replaced(r"(unseen: )\w+", r"\1keep", r"\1refuse", r"\1count"),
    "guard-changed": borrowed(r"\bis: (?P<it>\{[^{}]*\})"),
    "where-changed": borrowed(r"\bwhere: (?P<it>\{[^{}]*\})"),
    "codes-changed": borrowed(r"\bcodes: (?P<it>[\w-]+)"),
    "reference-changed": borrowed(r"\bto: (?P<it>\"[^\"]+\")"),
}
CODES: Mapping[str, Edit] = {
    "row-removed": removed(r"(?<=\n)[^\n]+\n"),
    "row-doubled": doubled(r"(?<=\n)[^\n]+\n"),
    "codes-borrowed": borrowed(r"(?<=\n)(?P<it>[^,\n]+),"),
    "values-borrowed": borrowed(r"(?<=\n)[^,\n]+,(?P<it>[^,\n]+)"),
    "one-way": replaced(r"(?<=\n)([^,\n]+,[^,\n]+),[^\n]*", r"\1,read only", r"\1,write only"),
}
XSD: Mapping[str, Edit] = {
    "required": removed(r' minOccurs="0"'),
    "optional": replaced(r'(<xs:element name="[^"]+")(?! minOccurs)', r'\1 minOccurs="0"'),
    "most": replaced(
        r' maxOccurs="\w+"', "", ' maxOccurs="1"', ' maxOccurs="2"', ' maxOccurs="3"', ' maxOccurs="unbounded"'
    ),
    "repeats": replaced(
        r'(<xs:element name="[^"]+")(?![^>]*maxOccurs)', r'\1 maxOccurs="2"', r'\1 maxOccurs="unbounded"'
    ),
    "length": number(r'(<xs:(?:max|min)?[lL]ength value=")(\d+)(")'),
    "limit": number(r'(<xs:(?:max|min)(?:In|Ex)clusive value=")(\d+)(")'),
    "pattern-removed": removed(r'<xs:pattern value="[^"]*"/>'),
    "pattern-changed": replaced(
        r'<xs:pattern value="[^"]*"/>', '<xs:pattern value="[A-Z]+"/>', '<xs:pattern value=".{2,5}"/>'
    ),
    "code-removed": removed(r'<xs:enumeration value="[^"]*"/>'),
    "code-added": added(r'<xs:enumeration value="[^"]*"/>', ['<xs:enumeration value="ZZ"/>']),
    "type-changed": replaced(
        r'(<xs:(?:element|attribute) [^>]*type=")xs:\w+',
        r"\1xs:string",
        r"\1xs:int",
        r"\1xs:date",
        r"\1xs:token",
        r"\1xs:boolean",
    ),
    "base-changed": replaced(
        r'(<xs:restriction base=")xs:\w+', r"\1xs:string", r"\1xs:token", r"\1xs:normalizedString"
    ),
    "types-borrowed": borrowed(r'<xs:(?:element|attribute) [^>]*type="(?P<it>[^"]+)"'),
    "attribute-required": replaced(r'use="optional"', 'use="required"'),
    "attribute-optional": replaced(r'use="required"', 'use="optional"'),
    "element-removed": removed(r'^ *<xs:(?:element|attribute) name="[^"]+"[^>]*/>\n'),
    "elements-swapped": swapped(r'(?P<it><xs:element name="[^"]+"[^>]*/>)'),
    "element-added": added(
        r'<xs:element name="[^"]+"[^>]*/>',
        ['<xs:element name="Added" type="xs:string"/>', '<xs:element name="Added" minOccurs="0" type="xs:string"/>'],
    ),
    "anything-added": added(
        r'<xs:element name="[^"]+"[^>]*/>', ['<xs:any namespace="##other" processContents="lax" minOccurs="0"/>']
    ),
    "choice": replaced(r"<xs:sequence>((?:(?!</?xs:sequence)(?:.|\n))*)</xs:sequence>", r"<xs:choice>\1</xs:choice>"),
    "unique": replaced(
        r"(</xs:complexType>\s*)(</xs:element>)",
        r'\1<xs:unique name="u"><xs:selector xpath="*"/><xs:field xpath="@*"/></xs:unique>\2',
    ),
    "nillable": replaced(r'(<xs:element name="[^"]+")', r'\1 nillable="true"'),
    "default": replaced(r'(<xs:element name="[^"]+"[^>]*type="xs:string")', r'\1 default="d"', r'\1 fixed="d"'),
}
JSON: Mapping[str, Edit] = {
    "number": number(r'("(?:max|min)(?:Length|Items|imum)": )(\d+)()'),
    "limit-removed": removed(r'"(?:max|min)(?:Length|Items|imum)": \d+, ?|, ?"(?:max|min)(?:Length|Items|imum)": \d+'),
    "pattern-changed": replaced(
        r'"pattern": "(?:[^"\\]|\\.)*"', '"pattern": "^[A-Z]+$"', '"pattern": "^.{2,5}$"', '"minLength": 1'
    ),
    "code-removed": removed(r'(?<=")[A-Za-z_-]+", "(?=[^\]]*\])'),
    "code-added": replaced(r'("enum": \[)', r'\1"zz", '),
    "type-changed": replaced(
        r'"type": "(?:string|integer|number|boolean)"', '"type": "string"', '"type": "integer"', '"type": "boolean"'
    ),
    "format-added": replaced(r'"type": "string"', '"type": "string", "format": "date"', '"type": ["string", "null"]'),
    "required-removed": removed(r'(?<="required": \[)"[^"]+",\s*'),
    "required-emptied": replaced(r'"required": \[[^\]]*\]', '"required": []'),
    "open": replaced(
        r'"additionalProperties": false', '"additionalProperties": true', '"additionalProperties": {"type": "string"}'
    ),
    "closed": replaced(r'"additionalProperties": true', '"additionalProperties": false'),
    "few": replaced(r'("type": "array",)', r'\1 "maxItems": 1,', r'\1 "maxItems": 2,', r'\1 "minItems": 2,'),
    "property-removed": removed(r'^ *"\w+": \{"type": "[^{}\n]*\},\n'),
    "list-asked": replaced(
        r'("type": "array",)',
        r'\1 "uniqueItems": true,',
        r'\1 "contains": {"required": ["zz"]},',
        r'\1 "minItems": 2, "maxItems": 3,',
    ),
    "object-asked": replaced(
        r'("type": "object",)',
        r'\1 "minProperties": 2,',
        r'\1 "maxProperties": 2,',
        r'\1 "not": {"minProperties": 3},',
        r'\1 "dependentRequired": {"id": ["name"], "no": ["text"], "key": ["name"]},',
        r'\1 "anyOf": [{"required": ["text"]}, {"required": ["name", "sex"]}],',
        r'\1 "oneOf": [{"required": ["text"]}, {"required": ["name"]}, {"required": ["no"]}],',
        r'\1 "if": {"required": ["text"]}, "then": {"required": ["place"]},',
        r'\1 "propertyNames": {"maxLength": 4},',
    ),
    "scalar-asked": replaced(
        r'"type": "(string|integer)"',
        r'"type": "\1", "format": "email"',
        r'"type": "\1", "multipleOf": 3',
        r'"type": "\1", "not": {"const": "x"}',
        r'"type": "\1", "exclusiveMinimum": 2',
        r'"anyOf": [{"type": "\1", "maxLength": 4}, {"type": "\1", "minLength": 8}]',
        r'"allOf": [{"type": "\1", "minimum": 3}, {"minimum": 5, "maxLength": 9}]',
    ),
    "definitions-borrowed": borrowed(r'"\$ref": "(?P<it>[^"]+)"'),
}
LAYOUT: Mapping[str, Edit] = {
    "number": number(r"(: )(\d+)()\b"),
    "line-removed": removed(_LEAF),
    "option-removed": removed(r", [\w-]+: (?:[^\s{},\[\]]+|\{[^{}]*\}|\[[^\[\]]*\])(?=[,}])"),
    "word-changed": replaced(r"\b(true|false)\b", "true", "false"),
}
ACCESS: Mapping[str, Edit] = {
    "field-removed": removed(r"(?<=[\[ ])\"?[\w.\[\]]+\"?, "),
    "all": replaced(r"fields: \[[^\]]*(?:\[\][^\]]*)*\]", 'fields: ["*"]'),
    "exceptions-removed": removed(r"\n +except: (?:\[(?:[^\[\]]|\[\])*\])"),
    "condition-removed": removed(r"\n +when: \{[^\n]*\}"),
}
_KINDS = (
    ("mappings/codes/*.csv", CODES),
    ("mappings/*/*.yaml", MAPPING),
    ("schemas/agencies/*/*.xsd", XSD),
    ("schemas/agencies/*/*.json", JSON),
    ("schemas/canonical/*.json", JSON),
    ("schemas/agencies/*/*.layout.yaml", LAYOUT),
    ("connectors/agencies/*/access.yaml", ACCESS),
)
_MAPPING_WEIGHT = 4


@dataclass(frozen=True)
class Mutation:
    """One change: its kind (``mapping/line-removed``), the file, and the text before and after."""

    kind: str
    file: str
    before: str
    after: str


class Mutations:
    """The changes that the files of one site allow."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._files = [
            (path.relative_to(root).as_posix(), edits)
            for pattern, edits in _KINDS
            for path in sorted(root.glob(pattern))
            for _ in range(_MAPPING_WEIGHT if edits is MAPPING else 1)
        ]

    def draw(self, chance: random.Random) -> Mutation:
        """One change, made in the file."""
        while True:
            file, edits = chance.choice(self._files)
            name = chance.choice(list(edits))
            path = self._root / file
            before = path.read_text(encoding="utf-8")
            after = edits[name](before, chance)
            if after is not None and after != before:
                path.write_text(after, encoding="utf-8")
                return Mutation(f"{_kind(file)}/{name}", file, before, after)


def _kind(file: str) -> str:
    folder, _, rest = file.partition("/")
    if folder == "mappings":
        return "codes" if rest.startswith("codes/") else "mapping"
    if folder == "connectors":
        return "access"
    kind = "layout" if rest.endswith(".yaml") else rest.rpartition(".")[2]
    return f"canonical-{kind}" if rest.startswith("canonical/") else kind
