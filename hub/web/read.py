"""What REST and SOAP intake both read off an HTTP request."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.types import Scope

from hub.errors import HubError
from hub.message import Credential

_LONGEST_HEADER = 4096


def headers_of(scope: Scope) -> Mapping[bytes, str]:
    """The request's header texts by lower-case name, empty ones left out.

    Raises ``HubError`` bad-header where one is longer than anything that this hub reads.
    """
    headers = {name: value.decode("latin-1") for name, value in scope["headers"] if value}
    if len(max(headers.values(), key=len, default="")) > _LONGEST_HEADER:
        raise HubError("bad-header", "a header is too long")
    return headers


def api_key(headers: Mapping[bytes, str]) -> Credential | None:
    """The key in ``X-Api-Key``, or None."""
    key = headers.get(b"x-api-key")
    return Credential("api-key", secret=key) if key is not None else None


def media_type(content_type: str | None) -> tuple[str, str | None]:
    """``type/subtype`` in lower case and the charset parameter of a Content-Type."""
    if content_type is None:
        return "", None
    name, semicolon, parameters = content_type.partition(";")
    charset = None
    if semicolon:
        for parameter in parameters.split(";"):
            key, _, value = parameter.partition("=")
            if key.strip().lower() == "charset":
                charset = value.strip().strip('"') or None
    return name.strip().lower(), charset


def check_uncoded(headers: Mapping[bytes, str]) -> None:
    """Raises ``HubError`` unsupported-media for a compressed body: what it grows to cannot be told beforehand."""
    coding = headers.get(b"content-encoding")
    if coding is not None and coding.strip().lower() != "identity":
        raise HubError("unsupported-media", "Content-Encoding is not accepted: send the body as it is")


def is_test(text: str | None) -> bool:
    """``Hub-Test: true``; raises ``HubError`` bad-header for anything but true and false, so that no test goes live."""
    if text is None or text == "false":
        return False
    if text == "true":
        return True
    raise HubError("bad-header", "Hub-Test is true or false")
