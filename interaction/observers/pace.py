"""How many turns a chunk may have for its server to keep up: learned from how long it takes to stay silent. Pure.

A picture looks back at everything in its chunk, so what a tick computes grows with the chunk, and so does the memory
that a server needs to find the past again. Where that is more than it has (no card, a small one, many sessions), what
it decides about a minute of pictures comes too late to be of use, and about the last quarter of it in time.
"""

from __future__ import annotations

from dataclasses import replace

from interaction.observers.budget import FEWEST_CARRIED, Plan

SLOW_S = 0.5  # of a silence: half of the second that it is about; the other half is for those that come unevenly
FEWEST = 16  # turns: of fewer, most of the time would go into beginning the next chunk
WEIGHT = 0.25  # of the newest tick in the mean: three slow ones in a row count, not a single one, however slow
GROWTH = 1.25  # of a chunk after one that was never slow: the server may have more time now


class Pace:
    """One lane's."""

    def __init__(self) -> None:
        self._turns: int | None = None  # of a chunk; None: as many as planned
        self._mean = 0.0

    def plan(self, planned: Plan) -> Plan:
        """With chunks as long as the server carries."""
        if self._turns is None or self._turns >= planned.turns:
            return planned
        return replace(planned, turns=self._turns, carry=min(planned.carry, max(FEWEST_CARRIED, self._turns // 10)))

    def silent(self, turns: int, seconds: float) -> None:
        """A silence took so long, in a chunk of so many turns."""
        self._mean += WEIGHT * (min(seconds, 2 * SLOW_S) - self._mean)
        if self._mean > SLOW_S:
            end = turns + max(FEWEST_CARRIED, turns // 10)  # a summary is still to be made of it
            self._turns = max(FEWEST, min(end, self._turns or end))

    def renewed(self) -> None:
        """A chunk was full."""
        if self._turns is not None and self._mean <= SLOW_S:
            self._turns = int(self._turns * GROWTH)
