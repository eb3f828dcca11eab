"""The house as a process of its own, as it is really started, and what such a process costs."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from interaction.clock import stopwatch

ROOT = Path(__file__).resolve().parents[1]
START_S = 180.0  # a start that takes longer has failed
SETTLED = 0.15  # CPU seconds a second below which nothing is being loaded any more
MB = 1_000_000


@dataclass(frozen=True)
class Server:
    """`to_url`, `to_answer`: seconds from the start to the printed address, and to the first answer over HTTP;
    `cpu_to_answer`: the CPU seconds until then; `folder`: where its data is."""

    origin: str
    process: psutil.Process
    folder: Path
    to_url: float
    to_answer: float
    cpu_to_answer: float

    def cpu(self) -> float:
        """CPU seconds so far, of the process and the children it has now or waited for."""
        return cpu_seconds(self.process)

    async def settled(self, seconds: float = 90.0) -> bool:
        """Wait until the models are loaded: three quiet seconds in a row."""
        quiet = 0
        passed = stopwatch()
        while passed() < seconds and quiet < 3:
            before = self.cpu()
            await asyncio.sleep(1.0)
            quiet = quiet + 1 if self.cpu() - before < SETTLED else 0
        return quiet >= 3

    async def share(self, seconds: float) -> tuple[float, float]:
        """(percent of one core, CPU seconds) of the coming seconds."""
        passed, before = stopwatch(), self.cpu()
        await asyncio.sleep(seconds)
        spent = self.cpu() - before
        return 100 * spent / passed(), spent


@asynccontextmanager
async def serving(*command: str, **settings: str) -> AsyncIterator[Server]:
    """Start `python COMMAND --port N` in a new data folder and wait until it answers; ended afterwards.

    `settings`: environment variables, as `LOOKOUT_WEB__SESSIONS="2"`.
    """
    port = _free_port()
    origin = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="lookout-bench-") as folder:
        passed = stopwatch()
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, *command, "--port", str(port)), cwd=ROOT, env=environment(folder) | settings, stdout=-1
        )
        try:
            assert child.stdout is not None
            async with asyncio.timeout(START_S):
                to_url = await _url_printed(child.stdout, passed)
                await _answering(origin)
            process = psutil.Process(child.pid)
            yield Server(origin, process, Path(folder), to_url, passed(), cpu_seconds(process))
        finally:
            await ended(child)


def environment(folder: str) -> dict[str, str]:
    """The person's own settings play no part: what they chose, and what they remember."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LOOKOUT_")}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)  # with it every start would be a first one
    weights = {name: value for name in ("LOOKOUT_WEIGHTS", "LOOKOUT_CACHE") if (value := os.environ.get(name))}
    return {**kept, **weights, "LOOKOUT_DATA_DIR": folder, "LOOKOUT_DOWNLOAD": "false", "PYTHONUNBUFFERED": "1"}


async def ended(child: asyncio.subprocess.Process) -> None:
    """Ask it to end; after 15 s make it."""
    with suppress(ProcessLookupError):
        child.terminate()
    try:
        async with asyncio.timeout(15):
            await child.wait()
    except TimeoutError:
        child.kill()
        await child.wait()


async def _url_printed(output: asyncio.StreamReader, passed: Callable[[], float]) -> float:
    async for line in output:
        if b"http://" in line:
            return passed()
    raise ChildProcessError("the server ended without an address")


async def _answering(origin: str) -> None:
    async with httpx.AsyncClient(base_url=origin) as http:
        while True:
            with suppress(httpx.TransportError):
                if (await http.get("/health")).status_code == 200:
                    return
            await asyncio.sleep(0.02)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def cpu_seconds(process: psutil.Process) -> float:
    own = process.cpu_times()
    living = sum(_cpu_of(child) for child in process.children(recursive=True))
    return float(own.user + own.system + own.children_user + own.children_system + living)


def _cpu_of(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


def memory(process: psutil.Process) -> dict[str, float]:
    """MB of a process and its children: `Rss`, `Pss` (shared pages divided among all who share them), and of that
    `Pss_Anon`: what it allocated, whoever else maps the same libraries."""
    texts = []
    for member in (process, *process.children(recursive=True)):
        with suppress(OSError):  # it ended meanwhile
            texts.append(Path(f"/proc/{member.pid}/smaps_rollup").read_text(encoding="ascii"))
    return rolled_up(texts)


def rolled_up(texts: Sequence[str]) -> dict[str, float]:
    """The sums of `Pss`, `Pss_Anon` and `Rss` of several smaps_rollup files, in MB."""
    sums = {"Pss": 0.0, "Pss_Anon": 0.0, "Rss": 0.0}
    for text in texts:
        for line in text.splitlines():
            name, _, rest = line.partition(":")
            if name in sums:
                sums[name] += int(rest.split()[0]) * 1024 / MB
    return sums
