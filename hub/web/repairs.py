"""The acts on deliveries, at the operator's local API."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from hub.errors import HubError
from hub.message import Json
from hub.repair.repairing import MOST_AT_ONCE, Person, Repairing
from hub.web.operator import Handler, text_of, texts_of

SOCKET = "operator-socket"


def repair_handlers(repairing: Repairing, by: str = SOCKET) -> Mapping[str, Handler]:
    """``/resend``, ``/cancel``, ``/skip`` with ``ids``; ``/reprocess`` with ``ids`` and ``dry``; ``/pause`` with
    ``agency``, ``type`` (may be empty) and ``forSeconds`` (or null); ``/resume`` with ``agency`` and ``type``.

    ``by`` is what proves who asks.
    """

    async def reprocess(asked: Json, who: str, why: str) -> Json:
        return await repairing.reprocess(_ids(asked), Person(who, by, why), dry=asked.get("dry") is True)

    async def pause(asked: Json, who: str, why: str) -> Json:
        for_s = asked.get("forSeconds")
        if for_s is not None and not isinstance(for_s, int | float):
            raise HubError("malformed", "forSeconds is a number")
        person = Person(who, by, why)
        return await repairing.pause(text_of(asked, "agency"), text_of(asked, "type"), for_s, person)

    async def resume(asked: Json, who: str, why: str) -> Json:
        return await repairing.resume(text_of(asked, "agency"), text_of(asked, "type"), Person(who, by, why))

    return {
        "/resend": _of_ids(repairing.resend, by),
        "/cancel": _of_ids(repairing.cancel, by),
        "/skip": _of_ids(repairing.skip, by),
        "/reprocess": reprocess,
        "/pause": pause,
        "/resume": resume,
    }


def _of_ids(act: Callable[[Sequence[str], Person], Awaitable[Json]], by: str) -> Handler:
    async def handle(asked: Json, who: str, why: str) -> Json:
        return await act(_ids(asked), Person(who, by, why))

    return handle


def _ids(asked: Json) -> list[str]:
    ids = texts_of(asked, "ids")
    if len(ids) > MOST_AT_ONCE:
        raise HubError("too-large", f"at most {MOST_AT_ONCE} deliveries at once")
    return ids
