"""Ears in a room for tests: scripted recogniser, virtual time, sound as from a browser."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np

from config import Hearing
from interaction.clock import Clock
from interaction.events import Overheard, PersonSpeaking, TranscriptFinal, TranscriptPartial
from interaction.hearing.attention import Attention
from interaction.hearing.ears import Ears
from tests.fakes_speech import Heard, LoudnessVad, ScriptedRecognizer


class Room:
    """Sound arrives in 20 ms chunks. `saying`: what the house says; `replied`: since when it may be replied to."""

    def __init__(
        self,
        *texts: str | Exception,
        takes: float = 0.05,
        partials: tuple[str, ...] = (),
        partial_takes: float = 0.05,
        partials_on: bool = True,
        **settings: Any,
    ) -> None:
        self.events = Heard()
        self.recognizer = ScriptedRecognizer(*texts, takes=takes, partials=partials, partial_takes=partial_takes)
        self.clock = Clock()
        self.saying = ""
        self.language = "en"
        self.replied: float = float("-inf")
        hearing = Hearing(partials=partials_on, **settings)
        self.ears = Ears(
            self.recognizer, LoudnessVad(), self.events.append, self.clock.now, lambda: self.language,
            lambda: self.saying, hearing, Attention(hearing, self.clock.now, self._reply_since),
        )  # fmt: skip

    def _reply_since(self) -> float | None:
        return None if self.saying else self.replied

    async def hears(self, *sounds: np.ndarray) -> None:
        sound = np.concatenate(sounds)
        for k in range(0, len(sound), 320):
            self.ears.feed(sound[k : k + 320])
            await asyncio.sleep(0.02)

    @property
    def texts(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, TranscriptFinal)]

    @property
    def overheard(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, Overheard)]

    @property
    def partials(self) -> list[tuple[str, str]]:
        """Stable part and the rest."""
        found = [event for event in self.events if isinstance(event, TranscriptPartial)]
        return [(event.stable, event.text[len(event.stable) :].strip()) for event in found]

    @property
    def speaking(self) -> list[tuple[bool, float]]:
        return [(e.active, round(e.t, 1)) for e in self.events if isinstance(e, PersonSpeaking)]
