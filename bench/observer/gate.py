"""Whether the gate lets a model see what it has to see, and how often it asks for nothing, on the scenarios' streams.

The gate is given the newest picture once a second and no word of the eyes, so it has the picture alone to go by. An
event is missed when nothing was asked between the moment at which it can be seen and the end of its window.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

from bench.footage import NoFootage
from bench.scenario import Scenario, collect
from bench.streams import open_stream
from config import Gate as Settings
from interaction.clock import Clock
from interaction.gate import Gate
from interaction.intents import AddWatch
from interaction.sources.base import Frame
from interaction.understanding import understand
from interaction.watches import Watches

SCENARIOS = Path(__file__).resolve().parents[2] / "tests" / "scenarios"
STATIC = ("robustness-quiet-half-hour", "robustness-nobody-noise", "robustness-nobody-light")
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # of a scenario; any will do
HEARTBEAT_S = Settings().heartbeat_s


@dataclass(frozen=True)
class Watched:
    """`asked`: seconds at which the model would have been asked; `ticks`: all of them; `missed`: events."""

    name: str
    ticks: int
    asked: tuple[float, ...]
    events: int
    missed: tuple[float, ...]

    @property
    def static(self) -> bool:
        return self.name in STATIC


async def watched(scenario: Scenario) -> Watched | None:
    """None where the footage is not here."""
    gate, asked, ticks = Gate(), list[float](), 0
    try:
        source = open_stream(scenario.source)
    except NoFootage:
        return None
    clock = Clock()
    frames = cast("AsyncGenerator[Frame]", source.frames(clock.now))
    due, newest = 0.0, None
    async with aclosing(frames):
        async for frame in frames:
            while newest is not None and frame.t > due:
                ticks += 1
                if gate.check(newest, due, asked=False, percepts_changed=False):
                    asked.append(due)
                due += 1.0
            newest = frame
    await source.aclose()
    events = _events(scenario)
    missed = tuple(at for at, end in events if not any(at <= t <= end for t in asked))
    return Watched(scenario.name, ticks, tuple(asked), len(events), missed)


def _events(scenario: Scenario) -> list[tuple[float, float]]:
    """What can be seen in the main stream and has to be told: when, and until when. A reminder cannot be seen."""
    spans = [span for span in scenario.expect if span.event == "speak" and span.watch and span.lane in (None, "camera")]
    reminders = list(_due(scenario))
    return [
        (span.at, span.span[1])
        for span in spans
        if span.at is not None and not any(abs(span.at - t) < 1.0 for t in reminders)
    ]


def _due(scenario: Scenario) -> Iterator[float]:
    """Seconds at which the house reminds by the clock."""
    for said in scenario.user:
        now = START + timedelta(seconds=said.t)
        for intent in understand(said.say, scenario.language, now=now, watches=[], lanes=(), capabilities=frozenset()):
            if isinstance(intent, AddWatch) and intent.schedule:
                watch, _ = Watches(1).add(intent, scenario.language, now)
                first = (watch.next_due - START).total_seconds() if watch.next_due else said.t
                every = intent.schedule.every or 1e9
                yield from (first + number * every for number in range(round(600 / every) + 1))


async def watch_all(paths: Sequence[Path] = (SCENARIOS,)) -> list[Watched]:
    found = [await watched(scenario) for scenario in collect(list(paths)) if not scenario.source.drop]
    return [one for one in found if one is not None]
