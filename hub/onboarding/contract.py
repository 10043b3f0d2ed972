"""What reading a contract yields: files for the site, the documents that they offer, and how the agency is reached."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from hub.site.agency import Format

Transport = Literal["soap", "rest", "file"]


@dataclass(frozen=True, slots=True)
class Offer:
    """One document: an operation's input, a root element, a request body or a sample.

    ``root`` and ``answer`` (the response element) are Clark names; ``path`` is an OpenAPI path. ``answers`` are the
    ways from below the response element to its texts.
    """

    name: str
    format: Format
    schema: str
    root: str = ""
    answer: str = ""
    note: str = ""
    path: str = ""
    answers: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class ContractDraft:
    """``files`` go below ``schemas/agencies/<agency>/``; ``prefixes`` are namespace: prefix as published."""

    files: Mapping[str, bytes]
    offers: tuple[Offer, ...]
    transport: Transport
    endpoint: str = ""
    wsdl: str = ""
    charset: str = ""
    prefixes: Mapping[str, str] = field(default_factory=dict)
    decisions: tuple[str, ...] = ()


class Unusable(Exception):
    """The contract or sample cannot be used; the text says why."""


@contextmanager
def laid_out(files: Mapping[str, bytes]) -> Iterator[Path]:
    """The files in a folder, for readers that want one."""
    with tempfile.TemporaryDirectory(prefix="hub-contract-") as name:
        folder = Path(name)
        for file, content in files.items():
            (folder / file).write_bytes(content)
        yield folder
