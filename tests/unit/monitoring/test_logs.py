"""What the log says, what it never says, and when it is written."""

import json
import logging
import os
from collections.abc import Callable, Iterator

import pytest

from hub.errors import HubError
from hub.message import State
from monitoring.lines import Lines
from monitoring.logs import MOST_ALIKE, WINDOW_S, Journal, StandardLibrary, open_log


class Sink:
    """The reading end of a pipe."""

    def __init__(self) -> None:
        self.reader, self.writer = os.pipe()
        os.set_blocking(self.reader, False)

    def lines(self) -> list[dict[str, object]]:
        try:
            return [json.loads(line) for line in os.read(self.reader, 1 << 20).splitlines()]
        except BlockingIOError:
            return []


@pytest.fixture
def sink() -> Iterator[Sink]:
    pipe = Sink()
    yield pipe
    os.close(pipe.reader)
    os.close(pipe.writer)


def test_a_line_is_one_json_object_with_time_level_and_ids(sink: Sink) -> None:
    """Whoever searches the log finds the message by its id."""
    Journal(open_log(Lines(sink.writer))).received("court", "decision", "soap", "m1", False)
    (line,) = sink.lines()
    assert line["event"] == "accepted"
    assert line["message"] == "m1"
    assert line["level"] == "info"
    assert str(line["time"]).endswith("+00:00")


def test_a_burst_is_written_together(sink: Sink) -> None:
    """Lines wait for the moment that the loop gives them."""
    later: list[Callable[[], None]] = []
    journal = Journal(open_log(Lines(sink.writer, later=lambda _seconds, call: later.append(call))))
    for number in range(3):
        journal.entered("court", "decision", f"d{number}", State.DELIVERED, "")
    assert sink.lines() == []
    assert len(later) == 1
    later[0]()
    assert [line["delivery"] for line in sink.lines()] == ["d0", "d1", "d2"]


def test_a_warning_does_not_wait(sink: Sink) -> None:
    """A dead letter is written at once, after what came before it."""
    journal = Journal(open_log(Lines(sink.writer, later=lambda _seconds, _call: None)))
    journal.entered("court", "decision", "d1", State.DELIVERED, "")
    journal.entered("court", "decision", "d2", State.DEAD, "gave-up")
    assert [(line["event"], line["level"]) for line in sink.lines()] == [("delivered", "info"), ("dead", "warning")]


def test_a_full_gathering_is_written(sink: Sink) -> None:
    """Memory stays bounded even where the loop is too busy to flush."""
    log = open_log(Lines(sink.writer, later=lambda _seconds, _call: None, most=2))
    log.info("one")
    log.info("two")
    assert len(sink.lines()) == 2


def test_a_fault_shows_where_but_not_the_errors_text(sink: Sink) -> None:
    """The text of a foreign error may hold a payload."""
    try:
        int("secret payload")
    except ValueError as error:
        Journal(open_log(Lines(sink.writer))).faulted("sweep", error)
    (line,) = sink.lines()
    assert line["error"] == "ValueError"
    assert "test_a_fault_shows_where" in str(line["stack"])
    assert "secret" not in json.dumps(line)


def test_a_hub_errors_text_is_shown(sink: Sink) -> None:
    """Its text is safe by its own promise (``hub.errors``)."""
    Journal(open_log(Lines(sink.writer))).faulted("accept", HubError("busy"))
    (line,) = sink.lines()
    assert str(line["error"]).startswith("HubError busy")


def test_library_warnings_come_as_json_without_their_values(sink: Sink) -> None:
    """A library's arguments may hold a payload; its template does not."""
    logger = logging.getLogger("test_library_warnings")
    logger.addHandler(StandardLibrary(open_log(Lines(sink.writer))))
    logger.propagate = False
    logger.warning("bad answer %r", "secret payload")
    (line,) = sink.lines()
    assert line["template"] == "bad answer %r"
    assert "secret" not in json.dumps(line)


def test_a_reader_that_went_away_does_not_stop_the_hub() -> None:
    """Writing to a closed pipe ends quietly."""
    reader, writer = os.pipe()
    os.close(reader)
    open_log(Lines(writer)).info("into the void")
    os.close(writer)


def test_a_full_disk_does_not_stop_the_hub() -> None:
    """The line is lost; what calls the log must go on, and it may be the loop that claims deliveries."""
    full = os.open("/dev/full", os.O_WRONLY)
    open_log(Lines(full)).warning("no room for this")
    os.close(full)


def test_a_line_after_one_that_was_cut_off_begins_anew(sink: Sink) -> None:
    """The disk was full in the middle of a line."""
    os.set_blocking(sink.writer, False)
    log = open_log(Lines(sink.writer))
    log.warning("x" * (1 << 20))
    assert not os.read(sink.reader, 1 << 20).endswith(b"\n")
    log.warning("there is room again")
    (torn, line) = os.read(sink.reader, 1 << 20).split(b"\n", 1)
    assert torn == b""
    assert json.loads(line)["event"] == "there is room again"


def test_a_flood_of_refusals_is_written_in_part(sink: Sink) -> None:
    """Of many alike the first are written; the next window says how many were left out; others are not held back."""
    now = [100.0]
    journal = Journal(open_log(Lines(sink.writer)), clock=lambda: now[0])
    for _ in range(1000):
        journal.refused("court", "decision", "rest", "unauthenticated")
    journal.refused("court", "decision", "rest", "malformed")
    assert len(sink.lines()) == MOST_ALIKE + 1
    now[0] += WINDOW_S
    journal.refused("court", "decision", "rest", "unauthenticated")
    (line,) = sink.lines()
    assert line["left_out"] == 1000 - MOST_ALIKE
