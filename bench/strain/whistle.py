"""Lines said as tones, one pitch for each, and a recogniser that knows from the sound alone what was said.

So every line of a scenario goes through the real ears at the cost of a few chunks of sound.
"""

from __future__ import annotations

import io
import wave
from collections.abc import Sequence

import numpy as np

from bench.person import BEFORE_S, EARLY_S, NEXT_S, Person, Sound
from bench.strain.days import Hum
from interaction.hearing.base import RATE, Recognizer, Transcript
from interaction.worker import Worker

TONE_S = 0.6
LOWEST, STEP = 300.0, 20.0  # Hz; 0.6 s of sound tell 2 Hz apart
LOUD, AUDIBLE = 0.1, 0.02  # amplitudes; the room's own noise stays below 0.01
TURN_S = BEFORE_S + TONE_S + 0.5 + NEXT_S  # from the first sound of a line until another may begin


class Phrasebook:
    """What each pitch means; lines are noted as they are first said."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def sound(self, text: str) -> Sound:
        """float32 [n], 16 kHz."""
        if text not in self._lines:
            self._lines.append(text)
        pitch = LOWEST + STEP * self._lines.index(text)
        return (LOUD * np.sin(2 * np.pi * pitch * np.arange(round(TONE_S * RATE)) / RATE)).astype(np.float32)

    def words(self, audio: Sound) -> str:
        """What was said in `audio` (float32 [n], 16 kHz); "" for none of the known lines."""
        if audio.size < RATE // 10 or float(np.abs(audio).max()) < AUDIBLE:
            return ""
        spectrum = np.abs(np.fft.rfft(audio))
        line = round((float(np.argmax(spectrum)) * RATE / audio.size - LOWEST) / STEP)
        return self._lines[line] if 0 <= line < len(self._lines) else ""

    def words_of(self, wav: bytes) -> str:
        """The same of a WAV file, 16 bit, mono, 16 kHz."""
        with wave.open(io.BytesIO(wav), "rb") as sound:
            pcm = np.frombuffer(sound.readframes(sound.getnframes()), "<i2")
        return self.words((pcm / 32767).astype(np.float32))


class Whistler(Person):
    """Says everything as a tone."""

    def __init__(self, book: Phrasebook) -> None:
        super().__init__(Hum())
        self._book = book

    async def _sound(self, text: str, language: str) -> Sound:
        return self._book.sound(text)


class Listener(Recognizer):
    """Understands tones, on a thread of its own as Whisper does."""

    name = "scripted"

    def __init__(self, book: Phrasebook) -> None:
        self._book = book
        self.worker = Worker("listener")

    async def transcribe(self, audio: Sound, language: str) -> Transcript:
        return Transcript(await self.worker.run(self._book.words, audio), language)

    async def aclose(self) -> None:
        self.worker.close()


class Loudness:
    """A detector of speech for which every sound is speech."""

    def __call__(self, chunk: Sound) -> float:
        return float(np.abs(chunk).max() > AUDIBLE)

    def reset(self) -> None:
        return


def gap(times: Sequence[float], begin: float, end: float) -> float | None:
    """A second between these two at which a line can be begun without talking over those that are heard at `times`."""
    for step in range(int(max(0.0, end - begin) / 0.25)):
        t = begin + step * 0.25
        if all(t + TURN_S < at - EARLY_S - TONE_S - 0.5 - BEFORE_S or t > at + NEXT_S for at in times):
            return t
    return None
