"""Every way a message can fail: one error, one closed table of codes, one text that is safe to show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Fault(StrEnum):
    """Whose mistake it is, and so who has to act."""

    SENDER = "sender"
    RECEIVER = "receiver"
    HUB = "hub"


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of error: its stable name, whose fault it is, whether trying again can help, its HTTP status."""

    name: str
    fault: Fault
    retry: bool
    status: int
    title: str


def _codes(fault: Fault, *rows: tuple[str, bool, int, str]) -> dict[str, Code]:
    return {name: Code(name, fault, retry, status, title) for name, retry, status, title in rows}


CODES: dict[str, Code] = {
    **_codes(
        Fault.SENDER,
        ("unknown-agency", False, 404, "No such agency"),
        ("unknown-type", False, 404, "This agency does not exchange this message type"),
        ("not-found", False, 404, "Nothing is stored under this id"),
        ("wrong-method", False, 405, "This method is not accepted here"),
        ("unauthenticated", False, 401, "The sender is not identified"),
        ("not-granted", False, 403, "No grant allows this"),
        ("malformed", False, 400, "The document cannot be read"),
        ("doctype-refused", False, 400, "Document type declarations are not accepted"),
        ("wrong-encoding", False, 400, "The bytes are not in the declared encoding"),
        ("forbidden-character", False, 400, "The document contains a character that is not accepted"),
        ("too-deep", False, 400, "The document is nested too deeply"),
        ("too-large", False, 413, "The document is larger than accepted"),
        ("incomplete", True, 408, "The document did not arrive whole in time"),
        ("unsupported-media", False, 415, "This media type is not accepted here"),
        ("schema-violation", False, 422, "The document breaks the agency's schema"),
        ("unmapped-code", False, 422, "A code is not in the agreed code table"),
        ("unreadable-value", False, 422, "A value cannot be read"),
        ("unseen-content", False, 422, "The document has content that the mapping does not cover"),
        ("dangling-reference", False, 422, "A reference points to nothing"),
        ("canonical-violation", False, 422, "The message breaks a rule of its type"),
        ("missing-subject", False, 422, "The message does not say which case or report it concerns"),
        ("bad-header", False, 400, "A header cannot be read"),
        ("conflict", False, 409, "This identity was used before with other content"),
        ("not-awaited", False, 409, "No acknowledgement of this message is awaited"),
    ),
    **_codes(
        Fault.RECEIVER,
        ("partner-refused", False, 502, "The partner refused the message"),
        ("partner-failed", True, 502, "The partner failed"),
        ("partner-throttled", True, 502, "The partner asks to slow down"),
        ("partner-unreachable", True, 504, "The partner cannot be reached"),
        ("partner-timeout", True, 504, "The partner did not answer in time"),
        ("partner-garbled", True, 502, "The partner's answer cannot be understood"),
        ("not-acknowledged", False, 504, "The partner has not acknowledged the message"),
        ("gave-up", False, 504, "Retries ended without success"),
    ),
    **_codes(
        Fault.HUB,
        ("busy", True, 503, "The hub cannot take more at the moment"),
        ("store-full", True, 503, "The hub's store is full"),
        ("stopping", True, 503, "The hub is shutting down"),
        ("unwritable-value", False, 500, "A value cannot be expressed in the receiver's format"),
        ("not-encodable", False, 500, "A character does not exist in the receiver's encoding"),
        ("output-invalid", False, 500, "The translated document breaks the receiver's schema"),
        ("above-ceiling", False, 500, "The label is above the highest that the receiver may have"),
        ("rule-changed", False, 500, "A field that may have been sent is no longer granted"),
        ("not-deliverable", False, 500, "The receiver's connector or mapping is missing"),
        ("poison", False, 500, "The message ended several workers"),
        ("lease-lost", True, 500, "Another worker took over"),
        ("internal", True, 500, "The hub failed"),
    ),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, in the terms of whoever has to mend it.

    ``path`` is the place in that party's own document (XPath-like for XML, JSON Pointer for JSON, ``row 3, column
    Status`` for tables); ``line`` counts from 1 in the bytes they sent; ``rule`` is the schema's or mapping's rule that
    was broken. ``record`` counts the messages of one document from 0; None concerns the whole document.
    """

    text: str
    path: str | None = None
    line: int | None = None
    rule: str | None = None
    code: str | None = None
    record: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The members that have a value, ready for a problem document."""
        return {key: value for key, value in asdict(self).items() if value is not None}


class HubError(Exception):
    """A failure with a code from ``CODES``.

    ``text`` and every problem may reach another agency: they hold no payload beyond the offending token, no secret and
    no path of the host. ``retry_after_s`` is given where the code says that trying again can help.
    """

    def __init__(
        self,
        code: str,
        text: str = "",
        problems: Sequence[Problem] = (),
        *,
        retry_after_s: float | None = None,
    ) -> None:
        self.code = CODES[code]
        self.text = text or self.code.title
        self.problems = tuple(problems)
        self.retry_after_s = retry_after_s
        super().__init__(f"{code}: {self.text}")

    def __reduce__(self) -> tuple[Any, ...]:
        """An error also comes back from a process that translates."""
        return _again, (self.code.name, self.text, self.problems, self.retry_after_s)

    def as_json(self) -> dict[str, Any]:
        """RFC 9457 members: the same object in a problem response, a SOAP Fault detail and a reject report."""
        body: dict[str, Any] = {
            "type": f"urn:hub:error:{self.code.name}",
            "title": self.code.title,
            "status": self.code.status,
            "detail": self.text,
            "code": self.code.name,
            "fault": self.code.fault.value,
            "retry": self.code.retry,
        }
        if self.problems:
            body["problems"] = [problem.as_json() for problem in self.problems]
        if self.retry_after_s is not None:
            body["retryAfterSeconds"] = self.retry_after_s
        return body


def too_large(most: int) -> HubError:
    """The same words over every transport; ``most`` is the agency's limit in bytes."""
    return HubError("too-large", f"The document is larger than the {most} bytes that are accepted")


def _again(code: str, text: str, problems: tuple[Problem, ...], retry_after_s: float | None) -> HubError:
    return HubError(code, text, problems, retry_after_s=retry_after_s)
