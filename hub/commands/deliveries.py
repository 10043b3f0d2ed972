"""``hub deliveries``: what is under way, stuck, withheld or done, and what can be done about it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from hub.commands.choosing import (
    AgencyOption,
    CaseOption,
    CodeOption,
    ErrorOption,
    LaneOption,
    OlderOption,
    StatesOption,
    TypeOption,
    YoungerOption,
    choice_of,
    count_table,
)
from hub.commands.reading import ask
from hub.commands.show import print_json, table
from hub.commands.start import DATA, STORE, DataOption, JsonOption, StoreOption
from hub.commands.trace import clock, reason_of
from hub.message import Json, State
from hub.repair.advice import advice, failure_of
from hub.store.choice import Choice
from hub.store.query import Queries
from hub.store.views import AttemptView, DeliveryView

_STANDING = tuple(state for state in State if state not in (State.DELIVERED, State.SUPERSEDED))


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(deliveries)


def deliveries(
    id: Annotated[str | None, typer.Argument(help="One delivery, with all that is known of it.")] = None,
    state: StatesOption = None,
    agency: AgencyOption = None,
    type: TypeOption = None,
    code: CodeOption = None,
    error: ErrorOption = None,
    case: CaseOption = None,
    lane: LaneOption = None,
    older: OlderOption = None,
    younger: YoungerOption = None,
    counts: Annotated[bool, typer.Option("--counts", help="How many by agency, state, reason and age.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most, oldest first.")] = 100,
    cursor: Annotated[int | None, typer.Option(help="Those after the cursor that the last call printed.")] = None,
    data: DataOption = DATA,
    store: StoreOption = STORE,
    as_json: JsonOption = False,
) -> None:
    """List deliveries with their state and its reason; with an id show one, and what can be done about it.

    Examples: hub deliveries --counts; hub deliveries --state dead --agency court --error "offence code";
    hub deliveries 0199a0b2-5c1e-7d3f-8a90-1b2c3d4e5f60; hub deliveries --state pending --older-than 1h --json
    """
    if id is not None:
        _one(store, data, id, as_json)
        return
    choice = choice_of(state, agency, type, code, error, case, lane, older, younger)
    if counts:
        _count(store, data, choice, as_json)
        return
    page = ask(store, data, lambda queries: queries.deliveries(choice, limit, cursor))
    if as_json:
        print_json({"deliveries": [_as_json(each) for each in page.deliveries], "cursor": page.cursor})
        return
    rows = [
        (each.id, each.agency, each.type, each.subject, clock(each.changed_at), f"{each.state.value}{reason_of(each)}")
        for each in page.deliveries
    ]
    typer.echo(table(("delivery", "agency", "type", "subject", "since", "state"), rows) if rows else "none")
    if any(each.state is State.DEAD for each in page.deliveries):
        typer.echo("hub deliveries ID shows what can be done about one", err=True)
    if page.cursor is not None:
        typer.echo(f"more: --cursor {page.cursor}", err=True)


def _count(store: str, data: DataOption, choice: Choice, as_json: bool) -> None:
    """Without a state: those that are not done."""
    wanted = choice if choice.states else choice.of(_STANDING)
    found = ask(store, data, lambda queries: queries.counts(wanted))
    pauses = ask(store, data, lambda queries: queries.pauses())
    if as_json:
        print_json({"counts": [asdict(each) for each in found], "pauses": [asdict(each) for each in pauses]})
        return
    typer.echo(count_table(found))
    for each in pauses:
        until = f"until {clock(each.until)}" if each.until else "until hub resume"
        typer.echo(f"paused: {each.agency} {each.type or 'all types'} {until}, by {each.act.who}: {each.act.why}")


def _one(store: str, data: DataOption, id: str, as_json: bool) -> None:
    async def look(queries: Queries) -> tuple[DeliveryView | None, tuple[AttemptView, ...]]:
        message = await queries.message(id)
        found = next((each for each in message.deliveries if each.id == id), None) if message else None
        return found, await queries.attempts(id)

    found, attempts = ask(store, data, look)
    if found is None:
        typer.echo(f"no delivery has the id {id}", err=True)
        raise typer.Exit(1)
    if as_json:
        print_json({**_as_json(found), "history": [asdict(each) for each in attempts]})
    else:
        typer.echo(_told(found, attempts))


def _as_json(delivery: DeliveryView) -> Json:
    return {**asdict(delivery), "failure": failure_of(delivery), "next": advice(delivery)}


def _told(delivery: DeliveryView, attempts: tuple[AttemptView, ...]) -> str:
    acted, failure = delivery.acted, failure_of(delivery)
    perhaps = "the receiver perhaps has it already" if delivery.maybe_sent else ""
    lines = [
        f"{delivery.id}: {delivery.type} to {delivery.agency}, {delivery.subject}, message {delivery.message_id}",
        f"  state      {delivery.state.value}{reason_of(delivery)}, since {clock(delivery.changed_at)}",
        f"  rule       {delivery.rule}" if delivery.rule else "",
        f"  lane       number {delivery.sequence} of case key {delivery.case_key}{', a gap' if delivery.gap else ''}",
        f"  generation {delivery.generation}, relates to {delivery.relates_to}" if delivery.relates_to else "",
        f"  failure    {failure.value}: {delivery.code or delivery.reason} {delivery.error or ''}" if failure else "",
        f"  note       {perhaps}" if perhaps else "",
        f"  acted      {acted.kind} by {acted.who} at {clock(acted.at)}: {acted.why}" if acted else "",
        *(
            f"  attempt    {clock(each.started_at)} {each.result} {each.code} {each.text}".rstrip()
            for each in attempts[-10:]
        ),
        f"  next       {advice(delivery)}" if advice(delivery) else "",
    ]
    return "\n".join(line for line in lines if line)
