"""REST out: one JSON (or other) POST a parcel, the message id as ``Idempotency-Key``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from yarl import URL

from connectors import travel
from connectors.base import Features, Partner
from connectors.options import check_types, check_url, read_options
from connectors.post import PostAnswer, Poster
from connectors.verdict import by_status, lacking
from hub.definition import Flag, ListOf, MapOf, Number, Reading, Record, Scalar
from hub.findings import Finding, Findings
from hub.message import Outbound, Outcome, Result
from hub.site.agency import Agency, Way

KEYS = Record(
    {
        "paths": MapOf(Scalar("path appended to the endpoint"), "message type: path; default /{type}"),
        "credential": Scalar("name of the secret that proves the hub"),
        "header": Scalar("header that carries the credential; default X-Api-Key"),
        "bearer": Flag("carry it as Authorization: Bearer"),
        "success": Record(
            {
                "status": ListOf(Number("HTTP status", 200, 599, whole=True), "default 200, 201, 202, 204"),
                "at": Scalar("JSON Pointer into the answer"),
                "is": ListOf(Scalar("value that means taken")),
            },
            note="which answers mean taken",
        ),
        "partner-log-id": Scalar("JSON Pointer to the partner's own number"),
    }
)
_SUCCESS = (200, 201, 202, 204)
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class RestOptions:
    """``at`` and ``log_id`` are JSON Pointers split into their steps (RFC 6901)."""

    paths: Mapping[str, str]
    credential: str | None
    header: str
    prefix: str
    success: frozenset[int]
    at: tuple[str, ...] | None
    taken: frozenset[str]
    log_id: tuple[str, ...] | None


def check_options(agency: Agency, way: Way, contracts: Path) -> list[Finding]:
    """Every mistake in this agency's options."""
    reading = Reading(agency.file_name)
    _read(agency, way, reading)
    return reading.findings


def _read(agency: Agency, way: Way, reading: Reading) -> RestOptions:
    values = read_options(KEYS, way, reading)
    success = values.get("success", {})
    check_url(way, reading)
    check_types(values, "paths", agency, reading)
    for path in values.get("paths", {}).values():
        if not path.startswith("/"):
            reading.wrong("bad-value", values.lines["paths"], f"the path {str(path)!r} must begin with /")
    if "credential" not in values and ("header" in values or "bearer" in values):
        reading.wrong("missing-key", values.line, "a header for the credential, but no credential")
    if ("at" in success) != ("is" in success):
        reading.wrong("missing-key", values.lines["success"], "'at' and 'is' are given together or not at all")
    bearer = values.get("bearer", False)
    return RestOptions(
        paths={str(type): str(path) for type, path in values.get("paths", {}).items()},
        credential=values.get("credential"),
        header="Authorization" if bearer else str(values.get("header", "X-Api-Key")),
        prefix="Bearer " if bearer else "",
        success=frozenset(success.get("status", _SUCCESS)),
        at=_pointer(success.get("at"), values.line, reading),
        taken=frozenset(map(str, success.get("is", ()))),
        log_id=_pointer(values.get("partner-log-id"), values.line, reading),
    )


def _pointer(text: str | None, line: int, reading: Reading) -> tuple[str, ...] | None:
    if text is None:
        return None
    if not text.startswith("/"):
        reading.wrong("bad-value", line, f"{str(text)!r} is not a JSON Pointer (it must begin with /)")
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in text.split("/")[1:])


class RestConnector:
    """See ``connectors.base.Connector``; raises ``Findings`` where the options cannot be used.

    While the deployment gives no secret, attempts fail and say so: one agency's gap stops no other's messages.
    """

    features = Features(batches=True)

    def __init__(self, partner: Partner) -> None:
        reading = Reading(partner.agency.file_name)
        self._options = _read(partner.agency, partner.way, reading)
        if reading.findings:
            raise Findings(reading.findings)
        credential = self._options.credential
        self._lacking = lacking(partner, credential)
        self._endpoint = partner.endpoint.rstrip("/")
        self._urls: dict[str, URL] = {}
        secret = partner.secrets.get(credential) if credential else None
        self._fixed = {self._options.header: self._options.prefix + secret} if secret else {}
        self._poster = Poster(secure=partner.endpoint.startswith("https"))

    async def open(self) -> None:
        await self._poster.open()

    async def close(self) -> None:
        await self._poster.close()

    async def send(self, outbound: Outbound, timeout_s: float) -> Outcome:
        if self._lacking is not None:
            return self._lacking
        url = self._urls.get(outbound.type) or self._url(outbound.type)
        answer = await self._poster.post(url, outbound.body, self._headers(outbound), timeout_s)
        return answer if isinstance(answer, Outcome) else judge(answer, self._options)

    def _url(self, type: str) -> URL:
        url = URL(self._endpoint + self._options.paths.get(type, f"/{type}"))
        self._urls[type] = url
        return url

    def _headers(self, outbound: Outbound) -> dict[str, str]:
        headers = {
            "Content-Type": outbound.media_type,
            "Idempotency-Key": outbound.id,
            "Hub-Sequence": travel.sequence(outbound),
            "Hub-Classification": outbound.classification.name,
            **self._fixed,
        }
        trace = travel.trace(outbound)
        if trace is not None:
            headers["traceparent"] = trace
        if travel.is_test(outbound):
            headers["Hub-Test"] = "true"
        return headers


def judge(answer: PostAnswer, options: RestOptions) -> Outcome:
    """The outcome of a whole answer by the agency's success rule."""
    if answer.status not in options.success:
        return by_status(answer.status, answer.retry_after_s)
    if options.at is None and options.log_id is None:
        return Outcome(Result.DELIVERED)
    try:
        document = orjson.loads(answer.body or b"")
    except orjson.JSONDecodeError:
        document = _ABSENT
    if options.at is not None:
        value = _at(document, options.at)
        if value is _ABSENT or isinstance(value, (dict, list)):
            text = "the answer does not say whether the message was taken"
            return Outcome(Result.UNKNOWN, "partner-garbled", text)
        if _shown(value) not in options.taken:
            return Outcome(Result.REFUSED, "partner-refused", "the answer says that the message was not taken")
    number = _at(document, options.log_id) if options.log_id is not None else _ABSENT
    known = isinstance(number, (str, int)) and not isinstance(number, bool)
    return Outcome(Result.DELIVERED, partner_log_id=str(number)[:200] if known else None)


def _at(document: Any, steps: tuple[str, ...]) -> Any:
    for step in steps:
        if isinstance(document, dict):
            document = document.get(step, _ABSENT)
        elif isinstance(document, list) and step.isascii() and step.isdigit() and int(step) < len(document):
            document = document[int(step)]
        else:
            return _ABSENT
    return document


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
