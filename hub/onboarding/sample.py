"""A sample document as a contract: told apart by what it looks like."""

from __future__ import annotations

from pathlib import Path

from hub.errors import HubError
from hub.formats.text import decode
from hub.onboarding.contract import ContractDraft, Unusable
from hub.onboarding.sample_csv import read_csv_sample
from hub.onboarding.sample_json import read_json_sample
from hub.onboarding.sample_xml import read_xml_sample


def read_sample(path: Path) -> ContractDraft:
    """Infer a contract from one sample. Raises ``Unusable`` and ``HubError`` (a document that cannot be read)."""
    body = path.read_bytes()
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start == b"<" or body.startswith((b"\xff\xfe<\x00", b"\xfe\xff\x00<")):
        return read_xml_sample(path.stem, body)
    if start in (b"{", b"["):
        return read_json_sample(path.stem, body)
    text, encoding = guess_text(body)
    lines = [line for line in text.splitlines() if line]
    if len(lines) > 1 and len({len(line) for line in lines}) == 1 and not any(sign in text for sign in ";\t|,"):
        raise Unusable(
            f"{path.name} looks like fixed-width records of {len(lines[0])} characters: the hub reads no such format"
            " yet (it reads XML, JSON and tables with a separator). Ask for one of these."
        )
    return read_csv_sample(path.stem, text, encoding)


def guess_text(body: bytes) -> tuple[str, str]:
    """The text, and the encoding that it seems to have: UTF-8 where it is, else windows-1256 (a guess)."""
    try:
        return decode(body, None), "utf-8"
    except HubError:
        return body.decode("windows-1256"), "windows-1256"
