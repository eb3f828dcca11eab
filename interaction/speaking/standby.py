"""A voice by a server, and by the embedded Kokoro whenever that server fails: no sentence is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import cast

from config import Fallback
from interaction.events import Event
from interaction.speaking.base import Pcm, SpeakingError, Voice
from interaction.standby import Standby

WHERE = "speech server"
PROBE = {"en": "Okay.", "zh": "好的。"}


class StandbyVoice(Voice):
    """`main` behind a deadline for each sound; `open` makes what stands in (blocking). `tell`: see `Standby`.

    A sentence that broke off is said again from its beginning, as a person would.
    """

    def __init__(
        self, main: Voice, open: Callable[[], Voice], tell: Callable[[Event], None], settings: Fallback
    ) -> None:
        self.name = main.name
        self.languages = main.languages
        self._main = main
        self._patience_s = settings.voice_s
        self._standby = Standby(WHERE, main, open, self._probe, tell, settings)

    async def synthesise(self, sentence: str, language: str, pace: float = 1.0) -> AsyncIterator[Pcm]:
        if not self._standby.resting:
            try:
                async with aclosing(self._asked(sentence, language, pace)) as sound:
                    async for pcm in sound:
                        yield pcm
                return
            except SpeakingError as error:
                self._standby.failed(error)
        embedded = await self._embedded()
        async with aclosing(cast(AsyncGenerator[Pcm], embedded.synthesise(sentence, language, pace))) as sound:
            async for pcm in sound:
                yield pcm

    async def prepare(self, sentence: str, language: str, pace: float = 1.0) -> None:
        voice = await self._embedded() if self._standby.resting else self._main
        await voice.prepare(sentence, language, pace)

    async def warm_up(self) -> None:
        await self._main.warm_up()

    async def aclose(self) -> None:
        await self._standby.aclose()

    async def _embedded(self) -> Voice:
        try:
            return await self._standby.embedded()
        except Exception as error:  # no weights, or a broken package
            self._standby.nothing_left(error)
            raise SpeakingError(f"{self.name} does not answer, and nothing stands in for it: {error}") from error

    async def _asked(self, sentence: str, language: str, pace: float) -> AsyncGenerator[Pcm, None]:
        sound = cast(AsyncGenerator[Pcm], self._main.synthesise(sentence, language, pace))
        async with aclosing(sound):
            while True:
                try:
                    async with asyncio.timeout(self._patience_s):
                        pcm = await anext(sound, None)
                except TimeoutError:
                    raise SpeakingError(f"{self.name} made no sound for {self._patience_s:.0f} seconds.") from None
                if pcm is None:
                    return
                yield pcm

    async def _probe(self) -> None:
        language = "en" if "en" in self.languages else min(self.languages)
        async with aclosing(self._asked(PROBE.get(language, "1"), language, 1.0)) as sound:
            if await anext(sound, None) is None:
                raise SpeakingError("no sound")
