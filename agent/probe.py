"""Does the sandbox hold on this machine? Found out by really attempting what it must prevent."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from agent.sandbox import Ending, Limits, Run, execute


@dataclass(frozen=True, slots=True)
class Probe:
    """Whether the sandbox holds on this machine, and if not, why, in one line for a person. `ended`: "refused", or how
    an attempt ended that says nothing about the machine; then the next one may find out."""

    ok: bool
    why: str = ""
    ended: Ending = "refused"


class Sandbox:
    """The way in for the Python tool, one for the whole house: probes once, and runs nothing unless that passed."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._probe: Probe | None = None
        self._probing = asyncio.Lock()

    async def ready(self) -> Probe:
        """The probe's result; the first call takes a tenth of a second, later ones nothing."""
        async with self._probing:
            if self._probe is None or self._probe.ended != "refused":
                self._probe = await probe(self.limits)
            return self._probe

    async def run(self, code: str) -> Run:
        """Run `code` (see `sandbox.execute`); ending "refused" with the reason where the probe failed, or
        how the probe ended when something else was in its way."""
        ready = await self.ready()
        if not ready.ok:
            return Run(ready.ended, error=ready.why)
        return await execute(code, self.limits)


ATTEMPTS = """
import json, os, socket, subprocess
secret, outside, port, door, parent = {facts}
def read(): open(secret).read()
def listing(): os.listdir(os.path.dirname(secret))
def write(): open(outside, "w").write("x")
def network(): socket.create_connection(("127.0.0.1", port), 2)
def unix(): socket.socket(socket.AF_UNIX).connect(door)
def fork(): os.fork() or os._exit(0)
def start(): subprocess.run(["/bin/true"])
def signal(): os.kill(parent, 0)
def link(): os.symlink(secret, "link")
def environment(): open("/proc/%d/environ" % parent).read()
done = []
for attempt in (read, listing, write, network, unix, fork, start, signal, link, environment):
    try: attempt()
    except OSError: continue
    done.append(attempt.__name__)
open("kept.txt", "w").write("kept")
print(json.dumps(done))
"""


async def probe(limits: Limits | None = None) -> Probe:
    """Attempt, inside, what must be impossible, against real targets; and what must be possible."""
    if sys.platform != "linux":
        return Probe(False, "the sandbox for programs needs Linux")
    with _targets() as facts:
        run = await execute(ATTEMPTS.format(facts=facts), limits or Limits())
    if run.ending in ("killed", "timeout"):
        return Probe(False, run.error or run.ending, run.ending)
    if run.ending != "completed":
        return Probe(False, run.error or run.ending)
    try:
        escaped = json.loads(run.output)
    except ValueError:
        return Probe(False, "the probe's answer was unreadable")
    if escaped:
        return Probe(False, "a program inside could still: " + ", ".join(escaped))
    if [artefact.content for artefact in run.artefacts] != [b"kept"]:
        return Probe(False, "a program inside could not keep a file")
    return Probe(True)


@contextmanager
def _targets() -> Iterator[tuple[str, str, int, str, int]]:
    """Things to attack: a secret file, a place to write, an open port, an open socket file, this process."""
    with tempfile.TemporaryDirectory(prefix="lookout-") as folder, socket.socket() as port:
        secret, door = Path(folder, "secret"), Path(folder, "door")
        secret.write_text("secret")
        port.bind(("127.0.0.1", 0))
        port.listen()
        with socket.socket(socket.AF_UNIX) as unix:
            unix.bind(str(door))
            unix.listen()
            yield str(secret), str(Path(folder, "outside")), port.getsockname()[1], str(door), os.getpid()
