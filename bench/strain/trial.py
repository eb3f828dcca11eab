"""One scenario with faults in it: who runs into them, who tells of them, and what is left in the end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from unittest.mock import patch

from bench.performance import Stage
from bench.scenario import Scenario
from bench.scenarios import run_one
from bench.strain import evidence, faults
from bench.strain.backend import Backend
from bench.strain.deeds import NONSENSE, Deeds
from bench.strain.faults import KINDS, Fault, Timetable
from bench.strain.rooms import ShakyRooms
from bench.strain.whistle import Phrasebook, Whistler
from bench.streams import MAIN
from config import Settings
from interaction import clock
from interaction.events import Decision, Event
from interaction.lane import Lane
from interaction.session import Session
from interaction.sources.base import FrameSource
from interaction.streams import TaskScope
from interaction.subscribers import Subscription

CALM_S = 20.0  # after the last fault: what is tried again every few seconds has been
ANSWER_S = 20.0
TASK_S = 12.0  # a task is given up
NONSENSE_S = 5.0
HANGS = "observer server: hangs"
FREEZE_S = 1.0  # real seconds for which a house on virtual time waits for an observer that hangs
# Parts that are well again by themselves, or with the next use. Not memory: its thread tries again after real seconds.
HEALING = ("observer", "seeing", "hearing", "voice", "language model", "disk")


@dataclass
class Verdict:
    """`alive`: it answered and looked on afterwards; `lost`: what had been acknowledged and is gone; `unseen`: faults
    that something ran into and nobody was told of; `unhealed`: parts that
    are still said to be broken; `found` of `expected`: what was to happen, and did all the same."""

    scenario: str
    status: str = "run"
    alive: bool = False
    lost: list[str] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)
    unhealed: list[str] = field(default_factory=list)
    faults: list[dict[str, Any]] = field(default_factory=list)
    found: int = 0
    expected: int = 0

    @property
    def ok(self) -> bool:
        well = self.alive and not (self.lost or self.unseen or self.unhealed)
        return self.status != "broken" and (self.status != "run" or well)


class Trial:
    """Commits the faults that no wrapper can, and keeps what the person is told."""

    def __init__(self, table: Timetable, scenario: Scenario, book: Phrasebook) -> None:
        """Lines of the person, ours too, are said as tones from `book`, unless the scenario has sound of its own."""
        self.table = table
        self.alive = False
        self.lost: list[str] = []
        self.standing: list[str] = []  # parts that are said to be broken in the end
        self.events: list[Event] = []
        self._book = None if scenario.aloud else book
        self._said = [said.t for said in scenario.user]
        self._resumed: set[float] = set()
        self._scope = TaskScope(lambda name, error: self.lost.append(f"{name}: {error!r}"))
        self._told: Subscription | None = None

    def begin(self, session: Session, servers: Mapping[str, Backend]) -> None:
        """Also a second time, where the scenario restarts the house."""
        self._drain()
        self.session = session
        self._deeds = Deeds(session, servers, self._book, self._said, self._resumed)
        self.table.now = session.now
        self._told = session.subscribe()
        add_lane = session.add_lane

        def shaky(source: FrameSource) -> Lane:
            examine = self.examine if source.lane == MAIN else _nothing
            if source.lane == MAIN:
                self._go_on()  # only now the session has the clock of the scenario
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

    def _go_on(self) -> None:
        self._scope.spawn("keeping up", self._keep_up())
        for number, fault in enumerate(self.table.faults):
            done = fault.kind.startswith("clock") and fault.hits
            if fault.end > self.session.now() and not done:
                self._scope.spawn(f"fault {number}", self._deeds.commit(fault))

    async def end(self) -> None:
        """After the run: no more faults; everything that was told is there."""
        await self._scope.aclose()
        self._drain()

    async def examine(self) -> None:
        """When the stream has ended: is everybody still there?"""
        session = self.session
        await session.clock.sleep_until(max(self.table.end, session.now()) + CALM_S)
        session.request(NONSENSE)
        await session.clock.sleep_until(session.now() + NONSENSE_S)
        asked = session.now()
        await self._deeds.say("what time is it?")
        await session.clock.sleep_until(asked + ANSWER_S)
        self._drain()
        later = [event for event in self.events if isinstance(event, Decision) and event.t >= asked]
        answered = any(event.action == "speak" and event.reason == "the person asked" for event in later)
        lane = session.main_lane()
        looking = session.paused or (lane is not None and lane.paused) or any(event.lane for event in later)
        self.alive = answered and looking
        self.lost += evidence.lost_watches(self.events, session)
        self.standing = [where for where in session.problems if where.startswith(HEALING)]

    def seen(self, fault: Fault) -> bool:
        """Whether the person could know of it."""
        return evidence.told(fault, KINDS[fault.kind], self.events) or fault.start in self._resumed

    def lost_tasks(self) -> list[str]:
        return evidence.lost_tasks(self.events)

    def _drain(self) -> None:
        self.events += [event for _, event in self._told.events.drain()] if self._told else []

    async def _keep_up(self) -> None:
        while True:
            self._drain()
            await asyncio.sleep(1.0)


async def _nothing() -> None:
    """A further source ends when it ends."""


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
    make: Callable[[Settings, Timetable, Phrasebook], ShakyRooms] = ShakyRooms,
) -> Verdict:
    """Run it with `count` faults of these kinds. Virtual time."""
    if scenario.restart:  # a full or slow disk at its end cannot be made good by any house
        kinds = tuple(kind for kind in kinds if not kind.startswith("disk"))
    table = Timetable(faults.plan(f"{seed}/{scenario.name}", count, *span(scenario), kinds))
    book = Phrasebook()
    test = Trial(table, scenario, book)
    agent = settings.agent.model_copy(update={"timeout_s": TASK_S})

    def house(settings: Settings) -> ShakyRooms:
        rooms = make(settings, table, book)
        session = rooms.session

        def begun(*args: Any, **named: Any) -> Session:
            made = session(*args, **named)
            test.begin(made, rooms.servers)
            return made

        rooms.session = begun  # type: ignore[method-assign]
        return rooms

    frozen_s = FREEZE_S if any(fault.kind == HANGS for fault in table.faults) else clock.FREEZE_LIMIT_S
    with patch("interaction.clock.FREEZE_LIMIT_S", frozen_s):
        stage = Stage(Whistler(book), stands_in=True)  # what is judged is the house, not the observer
        result = await run_one(scenario, settings.model_copy(update={"agent": agent}), house, stage)
    await test.end()
    if result.status != "run":
        return Verdict(scenario.name, result.status)
    met = [fault for fault in table.faults if fault.hits]
    return Verdict(
        scenario.name,
        alive=test.alive,
        lost=[*test.lost, *test.lost_tasks()],
        unseen=[str(fault) for fault in met if not test.seen(fault)],
        unhealed=[where for where in test.standing if any(where.startswith(KINDS[fault.kind]) for fault in met)],
        faults=[{**asdict(fault), "told": bool(fault.hits) and test.seen(fault)} for fault in table.faults],
        found=result.found,
        expected=result.expected,
    )
