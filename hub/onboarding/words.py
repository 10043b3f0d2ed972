"""What names mean: names of fields, English or Arabic, as sets of the glossary's concepts, and how alike two are."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

# How much a concept says: "number" stands in many names, and "value" or "whole" adds nothing to most.
_WEIGHTS = {"much": 1.0, "some": 0.35, "little": 0.1}
_LONGEST_PHRASE = 4
_SAYS_NOTHING = frozenset(("of", "for", "the", "to", "in", "by", "and", "a", "is", "من", "في", "الي"))
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[\u0621-\u064a]+|[^\W_]+")
_ARABIC = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ـ": None})


@dataclass(frozen=True, slots=True)
class Meaning:
    """The concepts of one name; ``weight`` is how much they say together."""

    concepts: frozenset[str]
    weight: float

    @property
    def is_general(self) -> bool:
        """Whether the name says nothing that other names do not say (``code``, ``date``)."""
        return self.weight < 1


class Glossary:
    """Words and phrases to concepts (``officer+number``: to both); unknown words stand for themselves."""

    def __init__(self, rows: Iterable[Mapping[str, str]]) -> None:
        self._concepts: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._niem: dict[str, tuple[str, ...]] = {}
        self._weights: dict[str, float] = {}
        self._known: dict[str, Meaning] = {}
        for row in rows:
            concepts = tuple(row["concept"].split("+"))
            if len(concepts) == 1:
                self._weights[row["concept"]] = _WEIGHTS[row["says"]]
            for phrase in (*row["english"].split("|"), *row["arabic"].split("|")):
                self._concepts.setdefault(tuple(tokens(phrase)), concepts)
            for name in filter(None, row["niem"].split("|")):
                self._niem.setdefault(name, concepts)

    def meaning(self, *names: str) -> Meaning:
        """The concepts of names taken together."""
        concepts = frozenset[str]().union(*(self._of(name).concepts for name in names))
        return Meaning(concepts, self._weight(concepts))

    def without(self, meaning: Meaning, concepts: frozenset[str]) -> Meaning:
        """What a meaning says beside these concepts."""
        left = meaning.concepts - concepts
        return Meaning(left, self._weight(left)) if len(left) < len(meaning.concepts) else meaning

    def likeness(self, one: Meaning, other: Meaning) -> float:
        """0 (nothing in common) to 1 (the same concepts)."""
        both = one.weight + other.weight
        return 2 * self._weight(one.concepts & other.concepts) / both if both else 0.0

    def _of(self, name: str) -> Meaning:
        if name not in self._known:
            concepts = frozenset(self._niem_concept(name) or self._found(tokens(name)))
            self._known[name] = Meaning(concepts, self._weight(concepts))
        return self._known[name]

    def _niem_concept(self, name: str) -> set[str]:
        return set(self._niem.get(name.rpartition(":")[2], ()))

    def _found(self, words: list[str]) -> Iterable[str]:
        at = 0
        while at < len(words):
            for length in range(min(_LONGEST_PHRASE, len(words) - at), 0, -1):
                phrase = tuple(words[at : at + length])
                concepts = self._concepts.get(phrase) or self._concepts.get((*phrase[:-1], _singular(phrase[-1])))
                if concepts or length == 1:
                    yield from concepts or (_singular(phrase[0]),) if phrase[0] not in _SAYS_NOTHING else ()
                    at += length
                    break

    def _weight(self, concepts: Iterable[str]) -> float:
        return sum(self._weights.get(concept, 0.35 if concept.isdecimal() else 1.0) for concept in concepts)


def load_glossary() -> Glossary:
    """The glossary that comes with the hub."""
    with (Path(__file__).parent / "glossary.csv").open(encoding="utf-8", newline="") as file:
        return Glossary(csv.DictReader(file))


def tokens(name: str) -> list[str]:
    """``ArabicFirstName`` and ``رقم القضيّة`` as their words: lower case, Arabic folded and without its article."""
    plain = "".join(
        letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter) or letter == "ٓ"
    )
    folded = unicodedata.normalize("NFC", plain).translate(_ARABIC)
    return [_without_article(part.lower()) for part in _PARTS.findall(folded)]


def _without_article(word: str) -> str:
    return word[2:] if word.startswith("ال") and len(word) > 3 else word


def _singular(word: str) -> str:
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word
