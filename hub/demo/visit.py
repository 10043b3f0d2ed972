"""How to look further after the demo, and commands to try while it stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from hub.demo.cast import Play, Role
from hub.demo.director import Shown
from hub.demo.sender import envelope

HUB = ".venv/bin/hub"


def look_further(data: Path, shown: Sequence[Shown]) -> str:
    """Commands that read what the demo has left in its data folder."""
    lines = ["\nLook further:"]
    for each in shown:
        lines.append(f"  {HUB} trace {each.message} --data {data}      every attempt, what was withheld, the ledger")
    lines += [
        f"  {HUB} deliveries --state withheld --data {data}      what did not go out, and why",
        f"  {HUB} ledger verify --data {data}",
        f"  {HUB} demo --stay      keep it running and send something yourself",
    ]
    return "\n".join(lines)


def invitations(hub: str, data: Path, cast: Mapping[str, Role]) -> str:
    """Ready-to-paste commands: one message over REST and one over SOAP, with the demo's keys."""
    lines = [
        "",
        f"Everything keeps running until Ctrl-C; the hub is at {hub}. Paste one of these into another terminal:",
    ]
    for role in cast.values():
        plays = [play for play in role.plays if play.document and play.expect == "accepted"]
        if not plays:
            continue
        play = max(plays, key=lambda play: play.repeat)  # one that counts, so that what is pasted is a new message
        if role.agency.rest is not None and play.type in role.agency.rest.types:
            lines += _rest(hub, role, play, data)
        elif role.agency.soap is not None:
            lines += _soap(hub, role, play, data)
    lines += [
        "",
        f"  curl -s {hub}/health/ready; curl -s {hub}/metrics | grep hub_",
        f"  {HUB} deliveries --state pending --data {data}",
    ]
    return "\n".join(lines)


def _rest(hub: str, role: Role, play: Play, data: Path) -> list[str]:
    name = role.agency.name
    path = data / f"{name}-{play.type}.json"
    path.write_bytes(play.bytes_of(play.repeat + 1))
    key = role.secrets.get(role.agency.rest.credential, "") if role.agency.rest else ""
    return [
        "",
        f"  # {name}: {play.say}",
        f"  curl -si {hub}/rest/{name}/{play.type} -H 'Content-Type: application/json' \\",
        f"    -H 'X-Api-Key: {key}' --data-binary @{path}",
    ]


def _soap(hub: str, role: Role, play: Play, data: Path) -> list[str]:
    """The request's envelope is written to the data folder, since no shell takes it on a line."""
    if role.agency.soap is None:
        return []
    name = role.agency.name
    path = data / f"{name}-{play.type}.xml"
    content = play.bytes_of(1).decode("utf-8")
    path.write_text(envelope(role.agency.soap, role.secrets, content, None), encoding="utf-8")
    return [
        "",
        f"  # {name}: {play.say}",
        f"  curl -si {hub}/soap/{name} -H 'Content-Type: application/soap+xml; charset=utf-8' \\",
        f"    --data-binary @{path}",
        f"  curl -s '{hub}/soap/{name}?wsdl'",
    ]
