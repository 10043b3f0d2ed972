"""A partner's HTTP service under a test's control: answers as the site's simulator does, or misbehaves."""

from __future__ import annotations

import re

from aiohttp import web
from lxml import etree

from connectors.conformance import Behaviour
from hub.demo.cast import AnswerPart, Role
from hub.formats.envelope import MEDIA_TYPES, NAMESPACES, WSSE, read_envelope
from tests.unit.connectors.rigs import HttpPartner

SOAP = NAMESPACES["1.2"]
_FAULTS = {
    Behaviour.SENDER_FAULT: "<s:Value>s:Sender</s:Value>",
    Behaviour.RECEIVER_FAULT: "<s:Value>s:Receiver</s:Value>",
    Behaviour.SECURITY_FAULT: (
        f'<s:Value>s:Sender</s:Value><s:Subcode><s:Value xmlns:wsse="{WSSE}">wsse:FailedAuthentication</s:Value>'
        "</s:Subcode>"
    ),
}


class Service(HttpPartner):
    """One agency's server (SOAP 1.2 or REST). ``requests`` holds headers, path and body of everything that came.

    ``moods``: a text that a request holds, and how just this one is answered.
    """

    def __init__(self, role: Role) -> None:
        super().__init__(self._respond)
        self.moods: dict[str, Behaviour] = {}
        self._role = role
        self._is_soap = role.agency.way is not None and role.agency.way.transport == "soap"

    def bodies(self, what: str = "") -> list[bytes]:
        """The body of every request to this path (its end), or for this SOAP body element: that element alone."""
        if not self._is_soap:
            return [body for _, path, body in self.requests if path.endswith(what)]
        cut = [(read_envelope(body).body_name, read_envelope(body).body) for _, _, body in self.requests]
        return [body for name, body in cut if name.endswith(f"}}{what}") or not what]

    def ids(self) -> list[str]:
        """The message id of every request, as the transport carries it."""
        if not self._is_soap:
            return [headers["Idempotency-Key"] for headers, _, _ in self.requests]
        found = [re.search(rb"MessageID>urn:uuid:([^<]+)<", body) for _, _, body in self.requests]
        return [match[1].decode() if match else "" for match in found]

    def behaviour_for(self, body: bytes) -> Behaviour:
        text = body.decode("utf-8", "replace")
        return next((mood for held, mood in self.moods.items() if held in text), self.behaviour)

    def _respond(self, behaviour: Behaviour) -> web.Response:
        if behaviour is Behaviour.GARBAGE:
            return web.Response(text="<html>", content_type="text/html")
        _, path, body = self.requests[-1]
        if not self._is_soap:
            part = next((part for key, part in self._role.answers.items() if path.endswith(key)), None)
            part = part or AnswerPart(202, "{}", "")
            if behaviour is Behaviour.DECLINE:
                part = AnswerPart(200, '{"status": "rejected"}', "")
            return web.Response(status=part.status, text=self._counted(part), content_type="application/json")
        if behaviour in _FAULTS:
            reason = '<s:Reason><s:Text xml:lang="en">no</s:Text></s:Reason>'
            return self._envelope(f"<s:Fault><s:Code>{_FAULTS[behaviour]}</s:Code>{reason}</s:Fault>", 500)
        element = etree.QName(read_envelope(body).body_name).localname
        answer = self._counted(self._role.answers[element])
        return self._envelope(answer.replace(">OK<", ">NO<") if behaviour is Behaviour.DECLINE else answer, 200)

    def _counted(self, part: AnswerPart) -> str:
        return part.body.replace("@COUNT@", str(len(self.requests)))

    @staticmethod
    def _envelope(body: str, status: int) -> web.Response:
        text = f'<s:Envelope xmlns:s="{SOAP}"><s:Body>{body}</s:Body></s:Envelope>'
        return web.Response(text=text, status=status, content_type=MEDIA_TYPES["1.2"])
