"""``hub map``: translate one file as the hub would, without sending or storing anything."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated

import orjson
import typer

from hub.access.rules import Facts
from hub.commands.show import print_json
from hub.commands.start import SITE, JsonOption, SiteOption, Usage
from hub.entries import stamp
from hub.errors import HubError
from hub.findings import nearest
from hub.message import Classification, Envelope, Json, Projected, Received
from hub.site import Site, load_site
from hub.translate import Dialect, translate_in, translate_out, value_at


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
    site: SiteOption = SITE,
    as_json: JsonOption = False,
) -> None:
    """Translate one file, in or out, with every check that the hub makes.

    --in prints the canonical messages. --out prints the document that the agency would get: cut down to what its grant
    allows, in its own format, valid by its own schema.

    Examples: hub map police-system case-referral --in referral.json; hub map court case-referral --out canonical.json
    """
    if (inward is None) == (outward is None):
        raise Usage("give either --in FILE or --out FILE")
    loaded = load_site(site)
    dialect = _dialect(loaded, agency, type)
    if inward is not None:
        _map_in(dialect, Received(agency, type, "file", _read(inward), time.time(), charset=charset), as_json)
    elif outward is not None:
        _map_out(loaded, dialect, orjson.loads(_read(outward)), source, label, as_json)


def _dialect(site: Site, agency: str, type: str) -> Dialect:
    if agency not in site.agencies:
        raise Usage(f"no agency {agency!r} {nearest(agency, site.agencies)}")
    if (agency, type) not in site.dialects:
        known = [name for owner, name in site.dialects if owner == agency]
        raise Usage(f"{agency} does not exchange {type!r}; it has {', '.join(sorted(known))}")
    return site.dialects[agency, type]


def _read(path: Path) -> bytes:
    if str(path) == "-":
        return sys.stdin.buffer.read()
    try:
        return path.read_bytes()
    except OSError as error:
        raise Usage(f"{path}: {error.strerror}") from None


def _map_in(dialect: Dialect, received: Received, as_json: bool) -> None:
    try:
        inward = translate_in(dialect, received, str)
    except HubError as error:
        if not as_json:
            raise
        print_json(error.as_json())
        raise typer.Exit(1) from None
    messages = [message.data for message in inward.messages]
    refusals = [refusal.as_json() for refusal in inward.refusals]
    if as_json:
        dropped = [dict(message.dropped) for message in inward.messages]
        partner = [dict(message.partner) for message in inward.messages]
        print_json({"messages": messages, "partner": partner, "dropped": dropped, "refusals": refusals})
    else:
        print_json(messages[0] if len(messages) == 1 else messages)
        for refusal in refusals:
            typer.echo(f"record {refusal['record']}: {refusal['code']}: {refusal['detail']}", err=True)
    raise typer.Exit(1 if refusals else 0)


def _map_out(site: Site, dialect: Dialect, messages: Json | list[Json], source: str, label: str, as_json: bool) -> None:
    now = time.time()
    listed = messages if isinstance(messages, list) else [messages]
    projected = [_project(site, dialect, data, source, label, number, now) for number, data in enumerate(listed, 1)]
    parcel = {"id": "D1", "count": str(len(projected)), "time": stamp(now)}
    body = translate_out(dialect, projected, parcel)
    if as_json:
        withheld = [dict(part.withheld) for part in projected]
        rules = [part.rule for part in projected]
        print_json({"document": body.decode("utf-8", "replace"), "rules": rules, "withheld": withheld})
    else:
        sys.stdout.buffer.write(body)


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
        f"D{number}",
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
