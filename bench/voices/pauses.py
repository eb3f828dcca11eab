"""People who pause within what they say: how many of them are taken for having ended, by the real detector, recogniser
and rules of endpointing, against one silence for all."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

import assets
from bench.figures import Figure
from bench.person import in_a_room
from bench.voices.accuracy import HUMAN, spoken_by_people
from config import Settings
from interaction.backends import make_recognizer
from interaction.clock import Clock
from interaction.events import Event, TranscriptFinal
from interaction.hearing.base import RATE, Recognizer, Transcript
from interaction.hearing.ears import Ears
from interaction.hearing.vad import CHUNK_S, Silero, load_silero

Sound = NDArray[np.float32]  # [n], 16 kHz, −1…1
TAKES_S = 0.1  # of virtual time, for a recogniser: sooner than it is, so that no rule is spared
PAUSES_S = (0.35, 0.6)  # put into what a person says, on top of the pause that is there
PLACES, APART = 3, 50  # how many; fiftieths of a second between them
AFTER_S = 1.5


class Patient(Recognizer):
    """Takes `TAKES_S`, and knows what it heard before."""

    def __init__(self, recognizer: Recognizer) -> None:
        self.name, self._recognizer = recognizer.name, recognizer
        self._known: dict[bytes, Transcript] = {}

    async def transcribe(self, audio: Sound, language: str) -> Transcript:
        key = audio.tobytes()
        if key not in self._known:
            self._known[key] = await self._recognizer.transcribe(audio, language)
        await asyncio.sleep(TAKES_S)
        return self._known[key]

    async def aclose(self) -> None:
        await self._recognizer.aclose()


def clips() -> list[Sound]:
    """A reader's sentences as they are; and each with a longer pause at its quietest moments."""
    found = [sound for sound, _ in spoken_by_people()]
    return found + [paused(sound, seconds) for sound in found for seconds in PAUSES_S]


def paused(sound: Sound, seconds: float) -> Sound:
    """Silence put in at the quietest places, a second apart and from the ends."""
    step = RATE // 50
    level = np.abs(sound[: sound.size // step * step]).reshape(-1, step).mean(1)
    level = np.convolve(level, np.ones(5) / 5, "same")
    level[:APART] = level[-APART:] = np.inf
    places: list[int] = []
    while len(places) < PLACES and np.isfinite(level).any():
        at = int(np.argmin(level))
        places.append(at * step)
        level[max(0, at - APART) : at + APART] = np.inf
    parts = np.split(sound, sorted(places))
    silence = np.zeros(round(seconds * RATE), np.float32)
    return np.concatenate([piece for part in parts for piece in (part, silence)][:-1])


async def cut_within(settings: Settings) -> list[Figure]:
    """Turns that ended before the person had: as it is, and with one silence for everything."""
    if not HUMAN.is_dir():
        return [
            Figure(10, "people cut within a sentence", problem="Debian's pocketsphinx-testdata is not here", unit="")
        ]
    recognizer, sounds = Patient(make_recognizer(settings)), clips()
    one = settings.hearing.silence_s
    figures = []
    for name, whole_s, open_s in (
        ("people cut within a sentence", settings.hearing.whole_s, settings.hearing.open_s),
        (f"the same with {one} s of silence for everything", one, one),
    ):
        hearing = settings.hearing.model_copy(update={"whole_s": whole_s, "open_s": open_s, "partials": False})
        turns = await _turns(sounds, recognizer, settings.model_copy(update={"hearing": hearing}))
        cut = [texts for texts in turns if len(texts) > 1]
        how = f"{sum(len(texts) - 1 for texts in cut)} times in {len(sounds)} clips of people, pauses put into most"
        notes = [" | ".join(texts) for texts in cut]
        count = float(sum(len(texts) - 1 for texts in cut))
        figures.append(Figure(10, name, "", [count], how=how, notes=notes))
    await recognizer.aclose()
    return figures


async def _turns(sounds: Sequence[Sound], recognizer: Recognizer, settings: Settings) -> list[list[str]]:
    """What was taken for a turn, of each."""
    silero, clock = load_silero(assets.find("silero-vad", settings)), Clock()
    found = []
    for sound in sounds:
        events: list[Event] = []
        ears = Ears(recognizer, Silero(silero), events.append, clock.now, lambda: "en", lambda: "", settings.hearing)
        for chunk in in_a_room(sound, AFTER_S):
            ears.feed(chunk)
            await asyncio.sleep(CHUNK_S)
        await ears.aclose()
        found.append([event.text for event in events if isinstance(event, TranscriptFinal)])
    return found
