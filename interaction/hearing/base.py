"""The contract of speech recognition."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RATE = 16_000  # Hz, everywhere in hearing


class HearingError(Exception):
    """Recognition failed; the message says what happened and what to do."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was recognised. `confidence`: mean log-probability of the tokens, or None when the back end has none."""

    text: str
    language: str
    confidence: float | None = None


class Recognizer(ABC):
    """Speech to text for one utterance at a time."""

    name: str

    @abstractmethod
    async def transcribe(self, audio: NDArray[np.float32], language: str) -> Transcript:
        """`audio`: float32 [n], 16 kHz, −1…1; `language`: "en" or "zh". Raises `HearingError`."""

    async def warm_up(self) -> None:
        """Load what is needed, so that the first call is not slow."""

    async def aclose(self) -> None: ...
