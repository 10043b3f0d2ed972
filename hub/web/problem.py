"""One ``HubError`` in the two forms that a caller understands: ``application/problem+json`` and a SOAP Fault."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import Any

import orjson
from starlette.responses import Response

from hub.errors import Fault, HubError
from hub.formats.envelope import HUB_ERROR, MEDIA_TYPES, NAMESPACES, WSSE, SoapVersion, escape

PROBLEM_TYPE = "application/problem+json"
_OVERLOAD = frozenset({413, 429, 503})


def problem_response(error: HubError) -> Response:
    """RFC 9457, with ``Retry-After`` where the error says when to come again."""
    body = orjson.dumps(error.as_json())
    return Response(body, error.code.status, _headers(error), media_type=PROBLEM_TYPE)


def refusal_response(error: HubError, path: str, content_type: str) -> Response:
    """The answer to a request that nothing has looked at yet: a Fault where it was a SOAP call, by its path."""
    if not path.startswith("/soap/"):
        return problem_response(error)
    return fault_response(error, "1.2" if content_type.startswith(MEDIA_TYPES["1.2"]) else "1.1")


def fault_response(error: HubError, version: SoapVersion, header: str = "") -> Response:
    """A Fault whose detail holds the problem document's members; ``header`` is ready XML for the SOAP header.

    HTTP status: 413, 429 and 503 as they are, so that generic clients slow down; else 500 in SOAP 1.1 (6.2), and 400 or
    500 by whose fault it is in SOAP 1.2 (part 2, table 20); never 401, which asks for an HTTP challenge.
    """
    sender = error.code.fault is Fault.SENDER
    status = error.code.status
    if status not in _OVERLOAD:
        status = 400 if sender and version == "1.2" else 500
    body = envelope(version, header, _fault(error, version, "Sender" if sender else "Receiver"))
    return Response(body, status, _headers(error), media_type=MEDIA_TYPES[version] + "; charset=utf-8")


def envelope(version: SoapVersion, header: str, body: str) -> bytes:
    """Ready XML for header and body in an envelope with the prefix ``soap``."""
    head = f"<soap:Header>{header}</soap:Header>" if header else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<soap:Envelope xmlns:soap="{NAMESPACES[version]}">'
        f"{head}<soap:Body>{body}</soap:Body></soap:Envelope>"
    ).encode()


def detail(error: HubError) -> str:
    """The problem document's members as elements; ``problem`` repeats."""
    members = error.as_json()
    problems = members.pop("problems", [])
    inner = _elements(members) + "".join(f"<err:problem>{_elements(problem)}</err:problem>" for problem in problems)
    return f'<err:error xmlns:err="{HUB_ERROR}">{inner}</err:error>'


def _fault(error: HubError, version: SoapVersion, side: str) -> str:
    text = escape(error.text)
    unproven = error.code.name == "unauthenticated"
    if version == "1.1":
        code = f"<faultcode>soap:{'Client' if side == 'Sender' else 'Server'}</faultcode>"
        if unproven:
            code = f'<faultcode xmlns:wsse="{WSSE}">wsse:FailedAuthentication</faultcode>'
        return f"<soap:Fault>{code}<faultstring>{text}</faultstring><detail>{detail(error)}</detail></soap:Fault>"
    subcode = ""
    if unproven:
        value = f'<soap:Value xmlns:wsse="{WSSE}">wsse:FailedAuthentication</soap:Value>'
        subcode = f"<soap:Subcode>{value}</soap:Subcode>"
    return (
        f"<soap:Fault><soap:Code><soap:Value>soap:{side}</soap:Value>{subcode}</soap:Code>"
        f'<soap:Reason><soap:Text xml:lang="en">{text}</soap:Text></soap:Reason>'
        f"<soap:Detail>{detail(error)}</soap:Detail></soap:Fault>"
    )


def _elements(members: Mapping[str, Any]) -> str:
    return "".join(f"<err:{name}>{escape(_shown(value))}</err:{name}>" for name, value in members.items())


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _headers(error: HubError) -> dict[str, str]:
    if error.retry_after_s is not None:
        return {"Retry-After": str(max(1, ceil(error.retry_after_s)))}
    return {"Retry-After": "1"} if error.code.status in (429, 503) else {}
