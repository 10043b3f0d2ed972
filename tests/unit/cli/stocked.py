"""A data folder with a little of everything in its store: delivered, dead, withheld, pending."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hub.message import Outcome, Result, State
from hub.store.base import Finish
from hub.store.open import open_store
from tests.unit.store.making import NOW, acceptance, ending, freezing, intake


@dataclass(frozen=True)
class Stocked:
    """The data folder, and the ids of what is in it."""

    data: Path
    store: str
    message: str
    delivered: str
    dead: str
    withheld: str
    pending: str


async def stock(data: Path, url: str = "sqlite") -> Stocked:
    """One message to three agencies and a second one that waits behind the dead letter."""
    store = open_store(url, data)
    first = acceptance("1448-1", to=("clinic", "court"), withheld=("press",))
    second = acceptance("1448-1", to=("court",))
    await store.accept(intake(first))
    await store.accept(intake(second))
    for claimed in await store.claim(first.delivery_ids[:2], "w", 60, NOW):
        await store.freeze(freezing(claimed))
        if claimed.agency == "clinic":
            await store.finish(ending(claimed))
        else:
            refused = Outcome(Result.REFUSED, "partner-refused", "unknown offence code", "LOG-7")
            await store.finish(
                Finish(
                    (claimed.id,),
                    (claimed.token,),
                    refused,
                    State.DEAD,
                    "partner-refused",
                    None,
                    False,
                    NOW,
                    NOW + 1,
                    ({"kind": "disclose", "outcome": "refused", "delivery": claimed.id},),
                )
            )
    await store.close()
    clinic, court, press = first.delivery_ids
    return Stocked(data, url, first.id, clinic, court, press, second.delivery_ids[0])
