"""The house's own voice interrupts nothing, at any delay and level; a person who talks over it does."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import pytest
from numpy.typing import NDArray

import assets
from bench.person import resampled
from config import Hearing
from interaction.clock import Clock
from interaction.hearing.base import RATE
from interaction.hearing.endpointing import Endpointer, Heard
from interaction.hearing.own_voice import OwnVoice
from interaction.hearing.vad import CHUNK, CHUNK_S, Silero, Vad, load_silero
from interaction.speaking.base import RATE as VOICE_RATE
from interaction.speaking.base import Pcm
from interaction.speaking.kokoro import KokoroVoice
from interaction.speaking.played import Played
from tests.fakes_speech import LoudnessVad, ScriptedVoice
from tests.test_speaking_mouth import Stage

Sound = NDArray[np.float64]
BEGIN_S, PERSON_S = 0.5, 1.3  # when the house and the person begin
SLICE = VOICE_RATE // 10


def talk(seconds: float, seed: int, rate: int) -> Sound:
    """Like speech: a wandering pitch with harmonics under moving formants, in syllables."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(seconds * rate)) / rate
    syllable = np.floor(t * (3.5 + 0.4 * seed)).astype(int)
    pitch = 100 + 37 * seed % 90 + 25 * np.sin(2 * np.pi * (0.6 + 0.13 * seed) * t)
    phase = 2 * np.pi * np.cumsum(pitch) / rate
    formants = rng.uniform((300, 900, 2200), (800, 2000, 3300), (syllable.max() + 1, 3))[syllable]
    loud = rng.uniform(0.4, 1.0, syllable.max() + 1)[syllable] * np.sin(np.pi * ((t * (3.5 + 0.4 * seed)) % 1)) ** 0.5
    voiced = np.zeros(t.size)
    for k in range(1, 30):
        near = np.exp(-(((k * pitch)[:, None] - formants) ** 2) / (2 * 150**2)).sum(1)
        voiced += (near + 0.02) * np.sin(k * phase)
    return np.asarray(0.08 * loud * voiced / np.std(voiced))


@dataclass
class Ear:
    """What came of it: whether and when, in seconds, the voice would have been interrupted; chunks of speech, and of
    those the ones that were taken for a person's."""

    interrupted: float | None = None
    speech: int = 0
    persons: int = 0
    endpointer: Endpointer = field(default_factory=lambda: Endpointer(Hearing()))

    def hear(self, heard: Heard, t: float) -> None:
        self.speech += heard.odds >= 0.5
        self.persons += heard.odds >= 0.5 and not heard.own
        if "announced" in self.endpointer.step(heard, house_speaks=True) and self.interrupted is None:
            self.interrupted = t


async def listen(
    said: Pcm, echo_db: float | None, delay: float, person: Sound | None = None, vad: Vad | None = None, chunks: int = 1
) -> Ear:
    """The house says `said`; its echo and the person (16 kHz) are heard, `chunks` of them at once."""
    clock, ear = Clock(), Ear()
    played = Played(clock.now)
    vad, guard = vad or LoudnessVad(), OwnVoice(played.between, clock.now)
    air = np.random.default_rng(5).normal(0, 0.0005, round((BEGIN_S + len(said) / VOICE_RATE + 1.5) * RATE))
    sounds = [(BEGIN_S + delay, resampled(said) * 10 ** (echo_db / 20))] if echo_db is not None else []
    for begin, sound in [*sounds, *([(PERSON_S, person)] if person is not None else [])]:
        first = round(begin * RATE)
        part = sound[: air.size - first]
        air[first : first + part.size] += part

    async def speak() -> None:
        await asyncio.sleep(BEGIN_S)
        for k in range(0, len(said), SLICE):  # as the mouth hands it over: two tenths ahead of what sounds
            played.add(said[k : k + SLICE])
            await asyncio.sleep(max(0.0, BEGIN_S + (k + SLICE) / VOICE_RATE - 0.2 - clock.now()))

    speaking = asyncio.create_task(speak())
    for number in range(air.size // CHUNK):
        if number % chunks == 0:
            await clock.sleep_until((number + chunks) * CHUNK_S)
        chunk = air[number * CHUNK : (number + 1) * CHUNK].astype(np.float32)
        odds = vad(chunk)
        own = guard.explains(chunk, odds)
        ear.hear(Heard(chunk, odds, own, guard.echo), (number + 1) * CHUNK_S)
    await speaking
    return ear


@lru_cache(1)
def house() -> Pcm:
    return (talk(2.5, 1, VOICE_RATE) * 32767).astype(np.int16)


def relative(person: Sound, db: float) -> Sound:
    """The person so loud against an echo of −6 dB."""
    return np.asarray(person / np.std(person) * np.std(house() / 32768) * 10 ** ((db - 6) / 20))


@pytest.mark.parametrize("delay", [0.05, 0.15, 0.4, 1.1])
@pytest.mark.parametrize("level", [-20, -12, -6, 0])
async def test_an_echo_interrupts_nothing_and_stays_whole(level: float, delay: float) -> None:
    ear = await listen(house(), level, delay)
    assert ear.interrupted is None
    turn = ear.endpointer.turn or ear.endpointer.ended
    assert turn and turn.voiced == ear.speech, "so that its words can be compared"


async def test_sound_that_comes_in_packets_of_several_chunks() -> None:
    assert (await listen(house(), -6, 0.15, chunks=3)).persons <= 2


@pytest.mark.parametrize("db", [-6, 0, 6])
async def test_a_person_who_talks_over_the_echo_interrupts_as_soon_as_today(db: float) -> None:
    person = relative(talk(1.5, 4, RATE), db)
    over = await listen(house(), -6, 0.15, person)
    alone = await listen(house(), None, 0.15, person)
    assert alone.interrupted is not None and over.interrupted is not None
    assert over.interrupted - alone.interrupted <= 0.15


@pytest.mark.parametrize("db", [-6, 0])
async def test_of_what_is_said_over_the_echo_the_echo_is_taken_away(db: float) -> None:
    person = relative(talk(1.5, 4, RATE), db)
    ear = await listen(house(), -6, 0.15, person)
    turn = ear.endpointer.turn or ear.endpointer.ended
    assert turn and turn.over_echo
    assert len(turn.heard) * CHUNK_S < 2.7, "from the person's first sound to 0.5 s after the last of the echo"
    raw = np.concatenate([heard.chunk for heard in turn.heard])

    def alike(sound: NDArray[np.float32]) -> float:
        both = np.fft.rfft(sound, 1 << 17) * np.conj(np.fft.rfft(person, 1 << 17))
        return float(np.fft.irfft(both).max() / np.linalg.norm(sound) / np.linalg.norm(person))

    assert alike(turn.audio) > alike(raw) + 0.1


async def test_over_headphones_not_a_sample_is_changed() -> None:
    ear = await listen(house(), None, 0.15, talk(1.5, 4, RATE))
    turn = ear.endpointer.turn or ear.endpointer.ended
    assert turn and not turn.over_echo
    assert np.array_equal(turn.audio, np.concatenate([heard.chunk for heard in turn.heard]))


async def test_without_an_echo_only_the_first_interruption_waits_for_the_warm_up() -> None:
    person = talk(1.5, 4, RATE)
    guarded = await listen(house(), None, 0.15, person)
    silent = await listen(np.zeros(len(house()), np.int16), None, 0.15, person)
    assert guarded.interrupted is not None and silent.interrupted is not None
    assert guarded.interrupted - silent.interrupted == pytest.approx(Hearing().own_warm_up_s, abs=CHUNK_S)


async def test_another_microphone_is_another_way_for_the_echo() -> None:
    clock, rng = Clock(), np.random.default_rng(1)
    noise = rng.normal(0, 0.1, CHUNK * 60).astype(np.float32)
    guard = OwnVoice(lambda begin, samples: np.full(samples, 0.1, np.float32), clock.now)

    async def hear(chunks: int) -> list[bool]:
        verdicts = []
        for k in range(chunks):
            await asyncio.sleep(CHUNK_S)
            verdicts.append(guard.explains(noise[k * CHUNK : (k + 1) * CHUNK], 0.9))
        return verdicts

    assert await hear(12) == [True] * 8 + [False] * 4, "at first it waits and learns"
    assert await hear(8) == [False] * 8
    guard.reset()
    assert await hear(12) == [True] * 8 + [False] * 4


async def test_a_long_echo_does_not_add_up_to_a_person() -> None:
    endpointer = Endpointer(Hearing())
    loud = np.full(CHUNK, 0.1, np.float32)
    signals = [endpointer.step(Heard(loud, 0.9, bool(k % 4)), True) for k in range(600)]
    assert not any("announced" in found for found in signals)
    signals = [endpointer.step(Heard(loud, 0.9), True) for _ in range(9)]
    assert any("announced" in found for found in signals), "who then talks is heard"


async def test_while_the_house_is_silent_the_detector_is_left_alone() -> None:
    ear = await listen(np.zeros(VOICE_RATE * 2, np.int16), None, 0.15, talk(1.0, 2, RATE))
    assert ear.persons == ear.speech > 20


async def test_what_was_cut_was_never_played() -> None:
    clock = Clock()
    played = Played(clock.now)
    played.add(np.full(SLICE, 16384, np.int16))
    played.add(np.full(SLICE, 16384, np.int16))
    await asyncio.sleep(0.15)
    played.cut()
    sound = played.between(0.0, 3 * SLICE)
    assert sound is not None and np.flatnonzero(sound)[-1] + 1 == round(0.15 * VOICE_RATE) and sound.max() == 0.5
    await asyncio.sleep(0.1)
    assert played.between(clock.now(), SLICE) is None
    played.add(np.full(10, 1, np.int16))
    assert played.between(clock.now() + 10 / VOICE_RATE, SLICE) is None, "the next begins when it is given"


async def test_the_mouth_tells_what_it_plays() -> None:
    stage = Stage(ScriptedVoice(takes=0.3, lasts=2.0))
    said = stage.begin("I see a cup.")
    await asyncio.sleep(0.5)
    assert stage.mouth.played.between(0.3, SLICE) is not None and stage.mouth.played.between(0.0, SLICE) is None
    stage.mouth.stop()
    await said
    assert stage.mouth.played.between(0.55, VOICE_RATE) is None


@pytest.mark.weights
async def test_a_real_voice_and_the_real_detector() -> None:
    silero = load_silero(assets.find("silero-vad"))
    said, person = [
        await spoken_as(speaker, text)
        for speaker, text in (
            ("af_heart", "I can see two people, and a red cup on the table."),
            ("am_michael", "Wait, stop, I wanted to ask something else."),
        )
    ]
    for level, delay in ((0, 0.05), (-6, 0.4), (-12, 0.15)):
        ear = await listen(said, level, delay, vad=Silero(silero))
        assert ear.interrupted is None, (level, delay)
    for db in (-6, 0, 6):
        sound = resampled(person)
        sound = sound / np.std(sound) * np.std(said / 32768) * 10 ** ((db - 6) / 20)
        alone = (await listen(said, None, 0.15, sound, Silero(silero))).interrupted
        over = (await listen(said, -6, 0.15, sound, Silero(silero))).interrupted
        assert alone is not None and over is not None and over - alone <= 0.15, db


async def spoken_as(speaker: str, text: str) -> Pcm:
    voice = KokoroVoice(
        assets.find("kokoro"), assets.find(f"voices/{speaker}"), speaker_zh=assets.find("voices/zm_yunxi"), threads=1
    )
    try:
        return np.concatenate([part async for part in voice.synthesise(text, "en")])
    finally:
        await voice.aclose()
