"""What is in the air of a room without a person in it: noise, music, a keyboard; and the house's own voice as an echo.

Everything runs on virtual time with the real detector and the real recogniser, so minutes take seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

import assets
from bench.figures import Figure
from config import Settings
from interaction.backends import make_recognizer, make_voice
from interaction.clock import Clock
from interaction.events import Event, TranscriptFinal, UtteranceEnded
from interaction.hearing.base import RATE
from interaction.hearing.ears import Ears
from interaction.hearing.own_voice import OwnVoice
from interaction.hearing.vad import CHUNK, CHUNK_S, Silero, load_silero
from interaction.observers.embedded import EmbeddedObserver
from interaction.seeing.base import Seer
from interaction.services import Services
from interaction.session import Session
from interaction.speaking.base import RATE as VOICE_RATE
from interaction.speaking.base import AudioSink, Pcm

Sound = NDArray[np.float32]  # [n], 16 kHz, −1…1
LEVEL_DB = -6.0
DELAYS_S = (0.05, 0.1, 0.2, 0.3, 0.4)  # from the loudspeaker's sample to the microphone's
HISS = 0.0005  # RMS of a quiet room
# From the voice's 24 kHz by 48 to the 16 of the microphone: what lies under 7.2 kHz.
LOW_PASS = 2 * 0.3 * np.sinc(0.3 * np.arange(-64, 65)) * np.hamming(129)
AHEAD_S = 0.2  # that the loudspeaker takes before it plays, as a page does
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


def noises(seconds: float, seed: int = 1) -> Iterator[tuple[str, Sound]]:
    """White, pink and humming noise, music, a keyboard, drums: as much of each."""
    rng = np.random.default_rng(seed)
    each = round(seconds / 6 * RATE)
    t = np.arange(each) / RATE
    white = rng.normal(0, 1, each)
    yield "white noise", _levelled(white, 0.03)
    spectrum = np.fft.rfft(white) / np.sqrt(np.maximum(np.arange(each // 2 + 1), 1))
    yield "pink noise", _levelled(np.fft.irfft(spectrum, each), 0.03)
    yield "hum", _levelled(np.sin(2 * np.pi * 50 * t) + 0.5 * np.sin(2 * np.pi * 150 * t) + 0.2 * white, 0.05)
    yield "music", _levelled(_music(t, rng), 0.06)
    yield "keyboard", _clicks(each, rng, 7.0, 0.008, 0.15)
    yield "drums", _clicks(each, rng, 2.0, 0.12, 0.3)


def _music(t: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Chords of four harmonics that change every half second."""
    sound = np.zeros(t.size)
    step = RATE // 2
    for begin in range(0, t.size, step):
        part = t[begin : begin + step] - t[begin]
        for note in rng.choice([0, 3, 5, 7, 10, 12], 3, replace=False):
            hertz = 220 * 2 ** (note / 12)
            tones = sum(np.sin(2 * np.pi * hertz * k * part) / k for k in (1, 2, 3, 4))
            sound[begin : begin + step] += tones * np.exp(-3 * part)
    return sound


def _clicks(samples: int, rng: np.random.Generator, a_second: float, length_s: float, level: float) -> Sound:
    sound = np.zeros(samples)
    click = np.exp(-np.arange(round(length_s * RATE)) / (length_s * RATE / 5))
    for at in rng.integers(0, samples - click.size, round(samples / RATE * a_second)):
        sound[at : at + click.size] += level * rng.uniform(0.3, 1) * click * rng.normal(0, 1, click.size)
    return np.clip(sound, -1, 1).astype(np.float32)


def _levelled(sound: NDArray[np.float64], rms: float) -> Sound:
    loud = sound * (rms / float(np.sqrt(np.mean(sound**2))))
    return np.asarray(np.clip(loud, -1, 1), np.float32)


async def requests_of_noise(settings: Settings, seconds: float) -> list[Figure]:
    """How many requests the ears make of sound in which nobody speaks."""
    recognizer = make_recognizer(settings)
    silero = load_silero(assets.find("silero-vad", settings))
    heard: dict[str, list[str]] = {}
    clock = Clock()
    for name, sound in noises(seconds):
        events: list[Event] = []
        ears = Ears(recognizer, Silero(silero), events.append, clock.now, lambda: "en", lambda: "", settings.hearing)
        for k in range(0, sound.size, CHUNK):
            ears.feed(sound[k : k + CHUNK])
            await asyncio.sleep(CHUNK_S)
        await asyncio.sleep(2)
        await ears.aclose()
        heard[name] = [event.text for event in events if isinstance(event, TranscriptFinal)]
    await recognizer.aclose()
    notes = [f"{name}: {texts}" for name, texts in heard.items() if texts]
    count = float(sum(map(len, heard.values())))
    how = f"{seconds / 60:.0f} min of {', '.join(heard)} through detector and base"
    return [Figure(7, "requests made of noise", "", [count], limit=0.0, how=how, notes=notes)]


@dataclass(eq=False)
class Loudspeaker(AudioSink):
    """Plays into the air of a room: what was played when is known to the sample."""

    clock: Clock
    air: Sound = field(  # at the voice's rate
        default_factory=lambda: np.zeros(0, np.float32)
    )
    end: float = 0.0

    async def play(self, pcm: Pcm) -> None:
        await asyncio.sleep(max(0.0, self.end - self.clock.now() - AHEAD_S))
        begin = max(self.end, self.clock.now())
        self.end = begin + len(pcm) / VOICE_RATE
        first = round(begin * VOICE_RATE)
        self.air = np.pad(self.air, (0, max(0, first + pcm.size - self.air.size)))
        self.air[first : first + pcm.size] = pcm / 32768

    async def drain(self) -> None:
        await asyncio.sleep(max(0.0, self.end - self.clock.now()))

    def clear(self) -> float:
        left = max(0.0, self.end - self.clock.now())
        self.air = self.air[: round(self.clock.now() * VOICE_RATE)]
        self.end -= left
        return left

    def heard(self, begin: float, samples: int) -> Sound:
        """What was in the air from second `begin` on, at 16 kHz, without what only the change of rate would add."""
        half = LOW_PASS.size // 4  # of its length at the voice's rate
        first, count = round(begin * VOICE_RATE) - half, samples * VOICE_RATE // RATE + 2 * half
        found = self.air[max(0, first) : max(0, first + count)]
        before = min(count, max(0, -first))
        doubled = np.zeros(2 * count)
        doubled[2 * before : 2 * (before + found.size) : 2] = found
        return np.convolve(doubled, LOW_PASS, "valid")[::3][:samples].astype(np.float32)


async def echoes(settings: Settings, utterances: int, level_db: float = LEVEL_DB) -> list[Figure]:
    """A session whose microphone hears its loudspeaker, without any echo cancelling but its own."""
    recognizer, voice = make_recognizer(settings), make_voice(settings)
    silero = load_silero(assets.find("silero-vad", settings))
    observer = EmbeddedObserver()

    def make_ears(session: Session) -> Ears:
        hear = (session.post, session.now, lambda: session.language, session.talk.saying, settings.hearing)
        vad = OwnVoice(Silero(silero), session.mouth.played.between, session.now, settings.hearing)
        return Ears(recognizer, vad, *hear)

    wrong: list[str] = []
    interrupted = 0
    for delay in DELAYS_S:
        services = Services(observer, observer, make_seer=_nothing, make_ears=make_ears, voice=voice)
        session = Session("echo", "echo", settings, services)
        running = asyncio.create_task(session.run())
        subscription = session.subscribe()
        speaker = session.mouth.sink = Loudspeaker(session.clock)
        listening = asyncio.create_task(_listen(session, speaker, delay, 10 ** (level_db / 20)))
        for number in range(utterances // len(DELAYS_S)):
            session.talk.say(SAID[number % len(SAID)], "answer", "en")
            await asyncio.sleep(0.1)
            await _silence(session)
            await asyncio.sleep(3.0)
        listening.cancel()
        await session.aclose()
        await running
        events = [event for _, event in subscription.events.drain()]
        cut = [event.heard for event in events if isinstance(event, UtteranceEnded) and event.interrupted]
        taken = [event.text for event in events if isinstance(event, TranscriptFinal)]
        interrupted += len(cut)
        wrong += [f"{delay * 1000:.0f} ms: cut after {text!r}" for text in cut]
        wrong += [f"{delay * 1000:.0f} ms: taken for a request: {text!r}" for text in taken]
    for room in (recognizer, voice):
        if room:
            await room.aclose()
    how = f"{utterances} utterances at {level_db:.0f} dB, {min(DELAYS_S) * 1000:.0f} to {max(DELAYS_S) * 1000:.0f} ms"
    requests = float(sum("request" in line for line in wrong))
    return [
        Figure(8, "self-interruptions by an echo", "", [float(interrupted)], limit=0.0, how=how, notes=wrong[:10]),
        Figure(8, "echoes taken for requests", "", [requests], limit=0.0, how="the same"),
    ]


async def _listen(session: Session, speaker: Loudspeaker, delay: float, gain: float) -> None:
    rng = np.random.default_rng(2)
    for number in range(1 << 30):
        await session.clock.sleep_until((number + 1) * CHUNK_S)
        hiss = rng.normal(0, HISS, CHUNK).astype(np.float32)
        session.hear(gain * speaker.heard(number * CHUNK_S - delay, CHUNK) + hiss)


async def _silence(session: Session) -> None:
    while not session.talk.idle:  # noqa: ASYNC110  a session does not signal it
        await asyncio.sleep(0.1)


def _nothing() -> Seer:
    raise AssertionError("nothing is seen here")
