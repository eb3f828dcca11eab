"""The same turn without a network: a session in this process, real ears and voice, and where the time goes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import numpy as np
from numpy.typing import NDArray

import assets
from bench.figures import Figure
from bench.person import resampled, stranger
from bench.voices.turns import QUESTIONS
from config import Settings
from furnish import make_ears
from interaction.backends import make_recognizer, make_voice
from interaction.clock import Clock
from interaction.events import Event, PersonSpeaking, UtteranceStarted
from interaction.hearing.base import Recognizer, Transcript
from interaction.hearing.vad import CHUNK, CHUNK_S, load_silero
from interaction.observers.embedded import EmbeddedObserver
from interaction.seeing.base import Seer
from interaction.services import Services
from interaction.session import Session
from interaction.speaking.base import Pcm, Voice
from interaction.speaking.normalise import speakable

Span = tuple[float, float]
Times = tuple[float, float, float]
TAIL_S = 1.5  # of silence after the question


class TimedEars(Recognizer):
    """Notes when it worked."""

    def __init__(self, recognizer: Recognizer, spans: list[Span], clock: Clock) -> None:
        self.name, self._recognizer, self._spans, self._clock = recognizer.name, recognizer, spans, clock

    async def transcribe(self, audio: NDArray[np.float32], language: str) -> Transcript:
        begin = self._clock.now()
        try:
            return await self._recognizer.transcribe(audio, language)
        finally:
            self._spans.append((begin, self._clock.now()))


class TimedVoice(Voice):
    """Notes how long each sentence took until its first sound."""

    def __init__(self, voice: Voice, spans: list[Span], clock: Clock) -> None:
        self.name, self.languages = voice.name, voice.languages
        self._voice, self._spans, self._clock = voice, spans, clock

    async def synthesise(self, sentence: str, language: str, pace: float = 1.0) -> AsyncIterator[Pcm]:
        begin, first = self._clock.now(), True
        async for pcm in self._voice.synthesise(sentence, language, pace):
            if first:
                self._spans.append((begin, self._clock.now()))
            first = False
            yield pcm


async def measure(settings: Settings, turns: int) -> list[Figure]:
    """Person stops → first sound given to the loudspeaker, and what of it is neither endpointing nor a model."""
    speaking = settings.speaking.model_copy(update={"ready_s": 0.0})
    hearing = settings.hearing.model_copy(update={"english_only": True})
    settings = settings.model_copy(update={"speaking": speaking, "hearing": hearing})
    spans: list[Span] = []
    whisper, kokoro, person = make_recognizer(settings), make_voice(settings), stranger(settings)
    assert kokoro is not None
    await whisper.warm_up()
    await kokoro.warm_up()
    session = _session(settings, whisper, kokoro, spans)
    running = asyncio.create_task(session.run())
    subscription = session.subscribe()
    answered = []
    for turn in range(turns):
        text = QUESTIONS[turn % len(QUESTIONS)]
        parts = [part async for part in person.synthesise(speakable(text, "en"), "en")]
        spans.clear()
        stopped = await _say(session, resampled(np.concatenate(parts)))
        await _quiet(session)
        answered += _times(stopped, [event for _, event in subscription.events.drain()], spans)
    await session.aclose()
    await running
    for room in (whisper, kokoro, person):
        await room.aclose()
    return _figures(answered, turns)


def _session(settings: Settings, whisper: Recognizer, kokoro: Voice, spans: list[Span]) -> Session:
    clock, observer = Clock(), EmbeddedObserver()
    silero = load_silero(assets.find("silero-vad", settings))
    recognizer, voice = TimedEars(whisper, spans, clock), TimedVoice(kokoro, spans, clock)

    session = Session(
        "voices",
        "voices",
        settings,
        Services(
            observer, observer, _nothing, make_ears=lambda session: make_ears(session, recognizer, silero), voice=voice
        ),
    )
    session.clock = clock
    return session


def _times(stopped: float, events: Sequence[Event], spans: Sequence[Span]) -> list[Times]:
    """Of the answer, if there was one: until its first sound; until the turn was over; what neither explains."""
    ended = next((e.t for e in events if isinstance(e, PersonSpeaking) and not e.active), None)
    started = next((e.t for e in events if isinstance(e, UtteranceStarted)), None)
    if ended is None or started is None:
        return []
    models = sum(max(0.0, min(b, started) - max(a, ended)) for a, b in spans)
    return [(started - stopped, ended - stopped, started - ended - models)]


def _figures(answered: Sequence[Times], turns: int) -> list[Figure]:
    totals, endings, outside = ([times[k] for times in answered] for k in range(3))
    problem = "" if answered else "no question was answered"
    how = f"{len(totals)} of {turns} questions, tiny.en and Kokoro in one process"
    return [
        Figure(1, "person stops → first sound, in-process, tiny.en", "s", totals, 1.6, 3.0, how=how, problem=problem),
        Figure(1, "of it: until the turn is known to be over", "s", endings, how="endpointing", problem=problem),
        Figure(1, "of it: neither endpointing nor a model", "s", outside, 0.15, how="the house's own", problem=problem),
    ]


async def _say(session: Session, sound: NDArray[np.float32]) -> float:
    """Feed it at its own pace; returns when its last loud sample was heard."""
    loud = np.flatnonzero(np.abs(sound) > 0.02)
    whole = np.concatenate([np.zeros(CHUNK * 20, np.float32), sound, np.zeros(round(TAIL_S * 16_000), np.float32)])
    whole += np.random.default_rng(4).normal(0, 0.0008, whole.size).astype(np.float32)
    begin = session.now()
    for number in range(whole.size // CHUNK):
        await session.clock.sleep_until(begin + (number + 1) * CHUNK_S)
        session.hear(whole[number * CHUNK : (number + 1) * CHUNK])
    return begin + (CHUNK * 20 + int(loud[-1])) / 16_000


async def _quiet(session: Session) -> None:
    await asyncio.sleep(0.5)
    bound = session.now() + 20.0
    while session.now() < bound and not session.talk.idle:  # noqa: ASYNC110  a session does not signal it
        await asyncio.sleep(0.1)


def _nothing() -> Seer:
    raise AssertionError("nothing is seen here")
