"""Scripted sources, and one that is opened again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import numpy as np
import pytest

from interaction.clock import Clock
from interaction.events import LaneChanged
from interaction.sources.base import Frame, FrameSource, SourceError
from interaction.sources.reconnecting import Reconnecting
from interaction.sources.scripted import ScriptedSource

IMAGE = np.zeros((48, 64, 3), np.uint8)


async def collect(source: FrameSource, clock: Clock) -> list[tuple[float, float]]:
    return [(round(frame.t, 3), round(clock.now(), 3)) async for frame in source.frames(clock.now)]


async def test_a_script_is_played_at_its_times() -> None:
    clock = Clock()
    source = ScriptedSource([IMAGE, None, IMAGE], fps=2)
    assert await collect(source, clock) == [(0.0, 0.0), (1.0, 1.0)]


async def test_a_script_breaks_where_it_says() -> None:
    source = ScriptedSource([IMAGE, SourceError("cable pulled")], fps=1)
    with pytest.raises(SourceError, match="cable pulled"):
        await collect(source, Clock())


class Flaky(FrameSource):
    """Attempt `i` follows script `i`; the last one repeats."""

    def __init__(self, *scripts: list[object]) -> None:
        self.lane = "door"
        self.must_open = False
        self.attempts: list[float] = []
        self._scripts = list(scripts)

    async def frames(self, now: Callable[[], float]) -> AsyncIterator[Frame]:
        script = self._scripts[min(len(self.attempts), len(self._scripts) - 1)]
        self.attempts.append(round(now(), 1))
        inner = ScriptedSource(script, fps=1)  # type: ignore[arg-type]
        async for frame in inner.frames(now):
            yield frame


async def run_for(source: Reconnecting, clock: Clock, seconds: float) -> list[float]:
    times: list[float] = []

    async def consume() -> None:
        async for frame in source.frames(clock.now):
            times.append(frame.t)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(seconds):
            await consume()
    return times


async def test_it_is_tried_for_ever_with_growing_pauses() -> None:
    clock = Clock()
    broken = Flaky([SourceError("door refused the connection.")])
    reports: list[LaneChanged] = []
    assert await run_for(Reconnecting(broken, reports.append), clock, 200) == []
    assert broken.attempts[:5] == [0.0, 1.0, 3.0, 6.0, 9.0]
    assert broken.attempts[-1] > 190  # for ever, and never so seldom that who is back is not seen within five seconds
    assert [r.state for r in reports[:4]] == ["connecting", "down", "connecting", "down"]
    assert reports[1].detail == "door refused the connection. It is tried again in 1 s."


async def test_a_dropped_stream_comes_back_and_pauses_begin_anew() -> None:
    clock = Clock()
    drops = Flaky([IMAGE, IMAGE, SourceError("broke off")], [SourceError("down")], [IMAGE] * 3)
    reports: list[LaneChanged] = []
    times = await run_for(Reconnecting(drops, reports.append), clock, 12)
    assert times[:5] == [0.0, 1.0, 5.0, 6.0, 7.0]
    assert [r.state for r in reports][:7] == [
        "connecting",
        "watching",
        "down",
        "connecting",
        "down",
        "connecting",
        "watching",
    ]


async def test_a_source_that_falls_silent_is_reported_as_stalled() -> None:
    clock = Clock()
    silent = Flaky([IMAGE, *[None] * 8, IMAGE, *[None] * 50])
    reports: list[LaneChanged] = []
    await run_for(Reconnecting(silent, reports.append), clock, 11)
    assert [(r.state, round(r.t)) for r in reports] == [
        ("connecting", 0), ("watching", 0), ("stalled", 5), ("watching", 9)
    ]  # fmt: skip


async def test_the_first_failure_can_be_an_error_and_a_file_ends() -> None:
    clock = Clock()
    typed = Flaky([SourceError("no")])
    typed.must_open = True
    with pytest.raises(SourceError):
        await collect(Reconnecting(typed, lambda _: None), clock)  # type: ignore[arg-type]
    file = ScriptedSource([IMAGE] * 2, fps=1)
    assert len(await collect(Reconnecting(file, lambda _: None), clock)) == 2  # type: ignore[arg-type]
