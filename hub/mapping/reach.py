"""What a conversion takes and gives, as value types: what the checker proves converters by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hub.schema.shape import ValueType

# By port or canonical property; "" is a single place or scalar.
Types = Mapping[str, ValueType]


@dataclass(frozen=True, slots=True)
class Reach:
    """One direction of a conversion for given types.

    ``takes``: the values that it is sure to convert (a name that is left out: all of them). ``gives``: what comes out.
    ``refuses`` says in words what no value type shows and may be refused (a check digit); ``nothing`` names what may
    come out empty although something went in.
    """

    gives: Types
    takes: Types = field(default_factory=dict)
    refuses: str = ""
    nothing: frozenset[str] = frozenset()


def one(gives: ValueType, takes: ValueType | None = None, refuses: str = "") -> Reach:
    """The reach of a conversion of one place to one scalar."""
    return Reach({"": gives}, {"": takes} if takes else {}, refuses)


def text_of(pattern: str, **facets: int) -> ValueType:
    """Text that matches a pattern (of the whole text, in JSON Schema's dialect)."""
    return ValueType(patterns=(f"^(?:{pattern})$",), **facets)  # type: ignore[arg-type]
