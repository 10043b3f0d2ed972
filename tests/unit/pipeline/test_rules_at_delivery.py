"""Today's rules hold on every attempt: nothing leaves that is no longer granted (DESIGN.md, rules at delivery)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from hub.message import Outcome, Result, State
from hub.pipeline.render import Stopped, pack, project
from hub.store.base import FrozenParcel
from tests.unit.pipeline.stage import RECEIVER, Stage, edit, staged

ACCESS = f"connectors/agencies/{RECEIVER}/access.yaml"
AGENCY = f"connectors/agencies/{RECEIVER}/agency.yaml"
FAILED = Outcome(Result.FAILED, "partner-unreachable")
UNKNOWN = Outcome(Result.UNKNOWN, "partner-timeout")
# The mapping of the acceptance is still used, so only what the receiver's schema can do without is withdrawn here.
NARROWER = edit(ACCESS, '"officer.badge"]', '"officer.badge", "officer.name"]')
AS_BEFORE_IF_RESTRICTED = edit(
    ACCESS,
    "grants:\n",
    "grants:\n  - {rule: CA-0, may: receive, type: case-record, when: {classification: {at-most: RESTRICTED}}, "
    'fields: ["*"], except: ["persons[].phone", "officer.badge"], purpose: archive}\n',
)
OFFICER = "النقيب سلطان بن فهد الحربي".encode()
NO_GRANT = edit(ACCESS, "may: receive", "may: send")


async def rule_of(stage: Stage) -> str:
    (delivery,) = (await stage.queries.deliveries()).deliveries
    return delivery.rule


async def state_of(stage: Stage) -> tuple[State, str]:
    page = await stage.queries.deliveries()
    (delivery,) = page.deliveries
    return delivery.state, delivery.reason


def run(tmp_path: Path, story: object) -> None:
    async def play() -> None:
        async with staged(tmp_path) as stage:
            await story(stage)  # type: ignore[operator]

    asyncio.run(play())


def test_same_bytes_on_every_attempt(tmp_path: Path) -> None:
    """A retry sends what was frozen before the first attempt, under the same id (P3)."""

    async def story(stage: Stage) -> None:
        stage.answers = [UNKNOWN, FAILED]
        await stage.accept()
        for _ in range(3):
            await stage.deliver()
        assert len(stage.sent) == 3
        assert len({(item.id, item.body) for item in stage.sent}) == 1
        assert (await state_of(stage))[0] is State.DELIVERED

    run(tmp_path, story)


def test_disclosure_is_recorded_before_anything_is_sent(tmp_path: Path) -> None:
    """When the partner gets the bytes, the ledger already says which fields are in them and under which rule (P7)."""

    async def story(stage: Stage) -> None:
        answer = await stage.accept()
        seen = []

        async def send(outbound: object, timeout_s: float) -> Outcome:
            seen.extend(await stage.ledger(answer))
            return Outcome(Result.DELIVERED)

        stage._send = send  # type: ignore[method-assign]
        await stage.deliver()
        started = seen[-1]
        assert (started["kind"], started["outcome"], started["rule"]) == ("disclose", "started", "CA-1")
        assert "persons[].phone" in started["withheld"]
        assert "persons[].phone" not in started["disclosed"]

    run(tmp_path, story)


def test_field_withdrawn_before_sending_is_not_sent(tmp_path: Path) -> None:
    """A message accepted under the wider rule goes out by the narrower one."""

    async def story(stage: Stage) -> None:
        await stage.accept()
        await stage.change_site(NARROWER)
        await stage.deliver()
        (sent,) = stage.sent
        assert OFFICER not in sent.body
        (delivery,) = (await stage.queries.deliveries()).deliveries
        fields = await stage.queries.fields(delivery.id)
        assert fields is not None
        assert fields.withheld["officer.name"] == "CA-1: except"

    run(tmp_path, story)


def test_field_withdrawn_after_a_clear_failure_is_rendered_anew(tmp_path: Path) -> None:
    """The frozen bytes surely never arrived, so other bytes may go under the same id."""

    async def story(stage: Stage) -> None:
        stage.answers = [FAILED]
        await stage.accept()
        await stage.deliver()
        await stage.change_site(NARROWER)
        await stage.deliver()
        first, second = stage.sent
        assert first.id == second.id
        assert OFFICER in first.body
        assert OFFICER not in second.body
        assert (await state_of(stage))[0] is State.DELIVERED

    run(tmp_path, story)


def test_field_withdrawn_after_an_unknown_outcome_ends_as_dead_letter(tmp_path: Path) -> None:
    """Perhaps the partner has the old bytes: neither those nor others go out under this id."""

    async def story(stage: Stage) -> None:
        stage.answers = [UNKNOWN]
        await stage.accept()
        await stage.deliver()
        await stage.change_site(NARROWER)
        await stage.deliver()
        assert len(stage.sent) == 1
        assert await state_of(stage) == (State.DEAD, "rule-changed")
        assert await rule_of(stage) == "CA-1"

    run(tmp_path, story)


def test_grant_withdrawn_withholds(tmp_path: Path) -> None:
    """Without any grant the delivery ends withheld, visible and with its reason."""

    async def story(stage: Stage) -> None:
        answer = await stage.accept()
        await stage.change_site(NO_GRANT)
        await stage.deliver()
        assert stage.sent == []
        assert await state_of(stage) == (State.WITHHELD, "not-granted")
        assert await rule_of(stage) == "default deny"
        entry = (await stage.ledger(answer))[-1]
        assert (entry["kind"], entry["rule"]) == ("withhold", "default deny")

    run(tmp_path, story)


def test_lower_ceiling_withholds(tmp_path: Path) -> None:
    """A label above today's ceiling does not leave, whatever the ceiling was at acceptance."""

    async def story(stage: Stage) -> None:
        await stage.accept(label="SECRET")
        await stage.change_site(edit(AGENCY, "ceiling: SECRET", "ceiling: RESTRICTED"))
        await stage.deliver()
        assert stage.sent == []
        assert await state_of(stage) == (State.WITHHELD, "above-ceiling")
        assert (await rule_of(stage)).startswith("ceiling ")

    run(tmp_path, story)


def test_mapping_of_the_acceptance_is_used(tmp_path: Path) -> None:
    """A pending delivery is translated by the site it was accepted under, even after a restart with another one."""

    async def story(stage: Stage) -> None:
        await stage.accept()
        old = stage.sites.current.digest
        await stage.change_site(edit(f"mappings/{RECEIVER}/case-record.yaml", "message:", "# changed\nmessage:"))
        assert stage.sites.current.digest != old
        (claimed,) = await stage.claim()
        assert claimed.site == old
        await stage.delivering.deliver(RECEIVER, [claimed])
        assert (await state_of(stage))[0] is State.DELIVERED

    run(tmp_path, story)


def test_a_field_of_one_message_is_not_granted_by_the_rule_of_another(tmp_path: Path) -> None:
    """Two in one parcel: a rule that narrows for one of them stops the bytes of both, whatever the other may show."""

    async def story(stage: Stage) -> None:
        await stage.accept(1)
        await stage.accept(2, label="SECRET")
        rules = stage.sites.current
        claimed = [replace(item, maybe_sent=True) for item in await stage.claim()]
        disclosed = tuple(project(rules, item).disclosed for item in claimed)
        members = tuple(item.id for item in claimed)
        together = [replace(item, parcel=FrozenParcel("p", b"x", "d", members, disclosed)) for item in claimed]
        assert pack(rules, rules, together, 0.0).outbound.body == b"x"
        await stage.change_site(NARROWER)
        await stage.change_site(AS_BEFORE_IF_RESTRICTED)
        with pytest.raises(Stopped) as stopped:
            pack(rules, stage.sites.current, together, 0.0)
        assert stopped.value.error.code.name == "rule-changed"

    run(tmp_path, story)
