"""What a benchmark sends and what its sink answers, read from ``SITE/bench/``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml


@dataclass(frozen=True, slots=True)
class Plan:
    """``number``: a pattern whose group is the message's number in what the sink gets; ``body`` holds ``@NUMBER@``.

    ``environment`` is the text of ``DATA/environment.yaml`` with ``@SINK@`` where the sink's address goes.
    """

    site: Path
    path: str
    headers: dict[str, str]
    body: str
    answer: str
    answer_type: str
    number: str
    environment: str


def load_plan(site: Path) -> Plan:
    """Read ``SITE/bench/bench.yaml`` and the files that it names. Raises ``OSError`` or ``KeyError``."""
    folder = site / "bench"
    declared = yaml.safe_load((folder / "bench.yaml").read_text(encoding="utf-8"))
    send, sink = declared["send"], declared["sink"]
    return Plan(
        site=site,
        path=send["path"],
        headers=send["headers"],
        body=(folder / send["body"]).read_text(encoding="utf-8"),
        answer=(folder / sink["answer"]).read_text(encoding="utf-8"),
        answer_type=sink["media-type"],
        number=sink["number"],
        environment=(folder / "environment.yaml").read_text(encoding="utf-8"),
    )
