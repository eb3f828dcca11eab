"""Scripted sources, and one that is opened again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import numpy as np
import pytest

from interaction.both import Both
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


async def test_a_refused_login_is_tried_so_seldom_that_no_account_is_locked() -> None:
    clock = Clock()
    refused = SourceError(Both("door refused the user name and password.", "door 不接受用户名和密码。"), login=True)
    gone, wrong = Flaky([SourceError(Both("away", "断开"))], [refused]), Flaky([refused])
    reports: list[LaneChanged] = []
    await run_for(Reconnecting(wrong, reports.append), clock, 24 * 3600)
    assert wrong.attempts[:5] == [0.0, 60.0, 180.0, 420.0, 900.0]
    assert len(wrong.attempts) < 60, "a day"
    assert reports[1].detail.startswith("door refused the user name and password. It is tried again in 60 s, so that")
    assert "30 minutes" in reports[-1].detail and "30 分钟后再试" in reports[-1].detail.zh
    later = clock.now()
    await run_for(Reconnecting(gone, reports.append), clock, 3600)
    assert [round(t - later) for t in gone.attempts[:4]] == [0, 1, 61, 181], "whatever else was wrong before"


async def test_after_a_login_that_worked_its_pauses_begin_anew() -> None:
    clock = Clock()
    refused = SourceError(Both("refused", "被拒绝"), login=True)
    changed = Flaky([refused], [IMAGE, refused], [refused])
    await run_for(Reconnecting(changed, lambda _: None), clock, 300)  # type: ignore[arg-type]
    assert changed.attempts == [0.0, 60.0, 121.0, 241.0]


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
