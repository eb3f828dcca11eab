"""The house's own voice comes back to the microphone: does it interrupt itself, and is a person heard over it?

A session with real ears and voice, without the browser's echo cancelling, on virtual time. Of two loudspeakers, one
plays what it is given, the other folds hisses down into speech.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

import assets
from bench.figures import Figure
from bench.person import resampled, stranger
from bench.voices.accuracy import errors_in
from bench.voices.speaker import HISS, Loudspeaker, Sound
from config import Settings
from furnish import make_ears
from interaction.backends import make_recognizer, make_voice
from interaction.events import Event, PersonSpeaking, TranscriptFinal, UtteranceEnded
from interaction.hearing.base import RATE, Recognizer
from interaction.hearing.ears import Ears
from interaction.hearing.vad import CHUNK, CHUNK_S, load_silero
from interaction.observers.embedded import EmbeddedObserver
from interaction.seeing.base import Seer
from interaction.services import Services
from interaction.session import Session
from interaction.speaking.base import Pcm, Voice
from interaction.speaking.normalise import speakable

LEVEL_DB = -6.0
DELAYS_S = (0.05, 0.1, 0.2, 0.3, 0.4)  # from the loudspeaker's sample to the microphone's
LOUDER_DB = (0.0, -6.0)  # the person, than the echo
AFTER_S = 1.0  # from the house's first sound to the person's
SAID = (
    "Someone just came in, on the left.",
    "It is half past three.",
    "I can see two people and a red cup on the table.",
    "The text changed: it says no entry on Mondays.",
    "All right, I will tell you when somebody leaves.",
    "Three people are waiting at the door now, and one of them has a dog.",
    "Stop the machine before you open the lid.",
    "Reminder: take the tea out of the pot.",
    "What you asked for is done: the result is 397.8.",
    "Yes, the light in the kitchen is still on.",
)
LONG = tuple(text for text in SAID if len(text) > 45)  # so long that there is time to interrupt them
INTERRUPTIONS = (
    "No, wait, I meant the other door.",
    "Tell me when the dog is gone.",
    "What time is it in London?",
    "Please count the chairs as well.",
    "Stop talking now.",
)


class Remembered(Voice):
    """Makes each sentence once."""

    def __init__(self, voice: Voice) -> None:
        self.name, self.languages = voice.name, voice.languages
        self._voice = voice
        self._made: dict[tuple[str, str, float], list[Pcm]] = {}

    async def synthesise(self, sentence: str, language: str, pace: float = 1.0) -> AsyncIterator[Pcm]:
        key = sentence, language, pace
        if key not in self._made:
            self._made[key] = [pcm async for pcm in self._voice.synthesise(*key)]
        for pcm in self._made[key]:
            yield pcm


@dataclass(frozen=True, slots=True)
class Parts:
    """What all sessions share."""

    settings: Settings
    recognizer: Recognizer
    voice: Voice
    silero: Any


@dataclass(frozen=True, slots=True)
class Way:
    """From the loudspeaker to the microphone; `db`: -inf for headphones."""

    delay: float
    db: float = LEVEL_DB
    folds: bool = False

    @property
    def gain(self) -> float:
        return float(10 ** (self.db / 20))


@asynccontextmanager
async def open_parts(settings: Settings) -> AsyncIterator[Parts]:
    recognizer, voice = make_recognizer(settings), make_voice(settings)
    assert voice is not None
    try:
        yield Parts(settings, recognizer, Remembered(voice), load_silero(assets.find("silero-vad", settings)))
    finally:
        await recognizer.aclose()
        await voice.aclose()


class Conversation:
    """A session that talks into the air in which it listens. `events`: what came of it since they were last taken."""

    def __init__(self, parts: Parts, way: Way) -> None:
        observer = EmbeddedObserver()
        services = Services(observer, observer, _nothing, make_ears=self._ears, voice=parts.voice)
        self._parts, self._way = parts, way
        self.session = Session("echo", "echo", parts.settings, services)
        self.speaker = Loudspeaker(self.session.clock, way.folds)
        self.session.mouth.sink = self.speaker
        self._subscription = self.session.subscribe()

    def _ears(self, session: Session) -> Ears:
        return make_ears(session, self._parts.recognizer, self._parts.silero)

    async def __aenter__(self) -> Conversation:
        self._running = asyncio.create_task(self.session.run())
        self._listening = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *error: object) -> None:
        self._listening.cancel()
        await self.session.aclose()
        await self._running

    async def _listen(self) -> None:
        rng = np.random.default_rng(2)
        for number in range(1 << 30):
            await self.session.clock.sleep_until((number + 1) * CHUNK_S)
            hiss = rng.normal(0, HISS, CHUNK).astype(np.float32)
            begin = number * CHUNK_S
            echo = self._way.gain * self.speaker.heard(begin - self._way.delay, CHUNK)
            self.session.hear(echo + self.speaker.person(begin, CHUNK) + hiss)

    def events(self) -> list[Event]:
        return [event for _, event in self._subscription.events.drain()]

    async def says(self, text: str) -> None:
        """Until it is audible."""
        self.session.talk.say(text, "answer", "en")
        while self.speaker.end <= self.session.now():  # noqa: ASYNC110  a loudspeaker does not signal it
            await asyncio.sleep(CHUNK_S)

    async def falls_silent(self) -> None:
        await asyncio.sleep(0.1)
        while not self.session.talk.idle:  # noqa: ASYNC110  a session does not signal it
            await asyncio.sleep(0.1)
        await asyncio.sleep(3.0)


async def measure(settings: Settings, utterances: int) -> list[Figure]:
    async with open_parts(settings) as parts:
        figures = []
        for folds in (False, True):
            figures += await _echoes(parts, utterances, folds)
        return figures + await _talked_over(parts, await _sentences(settings), utterances // 5)


async def _echoes(parts: Parts, utterances: int, folds: bool) -> list[Figure]:
    """Nobody is there."""
    cut, taken = [], []
    for delay in DELAYS_S:
        async with Conversation(parts, Way(delay, folds=folds)) as talk:
            for number in range(utterances // len(DELAYS_S)):
                await talk.says(SAID[number % len(SAID)])
                await talk.falls_silent()
            for event in talk.events():
                if isinstance(event, UtteranceEnded) and event.interrupted:
                    cut.append(f"{delay * 1000:.0f} ms: cut after {event.heard!r}")
                if isinstance(event, TranscriptFinal):
                    taken.append(f"{delay * 1000:.0f} ms: taken for a request: {event.text!r}")
    which = "that folds hisses down" if folds else "as it should be"
    how = f"{utterances} utterances at {LEVEL_DB:.0f} dB, {DELAYS_S[0] * 1000:.0f} to {DELAYS_S[-1] * 1000:.0f} ms"
    name = f"by an echo, loudspeaker {which}"
    return [
        Figure(8, f"self-interruptions {name}", "", [float(len(cut))], limit=0.0, how=how, notes=cut[:10]),
        Figure(8, f"requests made {name}", "", [float(len(taken))], limit=0.0, how="the same", notes=taken[:10]),
    ]


async def _sentences(settings: Settings) -> list[tuple[str, Sound]]:
    person = stranger(settings)
    try:
        return [
            (text, resampled(np.concatenate([part async for part in person.synthesise(speakable(text, "en"), "en")])))
            for text in INTERRUPTIONS
        ]
    finally:
        await person.aclose()


async def _talked_over(parts: Parts, sentences: Sequence[tuple[str, Sound]], times: int) -> list[Figure]:
    """How much later than over headphones a person is noticed, and what of the words is understood."""
    figures = []
    for louder in LOUDER_DB:
        later: list[float] = []
        errors, alone_errors, words, missed = 0, 0, 0, []
        for number in range(times):
            said, sentence = LONG[number % len(LONG)], sentences[number % len(sentences)]
            way = Way(DELAYS_S[number % len(DELAYS_S)], folds=number % 2 == 1)
            over = await _interrupt(parts, way, said, sentence, louder)
            alone = await _interrupt(parts, Way(way.delay, float("-inf")), said, sentence, louder)
            assert alone.noticed is not None
            if over.noticed is None:
                missed.append(f"not heard over {said!r}: {sentence[0]!r}")
            else:
                later.append(over.noticed - alone.noticed)
            wrong, of = errors_in(sentence[0], over.words, "en")
            errors, words = errors + wrong, words + of
            alone_errors += errors_in(sentence[0], alone.words, "en")[0]
            if wrong:
                missed.append(f"{louder:.0f} dB: {sentence[0]!r} understood as {over.words!r} (alone {alone.words!r})")
        how = f"{len(later)} of {times} noticed; against the same without an echo"
        name = f"a person at {louder:+.0f} dB talks over the echo: noticed later"
        figures.append(Figure(8, name, "s", later, limit=0.0, limit_p95=0.15, how=how, notes=missed))
        how = f"of {words}; without an echo {100 * alone_errors / words:.0f} %"
        name = f"a person at {louder:+.0f} dB talks over the echo: words heard wrong"
        figures.append(Figure(8, name, "%", [100 * errors / words], how=how))
    return figures


@dataclass(frozen=True, slots=True)
class Noticed:
    """`noticed`: seconds from the person's first sound until it was taken for one, None if it was not."""

    noticed: float | None
    words: str


async def _interrupt(parts: Parts, way: Way, said: str, sentence: tuple[str, Sound], louder: float) -> Noticed:
    async with Conversation(parts, way) as talk:
        await talk.says(SAID[0])  # by which it learns how it comes back
        await talk.falls_silent()
        await talk.says(said)
        await asyncio.sleep(AFTER_S)
        talk.events()
        begin = talk.session.now()
        talk.speaker.talks(sentence[1], begin, LEVEL_DB + louder)
        await asyncio.sleep(len(sentence[1]) / RATE)
        await talk.falls_silent()
        events = talk.events()
    noticed = next((e.t - begin for e in events if isinstance(e, PersonSpeaking) and e.active), None)
    return Noticed(noticed, " ".join(e.text for e in events if isinstance(e, TranscriptFinal)))


def _nothing() -> Seer:
    raise AssertionError("nothing is seen here")
