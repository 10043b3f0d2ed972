"""What REST and SOAP intake both read off an HTTP request."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.types import Scope

from hub.errors import HubError

_LONGEST_HEADER = 1024


def headers_of(scope: Scope) -> Mapping[bytes, bytes]:
    """The request's headers by lower-case name."""
    return dict(scope["headers"])


def header(headers: Mapping[bytes, bytes], name: bytes) -> str | None:
    """One header's text, or None where it is absent or empty; raises ``HubError`` bad-header for an absurd length."""
    value = headers.get(name)
    if not value:
        return None
    if len(value) > _LONGEST_HEADER:
        raise HubError("bad-header", f"the header {name.decode()} is too long")
    return value.decode("latin-1").strip() or None


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


def is_test(text: str | None) -> bool:
    """``Hub-Test: true``; raises ``HubError`` bad-header for anything but true and false, so that no test goes live."""
    if text is None or text == "false":
        return False
    if text == "true":
        return True
    raise HubError("bad-header", "Hub-Test is true or false")
