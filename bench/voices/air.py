"""What is in the air of a room without a person in it: noise, music, a keyboard.

It runs on virtual time with the real detector and the real recogniser, so minutes take seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

import assets
from bench.figures import Figure
from config import Settings
from interaction.backends import make_recognizer
from interaction.clock import Clock
from interaction.events import Event, TranscriptFinal
from interaction.hearing.base import RATE
from interaction.hearing.ears import Ears
from interaction.hearing.vad import CHUNK, CHUNK_S, Silero, load_silero

Sound = NDArray[np.float32]  # [n], 16 kHz, −1…1


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
