"""Runs Python that nobody has read, in a child process that `launcher.py` locks up before the first line of it.

Here, outside the locks, are the parts that need a parent: the program goes in by pipe, time and output are bounded,
the private folder is watched for floods, files are collected
without following links (`artefacts.py`). Whether all this holds on a machine is found out by `probe.py`, which really
attempts what must be impossible; where that fails nothing is run. There is no weaker mode.

Why not the `sandlock` package (0.9.0, Apache-2.0, well kept): it wants Landlock ABI 6 (Linux 6.12; Debian 12 has 6.1),
lets the program start processes, keeps an endless output in our memory (196 MB measured), limits neither file
sizes nor CPU time, and supervises from a 13 MB native library with threads inside our process. What is needed here is
less than it offers and stricter than it is.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Literal

from agent.artefacts import Artefact, collect
from agent.syscalls import MACHINES, Instruction, filter_program
from interaction.clock import real_work, stopwatch

LAUNCHER = Path(__file__).with_name("launcher.py")
# Shared libraries, time zones and randomness: what Python's own library reads at run time.
LIBRARIES = ("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/share/zoneinfo")
FILES = ("/etc/ld.so.cache", "/etc/localtime", "/dev/urandom", "/dev/null")
POLL_S = 0.05  # how often the private folder is looked at: a few thousand small files at the worst
DRAIN_S = 2.0  # for reading what a killed program had written

Ending = Literal["completed", "failed", "timeout", "output", "files", "refused", "killed"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one run. Bytes and seconds; `flood`: files in the private folder before the program is stopped."""

    wall_s: float = 10.0
    cpu_s: int = 8
    memory: int = 512 << 20
    code_chars: int = 20_000
    output: int = 64_000
    file: int = 8 << 20
    files: int = 8
    files_total: int = 16 << 20
    flood: int = 64


@dataclass(frozen=True, slots=True)
class Run:
    """What came of one program. `ending`: completed, failed (`error` says why), which bound stopped it, or "killed": by
    somebody else, as on a machine that is short of memory."""

    ending: Ending
    output: str = ""
    error: str = ""
    artefacts: tuple[Artefact, ...] = ()
    left_out: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Order:
    """The first line that the launcher reads. `filter`: seccomp instructions; `paths`: where packages are."""

    parent: int
    folder: str
    readable: list[str]
    paths: list[str]
    filter: list[Instruction]
    cpu_s: int
    memory: int
    file: int


async def execute(code: str, limits: Limits) -> Run:
    """One program in one private folder; never raises for anything that it does.

    Does not look at the probe: `probe.Sandbox.run` is the way in for everyone else.
    """
    if len(code) > limits.code_chars:
        return Run("refused", error=f"a program may have at most {limits.code_chars} characters")
    if platform.machine() not in MACHINES:
        return Run("refused", error=f"no list of system calls for this kind of machine ({platform.machine()})")
    elapsed = stopwatch()
    folder = await asyncio.to_thread(tempfile.mkdtemp, prefix="lookout-")
    try:
        with real_work():
            run = await _supervise(code, folder, limits)
        artefacts, left_out = await asyncio.to_thread(collect, folder, limits.files, limits.file, limits.files_total)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, True)
    return Run(run.ending, run.output, run.error, artefacts, left_out, elapsed())


async def _supervise(code: str, folder: str, limits: Limits) -> Run:
    """Start the launcher, hand it the program, and wait for its end or the first bound that it meets."""
    order = json.dumps(asdict(_order(folder, limits))).encode()
    passed = stopwatch()
    child = _start(folder)
    assert child.stdin and child.stdout and child.stderr
    ended = _end_of(child)
    heard = [asyncio.create_task(_read(pipe, limits.output)) for pipe in (child.stdout, child.stderr)]
    watch = asyncio.create_task(_watch(folder, limits))
    bound: Ending | None = None
    try:
        async with asyncio.timeout(limits.wall_s):
            await asyncio.to_thread(_hand_over, child.stdin, order + b"\n" + code.encode(errors="replace"))
            bound = await _first_bound(ended, heard, watch)
    except TimeoutError:
        bound = "timeout"
    finally:
        watch.cancel()
        child.kill()
        await ended
        status = child.wait()
        await asyncio.wait(heard, timeout=DRAIN_S)
    output, errors = [task.result()[0] if task.done() else b"" for task in heard]
    return _judge(bound, status, output, errors, limits, passed())


def _start(folder: str) -> subprocess.Popen[bytes]:
    """Takes a few milliseconds. On the loop's own thread, because the child dies with the thread that started it."""
    return subprocess.Popen(
        [sys.executable, "-I", "-S", "-X", "utf8", str(LAUNCHER)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={}, cwd=folder, start_new_session=True,
    )  # fmt: skip


def _end_of(child: subprocess.Popen[bytes]) -> asyncio.Future[None]:
    """Done when the child has ended. By pidfd, because asyncio's own watcher and `kill` reap each other's child."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[None] = loop.create_future()
    descriptor = os.pidfd_open(child.pid)

    def end() -> None:
        loop.remove_reader(descriptor)
        os.close(descriptor)
        if not ended.done():
            ended.set_result(None)

    loop.add_reader(descriptor, end)
    return ended


def _hand_over(pipe: IO[bytes], content: bytes) -> None:
    with contextlib.suppress(BrokenPipeError), pipe:  # the child ended first; its own words say why
        pipe.write(content)


async def _first_bound(
    ended: asyncio.Future[None], heard: list[asyncio.Task[tuple[bytes, bool]]], watch: asyncio.Task[None]
) -> Ending | None:
    """Wait until the child ended (None), a stream grew too long, or the private folder did."""
    waiting: set[asyncio.Future[Any]] = {ended, watch, *heard}
    while True:
        done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if any(task.result()[1] for task in heard if task in done):
            return "output"
        if watch in done:
            return "files"
        if ended in done:
            return None


async def _read(pipe: IO[bytes], bound: int) -> tuple[bytes, bool]:
    """Up to `bound` bytes, and whether there would have been more."""
    stream, kept = asyncio.StreamReader(), bytearray()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stream), pipe)
    try:
        while len(kept) <= bound and (piece := await stream.read(65536)):
            kept += piece
    finally:
        transport.close()
    return bytes(kept[:bound]), len(kept) > bound


async def _watch(folder: str, limits: Limits) -> None:
    """Returns when the private folder holds more than it may."""
    while True:
        count = size = 0
        with os.scandir(folder) as entries:
            for entry in entries:
                with contextlib.suppress(FileNotFoundError):
                    count, size = count + 1, size + entry.stat(follow_symlinks=False).st_size
                if count > limits.flood or size > limits.files_total * 2:
                    return
        await asyncio.sleep(POLL_S)


def _order(folder: str, limits: Limits) -> Order:
    paths = sysconfig.get_paths()
    packages = list(dict.fromkeys((paths["purelib"], paths["platlib"])))
    library = [paths["stdlib"], paths["platstdlib"], *packages, sysconfig.get_config_var("LIBDIR") or ""]
    readable = [path for path in dict.fromkeys((*LIBRARIES, *FILES, *library)) if path]
    return Order(
        parent=os.getpid(),
        folder=folder,
        readable=readable,
        paths=packages,
        filter=filter_program(platform.machine()),
        cpu_s=limits.cpu_s,
        memory=limits.memory,
        file=limits.file,
    )


def _judge(bound: Ending | None, code: int, output: bytes, errors: bytes, limits: Limits, seconds: float) -> Run:
    first, _, rest = output.partition(b"\n")
    text, error = rest.decode(errors="replace"), errors.decode(errors="replace").strip()
    if bound is None and code == -9 and seconds < limits.cpu_s:  # sooner than the CPU limit could have done it
        return Run("killed", text, "it was killed from outside; the machine may be short of memory")
    if bound == "timeout" and first != b"ready":
        return Run("timeout", "", "it did not start in time")
    if first != b"ready":
        return Run(
            "refused", error=first.decode(errors="replace").removeprefix("refused: ") or error or "it did not start"
        )
    if bound:
        return Run(bound, text, error)
    if code == -9 or code == -24:  # SIGKILL or SIGXCPU: the CPU limit
        return Run("timeout", text, f"it used more than {limits.cpu_s} seconds of computing")
    if code != 0:
        return Run("failed", text, error or f"it ended with code {code}")
    return Run("completed", text, error)
