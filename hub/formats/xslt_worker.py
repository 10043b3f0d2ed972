"""A process that applies XSLT 1.0 stylesheets, one document after the other, and can be ended in the middle of one.

It is run by its path (``hub.formats.xslt`` does) with the CPU seconds of one document, the most bytes of a result and
the seconds after which it ends for want of work. A stylesheet in it reads and writes no file, reaches no network and
calls no function but XSLT's own; when it takes longer than it may, the kernel ends the process.

A request is two lengths of eight bytes, the stylesheet and the document; an answer one letter (``o`` the result, ``m``
what the stylesheet said when it stopped, ``f`` what failed, ``l`` the result is too large, ``n`` it has no element),
a length and the bytes.
"""

from __future__ import annotations

import os
import resource
import select
import signal
import sys
from contextlib import suppress
from typing import Any, BinaryIO

from lxml import etree

MOST_MEMORY_BYTES = 768 * 1024**2
_KEPT = 4
_LENGTH_BYTES = 8
_LONGEST_SAID = 300


def main(cpu_s: float, most_bytes: int, idle_s: float) -> None:
    """Serve until standard input ends, or nothing comes for a while."""
    questions, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing else may be written among the answers
    _confine()
    sheets: dict[bytes, Any] = {}
    while select.select([questions.fileno()], [], [], idle_s)[0]:
        lengths = questions.read(2 * _LENGTH_BYTES)
        if len(lengths) < 2 * _LENGTH_BYTES:
            return
        sheet = questions.read(int.from_bytes(lengths[:_LENGTH_BYTES], "big"))
        document = questions.read(int.from_bytes(lengths[_LENGTH_BYTES:], "big"))
        signal.setitimer(signal.ITIMER_PROF, cpu_s)  # SIGPROF ends a process that does not handle it
        kind, body = _answer(sheets, sheet, document, most_bytes)
        signal.setitimer(signal.ITIMER_PROF, 0)
        _tell(answers, kind, body)


def _confine() -> None:
    """Bounded memory, no file of any size to write, no core."""
    for limit, value in (
        (resource.RLIMIT_AS, MOST_MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(OSError, ValueError):
            resource.setrlimit(limit, (value, value))


def _answer(sheets: dict[bytes, Any], sheet: bytes, document: bytes, most_bytes: int) -> tuple[bytes, bytes]:
    try:
        transform = _compiled(sheets, sheet)
        result = transform(etree.fromstring(document, _parser())).getroot()
        if result is None:
            return b"n", b""
        body = etree.tostring(result, encoding="UTF-8")
    except etree.XSLTApplyError as error:
        failed = any(entry.message.startswith("runtime error") for entry in error.error_log)
        return (b"f" if failed else b"m"), _said(error)
    except MemoryError:
        return b"l", b""
    except (etree.LxmlError, ValueError) as error:
        return b"f", _said(error)
    return (b"o", body) if len(body) <= most_bytes else (b"l", b"")


def _compiled(sheets: dict[bytes, Any], sheet: bytes) -> Any:
    if sheet not in sheets:
        if len(sheets) >= _KEPT:
            sheets.pop(next(iter(sheets)))
        sheets[sheet] = etree.XSLT(etree.fromstring(sheet, _parser()), access_control=etree.XSLTAccessControl.DENY_ALL)
    return sheets[sheet]


def _parser() -> Any:
    return etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)


def _said(error: Exception) -> bytes:
    return str(error).strip()[:_LONGEST_SAID].encode("utf-8", "replace")


def _tell(answers: BinaryIO, kind: bytes, body: bytes) -> None:
    answers.write(kind + len(body).to_bytes(_LENGTH_BYTES, "big") + body)
    answers.flush()


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
