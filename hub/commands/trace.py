"""``hub trace``: what became of a message, or of everything in a case."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Annotated

import typer

from hub.access.explain import withheld_by_rule
from hub.commands.reading import ask
from hub.commands.show import print_json
from hub.commands.start import DATA, STORE, DataOption, JsonOption, StoreOption, Usage
from hub.message import Json
from hub.store.query import Queries
from hub.store.views import AttemptView, DeliveryView, EntryView, FieldsView, MessageView


@dataclass(frozen=True, slots=True)
class Followed:
    """One delivery with everything that is known of it."""

    delivery: DeliveryView
    attempts: tuple[AttemptView, ...]
    fields: FieldsView | None


@dataclass(frozen=True, slots=True)
class Trace:
    """One message with everything that is known of it."""

    message: MessageView
    deliveries: tuple[Followed, ...]
    entries: tuple[EntryView, ...]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(trace)


def trace(
    id: Annotated[str | None, typer.Argument(help="Id of a message (on its receipt) or of a delivery.")] = None,
    case: Annotated[str | None, typer.Option(help="A number of a case or report, ours or a partner's own.")] = None,
    data: DataOption = DATA,
    store: StoreOption = STORE,
    as_json: JsonOption = False,
) -> None:
    """Show what became of a message: deliveries, attempts, what was withheld by which rule, ledger entries.

    With --case: of every message of that case, in the order of acceptance. No content is shown. Exits 1 where nothing
    is found.

    Examples: hub trace 0199a0b2-5c1e-7d3f-8a90-1b2c3d4e5f60; hub trace --case 1448-MK-0001234 --json
    """
    if (id is None) == (case is None):
        raise Usage("give either the id of a message or --case NUMBER")
    traces = ask(store, data, lambda queries: _traces(queries, id, case))
    if as_json:
        print_json([_as_json(each) for each in traces])
    for each in traces if not as_json else ():
        typer.echo(_text(each))
    if not traces:
        typer.echo(f"nothing is stored under {id or case}", err=True)
        raise typer.Exit(1)


async def _traces(queries: Queries, id: str | None, case: str | None) -> list[Trace]:
    if id is not None:
        found = await queries.message(id)
        messages = [found] if found is not None else []
    else:
        messages = [message for each in await queries.cases(case or "") for message in each.messages]
    return [await follow(queries, message) for message in messages]


async def follow(queries: Queries, message: MessageView) -> Trace:
    """Everything about one message."""
    followed = [
        Followed(each, await queries.attempts(each.id), await queries.fields(each.id)) for each in message.deliveries
    ]
    return Trace(message, tuple(followed), await queries.entries(message.id))


def _as_json(trace: Trace) -> Json:
    message = asdict(trace.message)
    message["classification"] = trace.message.classification.name
    message["deliveries"] = [
        {**asdict(each.delivery), "history": [asdict(item) for item in each.attempts], **_fields(each.fields)}
        for each in trace.deliveries
    ]
    return {**message, "ledger": [asdict(item) for item in trace.entries]}


def _fields(fields: FieldsView | None) -> Json:
    return {"disclosed": list(fields.disclosed), "withheld": dict(fields.withheld)} if fields else {}


def _text(trace: Trace) -> str:
    message = trace.message
    lines = [
        f"message {message.id}: {message.type} from {message.sender}, {message.classification.name}",
        f"  subject {message.subject}, case key {message.case_key}, identity {message.identity}",
        f"  accepted {message.accepted_at} over {message.transport}, site {message.site[:12]}",
    ]
    for each in trace.deliveries:
        lines += _delivery_lines(each)
    lines.append("  ledger:")
    for entry in trace.entries:
        index = "-" if entry.index is None else str(entry.index)
        body = entry.body
        words = (body.get("kind"), body.get("outcome"), body.get("code"), body.get("recipient"), body.get("rule"))
        lines.append(f"    {index:>6}  {body.get('at', '')}  {' '.join(str(word) for word in words if word)}")
        if dropped := body.get("dropped"):
            lines.append(" " * 12 + "dropped: " + ", ".join(f"{place} ({count})" for place, count in dropped.items()))
    return "\n".join([*lines, ""])


def _delivery_lines(followed: Followed) -> list[str]:
    delivery = followed.delivery
    lines = [
        f"  to {delivery.agency}: {delivery.state.value}{reason_of(delivery)}, delivery {delivery.id},"
        f" number {delivery.sequence} in its lane"
    ]
    for attempt in followed.attempts:
        took_ms = (attempt.ended_at - attempt.started_at) * 1000
        words = (
            attempt.result,
            attempt.code,
            attempt.text,
            attempt.partner_log_id and f"log id {attempt.partner_log_id}",
        )
        lines.append(f"    {clock(attempt.started_at)}  {took_ms:.0f} ms  {'  '.join(word for word in words if word)}")
    if followed.fields is not None:
        by_rule = withheld_by_rule(followed.fields.withheld, followed.fields.disclosed)
        lines += [f"    not shown by {rule}: {', '.join(paths)}" for rule, paths in by_rule.items()]
    return lines


def reason_of(delivery: DeliveryView) -> str:
    """Why the delivery is in its state, as words in brackets; empty where it was delivered."""
    until, acted = clock(delivery.wake_at) if delivery.wake_at else "", delivery.acted
    waits = {
        "time": f"next attempt {until}",
        "outcome": f"under way at {delivery.worker}",
        "lane": f"behind {delivery.behind}, an earlier one of its case",
        "pause": f"paused until {until or 'hub resume'}",
        "acknowledgement": f"sent, waits for the partner's acknowledgement until {until}",
        "window": f"closed until {until}",
        "partner": f"asked to wait until {until}",
        "breaker": f"failed too often, next probe {until}",
    }
    words = (
        delivery.reason,
        delivery.rule if delivery.state.value == "withheld" else "",
        waits.get(delivery.waits_for or ""),
        f"{acted.kind} by {acted.who}: {acted.why}" if acted is not None else "",
    )
    shown = ", ".join(word for word in words if word)
    return f" ({shown})" if shown else ""


def clock(at: float) -> str:
    """Epoch seconds as UTC, to the millisecond."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
