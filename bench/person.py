"""The person of a spoken run: synthesised once, in another voice than the assistant's, and heard by the real ears.

A time in a scenario is when the words are there, so each line begins early enough that its turn is over by then; the
first may begin before the stream does. What cannot be said so (the line before is not over, or the page hears another
language) is typed, and the result says which.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

import assets
from bench.trace import Said
from config import Settings
from interaction.clock import Clock
from interaction.events import Event, TranscriptFinal
from interaction.headless import Line
from interaction.hearing.base import RATE
from interaction.hearing.completeness import completeness
from interaction.hearing.vad import CHUNK, CHUNK_S
from interaction.policy import normalised
from interaction.session import Session
from interaction.speaking.base import RATE as VOICE_RATE
from interaction.speaking.base import Pcm, Voice
from interaction.speaking.kokoro import KokoroVoice
from interaction.speaking.normalise import speakable
from interaction.understanding import language_of

SPEAKER, SPEAKER_ZH = "voices/am_michael", "voices/zm_yunxi"  # not the assistant's
NOISE = 0.001  # RMS, −60 dB: a microphone in a quiet room is never digitally silent
BEFORE_S = 0.3  # of the room before a line: the ears keep what came before the first sound
EARLY_S = 0.25  # the sound of a line ends in so much silence that a turn is over sooner: words 0.04–0.21 s after `t`
AFTER_S = 0.3  # of the room that is heard beyond what ends a turn
NEXT_S = AFTER_S + EARLY_S + BEFORE_S  # from the time of a line to the first sound of the next

Sound = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A line as it is given: from session second `start` aloud (`sound`: float32 [n], 16 kHz), or typed (`why`)."""

    line: Line
    start: float
    sound: Sound | None = None
    why: str = ""

    @property
    def said(self) -> Said:
        seconds = 0.0 if self.sound is None else len(self.sound) / RATE
        line = self.line
        return Said(line.t, self.start, self.start + seconds, line.text, self.sound is not None, self.why)


class Person:
    """Knows how everything is said that was said once. Its voice runs on a thread of its own."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice
        self._said: dict[tuple[str, str], Sound] = {}

    async def plan(self, lines: Sequence[Line], settings: Settings, since: float = float("-inf")) -> list[Spoken]:
        """When each line begins, not before session second `since`, and whether it can be said at all."""
        hearing = settings.hearing
        planned: list[Spoken] = []
        for line in sorted(lines, key=lambda line: line.t):
            language = language_of(line.text, settings.language)
            if language != settings.language:
                planned.append(Spoken(line, line.t, why=f"the page hears {settings.language}"))
                continue
            sound = await self._sound(line.text, language)
            ends_s = hearing.whole_s if completeness(line.text) == "whole" else hearing.silence_s
            start = line.t - (ends_s - EARLY_S) - len(sound) / RATE
            if start < max(since + BEFORE_S, planned[-1].line.t + NEXT_S if planned else since):
                planned.append(Spoken(line, line.t, why="no time to say it"))
            else:
                planned.append(Spoken(line, start, sound))
        return planned

    async def _sound(self, text: str, language: str) -> Sound:
        key = language, text
        if key not in self._said:
            parts = [part async for part in self._voice.synthesise(speakable(text, language), language)]
            self._said[key] = resampled(np.concatenate([np.empty(0, np.int16), *parts]))
        return self._said[key]

    async def aclose(self) -> None:
        await self._voice.aclose()


def stranger(settings: Settings) -> Voice:
    """Raises `assets.AssetError`."""
    model, english, chinese = (assets.find(name, settings) for name in ("kokoro", SPEAKER, SPEAKER_ZH))
    return KokoroVoice(model, english, speaker_zh=chinese, threads=settings.speaking.threads)


async def give(session: Session, planned: Sequence[Spoken]) -> None:
    """Say or type each line at its time."""
    for spoken in planned:
        if spoken.sound is None:
            await session.clock.sleep_until(spoken.start)
            session.request(spoken.line.text)
            continue
        await session.clock.sleep_until(spoken.start - BEFORE_S)
        begin = session.now()
        tail_s = session.settings.hearing.silence_s + AFTER_S
        for number, chunk in enumerate(in_a_room(spoken.sound, tail_s)):
            await session.clock.sleep_until(begin + (number + 1) * CHUNK_S)
            session.hear(chunk)


def in_a_room(sound: Sound, after_s: float) -> Iterator[Sound]:
    """Chunks of 32 ms: the sound with the room before and after it."""
    lead, tail = (np.zeros(round(seconds * RATE), np.float32) for seconds in (BEFORE_S, after_s))
    whole = np.concatenate([lead, sound, tail])
    whole += np.random.default_rng(1).normal(0, NOISE, len(whole)).astype(np.float32)
    for k in range(0, len(whole), CHUNK):
        yield whole[k : k + CHUNK]


def misheard(said: Sequence[Said], events: Sequence[Event]) -> list[str]:
    """What the recogniser changed: each spoken line whose words came as others. Case, punctuation, and whether a number
    is written in digits make no difference."""
    aloud = [line for line in said if line.aloud]
    ends = [*(line.start for line in aloud[1:]), float("inf")][: len(aloud)]
    heard = [event for event in events if isinstance(event, TranscriptFinal) and event.origin == "voice"]
    notes = []
    for line, end in zip(aloud, ends, strict=True):
        got = " | ".join(event.text for event in heard if line.start <= event.t < end)
        if _words(got) != _words(line.text):
            notes.append(f"{line.t:g} s: {line.text!r} was heard as {got!r}")
    return notes


def _words(text: str) -> str:
    return normalised(speakable(text, language_of(text)))


def typed(said: Sequence[Said]) -> list[str]:
    """The lines that were not spoken in a spoken run, and why."""
    return [f"{line.t:g} s: {line.text!r} ({line.why})" for line in said if line.why]


def resampled(pcm: Pcm) -> Sound:
    """24 kHz int16 as 16 kHz float32 −1…1."""
    import av

    if not pcm.size:
        return np.empty(0, np.float32)
    resampler = av.AudioResampler("flt", "mono", RATE)
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(pcm)[None], "s16", "mono")
    frame.sample_rate = VOICE_RATE
    parts = [*resampler.resample(frame), *resampler.resample(None)]
    return np.concatenate([part.to_ndarray().ravel() for part in parts]).astype(np.float32)


class Early(Clock):
    """A session's clock on which the stream begins at second 0, and the session `ahead` seconds before."""

    def __init__(self, ahead: float) -> None:
        super().__init__()
        self._origin += ahead
        self._anchor += timedelta(seconds=ahead)
