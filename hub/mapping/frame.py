"""Where paths start while a mapping is resolved: the ground, and the canonical and agency shapes at this point."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from hub.findings import Finding
from hub.mapping.language import MappingFile, Written
from hub.mapping.paths import AgencyPaths, BadPath, CanonicalPath, Place, Step, canonical_path
from hub.mapping.plan import Ground
from hub.schema.shape import Shape


@dataclass(frozen=True, slots=True)
class Frame:
    """``before``: steps from the ground to ``shape`` (from the document if ``absolute``).

    ``names``: properties from the item to ``canonical``; ``full``: how ``canonical`` is written (``persons[].name.``).
    ``parent`` is the frame in which the enclosing list stands. ``slot`` is what ``#`` stands for;
    ``beside``: for places beside each other (``Accused1Name``), so that it is the same number in the lists of an item.
    """

    ground: Ground
    shape: Shape
    canonical: Shape
    before: tuple[Step, ...] = ()
    absolute: bool = False
    names: tuple[str, ...] = ()
    full: str = ""
    slot: int | None = None
    beside: bool = False
    parent: Frame | None = None


@dataclass
class Workshop:
    """What resolving needs at every step: the file, the agency's paths, the canonical root, and the findings so far."""

    written: MappingFile
    paths: AgencyPaths
    canonical: Shape
    findings: list[Finding] = field(default_factory=list)

    def wrong(self, code: str, line: int, text: str, hint: str = "") -> None:
        """Note one mistake and go on."""
        self.findings.append(Finding(code, self.written.file, line, text, hint))

    def place(self, written: Written, frame: Frame) -> Place | None:
        """An agency path in this frame, or a finding."""
        try:
            place = self.paths.place(written.text, frame.shape, frame.before, frame.slot)
        except BadPath as bad:
            self.wrong(bad.code, written.line, bad.text, bad.hint)
            return None
        return replace(place, absolute=True) if frame.absolute else place

    def canonical_path(self, written: Written, frame: Frame) -> CanonicalPath | None:
        """A canonical path in this frame (its names from the item), or a finding."""
        try:
            path = canonical_path(written.text, frame.canonical, frame.full)
        except BadPath as bad:
            self.wrong(bad.code, written.line, bad.text, bad.hint)
            return None
        return replace(path, names=frame.names + path.names)

    def single(self, place: Place, line: int, *, picked: bool) -> Place | None:
        """The place of one value: no step may repeat unless ``[]`` or ``pick`` says what is meant."""
        extra = [place.steps[index].shown for index in place.repeats if index != place.each]
        if extra and not picked:
            text = f"{place.text!r}: {extra[0]!r} may repeat, and one value is wanted"
            self.wrong("cardinality", line, text, "pick: first (or last), or a list")
            return None
        return place

    def every(self, place: Place, line: int) -> Place | None:
        """The place of a list: the step that repeats is marked, or the only one; -1 where none repeats."""
        if place.each >= 0:
            others = [index for index in place.repeats if index != place.each]
        else:
            others = list(place.repeats[:-1]) if len(place.repeats) > 1 else []
            place = replace(place, each=place.repeats[0] if len(place.repeats) == 1 else -1)
        if others:
            text = f"{place.text!r} has more than one step that repeats"
            self.wrong("cardinality", line, text, "mark one with [], or write a list inside a list")
            return None
        return place
