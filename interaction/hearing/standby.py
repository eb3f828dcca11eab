"""Recognition by a server, and by the embedded Whisper whenever that server fails: no turn is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from config import Fallback
from interaction.events import Event
from interaction.hearing.base import RATE, HearingError, Recognizer, Transcript
from interaction.standby import Standby

WHERE = "speech recognition server"
PROBE_S = 1.0  # of a quiet hiss: what a server makes of it does not matter


class StandbyRecognizer(Recognizer):
    """`main` behind a deadline; `open` makes what stands in (blocking). `tell`: see `Standby`."""

    def __init__(
        self, main: Recognizer, open: Callable[[], Recognizer], tell: Callable[[Event], None], settings: Fallback
    ) -> None:
        self.name = main.name
        self._main = main
        self._patience_s = settings.hearing_s
        self._standby = Standby(WHERE, main, open, self._probe, tell, settings)

    async def transcribe(self, audio: NDArray[np.float32], language: str) -> Transcript:
        if not self._standby.resting:
            try:
                return await self._asked(audio, language)
            except HearingError as error:
                self._standby.failed(error)
        try:
            embedded = await self._standby.embedded()
        except Exception as error:  # no weights, or a broken package
            self._standby.nothing_left(error)
            raise HearingError(f"{self.name} does not answer, and nothing stands in for it: {error}") from error
        return await embedded.transcribe(audio, language)

    async def warm_up(self) -> None:
        await self._main.warm_up()

    async def aclose(self) -> None:
        await self._standby.aclose()

    async def _asked(self, audio: NDArray[np.float32], language: str) -> Transcript:
        try:
            async with asyncio.timeout(self._patience_s):
                return await self._main.transcribe(audio, language)
        except TimeoutError:
            raise HearingError(f"{self.name} took longer than {self._patience_s:.0f} seconds.") from None

    async def _probe(self) -> None:
        hiss = np.random.default_rng(0).normal(0, 0.001, int(PROBE_S * RATE))
        await self._asked(hiss.astype(np.float32), "en")
