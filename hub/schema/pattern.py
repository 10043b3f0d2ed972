"""Regular expressions of schemas as trees of character sets: the usual subset of XSD's and JSON Schema's dialects.

What lies outside the subset (look-around, back references, word boundaries, ``\\p``) raises ``OutsideSubset``: nothing
is proved about it.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Literal

Dialect = Literal["xsd", "ecma"]
# Sorted, disjoint ranges of code points.
CharSet = tuple[tuple[int, int], ...]

_DEEPEST = 50
LAST = 0x10FFFF
ANY: CharSet = ((0, LAST),)
_SPACE_XSD: CharSet = ((9, 10), (13, 13), (32, 32))
_SPACE_ECMA: CharSet = (
    (9, 13), (32, 32), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F),
    (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF),
)  # fmt: skip
_DIGITS: CharSet = ((48, 57),)
_WORD: CharSet = ((48, 57), (65, 90), (95, 95), (97, 122))
_NEWLINES = {"xsd": ((10, 10), (13, 13)), "ecma": ((10, 10), (13, 13), (0x2028, 0x2029))}
_PLAIN_ESCAPES = {"n": 10, "r": 13, "t": 9, "f": 12, "v": 11}
_NAME_START: CharSet = (
    (58, 58), (65, 90), (95, 95), (97, 122), (0xC0, 0xD6), (0xD8, 0xF6), (0xF8, 0x2FF), (0x370, 0x37D),
    (0x37F, 0x1FFF), (0x200C, 0x200D), (0x2070, 0x218F), (0x2C00, 0x2FEF), (0x3001, 0xD7FF), (0xF900, 0xFDCF),
    (0xFDF0, 0xFFFD), (0x10000, 0xEFFFF),
)  # fmt: skip
_NAME_MORE: CharSet = ((45, 46), (48, 57), (0xB7, 0xB7), (0x300, 0x36F), (0x203F, 0x2040))


class OutsideSubset(ValueError):
    """A construct about which nothing can be decided here."""


@dataclass(frozen=True, slots=True)
class Chars:
    """One character of a set."""

    chars: CharSet


@dataclass(frozen=True, slots=True)
class Sequence:
    """One after the other; empty: the empty text."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Repeated:
    """At least ``least`` and at most ``most`` times (None: without end)."""

    part: Expression
    least: int
    most: int | None


Expression = Chars | Sequence | Choice | Repeated
EVERYTHING = Repeated(Chars(ANY), 0, None)


def parse_pattern(text: str, dialect: Dialect) -> Expression:
    """The language of whole texts that a pattern lets through. Raises ``OutsideSubset``.

    XSD's patterns hold for the whole text; JSON Schema's are found anywhere, unless ``^`` and ``$`` stand at the ends
    of an alternative.
    """
    parser = _Parser(text, dialect)
    parts = [parser.anchored() if dialect == "ecma" else parser.sequence()]
    while parser.takes("|"):
        parts.append(parser.anchored() if dialect == "ecma" else parser.sequence())
    if not parser.done:
        raise OutsideSubset(f"{text!r}: unbalanced )")
    return parts[0] if len(parts) == 1 else Choice(tuple(parts))


def literal_of(text: str) -> Expression:
    """The language of one text."""
    return Sequence(tuple(Chars(((ord(char), ord(char)),)) for char in text))


def lengths(expression: Expression) -> tuple[int, int | None]:
    """The lengths of the shortest and the longest text (None: no end to it)."""
    if isinstance(expression, Chars):
        return 1, 1
    if isinstance(expression, Repeated):
        least, most = lengths(expression.part)
        end = None if expression.most is None or most is None else most * expression.most
        return least * expression.least, 0 if most == 0 else end
    inner = [lengths(part) for part in expression.parts]
    ends = [most for _, most in inner]
    if isinstance(expression, Choice):
        return min(least for least, _ in inner), None if None in ends else max(most or 0 for most in ends)
    return sum(least for least, _ in inner), None if None in ends else sum(most or 0 for most in ends)


def union(*sets: CharSet) -> CharSet:
    """All characters of the sets."""
    merged: list[tuple[int, int]] = []
    for low, high in sorted(item for chars in sets for item in chars):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return tuple(merged)


def without(chars: CharSet, taken: CharSet) -> CharSet:
    """The characters of the first set that are not in the second."""
    found, rest = [], union(taken)
    for low, high in union(chars):
        for start, end in rest:
            if end < low or start > high:
                continue
            if start > low:
                found.append((low, start - 1))
            low = end + 1
        if low <= high:
            found.append((low, high))
    return tuple(found)


class _Parser:
    def __init__(self, text: str, dialect: Dialect) -> None:
        self.text, self.dialect, self.at, self.depth = text, dialect, 0, 0

    @property
    def done(self) -> bool:
        return self.at >= len(self.text)

    def peek(self) -> str:
        return self.text[self.at] if not self.done else ""

    def takes(self, wanted: str) -> bool:
        if not self.text.startswith(wanted, self.at):
            return False
        self.at += len(wanted)
        return True

    def anchored(self) -> Expression:
        """One alternative of a pattern that may stand anywhere in the text, unless anchors say otherwise."""
        before: tuple[Expression, ...] = () if self.takes("^") else (EVERYTHING,)
        body = self.sequence()
        after: tuple[Expression, ...] = () if self.takes("$") else (EVERYTHING,)
        return Sequence((*before, body, *after))

    def choice(self) -> Expression:
        parts = [self.sequence()]
        while self.takes("|"):
            parts.append(self.sequence())
        return parts[0] if len(parts) == 1 else Choice(tuple(parts))

    def sequence(self) -> Expression:
        parts: list[Expression] = []
        while not self.done and self.peek() not in "|)":
            if self.dialect == "ecma" and self.peek() == "$" and self.text[self.at + 1 : self.at + 2] in ("", "|"):
                break
            parts.append(self.quantified(self.atom()))
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def atom(self) -> Expression:
        char = self.text[self.at]
        if self.takes("("):
            if self.takes("?") and not self.takes(":"):
                raise OutsideSubset(f"{self.text!r} looks around itself")
            self.depth += 1
            if self.depth > _DEEPEST:
                raise OutsideSubset(f"more than {_DEEPEST} groups inside each other")
            inner = self.choice()
            if not self.takes(")"):
                raise OutsideSubset(f"{self.text!r}: unbalanced (")
            self.depth -= 1
            return inner
        if self.takes("["):
            return Chars(self.char_class())
        if self.takes("."):
            return Chars(without(ANY, _NEWLINES[self.dialect]))
        if self.takes("\\"):
            return Chars(self.escape())
        if char in "*+?" or (self.dialect == "ecma" and char in "^$"):
            raise OutsideSubset(f"{self.text!r}: {char} inside")
        self.at += 1
        return Chars(((ord(char), ord(char)),))

    def quantified(self, part: Expression) -> Expression:
        while True:
            if self.takes("*"):
                part = Repeated(part, 0, None)
            elif self.takes("+"):
                part = Repeated(part, 1, None)
            elif self.takes("?"):
                part = Repeated(part, 0, 1)
            elif self.peek() == "{" and (bounds := self.bounds()):
                part = Repeated(part, *bounds)
            else:
                return part
            if self.dialect == "ecma":
                self.takes("?")  # a lazy one means the same texts
            if self.peek() == "+" and self.dialect == "ecma":
                raise OutsideSubset(f"{self.text!r}: possessive")

    def bounds(self) -> tuple[int, int | None] | None:
        end = self.text.find("}", self.at)
        least, comma, most = self.text[self.at + 1 : end].partition(",")
        if end < 0 or not least.isdigit() or (most and not most.isdigit()):
            raise OutsideSubset(f"{self.text!r}: {{")
        self.at = end + 1
        return int(least), (int(most) if most else None) if comma else int(least)

    def char_class(self) -> CharSet:
        negated = self.takes("^")
        found: list[CharSet] = []
        first = True
        while first or not self.takes("]"):
            if self.done:
                raise OutsideSubset(f"{self.text!r}: unbalanced [")
            if self.dialect == "xsd" and self.text.startswith("-[", self.at):
                self.at += 2
                taken = self.char_class()
                if not self.takes("]"):
                    raise OutsideSubset(f"{self.text!r}: unbalanced [")
                own = union(*found)
                return without(without(ANY, own) if negated else own, taken)
            found.append(self.class_item())
            first = False
        own = union(*found)
        return without(ANY, own) if negated else own

    def class_item(self) -> CharSet:
        low = self.class_char()
        is_range = self.peek() == "-" and self.text[self.at + 1 : self.at + 2] not in ("]", "[", "")
        if not is_range or len(low) != 1 or low[0][0] != low[0][1]:
            return low
        self.at += 1
        high = self.class_char()
        if len(high) != 1 or high[0][0] != high[0][1] or high[0][0] < low[0][0]:
            raise OutsideSubset(f"{self.text!r}: not a range")
        return ((low[0][0], high[0][0]),)

    def class_char(self) -> CharSet:
        if self.takes("\\"):
            return self.escape(in_class=True)
        char = self.text[self.at]
        self.at += 1
        return ((ord(char), ord(char)),)

    def escape(self, *, in_class: bool = False) -> CharSet:
        if self.done:
            raise OutsideSubset(f"{self.text!r} ends with an escape")
        char = self.text[self.at]
        self.at += 1
        if char.lower() in "dswic" and (char.lower() not in "ic" or self.dialect == "xsd"):
            chars = self.named(char.lower())
            return chars if char.islower() else without(ANY, chars)
        if char in _PLAIN_ESCAPES:
            return ((_PLAIN_ESCAPES[char], _PLAIN_ESCAPES[char]),)
        if char in "ux" and self.dialect == "ecma":
            digits = self.text[self.at : self.at + (4 if char == "u" else 2)]
            self.at += len(digits)
            try:
                return ((int(digits, 16), int(digits, 16)),)
            except ValueError:
                raise OutsideSubset(f"{self.text!r}: \\{char}") from None
        if char.isalnum():
            raise OutsideSubset(f"{self.text!r}: \\{char}")
        return ((ord(char), ord(char)),)

    def named(self, letter: str) -> CharSet:
        if letter == "s":
            return _SPACE_XSD if self.dialect == "xsd" else _SPACE_ECMA
        if letter == "i":
            return _NAME_START
        if letter == "c":
            return union(_NAME_START, _NAME_MORE)
        if self.dialect == "ecma":
            return _DIGITS if letter == "d" else _WORD
        return _unicode_digits() if letter == "d" else _unicode_words()


# Both look at every character there is, and patterns name them again and again.
@cache
def _unicode_digits() -> CharSet:
    return _where(str.isdecimal)


@cache
def _unicode_words() -> CharSet:
    return _where(lambda char: unicodedata.category(char)[0] not in "PZC")


def _where(test: Callable[[str], bool]) -> CharSet:
    """Every character for which ``test`` holds."""
    found: list[tuple[int, int]] = []
    for point in range(sys.maxunicode + 1):
        if test(chr(point)):
            if found and found[-1][1] == point - 1:
                found[-1] = (found[-1][0], point)
            else:
                found.append((point, point))
    return tuple(found)
