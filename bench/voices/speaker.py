"""A loudspeaker in the air of a room: what was played when is known to the sample; a person may talk there too."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from interaction.clock import Clock
from interaction.hearing.base import RATE
from interaction.speaking.base import RATE as VOICE_RATE
from interaction.speaking.base import AudioSink, Pcm

Sound = NDArray[np.float32]  # [n], 16 kHz, −1…1
HISS = 0.0005  # RMS of a quiet room
AHEAD_S = 0.2  # that it takes before it plays, as a page does
# From the voice's 24 kHz by 48 to the 16 of the microphone: what lies under 7.2 kHz.
LOW_PASS = 2 * 0.3 * np.sinc(0.3 * np.arange(-64, 65)) * np.hamming(129)


def _empty() -> Sound:
    return np.zeros(0, np.float32)


@dataclass(eq=False)
class Loudspeaker(AudioSink):
    """`folds`: it changes the rate carelessly, so that what lies over 8 kHz comes out under it, as of cheap ones."""

    clock: Clock
    folds: bool = False
    air: Sound = field(default_factory=_empty)  # at the voice's rate
    end: float = 0.0
    _person: tuple[float, Sound] = field(default_factory=lambda: (0.0, _empty()))

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
        """What it played from second `begin` on, at 16 kHz."""
        half = LOW_PASS.size // 4  # of its length at the voice's rate
        first, count = round(begin * VOICE_RATE) - half, samples * VOICE_RATE // RATE + 2 * half
        found = _part(self.air, first, count)
        if self.folds:
            at = half + VOICE_RATE / RATE * np.arange(samples)
            return np.asarray(np.interp(at, np.arange(count), found), np.float32)
        doubled = np.zeros(2 * count)
        doubled[::2] = found
        return np.asarray(np.convolve(doubled, LOW_PASS, "valid")[::3][:samples], np.float32)

    def talks(self, sound: Sound, begin: float, db: float) -> None:
        """A person says `sound` from second `begin` on, so loud against what is played."""
        spoken = self.air[np.abs(self.air) > 0.01]
        level = float(np.sqrt(np.mean(spoken**2))) * 10 ** (db / 20)
        loud = sound[np.abs(sound) > 0.01]
        self._person = begin, sound * np.float32(level / np.sqrt(np.mean(loud**2)))

    def person(self, begin: float, samples: int) -> Sound:
        """What the person says from second `begin` on."""
        since, sound = self._person
        return _part(sound, round((begin - since) * RATE), samples)


def _part(sound: Sound, first: int, count: int) -> Sound:
    """`count` samples from the `first` on, silence where there are none."""
    found = sound[max(0, first) : max(0, first + count)]
    before = min(count, max(0, -first))
    return np.pad(found, (before, count - before - found.size))
