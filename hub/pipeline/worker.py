"""A process of the pool: takes jobs from standard input, one at a time, and answers on standard output.

It knows nothing but the sites that it is given: no store, no network. It ends with its hub, however that ends: when
standard input closes.
"""

from __future__ import annotations

import os
import pickle
import resource
import signal
import sys
import tempfile
import threading
from collections import OrderedDict
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any, BinaryIO

from hub.errors import HubError
from hub.findings import Findings
from hub.pipeline.render import Pack, Parcel, Stopped, pack
from hub.pipeline.take import Take, take
from hub.site.site import Site, load_site, unpack_site

LENGTH_BYTES = 8
MOST_MEMORY_BYTES = 2 * 1024**3
_KEPT_SITES = 3
_NICENESS = 5  # whoever waits for a small message goes first


class Worker:
    """``ask`` fetches the files of a site that is not known here."""

    def __init__(self, answers: BinaryIO, jobs: SimpleQueue[Any]) -> None:
        self._answers = answers
        self._jobs = jobs
        self._sites: OrderedDict[str, Site] = OrderedDict()

    def run(self) -> None:
        """Serve until the process ends."""
        while True:
            job = self._jobs.get()
            answer = self._answer(job)
            self._tell(answer)
            del job, answer

    def _answer(self, job: Take | Pack) -> tuple[str, Any]:
        """``done`` with the result, or ``raised`` with what the pipeline has to know."""
        try:
            if isinstance(job, Pack):
                return "done", self._pack(job)
            take(self._site(job.site), job)
            return "done", None
        except (HubError, Stopped) as error:
            return "raised", error
        except MemoryError:
            return "raised", HubError("too-large", "Translating the document needs more memory than it may take")
        except OSError as error:
            return "raised", HubError("store-full", f"The hub cannot write: {error.strerror}", retry_after_s=5.0)
        except Exception as error:
            return "failed", f"{type(error).__name__} in {_place(error)}"

    def _pack(self, job: Pack) -> Parcel:
        return pack(self._site(job.site), self._site(job.rules), job.claimed, job.now)

    def _site(self, digest: str) -> Site:
        site = self._sites.get(digest)
        if site is None:
            self._tell(("site", digest))
            content = self._jobs.get()
            if content is None:
                raise HubError("not-deliverable", "the site version of this message's acceptance is not stored")
            site = self._sites[digest] = _compiled(content)
            if len(self._sites) > _KEPT_SITES:
                self._sites.popitem(last=False)
        self._sites.move_to_end(digest)
        return site

    def _tell(self, answer: tuple[str, Any]) -> None:
        content = pickle.dumps(answer)
        self._answers.write(len(content).to_bytes(LENGTH_BYTES, "big"))
        self._answers.write(content)
        self._answers.flush()


def _compiled(content: bytes) -> Site:
    """A site that a hub has checked before."""
    with tempfile.TemporaryDirectory(prefix="hub-site-") as folder:
        unpack_site(content, Path(folder))
        try:
            return load_site(Path(folder), prove=False)
        except Findings as error:
            raise HubError("not-deliverable", "the site of this message's acceptance cannot be used") from error


def _place(error: BaseException) -> str:
    """Where in the code it failed: what was read may not be told."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "unknown" if trace is None else f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"


def _listen(questions: BinaryIO, jobs: SimpleQueue[Any]) -> None:
    """Hand on what comes in; the end of it is the end of the process, whatever that does at the moment."""
    while len(length := questions.read(LENGTH_BYTES)) == LENGTH_BYTES:
        jobs.put(pickle.loads(questions.read(int.from_bytes(length, "big"))))
    os._exit(0)


def main() -> None:
    """Entry point of ``python -m hub.pipeline.worker``."""
    for signalled in (signal.SIGINT, signal.SIGHUP):  # these are the hub's, which tells its workers
        signal.signal(signalled, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing else may be written among the answers
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY_BYTES, MOST_MEMORY_BYTES))
    os.nice(_NICENESS)
    jobs: SimpleQueue[Any] = SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, jobs), daemon=True).start()
    Worker(answers, jobs).run()


if __name__ == "__main__":
    main()
