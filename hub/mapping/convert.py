"""The closed set of converters: what each takes, gives, inverts and is shown to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from hub.mapping.reach import Reach, Types

# A raw value as an agency spells it (text; JSON scalars become text first) to a canonical one, and back.
Change = Callable[[Any], Any]


class Unfit(ValueError):
    """A value that a converter or code table cannot take; the text may reach the sender (at most a short token)."""

    def __init__(self, text: str, code: str = "unreadable-value") -> None:
        super().__init__(text)
        self.text = text
        self.code = code


class BadOption(ValueError):
    """An option of a converter that is missing or wrong; ``key`` names it."""

    def __init__(self, key: str, text: str) -> None:
        super().__init__(text)
        self.key = key
        self.text = text


@dataclass(frozen=True, slots=True)
class Codec:
    """One conversion made ready: ``read`` takes the raw value, or {port: raw} where the converter has ports.

    ``writes`` holds, by port (``""`` is the only one), the way back; None from it means that nothing is written there.
    Both raise ``Unfit``. ``reads_back``: whether ``read(write(v)) == v`` for every v that ``write`` takes.
    """

    read: Change
    writes: Mapping[str, Change]
    reads_back: bool = True


@dataclass(frozen=True, slots=True)
class Options:
    """A converter's options as written, and whether the canonical target is an object or one scalar."""

    values: Mapping[str, Any]
    whole: bool = False
    cut: bool = False

    def text(self, key: str, default: str | None = None) -> str:
        """One text; without ``default`` it must be there."""
        value = self.values.get(key, default)
        if not isinstance(value, str):
            raise BadOption(key, f"the option {key!r} is needed and is one text")
        return str(value)  # a plain str: the file's own texts carry their lines

    def texts(self, key: str, *default: str) -> tuple[str, ...]:
        """One text or a list of them."""
        value = self.values.get(key, default)
        texts = (value,) if isinstance(value, str) else tuple(value)
        if not texts or not all(isinstance(text, str) for text in texts):
            raise BadOption(key, f"the option {key!r} is a text or a list of texts")
        return tuple(map(str, texts))

    def one_of(self, key: str, *allowed: str) -> str:
        """One of the allowed words; the first is the default."""
        value = self.text(key, allowed[0])
        if value not in allowed:
            raise BadOption(key, f"the option {key!r} is one of {', '.join(allowed)}")
        return value


@dataclass(frozen=True, slots=True)
class Example:
    """One executed example: agency value(s), canonical value, and whether writing gives the agency value back."""

    agency: Any
    canonical: Any
    options: Mapping[str, Any]
    back: bool = True
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """One executed example of what is refused, on reading or ``writing``, and with which words."""

    value: Any
    says: str
    options: Mapping[str, Any] = field(default_factory=dict)
    writing: bool = False
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a converter: what it means and takes (``words``: one of these; ``many``: a list too).

    ``default``: what counts without it (None: it is needed; "": nothing does).
    """

    note: str
    default: str | None = None
    words: tuple[str, ...] = ()
    many: bool = False


@dataclass(frozen=True, slots=True)
class Converter:
    """One way to convert. ``ports``: the names of ``at`` (none: a single path; None: named by the pattern).

    ``canonical`` says what stands on the canonical side: a scalar, an object, a list of texts, or a scalar or object
    (``either``). ``inverts``: whether writing is exact (``always``), refuses what would not read back (``refuses``),
    loses where the options say so (``options``), or loses (``never``). ``domain`` describes what is read, for people;
    ``makes`` what stands on the canonical side. ``reads`` and ``writes`` say for the checker what each direction takes
    and gives (by port on the agency's side, by property or "" on the canonical one). ``needs``: the properties of a
    canonical object without which nothing can be written. ``package``: what it was
    installed with ("" for ours): then its reach is declared, and held at run time, but nobody has proved it.
    """

    name: str
    make: Callable[[Options], Codec]
    canonical: Literal["scalar", "object", "list", "either"]
    inverts: Literal["always", "refuses", "options", "never"]
    domain: str
    makes: str
    reads: Callable[[Options, Types], Reach]
    writes: Callable[[Options, Types], Reach]
    options: Mapping[str, Option] = field(default_factory=dict)
    ports: tuple[str, ...] | None = ()
    examples: tuple[Example, ...] = ()
    refused: tuple[Refused, ...] = ()
    package: str = ""
    needs: tuple[str, ...] = ()


def single(read: Change, write: Change, reads_back: bool = True) -> Codec:
    """A codec for one place."""
    return Codec(read, {"": write}, reads_back)
