"""Acts on many deliveries: what is chosen is shown and confirmed, then done lane by lane, not faster than allowed."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

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
from hub.commands.hands import hand
from hub.commands.reading import ask
from hub.commands.show import print_json
from hub.commands.start import DATA, SITE, STORE, DataOption, JsonOption, SiteOption, StoreOption, Usage
from hub.message import Json, State
from hub.repair.repairing import reasons, summed
from hub.store.choice import Choice
from hub.store.views import ChosenView, CountView

AT_ONCE = 100
ReasonOption = Annotated[str, typer.Option("--reason", "--why", help="Why; stands in the ledger with your name.")]


@dataclass(frozen=True, slots=True)
class Kind:
    """One act: its name, the states that it takes by default and from a whole lane, and what is said of the done."""

    name: str
    states: tuple[State, ...]
    of_lane: tuple[State, ...]
    said: str


def command_of(kind: Kind) -> Callable[..., None]:
    """The command of one act."""

    def command(
        ids: Annotated[list[str] | None, typer.Argument(help="Ids of deliveries (or choose by the options).")] = None,
        reason: ReasonOption = "",
        state: StatesOption = None,
        agency: AgencyOption = None,
        type: TypeOption = None,
        code: CodeOption = None,
        error: ErrorOption = None,
        case: CaseOption = None,
        lane: LaneOption = None,
        older: OlderOption = None,
        younger: YoungerOption = None,
        every: Annotated[bool, typer.Option("--all", help="All, where nothing else is chosen by.")] = False,
        limit: Annotated[int | None, typer.Option(min=1, help="At most so many, oldest first.")] = None,
        dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be done.")] = False,
        yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
        per_second: Annotated[float, typer.Option(min=0, help="At most so many a second; 0: no limit.")] = 100.0,
        site: SiteOption = SITE,
        data: DataOption = DATA,
        store: StoreOption = STORE,
        as_json: JsonOption = False,
    ) -> None:
        states = state or (kind.of_lane if lane else kind.states)
        choice = choice_of(states, agency, type, code, error, case, lane, older, younger)
        if bool(ids) == (every or not choice.is_everything):
            raise Usage("give ids, or choose by --agency, --code, --lane ... or --all")
        plan = _Plan(kind, store, data, site, reason, per_second, as_json)
        told = plan.few(ids, dry_run) if ids else plan.many(choice, limit, dry_run, yes)
        raise typer.Exit(1 if told["left"] else 0)

    return command


@dataclass(frozen=True, slots=True)
class _Plan:
    """One call of the command."""

    kind: Kind
    store: str
    data: Path
    site: Path
    why: str
    per_second: float
    as_json: bool

    def few(self, ids: Sequence[str], dry: bool) -> Json:
        """Deliveries that somebody named: nothing is asked."""
        if dry and self.kind.name != "reprocess":
            raise Usage("--dry-run is for deliveries that are chosen by the options")
        told = self._do([list(ids)], dry)
        self._tell(told, dry)
        return told

    def many(self, choice: Choice, limit: int | None, dry: bool, yes: bool) -> Json:
        """What is chosen is counted by agency and age before anything is done."""
        counts = ask(self.store, self.data, lambda queries: queries.counts(choice))
        chosen = ask(self.store, self.data, lambda queries: queries.chosen(choice, limit))
        if dry:
            told = self._do(list(_chunks(chosen, AT_ONCE)), dry=True) if self.kind.name == "reprocess" else _nothing()
            self._tell({**told, "chosen": len(chosen), "counts": [_plain(each) for each in counts]}, dry, counts)
            return _nothing()
        if not chosen:
            self._tell(_nothing(), dry)
            return _nothing()
        if not yes:
            self._confirm(counts, len(chosen))
        size = AT_ONCE if not self.per_second else max(1, min(AT_ONCE, int(self.per_second)))
        told = self._do(list(_chunks(chosen, size)), dry=False)
        self._tell(told, dry)
        return told

    def _confirm(self, counts: Sequence[CountView], chosen: int) -> None:
        typer.echo(count_table(counts), err=True)
        if not sys.stdin.isatty():
            raise Usage(f"{chosen} deliveries are chosen: add --yes to {self.kind.name} them, --dry-run to see more")
        if not typer.confirm(f"{self.kind.name} {chosen} deliveries?", err=True):
            raise typer.Exit(1)

    def _do(self, chunks: Sequence[Sequence[str]], dry: bool) -> Json:
        answers: list[Json] = []
        total, began = sum(map(len, chunks)), time.monotonic()
        asked = {"dry": True} if dry else {}
        done = 0
        try:
            with hand(self.store, self.data, self.site, self.why or ("dry run" if dry else "")) as act, \
                    _progress(self.kind.name, total) as advance:  # fmt: skip
                for chunk in chunks:
                    answers.append(act(f"/{self.kind.name}", {"ids": list(chunk), **asked}))
                    done += len(chunk)
                    advance(len(chunk))
                    if self.per_second and not dry and done < total:
                        time.sleep(max(0.0, began + done / self.per_second - time.monotonic()))
        except KeyboardInterrupt:
            typer.echo(f"stopped after {done} of {total}; the same command goes on with the rest", err=True)
            raise
        return summed(answers)

    def _tell(self, told: Json, dry: bool, counts: Sequence[CountView] = ()) -> None:
        if self.as_json:
            print_json(told)
            return
        if counts:
            typer.echo(count_table(counts))
        if dry and (told["done"] or told["left"]):
            typer.echo(f"{len(told['done'])} would be {self.kind.said}")
        elif not dry:
            typer.echo(f"{len(told['done'])} {self.kind.said}")
        if len(told["left"]) > AT_ONCE:
            for why, count in reasons(told).most_common():
                typer.echo(f"{count} left as they are: {why}", err=True)
            return
        for id, why in told["left"].items():
            text = told.get("refused", {}).get(id, "")
            typer.echo(f"{id} left as it is: {why}{f': {text}' if text else ''}", err=True)


def _nothing() -> Json:
    return {"done": {}, "left": {}}


def _plain(count: CountView) -> Json:
    return asdict(count)


def _chunks(chosen: Sequence[ChosenView], size: int) -> Iterator[list[str]]:
    """Ids, lane by lane and each lane whole, so that no part of a lane overtakes another."""
    lanes: dict[tuple[str, int], list[ChosenView]] = {}
    for each in chosen:
        lanes.setdefault((each.agency, each.case_key), []).append(each)
    chunk: list[str] = []
    for lane in lanes.values():
        chunk += [each.id for each in sorted(lane, key=lambda one: one.number)]
        if len(chunk) >= size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


@contextmanager
def _progress(name: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal, on standard error; nothing anywhere else."""
    console = Console(stderr=True)
    columns = (TextColumn(name), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=total)

        def advance(more: int) -> None:
            progress.advance(task, more)

        yield advance
