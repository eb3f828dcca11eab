"""The contracts of speech synthesis and of the place where sound goes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator

import numpy as np
from numpy.typing import NDArray

Pcm = NDArray[np.int16]  # [n], mono
RATE = 24_000  # Hz, everywhere between voice and sink; a back end with another rate resamples


class SpeakingError(Exception):
    """Synthesis failed; the message says what happened and what to do."""


class Voice(ABC):
    """Text to speech. `languages`: those it can really speak ("en", "zh")."""

    name: str
    languages: frozenset[str]

    @abstractmethod
    def synthesise(self, sentence: str, language: str, pace: float = 1.0) -> AsyncIterator[Pcm]:
        """Sound of one sentence that is already normalised (`normalise.py`), in chunks, int16 24 kHz mono.

        `pace`: how fast, of the speed that was set for the house (1.25: a quarter faster).
        Closing the iterator abandons the rest. Raises `SpeakingError`.
        """

    def speakers(self, language: str) -> tuple[str, ...]:
        """Names that `as_speaker` takes for a language, the one it speaks with by itself first; empty: no choice."""
        return ()

    def as_speaker(self, name: str) -> Voice:
        """The same voice (one set of models) that speaks as `name`; itself for a name that it does not have."""
        return self

    async def prepare(self, sentence: str, language: str, pace: float = 1.0) -> None:
        """Synthesise ahead and keep (bounded), so that `synthesise` of the same sentence is immediate."""

    async def warm_up(self) -> None:
        """Load what is needed, so that the first call is not slow."""

    async def aclose(self) -> None: ...


class AudioSink(ABC):
    """Where sound goes: the page, or nowhere (headless). Paces: `play` returns when little is left unplayed.

    `deaf`: nobody listens, so no sound has to be made; what is said takes its time all the same.
    """

    deaf = False

    @abstractmethod
    async def play(self, pcm: Pcm) -> None:
        """Take a chunk (int16 24 kHz mono); waits while more than a moment's sound is unplayed."""

    @abstractmethod
    async def drain(self) -> None:
        """Wait until everything taken was played."""

    @abstractmethod
    def clear(self) -> float:
        """Drop everything unplayed at once, also at the page; returns the seconds of sound that were not heard."""
