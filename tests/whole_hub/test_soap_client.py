"""A decision sent by a stock SOAP client that knows nothing but the served WSDL."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
import zeep
from zeep.wsse.username import UsernameToken

from tests.whole_hub.events import new_case
from tests.whole_hub.running import Running


def client(hub: Running, password: str, *, digest: bool) -> Any:
    """The service's proxy, made from ``?wsdl`` and what that imports; it sees there that addressing is used."""
    security = UsernameToken("pp-system", password, use_digest=digest)
    url = f"http://127.0.0.1:{hub.port}/soap/public-prosecution?wsdl"
    return zeep.Client(url, wsse=security).service


def decision(case: str, days: int = 5) -> dict[str, Any]:
    return {
        "DecisionNumber": f"ق/{case}",
        "CaseNumber": case,
        "ProsecutionCaseNumber": "12/1448/99",
        "Code": "D40",
        "DecidedAt": "2026-06-25T11:30:00+03:00",
        "Prosecutor": {"Name": "عبد الله سليمان النموذج", "Circuit": "الدائرة الثانية عشرة"},
        "Persons": {"Person": [{"id": "acc1", "ArabicName": {"FullName": "فهد راشد"}}]},
        "Measures": {"Measure": [{"ref": "acc1", "Code": "M1", "Days": days}]},
        "Text": "توقيف المتهم خمسة أيام",
    }


@pytest.mark.parametrize("digest", [False, True], ids=["text", "digest"])
def test_a_decision_by_soap_arrives_at_both_rest_agencies(hasty_hub: Running, digest: bool) -> None:
    """The platform gets it whole, the Emirate without persons and text; the receipt names the message."""
    case = new_case()
    receipt = client(hasty_hub, "demo-prosecution-password", digest=digest).SubmitDecision(
        Classification="2", Decision=decision(case)
    )
    hasty_hub.settled(receipt.ReceiptNumber, police_platform="delivered", emirate="delivered")
    (whole,) = [body for body in hasty_hub.services["police-platform"].bodies("/decisions") if case.encode() in body]
    (cut,) = [body for body in hasty_hub.services["emirate"].bodies("/decisions") if case.encode() in body]
    assert orjson.loads(whole)["text"] == "توقيف المتهم خمسة أيام"
    assert "فهد راشد" in whole.decode()
    assert "فهد راشد" not in cut.decode()
    assert "توقيف المتهم خمسة" not in cut.decode()
    assert orjson.loads(cut)["caseNumber"] == case


def test_a_refused_decision_is_a_fault_that_the_client_understands(hasty_hub: Running) -> None:
    """The client raises its own Fault, whose detail names code and place."""
    with pytest.raises(zeep.exceptions.Fault) as raised:
        client(hasty_hub, "demo-prosecution-password", digest=False).SubmitDecision(Decision=decision(new_case(), -5))
    detail = raised.value.detail
    assert detail.findtext(".//{*}code") == "canonical-violation"
    assert detail.findtext(".//{*}path").endswith("/pp:Measures/pp:Measure[1]/pp:Days")


def test_a_wrong_password_is_a_fault_too(hasty_hub: Running) -> None:
    """Failed authentication has the code that WS-Security gives it."""
    with pytest.raises(zeep.exceptions.Fault) as raised:
        client(hasty_hub, "guessed", digest=True).SubmitDecision(Decision=decision(new_case()))
    assert [str(code.localname) for code in raised.value.subcodes] == ["FailedAuthentication"]
