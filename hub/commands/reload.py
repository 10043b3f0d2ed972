"""``hub reload``: the running hub takes its site folder as it is now, or says what is wrong with it."""

from __future__ import annotations

from typing import Annotated

import typer

from hub.child import NotReady
from hub.commands.asking import ask_every_hub
from hub.commands.show import print_json
from hub.commands.start import DATA, DataOption, JsonOption
from hub.findings import Finding


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(reload)


def reload(
    why: Annotated[str, typer.Option(help="The reason, for the ledger.")] = "",
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Bring the site folder of the hub that runs on DATA into force as it is now, with DATA/environment.yaml.

    Where several processes share DATA each is asked, one after the other.

    Messages go on meanwhile. Where anything is wrong nothing changes: the findings are printed, and the exit status is
    1. What was accepted before keeps the mapping of its acceptance; today's rules hold for every delivery. The ledger
    notes who, why and both versions. SIGHUP does the same, and the hub's log says how it ended.

    Examples: hub reload --why "new station codes"; hub reload --data /var/lib/hub --json
    """
    answers = ask_every_hub(data, "/reload", {}, why)
    if not answers:
        raise NotReady("no hub runs on this data folder")
    told = next((answer for answer in answers.values() if not answer["reloaded"]), next(iter(answers.values())))
    if as_json:
        print_json(told if len(answers) == 1 else {**told, "processes": answers})
    else:
        for finding in told["findings"]:
            typer.echo(str(Finding(**finding)))
        for name, answer in answers.items():
            place = f"{name}: " if len(answers) > 1 else ""
            typer.echo(place + _summary(answer["reloaded"], answer["site"], answer["before"]))
    raise typer.Exit(0 if told["reloaded"] else 1)


def _summary(reloaded: bool, site: str, before: str) -> str:
    if not reloaded:
        return f"nothing has changed: site {before[:12]} goes on"
    if site == before:
        return f"the site's files are the same: {site[:12]}; environment.yaml was read again"
    return f"in force: site {site[:12]}, before {before[:12]}"
