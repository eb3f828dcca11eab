"""Where the assistant's voice leaves the house: a continuous stream of 20 ms frames for one page.

The stream never stops, because a stream that exists only while someone speaks stretches later utterances. Little is
ever buffered on this side, because what is buffered cannot be taken back when the person interrupts.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

import numpy as np

from interaction.speaking.base import RATE, AudioSink, Pcm

FRAME_S = 0.02
FRAME = round(RATE * FRAME_S)  # samples
AHEAD = RATE * 3 // 10  # samples that `play` takes before it waits: hides a late chunk, little to throw away
# Sound on its way that nobody can see from here: the network, and the page's jitter buffer (0.1 s when all is well).
# Assumed while the page has not said how far it really is.
UNDERWAY_S = 0.17
PLAUSIBLE_S = 2.0  # jitter buffers hold up to 1.1 s (measured); a page that claims more counts something else


class PageSink(AudioSink):
    """One page's ear. The transport takes the stream with `frame`, one frame every 20 ms.

    `now` is any steady clock in seconds. `on_clear()` is called when speech was taken back that the page may be about
    to play. After `close` nothing waits any more and `play` drops what it gets.
    """

    def __init__(self, now: Callable[[], float], on_clear: Callable[[], None]) -> None:
        self._now = now
        self._on_clear = on_clear
        self._waiting = np.empty(0, np.int16)
        self._room = asyncio.Event()
        self._room.set()
        self._empty = asyncio.Event()
        self._empty.set()
        self._given = 0  # frames of the stream given to the transport, silent ones too
        self._speech: deque[int] = deque(maxlen=round(PLAUSIBLE_S / FRAME_S))  # numbers of the latest that were speech
        self._heard: tuple[float, float] | None = (
            None  # seconds of the stream that the page played, and when it said so
        )
        self._generation = 0
        self._closed = False

    async def play(self, pcm: Pcm) -> None:
        generation = self._generation
        while pcm.size:
            await self._room.wait()
            if self._closed or generation != self._generation:
                return  # what was cleared does not come back through the caller that waited
            self._waiting = np.concatenate([self._waiting, pcm[:AHEAD]])
            pcm = pcm[AHEAD:]
            self._update()

    async def drain(self) -> None:
        await self._empty.wait()
        await asyncio.sleep(self._underway())

    def clear(self) -> float:
        unheard = self._waiting.size / RATE + self._underway()
        self._waiting = np.empty(0, np.int16)
        self._generation += 1
        self._update()
        if unheard > 0:
            self._speech.clear()
            self._on_clear()
        return unheard

    def played(self, seconds: float) -> None:
        """The page says how many seconds of the stream, silence included, it has played since it connected."""
        self._heard = seconds, self._now()

    def frame(self) -> Pcm:
        """The next 20 ms, int16 [480]; silence when there is nothing to say."""
        self._given += 1
        if not self._waiting.size:
            return np.zeros(FRAME, np.int16)
        frame, self._waiting = self._waiting[:FRAME], self._waiting[FRAME:]
        self._speech.append(self._given)
        self._update()
        return np.pad(frame, (0, FRAME - frame.size))

    def close(self) -> None:
        """The page is gone."""
        self._closed = True
        self._waiting = np.empty(0, np.int16)
        self._speech.clear()
        self._update()

    def _update(self) -> None:
        _set(self._room, self._waiting.size < AHEAD or self._closed)
        _set(self._empty, not self._waiting.size)

    def _underway(self) -> float:
        """Seconds of speech that left this side and did not reach the person yet."""
        given, lag = self._given * FRAME_S, UNDERWAY_S
        if self._heard is not None:
            seconds, said = self._heard
            told = given - (seconds + self._now() - said)
            lag = told if 0 <= told <= PLAUSIBLE_S else UNDERWAY_S
        return FRAME_S * sum((self._given - number) * FRAME_S < lag for number in self._speech)


def _set(event: asyncio.Event, value: bool) -> None:
    if value:
        event.set()
    else:
        event.clear()
