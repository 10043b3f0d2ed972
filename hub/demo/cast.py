"""Who plays in the demo: ``connectors/agencies/<agency>/simulator.yaml`` of every agency, read and checked.

``secrets`` are the demo's keys; ``answers`` what the agency's simulated server says, by path (REST) or body element
(SOAP); ``plays`` what the agency does during the day: send a document, or be away for some seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hub.definition import ListOf, MapOf, Number, Reading, Record, Scalar, Values
from hub.findings import Finding, Findings
from hub.marked import load
from hub.site.agency import Agency

_ANSWER = Record(
    {
        "status": Number("HTTP status", 100, 599, whole=True),
        "body": Scalar("body; for SOAP the body's element. @COUNT@ is the number of requests so far"),
        "media-type": Scalar("media type of the body (REST)"),
    },
    ("body",),
)
_PLAY = Record(
    {
        "at-s": Number("seconds after the start", 0, 600),
        "after": Scalar("path or body element: begin when this agency's server has first been sent it"),
        "wait-s": Number("seconds to wait after that", 0, 600),
        "clock": Scalar("time of day that is shown"),
        "say": Scalar("what happens, in a few words"),
        "type": Scalar("message type of the document that is sent"),
        "file": Scalar("the document, below the site's folder"),
        "name": Scalar("the name under which it is dropped (file)"),
        "replace": MapOf(Scalar(), "text in the document: what stands there instead; @N@ counts repetitions from 01"),
        "headers": MapOf(Scalar(), "HTTP headers that go along (REST)"),
        "key": Scalar("API key to use in place of the right one"),
        "expect": Scalar("accepted, duplicate, or the code of the refusal; default: accepted"),
        "repeat": Number("how many times", 1, 1000, whole=True),
        "every-s": Number("seconds between repetitions", 0, 60),
        "away-s": Number("the agency's server is down for so many seconds", 0.1, 600),
        "back": Scalar("time of day at which it is back"),
        "shown": Scalar("yes: this message is shown side by side at the end", ("yes",)),
    },
    ("say", "clock"),
)
SIMULATOR_FILE = Record(
    {
        "agency": Scalar("the folder's name"),
        "secrets": MapOf(Scalar(), "name of the secret: value"),
        "wants": Scalar("a text that every request to its server must hold (the key that the hub was given)"),
        "answers": MapOf(_ANSWER, "path or body element: answer"),
        "plays": ListOf(_PLAY),
    },
    ("agency",),
)


@dataclass(frozen=True, slots=True)
class AnswerPart:
    """What the simulated server answers to one path or body element."""

    status: int
    body: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Play:
    """One thing that an agency does. ``document`` is None where it is only away for ``away_s``."""

    agency: str
    at_s: float
    after: str | None
    clock: str
    say: str
    type: str
    document: Path | None
    name: str
    replace: Mapping[str, str]
    headers: Mapping[str, str]
    key: str | None
    expect: str
    repeat: int
    every_s: float
    away_s: float
    back: str
    shown: bool

    def bytes_of(self, number: int) -> bytes:
        """The document of the repetition with this number (from 1), with what is replaced in it."""
        if self.document is None:
            return b""
        content = self.document.read_bytes()
        for old, new in self.replace.items():
            content = content.replace(old.encode(), new.replace("@N@", f"{number:02d}").encode())
        return content


@dataclass(frozen=True, slots=True)
class Role:
    """One agency's part in the demo."""

    agency: Agency
    secrets: Mapping[str, str]
    wants: str
    answers: Mapping[str, AnswerPart]
    plays: tuple[Play, ...]


def load_cast(site: Path, agencies: Mapping[str, Agency]) -> dict[str, Role]:
    """The role of every agency; one without a simulator file only gets a silent server. Raises ``Findings``."""
    return {name: _role(site, agency) for name, agency in agencies.items()}


def _role(site: Path, agency: Agency) -> Role:
    name = f"connectors/agencies/{agency.name}/simulator.yaml"
    path = site / name
    if not path.exists():
        return Role(agency, {}, "", {}, ())
    reading = Reading(name)
    values = SIMULATOR_FILE.read(load(path, reading.file), 1, reading)
    if values is None or reading.findings:
        raise Findings(reading.findings)
    answers = {
        str(key): AnswerPart(int(part.get("status", 200)), str(part["body"]), str(part.get("media-type", "")))
        for key, part in values.get("answers", {}).items()
    }
    plays = tuple(_play(agency.name, site, part, reading.file) for part in values.get("plays", ()))
    return Role(agency, dict(values.get("secrets", {})), str(values.get("wants", "")), answers, plays)


def _play(agency: str, site: Path, part: Values, file: str) -> Play:
    document = site / str(part["file"]) if "file" in part else None
    if document is not None and not document.is_file():
        raise Findings([Finding("file-missing", file, part.line, f"there is no file {part['file']!r}")])
    return Play(
        agency=agency,
        at_s=float(part.get("at-s", 0)) if "after" not in part else float(part.get("wait-s", 0)),
        after=str(part["after"]) if "after" in part else None,
        clock=str(part["clock"]),
        say=str(part["say"]),
        type=str(part.get("type", "")),
        document=document,
        name=str(part.get("name", document.name if document else "")),
        replace=dict(part.get("replace", {})),
        headers=dict(part.get("headers", {})),
        key=str(part["key"]) if "key" in part else None,
        expect=str(part.get("expect", "accepted")),
        repeat=int(part.get("repeat", 1)),
        every_s=float(part.get("every-s", 0)),
        away_s=float(part.get("away-s", 0)),
        back=str(part.get("back", part["clock"])),
        shown="shown" in part,
    )
