"""``hub diff``: what another site would do differently with messages that were accepted, or with given files."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from hub.commands.show import print_json, table
from hub.commands.start import DATA, SITE, STORE, DataOption, JsonOption, SiteOption, StoreOption, Usage
from hub.comparing.documents import Document, given, stored
from hub.comparing.files import documents_of
from hub.comparing.run import run
from hub.comparing.summary import Group, Key, Seen, Summary
from hub.findings import Findings
from hub.site.site import Site
from hub.store.query import Queries, open_queries
from hub.wiring.checking import load_checked_site


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(diff)


def diff(
    other: Annotated[Path, typer.Argument(metavar="OTHER_SITE", help="Folder of the site to compare with --site.")],
    more: Annotated[list[str] | None, typer.Argument(metavar="[FILE]...", help="More files, after --files.")] = None,
    files: Annotated[list[str] | None, typer.Option(help="Files in place of stored messages; ** is known.")] = None,
    sent_by: Annotated[str | None, typer.Option("--from", help="With --files: the agency that sends them.")] = None,
    sent_as: Annotated[str | None, typer.Option("--as", help="With --files: their message type.")] = None,
    agency: Annotated[str | None, typer.Option(help="Only stored messages from this agency.")] = None,
    type: Annotated[str | None, typer.Option(help="Only stored messages of this type.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the latest so many stored messages.")] = None,
    examples: Annotated[int, typer.Option(min=0, max=100, help="Messages named for each kind of difference.")] = 1,
    values: Annotated[bool, typer.Option("--values", help="Show what stands in the messages: personal data.")] = False,
    site: SiteOption = SITE,
    data: DataOption = DATA,
    store: StoreOption = STORE,
    as_json: JsonOption = False,
) -> None:
    """Run messages through two sites, and print what OTHER_SITE would do differently. Nothing is sent or stored.

    Without --files: the documents in the store of DATA as they came, in the order of their acceptance, also while a hub
    runs on it. Per sender and type it says which messages would be refused, read, routed, withheld or written
    otherwise, field by field. Paths, counts and message ids are shown; what the messages say only with --values.
    The transport's label is told from the stored one; credentials, duplicates and batches are not compared.
    Of files in mappings/AGENCY/examples/CASE/ agency and type are known. Exit status: 0 no difference, 1 differences,
    2 wrong usage or a site that cannot run.

    Examples: hub diff ../proposed-site --limit 10000; hub diff new --files 'mappings/*/examples/*/input.*' --values
    """
    if more and not files:
        raise Usage("files are given with --files")
    if not files and (sent_by or sent_as):
        raise Usage("--from and --as say what --files are; stored messages know it themselves")
    if files and (agency or type or limit):
        raise Usage("--agency, --type and --limit choose among stored messages; --files are all compared")
    today, proposed = _runnable(site), _runnable(other)
    summary = Summary(examples)
    if files:
        _compare_files(today, proposed, [*files, *(more or ())], sent_by, sent_as, summary)
    else:
        asyncio.run(_compare_stored(today, proposed, store, data, (agency, type, limit), summary))
    if as_json:
        print_json({"site": today.digest, "other": proposed.digest, **summary.as_json(values=values)})
    else:
        _print(summary, values=values)
    raise typer.Exit(1 if summary.different else 0)


def _runnable(folder: Path) -> Site:
    try:
        return load_checked_site(folder)
    except Findings as error:
        found = "\n".join(f"  {finding}" for finding in error.findings if finding.severity == "error")
        raise Usage(f"the site {folder} cannot run, so nothing was compared:\n{found}") from None


def _compare_files(
    today: Site, other: Site, patterns: Sequence[str], agency: str | None, type: str | None, summary: Summary
) -> None:
    try:
        found = documents_of(patterns, agency, type, time.time())
        with _progress(None) as advance:
            asyncio.run(run(today, other, given(found), summary, advance))
    except Findings as error:
        raise Usage("; ".join(f"{each.file}: {each.text}" for each in error.findings)) from None


async def _compare_stored(
    today: Site,
    other: Site,
    store: str,
    data: Path,
    chosen: tuple[str | None, str | None, int | None],
    summary: Summary,
) -> None:
    queries: Queries = await open_queries(store, data)
    try:
        agency, type, _ = chosen
        span = await queries.span(*chosen)
        documents: AsyncIterator[Document] = stored(queries, span.first, span.last, agency, type)
        with _progress(span.count) as advance:
            await run(today, other, documents, summary, advance)
    finally:
        await queries.close()


@contextmanager
def _progress(total: int | None) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal, on standard error; nothing anywhere else."""
    console = Console(stderr=True)
    columns = (TextColumn("comparing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=total)

        def advance(messages: int) -> None:
            progress.advance(task, messages)

        yield advance


def _print(summary: Summary, *, values: bool) -> None:
    for (sender, type), group in sorted(summary.groups.items()):
        same = group.messages - group.different
        typer.echo(f"{sender} {type}: {group.messages} messages, {same} the same, {group.different} different")
        if group.kinds:
            _print_kinds(group, values=values)
        if group.unlisted:
            typer.echo(f"  and {group.unlisted} differences of further kinds")
        typer.echo("")
    typer.echo(f"{summary.messages} messages compared, {summary.different} would be treated differently")


def _print_kinds(group: Group, *, values: bool) -> None:
    """A line for each kind of difference, the commonest of its sort first, and below it the messages that show it."""
    kinds = sorted(group.kinds.items(), key=lambda item: (item[0][:2], -item[1].messages, item[0]))
    rows = [
        (f"  {kind}", recipient or "-", str(counted.messages), change, path or "-")
        for (kind, recipient, path, change), counted in kinds
    ]
    head, *lines = table(("  what", "to", "messages", "change", "field"), rows).splitlines()
    typer.echo(head)
    for line, (key, counted) in zip(lines, kinds, strict=True):
        typer.echo(line)
        for seen in counted.examples:
            typer.echo(f"      {_example(key, seen, values=values)}")


def _example(key: Key, seen: Seen, *, values: bool) -> str:
    place = f" at {seen.at}" if seen.at and seen.at != key[2] else ""
    said = f": {seen.before!r} -> {seen.after!r}" if values and (seen.before, seen.after) != (None, None) else ""
    return f"{seen.message}{place}{said}"
