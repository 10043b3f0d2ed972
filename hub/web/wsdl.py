"""The contract that an agency calls, served so that a SOAP client can read it from the hub alone.

Imports become ``?xsd=<file>``; only files that the WSDL reaches and that lie in the agency's own folder are shown.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from hub.errors import HubError
from hub.findings import Finding
from hub.formats.envelope import escape
from hub.site.agency import Agency, SoapIntake

_IMPORT = re.compile(
    rb"""(<(?:[\w.-]+:)?(?:import|include|redefine)\b[^>]*?\s(?:schemaLocation|location)\s*=\s*)(["'])(.*?)\2""",
    re.DOTALL,
)
_ADDRESS = re.compile(rb"""(<[\w.-]+:address\b[^>]*?\slocation\s*=\s*)(["'])(.*?)\2""", re.DOTALL)


def served_file(folder: Path, wsdl: str, name: str, address: str) -> bytes:
    """``name`` (the WSDL or a file that it imports, by its path in ``folder``) as it is shown to a caller.

    ``address`` is the service's own URL. Raises ``HubError`` not-found.
    """
    if name not in set(_reached(folder, wsdl)):
        raise HubError("not-found", "The contract has no such file")
    base = escape(address).encode()

    def shown(match: re.Match[bytes]) -> bytes:
        target = _target(name, match.group(3).decode())
        if not _lies_in(folder, target):
            return match.group()
        return match.group(1) + b'"' + base + b"?xsd=" + quote(target).encode() + b'"'

    content = _IMPORT.sub(shown, (folder / name).read_bytes())
    return _ADDRESS.sub(lambda match: match.group(1) + b'"' + base + b'"', content)


def check_served(agency: Agency, intake: SoapIntake, folder: Path) -> list[Finding]:
    """What keeps the contract from being served: files that are missing or not in the agency's folder."""
    found = []
    for name in _reached(folder, intake.wsdl):
        if not _lies_in(folder, name):
            found.append(Finding("bad-wsdl", agency.file_name, 1, f"{intake.wsdl}: there is no file {name}"))
            continue
        for match in _IMPORT.finditer((folder / name).read_bytes()):
            target = _target(name, match.group(3).decode())
            if not _lies_in(folder, target):
                text = f"{name} imports {match.group(3).decode()}, which is not a file of the agency's folder"
                found.append(Finding("bad-wsdl", agency.file_name, 1, text))
    return found


def _reached(folder: Path, wsdl: str) -> Iterator[str]:
    """The WSDL and every file of the folder that it imports, directly or not."""
    waiting, seen = [wsdl], {wsdl}
    while waiting:
        name = waiting.pop()
        yield name
        content = (folder / name).read_bytes() if _lies_in(folder, name) else b""
        for match in _IMPORT.finditer(content):
            target = _target(name, match.group(3).decode())
            if target not in seen and _lies_in(folder, target):
                seen.add(target)
                waiting.append(target)


def _target(name: str, location: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), location))


def _lies_in(folder: Path, name: str) -> bool:
    path = (folder / name).resolve()
    return path.is_relative_to(folder.resolve()) and path.is_file()
