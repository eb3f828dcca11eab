"""Whether the gate lets a model see what it has to see, and how often it asks for nothing, on the scenarios' streams.

The gate is given the newest picture once a second and no word of the eyes, so it has the picture alone to go by. An
event is missed when nothing was asked between the moment at which it can be seen and the end of its window.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from bench.footage import NoFootage
from bench.scenario import Scenario, collect
from bench.streams import open_stream
from config import Gate as Settings
from interaction.clock import Clock
from interaction.gate import Gate
from interaction.sources.base import Frame

SCENARIOS = Path(__file__).resolve().parents[2] / "tests" / "scenarios"
STATIC = ("robustness-quiet-half-hour", "robustness-nobody-noise", "robustness-nobody-light", "robustness-nobody-box")
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
    """What can be seen in the main stream and has to be told: when, and until when."""
    return [
        (span.at, span.span[1])
        for span in scenario.expect
        if span.event == "speak" and span.at is not None and span.watch and span.lane in (None, "camera")
    ]


async def watch_all(paths: Sequence[Path] = (SCENARIOS,)) -> list[Watched]:
    found = [await watched(scenario) for scenario in collect(list(paths)) if not scenario.source.drop]
    return [one for one in found if one is not None]
