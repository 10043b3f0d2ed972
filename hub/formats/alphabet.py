"""What an agency's encoding can write of a text: characters that it lacks are folded where the layout says so, never
guessed."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from hub.definition import Definition, ListOf, Reading, Scalar, Values
from hub.errors import HubError, Problem
from hub.formats.text import accepted_codec

FOLDS = ("presentation-forms", "digits")
ENCODING_KEYS: Mapping[str, Definition] = {
    "encoding": Scalar("the codec in which the agency writes and reads (windows-1256, utf-8, ...)"),
    "fold": ListOf(Scalar("", FOLDS), "what may be changed in a character that the encoding does not have"),
}
_DIGITS = {
    ord(char): str(unicodedata.digit(char)) for block in (0x660, 0x6F0) for char in map(chr, range(block, block + 10))
}


@dataclass(frozen=True, slots=True)
class Alphabet:
    """The ``encoding`` as the layout names it, its ``codec`` as Python does, and what may be folded."""

    encoding: str
    codec: str
    fold: frozenset[str]

    def written(self, text: str, column: str, path: str) -> str:
        """The text as the encoding can write it. Raises ``HubError`` not-encodable with the place."""
        if _encodes(text, self.codec):
            return text
        return "".join(self._folded(char, column, path) for char in text)

    def told(self, text: str) -> str:
        """What a text becomes where it is written; characters that stop it stay as they are."""
        if _encodes(text, self.codec):
            return text
        return "".join(char if (other := self._other(char)) is None else other for char in text)

    def _folded(self, char: str, column: str, path: str) -> str:
        other = self._other(char)
        if other is not None:
            return other
        text = f"{column}: the character U+{ord(char):04X} does not exist in {self.encoding}"
        raise HubError("not-encodable", text, [Problem(text, path, rule="encoding")])

    def _other(self, char: str) -> str | None:
        """The character as it can be written, itself or folded; None where it cannot."""
        if _encodes(char, self.codec):
            return char
        other = char
        if "digits" in self.fold and ord(char) in _DIGITS:
            other = _DIGITS[ord(char)]
        elif "presentation-forms" in self.fold and ("\ufb50" <= char <= "\ufdff" or "\ufe70" <= char <= "\ufeff"):
            other = unicodedata.normalize("NFKC", char)
        return other if other != char and _encodes(other, self.codec) else None


def read_alphabet(values: Values, reading: Reading) -> Alphabet:
    """What a layout file says of its encoding; a mistake is noted."""
    encoding, codec = str(values.get("encoding", "utf-8")), "utf-8"
    try:
        codec = accepted_codec(encoding)
    except HubError as error:
        reading.wrong("bad-value", values.lines["encoding"], error.text)
    return Alphabet(encoding, codec, frozenset(map(str, values.get("fold", ()))))


def _encodes(text: str, codec: str) -> bool:
    try:
        text.encode(codec)
    except UnicodeEncodeError:
        return False
    return True
