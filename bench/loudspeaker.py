"""A room with sound, for scenarios: the person talks, the house speaks, and the microphone hears both.

The session's own ears listen: turns, barge-in and the echo guard are the real ones. In the air are not words but
levels, a steady one for each thing said, by which a scripted detector and recogniser tell what it was.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from bench.scenario import Said
from interaction.events import Event, UtteranceEnded, UtteranceStarted
from interaction.hearing import base as hearing
from interaction.hearing.ears import Ears
from interaction.hearing.vad import CHUNK, CHUNK_S
from interaction.session import Session
from interaction.speaking import base as speaking
from interaction.understanding import language_of

CPS = 15.0  # characters of a sentence spoken in a second
HISS = 1e-4  # what a microphone delivers when nobody speaks
PERSON = 0.1  # the level of the first thing the person says
ECHO = 0.004  # what a browser's echo cancelling leaves of the house's voice
STEP = 1e-4  # from one thing said to the next; told apart to a tenth of it
ECHO_STEP = STEP / 10


class Paced(speaking.Voice):
    """Silence that takes as long as saying it would."""

    name = "paced"
    languages = frozenset({"en", "zh"})

    async def synthesise(self, sentence: str, language: str, pace: float = 1.0) -> AsyncIterator[speaking.Pcm]:
        for _ in range(max(1, round(10 * len(sentence) / CPS / pace))):
            yield np.zeros(speaking.RATE // 10, np.int16)


@dataclass(frozen=True)
class _Sound:
    """Something in the air from second `start` to `end`; `level` tells which."""

    text: str
    language: str
    start: float
    end: float
    level: float


class Room:
    """What is in the air of one session. Give it every event (`note`), and run `listen` beside the session."""

    def __init__(self, session: Session, user: Sequence[Said], echo: bool) -> None:
        self._session = session
        self._echo = echo
        self._person = [
            _Sound(said.say, language_of(said.say, session.language), said.t, said.t + said.speaking, PERSON + n * STEP)
            for n, said in enumerate(said for said in user if said.speaking)
            if said.speaking
        ]
        self._house: list[_Sound] = []
        self._speaking: tuple[int, _Sound] | None = None
        session.mouth.voice = session.mouth.voice or Paced()
        session.ears = Ears(
            _Recogniser(self),
            _Level(),
            session.post,
            session.now,
            lambda: session.language,
            session.talk.saying,
            session.settings.hearing,
        )

    def note(self, event: Event) -> None:
        """The house begins to speak, or ends."""
        match event:
            case UtteranceStarted(spoken=True) if self._echo:
                level = ECHO + (len(self._house) + 1) * ECHO_STEP
                sound = _Sound(
                    event.text, language_of(event.text, "en"), event.t, event.t + len(event.text) / CPS, level
                )
                self._house.append(sound)
                self._speaking = event.utterance, sound
            case UtteranceEnded() if self._speaking and self._speaking[0] == event.utterance:
                self._speaking = None

    async def listen(self) -> None:
        """Feed the ears, chunk by chunk."""
        while True:
            self._session.hear(np.full(CHUNK, self._level_at(self._session.now()), np.float32))
            await asyncio.sleep(CHUNK_S)

    def _level_at(self, t: float) -> float:
        for sound in self._person:
            if sound.start <= t < sound.end:
                return sound.level
        return self._speaking[1].level if self._speaking else HISS

    def words(self, level: float, seconds: float) -> str:
        """What was said at `level`: the person's whole turn; of the house so much as fits into `seconds`."""
        for sound in self._person:
            if abs(sound.level - level) < STEP / 4:
                return sound.text
        for sound in self._house:
            if abs(sound.level - level) < ECHO_STEP / 4:
                return sound.text[: round(seconds * CPS)]
        return ""


class _Level:
    """A detector of speech that goes by the level alone."""

    def __call__(self, chunk: NDArray[np.float32]) -> float:
        return float(np.abs(chunk).max() > 10 * HISS)

    def reset(self) -> None:
        return


class _Recogniser(hearing.Recognizer):
    """Knows from its level what was said."""

    name = "scripted"

    def __init__(self, room: Room) -> None:
        self._room = room

    async def transcribe(self, audio: NDArray[np.float32], language: str) -> hearing.Transcript:
        levels = [(float(level), len(list(run))) for level, run in groupby(audio[:: CHUNK // 4])]
        said = [self._room.words(level, n * CHUNK / 4 / hearing.RATE) for level, n in levels]
        text = " ".join(words for words in said if words)
        return hearing.Transcript(text, language_of(text, language))
