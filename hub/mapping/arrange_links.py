"""Links in the output: references, association elements, and targets nested inside the role."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from hub.mapping.layout import Produce, Select
from hub.mapping.paths import Place
from hub.mapping.plan import Fields, Follow, Ref, Repeat, Via
from hub.mapping.produce import about, getter, then
from hub.mapping.spread import Spread
from hub.mapping.writing import Writing

ArrangeFields = Callable[[Fields, Spread], None]


def id_leaf(key: str, *, top: bool) -> Produce:
    """An item's own id, as the document spells it."""

    def produce(writing: Writing, item: Any) -> Any:
        id = item.get("id")
        if id is None:
            return None
        return writing.name(key, id) if top else writing.fresh_name(id)

    return produce


def arrange_link(link: Ref | Follow, spread: Spread, arrange_fields: ArrangeFields) -> None:
    """Put a link at its place."""
    if isinstance(link, Ref):
        _ref(link, spread)
    else:
        _follow(link, spread, arrange_fields)


def _ids(link: Ref | Follow | Via) -> Callable[[Any], Any]:
    """From an item to the ids that it links to."""
    get = getter(link.names)
    if link.many:
        return lambda item: get(item) or ()
    return lambda item: () if (id := get(item)) is None else (id,)


def _spelled(link: Ref) -> Produce:
    """From an id to its spelling; a target that is not in the message is left out, or refused."""
    key = link.to.key

    def produce(writing: Writing, id: Any) -> Any:
        if writing.item(key, id) is None:
            if link.refuse:
                writing.wrong(f"the item of {key} that this points to is not in the message", link.key, link.line)
            return None
        return writing.name(key, id)

    return produce


def _ref(link: Ref, spread: Spread) -> None:
    spelled, place = _spelled(link), link.place
    if link.many and place.each >= 0:
        steps, rest = place.steps[: place.each + 1], place.steps[place.each + 1 :]
        ids = _ids(link)
        inner = spread.each(Place(place.text, steps, steps[-1].shape), lambda writing, item: ids(item))
        inner.at(rest).values.append(spelled)
        return
    spread.leaf(place, about(_only(link), spelled))


def _only(link: Ref | Follow) -> Select:
    """The one id of a link that has room for one."""
    ids = _ids(link)

    def only(writing: Writing, item: Any) -> Any:
        found = ids(item)
        if len(found) > 1:
            writing.wrong("the agency's format has room for one", link.key, link.line)
        return found[0] if found else None

    return only


def arrange_pairs(link: Via, owners: Repeat, items: Callable[[Any], Iterable[Any]], spread: Spread) -> None:
    """One association element for each pair, beside the list whose items hold the link."""
    ids, to, key = _ids(link), link.to.key, owners.key

    def each(writing: Writing, item: Any) -> Iterable[Any]:
        for owner in items(item):
            for id in ids(owner):
                if writing.item(to, id) is not None:
                    yield (writing.name(key, owner["id"]), writing.name(to, id))
                elif link.refuse:
                    writing.wrong(f"the item of {to} that this points to is not in the message", link.key, link.line)

    inner = spread.each(link.place, each)
    inner.at(link.here.steps).values.append(lambda writing, pair: pair[0])
    inner.at(link.there.steps).values.append(lambda writing, pair: pair[1])


def _follow(link: Follow, spread: Spread, arrange_fields: ArrangeFields) -> None:
    key, produce_id = link.to.key, id_leaf(link.to.key, top=True)
    if link.listed:
        ids = _ids(link)

        def each(writing: Writing, item: Any) -> Iterable[Any]:
            return [found for id in ids(item) if (found := writing.under_link(key, id)) is not None]

        inner = Spread(spread.each(link.place, each), spread.document)
    else:
        select = then(then(spread.select, _only(link)), lambda writing, found: writing.under_link(key, found))
        inner = Spread(spread.layout, spread.document, select)
    if link.id is not None:
        inner.leaf(link.id, produce_id)
    arrange_fields(link.fields, inner)
