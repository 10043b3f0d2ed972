"""The watched folder on a real disk: what is read, where it ends, and what a crash or an overload leaves behind."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

import pytest

from connectors.drop import DropFolder
from connectors.folder import FolderListener
from hub.errors import HubError, Problem
from hub.message import Answer, Receipt, Received, Refusal
from hub.observe import Observer
from hub.site.agency import FileIntake
from tests.unit.connectors.agencies import TRACE
from tests.unit.connectors.partners import Ears

Ready = Literal["rename", "done-marker", "stable"]


def receipt(number: int = 1) -> Receipt:
    return Receipt(f"id-{number}", "status", "12/34", "given", "ab" * 32, "2024-05-01T08:00:00Z", number - 1)


class Desk:
    """A hub's accept step that remembers; ``answers`` decides."""

    def __init__(self, answers: Callable[[Received], Answer] = lambda received: Answer((receipt(),))) -> None:
        self.taken: list[Received] = []
        self.refused: list[str] = []
        self.answers = answers
        self.ears = Ears()

    async def accept(self, received: Received) -> Answer:
        if received.problem is not None:
            self.refused.append(received.problem.code.name)
            raise received.problem
        self.taken.append(received)
        return self.answers(received)


def watch(folder: Path, desk: Desk, until: Callable[[], bool], ready: Ready = "rename", **options: Any) -> None:
    """Run a listener until the condition holds."""
    intake = FileIntake("to-hub", (("*.csv", "status"), ("*.xml", "report")), ready, 0.3, "windows-1256")

    async def play() -> None:
        observer: Observer = desk.ears
        listener = FolderListener("north", intake, folder, desk.accept, observer, poll_s=0.01, **options)
        running = asyncio.create_task(listener.run())
        try:
            async with asyncio.timeout(5):
                while not until():  # noqa: ASYNC110 (a folder has no event)
                    await asyncio.sleep(0.01)
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running

    asyncio.run(play())


def drop(folder: Path, name: str, content: bytes = b"a;b\r\n") -> Path:
    """Put a file there as a careful partner does: under another name, then renamed."""
    folder.mkdir(exist_ok=True)
    aside = folder / f".{name}.part"
    aside.write_bytes(content)
    aside.rename(folder / name)
    return folder / name


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.is_file()} if folder.is_dir() else set()


def test_an_accepted_file_ends_in_accepted_with_its_receipts(tmp_path: Path) -> None:
    """Bytes, type by name, folder credential, charset and file name reach the hub; the report lists the receipts."""
    desk = Desk()
    drop(tmp_path, "day.csv", "قضية".encode("windows-1256"))
    watch(tmp_path, desk, lambda: names(tmp_path / "accepted") >= {"day.csv", "day.csv.receipt.json"})
    (received,) = desk.taken
    assert (received.agency, received.type, received.transport) == ("north", "status", "file")
    assert received.body == "قضية".encode("windows-1256")
    assert received.credential is not None
    assert (received.credential.kind, received.credential.name) == ("folder", "to-hub")
    assert (received.charset, received.reference) == ("windows-1256", "day.csv")
    report = json.loads((tmp_path / "accepted" / "day.csv.receipt.json").read_bytes())
    assert report == {"file": "day.csv", "receipts": [receipt().as_json()], "refusals": []}
    assert names(tmp_path) == names(tmp_path / "work") - {".lock"} == set()


def test_a_refused_file_ends_in_rejected_with_the_error(tmp_path: Path) -> None:
    """The report reads as the problem document of REST does."""
    error = HubError("schema-violation", problems=[Problem("no such code", "row 2, column Status", 3, "codes")])

    def refuse(received: Received) -> Answer:
        raise error

    drop(tmp_path, "day.csv")
    watch(tmp_path, Desk(refuse), lambda: "day.csv" in names(tmp_path / "rejected"))
    report = json.loads((tmp_path / "rejected" / "day.csv.rejected.json").read_bytes())
    assert report == {"file": "day.csv", **error.as_json()}


def test_a_file_taken_in_part_is_accepted_and_lists_what_was_refused(tmp_path: Path) -> None:
    """Each record has its receipt or its refusal."""
    refusal = Refusal(1, HubError("unmapped-code"))
    drop(tmp_path, "day.csv")
    desk = Desk(lambda received: Answer((receipt(),), (refusal,)))
    watch(tmp_path, desk, lambda: "day.csv" in names(tmp_path / "accepted"))
    report = json.loads((tmp_path / "accepted" / "day.csv.receipt.json").read_bytes())
    assert report["refusals"] == [refusal.as_json()]


def test_a_file_of_which_nothing_was_taken_is_rejected(tmp_path: Path) -> None:
    """The first refusal speaks for the file; all are listed."""
    drop(tmp_path, "day.csv")
    desk = Desk(lambda received: Answer((), (Refusal(0, HubError("unmapped-code")),)))
    watch(tmp_path, desk, lambda: "day.csv" in names(tmp_path / "rejected"))
    report = json.loads((tmp_path / "rejected" / "day.csv.rejected.json").read_bytes())
    assert (report["code"], len(report["refusals"])) == ("unmapped-code", 1)


@pytest.mark.parametrize("name", ["note.txt", "empty.csv", "large.csv"])
def test_what_cannot_be_a_message_is_rejected(tmp_path: Path, name: str) -> None:
    """An undeclared name, nothing at all, or too much: the hub is told why, so that it can record it."""
    content = {"note.txt": b"x", "empty.csv": b"", "large.csv": b"x" * 2000}[name]
    code = {"note.txt": "unknown-type", "empty.csv": "malformed", "large.csv": "too-large"}[name]
    desk = Desk()
    drop(tmp_path, name, content)
    watch(tmp_path, desk, lambda: name in names(tmp_path / "rejected"), max_bytes=1000)
    assert (desk.taken, desk.refused) == ([], [code])


def test_unfinished_hidden_and_foreign_things_are_left_alone(tmp_path: Path) -> None:
    """Names in the making, folders and links are no messages."""
    for name in ("a.csv.part", "b.csv.tmp", ".c.csv"):
        (tmp_path / name).write_bytes(b"half")
    (tmp_path / "d.csv").mkdir()
    (tmp_path / "e.csv").symlink_to("/etc/hostname")
    drop(tmp_path, "z.csv")
    desk = Desk()
    watch(tmp_path, desk, lambda: "z.csv" in names(tmp_path / "accepted"))
    assert [received.reference for received in desk.taken] == ["z.csv"]
    assert {"a.csv.part", "b.csv.tmp", ".c.csv"} <= names(tmp_path)


def test_a_done_marker_says_that_the_file_is_whole(tmp_path: Path) -> None:
    """Without its marker a file waits; the marker goes with it."""
    (tmp_path / "day.csv").write_bytes(b"half")
    drop(tmp_path, "other.csv")
    (tmp_path / "other.csv.done").touch()
    desk = Desk()
    watch(tmp_path, desk, lambda: "other.csv" in names(tmp_path / "accepted"), "done-marker")
    assert names(tmp_path) == {"day.csv"}
    assert [received.reference for received in desk.taken] == ["other.csv"]
    (tmp_path / "day.csv").write_bytes(b"whole")
    (tmp_path / "day.csv.done").touch()
    watch(tmp_path, desk, lambda: "day.csv" in names(tmp_path / "accepted"), "done-marker")
    assert desk.taken[1].body == b"whole"
    assert names(tmp_path) == set()


def test_a_file_that_still_grows_is_not_stable(tmp_path: Path) -> None:
    """Its size has to stay the same for the declared time; best effort."""
    now = [0.0]
    drop(tmp_path, "day.csv", b"1")
    folder = DropFolder(tmp_path, "stable", 5.0, clock=lambda: now[0])
    assert folder.open()
    assert folder.waiting() == []
    now[0] = 4.9
    (tmp_path / "day.csv").write_bytes(b"12")
    assert folder.waiting() == []
    now[0] = 9.8
    assert folder.waiting() == []
    now[0] = 10.0
    assert [each.name for each in folder.waiting()] == ["day.csv"]
    folder.close()


def test_what_stands_beside_the_file_travels(tmp_path: Path) -> None:
    """Id, sequence, label, trace and test mark come from .meta.json, which ends beside its file."""
    meta = {"id": "given-1", "sequence": "12/34;7", "classification": "SECRET", "trace": TRACE, "test": True}
    tmp_path.joinpath("day.csv.meta.json").write_text(json.dumps(meta))
    drop(tmp_path, "day.csv")
    desk = Desk()
    watch(tmp_path, desk, lambda: "day.csv.meta.json" in names(tmp_path / "accepted"))
    (received,) = desk.taken
    assert (received.message_id, received.case_sequence, received.classification) == ("given-1", "12/34;7", "SECRET")
    assert (received.trace, received.test) == (TRACE, True)


@pytest.mark.parametrize("meta", ["no json", "[]", '{"id": 7}'])
def test_an_unreadable_meta_rejects_the_file(tmp_path: Path, meta: str) -> None:
    """A label that cannot be read must not count as absent."""
    (tmp_path / "day.csv.meta.json").write_text(meta)
    drop(tmp_path, "day.csv")
    desk = Desk()
    watch(tmp_path, desk, lambda: "day.csv" in names(tmp_path / "rejected"))
    assert desk.refused == ["bad-header"]


def test_an_overload_leaves_the_file_and_tries_later(tmp_path: Path) -> None:
    """P8: nothing is rejected, the order is kept, and everything is taken once there is room."""
    busy = [True]

    def answer(received: Received) -> Answer:
        if busy[0]:
            raise HubError("busy", retry_after_s=0.01)
        return Answer((receipt(),))

    first = drop(tmp_path, "1.csv")
    drop(tmp_path, "2.csv")
    os.utime(first, (1, 1))
    desk = Desk(answer)
    watch(tmp_path, desk, lambda: len(desk.taken) > 3)
    assert {received.reference for received in desk.taken} == {"1.csv"}
    assert names(tmp_path) == {"1.csv", "2.csv"}
    busy[0] = False
    watch(tmp_path, desk, lambda: names(tmp_path / "accepted") >= {"1.csv", "2.csv"})
    assert [received.reference for received in desk.taken][-2:] == ["1.csv", "2.csv"]


def test_an_overload_never_replaces_a_newer_file_of_the_same_name(tmp_path: Path) -> None:
    """The older waits in work/, and both arrive."""
    newer = [True]

    def answer(received: Received) -> Answer:
        if newer[0]:
            newer[0] = False
            drop(tmp_path, "day.csv", b"newer")
            raise HubError("busy", retry_after_s=0.01)
        return Answer((receipt(),))

    drop(tmp_path, "day.csv", b"older")
    desk = Desk(answer)
    watch(tmp_path, desk, lambda: len(names(tmp_path / "accepted")) == 4)
    assert [received.body for received in desk.taken] == [b"older", b"older", b"newer"]


def test_the_same_name_again_replaces_nothing(tmp_path: Path) -> None:
    """Every file of that name is kept, each with its report."""
    desk = Desk()
    for number in range(3):
        drop(tmp_path, "day.csv", b"%d" % number)
        watch(tmp_path, desk, lambda number=number: len(names(tmp_path / "accepted")) == 2 * number + 2)  # type: ignore[misc]
    kept = {path.read_bytes() for path in (tmp_path / "accepted").glob("*.csv")}
    assert kept == {b"0", b"1", b"2"}


@pytest.mark.parametrize("ready", ["rename", "done-marker"])
def test_what_a_crash_left_in_work_is_given_to_the_hub_again(tmp_path: Path, ready: Ready) -> None:
    """Killed between the commit and the move, or half-way through a claim: the file is taken up, once."""
    folder = DropFolder(tmp_path, ready, 0.3)
    drop(tmp_path, "day.csv")
    if ready == "done-marker":
        (tmp_path / "day.csv.done").touch()
    assert folder.open()
    assert folder.claim("day.csv")
    folder.close()
    drop(tmp_path, "cut.csv")
    if ready == "done-marker":
        (tmp_path / "work" / "cut.csv.done").touch()  # its claim was cut off after the marker
    else:
        (tmp_path / "work" / "cut.csv.meta.json").write_text("{}")
    desk = Desk()
    watch(tmp_path, desk, lambda: names(tmp_path / "accepted") >= {"day.csv", "cut.csv"}, ready)
    assert sorted(received.reference or "" for received in desk.taken) == ["cut.csv", "day.csv"]
    assert names(tmp_path / "work") == {".lock"}


def test_one_process_at_a_time_holds_a_folder(tmp_path: Path) -> None:
    """Two would lose the order of the files; the second gets the folder when the first lets go."""
    first, second = DropFolder(tmp_path, "rename", 0.0), DropFolder(tmp_path, "rename", 0.0)
    assert first.open()
    assert not second.open()
    first.close()
    assert second.open()
    second.close()


def test_a_file_on_which_the_hub_fails_holds_up_no_other(tmp_path: Path) -> None:
    """It stays, is told to the observer, and is tried again."""
    broken = [True]

    def answer(received: Received) -> Answer:
        if received.reference == "1.csv" and broken[0]:
            raise RuntimeError("bug")
        return Answer((receipt(),))

    os.utime(drop(tmp_path, "1.csv"), (1, 1))
    drop(tmp_path, "2.csv")
    desk = Desk(answer)
    watch(tmp_path, desk, lambda: "2.csv" in names(tmp_path / "accepted"))
    assert names(tmp_path) == {"1.csv"}
    assert desk.ears.faults
    broken[0] = False
    watch(tmp_path, desk, lambda: "1.csv" in names(tmp_path / "accepted"))


def test_what_is_no_file_stays_where_it_is_and_is_told_once(tmp_path: Path) -> None:
    """Links, pipes and folders are never opened; each is counted, and others go on."""
    desk, inbox = Desk(), tmp_path / "to-hub"
    inbox.mkdir()
    (tmp_path / "secret.csv").write_bytes(b"secret")
    (inbox / "link.csv").symlink_to(tmp_path / "secret.csv")
    (inbox / "nowhere.csv").symlink_to(tmp_path / "nowhere")
    (inbox / "folder.csv").mkdir()
    os.mkfifo(inbox / "pipe.csv")
    (inbox / "good.csv").write_bytes(b"a;b")
    watch(inbox, desk, lambda: (inbox / "accepted" / "good.csv").exists() and len(desk.ears.refusals) >= 4)
    assert [received.body for received in desk.taken] == [b"a;b"]
    assert desk.ears.refusals == [("north", "unknown", "file", "unsupported-media")] * 4
    assert {path.name for path in inbox.iterdir()} >= {"link.csv", "nowhere.csv", "folder.csv", "pipe.csv"}
    assert desk.ears.faults == []


@pytest.mark.parametrize("name", ["new\nline.csv", "قضية\u202e.csv", "%s{0}$x.csv", "l" * 240 + ".csv"])
def test_a_strange_name_is_a_name(tmp_path: Path, name: str) -> None:
    """Whatever the file system allows; a name without room for the report's ending is shortened."""
    desk, inbox = Desk(), tmp_path / "to-hub"
    inbox.mkdir()
    (inbox / name).write_bytes(b"a;b")
    watch(inbox, desk, lambda: len(list((inbox / "accepted").glob("*.receipt.json"))) == 1)
    assert desk.taken[0].reference == name
    assert not (inbox / name).exists()


@pytest.mark.parametrize(
    ("meta", "trace"),
    [
        ({"trace": TRACE}, TRACE),
        ({"trace": "not a trace"}, None),
    ],
)  # fmt: skip
def test_only_a_real_trace_travels_on(tmp_path: Path, meta: dict[str, str], trace: str | None) -> None:
    """It becomes a header of calls to other agencies."""
    desk, inbox = Desk(), tmp_path / "to-hub"
    inbox.mkdir()
    (inbox / "a.csv.meta.json").write_text(json.dumps(meta))
    (inbox / "a.csv").write_bytes(b"a;b")
    watch(inbox, desk, lambda: bool(desk.taken))
    assert desk.taken[0].trace == trace


@pytest.mark.parametrize("meta", [{"trace": "00\r\nEvil: 1"}, {"id": "a\r\nb"}, {"id": "x" * 4097}, {"sequence": "\0"}])
def test_a_companion_that_no_header_could_carry_rejects_its_file(tmp_path: Path, meta: dict[str, str]) -> None:
    """Too long, or with control characters."""
    desk, inbox = Desk(), tmp_path / "to-hub"
    inbox.mkdir()
    (inbox / "a.csv.meta.json").write_text(json.dumps(meta))
    (inbox / "a.csv").write_bytes(b"a;b")
    watch(inbox, desk, lambda: (inbox / "rejected" / "a.csv").exists())
    assert desk.refused == ["bad-header"]
