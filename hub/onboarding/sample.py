"""A sample document as a contract: told apart by what it looks like."""

from __future__ import annotations

from pathlib import Path

from hub.errors import HubError
from hub.formats.text import decode
from hub.onboarding.contract import ContractDraft
from hub.onboarding.sample_csv import is_separated, read_csv_sample
from hub.onboarding.sample_fixed import read_fixed_sample
from hub.onboarding.sample_json import read_json_sample
from hub.onboarding.sample_xml import read_xml_sample


def read_sample(path: Path, columns: str = "") -> ContractDraft:
    """Infer a contract from one sample; ``columns`` are the positions of lines of fixed width, where they are known.

    Raises ``Unusable`` and ``HubError`` (a document that cannot be read).
    """
    body = path.read_bytes()
    if columns:
        return read_fixed_sample(path.stem, *guess_text(body), columns)
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start == b"<" or body.startswith((b"\xff\xfe<\x00", b"\xfe\xff\x00<")):
        return read_xml_sample(path.stem, body)
    if start in (b"{", b"["):
        return read_json_sample(path.stem, body)
    text, encoding = guess_text(body)
    if is_separated(text):
        return read_csv_sample(path.stem, text, encoding)
    return read_fixed_sample(path.stem, text, encoding, columns)


def guess_text(body: bytes) -> tuple[str, str]:
    """The text, and the encoding that it seems to have: UTF-8 where it is, else windows-1256 (a guess)."""
    try:
        return decode(body, None), "utf-8"
    except HubError:
        return body.decode("windows-1256"), "windows-1256"
