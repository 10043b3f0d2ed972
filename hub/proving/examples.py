"""Example folders (``mappings/<agency>/examples/<case>/``): what each one says, read and checked before it is run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from hub.definition import MapOf, Reading, Record, Scalar
from hub.findings import Finding, Findings, nearest
from hub.marked import load
from hub.message import Classification
from hub.site.site import Site

EXAMPLE = Record(
    {
        "type": Scalar("message type"),
        "direction": Scalar("in: the agency sends input.*; out: it receives output.*", ("in", "out")),
        "charset": Scalar("encoding of the input, where the agency declares one"),
        "refused": Scalar("in: the code with which the whole input must be refused; there is no canonical.json then"),
        "partner": MapOf(Scalar(), "in: the agency's own numbers that must be read beside the (first) message"),
        "rule": Scalar("out: the receive grant that cuts the message"),
        "message": MapOf(Scalar(), "out: facts that $message.* names; what is not given is made up"),
        "parcel": MapOf(Scalar(), "out: facts that $parcel.* names"),
    },
    ("type", "direction"),
    "One example of a mapping",
)
MESSAGE = {
    "id": "00000000-0000-4000-8000-000000000001",
    "messageId": "example",
    "source": "",
    "subject": "example",
    "time": "2026-06-22T10:05:00Z",
    "classification": "RESTRICTED",
    "caseKey": "example",
    "sequence": "1",
}
PARCEL = {
    "id": "00000000-0000-4000-8000-000000000002",
    "count": "1",
    "time": "2026-06-22T10:06:00Z",
    "classification": "RESTRICTED",
}
_FACTS = (*MESSAGE, "type", "relatesTo", "partner")


@dataclass(frozen=True, slots=True)
class Example:
    """One example. ``name`` is its folder's path inside the site; ``message`` and ``parcel`` are complete facts."""

    folder: Path
    name: str
    agency: str
    type: str
    direction: Literal["in", "out"]
    charset: str | None
    refused: str
    partner: Mapping[str, str] | None
    rule: str
    message: Mapping[str, str]
    parcel: Mapping[str, str]

    @property
    def key(self) -> tuple[str, str]:
        """The dialect that it is about."""
        return self.agency, self.type

    def file(self, stem: str) -> Path | None:
        """``input.*`` or ``output.*``; None where there is none."""
        return next(iter(sorted(self.folder.glob(f"{stem}.*"))), None)


def load_examples(site: Site) -> tuple[list[Example], list[Finding]]:
    """Every example of a site, and what is wrong with those that cannot be run."""
    examples: list[Example] = []
    findings: list[Finding] = []
    for folder in sorted(site.root.glob("mappings/*/examples/*/")):
        name = folder.relative_to(site.root).as_posix()
        try:
            examples.append(_load(site, folder, name))
        except Findings as error:
            findings.extend(error.findings)
    return examples, findings


def _load(site: Site, folder: Path, name: str) -> Example:
    file, agency = f"{name}/example.yaml", folder.parts[-3]
    reading = Reading(file)
    values = EXAMPLE.read(load(folder / "example.yaml", file), 1, reading)
    if values is None or reading.findings:
        raise Findings(reading.findings)
    type, out = str(values["type"]), values["direction"] == "out"
    if (agency, type) not in site.dialects:
        known = [other for owner, other in site.dialects if owner == agency]
        text = f"{agency} does not exchange {type!r}"
        reading.wrong("unknown-type", values.lines["type"], text, nearest(type, known))
    rules = {grant.rule: grant for grant in site.grants.of("receive", agency, type)}
    if out and values.get("rule") not in rules:
        line = values.lines.get("rule", 1)
        hint = nearest(str(values.get("rule", "")), rules) or f"one of {', '.join(rules)}"
        reading.wrong("unknown-rule", line, "an example of direction out names the receive grant: rule", hint)
    if not out and not site.grants.of("send", agency, type):
        reading.wrong("not-granted", values.lines["direction"], f"no grant lets {agency} send {type!r}")
    _check_facts(values, reading)
    stem = "output" if out else "input"
    if not out and not any(folder.glob(f"{stem}.*")):
        reading.wrong("file-missing", 1, f"the example has no {stem} file")
    if out and not (folder / "canonical.json").is_file():
        reading.wrong("file-missing", 1, "the example has no canonical.json")
    if reading.findings:
        raise Findings(reading.findings)
    return Example(
        folder=folder,
        name=name,
        agency=agency,
        type=type,
        direction="out" if out else "in",
        charset=str(values["charset"]) if "charset" in values else None,
        refused=str(values.get("refused", "")),
        partner=_texts(values["partner"]) if "partner" in values else None,
        rule=str(values.get("rule", "")),
        message={**MESSAGE, "type": type, **_texts(values.get("message", {}))},
        parcel={**PARCEL, **_texts(values.get("parcel", {}))},
    )


def _check_facts(values: Any, reading: Reading) -> None:
    for key, known in (("message", _FACTS), ("parcel", tuple(PARCEL))):
        for name in values.get(key, {}):
            if name not in known:
                text = f"there is no fact ${key}.{name}"
                reading.wrong("unknown-source", values.lines[key], text, nearest(name, known))
    label = values.get("message", {}).get("classification")
    if label is not None and label not in Classification.__members__:
        reading.wrong("bad-value", values.lines["message"], f"{str(label)!r} is not a classification")


def _texts(facts: Mapping[str, Any]) -> dict[str, str]:
    return {key: str(value) for key, value in facts.items()}


def without_example(site: Site, examples: Sequence[Example]) -> list[Finding]:
    """A note for each direction of a mapping that a grant uses and no example shows."""
    shown = {(*example.key, example.direction) for example in examples}
    found = []
    for agency, type in site.dialects:
        for may, direction in (("send", "in"), ("receive", "out")):
            used = site.grants.of("send" if may == "send" else "receive", agency, type)
            if used and (agency, type, direction) not in shown:
                text = f"no example shows direction {direction}"
                file = f"mappings/{agency}/{type}.yaml"
                found.append(Finding("no-example", file, 1, text, f"mappings/{agency}/examples/", severity="note"))
    return found
