"""SIGTERM: what is under way is finished or released, side by side, and nothing is lost by it."""

from __future__ import annotations

import socket
import time
from pathlib import Path

from connectors.conformance import Behaviour
from tests.whole_hub.events import new_case, send_event
from tests.whole_hub.running import Running, copy_site, until

PARTNER = "emirate"
GRACE_S = 6
HALF_A_REQUEST = b"POST /rest/police-platform/case-status HTTP/1.1\r\nHost: hub\r\nContent-Length: 100\r\n\r\n{"


def test_what_hangs_does_not_add_up(tmp_path: Path) -> None:
    """A partner that hangs and a sender that never ends its body share one grace; the delivery is there afterwards."""
    site = copy_site(tmp_path / "site", {PARTNER: {"delivers": {"timeout-s": "40"}}})
    with Running(site, tmp_path / "data", as_process=True, grace_s=GRACE_S, body_deadline_s=60) as hub:
        case = new_case()
        hub.services[PARTNER].moods[case] = Behaviour.HANG
        message = send_event(hub, case).message
        until(hub.services[PARTNER].ids)
        with socket.create_connection(("127.0.0.1", hub.port)) as slow:
            slow.sendall(HALF_A_REQUEST)
            time.sleep(0.5)
            began = time.monotonic()
            hub.stop()
            took_s = time.monotonic() - began
        assert GRACE_S - 1 < took_s < 2 * GRACE_S - 1, "one after the other they would take twice the grace"
        hub.services[PARTNER].moods.clear()
        hub.start()
        hub.settled(message, **{PARTNER: "delivered"})
        first, *again = hub.services[PARTNER].ids()
        assert again
        assert set(again) == {first}
        assert hub.verify().fault is None
