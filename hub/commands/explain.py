"""``hub explain``: who may see what of a message type, and by which rule."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import orjson
import typer

from hub.access.explain import FieldVerdict, describe_grant, explain_grant, explain_message
from hub.access.rules import Facts, Grant
from hub.commands.show import print_json, table
from hub.commands.start import SITE, JsonOption, SiteOption, Usage
from hub.findings import nearest
from hub.message import Classification, Envelope, Json
from hub.pipeline.translate import value_at
from hub.site.site import Site, load_site


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(explain)


def explain(
    agency: Annotated[str, typer.Argument(help="The agency that would receive (or send).")],
    type: Annotated[str, typer.Argument(help="Message type.")],
    file: Annotated[Path | None, typer.Argument(help="One canonical message as JSON.")] = None,
    source: Annotated[str, typer.Option(help="Sender to assume for FILE.")] = "",
    label: Annotated[str, typer.Option(help="Classification to assume for FILE.")] = "",
    site: SiteOption = SITE,
    as_json: JsonOption = False,
) -> None:
    """Show which fields of a message type an agency may see, and the rule that decides each.

    Without FILE: every grant with every field. With FILE: which grant applies to this message, and what of it is
    disclosed and withheld. Exits 1 where nothing is granted.

    Examples: hub explain court case-referral; hub explain court case-referral message.json --source police-system
    """
    loaded = load_site(site)
    if agency not in loaded.agencies:
        raise Usage(f"no agency {agency!r} {nearest(agency, loaded.agencies)}")
    if type not in loaded.types:
        raise Usage(f"no message type {type!r} {nearest(type, loaded.types)}")
    if file is None:
        _explain_type(loaded, agency, type, as_json)
    else:
        _explain_message(loaded, agency, type, orjson.loads(file.read_bytes()), source, label, as_json)


def _explain_type(site: Site, agency: str, type: str, as_json: bool) -> None:
    grants = [*site.grants.of("send", agency, type), *site.grants.of("receive", agency, type)]
    verdicts = {grant.rule: _verdicts(site, grant) for grant in grants}
    if as_json:
        print_json([{**describe_grant(grant), "verdicts": _as_json(verdicts[grant.rule])} for grant in grants])
    for grant in grants if not as_json else ():
        condition = ", if its conditions hold" if grant.conditions else ""
        typer.echo(f"{grant.rule} ({grant.file}:{grant.line}): {agency} may {grant.may} {type}{condition}")
        if grant.purpose:
            typer.echo(f"purpose: {grant.purpose}")
        if verdicts[grant.rule]:
            typer.echo(_table(verdicts[grant.rule]))
        typer.echo("")
    if not grants:
        if not as_json:
            typer.echo(f"{agency} has no grant for {type}: it may neither send nor receive it")
        raise typer.Exit(1)


def _explain_message(site: Site, agency: str, type: str, data: Json, source: str, label: str, as_json: bool) -> None:
    canonical = site.types[type]
    own = value_at(data, canonical.classification_path) if canonical.classification_path else None
    classification = Classification[label or own or "RESTRICTED"]
    grant = site.grants.applying("receive", agency, Facts(type, source, classification, data))
    if grant is None or classification > site.agencies[agency].ceiling:
        reason = (
            "no grant's conditions hold" if grant is None else f"its ceiling is {site.agencies[agency].ceiling.name}"
        )
        if as_json:
            print_json({"granted": False, "reason": reason})
        else:
            typer.echo(f"{agency} does not get this message: {reason}")
        raise typer.Exit(1)
    envelope = Envelope("D1", "M1", source, type, "", "", classification, "C1", 1)
    verdicts = explain_message(site.projections[agency, grant.rule].apply(agency, envelope, data))
    if as_json:
        print_json({"granted": True, **describe_grant(grant), "verdicts": _as_json(verdicts)})
    else:
        typer.echo(f"{grant.rule} ({grant.file}:{grant.line}) applies; purpose: {grant.purpose or '-'}")
        typer.echo(_table(verdicts))


def _verdicts(site: Site, grant: Grant) -> list[FieldVerdict]:
    return explain_grant(site.projections[grant.agency, grant.rule]) if grant.may == "receive" else []


def _as_json(verdicts: list[FieldVerdict]) -> list[Json]:
    return [{"path": verdict.path, "disclosed": verdict.disclosed, "rule": verdict.rule} for verdict in verdicts]


def _table(verdicts: list[FieldVerdict]) -> str:
    rows = [("yes" if verdict.disclosed else "no", verdict.path, verdict.rule) for verdict in verdicts]
    return table(("sees", "field", "rule"), rows)
