"""One mutant: one to three mutations, and often an answer in the mapping to what the check then says."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

import yaml
from lxml import etree

from hub.findings import Finding
from tests.fuzz.bench import Bench, mutations_of
from tests.fuzz.chance import Chance
from tests.fuzz.judge import Verdict, judged, over_strict
from tests.fuzz.of_mappings import covered, lines, with_option
from tests.fuzz.yaml_edit import child, parsed

_UNREADABLE = (yaml.YAMLError, ValueError, IndexError, KeyError, TypeError, AttributeError, etree.LxmlError)
_ROUNDS = 3
_NOT_PROVED = frozenset(
    ("pattern-gap", "range-gap", "digits-gap", "type-gap", "convert-gap", "unproven", "code-gap", "guard-gap")
)


@dataclass
class Mutant:
    """``kinds``: the names of its mutations; ``texts``: the changed files."""

    site: str
    seed: int
    number: int
    kinds: list[str] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)

    @property
    def command(self) -> str:
        """Repeats it alone."""
        return f"python -m tests.fuzz --site {self.site} --seed {self.seed} --only {self.number}"


def mutant(bench: Bench, seed: int, number: int) -> tuple[Mutant, Chance]:
    """The mutant of a number: the same for the same seed, and one of its own."""
    random = Random(f"{bench.name} {seed} {number}")
    chance = Chance(random, bench.words, bench.tables, bench.paths)
    made = Mutant(bench.name, seed, number)
    focus = chance.one(sorted({file.split("/")[1] for file in bench.files if file.startswith("mappings/")} - {"codes"}))
    for _ in range(random.choice((1, 1, 2, 3))):
        _mutate(made, bench, chance, focus)
    return made, chance


def _mutate(made: Mutant, bench: Bench, chance: Chance, focus: str) -> None:
    """One mutation, of the files of one agency or of what all share."""
    near = [file for file in bench.files if focus in file.split("/")]
    shared = [file for file in bench.files if file.startswith(("schemas/canonical", f"mappings/codes/{focus}"))]
    group = chance.random.choices(("mappings/", "schemas/agencies/", "connectors/", ""), (45, 35, 5, 15))[0]
    files = shared if not group else [file for file in near if file.startswith(group)]
    if not files:
        return
    file = chance.one(files)
    before = made.texts.get(file, bench.files[file])
    for _ in range(4):
        mutate = chance.one(mutations_of(file))
        try:
            after = mutate(before, chance)
        except _UNREADABLE:
            continue
        if after is not None and after != before:
            made.texts[file] = after
            made.kinds.append(mutate.__name__)
            return


def tried(made: Mutant, bench: Bench, chance: Chance, cases: int) -> Verdict:
    """Judge it; what is refused is answered in the mapping and judged again, as somebody would who reads the hints."""
    verdict = _judge(made, bench, cases)
    for _ in range(_ROUNDS):
        if verdict.outcome != "refused" or chance.random.random() < 0.2:
            break
        if not _answer(made, bench, chance, verdict.findings):
            break
        verdict = _judge(made, bench, cases)
    return verdict


def stands(made: Mutant, bench: Bench, cases: int) -> bool | None:
    """Whether nothing generated fails though the check refuses it; None where that cannot be tried."""
    with bench.changed(made.texts) as site:
        return over_strict(site, made.texts, cases, made.seed + made.number)


def _judge(made: Mutant, bench: Bench, cases: int) -> Verdict:
    with bench.changed(made.texts) as site:
        return judged(site, made.texts, cases, made.seed + made.number)


def _answer(made: Mutant, bench: Bench, chance: Chance, findings: Sequence[Finding]) -> bool:
    """Write answers into the mappings; whether there was anything to write."""
    answered = False
    for finding in sorted(findings, key=lambda finding: -finding.line):
        if finding.file not in bench.files or not finding.file.startswith("mappings/") or finding.line < 1:
            continue
        before = made.texts.get(finding.file, bench.files[finding.file])
        try:
            after = _answered(before, finding, chance)
        except _UNREADABLE:
            continue
        if after is not None and after != before:
            made.texts[finding.file] = after
            answered = True
            if f"answer {finding.code}" not in made.kinds:
                made.kinds.append(f"answer {finding.code}")
    return answered


def _answered(text: str, finding: Finding, chance: Chance) -> str | None:
    named = re.search(r"'([^']+)'", finding.text)
    lists = {"unwritten-field": "drops", "unread-field": "ignores", "unlinked": "unlinked"}
    if finding.code in lists:
        return covered(text, lists[finding.code], named[1]) if named else None
    options: tuple[str, ...]
    if finding.code == "length-gap":
        options = ("too-long: cut", "too-long: refuse", "unfit: drop", "unfit: refuse")
    elif finding.code in _NOT_PROVED:
        options = ("unfit: drop", "unfit: refuse", f"else: {{write: {json.dumps(chance.word())}}}")
    elif finding.code == "missing-required":
        options = ("missing: refuse", "missing: refuse", f"default: {{write: {json.dumps(chance.word())}}}")
    elif finding.code == "too-many":
        options = ("too-many: refuse", "too-many: drop")
    elif finding.code == "cardinality":
        options = ("pick: first",)
    else:
        return None
    found = [pair for pair in lines(child(parsed(text), "fields")) if pair.key.start_mark.line + 1 == finding.line]
    at = next((pair for pair in found if pair.name.strip() in finding.text), found[-1] if found else None)
    return with_option(text, at.value, chance.one(options)) if at else None


def difference(made: Mutant, bench: Bench) -> str:
    """What was changed, as a diff."""
    parts: list[str] = []
    for file, text in made.texts.items():
        before = bench.files[file].splitlines(), text.splitlines()
        parts += difflib.unified_diff(*before, file, file, n=0, lineterm="")
    return "\n".join(parts)
