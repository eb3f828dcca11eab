"""What a server keeps up with, turns of a chunk and size of a picture: learned from how long its silences take. Pure.

A picture looks back at everything in its chunk, so what a tick computes grows with the chunk, and so does the memory
that a server needs to find the past again. Where that is more than it has (no card, a small one, many sessions), what
it decides about a minute of pictures comes too late to be of use, and about the last quarter of it in time. Where even
that is too much, the pictures get smaller: half of the pixels seen now tell more than all of them two seconds late.
"""

from __future__ import annotations

from dataclasses import replace
from weakref import WeakValueDictionary

from interaction.observers.budget import FEWEST_CARRIED, SMALLEST_FRAME, Plan

SLOW_S = 0.5  # of a silence: half of the second that it is about; the other half is for those that come unevenly
FEWEST = 16  # turns: of fewer, most of the time would go into beginning the next chunk
LEAST = 0.5  # of a picture's tokens, where the shortest chunk is too long: a quarter of the work of looking back
WEIGHT = 0.25  # of the newest tick in the mean: three slow ones in a row count, not a single one, however slow
SETTLED = 50  # silences after a change, none of them slow: the server may have more time now
GROWTH = 1.25  # … of a picture then, or of a chunk
MOST = 1000  # turns: longer than any chunk


class Pace:
    """A server's, as all sessions of this process find it: what one of them learns all have to heed at once, since what
    each adds makes the others wait."""

    def __init__(self) -> None:
        self._turns: int | None = None  # of a chunk; None: as many as planned
        self._share = 1.0  # of the tokens that a picture was planned to have
        self._mean = 0.0
        self._quick = 0  # silences since a change

    @staticmethod
    def of(url: str) -> Pace:
        """The one of the server at this address, for as long as anybody keeps it."""
        return _SERVERS.setdefault(url, Pace())

    def plan(self, planned: Plan) -> Plan:
        """With chunks as long, and then pictures as large, as the server carries."""
        tokens = max(min(planned.frame_tokens, SMALLEST_FRAME), int(planned.frame_tokens * self._share))
        planned = replace(planned, frame_tokens=tokens)
        if self._turns is None or self._turns >= planned.turns:
            return planned
        return replace(planned, turns=self._turns, carry=min(planned.carry, max(FEWEST_CARRIED, self._turns // 10)))

    def silent(self, turns: int, seconds: float) -> None:
        """A silence took so long, in a chunk of so many turns."""
        self._mean += WEIGHT * (min(seconds, 2 * SLOW_S) - self._mean)
        self._quick += 1
        if self._mean > SLOW_S:
            self._less(turns)
        elif self._quick >= SETTLED:
            self._more()

    def _less(self, turns: int) -> None:
        self._quick = 0
        if self._turns == FEWEST:
            self._share = LEAST  # at once: each step would be learned from more ticks that come too late
        else:
            end = turns + max(FEWEST_CARRIED, turns // 10)  # a summary is still to be made of it
            self._turns = max(FEWEST, min(end, self._turns or end))
            if self._turns == FEWEST:
                self._mean = 0.0  # what that is worth is seen first

    def _more(self) -> None:
        self._quick = 0
        if self._share == 1.0 and self._turns is not None:
            self._turns = min(MOST, int(self._turns * GROWTH))
        elif self._mean * GROWTH**2 <= SLOW_S:  # what the next size costs at most
            self._share = min(1.0, self._share * GROWTH)


_SERVERS: WeakValueDictionary[str, Pace] = WeakValueDictionary()  # of nobody's session: of what all of them ask
