"""The SOAP connector's keys in ``agency.yaml``, checked against the partner's WSDL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from connectors.options import check_types, check_url, read_options
from connectors.wsdl import ContractUnusable, Operation, read_port
from hub.definition import Flag, ListOf, MapOf, Reading, Record, Scalar, Values
from hub.findings import Finding, nearest
from hub.site.agency import Agency, Way

KEYS = Record(
    {
        "wsdl": Scalar("the partner's contract below schemas/agencies/<agency>/"),
        "operations": MapOf(Scalar("WSDL operation"), "message type: operation"),
        "port": Scalar("WSDL port; default the first SOAP port"),
        "security": Record(
            {
                "user": Scalar("UsernameToken name"),
                "credential": Scalar("name of the secret"),
                "kind": Scalar("how the password goes", ("text", "digest")),
            },
            ("user", "credential", "kind"),
            "how the hub proves itself (WS-Security)",
        ),
        "addressing": Flag("send WS-Addressing headers; default true"),
        "success": Record(
            {"at": Scalar("path inside the response element"), "is": ListOf(Scalar("value that means taken"))},
            ("at", "is"),
            "which answers mean taken",
        ),
        "partner-log-id": Scalar("path to the partner's own number inside the response element"),
    },
    ("wsdl", "operations"),
)


_MOST_SHOWN = 12


@dataclass(frozen=True, slots=True)
class SoapOptions:
    """``at`` and ``log_id`` are Clark names from below the response element downwards."""

    operations: Mapping[str, Operation]
    user: str
    credential: str | None
    digest: bool
    addressing: bool
    at: tuple[str, ...] | None
    taken: frozenset[str]
    log_id: tuple[str, ...] | None


def check_options(agency: Agency, way: Way, contracts: Path) -> list[Finding]:
    """Every mistake in this agency's options and in the WSDL that they name."""
    reading = Reading(agency.file_name)
    read_soap_options(agency, way, contracts, reading)
    return reading.findings


def input_elements(agency: Agency, way: Way, contracts: Path) -> dict[str, str]:
    """Message type to the element (Clark name) that its operation takes, to be compared with what a mapping writes."""
    options = read_soap_options(agency, way, contracts, Reading(agency.file_name))
    return {type: operation.input_element for type, operation in options.operations.items()}


def read_soap_options(agency: Agency, way: Way, contracts: Path | None, reading: Reading) -> SoapOptions:
    """The options that can be used; every mistake is noted in ``reading``."""
    values = read_options(KEYS, way, reading)
    check_url(way, reading)
    check_types(values, "operations", agency, reading)
    security, success = values.get("security", {}), values.get("success", {})
    operations = _operations(values, contracts, reading)
    at = _path(success.get("at"), agency, values.line, reading)
    log_id = _path(values.get("partner-log-id"), agency, values.line, reading)
    for name, path in (("success.at", at), ("partner-log-id", log_id)):
        if path is not None:
            _check_answers(name, path, operations, agency, values.line, reading)
    return SoapOptions(
        operations=operations,
        user=str(security.get("user", "")),
        credential=security.get("credential"),
        digest=security.get("kind") == "digest",
        addressing=values.get("addressing", True),
        at=at,
        taken=frozenset(map(str, success.get("is", ()))),
        log_id=log_id,
    )


def _operations(values: Values, contracts: Path | None, reading: Reading) -> dict[str, Operation]:
    if "wsdl" not in values or contracts is None:
        return {}
    try:
        port = read_port(contracts / values["wsdl"], contracts, values.get("port"))
    except ContractUnusable as error:
        reading.wrong("bad-wsdl", values.lines["wsdl"], f"{values['wsdl']}: {error}")
        return {}
    known = port.operations
    for name in values.get("operations", {}).values():
        if name in port.unusable:
            text = f"{values['wsdl']}: the operation {name} cannot be called: {port.unusable[name]}"
            reading.wrong("bad-wsdl", name.line, text)
        elif name not in known:
            text = f"{values['wsdl']} has no operation {str(name)!r} (it has: {', '.join(known)})"
            reading.wrong("unknown-operation", name.line, text, nearest(name, known))
    return {str(type): known[name] for type, name in values.get("operations", {}).items() if name in known}


def _check_answers(
    name: str, path: tuple[str, ...], operations: Mapping[str, Operation], agency: Agency, line: int, reading: Reading
) -> None:
    """A place that no answer has would make every delivery look unknown, and be sent again and again."""
    prefixes = {uri: prefix for prefix, uri in agency.namespaces.items()}
    for operation in operations.values():
        if operation.answers is None or path in operation.answers:
            continue
        shown = [_shown(each, prefixes) for each in operation.answers]
        text = f"{name}: {_shown(path, prefixes)} is no element with a text in the answer of {operation.name}"
        reading.wrong("unknown-path", line, text, f"it has {', '.join(shown[:_MOST_SHOWN]) or 'none'}")
        return


def _shown(path: tuple[str, ...], prefixes: Mapping[str, str]) -> str:
    """A path as agency.yaml writes it; a namespace without a prefix is shown whole."""
    steps = []
    for step in path:
        uri, brace, local = step.removeprefix("{").rpartition("}")
        steps.append(f"{prefixes[uri]}:{local}" if uri in prefixes else step if brace else local)
    return "/".join(steps)


def _path(text: str | None, agency: Agency, line: int, reading: Reading) -> tuple[str, ...] | None:
    if text is None:
        return None
    steps = []
    for step in text.split("/"):
        prefix, colon, local = step.rpartition(":")
        if colon and prefix not in agency.namespaces:
            text = f"the prefix {prefix!r} is not declared"
            reading.wrong("unknown-prefix", line, text, nearest(prefix, agency.namespaces))
            continue
        steps.append(f"{{{agency.namespaces[prefix]}}}{local}" if colon else local)
    return tuple(steps)
