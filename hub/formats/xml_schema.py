"""XSD validation by libxml2, and its complaints as problems: path, line, rule and a text in the agency's names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lxml import etree

from hub.errors import Problem
from hub.findings import Finding, Findings
from hub.formats.text import shown
from hub.formats.xml_door import XSI
from hub.formats.xml_files import SchemaFile
from hub.formats.xml_paths import PathNames

_SUBJECT = re.compile(r"^Element '[^']*'(?:, attribute '([^']*)')?: (.*)$", re.DOTALL)
_FACET = re.compile(r"^\[facet '(\w+)'\] (.*)$", re.DOTALL)
_VALUE = re.compile(
    r"^The value (?:'.*' )?((?:is not accepted by|is not an element of|has a length of|has more|is less than"
    r"|is greater than|must be less than|must be greater than|is not ).*)$",
    re.DOTALL,
)
_TYPE = re.compile(
    r"^'.*' is not a valid value of the (?:local )?(?:atomic|list|union) type(?: '(.*)')?\.?$", re.DOTALL
)
_EXPECTED = re.compile(r"Expected is (?:one of )?\( (.*?) \)")
_RULES = {
    "SCHEMAV_CVC_ELT_1": "root",
    "SCHEMAV_CVC_ELT_2": "abstract",
    "SCHEMAV_CVC_ELT_3_1": "nillable",
    "SCHEMAV_CVC_ELT_3_2_1": "nillable",
    "SCHEMAV_CVC_ELT_3_2_2": "nillable",
    "SCHEMAV_CVC_TYPE_2": "abstract",
    "SCHEMAV_CVC_COMPLEX_TYPE_2_1": "text",
    "SCHEMAV_CVC_COMPLEX_TYPE_2_2": "text",
    "SCHEMAV_CVC_COMPLEX_TYPE_2_3": "text",
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1": "unexpected-attribute",
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_2": "unexpected-attribute",
    "SCHEMAV_CVC_COMPLEX_TYPE_4": "missing-attribute",
    "SCHEMAV_CVC_IDC": "unique",
    "SCHEMAV_CVC_AU": "fixed",
    "SCHEMAV_CVC_ELT_5_2_2_2_2": "fixed",
    "SCHEMAV_CVC_ELT_5_2_2_2_1": "fixed",
}
_LONGEST = 300


class XsdValidator:
    """One XSD compiled by libxml2. Not for several threads: the error log is the schema object's."""

    def __init__(self, files: Sequence[SchemaFile]) -> None:
        """Compile; raises ``Findings`` bad-schema with file and line."""
        path = files[0].path
        try:
            self._schema = etree.XMLSchema(etree.parse(str(path), _schema_parser()))
        except etree.XMLSchemaParseError as error:
            raise Findings(_schema_findings(error, files)) from None

    def problems(self, root: Any, names: PathNames) -> tuple[Problem, ...]:
        """Every break of the schema below ``root`` (a document's root or an element inside another document)."""
        if self._valid(root):
            return ()
        found = [_problem(entry, root, names) for entry in self._schema.error_log]
        if root.getparent() is not None and self._valid_apart(root):
            return ()
        kept: list[Problem] = []
        for problem in found:
            # libxml2 tells a broken facet and then, for the same place, that the type does not fit.
            if problem.rule == "type" and kept and kept[-1].path == problem.path:
                continue
            kept.append(problem)
        return tuple(dict.fromkeys(kept)) or (Problem("The document cannot be checked", rule="schema"),)

    def _valid(self, root: Any) -> bool:
        try:
            return bool(self._schema.validate(root))
        except etree.XMLSchemaValidateError:
            return False

    def _valid_apart(self, root: Any) -> bool:
        """Whether an element is valid as a document of its own: libxml2 cannot see prefixes that only an ancestor
        declares and only a value (``xsi:type="pp:X"``) uses."""
        if next((True for node in root.iter() if XSI + "type" in node.attrib), False):
            return self._valid(etree.fromstring(etree.tostring(root, with_tail=False), _schema_parser()))
        return False


def _schema_parser() -> Any:
    return etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)


def _schema_findings(error: Any, files: Sequence[SchemaFile]) -> list[Finding]:
    known = {str(file.path): file.name for file in files}
    findings = []
    for entry in error.error_log:
        message = entry.message
        for path, name in known.items():
            message = message.replace(path, name)
        at = Path(unquoted).resolve() if (unquoted := entry.filename.removeprefix("file://")) else files[0].path
        findings.append(Finding("bad-schema", known.get(str(at), files[0].name), entry.line, message))
    return findings or [Finding("bad-schema", files[0].name, 0, "the schema cannot be compiled")]


def _problem(entry: Any, root: Any, names: PathNames) -> Problem:
    element = _element_at(root, entry.path)
    attribute, said = None, entry.message
    if found := _SUBJECT.match(entry.message):
        attribute, said = found.groups()
    rule, text = _rule_and_text(entry.type_name, said, _token(element, attribute), names)
    missing = re.match(r"The attribute '([^']+)' is ", said)
    attribute = attribute or (missing[1] if missing and rule.endswith("-attribute") else None)
    name = names.name(element.tag, element.prefix)
    subject = f"{name}/@{names.name(attribute)}" if attribute else name
    return Problem(
        f"{subject}: {text}"[:_LONGEST],
        path=names.path(element, root, attribute),
        line=element.sourceline or entry.line,
        rule=rule,
    )


def _rule_and_text(type_name: str, said: str, token: str, names: PathNames) -> tuple[str, str]:
    if type_name == "SCHEMAV_ELEMENT_CONTENT":
        wanted = _EXPECTED.search(said)
        listed = names.plain(wanted[1]).replace("##other", "an element of another namespace") if wanted else ""
        if said.startswith("Missing"):
            return "missing-element", f"a child element is missing, expected: {listed}"
        return "unexpected-element", f"not expected here{', expected: ' + listed if listed else ''}"
    if facet := _FACET.match(said):
        value = _VALUE.match(facet[2])
        rule = re.sub(r"(?<!^)([A-Z])", r"-\1", facet[1]).lower()
        return rule, f"{token} {value[1]}" if value else names.plain(facet[2])
    if fits := _TYPE.match(said):
        return "type", f"{token} is not a valid {names.plain(fits[1]) if fits[1] else 'value here'}"
    rule = _RULES.get(type_name, "type" if "DATATYPE" in type_name else "schema")
    if rule == "root":
        return rule, "not a root element of this schema"
    return rule, names.plain(said)


def _token(element: Any, attribute: str | None) -> str:
    value = element.get(attribute, "") if attribute else "".join(element.itertext())
    return shown(" ".join(value.split()))


def _element_at(root: Any, path: str | None) -> Any:
    """The element that libxml2's path (``/*/pp:Case[2]``: generic where a name has no prefix) leads to."""
    element = root
    for step in (path or "").split("/")[2:]:
        name, _, index = step.partition("[")
        if name.startswith("@"):
            break
        prefix, _, local = name.rpartition(":")
        same = [
            child
            for child in element
            if name == "*" or (child.prefix == (prefix or None) and etree.QName(child).localname == local)
        ]
        place = int(index[:-1]) if index else 1
        if place > len(same):
            break
        element = same[place - 1]
    return element
