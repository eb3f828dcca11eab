"""What was given to the loudspeaker and when it sounds: for whoever must tell the house's voice from a person's."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from interaction.speaking.base import RATE, Pcm

KEPT_S = 1.0  # whoever wants to know asks every few hundredths of a second


class Played:
    """The last second of a session's voice. `now`: the session clock, seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._end = float("-inf")  # when the last of it ends
        self._parts: deque[tuple[float, Pcm]] = deque()

    def add(self, pcm: Pcm) -> None:
        """int16 [n], 24 kHz, handed to a sink now: it follows what was handed over before, if that still sounds."""
        now = self._now()
        begin = max(self._end, now)
        self._end = begin + len(pcm) / RATE
        self._parts.append((begin, pcm))
        while self._parts[0][0] + len(self._parts[0][1]) / RATE < now - KEPT_S:
            self._parts.popleft()

    def cut(self) -> None:
        """What was not played yet never will be."""
        now = self._now()
        self._end = min(self._end, now)
        self._parts = deque((begin, pcm[: round((now - begin) * RATE)]) for begin, pcm in self._parts if begin < now)

    def between(self, begin: float, samples: int) -> NDArray[np.float32] | None:
        """What sounds from second `begin` on: float32 [samples], 24 kHz, −1…1; None for silence."""
        sound = np.zeros(samples, np.float32)
        for second, pcm in self._parts:
            first = round((second - begin) * RATE)
            if first < samples and first + pcm.size > 0:
                part = pcm[max(0, -first) : samples - first]
                sound[max(0, first) : max(0, first) + part.size] = part / np.float32(32768)
        return sound if sound.any() else None
