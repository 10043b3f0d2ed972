"""What the hub says of bad input, to its sender and in its log: no content, no secret, no host path, no stack."""

from __future__ import annotations

from tests.whole_hub.mistakes import AGENCY, DOCUMENT, PLANTED, by_rest, by_soap, called
from tests.whole_hub.running import Running, until

SECRETS = ("demo-prosecution-password", "demo-platform-key", "guessed-by-somebody")
CONTENT = (PLANTED, "فهد", "1000000016", "عبد الله سليمان")
INSIDE = ("Traceback", 'File "', ".py", "site-packages", "/tmp/", "/work/")

BROKEN = (
    lambda document: document,  # the first is accepted
    lambda document: document.replace("</pp:Persons>", ""),
    lambda document: document.replace("<pp:Days>5<", "<pp:Days>five<"),
    lambda document: document.replace("<pp:Days>5<", "<pp:Days>-5<"),
    lambda document: document.replace('ref="acc1"', 'ref="acc9"'),
    lambda document: document.replace("1448-01-10", "1448-01-11"),
    lambda document: document.replace("<pp:Text>", "<pp:Text>&nothing;"),
    lambda document: document.replace("?>", '?><!DOCTYPE x SYSTEM "file:///etc/passwd">', 1),
    lambda document: document.replace("<pp:Decision>", f"<pp:{PLANTED}/><pp:Decision>").replace(PLANTED, "Q"),
)


def test_no_answer_and_no_line_of_the_log_holds_what_was_sent(strict_hub: Running) -> None:
    """Planted content and secrets come back nowhere, and nothing shows how or where the hub runs."""
    answers = []
    source = DOCUMENT.replace("<pp:Text>", f"<pp:Text>{PLANTED}")
    for number, edit in enumerate(BROKEN):
        document = edit(source)
        name = f"leak-{number}.xml"
        strict_hub.drop(AGENCY, name, document.encode())
        answers.append(by_rest(strict_hub, document.encode()).body)
        answers.append(by_rest(strict_hub, document.encode(), X_Api_Key="guessed-by-somebody").body)
        answers.append(by_soap(strict_hub, called(strict_hub, document)).body)
        end, _ = strict_hub.report(AGENCY, name)
        suffix = ".receipt.json" if end == "accepted" else ".rejected.json"
        answers.append((strict_hub.inbox(AGENCY) / end / (name + suffix)).read_bytes())
    told = b"\n".join(answers).decode()
    for text in (*SECRETS, *CONTENT, *INSIDE):
        assert text not in told, f"{text!r} was told"
    until(lambda: '"type":"prosecution-decision","transport":"file"' in strict_hub.log.read_text())
    log = strict_hub.log.read_text()
    for text in (*SECRETS, *CONTENT, "Traceback", "site-packages"):
        assert text not in log, f"{text!r} was logged"


def test_metrics_name_only_what_the_site_names(strict_hub: Running) -> None:
    """Made-up names in a path do not become labels: nobody can fill the metrics, or write into them."""
    strict_hub.request("POST", "/rest/made-up-agency/made-up-type", b"{}")
    strict_hub.request("POST", "/rest/police-platform/made-up-type", b"{}")
    assert "made-up" not in strict_hub.metrics()
    assert "made-up" not in strict_hub.log.read_text()
