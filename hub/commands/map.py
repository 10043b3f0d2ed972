"""``hub map``: translate one file as the hub would, without sending or storing anything, and say why it is so."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from hub.access.rules import Facts
from hub.commands.show import print_json
from hub.commands.start import SITE, JsonOption, SiteOption, Usage
from hub.commands.why import error_as_json, explain_document, explain_messages, told, told_error
from hub.errors import HubError
from hub.findings import nearest
from hub.message import Classification, Envelope, Json, Projected, Received
from hub.pipeline.entries import stamp
from hub.pipeline.translate import Dialect, parcel_facts, translate_in, translate_out, value_at
from hub.site.site import Site, load_site


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="map")(map_file)


def map_file(
    agency: Annotated[str, typer.Argument(help="Agency, as its folder is called.")],
    type: Annotated[str, typer.Argument(help="Message type.")],
    inward: Annotated[
        Path | None, typer.Option("--in", help="The agency's own document; - reads standard input.")
    ] = None,
    outward: Annotated[
        Path | None, typer.Option("--out", help="Canonical JSON: one message or a list; - reads standard input.")
    ] = None,
    charset: Annotated[str | None, typer.Option(help="Encoding of --in, where the agency declares one.")] = None,
    source: Annotated[str, typer.Option(help="Sender to assume for --out.")] = "",
    label: Annotated[str, typer.Option(help="Classification to assume for --out.")] = "",
    explain: Annotated[
        bool, typer.Option("--explain", help="Show for each value its places, mapping line, converter and code row.")
    ] = False,
    site: SiteOption = SITE,
    as_json: JsonOption = False,
) -> None:
    """Translate one file, in or out, with every check that the hub makes.

    --in prints the canonical messages. --out prints the document that the agency would get: cut down to what its grant
    allows, in its own format, valid by its own schema. Errors name the mapping's line beside the document's.

    Examples: hub map police-system case-referral --in referral.json; hub map court case-referral --out c.json --explain
    """
    if (inward is None) == (outward is None):
        raise Usage("give either --in FILE or --out FILE")
    loaded, dialect = _load(site, agency, type)
    try:
        if inward is not None:
            received = Received(agency, type, "file", _read(inward), time.time(), charset=charset)
            _map_in(site, dialect, received, explain, as_json)
        elif outward is not None:
            messages = _messages(outward)
            projected = _project_all(loaded, dialect, messages, source, label)
            _map_out(site, dialect, projected, explain, as_json)
    except HubError as error:
        if as_json:
            print_json(error_as_json(dialect, error))
        else:
            typer.echo(told_error(dialect, error), err=True)
        raise typer.Exit(1) from None


def _load(folder: Path, agency: str, type: str) -> tuple[Site, Dialect]:
    """The site as far as this mapping needs it."""
    site = load_site(folder, (agency, type))
    if agency not in site.agencies:
        known = [path.name for path in (folder / "connectors" / "agencies").iterdir() if path.is_dir()]
        raise Usage(f"no agency {agency!r} {nearest(agency, known)}")
    if (agency, type) not in site.dialects:
        known = sorted({grant.type for grant in site.grants.all if grant.agency == agency})
        raise Usage(f"{agency} does not exchange {type!r}; it has {', '.join(known)}")
    return site, site.dialects[agency, type]


def _read(path: Path) -> bytes:
    if str(path) == "-":
        return sys.stdin.buffer.read()
    try:
        return path.read_bytes()
    except OSError as error:
        raise Usage(f"{path}: {error.strerror}") from None


def _messages(path: Path) -> list[Json]:
    try:
        found = orjson.loads(_read(path))
    except orjson.JSONDecodeError as error:
        raise Usage(f"{path}: {error}") from None
    return found if isinstance(found, list) else [found]


def _map_in(folder: Path, dialect: Dialect, received: Received, explain: bool, as_json: bool) -> None:
    inward = translate_in(dialect, received, str)
    messages = [message.data for message in inward.messages]
    refusals = [{"record": refusal.record, **error_as_json(dialect, refusal.error)} for refusal in inward.refusals]
    explained = explain_document(folder, dialect, received) if explain else []
    if as_json:
        body: dict[str, Any] = {
            "messages": messages,
            "partner": [dict(message.partner) for message in inward.messages],
            "dropped": [dict(message.dropped) for message in inward.messages],
            "refusals": refusals,
        }
        print_json({**body, "explained": explained} if explain else body)
    else:
        if explain:
            typer.echo(told(explained))
        else:
            print_json(messages[0] if len(messages) == 1 else messages)
        _tell_dropped([message.dropped for message in inward.messages])
        for refusal in inward.refusals:
            typer.echo(f"record {refusal.record}: {told_error(dialect, refusal.error)}", err=True)
    raise typer.Exit(1 if refusals else 0)


def _tell_dropped(dropped: Sequence[Mapping[str, int]]) -> None:
    """What the mapping let fall, beside the output."""
    for number, places in enumerate(dropped, 1):
        which = f"message {number}: " if len(dropped) > 1 else ""
        for place, count in sorted(places.items()):
            typer.echo(f"{which}dropped: {place}{f' ({count} times)' if count > 1 else ''}", err=True)


def _map_out(folder: Path, dialect: Dialect, projected: list[Projected], explain: bool, as_json: bool) -> None:
    parcel = parcel_facts(_made_up_id(1), stamp(time.time()), [part.envelope for part in projected])
    outward = translate_out(dialect, projected, parcel)
    explained = explain_messages(folder, dialect, projected, parcel) if explain else []
    if as_json:
        answer: dict[str, Any] = {
            "document": outward.body.decode("utf-8", "replace"),
            "rules": [part.rule for part in projected],
            "withheld": [dict(part.withheld) for part in projected],
            "dropped": [dict(each) for each in outward.dropped],
        }
        print_json({**answer, "explained": explained} if explain else answer)
    elif explain:
        typer.echo(told(explained))
    else:
        sys.stdout.buffer.write(outward.body)
        sys.stdout.flush()
        _tell_dropped(outward.dropped)


def _made_up_id(number: int) -> str:
    """In the form that every id of a delivery has: the agency's schema may ask for it."""
    return f"00000000-0000-4000-8000-{number:012}"


def _project_all(site: Site, dialect: Dialect, messages: list[Json], source: str, label: str) -> list[Projected]:
    now = time.time()
    return [_project(site, dialect, data, source, label, number, now) for number, data in enumerate(messages, 1)]


def _project(site: Site, dialect: Dialect, data: Json, source: str, label: str, number: int, now: float) -> Projected:
    """What the agency may see of one canonical message; ids and numbers of the envelope are made up."""
    problems = dialect.type.problems(data)
    if problems:
        raise HubError("canonical-violation", "this is no canonical message", problems)
    own = value_at(data, dialect.type.classification_path) if dialect.type.classification_path else None
    classification = Classification[label or own or "RESTRICTED"]
    facts = Facts(dialect.type.type, source, classification, data)
    grant = site.grants.applying("receive", dialect.agency.name, facts)
    if grant is None:
        raise HubError("not-granted", f"no grant lets {dialect.agency.name} receive this message")
    numbers = [value_at(data, path) for _, path in dialect.type.case_paths]
    subject = next((str(found) for found in numbers if found), "")
    envelope = Envelope(
        _made_up_id(number),
        f"M{number}",
        source or "unknown",
        dialect.type.type,
        subject,
        stamp(now),
        classification,
        "C1",
        number,
    )
    return site.projections[dialect.agency.name, grant.rule].apply(dialect.agency.name, envelope, data)
