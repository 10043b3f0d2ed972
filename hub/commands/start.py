"""How every subcommand is run, and the options that they share."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Protocol

import typer

from hub.child import NotReady
from hub.errors import HubError
from hub.findings import Findings
from hub.store.unusable import StoreUnusable

SiteOption = Annotated[
    Path, typer.Option("--site", envvar="HUB_SITE", help="Folder with connectors/agencies, schemas and mappings.")
]
DataOption = Annotated[Path, typer.Option("--data", envvar="HUB_DATA", help="Folder with the hub's store and ledger.")]
StoreOption = Annotated[str, typer.Option("--store", envvar="HUB_STORE", help="sqlite, or postgresql://...")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]

SITE = Path()
DATA = Path("data")
STORE = "sqlite"


class CommandModule(Protocol):
    """A module of ``hub.commands``."""

    def register(self, app: typer.Typer) -> None:
        """Add the module's command, or commands, to ``app``."""


class Usage(Exception):
    """What was asked for makes no sense (exit status 2)."""


def run(name: str, module: CommandModule, arguments: Sequence[str]) -> int:
    """Run one subcommand; its exit status. Errors that have a text for the user are printed without a stack."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    module.register(app)
    try:
        app(args=list(arguments), prog_name=f"hub {name}", standalone_mode=True)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 1
    except Findings as error:
        print("\n".join(map(str, error.findings)), file=sys.stderr)
        return 1
    except HubError as error:
        print(describe(error), file=sys.stderr)
        return 1
    except (StoreUnusable, NotReady) as error:
        print(f"hub {name}: {error}", file=sys.stderr)
        return 1
    except Usage as error:
        print(f"hub {name}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def describe(error: HubError) -> str:
    """An error as a person reads it: code, text, and each problem with its place."""
    lines = [f"{error.code.name}: {error.text}"]
    for problem in error.problems:
        place = " ".join(part for part in (problem.path, f"line {problem.line}" if problem.line else None) if part)
        lines.append(f"  {place + ': ' if place else ''}{problem.text}{f' [{problem.rule}]' if problem.rule else ''}")
    return "\n".join(lines)
