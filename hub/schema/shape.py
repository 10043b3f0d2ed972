"""A schema of any kind (XSD, JSON Schema, table layout) as one tree of steps with order, cardinality and types."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

# The one step into a JSON document that is a list itself: mappings write it ``[]``, trees hold the list under it.
WHOLE = "[]"

Base = Literal["string", "integer", "decimal", "boolean", "date", "time", "date-time", "year-month", "year", "binary"]


@dataclass(frozen=True, slots=True)
class ValueType:
    """What a scalar may be. ``codes`` is the closed list where the schema has one; lengths count code points.

    ``json`` says how JSON spells it (a JSON integer is not the string ``"1"``); XML and tables always spell text.
    ``space`` is XSD's whiteSpace facet: what the schema takes away from around and between words before it looks.
    ``loose``: the schema demands more than is said here (alternatives, exclusive bounds): nothing is proved to fit.
    ``demands``: what else the schema demands (``format email``): only what comes under the same one is proved to fit.
    """

    base: Base = "string"
    codes: tuple[str, ...] | None = None
    patterns: tuple[str, ...] = ()
    min_length: int = 0
    max_length: int | None = None
    minimum: str | None = None
    maximum: str | None = None
    total_digits: int | None = None
    fraction_digits: int | None = None
    json: Literal["string", "integer", "number", "boolean"] = "string"
    space: Literal["preserve", "replace", "collapse"] = "preserve"
    loose: bool = False
    demands: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shape:
    """One step of a document: an element, attribute, JSON property or column.

    ``name`` is the step as a tree holds it: a Clark name (``{namespace}local``) for XML elements, ``@name`` or
    ``@{namespace}name`` for attributes, the plain name in JSON and tables. ``maximum`` None means unbounded.
    ``least``: the fewest that may stand in it where something does.
    ``array``: a list even where one item is all that may stand in it (JSON).
    ``value`` is set where the step can hold a scalar (an XML element with attributes has both value and children).
    ``choice`` names the group of siblings of which the schema allows only one, ``one_of`` that of which it wants one.
    ``open`` is true where the schema lets in what ``children`` do not name (``xs:any``, ``xs:anyAttribute``, what a
    type named by ``xsi:type`` adds; additionalProperties, patternProperties, properties of ``then`` and the like).
    ``unnamed``: something that ``children`` do not name has to stand in it (an ``xs:any`` that is required).
    ``default``: what the schema says that its absence means (an XSD default; of an element: that nothing stands in it).
    ``demands``: what the schema asks of this place that none of this says (``uniqueItems``, ``xs:unique``, ``minItems``
    above one, ...): nobody proves it.
    ``embeds``: its text is an XML document, whose root element is its only child but for attributes.
    Children are in schema order and made on first use, so that recursive schemas (NIEM) cost nothing.
    """

    name: str
    minimum: int = 1
    maximum: int | None = 1
    least: int = 1
    array: bool = False
    value: ValueType | None = None
    choice: str | None = None
    one_of: str | None = None
    open: bool = False
    unnamed: bool = False
    nillable: bool = False
    embeds: bool = False
    default: str | None = None
    demands: tuple[str, ...] = ()
    note: str = ""
    expand: Callable[[], tuple[Shape, ...]] = field(default=tuple, repr=False, compare=False)

    @property
    def repeats(self) -> bool:
        """Whether more than one may stand in the same place."""
        return self.array or self.maximum is None or self.maximum > 1

    @cached_property
    def children(self) -> tuple[Shape, ...]:
        """Attributes first, then elements, properties or columns in schema order."""
        return self.expand()

    @cached_property
    def by_name(self) -> dict[str, Shape]:
        """The children by step name."""
        return {child.name: child for child in self.children}

    def leaves(self, depth: int = 12) -> Iterator[tuple[str, Shape]]:
        """Every scalar below, as (path joined with ``/``, shape); stops at ``depth`` steps in recursive schemas."""
        for child in self.children:
            if child.value is not None:
                yield child.name, child
            if depth > 1:
                for path, leaf in child.leaves(depth - 1):
                    yield f"{child.name}/{path}", leaf
