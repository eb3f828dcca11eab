"""`make load`: how many visitors this machine holds, and what the one too many is told.

Real WebRTC clients with pre-encoded packets against the served process, more and more of them, until what happens in
the picture is decided too late (95 % within 1.5 s) or the house says that it is full. Then a house with few places:
who comes over the limit must be told the place in the queue, keep it, and come in when somebody leaves. Exit 1 when not
even one visitor is served in time, or the queue does not do that.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import psutil

from bench.figures import percentile
from bench.recordings import FPS, drawn, quiet_room
from bench.report import commit, machine
from bench.server import Server, memory, serving
from bench.strain.queueing import Queueing, queueing
from bench.visitor import HouseFull, Message, Visitor
from interaction.clock import stopwatch, wall_now
from interaction.sources.synthetic.scene import NOISE, pictures
from interaction.sources.synthetic.things import blobs

LIMIT_S = 1.5  # promise: from event to decision
LOOP_S = 40.0  # of the film
CHANGE_S = 5.0  # a square comes or goes so often
WISH = "tell me when anything changes"
WARM_S = 10.0  # after the last arrival: connections, key frames, acknowledgements
GRACE_S = CHANGE_S  # for the decisions about the last changes
MOST = 64


@dataclass(frozen=True)
class Step:
    """So many visitors at once. `delays`: seconds from a change in the picture to the decision about it; a change that
    none followed counts as `CHANGE_S`. `server`, `client`: percent of one core; `pss`: MB of the server."""

    sessions: int
    delays: Sequence[float] = ()
    missed: int = 0
    server: float = 0.0
    client: float = 0.0
    pss: float = 0.0
    late: float = 0.0
    problem: str = ""

    @property
    def p50(self) -> float | None:
        return median(self.delays) if self.delays else None

    @property
    def p95(self) -> float | None:
        return percentile(self.delays, 95) if self.delays else None

    @property
    def held(self) -> bool:
        return not self.problem and self.p95 is not None and self.p95 < LIMIT_S

    def row(self) -> str:
        if self.problem:
            return f"{self.sessions:>8}  {self.problem}"
        return (
            f"{self.sessions:>8}{self.p50 or 0:>8.2f}{self.p95 or 0:>8.2f}{self.missed:>8}{self.late:>8.0f}"
            f"{self.server:>10.0f}{self.client:>10.0f}{self.pss:>9.0f}  {'held' if self.held else 'too late'}"
        )


HEAD = f"{'sessions':>8}{'p50 s':>8}{'p95 s':>8}{'missed':>8}{'late %':>8}{'server %':>10}{'client %':>10}{'PSS MB':>9}"


@dataclass
class Guest:
    """A visitor, and when something changed in what it showed (its own seconds)."""

    visitor: Visitor
    changes: list[float] = field(default_factory=list)

    def sent(self, number: int) -> None:
        if number % round(CHANGE_S * FPS) == 0:
            self.changes.append(self.visitor.now())


def answered(
    changes: Sequence[float], told: Sequence[tuple[float, Message]], since: float, until: float
) -> list[float]:
    """For each change between these seconds: the delay of the first alert before the next change, else `CHANGE_S`."""
    alerts = [at for at, m in told if m["type"] == "decision" and m["action"] == "speak" and m["watch"]]
    return [
        next((at - change for at in alerts if change <= at < change + CHANGE_S), CHANGE_S)
        for change in changes
        if since <= change < until
    ]


def film(seconds: float = LOOP_S) -> list[bytes]:
    """Squares that come and go by the clock, encoded."""
    times = [CHANGE_S * n for n in range(1, round(LOOP_S / CHANGE_S), 2)]
    scene = blobs(Random(5), LOOP_S, times=times, stay=CHANGE_S)
    return drawn(islice(pictures(scene, 5, FPS, NOISE), round(seconds * FPS)))


class Crowd:
    """Visitors of one server."""

    def __init__(self, server: Server, film: list[bytes], room: list[bytes]) -> None:
        self._server, self._film, self._room = server, film, room
        self._guests: list[Guest] = []
        self._random = Random(1)  # nobody's film begins where another's does

    async def grow(self, count: int) -> None:
        """Be so many. Raises `HouseFull`."""
        while len(self._guests) > count:
            await self._guests.pop().visitor.leave()
        while len(self._guests) < count:
            guest = Guest(Visitor(self._server.origin, self._film, self._room, self._random.randrange(len(self._film))))
            guest.visitor.camera.sent = guest.sent
            self._guests.append(guest)
            await guest.visitor.arrive()
            await guest.visitor.say(WISH)

    async def measured(self, seconds: float) -> Step:
        await asyncio.sleep(WARM_S)
        begun = [guest.visitor.now() for guest in self._guests]
        own, passed, mine = self._server.cpu(), stopwatch(), _cpu_here()
        await asyncio.sleep(seconds)
        wall, own, mine = passed(), self._server.cpu() - own, _cpu_here() - mine
        ended = [guest.visitor.now() for guest in self._guests]
        pss = memory(self._server.process)["Pss"]
        await asyncio.sleep(GRACE_S)
        delays: list[float] = []
        ticks = late = 0
        for guest, since, until in zip(self._guests, begun, ended, strict=True):
            delays += answered(guest.changes, guest.visitor.told, since, until)
            looks = [m for at, m in guest.visitor.told if m["type"] == "decision" and m["lane"] and since <= at < until]
            ticks, late = ticks + len(looks), late + sum(bool(look["late"]) for look in looks)
        return Step(
            len(self._guests),
            [round(delay, 3) for delay in delays],
            sum(delay >= CHANGE_S for delay in delays),
            100 * own / wall,
            100 * mine / wall,
            pss,
            100 * late / max(1, ticks),
        )

    async def aclose(self) -> None:
        await self.grow(0)


def _cpu_here() -> float:
    """CPU seconds of this process, the visitors'."""
    times = psutil.Process().cpu_times()
    return float(times.user + times.system)


async def step(crowd: Crowd, count: int, seconds: float) -> Step:
    print(f"· {count} visitors …", file=sys.stderr, flush=True)
    try:
        await crowd.grow(count)
        return await crowd.measured(seconds)
    except HouseFull as full:
        return Step(count, problem=f"the house said: {full}")
    except Exception as error:  # a machine at its end may refuse in many ways: that is the result
        return Step(count, problem=f"{type(error).__name__}: {error}"[:200])


async def climb(places: int, seconds: float) -> list[Step]:
    """1, 2, 4, … until one is not held; then the middle between that and the last that was."""
    packets, room = await asyncio.to_thread(film), await asyncio.to_thread(quiet_room)
    steps: list[Step] = []
    rooms = {"LOOKOUT_WEB__SESSIONS": str(places), "LOOKOUT_WEB__KEPT": str(2 * places)}
    async with serving("app.py", "serve", **rooms) as server:
        await server.settled()
        crowd = Crowd(server, packets, room)
        async with AsyncExitStack() as leaving:
            leaving.push_async_callback(crowd.aclose)
            count = 1
            while count <= MOST and (not steps or steps[-1].held):
                steps.append(await step(crowd, count, seconds))
                count *= 2
            if len(steps) > 1 and not steps[-1].held and (between := 3 * steps[-2].sessions // 2) > steps[-2].sessions:
                steps.append(await step(crowd, between, seconds))
    return steps


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.strain.load", description="As many visitors as it holds.")
    parser.add_argument("--places", type=int, default=MOST, help="of the house: over it, it says that it is full")
    parser.add_argument("--seconds", type=float, default=40.0, help="measured at each step")
    parser.add_argument("--json", type=Path, metavar="OUT")
    options = parser.parse_args(arguments)
    where = f"{machine()}, {wall_now().date().isoformat()}, commit {commit()}, load {os.getloadavg()[0]:.1f}"
    steps = asyncio.run(climb(options.places, options.seconds))
    print(f"{HEAD}\n" + "\n".join(each.row() for each in steps))
    held = max((each.sessions for each in steps if each.held), default=0)
    print(f"sessions held (p95 from event to decision < {LIMIT_S:g} s): {held}")
    queue: Queueing = asyncio.run(queueing())
    print("\n".join(queue.lines()))
    print(where)
    if options.json:
        body: dict[str, Any] = {"circumstances": where, "held": held, "queue": asdict(queue)}
        body["steps"] = [asdict(each) | {"p50": each.p50, "p95": each.p95, "held": each.held} for each in steps]
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(body, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0 if held and queue.ok else 1


if __name__ == "__main__":
    sys.exit(main())
