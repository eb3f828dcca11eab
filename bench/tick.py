"""What a tick costs beside observer and seeing: number 3 of docs/bench.md. Virtual time, so only CPU is measured."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from statistics import fmean
from unittest.mock import patch

from bench import seeing
from bench.figures import Figure
from config import Settings
from interaction.clock import run_virtual
from interaction.lane import Lane
from interaction.observers.base import Proposal, View
from interaction.observers.embedded import EmbeddedObserver
from interaction.seeing.base import PerceptEvent, Percepts, Seer
from interaction.services import Services
from interaction.session import Session
from interaction.sources.base import Frame
from interaction.sources.scripted import ScriptedSource
from interaction.tick import House, tick

TICKS = 2000
FPS = 10.0
EVERY_S = 15.0  # someone comes in so often, and leaves again after a third of it
WATCHES = (
    "tell me when someone comes in",
    "tell me when someone leaves",
    "tell me when there are more than two people",
    "tell me when the text changes",
    "count the people who come in",
)


class ScriptedEyes(Seer):
    """A person comes and goes, by the clock."""

    def __init__(self) -> None:
        self._inside = False

    async def look(self, frame: Frame) -> Percepts:
        inside = frame.t % EVERY_S > EVERY_S * 2 / 3
        events: tuple[PerceptEvent, ...] = ()
        if inside != self._inside:
            self._inside = inside
            events = (PerceptEvent(frame.t, "arrived" if inside else "left", "person", "left"),)
        return Percepts(frame.t, counts={"person": 1} if inside else {}, moving=inside, events=events)

    @property
    def pace(self) -> float:
        return 5.0


class TimedObserver(EmbeddedObserver):
    """`spent`: CPU seconds that deciding took."""

    spent = 0.0

    async def decide(self, view: View) -> list[Proposal]:
        begin = time.thread_time()
        try:
            return await super().decide(view)
        finally:
            self.spent += time.thread_time() - begin


Tick = Callable[[Lane, House], Awaitable[None]]


def timed(observer: TimedObserver, ticks: list[float]) -> Tick:
    """The tick, which notes its CPU seconds without the observer's. Nothing else runs while it does."""

    async def measured(lane: Lane, house: House) -> None:
        begin, asked = time.thread_time(), observer.spent
        await tick(lane, house)
        ticks.append(time.thread_time() - begin - (observer.spent - asked))

    return measured


async def run(count: int, folder: Path) -> tuple[list[float], float, int]:
    """CPU seconds of each of about `count` ticks or more, of everything together without the observer, and events."""
    observer, ticks = TimedObserver(), list[float]()
    services = Services(observer=observer, fallback=observer, make_seer=ScriptedEyes, folder=folder)
    session = Session("bench", "bench", Settings(_env_file=None), services)
    running = asyncio.create_task(session.run())
    for words in WATCHES:
        session.request(words)
    await session.clock.sleep_until(1.0)
    if len(session.watches) != len(WATCHES):
        raise RuntimeError(f"{len(session.watches)} of {len(WATCHES)} watches stand")
    begin, image = time.process_time(), next(seeing.room()).image
    try:
        with patch("interaction.lane.tick", timed(observer, ticks)):
            lane = session.add_lane(ScriptedSource(lambda: [image] * round(count * FPS), fps=FPS))
            await lane.ended.wait()
            everything = time.process_time() - begin - observer.spent
    finally:
        await session.aclose()
        await running
    return ticks, everything, session.subscribers.seq


def measure() -> list[Figure]:
    """Number 3."""
    with tempfile.TemporaryDirectory(prefix="lookout-bench-") as folder:
        ticks, everything, events = run_virtual(run(TICKS, Path(folder)))
    return [figure(ticks, everything, events)]


def figure(ticks: Sequence[float], everything: float, events: int) -> Figure:
    each = 1000 * everything / len(ticks)
    return Figure(
        3,
        "tick without observer and seeing",
        "ms",
        [1000 * tick for tick in ticks],
        limit=5.0,
        cpu=sum(ticks),
        how=f"real session on virtual time, {len(WATCHES)} watches, {len(ticks)} ticks: CPU of each",
        notes=[
            f"mean {1000 * fmean(ticks):.2f} ms; with all that happens between two ticks ({FPS:.0f} frames a second, "
            f"looks, a picture for the album, {events} events to the journal): {each:.2f} ms a tick"
        ],
    )
