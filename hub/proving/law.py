"""The law: what is written reads back as it was, but for what the file says (MAPPING.md, "The law").

Both sides are brought into one form. From the message that was written goes what the mapping declares as lost (drops,
cuts, ``else``, ``unless``, the rest of guarded lists); to it comes what reading adds (``always``, ``default``). On both
sides ids are named by position, what the canonical schema marks ``x-free`` goes, and so do empty containers; texts are
compared as the agency's encoding can write them (``fold`` of its layout).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from hub.formats.contract import Contract
from hub.formats.delimited import DelimitedContract
from hub.formats.fixed_width import FixedWidthContract
from hub.mapping.convert import Unfit
from hub.mapping.globs import glob
from hub.mapping.language import Answers
from hub.mapping.plan import Fields, Follow, Listed, Plan, Repeat, Slotted, Spot, Value, Via
from hub.mapping.produce import guard_test, spot_tests
from hub.mapping.reading import at, put
from hub.message import Json
from hub.schema.canonical import CanonicalType

Names = tuple[str, ...]
_DEEPEST = 6


class NotComparable(Exception):
    """A message of which the mapping, as declared, writes so little that nothing can be said (``too-many: drop``)."""


class Law:
    """One mapping's side of the law, made once."""

    def __init__(self, plan: Plan, type: CanonicalType, contract: Contract) -> None:
        self._plan = plan
        self._told = contract.alphabet.told if isinstance(contract, DelimitedContract | FixedWidthContract) else None
        self._drops = [glob(path.text, ".") for path, _ in plan.written.drops]
        self._free = [_names(path) for path in type.free]
        self._links = {(*reference.source,): (*reference.target,) for reference in type.references}
        nodes = list(_all_fields(plan.fields))
        self._kept = {repeat.names for fields in nodes for repeat in fields.repeats}
        self._kept |= {
            link.to.names for fields in nodes for link in fields.links if isinstance(link, Follow) and link.id
        }
        self._pairs = {_names(link.key) for fields in nodes for link in fields.links if isinstance(link, Via)}
        listed = {repeat.names for fields in nodes for repeat in fields.repeats}
        self._followed = {
            link.to.names for fields in nodes for link in fields.links if isinstance(link, Follow)
        } - listed
        self._unlisted = {(*target,) for target in self._links.values()} - self._kept
        # Links that nest their target may drop fields of it which others keep (``roles[].personId.name``).
        self._nested = {
            _names(link.key): link.key for fields in nodes for link in fields.links if isinstance(link, Follow)
        }

    def sent(self, data: Json) -> Json:
        """What should come back of a message. Raises ``NotComparable``."""
        copy: Json = json.loads(json.dumps(data))
        self._declare(self._plan.fields, copy, copy)
        for target in self._followed:
            self._keep_linked(copy, target)
        return self.plain(copy)

    def plain(self, data: Json) -> Json:
        """A message in the form in which both sides are compared."""
        copy: Json = json.loads(json.dumps(data))
        # On both sides: what one link or place drops, another may keep.
        _without(copy, "", self._dropped)
        for target in self._followed & self._kept:
            self._drop_by_links(copy, target)
            self._order_by_mention(copy, target)
        data = json.loads(json.dumps(copy))
        spellings = {target: self._spell(data, target) for target in dict.fromkeys(self._links.values())}
        for source, target in self._links.items():
            spell = self._spell(data, target, source) if target in self._unlisted else spellings[target]
            _change(copy, source, spell, listed=source in self._pairs)
        ids = {(*target, "id") for target in self._links.values()}
        for target in self._unlisted:
            _change(copy, target, lambda _: None)
        for steps in self._free:
            if steps not in self._links and steps not in ids:
                _change(copy, steps, lambda _: None)
        for target, spell in spellings.items():
            _change(copy, (*target, "id"), spell)
        for steps in [steps for steps in self._free if steps in ids and steps[:-1] not in self._links.values()]:
            _change(copy, steps, lambda _: None)
        found: Json = _pruned(_texts(copy, self._told) if self._told else copy) or {}
        return found

    def _keep_linked(self, message: Json, target: Names) -> None:
        """Of a list that is only written inside links that nest it, take the items that none of these reaches."""
        sources = [source for source, wanted in self._links.items() if wanted == target and source in self._nested]
        linked: set[Any] = set()
        for source in sources:
            for holder in _objects(message, source[:-1]):
                linked.update(_listed(holder.get(source[-1])))
        holder = at(message, target[:-1]) if len(target) > 1 else message
        if isinstance(holder, dict) and target[-1] in holder:
            holder[target[-1]] = [item for item in holder[target[-1]] if item.get("id") in linked]

    def _order_by_mention(self, message: Json, target: Names) -> None:
        """Items that are only written inside what links to them come back in the order in which they are met."""
        mentions: dict[Any, int] = {}
        for source in [source for source, wanted in self._links.items() if wanted == target]:
            for holder in _objects(message, source[:-1]):
                for id in _listed(holder.get(source[-1])):
                    mentions.setdefault(id, len(mentions))
        holder = at(message, target[:-1]) if len(target) > 1 else message
        if isinstance(holder, dict) and target[-1] in holder:
            holder[target[-1]].sort(key=lambda item: mentions.get(item.get("id"), len(mentions)))

    def _dropped(self, path: str) -> bool:
        return any(drop(path) for drop in self._drops)

    def _all_drop(self, links: Sequence[str], path: str) -> bool:
        return all(self._dropped(f"{link}.{path}") for link in links)

    def _drop_by_links(self, message: Json, target: Names) -> None:
        """Take from the items of a list what every link that nests them drops."""
        sources = [source for source, wanted in self._links.items() if wanted == target and source in self._nested]
        for item in _objects(message, target):
            keys = [
                self._nested[source]
                for source in sources
                if any(item.get("id") in _listed(holder.get(source[-1])) for holder in _objects(message, source[:-1]))
            ]
            if keys:
                _without(item, "", partial(self._all_drop, keys))

    def _spell(self, message: Json, target: Names, source: Names = ()) -> Callable[[Any], Any]:
        """How a link to an item of one list is compared: by the item's position, or by its content where the agency
        keeps it only inside those that link to it (without what the link at ``source`` drops)."""
        key = self._nested.get(source, "")
        items = list(_objects(message, target))
        if target not in self._unlisted:
            numbers = {item.get("id"): number for number, item in enumerate(items)}
            return lambda link: f"{'.'.join(target)}#{numbers.get(link)}"
        below = {item.get("id"): item for item in items}

        def content(id: Any, depth: int = 0) -> Any:
            item = json.loads(json.dumps(below.get(id)))
            if item is None or depth > _DEEPEST:
                return None
            item.pop("id", None)
            if key:
                _without(item, "", lambda path: self._dropped(f"{key}.{path}"))
            for source, wanted in self._links.items():
                if source[: len(target)] == target:
                    nested = self._spell(message, wanted) if wanted != target else lambda link: content(link, depth + 1)
                    _change(item, source[len(target) :], nested, listed=True)
            for steps in self._free:
                if steps[: len(target)] == target and steps not in self._links and steps[-1] != "id":
                    _change(item, steps[len(target) :], lambda _: None)
            return _pruned(item)

        return content

    def _declare(self, fields: Fields, item: Json, message: Json) -> None:
        """Take from an item what the mapping says it loses, give it what reading adds."""
        for value in fields.values:
            if not value.partner:
                _declared(value, item, top=item is message)
        for repeat in fields.repeats:
            self._declare_list(repeat, item, message)
        for link in fields.links:
            if isinstance(link, Follow):
                wanted = _listed(at(item, link.names))
                for target in _objects(message, link.to.names):
                    if target.get("id") in wanted:
                        self._declare(link.fields, target, message)

    def _declare_list(self, repeat: Repeat, item: Json, message: Json) -> None:
        children = at(item, repeat.names)
        if not children:
            return
        ordered = []
        for branch in repeat.branches:
            test = guard_test(branch.guards)
            chosen = [child for child in children if test is None or test(child)]
            room = len(branch.slots) if isinstance(branch, Slotted) else branch.most
            if room is not None and len(chosen) > room:
                raise NotComparable
            for number, child in enumerate(chosen):
                inner = branch.fields if isinstance(branch, Listed) else branch.slots[number]
                self._declare(inner, child, message)
            ordered += chosen
        put(item, repeat.names, ordered)


def _declared(value: Value, item: Json, *, top: bool) -> None:
    found = at(item, value.names)
    if found is None:
        given = value.always if value.always is not None else next((spot.default for spot in value.spots), None)
        if given is not None and (item or top):
            put(item, value.names, [given] if value.many and not isinstance(given, list) else given)
        return
    if not value.spots:
        return
    chosen = next(
        (spot for spot, test in zip(value.spots, spot_tests(value), strict=True) if not test or test(item)), None
    )
    if chosen is None:
        if value.rest_dropped or any(spot.unless for spot in value.spots):
            _drop(item, value.names)
        return
    kept = [_through(chosen, one) for one in found] if value.many else _through(chosen, found)
    if value.many:
        room = _room(chosen) if chosen.answers.too_many == "drop" else None
        kept = [one for one in kept[:room] if one is not None]
    if kept is None or kept == []:
        _drop(item, value.names)
    else:
        put(item, value.names, kept)


def _room(spot: Spot) -> int | None:
    """How many items of a list of scalars a place takes; None: any number."""
    if spot.slots:
        return len(spot.slots)
    place = spot.ports[0][1]
    return place.steps[place.each].shape.maximum if place.each >= 0 else 1


def _through(spot: Spot, value: Any) -> Any:
    """A value as the declared losses of its place leave it; None where it then means nothing."""
    try:
        raws = {port: write(value) if write else value for port, write in spot.writes.items()}
    except Unfit:
        if spot.answers.unfit == "drop":
            return None
        if spot.otherwise_write is None:
            return value
        raws = dict.fromkeys(spot.writes, spot.otherwise_write)
    if spot.cut is not None:
        raws = {port: raw[: spot.cut] if isinstance(raw, str) else raw for port, raw in raws.items()}
    for port, fits in spot.fits.items():
        if raws.get(port) is not None and not fits(raws[port]):
            raws[port] = spot.otherwise_write
    filled = {port: raw for port, raw in raws.items() if raw is not None and raw not in spot.absent}
    if not filled:
        return None
    lossy = spot.cut is not None or spot.otherwise_write is not None or spot.codes or not spot.reads_back
    if not lossy or spot.read is None:
        return next(iter(filled.values())) if lossy else value
    try:
        return spot.read(filled if len(spot.ports) > 1 else next(iter(filled.values())))
    except Unfit:
        if spot.codes and spot.otherwise_read is None:
            raise NotComparable from None  # a row that is `write only`
        return spot.otherwise_read


def _all_fields(fields: Fields) -> Iterator[Fields]:
    yield fields
    for repeat in fields.repeats:
        for branch in repeat.branches:
            for inner in (branch.fields,) if isinstance(branch, Listed) else branch.slots:
                yield from _all_fields(inner)
    for link in fields.links:
        if isinstance(link, Follow):
            yield from _all_fields(link.fields)


def _listed(found: Any) -> list[Any]:
    """The ids of a link, whether it has room for one or for many."""
    return found if isinstance(found, list) else [found]


def _names(path: str) -> Names:
    return tuple(path.replace("[]", "").split("."))


def _objects(node: Any, steps: Names) -> Iterator[Json]:
    """The objects at the end of some steps, lists looked through."""
    if isinstance(node, list):
        for item in node:
            yield from _objects(item, steps)
    elif isinstance(node, dict):
        if not steps:
            yield node
        elif steps[0] in node:
            yield from _objects(node[steps[0]], steps[1:])


def _change(data: Json, steps: Names, change: Callable[[Any], Any], *, listed: bool = False) -> None:
    """Replace what stands at some steps, each item of a list for itself; None takes it away."""
    for holder in list(_objects(data, steps[:-1])):
        if steps[-1] not in holder:
            continue
        value = holder[steps[-1]]
        if isinstance(value, list):
            changed = [one for one in map(change, value) if one is not None]
            value = sorted(changed, key=_order) if listed else changed
        else:
            value = change(value)
        if value is None or value == []:
            del holder[steps[-1]]
        else:
            holder[steps[-1]] = value


def _without(node: Any, path: str, gone: Callable[[str], bool]) -> None:
    """Take away everything whose full schema path is dropped."""
    if isinstance(node, list):
        for item in node:
            _without(item, path, gone)
    elif isinstance(node, dict):
        for name, value in list(node.items()):
            full = f"{path}.{name}" if path else name
            full = f"{full}[]" if isinstance(value, list) else full
            if gone(full) or gone(full.removesuffix("[]")):
                del node[name]
            else:
                _without(value, full, gone)


def _drop(item: Json, names: Names) -> None:
    holder = at(item, names[:-1]) if len(names) > 1 else item
    if isinstance(holder, dict):
        holder.pop(names[-1], None)


def _texts(node: Any, change: Callable[[str], str]) -> Any:
    """The same with every text changed."""
    if isinstance(node, dict):
        return {name: _texts(value, change) for name, value in node.items()}
    if isinstance(node, list):
        return [_texts(item, change) for item in node]
    return change(node) if isinstance(node, str) else node


def _pruned(node: Any) -> Any:
    """The same without empty objects and lists; None where nothing is left."""
    if isinstance(node, dict):
        kept = {name: below for name, value in node.items() if (below := _pruned(value)) is not None}
        return kept or None
    if isinstance(node, list):
        return [below for item in node if (below := _pruned(item)) is not None] or None
    return node


def _order(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _answers(answers: Answers) -> Iterator[str]:
    """The options by which a place says that what does not fit is refused."""
    if answers.too_long == "refuse":
        yield "too-long: refuse"
    if answers.too_many == "refuse":
        yield "too-many: refuse"
    if answers.unfit == "refuse":
        yield "unfit: refuse"
    if answers.missing:
        yield "missing: refuse"


def declared_refusals(plan: Plan) -> Mapping[int, str]:
    """Lines at which the file itself says that a message may be refused on writing, and by which option."""
    found = {spec.path.line: "unlinked: refuse" for spec in plan.written.unlinked if spec.refuse}
    for fields in _all_fields(plan.fields):
        for value in fields.values:
            told = [answer for spot in value.spots for answer in _answers(spot.answers)]
            if value.always is not None:
                found[value.line] = "always"
            elif told:
                found[value.line] = ", ".join(dict.fromkeys(told))
            elif value.spots and not value.rest_dropped and all(spot.guards for spot in value.spots):
                found[value.line] = "is"
        for repeat in fields.repeats:
            for branch in repeat.branches:
                if branch.too_many == "refuse":
                    found[repeat.line] = found[branch.line] = "too-many: refuse"
                elif branch.guards and not repeat.rest_dropped:
                    found.setdefault(repeat.line, "is")
        for link in fields.links:
            if not isinstance(link, Follow) and link.refuse:
                found.setdefault(link.line, "dangling: refuse")
            if not isinstance(link, Via) and link.missing:
                found[link.line] = ", ".join(filter(None, (found.get(link.line), "missing: refuse")))
        for constant in fields.constants:
            if told := list(_answers(constant.answers)):
                found[constant.line] = ", ".join(told)
    return found
