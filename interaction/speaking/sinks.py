"""Where sound goes when there is no page, and what is spoken there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import numpy as np

from interaction.clock import Clock
from interaction.speaking.base import RATE, AudioSink, Pcm, Voice
from interaction.speaking.utterance import spoken_s

AHEAD_S = 0.2  # taken ahead of what is played, as a page's buffer would


class NullSink(AudioSink):
    """Sound is made and dropped; speaking takes its time: an utterance lasts as long as its sound."""

    def __init__(self) -> None:
        self._clock: Clock | None = None
        self._end = 0.0  # when everything taken has been played

    async def play(self, pcm: Pcm) -> None:
        await asyncio.sleep(max(0.0, self._left() - AHEAD_S))
        self._end += self._left_gap() + len(pcm) / RATE

    async def drain(self) -> None:
        await asyncio.sleep(self._left())

    def clear(self) -> float:
        left = self._left()
        self._end -= left
        return left

    def _now(self) -> float:
        self._clock = self._clock or Clock()
        return self._clock.now()

    def _left(self) -> float:
        """Seconds of sound not played yet."""
        return max(0.0, self._end - self._now())

    def _left_gap(self) -> float:
        """Seconds since the last sound ended; a new one starts now, not then."""
        return max(0.0, self._now() - self._end)


class EmptyRoom(NullSink):
    """The page is gone, or never came: what is said is written down, and sounds nowhere."""

    deaf = True


class UnmadeVoice(Voice):
    """Silence as long as the words would take, for a fraction of the work: what an empty room hears."""

    name = "none"
    languages = frozenset[str]()

    async def synthesise(self, sentence: str, language: str, pace: float = 1.0) -> AsyncIterator[Pcm]:
        yield np.zeros(round(RATE * spoken_s(sentence) / pace), np.int16)
