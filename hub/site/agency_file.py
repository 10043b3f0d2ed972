"""``agency.yaml``: its keys, and the ``Agency`` that a correct file makes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hub.definition import Anything, Flag, ListOf, MapOf, Number, Reading, Record, Scalar, Values
from hub.findings import Findings, nearest
from hub.marked import load
from hub.message import Classification
from hub.site.agency import (
    Agency,
    Batch,
    Breaker,
    DocumentDefinition,
    FileIntake,
    Rate,
    RestIntake,
    Retry,
    SoapIntake,
    Way,
)
from hub.site.mailbox_file import mailbox_of
from hub.site.window_file import WINDOW, window_of

_LABELS = tuple(label.name for label in Classification)
_SECONDS = Number("seconds", 0, 31_536_000)

_DOCUMENT = Record(
    {
        "format": Scalar("how the bytes are read", ("xml", "json", "delimited", "fixed-width")),
        "schema": Scalar("XSD, JSON Schema or layout file below schemas/agencies/<agency>/"),
        "batch": Scalar("one bad record refuses the whole document (all) or only itself (each)", ("all", "each")),
    },
    ("format", "schema"),
)
_REPLY = Record(
    {
        "root": Scalar("response element"),
        "fields": MapOf(Scalar("$receipt.id, $receipt.acceptedAt, ..."), "path in the answer: what it holds"),
    },
    ("root",),
)
_ACCEPTS = Record(
    {
        "max-bytes": Number("largest document it may send; default the deployment's", 1, 67_108_864, whole=True),
        "rest": Record(
            {"credential": Scalar("name of the secret"), "types": ListOf(Scalar("message type"))},
            ("credential", "types"),
            "it posts to /rest/<agency>/<type>",
        ),
        "soap": Record(
            {
                "wsdl": Scalar("the contract that GET /soap/<agency>?wsdl shows"),
                "user": Scalar("UsernameToken name"),
                "credential": Scalar("name of the secret"),
                "operations": MapOf(Scalar("message type"), "body element: message type"),
                "replies": MapOf(_REPLY, "body element: what is answered"),
            },
            ("wsdl", "user", "credential", "operations", "replies"),
            "it posts to /soap/<agency>",
        ),
        "file": Record(
            {
                "folder": Scalar("watched folder, below the deployment's file area"),
                "ready": Scalar("how a file shows that it is whole", ("rename", "done-marker", "stable")),
                "types": MapOf(Scalar("message type"), "file name pattern: message type"),
                "charset": Scalar("declared encoding of the files"),
                "stable-s": _SECONDS,
            },
            ("folder", "ready", "types"),
            "it drops files",
        ),
    },
    note="how it reaches us; left out where it only receives",
)
_DELIVERS = Record(
    {
        "transport": Scalar("the connector", ("rest", "soap", "file", "mailbox", "memory")),
        "endpoint": Scalar("URL or folder (a mailbox has none); the deployment's environment file may replace it"),
        "timeout-s": Number("limit of one attempt in seconds", 0.1, 600),
        "concurrency": Number("parcels under way at once", 1, 1000, whole=True),
        "retry": Record(
            {
                "first-s": Number("first wait", 0.01, 86_400),
                "longest-s": Number("longest wait", 0.01, 86_400),
                "give-up-after-s": _SECONDS,
                "attempts": Number("most attempts", 1, 1_000_000, whole=True),
            },
            note="when a failed delivery is tried again, and when no more",
        ),
        "breaker": Record(
            {"failures": Number("failures in a row", 1, 10_000, whole=True), "open-s": Number("pause", 0.01, 86_400)},
            note="after so many failures nothing is tried for a while",
        ),
        "rate": Record(
            {
                "parcels": Number("most parcels in that time, over all processes", 1, 1_000_000, whole=True),
                "per": Scalar("the time", ("second", "minute")),
            },
            ("parcels", "per"),
            "no more parcels than that, evenly spaced",
        ),
        "window": WINDOW,
        "batch": Record(
            {"most": Number("deliveries a parcel", 1, 10_000, whole=True), "wait-s": _SECONDS},
            note="several deliveries in one parcel",
        ),
        "lane": Scalar("whether a dead letter blocks its lane or leaves a gap", ("block", "gap")),
        "options": Anything("the connector's own keys"),
    },
    ("transport",),
    "how we reach it; left out for an agency that only sends",
)
AGENCY_FILE = Record(
    {
        "agency": Scalar("the folder's name"),
        "name": MapOf(Scalar("the agency's name in that language")),
        "ceiling": Scalar("highest label it may receive", _LABELS),
        "unlabelled": Scalar("label of its messages that carry none", _LABELS),
        "namespaces": MapOf(Scalar("XML namespace"), "prefix: namespace"),
        "documents": MapOf(_DOCUMENT, "message type: its document at this agency"),
        "accepts": _ACCEPTS,
        "delivers": _DELIVERS,
        "test": Flag("an agency of a test site"),
    },
    ("agency", "name", "ceiling", "documents"),
)


def load_agency(folder: Path, name: str) -> Agency:
    """Read ``agency.yaml`` of one agency folder; ``name`` is the folder's path inside the site.

    Raises ``Findings`` with every mistake of the file.
    """
    file_name = f"{name}/agency.yaml"
    reading = Reading(file_name)
    node = load(folder / "agency.yaml", file_name)
    values = AGENCY_FILE.read(node, 1, reading)
    if values is None or reading.findings:
        raise Findings(reading.findings)
    if values["agency"] != folder.name:
        text = f"the file calls itself {str(values['agency'])!r} but lies in the folder {folder.name!r}"
        reading.wrong("bad-value", values.lines["agency"], text)
    agency = _agency(values, file_name, reading)
    if reading.findings:
        raise Findings(reading.findings)
    return agency


def _agency(values: Values, file_name: str, reading: Reading) -> Agency:
    namespaces = values.get("namespaces", {})
    accepts = values.get("accepts", {})
    documents = values["documents"]
    agency = Agency(
        name=str(values["agency"]),
        titles=values["name"],
        ceiling=Classification[values["ceiling"]],
        unlabelled=Classification[values.get("unlabelled", "TOP_SECRET")],
        namespaces=namespaces,
        documents={str(type): _document(type, item, "file" in accepts) for type, item in documents.items()},
        rest=_rest(accepts["rest"]) if "rest" in accepts else None,
        soap=_soap(accepts["soap"], namespaces, reading) if "soap" in accepts else None,
        file=_file(accepts["file"]) if "file" in accepts else None,
        way=_way(values["delivers"], reading) if "delivers" in values else None,
        file_name=file_name,
        max_bytes=accepts.get("max-bytes"),
    )
    if agency.way is not None and not agency.way.endpoint and agency.way.mailbox is None:
        reading.wrong("missing-key", agency.way.line, "the key 'endpoint' is missing")
    for type, line in _accepted_types(accepts):
        if type not in documents:
            text = f"the message type {type!r} has no document here"
            reading.wrong("unknown-type", line, text, nearest(type, documents))
    return agency


def _accepted_types(accepts: Any) -> list[tuple[str, int]]:
    rest = [(type, type.line) for type in accepts["rest"]["types"]] if "rest" in accepts else []
    soap = [(type, type.line) for type in accepts["soap"]["operations"].values()] if "soap" in accepts else []
    file = [(type, type.line) for type in accepts["file"]["types"].values()] if "file" in accepts else []
    return rest + soap + file


def _document(type: str, values: Values, by_file: bool) -> DocumentDefinition:
    batch = values.get("batch", "each" if by_file else "all")
    return DocumentDefinition(str(type), values["format"], str(values["schema"]), batch, values.line)


def _rest(values: Values) -> RestIntake:
    return RestIntake(str(values["credential"]), tuple(map(str, values["types"])))


def clark(name: str, namespaces: Any, line: int, reading: Reading) -> str:
    """``pp:Name`` as ``{namespace}Name``; an unprefixed name has no namespace."""
    prefix, colon, local = name.partition(":")
    if not colon:
        return str(name)
    if prefix not in namespaces:
        reading.wrong("unknown-prefix", line, f"the prefix {prefix!r} is not declared", nearest(prefix, namespaces))
        return str(local)
    return f"{{{namespaces[prefix]}}}{local}"


def _soap(values: Values, namespaces: Any, reading: Reading) -> SoapIntake:
    line = values.line
    operations = {clark(name, namespaces, line, reading): str(type) for name, type in values["operations"].items()}
    replies = {}
    for name, reply in values["replies"].items():
        fields = tuple(
            (clark(key, namespaces, reply.line, reading), str(source))
            for key, source in reply.get("fields", {}).items()
        )
        replies[clark(name, namespaces, line, reading)] = (
            clark(reply["root"], namespaces, reply.line, reading),
            fields,
        )
    for name in operations.keys() - replies.keys():
        reading.wrong("missing-key", line, f"the operation {name} has no reply")
    return SoapIntake(str(values["wsdl"]), operations, replies, str(values["user"]), str(values["credential"]))


def _file(values: Values) -> FileIntake:
    charset = str(values["charset"]) if "charset" in values else None
    types = tuple((str(pattern), str(type)) for pattern, type in values["types"].items())
    return FileIntake(str(values["folder"]), types, values["ready"], values.get("stable-s", 5.0), charset)


def _way(values: Values, reading: Reading) -> Way:
    retry, breaker, batch = (values.get(key, {}) for key in ("retry", "breaker", "batch"))
    return Way(
        transport=str(values["transport"]),
        endpoint=str(values.get("endpoint", "")),
        options=values.get("options", {}),
        timeout_s=values.get("timeout-s", 10.0),
        concurrency=values.get("concurrency", 8),
        retry=Retry(**{key.replace("-", "_"): value for key, value in retry.items()}),
        breaker=Breaker(**{key.replace("-", "_"): value for key, value in breaker.items()}),
        batch=Batch(**{key.replace("-", "_"): value for key, value in batch.items()}),
        lane=values.get("lane", "block"),
        line=values.line,
        rate=_rate(values["rate"]) if "rate" in values else None,
        window=window_of(values["window"], reading) if "window" in values else None,
        mailbox=mailbox_of(values, reading) if values["transport"] == "mailbox" else None,
    )


def _rate(values: Values) -> Rate | None:
    if "parcels" not in values or "per" not in values:
        return None
    return Rate(int(values["parcels"]), 1.0 if values["per"] == "second" else 60.0)
