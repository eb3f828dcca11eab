"""The voice's way out and the camera's way in, on virtual time."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from config import Sources
from interaction.clock import Clock
from interaction.sources.base import Frame
from interaction.sources.browser import BrowserSource
from interaction.speaking.base import RATE, Pcm
from interaction.streams import TaskScope
from interaction.web.sink import FRAME, UNDERWAY_S, PageSink


class Line:
    """A transport that takes a frame every 20 ms."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.sink = PageSink(self.clock.now, self._clear)
        self.out: list[Pcm] = []
        self.cleared = 0
        self.scope = TaskScope(_fail)

    def open(self) -> None:
        self.scope.spawn("line", self._run())

    async def _run(self) -> None:
        while True:
            self.out.append(self.sink.frame())
            await asyncio.sleep(0.02)

    def _clear(self) -> None:
        self.cleared += 1

    @property
    def sound(self) -> Pcm:
        return np.concatenate(self.out)


def _fail(name: str, error: BaseException) -> None:
    raise AssertionError(name) from error


def ramp(seconds: float) -> Pcm:
    return (np.arange(round(seconds * RATE)) % 30_000 + 1).astype(np.int16)


async def test_the_stream_is_continuous_and_speech_in_it_is_whole() -> None:
    line = Line()
    line.open()
    await asyncio.sleep(0.1)
    said = ramp(1.234)
    for chunk in np.array_split(said, 9):
        await line.sink.play(chunk)
    await line.sink.drain()
    assert {frame.shape for frame in line.out} == {(FRAME,)}
    assert {frame.dtype for frame in line.out} == {np.dtype(np.int16)}
    first = int(np.flatnonzero(line.sound)[0])
    assert (line.sound[first : first + said.size] == said).all()
    assert not line.sound[first + said.size :].any()
    await line.scope.aclose()


async def test_play_waits_while_more_than_a_moment_is_unplayed() -> None:
    line = Line()
    line.open()
    begun = line.clock.now()
    await line.sink.play(ramp(3))
    assert 2.2 < line.clock.now() - begun < 2.8
    await line.sink.drain()
    assert 3.1 < line.clock.now() - begun < 3.5, "what is under way counts as unplayed"
    await line.scope.aclose()


async def test_clear_says_how_much_was_not_heard() -> None:
    line = Line()
    line.open()
    line.scope.spawn("speech", line.sink.play(ramp(5)))
    await asyncio.sleep(2)
    waiting = line.sink._waiting.size / RATE
    line.scope.cancel("speech")
    assert line.sink.clear() == pytest.approx(waiting + UNDERWAY_S, abs=0.021), "assumed under way"
    assert line.sink.clear() == 0 and line.cleared == 1
    await asyncio.sleep(0.1)
    assert not np.concatenate(line.out[-4:]).any()
    await line.scope.aclose()


async def test_speech_that_waited_for_room_does_not_come_back_after_a_clear() -> None:
    line = Line()
    line.open()
    saying = asyncio.create_task(line.sink.play(ramp(5)))
    await asyncio.sleep(1)
    line.sink.clear()
    line.out.clear()
    await asyncio.wait_for(saying, 0.1)
    await asyncio.sleep(1)
    assert not line.sound.any()
    await line.scope.aclose()


async def test_a_page_that_says_how_far_it_is_makes_it_exact() -> None:
    line = Line()
    line.open()
    await asyncio.sleep(1)
    line.scope.spawn("speech", line.sink.play(ramp(5)))
    await asyncio.sleep(2)
    line.sink.played(line.sink._given * 0.02 - 0.9)
    await asyncio.sleep(0.5)
    line.scope.cancel("speech")
    waiting = line.sink._waiting.size / RATE
    assert line.sink.clear() - waiting == pytest.approx(0.9, abs=0.021)
    for nonsense in (0.0, 1e6):
        await line.sink.play(ramp(0.1))
        await asyncio.sleep(0.11)
        line.sink.played(nonsense)
        assert line.sink.clear() == pytest.approx(0.1, abs=0.021), "not believed"
    await line.scope.aclose()


async def test_a_page_that_went_away_holds_nobody_up() -> None:
    line = Line()
    stuck = [asyncio.create_task(line.sink.play(ramp(60))), asyncio.create_task(line.sink.drain())]
    await asyncio.sleep(5)
    assert not any(task.done() for task in stuck)
    line.sink.close()
    await asyncio.wait_for(asyncio.gather(*stuck), 0.1)
    await asyncio.wait_for(line.sink.play(ramp(60)), 0.1)
    assert line.sink.clear() == 0 and line.cleared == 0


def picture(value: int, width: int = 64, height: int = 48) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.full((height, width, 3), value, np.uint8)


async def test_a_camera_hands_on_the_newest_picture_at_its_own_pace() -> None:
    clock, source = Clock(), BrowserSource(fps=5)
    got: list[Frame] = []

    async def watch() -> None:
        async for frame in source.frames(clock.now):
            got.append(frame)

    scope = TaskScope(_fail)
    task = scope.spawn("watch", watch())
    for number in range(60):
        source.put(picture(number))
        await asyncio.sleep(1 / 30)
    assert 9 <= len(got) <= 11, "two seconds at five a second"
    values = [int(frame.image[0, 0, 0]) for frame in got]
    assert values == sorted(set(values)) and values[-1] >= 54, "the newest, not the oldest"
    assert [frame.t for frame in got] == sorted(frame.t for frame in got)
    source.close()
    source.put(picture(99))
    await asyncio.wait_for(task, 1)
    assert got[-1].image[0, 0, 0] != 99
    assert [frame async for frame in source.frames(clock.now)] == []


async def test_a_large_picture_is_scaled_down_and_keeps_its_shape() -> None:
    clock, source = Clock(), BrowserSource(limits=Sources(longest_side=128))
    source.put(picture(7, 640, 360))
    frame = await anext(source.frames(clock.now))
    assert frame.image.shape == (72, 128, 3) and frame.image.dtype == np.uint8
    assert (frame.image == 7).all()
