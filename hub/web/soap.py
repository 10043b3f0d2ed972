"""SOAP intake: ``POST /soap/{agency}`` in SOAP 1.1 or 1.2, dispatched by the body's element, and its contract."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.errors import HubError
from hub.formats.envelope import HUB_HEADERS, MEDIA_TYPES, WSA, SoapEnvelope, SoapVersion, escape, read_envelope
from hub.identifiers import new_id, trace_parent
from hub.message import Answer, Received, Refusal
from hub.pipeline.pool import LARGE_BYTES
from hub.site.agency import Agency, SoapIntake
from hub.web.guard import Guarded, Inside
from hub.web.limits import BODY
from hub.web.problem import detail, envelope, fault_response
from hub.web.read import check_uncoded, headers_of, media_type
from hub.web.soap_headers import SoapHeaders, read_credential, read_headers
from hub.web.wsdl import served_file

_VERSIONS: dict[str, SoapVersion] = {media: version for version, media in MEDIA_TYPES.items()}
_FAULT_ACTION = f"{WSA}/soap/fault"


def soap_routes(inside: Inside) -> list[Route]:
    """The routes below ``/soap``."""
    surface = _Soap(inside)
    return [
        Route("/soap/{agency}", Guarded(surface.submit, "soap", inside.observer), methods=["POST"]),
        Route("/soap/{agency}", Guarded(surface.contract, "soap", inside.observer), methods=["GET"]),
    ]


class _Call:
    """One call as far as it has been read, so that a Fault can be told in the caller's own terms."""

    def __init__(self, agency: str) -> None:
        self.agency = agency
        self.type = ""
        self.version: SoapVersion = "1.1"
        self.relates_to: str | None = None
        self.action = ""
        self.read: SoapEnvelope | None = None
        self.accepting = False


class _Soap:
    def __init__(self, inside: Inside) -> None:
        self._inside = inside

    async def submit(self, request: Request) -> Response:
        """The operation's reply once the message is durable, or a Fault."""
        call = _Call(request.path_params["agency"])
        try:
            return await self._answer(request, call)
        except HubError as error:
            return self._fault(await self._refused(call, error), call)
        except Exception as error:
            self._inside.observer.faulted("web.soap", error)
            return self._fault(HubError("internal"), call)

    async def _answer(self, request: Request, call: _Call) -> Response:
        headers = headers_of(request.scope)
        media, charset = media_type(headers.get(b"content-type"))
        call.version = _VERSIONS.get(media, call.version)
        agency, intake = self._agency(call.agency)
        if media and media not in _VERSIONS:
            raise HubError("unsupported-media", f"SOAP comes as {' or '.join(_VERSIONS)}")
        check_uncoded(headers)
        body: bytes = request.scope[BODY]
        if not body:
            raise HubError("malformed", "The body is empty")
        if len(body) > LARGE_BYTES:  # others go on meanwhile
            read = await asyncio.to_thread(read_envelope, body, charset)
        else:
            read = read_envelope(body, charset)
        if media and _VERSIONS[media] != read.version:
            raise HubError("unsupported-media", f"SOAP {read.version} comes as {MEDIA_TYPES[read.version]}")
        call.version, call.read = read.version, read
        said = read_headers(read)
        call.relates_to, call.action = said.relates_to, said.action
        call.type = _type(intake, read)
        received = self._received(agency, call.type, read, said, trace_parent(headers.get(b"traceparent")))
        call.accepting = True
        answer = await self._inside.accept(received)
        if not answer.receipts:
            raise answer.refusals[0].error
        head = self._head(call, f"{call.action}Response") + _refused(answer.refusals)
        reply = envelope(call.version, head, _reply(intake, read.body_name, answer))
        return Response(reply, 200, media_type=MEDIA_TYPES[call.version] + "; charset=utf-8")

    def _received(
        self, agency: Agency, type: str, read: SoapEnvelope, said: SoapHeaders, trace: str | None
    ) -> Received:
        return Received(
            agency=agency.name,
            type=type,
            transport="soap",
            body=read.body,
            received_at=self._inside.clock(),
            credential=said.credential,
            media_type="application/xml",
            charset="utf-8",
            message_id=said.message_id,
            case_sequence=said.case_sequence,
            classification=said.classification,
            trace=trace,
            test=said.test,
        )

    async def _refused(self, call: _Call, error: HubError) -> HubError:
        """What to answer. What the pipeline refused it has recorded; a caller that cannot be read is only counted."""
        if call.accepting:
            return error
        if call.read is None:
            self._inside.refused(call.agency, call.type, "soap", error)
            return error
        try:
            credential = read_credential(call.read)
        except HubError as unreadable:
            self._inside.refused(call.agency, call.type, "soap", unreadable)
            return unreadable
        caller = Received(call.agency, call.type, "soap", call.read.body, self._inside.clock(), credential)
        return await self._inside.refuse(caller, error)

    async def contract(self, request: Request) -> Response:
        """``?wsdl``, and ``?xsd=<file>`` for what it imports."""
        agency, intake = self._agency(request.path_params["agency"])
        address = str(request.url.replace(query="", fragment=""))
        if "xsd" in request.query_params:
            name = request.query_params["xsd"]
        elif any(key.lower() == "wsdl" for key in request.query_params):
            name = intake.wsdl
        else:
            raise HubError("wrong-method", "Call by POST; the contract is at ?wsdl")
        folder = self._inside.contracts(agency.name)
        content = await asyncio.to_thread(served_file, folder, intake.wsdl, name, address)
        return Response(content, media_type="text/xml; charset=utf-8")

    def _agency(self, name: str) -> tuple[Agency, SoapIntake]:
        agency = self._inside.agencies().get(name)
        if agency is None or agency.soap is None:
            raise HubError("unknown-agency")
        return agency, agency.soap

    def _fault(self, error: HubError, call: _Call) -> Response:
        return fault_response(error, call.version, self._head(call, _FAULT_ACTION))

    def _head(self, call: _Call, action: str) -> str:
        """WS-Addressing headers of the answer, where the call had a MessageID (WS-Addressing 1.0 Core, 3.4)."""
        if call.relates_to is None:
            return ""
        texts = {
            "MessageID": f"urn:uuid:{new_id(self._inside.clock())}",
            "RelatesTo": escape(call.relates_to),
            "To": f"{WSA}/anonymous",
            "Action": escape(action),
        }
        return "".join(f'<wsa:{name} xmlns:wsa="{WSA}">{text}</wsa:{name}>' for name, text in texts.items())


def _type(intake: SoapIntake, read: SoapEnvelope) -> str:
    type = intake.operations.get(read.body_name)
    if type is None:
        raise HubError("unknown-type", "No operation takes this element" if read.body_name else "The Body is empty")
    return type


def _reply(intake: SoapIntake, body_name: str, answer: Answer) -> str:
    """The response element that the agency's contract declares, filled from the first receipt."""
    root, fields = intake.replies[body_name]
    receipt = answer.receipts[0].as_json()
    children = "".join(
        _element(name, escape(str(receipt[source.removeprefix("$receipt.")]))) for name, source in fields
    )
    return _element(root, children)


def _element(clark: str, content: str) -> str:
    namespace, brace, local = clark[1:].partition("}") if clark.startswith("{") else ("", "", clark)
    if not brace:
        return f"<{local}>{content}</{local}>"
    return f'<r:{local} xmlns:r="{escape(namespace)}">{content}</r:{local}>'


def _refused(refusals: Sequence[Refusal]) -> str:
    """The records of a document that were refused while others were accepted, a header block each."""
    return "".join(
        f'<hub:Refusal xmlns:hub="{HUB_HEADERS}" record="{refusal.record}">{detail(refusal.error)}</hub:Refusal>'
        for refusal in refusals
    )
