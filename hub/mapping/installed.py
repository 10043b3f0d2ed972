"""Converters from installed Python packages: the operator's decision (``HUB_CONVERTERS``), never a file of the site.

A package offers one under the entry point group ``hub.converters``; a mapping calls it ``installed/<name>``. The entry
point leads to an object (a module will do) with

    domain      what is read, in words that a sender understands
    agency      regular expression (JSON Schema's dialect, whole text) of what ``read`` takes and ``write`` gives
    canonical   regular expression of what ``read`` gives and ``write`` takes
    one_to_one  whether ``read(write(value)) == value`` for every value that ``write`` takes
    examples    [(agency text, canonical text), ...], at least one
    read, write functions of one text to one text, which raise ``ValueError`` with a text that the sender may see

Both expressions are what the checker proves mappings by. They are held at run time too: a text outside them is refused
before and after the package's code sees it, so that what was proved stays true whatever that code does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from hub.findings import Finding, Findings, nearest
from hub.mapping.convert import Codec, Converter, Example, Options, Unfit, single
from hub.mapping.reach import Reach, Types, one, text_of
from hub.schema.automaton import Automaton, TooLarge, accepts, build
from hub.schema.pattern import OutsideSubset, parse_pattern

GROUP = "hub.converters"
PREFIX = "installed/"
SETTING = "HUB_CONVERTERS"
_LONGEST_TEXT = 100_000
_LONGEST_REASON = 200


class _Wrong(Exception):
    """Why an installed converter cannot be used."""


def not_installed(name: str) -> str:
    """A hint for ``as: installed/x`` where no such converter may be used; else nothing."""
    return f"{SETTING} names the installed converters that may be used" if name.startswith(PREFIX) else ""


def allowed_names(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The names in ``HUB_CONVERTERS``, with commas between."""
    return tuple(name for part in environment.get(SETTING, "").split(",") if (name := part.strip()))


def load_installed(names: Iterable[str]) -> Mapping[str, Converter]:
    """The named converters, by the name that a mapping uses. Imports their packages.

    Raises ``Findings``: one that is not installed, is offered twice, cannot be imported, or breaks the contract.
    """
    offered: dict[str, list[EntryPoint]] = {}
    for point in entry_points(group=GROUP):
        offered.setdefault(point.name, []).append(point)
    found, findings = {}, []
    for name in names:
        try:
            found[PREFIX + name] = _load(name, offered)
        except _Wrong as wrong:
            hint = nearest(name, offered) if name not in offered else ""
            findings.append(Finding("bad-converter", SETTING, 0, f"{name!r} {wrong}", hint))
    if findings:
        raise Findings(findings)
    return found


def _load(name: str, offered: Mapping[str, list[EntryPoint]]) -> Converter:
    points = offered.get(name, [])
    if not points:
        raise _Wrong(f"is offered by no installed package (entry point group {GROUP})")
    packages = sorted({_package(point) for point in points})
    if len(packages) > 1:
        raise _Wrong(f"is offered by {' and '.join(packages)}")
    try:
        offer = points[0].load()
    except Exception as error:
        raise _Wrong(f"of {packages[0]} cannot be loaded: {type(error).__name__}: {error}") from None
    try:
        return _checked(name, offer, packages[0])
    except _Wrong as wrong:
        raise _Wrong(f"of {packages[0]}: {wrong}") from None


def _package(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist is not None else point.value


def _checked(name: str, offer: Any, package: str) -> Converter:
    """The converter that an offer makes, once every example of it was true."""
    texts = {key: _text(offer, key) for key in ("domain", "agency", "canonical")}
    one_to_one = getattr(offer, "one_to_one", None)
    if not isinstance(one_to_one, bool):
        raise _Wrong("one_to_one must be True or False")
    read, write = (getattr(offer, key, None) for key in ("read", "write"))
    if not callable(read) or not callable(write):
        raise _Wrong("read and write must be functions of one text")
    theirs, ours = (_language(texts[key], key) for key in ("agency", "canonical"))
    codec = _codec(PREFIX + name, (read, write), (theirs, ours), texts["domain"], one_to_one=one_to_one)
    examples = _examples(offer, codec, one_to_one=one_to_one)
    agency, canonical = text_of(texts["agency"]), text_of(texts["canonical"])

    def reads(_: Options, given: Types) -> Reach:
        return one(canonical, agency, f"what {package} refuses")

    def writes(_: Options, given: Types) -> Reach:
        return one(agency, canonical)

    return Converter(
        PREFIX + name,
        lambda _: codec,
        "scalar",
        "refuses" if one_to_one else "never",
        texts["domain"],
        "text",
        reads,
        writes,
        examples=examples,
        package=package,
    )


def _text(offer: Any, key: str) -> str:
    value = getattr(offer, key, None)
    if not isinstance(value, str) or not value:
        raise _Wrong(f"{key} must be a text")
    return value


def _language(pattern: str, key: str) -> Automaton:
    try:
        return build(parse_pattern(f"^(?:{pattern})$", "ecma"))
    except (OutsideSubset, TooLarge, IndexError):
        raise _Wrong(f"{key} must be a regular expression without look-around, back references or \\p") from None


def _examples(offer: Any, codec: Codec, *, one_to_one: bool) -> tuple[Example, ...]:
    examples = tuple(getattr(offer, "examples", ()))
    if not examples:
        raise _Wrong("there is no example")
    found = []
    for example in examples:
        try:
            theirs, ours = map(str, example)
            read = codec.read(theirs)
            back = codec.writes[""](ours)
        except (TypeError, ValueError) as error:  # Unfit is a ValueError
            raise _Wrong(f"the example {example!r} fails: {error}") from None
        if read != ours or (one_to_one and codec.read(back) != ours):
            raise _Wrong(f"the example {example!r} is not true: it reads {read!r} and writes {back!r}")
        found.append(Example(theirs, ours, {}, back=back == theirs))
    return tuple(found)


def _codec(
    name: str,
    functions: tuple[Callable[[str], Any], Callable[[str], Any]],
    languages: tuple[Automaton, Automaton],
    domain: str,
    *,
    one_to_one: bool,
) -> Codec:
    """The package's functions, held to what they declare."""
    theirs, ours = languages
    run_read, run_write = (_guarded(name, function) for function in functions)

    def read(text: str) -> str:
        if not _within(theirs, text):
            raise Unfit(f"this is not {domain}")
        value = run_read(text)
        if not _within(ours, value):
            raise Unfit(f"{name} made something else of this than it declares")
        return value

    def write(value: str) -> str:
        if not _within(ours, value):
            raise Unfit(f"{name} does not take this value", "unwritable-value")
        text = run_write(value)
        if not _within(theirs, text):
            raise Unfit(f"{name} made something else of this than it declares", "unwritable-value")
        if one_to_one and run_read(text) != value:
            raise Unfit(f"{name} would read back something else than it writes", "unwritable-value")
        return text

    return single(read, write, reads_back=one_to_one)


def _within(language: Automaton, text: str) -> bool:
    return len(text) <= _LONGEST_TEXT and accepts(language, text)


def _guarded(name: str, function: Callable[[str], Any]) -> Callable[[str], str]:
    """A function of a package that can fail in any way, and only refuses a value by it."""

    def run(text: str) -> str:
        try:
            result = function(text)
        except ValueError as error:
            raise Unfit(str(error)[:_LONGEST_REASON] or f"{name} refuses this") from None
        except (Exception, SystemExit) as error:
            raise Unfit(f"{name} failed ({type(error).__name__})") from None
        if not isinstance(result, str):
            raise Unfit(f"{name} made no text of this")
        return result

    return run
