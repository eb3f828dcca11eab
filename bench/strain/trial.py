"""One scenario with faults in it: who runs into them, who tells of them, and what is left in the end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psutil

from bench.scenario import Scenario
from bench.scenarios import run_one
from bench.strain import evidence, faults
from bench.strain.days import Hum
from bench.strain.faults import JUMP, KINDS, Fault, Timetable
from bench.streams import MAIN
from config import Settings
from interaction.events import Decision, Event
from interaction.lane import Lane
from interaction.session import Session
from interaction.sources.base import FrameSource
from interaction.speaking.sinks import NullSink
from interaction.streams import TaskScope
from memory.store import MemoryStore
from rooms import Rooms

CALM_S = 20.0  # after the last fault: what is tried again every few seconds has been
ANSWER_S = 20.0
TASK_S = 12.0  # a task is given up
# Asked when such a fault begins, as few scenarios use these parts at that very moment.
PROVOKED = {
    "agent: killed sandbox": "list the first 20000 primes",
    "agent": "work out 17 percent of 2,340",
    "voice": "what day is it?",
}


@dataclass
class Verdict:
    """`alive`: it answered and looked on afterwards; `lost`: what had been acknowledged and is gone; `unseen`: faults
    that something ran into and nobody was told of; `found` of `expected`: what was to happen, and did all the same."""

    scenario: str
    status: str = "run"
    alive: bool = False
    lost: list[str] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)
    faults: list[dict[str, Any]] = field(default_factory=list)
    found: int = 0
    expected: int = 0

    @property
    def ok(self) -> bool:
        return self.status != "broken" and (self.status != "run" or (self.alive and not self.lost and not self.unseen))


class ShakyRooms(Rooms):
    """The whole house without voice and hearing, whose memory obeys a timetable of faults."""

    def __init__(self, settings: Settings, table: Timetable) -> None:
        super().__init__(settings, voice=False, hearing=False)
        self._table = table

    def _store(self, person: str, folder: Path) -> MemoryStore:
        return faults.ShakyStore(super()._store(person, folder), self._table)

    def session(self, *args: Any, **named: Any) -> Session:
        """Its agent obeys too, and it speaks, silently."""
        from agent.workshop import make_runner

        def shaky(*args: Any) -> faults.ShakyRunner:
            return faults.ShakyRunner(make_runner(*args), self._table)

        with patch("agent.board.make_runner", shaky):
            session = super().session(*args, **named)
        inner = session.services
        session.services = replace(
            inner,
            observer=faults.ShakyObserver(inner.observer, self._table),
            fallback=inner.fallback,
            make_seer=lambda: faults.ShakySeer(inner.make_seer(), self._table),
        )
        session.mouth.voice = faults.ShakyVoice(Hum(), self._table)
        return session


class Trial:
    """Commits the faults that no wrapper can, and keeps what the person is told."""

    def __init__(self, table: Timetable) -> None:
        self.table = table
        self.alive = False
        self.lost: list[str] = []
        self.events: list[Event] = []
        self._resumed: set[float] = set()  # starts of faults after which a page got everything it had missed
        self._scope = TaskScope(lambda name, error: self.lost.append(f"{name}: {error!r}"))

    def begin(self, session: Session) -> None:
        self.session = session
        self.table.now = session.now
        self._told = session.subscribe()
        add_lane = session.add_lane

        def shaky(source: FrameSource) -> Lane:
            examine = self.examine if source.lane == MAIN else _nothing
            return add_lane(faults.ShakySource(source, self.table, examine))

        session.add_lane = shaky  # type: ignore[method-assign]
        write_all, write = session.keeper._write_all, session.keeper._write

        def full(*args: Any) -> None:
            if self.table.on("disk: full"):
                raise faults.no_space()
            write_all(*args)

        async def slow(*args: Any) -> None:
            if fault := self.table.on("disk: slow"):
                await asyncio.sleep(fault.end - session.now())
            await write(*args)

        session.keeper._write_all, session.keeper._write = full, slow  # type: ignore[method-assign, assignment]
        self._scope.spawn("keeping up", self._keep_up())
        for number, fault in enumerate(self.table.faults):
            self._scope.spawn(f"fault {number}", self._commit(fault))

    async def end(self) -> None:
        """After the run: no more faults; everything that was told is there."""
        await self._scope.aclose()
        self.events += [event for _, event in self._told.events.drain()]

    async def examine(self) -> None:
        """When the stream has ended: is everybody still there?"""
        session = self.session
        await session.clock.sleep_until(max(self.table.end, session.now()) + CALM_S)
        asked = session.now()
        session.request("what time is it?")
        await session.clock.sleep_until(asked + ANSWER_S)
        self._drain()
        later = [event for event in self.events if isinstance(event, Decision) and event.t >= asked]
        answered = any(event.action == "speak" and event.reason == "the person asked" for event in later)
        lane = session.main_lane()
        looking = session.paused or (lane is not None and lane.paused) or any(event.lane for event in later)
        self.alive = answered and looking
        self.lost += evidence.lost_watches(self.events, session)

    def seen(self, fault: Fault) -> bool:
        """Whether the person could know of it."""
        return evidence.told(fault, KINDS[fault.kind], self.events) or fault.start in self._resumed

    def lost_tasks(self) -> list[str]:
        return evidence.lost_tasks(self.events)

    def _drain(self) -> None:
        self.events += [event for _, event in self._told.events.drain()]

    async def _keep_up(self) -> None:
        while True:
            self._drain()
            await asyncio.sleep(1.0)

    async def _commit(self, fault: Fault) -> None:
        session = self.session
        await session.clock.sleep_until(fault.start)
        if wish := next((wish for part, wish in PROVOKED.items() if fault.kind.startswith(part)), ""):
            session.request(wish)
        match fault.kind:
            case "tab: killed":
                await self._kill_tab(fault)
            case "agent: killed sandbox":
                await self._kill_sandbox(fault)
            case "clock: forwards" | "clock: backwards":
                by = JUMP if fault.kind.endswith("forwards") else -JUMP
                set_to, then = session.clock.wall() + by, session.now()
                session.clock.machine = lambda: set_to + timedelta(seconds=session.now() - then)
                session.timers.changed()  # it looks every minute by itself
                fault.hits += 1

    async def _kill_tab(self, fault: Fault) -> None:
        """A page that is killed takes nothing any more; the house notices, and a new one asks for what it missed."""
        session, dead = self.session, DeadSink()
        page = session.subscribe()
        seq = session.subscribers.seq
        session.attach_sink(dead)
        fault.hits += 1
        await session.clock.sleep_until(fault.end)
        session.detach_sink(dead)
        dead.close()
        page.close()
        again = session.subscribe(since=seq)
        if not again.gap and [number for number, _ in again.missed] == list(
            range(seq + 1, session.subscribers.seq + 1)
        ):
            self._resumed.add(fault.start)
        again.close()

    async def _kill_sandbox(self, fault: Fault) -> None:
        while self.session.now() < fault.end:
            for child in psutil.Process().children():
                try:
                    if any(part.endswith("launcher.py") for part in child.cmdline()):
                        child.kill()
                        fault.hits += 1
                except psutil.Error:
                    continue  # it ended by itself
            await asyncio.sleep(0.02)


async def _nothing() -> None:
    """A further source ends when it ends."""


class DeadSink(NullSink):
    """A line that takes nothing, until the house gives it up."""

    def __init__(self) -> None:
        super().__init__()
        self._closed = asyncio.Event()

    async def play(self, pcm: Any) -> None:
        await self._closed.wait()

    async def drain(self) -> None:
        await self._closed.wait()

    def close(self) -> None:
        self._closed.set()


def span(scenario: Scenario) -> tuple[float, float]:
    """The session seconds between which something happens in it."""
    begin = scenario.source.span[0] if scenario.source.span else 0.0
    times = [said.t for said in scenario.user] + [part.span[1] for part in scenario.expect]
    end = scenario.source.span[1] if scenario.source.span else scenario.source.seconds or max(times, default=30.0)
    return begin, max(end, begin + 10.0)


async def trial(
    scenario: Scenario,
    settings: Settings,
    seed: int,
    count: int,
    kinds: tuple[str, ...] = tuple(KINDS),
    make: Callable[[Settings, Timetable], ShakyRooms] = ShakyRooms,
) -> Verdict:
    """Run it with `count` faults of these kinds. Virtual time."""
    table = Timetable(faults.plan(f"{seed}/{scenario.name}", count, *span(scenario), kinds))
    if scenario.restart:
        return Verdict(scenario.name, "left out: it restarts the house itself")
    test = Trial(table)
    agent = settings.agent.model_copy(update={"timeout_s": TASK_S})

    def house(settings: Settings) -> ShakyRooms:
        rooms = make(settings, table)
        session = rooms.session

        def begun(*args: Any, **named: Any) -> Session:
            made = session(*args, **named)
            test.begin(made)
            return made

        rooms.session = begun  # type: ignore[method-assign]
        return rooms

    result = await run_one(scenario, settings.model_copy(update={"agent": agent}), house)
    await test.end()
    if result.status != "run":
        return Verdict(scenario.name, result.status)
    met = [fault for fault in table.faults if fault.hits]
    return Verdict(
        scenario.name,
        alive=test.alive,
        lost=[*test.lost, *test.lost_tasks()],
        unseen=[str(fault) for fault in met if not test.seen(fault)],
        faults=[{**asdict(fault), "told": bool(fault.hits) and test.seen(fault)} for fault in table.faults],
        found=result.found,
        expected=result.expected,
    )
