"""Turns to words, in the background: one task a turn, in the person's language or the one that is heard."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from config import Hearing
from interaction.hearing.base import HearingError, Recognizer, Transcript
from interaction.streams import TaskScope

# Laughing, humming and coughing are written down as faithfully as words; they are no requests. A "mhm" over the voice
# lets it go on either way; whoever agrees to something has to say "yes".
_NO_WORDS = re.compile(
    r"(?:\b(?:h?m+|m+h+m+|u+h+|u+m+|a+h+|o+h+|e+r+m*|ha+h?|he+h|ho+)\b\W*)+|(?:[嗯哈呵嘿嘻呃啊哦唔]\W*)+", re.IGNORECASE
)
# Servers write down what is no speech: "[Music]", "(coughs)", "♪".
_MARKS = re.compile(
    r"(?:\[[^\]]*\]|\([^)]*\)|（[^）]*）|【[^】]*】|\*[^*]*\*|[\W_])++"
)  # possessive: "()()()…" has but one reading
FINAL, PARTIAL = "recognise", "partial"  # names of tasks


def words_in(text: str) -> str:
    """`text` without needless blanks; "" if it is only humming, laughter, or a mark of what is no speech."""
    text = " ".join(text.split())
    return "" if _NO_WORDS.fullmatch(text) or _MARKS.fullmatch(text) else text


def text_of(task: asyncio.Task[Transcript | HearingError] | None) -> str:
    """What was recognised; "" as long as it is not."""
    done = task is not None and task.done() and not task.cancelled() and not task.exception()
    result = task.result() if task and done else None
    return result.text if isinstance(result, Transcript) else ""


class Recognition:
    """`language`: the one the person set; `spoken`: the one last heard, for whoever lets it be found by the sound."""

    def __init__(
        self, recognizer: Recognizer, language: Callable[[], str], scope: TaskScope, settings: Hearing
    ) -> None:
        self.settings = settings
        self.spoken = ""
        self._recognizer = recognizer
        self._language = language
        self._page = ""
        self._scope = scope
        self._number = 0

    @property
    def busy(self) -> bool:
        return any(name.startswith((FINAL, PARTIAL)) for name in self._scope.names)

    def begin(self, audio: NDArray[np.float32]) -> asyncio.Task[Transcript | HearingError]:
        """A whole turn: float32 [n], 16 kHz. Cancel it when it is not wanted any more."""
        self._number += 1
        return self._scope.spawn(f"{FINAL} {self._number}", self._transcribe(audio))

    def attempt(
        self, audio: NDArray[np.float32], stale: Callable[[], bool], take: Callable[[str | None], None]
    ) -> None:
        """A turn that goes on: `take` gets its words so far, or None if there are none, unless it is `stale`."""
        self._scope.spawn(PARTIAL, self._attempt(audio, stale, take))

    async def _attempt(
        self, audio: NDArray[np.float32], stale: Callable[[], bool], take: Callable[[str | None], None]
    ) -> None:
        language = self.spoken if self.settings.auto_language and self.spoken else self._language()
        try:
            async with asyncio.timeout(self.settings.timeout_s):
                found = await self._recognizer.partial(audio, language, stale)
        except (HearingError, TimeoutError):
            return  # the final tells the person of it
        if not stale():
            take(found.text if found else None)

    async def _transcribe(self, audio: NDArray[np.float32]) -> Transcript | HearingError:
        try:
            async with asyncio.timeout(self.settings.timeout_s):
                return await self._recognizer.transcribe(audio, await self._language_of(audio))
        except HearingError as error:
            return error
        except TimeoutError:
            return HearingError(f"Speech recognition took longer than {self.settings.timeout_s:.0f} seconds.")

    async def _language_of(self, audio: NDArray[np.float32]) -> str:
        """The language of the sound if that is wanted and sure, else the last one heard, else the person's."""
        page = self._language()
        if not self.settings.auto_language:
            return page
        if page != self._page:  # the person chose
            self._page, self.spoken = page, ""
        found = await self._recognizer.detect(audio)
        if found and found[1] >= self.settings.language_floor:
            return found[0]
        return self.spoken or page
