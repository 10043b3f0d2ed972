"""Values and constants of a mapping against both schemas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hub.mapping.codec import BadConversion, Ready, conversion_of_list, make_codec
from hub.mapping.codes import Codes
from hub.mapping.convert import Unfit
from hub.mapping.fits import Fits, fit_test
from hub.mapping.frame import Frame, Workshop
from hub.mapping.language import Absent, ConstantSpec, GuardSpec, ValueNode, ValueSpec, Written
from hub.mapping.paths import BadPath, CanonicalPath, Place
from hub.mapping.plan import Constant, Guard, Spot, Value, Where, is_whole, value_type
from hub.mapping.scalars import literal
from hub.schema.shape import Shape, ValueType

MESSAGE = ("id", "messageId", "type", "source", "subject", "time", "classification", "caseKey", "sequence", "relatesTo",
           "partner")  # fmt: skip
PARCEL = ("id", "count", "time", "classification")


class ValueResolver:
    """Resolves values, guards and constants; findings go to the workshop."""

    def __init__(self, shop: Workshop, codes: Codes) -> None:
        self.shop = shop
        self.codes = codes

    def value(self, node: ValueNode, frame: Frame) -> Value | None:
        """One value with all its spots; None where it is wrong."""
        key, partner = node.key, ""
        target: CanonicalPath | None
        if key.text.startswith("$partner."):
            partner = key.text.removeprefix("$partner.")
            target = CanonicalPath((partner,), key.text, Shape(partner, value=ValueType()))
        elif key.text.startswith("$"):
            self.shop.wrong("unknown-source", key.line, f"{key.text!r} cannot be read", "$partner.<name>")
            return None
        else:
            target = self.shop.canonical_path(key, frame)
        if target is None:
            return None
        many = key.text.endswith("[]") and not any(conversion_of_list(spec.conversion) for spec in node.specs)
        spots = [self._spot(spec, frame, target, many, key) for spec in node.specs if spec.ports]
        if None in spots:
            return None
        always = [spec.always for spec in node.specs if spec.always]
        return Value(
            key=target.text,
            names=target.names,
            shape=None if partner else target.shape,
            many=many,
            line=key.line,
            spots=tuple(spot for spot in spots if spot),
            always=self.literal(always[0].text, target.shape, always[0].line) if always else None,
            partner=partner,
            rest_dropped=node.rest_dropped,
        )

    def _spot(self, spec: ValueSpec, frame: Frame, target: CanonicalPath, many: bool, key: Written) -> Spot | None:
        places = self._places(spec, frame, many, key)
        if places is None:
            return None
        ports, slots = places
        shapes = {port: place.shape for port, place in ports} or {"": slots[0].shape}
        if bare := [place for place in (*dict(ports).values(), *slots) if place.shape.value is None]:
            text = f"{bare[0].text!r} holds no value of its own, only what stands below it"
            hint = ", ".join(self.shop.paths.shown(name) for name in list(bare[0].shape.by_name)[:6])
            self.shop.wrong("type-mismatch", spec.line or key.line, text, f"below it: {hint}" if hint else "")
            return None
        ready = self._codec(spec, target, key.text.endswith("[]"), shapes)
        if ready is None:
            return None
        conversion = spec.conversion
        absent = spec.absent or self.shop.written.absent
        first_shape = next(iter(shapes.values()))
        each = [place for _, place in ports if place.each >= 0]
        where_frame = frame if not each else self._below(frame, each[0])
        return Spot(
            line=key.line,
            ports=ports,
            slots=slots,
            read=ready.read,
            writes=ready.writes,
            absent=absent.read,
            missing=self._missing(absent, spec, first_shape, key.line),
            nil=absent.write == "nil",
            default=self._optional(spec.default.read, target.shape, key.line),
            otherwise_read=self._optional(spec.otherwise.read, target.shape, key.line),
            otherwise_write=self._agency(spec.otherwise.write, first_shape, key.line),
            pick=spec.pick,
            cut=value_type(first_shape).max_length if spec.answers.too_long == "cut" else None,
            answers=spec.answers,
            fits=self._fits(spec, shapes),
            where=self.where(spec.where, where_frame),
            guards=self.guards(spec.guards, frame),
            unless=path.names if spec.unless and (path := self.shop.canonical_path(spec.unless, frame)) else None,
            converter=conversion.converter.text if conversion.converter else "",
            by=conversion.by,
            options=ready.options,
            codes=conversion.codes.text if conversion.codes else "",
            reads_back=ready.reads_back,
        )

    def _codec(self, spec: ValueSpec, target: CanonicalPath, listed: bool, shapes: Mapping[str, Shape]) -> Ready | None:
        conversion, cut, kind = spec.conversion, spec.answers.too_long == "cut", self.shop.paths.kind
        try:
            return make_codec(conversion, target.shape, listed, cut, shapes, kind, self.codes)
        except BadConversion as bad:
            line = (
                conversion.codes.line if conversion.codes else conversion.converter.line if conversion.converter else 0
            )
            option = (conversion.options or {}).get(bad.key)
            self.shop.wrong(bad.code, option.line if option is not None else line or spec.line, bad.text, bad.hint)
            return None

    def _places(
        self, spec: ValueSpec, frame: Frame, many: bool, key: Written
    ) -> tuple[tuple[tuple[str, Place], ...], tuple[Place, ...]] | None:
        """The ports' places, or the numbered slots of a list of scalars."""
        path = spec.ports.get("")
        if many and path is not None and "#" in path.text and frame.slot is None:
            return self._slots(path, frame)
        found = []
        for port, written in spec.ports.items():
            place = self.shop.place(written, frame)
            if place is not None:
                place = self._one_or_every(place, spec, frame, many, written.line)
            if place is None:
                return None
            found.append((port, place))
        return tuple(found), ()

    def _one_or_every(self, place: Place, spec: ValueSpec, frame: Frame, many: bool, line: int) -> Place | None:
        if not many:
            if place.each >= 0 and not (spec.pick or spec.where):
                text = f"{place.text!r} is every one of them, and one value is wanted"
                self.shop.wrong("cardinality", line, text, "where, or pick: first (or last)")
                return None
            if place.each >= 0 and not spec.where:
                place = replace(place, each=-1)
            return self.shop.single(place, line, picked=bool(spec.pick))
        place_of_all = self.shop.every(place, line)
        if place_of_all is not None and place_of_all.each < len(frame.before):
            # What repeats stands around a group, or nothing does: a list of one.
            return replace(place_of_all, each=-1)
        return place_of_all

    def _slots(self, path: Written, frame: Frame) -> tuple[tuple[tuple[str, Place], ...], tuple[Place, ...]] | None:
        try:
            numbers = self.shop.paths.slots(path.text, frame.shape)
        except BadPath as bad:
            self.shop.wrong(bad.code, path.line, bad.text, bad.hint)
            return None
        if not numbers:
            self.shop.wrong("unknown-path", path.line, f"the agency's schema has no numbered {path.text!r}")
            return None
        places = [self.shop.place(path, replace(frame, slot=number)) for number in numbers]
        slots = tuple(place for place in places if place is not None)
        return ((), slots) if len(slots) == len(numbers) else None

    def _below(self, frame: Frame, place: Place) -> Frame:
        """The frame of the listed item itself: ``where`` beside ``x[]`` is relative to it."""
        return replace(frame, shape=place.steps[place.each].shape, before=(), absolute=False)

    def where(self, written: tuple[tuple[Written, str], ...], frame: Frame) -> tuple[Where, ...]:
        """Agency guards in the frame of what they stand beside."""
        found = []
        for path, text in written:
            place = self.shop.place(path, frame)
            place = self.shop.single(place, path.line, picked=False) if place else None
            if place is not None:
                found.append(Where(place, self._agency(text, place.shape, path.line), path.line))
        return tuple(found)

    def guards(self, specs: tuple[GuardSpec, ...], frame: Frame) -> tuple[Guard, ...]:
        """Canonical guards of this frame."""
        found = []
        for spec in specs:
            path = self.shop.canonical_path(spec.path, frame)
            if path is None:
                continue
            if is_whole(path.shape):
                self.shop.wrong("type-mismatch", spec.path.line, f"{path.text!r} is an object, not a value")
                continue
            values = [self.literal(text, path.shape, spec.path.line) for text in spec.values]
            found.append(Guard(path.names, path.text, frozenset(values), None if spec.listed else values[0]))
        return tuple(found)

    def constant(self, spec: ConstantSpec, frame: Frame) -> Constant | None:
        """One constant; None where it is wrong."""
        place = self.shop.place(spec.path, frame)
        place = self.shop.single(place, spec.path.line, picked=True) if place else None
        if place is None:
            return None
        source = spec.source.text
        if not source.startswith("$"):
            return Constant(spec.path.line, place, "", "", self._agency(source, place.shape, spec.source.line), None)
        head, _, name = source[1:].partition(".")
        known = {"message": MESSAGE, "parcel": PARCEL}.get(head, ())
        if name not in known:
            hint = (
                "$message." + ", $message.".join(MESSAGE) + ", at absolute paths $parcel." + ", $parcel.".join(PARCEL)
            )
            self.shop.wrong("unknown-source", spec.source.line, f"there is no source {source!r}", hint)
            return None
        if (head == "parcel") != place.absolute:
            text = (
                "a parcel's facts go to absolute paths" if head == "parcel" else "an absolute path is for all messages"
            )
            self.shop.wrong("unknown-source", spec.source.line, f"{source!r} does not fit here: {text}")
            return None
        try:
            shapes = {"": place.shape}
            ready = make_codec(spec.conversion, None, False, False, shapes, self.shop.paths.kind, self.codes)
        except BadConversion as bad:
            self.shop.wrong(bad.code, spec.path.line, bad.text, bad.hint)
            return None
        conversion, fits = spec.conversion, self._fits_constant(spec, place)
        return Constant(
            line=spec.path.line,
            place=place,
            origin="message" if head == "message" else "parcel",
            name=name,
            text=None,
            write=ready.writes[""],
            codes=conversion.codes.text if conversion.codes else "",
            converter=conversion.converter.text if conversion.converter else "",
            by=conversion.by,
            options=ready.options,
            answers=spec.answers,
            fits=fits,
        )

    def _fits(self, spec: ValueSpec, shapes: Mapping[str, Shape]) -> Mapping[str, Fits]:
        if spec.answers.unfit != "drop" and spec.otherwise.write is None:
            return {}
        xml = self.shop.paths.kind == "xml"
        return {port: fit_test(value_type(shape), xml=xml) for port, shape in shapes.items()}

    def _fits_constant(self, spec: ConstantSpec, place: Place) -> Fits | None:
        if spec.answers.unfit != "drop":
            return None
        return fit_test(value_type(place.shape), xml=self.shop.paths.kind == "xml")

    def literal(self, text: str, shape: Shape, line: int) -> Any:
        """A written canonical value in the type and code list of its schema."""
        target = value_type(shape)
        if target.codes is not None and text not in target.codes:
            known = ", ".join(target.codes[:12])
            self.shop.wrong("bad-value", line, f"{text!r} is not a code of the canonical schema", f"known: {known}")
        try:
            return literal(text, target)
        except Unfit as error:
            self.shop.wrong("bad-value", line, f"{text!r}: {error.text}")
            return None

    def _optional(self, text: str | None, shape: Shape, line: int) -> Any:
        return None if text is None else self.literal(text, shape, line)

    def _agency(self, text: str | None, shape: Shape, line: int) -> Any:
        """A written agency value: text, or JSON's type where the agency's schema is JSON."""
        if text is None or self.shop.paths.kind != "json":
            return text
        try:
            return literal(text, value_type(shape))
        except Unfit as error:
            self.shop.wrong("bad-value", line, f"{text!r}: {error.text}")
            return None

    def _missing(self, absent: Absent, spec: ValueSpec, shape: Shape, line: int) -> Any:
        """What is written where the message has nothing."""
        if spec.default.write is not None:
            return self._agency(spec.default.write, shape, line)
        if absent.write in ("omit", "nil"):
            return None
        return "" if absent.write == "empty" else self._agency(absent.write, shape, line)
