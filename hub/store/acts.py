"""What persons do to deliveries: who, why, which, and what came of it; each act stands in the ledger in its commit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from hub.message import Classification, Json, State

# Why a delivery was left as it is; beside these, codes of ``hub.errors.CODES`` where today's site refuses it.
UNKNOWN = "unknown-delivery"
UNDER_WAY = "under-way"
BEHIND = "behind-another"
DUE = "due-already"
FROZEN_TOGETHER = "frozen-together"
NOT_BLOCKING = "blocks-nothing"


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that a person does at ``at``; ``by`` is what proves who it is.

    ``kind``: ``resend``, ``reprocess``, ``cancel``, ``skip``, ``pause``, ``resume``. ``entry`` is the body of the
    ledger entry of each delivery that it changes, to which the store adds which one.
    """

    kind: str
    who: str
    by: str
    why: str
    at: float
    entry: Json


@dataclass(frozen=True, slots=True)
class Generation:
    """A delivery made anew: its message as today's site reads it. ``of`` is the id before, ``id`` the new one.

    ``canonical`` is data as JSON bytes; ``rule`` the grant by which it may go.
    """

    of: str
    id: str
    site: str
    canonical: bytes
    subject: str
    classification: Classification
    time: str
    rule: str


@dataclass(frozen=True, slots=True)
class NotRead:
    """A delivery whose message today's site refuses, with the code and a text that is safe to show."""

    of: str
    code: str
    text: str


class Entered(NamedTuple):
    """One delivery that came into a state other than pending, for whoever counts."""

    agency: str
    type: str
    id: str
    state: State
    reason: str


@dataclass(frozen=True, slots=True)
class Acted:
    """``done``: the ids that were changed, each with the id of what stands for it now. ``left``: why others were not.

    ``done`` may hold more than was asked for: what was frozen together goes together. ``ring``: new heads of lanes.
    """

    done: Mapping[str, str]
    left: Mapping[str, str]
    ring: Mapping[str, tuple[str, ...]]
    entered: tuple[Entered, ...] = ()
