"""What a soak watches and what is asked meanwhile: a room in which hardly anything happens, and a busy one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from itertools import cycle
from random import Random

import numpy as np

from bench.footage import NoFootage, find
from bench.house import VTEST
from interaction.observers.embedded import EmbeddedObserver
from interaction.session import Session
from interaction.sources.base import Frame, FrameSource
from interaction.sources.opening import open_source
from interaction.sources.synthetic import SyntheticSource
from interaction.sources.synthetic.boards import slides
from interaction.sources.synthetic.scene import Scene
from interaction.sources.synthetic.things import blobs
from interaction.speaking.base import RATE, Pcm, Voice

NOISE = 6.0  # grey levels
HOUR_S = 3600.0
MINUTE_S = 60.0
STREET = "crop=648,200,120,376"  # of vtest.avi: people pass, and between them nobody is there


@dataclass(frozen=True)
class Day:
    """`scene`: drawn for ever; `fps`: pictures a second; `wishes`: said in the first seconds; `asked`: one by
    one, over and over, every `every_s`; `street`: whether real people are shown in between, where there is footage."""

    name: str
    scene: Callable[[], Scene]
    fps: float
    wishes: Sequence[str]
    asked: Sequence[str]
    every_s: float
    street: bool = False


def _screen() -> Scene:
    """A departure screen that changes every twenty minutes, for ever."""
    times = {0.0: "Boarding 18:40", 1200.0: "Boarding 18:55", 2400.0: "Last call"}
    screen = slides(Random(0), HOUR_S, times)
    return Scene(lambda t: screen.draw(t % HOUR_S), ())


def _bustle() -> Scene:
    """A minute of squares that come and go, a minute of pages that change every five seconds, for ever."""
    squares = blobs(Random(1), MINUTE_S, first=1.0, gap=(2.5, 5.0))
    pages = slides(Random(2), MINUTE_S, {float(t): [f"Page {t}", f"Line {t * 7}"] for t in range(0, 60, 5)})
    return Scene(lambda t: (squares if int(t // MINUTE_S) % 2 else pages).draw(t % MINUTE_S), ())


WISHES = (
    "tell me when someone comes in",
    "tell me when someone leaves",
    "tell me when the text changes",
    "tell me when anything moves",
)
ASKED = (
    "what do you see?",
    "work out 17 percent of 2,340",
    "remind me in one minute to stretch",
    "when did the text change?",
    "what are you watching for?",
    "你看到了什么？",
    "run a program that prints the first ten squares",
    "blah blah",
    "what happened in the last ten minutes?",
    "tell me when you see a cat in the next five minutes",
    "what is 23 times 19?",
    "what time is it?",
)
STILL = Day("mostly still", _screen, 1.0, WISHES, ASKED, every_s=300.0)
BUSY = Day("busy", _bustle, 5.0, WISHES, ASKED, every_s=10.0, street=True)


class Gated(EmbeddedObserver):
    """The built-in observer, asked only when the gate finds a reason, as a model would be."""

    gated = True


class Hum(Voice):
    """Silence at 15 characters a second: what speaking costs beside making sound."""

    name = "hum"
    languages = frozenset({"en", "zh"})

    async def synthesise(self, sentence: str, language: str, pace: float = 1.0) -> AsyncIterator[Pcm]:
        for _ in range(max(1, round(len(sentence) / 1.5 / pace))):
            yield np.zeros(RATE // 10, np.int16)


class Stretch(FrameSource):
    """`seconds` of a day. Rounds of drawn minutes and, where there is footage, of a real street; it is opened anew each
    time, as a camera that comes back is. `seen`: what was really shown."""

    live = False

    def __init__(self, day: Day, seconds: float) -> None:
        self.lane = "camera"
        self._day = day
        self._seconds = seconds
        self.seen = "drawn"
        self._street = ""
        if day.street:
            try:
                self._street = f"{find(*VTEST)}#{STREET}"
                self.seen = "drawn, and people on a real street"
            except NoFootage as missing:
                self.seen = f"drawn only: {missing}"

    async def frames(self, now: Callable[[], float]) -> AsyncIterator[Frame]:
        end = now() + self._seconds
        while (left := end - now()) > 1 / self._day.fps:
            seconds = min(left, 2 * MINUTE_S) if self._street else left
            over = now() + seconds
            async for frame in self._drawn(seconds).frames(now):
                yield frame
            await asyncio.sleep(max(0.0, over - now()))  # the last picture is shown as long as the others
            if self._street and now() < end:
                street = open_source(self._street, "camera", allow_files=True, realtime=False, fps=self._day.fps)
                async for frame in street.frames(now):
                    if frame.t > end:
                        break
                    yield frame
                await street.aclose()

    def _drawn(self, seconds: float) -> FrameSource:
        return SyntheticSource(
            self._day.scene(), seed=7, seconds=seconds, fps=self._day.fps, lane=self.lane, noise=NOISE
        )


async def talk(session: Session, day: Day) -> None:
    """Wishes first, then questions for ever."""
    for wish in day.wishes:
        await asyncio.sleep(1.0)
        session.request(wish)
    for question in cycle(day.asked):
        await asyncio.sleep(day.every_s)
        session.request(question)
