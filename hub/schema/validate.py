"""Checks messages against a compiled JSON Schema: in microseconds while they are valid, in plain words when not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from hub.errors import Problem
from hub.formats.text import shown

Steps = tuple[str | int, ...]

_KINDS = {
    "null": "nothing (null)",
    "array": "a list",
    "object": "an object",
    "string": "a text",
    "boolean": "a boolean",
}
_TYPE_NAMES = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number"}
_LENGTHS = {
    "minLength": "{n} characters, at least {limit} are needed",
    "maxLength": "{n} characters, at most {limit} are allowed",
    "minItems": "{n} items, at least {limit} are needed",
    "maxItems": "{n} items, at most {limit} are allowed",
    "minProperties": "{n} properties, at least {limit} are needed",
    "maxProperties": "{n} properties, at most {limit} are allowed",
}
_BOUNDS = {
    "minimum": "is less than {limit}",
    "maximum": "is more than {limit}",
    "exclusiveMinimum": "is not more than {limit}",
    "exclusiveMaximum": "is not less than {limit}",
    "multipleOf": "is not a multiple of {multiple_of}",
}
_MOST_CODES = 12
_MOST_UNEXPECTED = 1000


class MessageValidator:
    """``is_valid`` is the hot path; ``problems`` may be called for any document. Safe for several threads."""

    def __init__(self, validator: Any, path: Callable[[Steps], str]) -> None:
        """``validator`` is jsonschema-rs's; ``path`` spells a place (JSON Pointer, or canonical ``persons[1].sex``)."""
        self.is_valid: Callable[[Any], bool] = validator.is_valid
        self._iter_errors = validator.iter_errors
        self._path = path

    def problems(self, data: Any) -> tuple[Problem, ...]:
        """Every break, the place of a missing property included; ``rule`` is the schema's keyword."""
        if self.is_valid(data):
            return ()
        return tuple(dict.fromkeys(problem for error in self._iter_errors(data) for problem in self._told(error)))

    def _told(self, error: Any, above: Steps = ()) -> Iterable[Problem]:
        rule, facts = error.kind.name, error.kind.as_dict()
        steps: Steps = (*above, *error.instance_path)
        if rule in ("oneOf", "anyOf") and (branch := _nearest_branch(facts.get("context", ()), error)):
            for inner in branch:
                yield from self._told(inner, above)
            return
        if rule == "required":
            yield self._problem(
                (*steps, facts["property"]), rule, f"the property {shown(facts['property'])} is missing"
            )
        elif rule in ("additionalProperties", "unevaluatedProperties"):
            for name in facts["unexpected"][:_MOST_UNEXPECTED]:  # all in one object: one would do to refuse it
                yield self._problem((*steps, name), rule, f"the property {shown(name)} is not expected here")
        else:
            yield self._problem(steps, rule, _said(rule, facts, error.instance))

    def _problem(self, steps: Steps, rule: str, said: str) -> Problem:
        path = self._path(steps)
        return Problem(f"{path or 'document'}: {said}"[:400], path=path, rule=rule)


def _nearest_branch(context: Sequence[Sequence[Any]], error: Any) -> Sequence[Any]:
    """The errors of the one alternative that was meant, where that is plain: only it got past the value's kind."""
    top = len(error.instance_path)
    reached = [
        branch
        for branch in context
        if branch and not any(len(inner.instance_path) <= top and inner.kind.name == "type" for inner in branch)
    ]
    return reached[0] if len(reached) == 1 else ()


def _said(rule: str, facts: dict[str, Any], value: Any) -> str:
    if rule == "type":
        wanted = " or ".join(_KINDS.get(name, f"a {name}") for name in facts["types"]).replace(
            "a integer", "an integer"
        )
        return f"{wanted} is expected, not {_kind(value)}"
    if rule == "enum":
        codes = [_token(code) for code in facts["options"][:_MOST_CODES]]
        more = ", …" if len(facts["options"]) > _MOST_CODES else ""
        return f"{_token(value)} is not one of {', '.join(codes)}{more}"
    if rule == "const":
        return f"{_token(value)} is not {_token(facts['expected_value'])}"
    if rule == "pattern":
        return f"{_token(value)} does not match the pattern {facts['pattern']}"
    if rule == "format":
        return f"{_token(value)} is not a valid {facts['format']}"
    if rule in _LENGTHS:
        return _LENGTHS[rule].format(n=len(value), **facts)
    if rule in _BOUNDS:
        return f"{_token(value)} {_BOUNDS[rule].format(**facts)}"
    if rule == "uniqueItems":
        return "the same item stands here twice"
    if rule == "falseSchema":
        return "nothing may stand here in this kind of message"
    if rule in ("oneOf", "anyOf"):
        return "none of the allowed forms fits, or more than one does"
    return f"the rule {rule} is broken"


def _kind(value: Any) -> str:
    name = _TYPE_NAMES.get(type(value), "null")
    return "an integer" if name == "integer" else _KINDS.get(name, f"a {name}")


def _token(value: Any) -> str:
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, (dict, list)):
        return _kind(value)
    return (
        {True: "true", False: "false", None: "null"}[value]
        if value is None or value is True or value is False
        else str(value)
    )


def pointer(steps: Steps) -> str:
    """A place as JSON Pointer."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def canonical_path(steps: Steps) -> str:
    """A place in a canonical message: ``persons[1].sex``."""
    text = ""
    for step in steps:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text
