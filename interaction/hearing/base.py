"""The contract of speech recognition."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
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

    async def partial(self, audio: NDArray[np.float32], language: str, stale: Callable[[], bool]) -> Transcript | None:
        """A quick, cheap attempt at a turn that goes on, beside `transcribe` and never in its way; None: nothing to
        show. `stale`, called from any thread, tells that nobody waits for it any more. Raises `HearingError`.

        Not offered by a server: the same sound would be sent, and paid for, again and again.
        """
        return None

    async def detect(self, audio: NDArray[np.float32]) -> tuple[str, float] | None:
        """The language of `audio` and the probability, 0…1, that it is; None if that is not known here."""
        return None

    async def warm_up(self) -> None:
        """Load what is needed, so that the first call is not slow."""

    async def aclose(self) -> None: ...
