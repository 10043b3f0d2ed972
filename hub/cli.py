"""The ``hub`` command: which subcommands there are, and how one is loaded only when it is called."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence

from hub import __version__
from hub.findings import nearest

USAGE = 2

# Name: its module (which has ``register(app)``) and what it does, so that ``hub --help`` loads none of them.
COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("hub.commands.run", "Run the hub: intake, delivery, metrics"),
    "intake": ("hub.commands.intake", "Take messages in, as one of several processes"),
    "deliver": ("hub.commands.deliver", "Deliver messages, as one of several processes"),
    "reload": ("hub.commands.reload", "Bring the changed site into force in the hub that runs"),
    "check": ("hub.commands.check", "Check a whole site: contracts, types, mappings, grants"),
    "map": ("hub.commands.map", "Translate one file between an agency's format and the canonical one"),
    "diff": ("hub.commands.diff", "What another site would do differently with the same messages"),
    "explain": ("hub.commands.explain", "Who may see what of a message type, and why"),
    "new-agency": ("hub.commands.new_agency", "Draft a new agency from its WSDL, XSD, OpenAPI or a sample"),
    "schema": ("hub.commands.schema", "JSON Schemas of a site's YAML files, for editors"),
    "trace": ("hub.commands.trace", "What became of one message, or of everything in one case"),
    "deliveries": ("hub.commands.deliveries", "List deliveries: pending, dead, withheld, ..."),
    "resend": ("hub.commands.resend", "Send dead letters again, with the same bytes"),
    "reprocess": ("hub.commands.reprocess", "Make deliveries anew, by today's mapping and rules"),
    "cancel": ("hub.commands.cancel", "Deliveries that are never to be sent"),
    "skip": ("hub.commands.skip", "Let a lane go on past a dead letter"),
    "pause": ("hub.commands.pause", "Send nothing to an agency for a while"),
    "resume": ("hub.commands.resume", "End a pause"),
    "ledger": ("hub.commands.ledger", "Verify the ledger"),
    "demo": ("hub.commands.demo", "A hub and simulated partners, for a minute"),
    "bench": ("hub.commands.bench", "Measure throughput, latency and cost"),
}


def main() -> None:
    """Entry point of the ``hub`` script; ends the process with 0, 1 (findings, negative result) or 2 (usage)."""
    try:
        status = dispatch(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes once more at its end
        status = 1
    sys.exit(status)


def dispatch(arguments: Sequence[str]) -> int:
    """Run the subcommand that the arguments name; returns the exit status."""
    name = arguments[0] if arguments else "--help"
    if name in ("--help", "-h", "help"):
        print(overview())
        return 0 if arguments else USAGE
    if name == "--version":
        print(__version__)
        return 0
    if name not in COMMANDS:
        hint = nearest(name, COMMANDS)
        print(f"hub: no command {name!r}{'; ' + hint if hint else ''} (hub --help)", file=sys.stderr)
        return USAGE
    # The one place where a command's module is loaded, by its name: typer and the engine cost time at start.
    run = importlib.import_module("hub.commands.start").run
    return int(run(name, importlib.import_module(COMMANDS[name][0]), arguments[1:]))


def overview() -> str:
    """What ``hub --help`` prints."""
    lines = [f"  {name:<12} {text}" for name, (_, text) in COMMANDS.items()]
    return "\n".join(
        [
            "Usage: hub COMMAND [OPTIONS]",
            "",
            "A message hub between agencies: each in its own format, each with only what it may see.",
            "",
            *lines,
            "",
            "hub COMMAND --help shows a command's options and examples. Most take --site DIR (the site's folder,",
            "default: the working directory), --data DIR (the hub's data, default: ./data) and --json.",
            "Exit status: 0 done, 1 findings or a negative result, 2 wrong usage.",
        ]
    )


if __name__ == "__main__":
    main()
