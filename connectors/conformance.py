"""THE suite that every way out passes with every feature it declares.

A test module subclasses ``ConnectorConformance`` and gives it a ``Rig``: the connector with a partner that the suite
controls. What the rig's transport cannot show (a folder has no HTTP 429) it leaves out of ``shows``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Protocol

import pytest

from connectors.base import Connector
from hub.errors import CODES
from hub.message import Classification, Outbound, Outcome, Result


class Behaviour(StrEnum):
    """What the partner does with the next parcels."""

    TAKE = "take"
    DOWN = "connection refused, or the folder is gone"
    FULL = "no room for the file"
    RESET = "takes the bytes, then resets the connection in the middle of its answer"
    HANG = "takes the bytes and never answers"
    BAD_REQUEST = "400"
    UNAUTHORISED = "401"
    CONFLICT = "409"
    THROTTLE = "429 with Retry-After: 7"
    ERROR = "500"
    UNAVAILABLE = "503"
    GARBAGE = "200 with something that is no answer of its protocol"
    NO_HTTP = "bytes that are no HTTP"
    HUGE = "200 with an answer that does not end"
    REDIRECT = "307 to elsewhere"
    SENDER_FAULT = "SOAP Fault Client or Sender"
    RECEIVER_FAULT = "SOAP Fault Server or Receiver"
    SECURITY_FAULT = "SOAP Fault of WS-Security"
    DECLINE = "a whole answer that says no by the agency's success rule"


@dataclass(frozen=True, slots=True)
class Taken:
    """One parcel as the partner got it; None where the transport carries nothing beside the body."""

    body: bytes
    id: str | None
    sequence: str | None
    classification: str | None
    trace: str | None
    test: bool | None


class Rig(Protocol):
    """A connector, and its partner on a loopback socket or a temporary folder."""

    connector: Connector
    shows: frozenset[Behaviour]
    taken: list[Taken]

    async def start(self) -> None:
        """Open the connector; the partner is up and takes everything."""
        ...

    async def stop(self) -> None:
        """Close everything."""
        ...

    async def behave(self, behaviour: Behaviour) -> None:
        """From now on the partner behaves so; TAKE after DOWN is a partner that was restarted."""
        ...

    def parcel(self) -> Outbound:
        """Some valid parcel of one delivery with trace, for the suite to vary."""
        ...


# What each behaviour has to come out as. FAILED only where the partner surely did not take it.
EXPECTED: Mapping[Behaviour, tuple[Result, str]] = {
    Behaviour.TAKE: (Result.DELIVERED, ""),
    Behaviour.DOWN: (Result.FAILED, "partner-unreachable"),
    Behaviour.FULL: (Result.FAILED, "partner-failed"),
    Behaviour.RESET: (Result.UNKNOWN, "partner-failed"),
    Behaviour.HANG: (Result.UNKNOWN, "partner-timeout"),
    Behaviour.BAD_REQUEST: (Result.REFUSED, "partner-refused"),
    Behaviour.UNAUTHORISED: (Result.FAILED, "partner-failed"),
    Behaviour.CONFLICT: (Result.REFUSED, "partner-refused"),
    Behaviour.THROTTLE: (Result.FAILED, "partner-throttled"),
    Behaviour.ERROR: (Result.UNKNOWN, "partner-failed"),
    Behaviour.UNAVAILABLE: (Result.FAILED, "partner-failed"),
    Behaviour.GARBAGE: (Result.UNKNOWN, "partner-garbled"),
    Behaviour.NO_HTTP: (Result.UNKNOWN, "partner-garbled"),
    Behaviour.HUGE: (Result.UNKNOWN, "partner-garbled"),
    Behaviour.REDIRECT: (Result.REFUSED, "partner-refused"),
    Behaviour.SENDER_FAULT: (Result.REFUSED, "partner-refused"),
    Behaviour.RECEIVER_FAULT: (Result.FAILED, "partner-failed"),
    Behaviour.SECURITY_FAULT: (Result.FAILED, "partner-failed"),
    Behaviour.DECLINE: (Result.REFUSED, "partner-refused"),
}
_AMPLE_S = 5.0
_SHORT_S = 0.5
_MARGIN_S = 0.5


class ConnectorConformance:
    """Subclass it and give the fixture ``rig``; every test runs on a loop of its own."""

    @pytest.mark.parametrize("behaviour", list(Behaviour), ids=lambda behaviour: behaviour.name)
    def test_the_outcome_says_what_is_certain(self, rig: Rig, behaviour: Behaviour) -> None:
        """Refused, failed or unknown by what the partner did, with a code and a text that holds nothing of the body."""
        if behaviour not in rig.shows:
            pytest.skip("this transport cannot show it")

        async def play() -> None:
            await rig.behave(behaviour)
            parcel = rig.parcel()
            outcome = await rig.connector.send(parcel, _SHORT_S if behaviour is Behaviour.HANG else _AMPLE_S)
            assert (outcome.result, outcome.code) == EXPECTED[behaviour]
            assert not outcome.code or outcome.code in CODES
            assert parcel.body[:40].decode("utf-8", "replace") not in outcome.text
            assert outcome.retry_after_s == (7.0 if behaviour is Behaviour.THROTTLE else None)

        run(rig, play)

    def test_the_partner_gets_the_bytes_that_were_frozen(self, rig: Rig) -> None:
        """Byte for byte, whatever the size."""

        async def play() -> None:
            for parcel in (rig.parcel(), _larger(rig.parcel())):
                assert await _delivered(rig, parcel)
                assert rig.taken[-1].body == parcel.body

        run(rig, play)

    def test_the_same_parcel_again_is_the_same_to_the_partner(self, rig: Rig) -> None:
        """P3: same id and same bytes on every attempt; security headers may differ."""

        async def play() -> None:
            parcel = rig.parcel()
            assert await _delivered(rig, parcel)
            assert await _delivered(rig, replace(parcel, attempt=2))
            assert len({(taken.id, taken.body, taken.sequence) for taken in rig.taken}) == 1

        run(rig, play)

    def test_after_an_unknown_outcome_the_same_id_goes_again(self, rig: Rig) -> None:
        """The partner can see that it is the same message."""
        if Behaviour.RESET not in rig.shows:
            pytest.skip("this transport cannot show it")

        async def play() -> None:
            parcel = rig.parcel()
            await rig.behave(Behaviour.RESET)
            assert (await rig.connector.send(parcel, _AMPLE_S)).result is Result.UNKNOWN
            await rig.behave(Behaviour.TAKE)
            assert await _delivered(rig, replace(parcel, attempt=2))
            assert len({(taken.id, taken.body) for taken in rig.taken}) == 1
            assert len(rig.taken) == 2

        run(rig, play)

    def test_an_attempt_is_over_within_its_time(self, rig: Rig) -> None:
        """Also with a partner that never answers; others are not held up."""
        if Behaviour.HANG not in rig.shows:
            pytest.skip("this transport cannot show it")

        async def play() -> None:
            await rig.behave(Behaviour.HANG)
            begun = asyncio.get_running_loop().time()
            outcomes = await asyncio.gather(*(rig.connector.send(each, _SHORT_S) for each in _many(rig, 8)))
            assert asyncio.get_running_loop().time() - begun < _SHORT_S + _MARGIN_S
            assert {outcome.result for outcome in outcomes} <= {Result.UNKNOWN, Result.FAILED}

        run(rig, play)

    def test_many_parcels_go_at_once(self, rig: Rig) -> None:
        """Each arrives once, whole, with its own id."""

        async def play() -> None:
            parcels = _many(rig, 50)
            outcomes = await asyncio.gather(*(rig.connector.send(each, _AMPLE_S) for each in parcels))
            assert {outcome.result for outcome in outcomes} == {Result.DELIVERED}
            assert sorted(taken.body for taken in rig.taken) == sorted(parcel.body for parcel in parcels)

        run(rig, play)

    def test_a_partner_that_was_away_is_reached_again(self, rig: Rig) -> None:
        """Without opening the connector anew."""
        if Behaviour.DOWN not in rig.shows:
            pytest.skip("this transport cannot show it")

        async def play() -> None:
            first, second, third = _many(rig, 3)
            assert await _delivered(rig, first)
            await rig.behave(Behaviour.DOWN)
            # A kept-alive connection that broke may have carried the parcel away.
            assert (await rig.connector.send(second, _AMPLE_S)).result in (Result.FAILED, Result.UNKNOWN)
            assert (await rig.connector.send(second, _AMPLE_S)).result is Result.FAILED
            await rig.behave(Behaviour.TAKE)
            assert await _delivered(rig, second)
            assert await _delivered(rig, third)

        run(rig, play)

    def test_id_sequence_label_trace_and_test_mark_travel(self, rig: Rig) -> None:
        """In each transport's standard place (DESIGN.md, fixed interfaces)."""

        async def play() -> None:
            if not rig.connector.features.carries_headers:
                return
            plain = rig.parcel()
            envelope = replace(plain.envelopes[0], test=True, case_key="12/34 قضية", sequence=7)
            marked = replace(plain, id="0190b6a0-0000-7000-8000-00000000ffff", envelopes=(envelope,))
            assert await _delivered(rig, plain)
            assert await _delivered(rig, marked)
            first, second = rig.taken
            assert (first.id, second.id) == (plain.id, marked.id)
            assert first.classification == plain.classification.name
            assert first.sequence == f"{plain.envelopes[0].case_key};{plain.envelopes[0].sequence}"
            assert second.sequence == "12/34 %D9%82%D8%B6%D9%8A%D8%A9;7"
            assert first.trace == plain.envelopes[0].trace is not None
            assert not first.test
            assert second.test

        run(rig, play)

    def test_a_parcel_of_many_carries_the_highest_label_and_every_place(self, rig: Rig) -> None:
        """A batch is one parcel with one id."""

        async def play() -> None:
            if not (rig.connector.features.batches and rig.connector.features.carries_headers):
                return
            parcel = rig.parcel()
            first = parcel.envelopes[0]
            second = replace(first, id="b", sequence=first.sequence + 1, classification=Classification.TOP_SECRET)
            assert await _delivered(rig, replace(parcel, id="batch-1", envelopes=(first, second)))
            assert rig.taken[0].classification == "TOP_SECRET"
            key = first.case_key
            assert rig.taken[0].sequence == f"{key};{first.sequence}, {key};{second.sequence}"

        run(rig, play)


def run(rig: Rig, play: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Play one test between the rig's start and stop."""

    async def staged() -> None:
        await rig.start()
        try:
            await play()
        finally:
            await rig.stop()

    asyncio.run(staged())


async def _delivered(rig: Rig, parcel: Outbound) -> bool:
    outcome: Outcome = await rig.connector.send(parcel, _AMPLE_S)
    return outcome.result is Result.DELIVERED


def _many(rig: Rig, count: int) -> list[Outbound]:
    """Distinct parcels: the id stands in the body as well."""
    parcel = rig.parcel()
    return [
        replace(parcel, id=f"{parcel.id}-{number}", body=parcel.body.replace(b"12/34", b"12/34-%d" % number))
        for number in range(count)
    ]


def _larger(parcel: Outbound) -> Outbound:
    """Over two megabytes, with text that has to survive as it is."""
    text = "قضية ‏ &amp; \t ١٢٣ ".encode() * 60_000
    return replace(parcel, id=f"{parcel.id}-large", body=parcel.body.replace(b"12/34", b"12/34" + text))
