"""Random documents that satisfy a JSON Schema: nested, with links to what is there, conditions kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import jsonschema_rs
from hypothesis import strategies as st

from hub.proving.values import Values, fits
from hub.schema.json_schema import Located, SchemaSet
from hub.schema.json_shape import Facts, facts_of
from hub.schema.shape import WHOLE, ValueType

Draw = Callable[[st.SearchStrategy[Any]], Any]

_FULLNESS = (2, 5, 8, 10)
_SPELLINGS = ("{list}{number}", "{number}", "{letter}.{number}-x", "é {number}")
_DEEPEST = 10
_CHECKED = {"nin": ("1000000008", "1000000016"), "iqama": ("2000000006",)}


@dataclass(frozen=True, slots=True)
class _Link:
    """A link still to be tied: the list whose ids it may name, and how many."""

    target: tuple[str, ...]
    many: bool
    required: bool


@dataclass(frozen=True, slots=True)
class _Condition:
    """``if`` with what it asks for; ``names`` are the properties that it looks at."""

    holds: Callable[[Any], bool]
    names: frozenset[str]
    then: Located | None
    otherwise: Located | None


class JsonCases:
    """Documents of one schema. ``needed`` are top properties of which one is always there (a case number)."""

    def __init__(self, schemas: SchemaSet, needed: Sequence[str] = ()) -> None:
        self._schemas = schemas
        self._needed = tuple(needed)
        self._values = Values()
        self._known: dict[tuple[tuple[str, str], ...], tuple[Facts, tuple[_Condition, ...]]] = {}

    def document(self, draw: Draw, *, full: bool = False) -> Any:
        """One document; nearly always valid (what rules outside the shapes forbid is for the validator to find)."""
        making = _Making(self, draw, _FULLNESS[-1] if full else draw(st.sampled_from(_FULLNESS)))
        if not self.facts([self._schemas.root])[0].is_object:
            return self._listed(making)
        needed = {draw(st.sampled_from(self._needed))} if self._needed else set()
        made = making.object([self._schemas.root], 0, "", needed)
        making.tie(made, made)
        return made

    def _listed(self, making: _Making) -> Any:
        """A document that is a list; links are tied within an item."""
        made = making.value([self._schemas.root], 0, WHOLE, "", 0, required=True) or []
        for item in made:
            making.tie(item, item)
        return made

    def facts(self, places: Sequence[Located]) -> tuple[Facts, tuple[_Condition, ...]]:
        """What applies at a place, and its conditions; remembered."""
        key = tuple((place.file, place.pointer) for place in places)
        if key not in self._known:
            found = tuple(condition for place in places for condition in self._conditions(place, 0))
            self._known[key] = (facts_of(self._schemas, list(places)), found)
        return self._known[key]

    def scalar(self, value: ValueType) -> st.SearchStrategy[Any]:
        """Values of one type."""
        return self._values.of(value)

    def unique(self, places: Sequence[Located]) -> bool:
        """Whether a list may not hold the same item twice."""
        return any(
            isinstance(place.schema, dict)
            and (
                place.schema.get("uniqueItems", False)
                or ("$ref" in place.schema and self.unique([self._schemas.resolve(place)]))
            )
            for place in places
        )

    def _conditions(self, place: Located, depth: int) -> Iterator[_Condition]:
        schema = place.schema
        if not isinstance(schema, dict) or depth > _DEEPEST:
            return
        if "if" in schema and (names := _names(schema["if"])):
            yield _Condition(
                holds=jsonschema_rs.validator_for(schema["if"]).is_valid,
                names=names,
                then=place.child("then") if "then" in schema else None,
                otherwise=place.child("else") if "else" in schema else None,
            )
        if "$ref" in schema:
            yield from self._conditions(self._schemas.resolve(place), depth + 1)
        for index in range(len(schema.get("allOf", ()))):
            yield from self._conditions(place.child("allOf", index), depth + 1)


class _Making:
    """One document in the making."""

    def __init__(self, cases: JsonCases, draw: Draw, fullness: int) -> None:
        self.cases = cases
        self.draw = draw
        self.fullness = fullness

    def object(self, places: list[Located], depth: int, name: str, needed: set[str], number: int = 0) -> dict[str, Any]:
        """One object; ``name`` and ``number`` say which item of which list it is."""
        facts, conditions = self.cases.facts(places)
        names = [key for key, inner in facts.properties.items() if not any(place.schema is False for place in inner)]
        decisive = {key for condition in conditions for key in condition.names}
        required, forbidden = facts.required | needed, self._forbidden(facts, names)
        extra: dict[str, list[Located]] = {}
        made: dict[str, Any] = {}
        for key in sorted(names, key=lambda key: key not in decisive):
            if key not in decisive and conditions:
                more, gone, extra = _asked(conditions, made)
                required, forbidden, conditions = required | more, forbidden | gone, ()
            wanted = [*facts.properties[key], *extra.get(key, ())]
            if key in forbidden or not (key in required or self.included(depth)):
                continue
            value = self.value(wanted, depth + 1, key, name, number, required=key in required)
            if value is not None:
                made[key] = value
        self._check_digit(made)
        return {key: made[key] for key in names if key in made}

    def _check_digit(self, made: dict[str, Any]) -> None:
        """A national or residence number comes with a right check digit: every reader refuses others (DOMAIN.md)."""
        if made.get("type") in _CHECKED and "value" in made:
            made["value"] = self.draw(st.sampled_from(_CHECKED[made["type"]]))

    def included(self, depth: int) -> bool:
        """Whether an optional part is there; less likely further down."""
        fullness = self.fullness - (3 if depth > _DEEPEST // 2 else 0)
        if fullness >= 10 or depth > _DEEPEST:
            return fullness >= 10 and depth <= _DEEPEST
        return bool(self.draw(st.integers(0, 9)) >= 10 - fullness)

    def value(
        self, places: list[Located], depth: int, key: str, holder: str, number: int, *, required: bool
    ) -> Any | None:
        """What stands at one property; None for nothing (an optional container without content)."""
        facts, _ = self.cases.facts(places)
        if facts.is_array and not facts.is_object and facts.value is None:
            return self._list(facts, places, depth, key, required=required)
        if "x-ref" in facts.annotations:
            return _Link(_steps(facts.annotations["x-ref"]), many=False, required=required)
        if facts.value is not None and not facts.is_object:
            if key == "id" and holder:
                return self._id(facts.value, holder, number)
            return self.draw(self.cases.scalar(facts.value))
        return self.object(places, depth, "", set()) or ({} if required else None)

    def _list(self, facts: Facts, places: list[Located], depth: int, key: str, *, required: bool) -> Any:
        if facts.items is None:
            return [] if required else None
        items, _ = self.cases.facts([facts.items])
        if "x-ref" in items.annotations or "x-ref" in facts.annotations:
            target = items.annotations.get("x-ref") or facts.annotations["x-ref"]
            return _Link(_steps(target), many=True, required=required)
        least, most = facts.item_count
        least = max(least, 1)
        if most is not None and most < least:
            return [] if required else None
        count = self.draw(st.integers(least, least + 2 if most is None else min(most, least + 2)))
        if most is not None and least + 2 < most <= 8 and self.draw(st.integers(0, 4)) == 4:
            count = most
        made: list[Any] = []
        for number in range(count):
            if items.is_object:
                made.append(self.object([facts.items], depth, key, set(), number))
            else:
                made.append(self.value([facts.items], depth, key, "", number, required=True))
        if self.cases.unique(places):
            made = [item for index, item in enumerate(made) if item not in made[:index]]
        return [item for item in made if item not in ({}, None)] or ([] if required else None)

    def _id(self, value: ValueType, holder: str, number: int) -> str:
        spelled = [text.format(list=holder, letter=holder[0], number=number + 1) for text in _SPELLINGS]
        fitting = [text for text in spelled if fits(value, text)]
        return str(self.draw(st.sampled_from(fitting))) if fitting else str(self.draw(self.cases.scalar(value)))

    def _forbidden(self, facts: Facts, names: Sequence[str]) -> set[str]:
        """Of each group that exclude each other, all but one."""
        forbidden: set[str] = set()
        for label in dict.fromkeys(facts.choices.values()):
            group = [name for name in names if facts.choices.get(name) == label]
            chosen = self.draw(st.sampled_from(group))
            forbidden.update(name for name in group if name != chosen)
        return forbidden

    def tie(self, node: Any, message: Any) -> bool:
        """Give every link its targets; False where one that is needed has none, so that its holder goes."""
        if isinstance(node, list):
            node[:] = [item for item in node if self.tie(item, message)]
            return bool(node)
        for name, value in list(node.items()) if isinstance(node, dict) else ():
            if isinstance(value, _Link):
                ids = _ids(message, value.target)
                if ids:
                    node[name] = self._targets(value, ids)
                else:
                    del node[name]
                    if value.required:
                        return False
            elif not self.tie(value, message):
                del node[name]
        return not isinstance(node, dict) or bool(node)

    def _targets(self, link: _Link, ids: Sequence[str]) -> Any:
        if not link.many:
            return self.draw(st.sampled_from(ids))
        return self.draw(st.lists(st.sampled_from(ids), min_size=1, max_size=3, unique=True))


def _asked(conditions: Sequence[_Condition], made: Any) -> tuple[set[str], set[str], dict[str, list[Located]]]:
    """What conditions ask of an object, now that what they look at is there: more properties, fewer, narrower ones."""
    required: set[str] = set()
    forbidden: set[str] = set()
    narrower: dict[str, list[Located]] = {}
    for condition in conditions:
        branch = condition.then if condition.holds(made) else condition.otherwise
        if branch is None or not isinstance(branch.schema, dict):
            continue
        required |= set(branch.schema.get("required", ()))
        for name, schema in branch.schema.get("properties", {}).items():
            if schema is False:
                forbidden.add(name)
            else:
                narrower.setdefault(name, []).append(branch.child("properties", name))
    return required, forbidden, narrower


def _names(schema: Any) -> frozenset[str]:
    """The properties that an ``if`` looks at; empty where it is more than that."""
    plain = isinstance(schema, dict) and schema.keys() <= {"properties", "required", "type", "description"}
    return frozenset((*schema.get("properties", ()), *schema.get("required", ()))) if plain else frozenset()


def _steps(reference: str) -> tuple[str, ...]:
    return tuple(reference.replace("[]", "").split("."))


def _ids(message: Any, steps: Sequence[str]) -> list[str]:
    found = [message]
    for step in steps:
        below = [item[step] for item in found if isinstance(item, dict) and step in item]
        found = [item for value in below for item in (value if isinstance(value, list) else [value])]
    return [item["id"] for item in found if isinstance(item, dict) and "id" in item]
