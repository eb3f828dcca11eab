"""Scripted hearing and speaking for tests: what is said and heard, and how long it takes, is written down here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import numpy as np
from numpy.typing import NDArray

from interaction.events import Event
from interaction.hearing.base import RATE as HEARING_RATE
from interaction.hearing.base import HearingError, Recognizer, Transcript
from interaction.hearing.vad import Vad
from interaction.speaking.base import RATE, Pcm, SpeakingError, Voice

FAINT = 0.004  # amplitude from which the scripted VAD takes sound for speech


class LoudnessVad(Vad):
    """Sound is speech."""

    def __call__(self, chunk: NDArray[np.float32]) -> float:
        return 0.95 if float(np.abs(chunk).max()) >= FAINT else 0.02

    def reset(self) -> None: ...


class ScriptedRecognizer(Recognizer):
    """Gives out the scripted texts in order (the last one again and again); an exception is raised instead.

    `calls`: seconds of sound of each call; `done`: how many were finished. `partials`: what is understood of turns that
    go on, one an attempt, each taking `partial_takes` seconds; `attempts`: seconds of sound of each.
    """

    name = "scripted"

    def __init__(
        self,
        *texts: str | Exception,
        takes: float = 0.05,
        partials: tuple[str, ...] = (),
        partial_takes: float = 0.05,
        sounds_like: tuple[str, float] | None = None,
    ) -> None:
        self._texts = list(texts) or ["hello"]
        self._takes = takes
        self.calls: list[float] = []
        self.languages: list[str] = []
        self.sounds_like = sounds_like
        self.attempts: list[float] = []
        self._partials, self._partial_takes = list(partials), partial_takes
        self.done = 0

    async def transcribe(self, audio: NDArray[np.float32], language: str) -> Transcript:
        self.calls.append(round(len(audio) / HEARING_RATE, 3))
        self.languages.append(language)
        await asyncio.sleep(self._takes)
        text = self._texts[min(self.done, len(self._texts) - 1)]
        self.done += 1
        if isinstance(text, Exception):
            raise text
        return Transcript(text, language)

    async def partial(self, audio: NDArray[np.float32], language: str, stale: Callable[[], bool]) -> Transcript | None:
        self.attempts.append(round(len(audio) / HEARING_RATE, 3))
        await asyncio.sleep(self._partial_takes)
        text = self._partials.pop(0) if self._partials else ""
        return Transcript(text, language) if text else None

    async def detect(self, audio: NDArray[np.float32]) -> tuple[str, float] | None:
        return self.sounds_like


class ScriptedVoice(Voice):
    """Each sentence takes `takes` seconds to make and is `lasts` seconds long, in chunks of `chunk` seconds.

    `log`: what was asked for, made and abandoned, with the loop's time; `fails`: sentences that raise.
    """

    name = "scripted"

    def __init__(
        self,
        takes: float = 0.3,
        lasts: float | Callable[[str], float] = 1.0,
        *,
        chunk: float = 10.0,
        fails: tuple[str, ...] = (),
        languages: tuple[str, ...] = ("en",),
    ) -> None:
        self.languages = frozenset(languages)
        self._takes, self._lasts, self._chunk, self._fails = takes, lasts, chunk, fails
        self.log: list[tuple[str, str, float]] = []
        self.prepared: list[str] = []

    async def synthesise(self, sentence: str, language: str, pace: float = 1.0) -> AsyncIterator[Pcm]:
        self._note("asked", sentence)
        try:
            seconds = self._lasts(sentence) if callable(self._lasts) else self._lasts
            left = round(seconds * RATE)
            await asyncio.sleep(self._takes)
            if sentence in self._fails:
                raise SpeakingError("The scripted voice broke.")
            while left > 0:
                size = min(left, round(self._chunk * RATE))
                left -= size
                yield np.full(size, 1000, np.int16)
                if left:
                    await asyncio.sleep(self._takes)
            self._note("made", sentence)
        except (asyncio.CancelledError, GeneratorExit):
            self._note("abandoned", sentence)
            raise

    async def prepare(self, sentence: str, language: str, pace: float = 1.0) -> None:
        self.prepared.append(sentence)

    def _note(self, what: str, sentence: str) -> None:
        self.log.append((what, sentence, round(asyncio.get_running_loop().time() - 1000.0, 2)))


class Heard(list[Event]):
    """Events as they are emitted."""

    def of(self, *kinds: type) -> list[Event]:
        return [event for event in self if isinstance(event, kinds)]

    def names(self) -> list[str]:
        return [type(event).__name__ for event in self]


def tone(seconds: float, amplitude: float = 0.2) -> NDArray[np.float32]:
    """float32 [n], 16 kHz: speech for `LoudnessVad`."""
    t = np.arange(round(seconds * HEARING_RATE), dtype=np.float32) / HEARING_RATE
    return (amplitude * np.sin(2 * np.pi * 220 * t)).astype(np.float32)


def hiss(seconds: float) -> NDArray[np.float32]:
    """A silent room: too faint for speech, but not digital silence."""
    noise = np.random.default_rng(1).normal(0, 0.0005, round(seconds * HEARING_RATE))
    return noise.astype(np.float32)


def broken(message: str = "The recogniser broke.") -> HearingError:
    return HearingError(message)
