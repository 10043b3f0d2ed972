"""What ``hub check`` reports: one finding a mistake, with its code, file and line."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing in a site that is wrong (``error``) or worth knowing (``note``).

    ``file`` is the path inside the site, ``line`` counts from 1 (0: the whole file), ``hint`` says how to mend it.
    """

    code: str
    file: str
    line: int
    text: str
    hint: str = ""
    severity: Literal["error", "note"] = "error"

    def __str__(self) -> str:
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.file}:{self.line}: {self.severity} {self.code}: {self.text}{hint}"


class Findings(Exception):
    """A site, or a part of it, that cannot be used, with every reason found."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings: Sequence[Finding] = tuple(findings)
        super().__init__("\n".join(map(str, self.findings)))


def few(words: Sequence[str], most: int = 6) -> str:
    """The first of many words, and how many more there are."""
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return ", ".join(map(repr, words[:most])) + more


def nearest(word: str, words: Iterable[str]) -> str:
    """``did you mean ...?`` for a misspelt name, or an empty text where nothing comes close."""
    close = difflib.get_close_matches(word, list(words), n=1, cutoff=0.6)
    return f"did you mean {close[0]!r}?" if close else ""
