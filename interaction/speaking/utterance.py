"""One utterance while it is said: its pieces, their sound, and how much of it was heard."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from interaction.events import UtteranceKind
from interaction.speaking.base import RATE, Pcm
from interaction.speaking.sentences import length

LETTERS_PER_S = 14.0  # how fast a voice speaks: for a piece whose sound is not complete yet
ROUNDING_S = 0.05  # a piece whose last bit was cut off was heard


def spoken_s(words: str) -> float:
    """About how many seconds it takes to say them."""
    return length(words) / LETTERS_PER_S


class Piece:
    """A sentence or clause: `shown` as it is written, `words` as it is spoken ("" if it cannot be).

    `handed`: seconds of it that were given to the sink.
    """

    def __init__(self, shown: str, words: str) -> None:
        self.shown = shown
        self.words = words
        self.handed = 0.0
        self._sound: list[Pcm] = []
        self._complete = False
        self._error: Exception | None = None
        self._changed = asyncio.Event()

    def add(self, pcm: Pcm) -> None:
        self._sound.append(pcm)
        self._changed.set()

    def complete(self, error: Exception | None = None) -> None:
        """No more sound comes; `error`: because it failed."""
        self._complete, self._error = True, error
        self._changed.set()

    async def ready(self) -> None:
        """Wait for its first sound, or for the news that none comes."""
        while not (self._sound or self._complete):
            self._changed.clear()
            await self._changed.wait()

    async def sound(self) -> AsyncIterator[Pcm]:
        """The sound as it is made; raises the error with which it ended."""
        k = 0
        while True:
            while k < len(self._sound):
                yield self._sound[k]
                k += 1
            if self._complete:
                break
            self._changed.clear()
            await self._changed.wait()
        if self._error:
            raise self._error

    @property
    def seconds(self) -> float:
        """How long it is; estimated while its sound is still being made."""
        made = sum(len(pcm) for pcm in self._sound) / RATE
        return made if self._complete and not self._error else max(made, spoken_s(self.words))

    def heard(self, seconds: float) -> str:
        """What was heard of it in its first `seconds`: whole words, or characters of Chinese."""
        if seconds >= self.seconds - ROUNDING_S:
            return self.shown
        letters = int(len(self.shown) * seconds / self.seconds)
        part = self.shown[:letters]
        if self.shown[letters : letters + 1].isspace() or not part.isascii():
            return part.rstrip()
        return part.rpartition(" ")[0].rstrip()


@dataclass(eq=False)
class Utterance:
    """`began`: the person hears or sees it; `aloud`: hears; `whole`: all of it; `heard`: as far as it is known;
    `stalls`: of the house before it began."""

    id: int
    text: str
    kind: UtteranceKind
    language: str
    watch: str | None
    pieces: list[Piece]
    began: bool = False
    aloud: bool = False
    whole: bool = False
    stalls: int = 0
    heard: str = field(default="")

    @property
    def words(self) -> bool:
        """There is something in it to speak."""
        return any(piece.words for piece in self.pieces)

    @property
    def unheard(self) -> str:
        """The part that was not handed to the sink."""
        return " ".join(piece.shown for piece in self.pieces if not piece.handed)

    def finished(self) -> None:
        """It reached the person from beginning to end."""
        self.whole, self.heard = True, self.text

    def stopped(self, unheard: float) -> None:
        """The sound was cut; `unheard`: seconds handed to the sink that were never played."""
        left = sum(piece.handed for piece in self.pieces) - unheard
        parts: list[str] = []
        for piece in self.pieces:
            if not piece.words:
                continue
            if left <= 0 or not piece.handed:
                break
            parts.append(piece.heard(min(left, piece.handed)))
            left -= piece.handed
        joint = "" if self.language == "zh" else " "
        self.heard = joint.join(part for part in parts if part)
