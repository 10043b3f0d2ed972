"""``example.yaml``: the keys of an example folder (``mappings/<agency>/examples/<case>/``)."""

from __future__ import annotations

from hub.definition import MapOf, Record, Scalar
from hub.message import Classification

_MESSAGE = Record(
    {
        "id": Scalar("delivery id"),
        "messageId": Scalar("message id"),
        "type": Scalar("message type"),
        "source": Scalar("the agency that sent it"),
        "subject": Scalar("the case's or report's number"),
        "time": Scalar("when it was accepted, UTC"),
        "classification": Scalar("label", tuple(label.name for label in Classification)),
        "caseKey": Scalar("the hub's key of the case"),
        "sequence": Scalar("number in the lane"),
        "relatesTo": Scalar("id of the delivery that this one replaces"),
        "partner": Scalar("the receiving agency's own case number"),
    }
)
_PARCEL = Record({"id": Scalar("parcel id"), "count": Scalar("messages in it"), "time": Scalar("when it was made")})
EXAMPLE_FILE = Record(
    {
        "type": Scalar("message type"),
        "direction": Scalar("in: the agency sends input.*; out: it receives output.*", ("in", "out")),
        "charset": Scalar("encoding of the input, where one is declared"),
        "rule": Scalar("the grant that cuts the message (direction out)"),
        "partner": MapOf(Scalar(), "numbers of the agency's own that are read (direction in)"),
        "message": _MESSAGE,
        "parcel": _PARCEL,
    },
    ("type", "direction"),
    "one example of a mapping, run as a test",
)
