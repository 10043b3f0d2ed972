"""What a partner's SOAP answer says about the parcel."""

from __future__ import annotations

from connectors.post import PostAnswer
from connectors.soap_options import SoapOptions
from connectors.verdict import by_status
from connectors.wsdl import Operation
from hub.errors import HubError
from hub.formats.envelope import NAMESPACES, Item, SoapEnvelope, read_envelope
from hub.message import Outcome, Result

_CREDENTIAL_FAULTS = frozenset(
    {"FailedAuthentication", "InvalidSecurity", "InvalidSecurityToken", "SecurityTokenUnavailable", "MessageExpired"}
)
_RECEIVER_FAULTS = frozenset({"Server", "Receiver"})


def judge(answer: PostAnswer, operation: Operation, options: SoapOptions) -> Outcome:
    """The outcome of a whole HTTP answer: a Fault first, then the HTTP status, then the agency's success rule."""
    envelope = _read_answer(answer)
    if envelope is not None and envelope.body_name == f"{{{NAMESPACES[envelope.version]}}}Fault":
        return _by_fault(envelope, answer)
    if not 200 <= answer.status < 300:
        return by_status(answer.status, answer.retry_after_s)
    if envelope is None or envelope.body_name != (operation.output_element or ""):
        if operation.output_element is None and not answer.body:
            return Outcome(Result.DELIVERED)
        return Outcome(Result.UNKNOWN, "partner-garbled", "the answer is not the SOAP response of this operation")
    if options.at is not None:
        value = _text(envelope.content, (envelope.body_name, *options.at))
        if not value:
            return Outcome(Result.UNKNOWN, "partner-garbled", "the answer does not say whether the message was taken")
        if value not in options.taken:
            return Outcome(Result.REFUSED, "partner-refused", "the answer says that the message was not taken")
    log_id = _text(envelope.content, (envelope.body_name, *options.log_id)) if options.log_id is not None else None
    return Outcome(Result.DELIVERED, partner_log_id=log_id[:200] if log_id else None)


def _read_answer(answer: PostAnswer) -> SoapEnvelope | None:
    if not answer.body:
        return None
    try:
        return read_envelope(answer.body, answer.charset, content=True)
    except HubError:
        return None


def _by_fault(envelope: SoapEnvelope, answer: PostAnswer) -> Outcome:
    codes = _fault_codes(envelope)
    text = f"SOAP Fault {codes[0]}" if codes else "SOAP Fault"
    if answer.status in (429, 503):
        return by_status(answer.status, answer.retry_after_s)
    if _CREDENTIAL_FAULTS.intersection(codes):
        return Outcome(Result.FAILED, "partner-failed", f"{text}: it does not accept the hub's credentials")
    if codes and codes[0] in _RECEIVER_FAULTS:
        return Outcome(Result.FAILED, "partner-failed", text, retry_after_s=answer.retry_after_s)
    return Outcome(Result.REFUSED, "partner-refused", text)


def _fault_codes(envelope: SoapEnvelope) -> list[str]:
    """Local names of the code and its subcodes (``Client.Authentication`` of SOAP 1.1 is both), if names at all."""
    namespace = f"{{{NAMESPACES[envelope.version]}}}"
    wanted = {"faultcode", f"{namespace}Value"}
    texts = [item.text for item in envelope.content if item.path[-1] in wanted]
    codes = [code for text in texts for code in text.rpartition(":")[2].split(".")]
    return [code for code in codes if code.isascii() and code.isalnum() and len(code) <= 64]


def _text(items: tuple[Item, ...], path: tuple[str, ...]) -> str | None:
    return next((item.text for item in items if item.path == path), None)
