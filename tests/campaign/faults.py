"""The faults that end or stop processes, or make the system under them fail: each strikes, waits and heals again."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import time
from contextlib import suppress
from pathlib import Path
from random import Random

from hub.child import Child, NotReady
from tests.campaign.hubs import LEASE_S
from tests.campaign.services import Impossible, Service
from tests.campaign.world import World

OF_FILES = ("fdatasync", "pwrite64", "fsync", "rename", "openat")  # the embedded store's
SYSCALLS = ("sendto", "write", "recvfrom", "read", "close", "epoll_wait")
SWEPT = 40  # a process dies at one of the first so many calls after the tracer came
TAKEN_OVER_WITHIN_S = 60.0
BUSY_EXIT = 70  # what the hub ends with where its disk fails


async def kill(world: World, chance: Random) -> None:
    """SIGKILL at a random moment, now and then once more while it starts."""
    child = chance.choice(world.hubs.processes)
    await world.live(chance)
    world.strike("kill", world.hubs.name(child))
    await child.kill()
    while chance.random() < world.before_ready:
        starting = asyncio.create_task(world.restart(child))
        await world.live(chance)
        world.strike("kill", world.hubs.name(child), ready=starting.done())
        await child.kill()
        with suppress(NotReady):
            await starting
    await world.restart(child)


async def syscall(world: World, chance: Random) -> None:
    """SIGKILL in the middle of one system call: which, and at which of its calls, is swept by the seed."""
    child = chance.choice(world.hubs.processes)
    calls = SYSCALLS if world.hubs.postgres is not None else (*OF_FILES, *SYSCALLS)
    call, number = chance.choice(calls), chance.randint(1, SWEPT)
    await world.live(chance)
    world.strike("syscall", f"{world.hubs.name(child)} at {call} {number}")
    async with _Strace(child, call, f"signal=SIGKILL:when={number}"):
        died = await _ends_within(child, 6.0)
    world.bit(died and world.history.strikes[-1].deliveries > 0)
    if not died:
        await child.kill()
    await world.restart(child)


async def eio(world: World, chance: Random) -> None:
    """A sync of the store fails once: the process must end rather than answer (embedded only)."""
    (child,) = world.hubs.processes
    await world.live(chance)
    world.strike("eio", world.hubs.name(child))
    async with _Strace(child, "fdatasync,fsync", f"error=EIO:when={chance.randint(1, 10)}"):
        died = await _ends_within(child, 6.0)
    world.bit(died)
    if not died:
        await child.kill()
    elif child.status != BUSY_EXIT:
        world.odd.append(f"eio: the hub ended with {child.status}, not {BUSY_EXIT}")
    await world.restart(child)


async def enospc(world: World, chance: Random) -> None:
    """For a moment no write finds room; intake says so, and all goes on afterwards (embedded only)."""
    (child,) = world.hubs.processes
    await world.live(chance)
    world.strike("enospc", world.hubs.name(child))
    before = len(world.history.operations)
    async with _Strace(child, "pwrite64", "error=ENOSPC"):
        await asyncio.sleep(chance.uniform(0.5, 1.5))
    world.bit(any("store-full" in one.said for one in world.history.operations[before:]))
    await world.live(chance)


async def disk(world: World, chance: Random) -> None:
    """The file system itself is filled to the last byte, and later freed."""
    folder = world.hubs.disk
    if folder is None:
        raise Impossible("the run was planned without a small disk")
    await world.live(chance)
    world.strike("disk", "data")
    before, ballast = len(world.history.operations), folder / "ballast"
    until = time.monotonic() + chance.uniform(2.0, 4.0)
    while time.monotonic() < until:
        _fill(folder, ballast)
        await asyncio.sleep(0.1)
    ballast.unlink()
    world.bit(any("store-full" in one.said for one in world.history.operations[before:]))
    await world.live(chance)


async def stop(world: World, chance: Random) -> None:
    """SIGSTOP for longer than the lease, while a partner hangs: when it goes on, its attempts are others' by then."""
    child = chance.choice(world.hubs.deliverers)
    ill = chance.choice(("rest-desk", "soap-desk"))
    world.desks.ill[ill] = "hanging"
    met, until = world.desks.treated, time.monotonic() + 5.0
    await asyncio.sleep(0.8)
    while world.desks.treated == met and time.monotonic() < until:  # noqa: ASYNC110 - seen from outside
        await asyncio.sleep(0.02)
    world.strike("stop", world.hubs.name(child))
    os.kill(child.pid, signal.SIGSTOP)
    seen = len(world.history.arrivals)
    held = {one.id for one in world.history.arrivals[-200:] if one.answered == "hanging"}
    del world.desks.ill[ill]
    await asyncio.sleep(max(world.stopped_s, LEASE_S + chance.uniform(1.5, 3.0)))
    until = time.monotonic() + TAKEN_OVER_WITHIN_S if len(world.hubs.deliverers) > 1 else 0.0
    while not (taken_over := held & {one.id for one in world.history.arrivals[seen:]}) and time.monotonic() < until:  # noqa: ASYNC110
        await asyncio.sleep(0.2)  # what waits longer comes first
    os.kill(child.pid, signal.SIGCONT)
    if len(world.hubs.deliverers) > 1:
        world.bit(bool(taken_over))
    await world.live(chance)


async def clock(world: World, chance: Random) -> None:
    """The system's clock is set: far ahead, or a few seconds back."""
    if world.hubs.clock is None:
        raise Impossible("the run was planned with the machine's own clock")
    await world.live(chance)
    by_s = chance.choice([chance.uniform(LEASE_S, 60), -chance.uniform(1, 8)])
    world.strike("clock", f"{by_s:+.1f} s")
    world.hubs.clock.jump(by_s)
    await world.live(chance)


async def store(world: World, chance: Random) -> None:
    """SIGKILL for PostgreSQL, server and backends at once; it is back a moment later."""
    await _kill_service(world, chance, "store", world.hubs.postgres)


async def broker(world: World, chance: Random) -> None:
    """SIGKILL for RabbitMQ."""
    await _kill_service(world, chance, "broker", world.hubs.rabbit)


async def _kill_service(world: World, chance: Random, kind: str, service: Service | None) -> None:
    if service is None:
        raise Impossible("the run has no services of its own")
    await world.live(chance)
    world.strike(kind, service.account)
    await service.kill()
    await asyncio.sleep(chance.uniform(0.1, 2.0))
    await service.start()
    await world.live(chance)


class _Strace:
    """A tracer that comes to a running process and tampers with its system calls; it goes when the block ends."""

    def __init__(self, child: Child, calls: str, fault: str) -> None:
        self._command = (
            "strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={calls}", "-e", f"inject={calls}:{fault}",
            "-p", str(child.pid),
        )  # fmt: skip

    async def __aenter__(self) -> None:
        if shutil.which("strace") is None or not _may_trace():
            raise Impossible("strace cannot trace here")
        self._process = await asyncio.create_subprocess_exec(
            *self._command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip

    async def __aexit__(self, *_: object) -> None:
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGINT)
        await self._process.wait()


def _may_trace() -> bool:
    scope = Path("/proc/sys/kernel/yama/ptrace_scope")
    return os.geteuid() == 0 or not scope.exists() or scope.read_text().strip() == "0"


async def _ends_within(child: Child, seconds: float) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while child.status is None:  # noqa: ASYNC110 - seen from outside
                await asyncio.sleep(0.02)
    return child.status is not None


def _fill(folder: Path, ballast: Path) -> None:
    """Let the ballast grow until nothing is left."""
    with ballast.open("ab") as opened:
        free = os.statvfs(folder)
        with suppress(OSError):
            os.posix_fallocate(opened.fileno(), opened.tell(), max(1, free.f_bavail * free.f_bsize))
