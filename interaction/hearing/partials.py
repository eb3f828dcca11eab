"""What is understood of a turn that still goes on: which words may be shown for good, and what is worth hearing now.

Words that two successive attempts agree on are stable (local agreement: Liu et al. 2020; Macháček et al. 2023): they
never change until the final replaces everything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from config import Hearing
from interaction.hearing.endpointing import Turn, quietest
from interaction.hearing.vad import CHUNK_S

PIECE_S = 8.5  # of a turn that is heard at once; what is longer does not fit Whisper's short window
# A word with what stands around it; a Chinese character is one.
_WORD = re.compile(r"\s*(?:[^\w\s]*[一-鿿][^\w\s]*|[^\s一-鿿]+)")


@dataclass(slots=True)
class Agreement:
    """`stable`: text that will not change; `rest`: what follows it in the latest attempt and may."""

    stable: str = ""
    rest: str = ""
    _count: int = 0  # of words in `stable` since the last piece
    _before: list[str] = field(default_factory=list)

    def hear(self, text: str) -> None:
        """Take the next attempt at the present piece."""
        words = _WORD.findall(text)
        agreed = 0
        for one, other in zip(words, self._before, strict=False):
            if _bare(one) != _bare(other):
                break
            agreed += 1
        if agreed > self._count:
            self._keep(words[self._count : agreed])
            self._count = agreed
        self.rest = "".join(words[self._count :])
        self._before = words

    def close(self, text: str) -> None:
        """The piece is complete, and this is what was said in it; another one follows."""
        self._keep(_WORD.findall(text)[self._count :])
        self.rest, self._count, self._before = "", 0, []

    @property
    def text(self) -> str:
        return f"{self.stable}{_space(self.stable, self.rest)}{self.rest}".strip()

    def _keep(self, words: list[str]) -> None:
        more = "".join(words)
        self.stable = f"{self.stable}{_space(self.stable, more)}{more}".strip()


@dataclass(slots=True)
class Piece:
    """Sound to be recognised: float32 [n], 16 kHz; `last`: nothing is added to it, the next piece begins at `end`."""

    audio: NDArray[np.float32]
    last: bool
    end: int


class Partials:
    """Of one turn: when another attempt is due, and at which sound."""

    def __init__(self, turn: Turn, settings: Hearing) -> None:
        self.turn = turn
        self.agreement = Agreement()
        self._every = max(1, round(settings.partial_s / CHUNK_S))
        self._begin = 0
        self._next = self._every

    def due(self) -> Piece | None:
        """The sound for the next attempt, if enough is new and the person talks just now."""
        length = len(self.turn.heard)
        if length < self._next or self.turn.quiet:
            return None
        last = (length - self._begin) * CHUNK_S > PIECE_S
        end = quietest(self.turn.odds, self._begin) if last else length
        self._next = length + self._every
        return Piece(self.turn.part(self._begin, end), last, end)

    def heard(self, piece: Piece, text: str, took_s: float) -> bool:
        """Take the result; whether there is something new to show. A slow machine is asked more rarely."""
        before = (self.agreement.stable, self.agreement.rest)
        if piece.last:
            self.agreement.close(text)
            self._begin = piece.end
        else:
            self.agreement.hear(text)
        pause = max(self._every, round(took_s / CHUNK_S))  # at most half of the time is spent on attempts
        self._next = len(self.turn.heard) + pause
        return bool(self.agreement.text) and before != (self.agreement.stable, self.agreement.rest)


def _bare(word: str) -> str:
    return re.sub(r"[^\w]", "", word).casefold()


def _space(before: str, after: str) -> str:
    """Between two parts of a sentence; Chinese has none."""
    joined = (
        not before or not after or after[0].isspace() or re.match("[一-鿿]", after) or re.search("[一-鿿]$", before)
    )
    return "" if joined else " "
