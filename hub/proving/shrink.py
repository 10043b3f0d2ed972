"""The smallest message that still fails: parts are taken away, the largest first, for as long as the failure stays.

It ends: after a number of tries, and when the caller says that the time is spent.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from hub.message import Json

Steps = tuple[str | int, ...]

_MOST_TRIES = 2000
_LONG = 20


def smallest(data: Json, fails: Callable[[Json], bool], spent: Callable[[], bool] = lambda: False) -> Json:
    """``data`` without everything that the failure does not need; ``fails`` says whether a message still shows it.

    Where ``spent`` says so before the end, what was found until then.
    """
    tries, found = 0, True
    while found:
        found = False
        for steps in list(_places(data)):
            if tries >= _MOST_TRIES or spent():
                return data
            shorter = _without(data, steps)
            if shorter is None:
                continue
            tries += 1
            if fails(shorter):
                data, found = shorter, True
    return _with_short_texts(data, fails, spent)


def _with_short_texts(data: Json, fails: Callable[[Json], bool], spent: Callable[[], bool]) -> Json:
    """The same with each long text as short as the failure allows: half by half."""
    for steps in list(_places(data)):
        text = _at(data, steps)
        while isinstance(text, str) and len(text) > _LONG and not spent():
            shorter = json.loads(json.dumps(data))
            _at(shorter, steps[:-1])[steps[-1]] = text[: len(text) // 2]
            if not fails(shorter):
                break
            data, text = shorter, text[: len(text) // 2]
    return data


def _at(node: Any, steps: Steps) -> Any:
    for step in steps:
        node = node[step]
    return node


def _places(data: Any) -> Iterator[Steps]:
    """Every property and list item, those higher up first; list items from the last."""
    waiting: list[tuple[Steps, Any]] = [((), data)]
    while waiting:
        steps, node = waiting.pop(0)
        below: list[tuple[Steps, Any]] = []
        if isinstance(node, dict):
            below = [((*steps, name), value) for name, value in node.items()]
        elif isinstance(node, list):
            below = [((*steps, index), node[index]) for index in reversed(range(len(node)))]
        yield from (place for place, _ in below)
        waiting += below


def _without(data: Json, steps: Steps) -> Json | None:
    """A copy without one place, and without what is empty then; None where the place is gone already."""
    copy: Json = json.loads(json.dumps(data))
    holders: list[Any] = [copy]
    try:
        for step in steps[:-1]:
            holders.append(holders[-1][step])
        del holders[-1][steps[-1]]
    except (KeyError, IndexError, TypeError):
        return None
    for holder, step in zip(reversed(holders[:-1]), reversed(steps[:-1]), strict=True):
        if not holder[step]:
            del holder[step]
    return copy
