"""Whose turn it is to look: many lanes, one seeing worker.

A lane that waits is given its turn first and shows its newest picture then, so a worker that falls behind costs looks,
never delay: nothing is queued but the wish to look. Lanes are served by start-time fair queueing (Goyal, Vin and Cheng,
1996), weighted by how lively each has been: a look moves a lane's own clock on by its price over its weight, the lane
whose clock is furthest behind is next, and one that does not look meanwhile saves up one look and no more. A lane on
which something begins to happen is therefore next at once, and whoever has not looked for `longest_s` goes before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from dataclasses import dataclass

from config import Seeing
from interaction.clock import loop_time

# What looks cost, in looks of the networks (50 ms on one core): a comparison with the picture before takes 2.5 ms.
DEEP, GLANCE = 1.0, 0.05
SAVED = 1.0  # what a lane that rested has saved up at most: enough to be next at once


@dataclass(slots=True)
class _Lane:
    clock: float  # in looks of weight 1
    looked: float  # seconds: the last look, or when it first asked
    liveliness: float = 0.0  # 0…1: how often something moved lately
    asked: int | None = None  # it waits, and since which request of all


class Order:
    """Who looks next. Pure: `now` is in seconds of any clock that does not run backwards.

    A lane is whatever can be a key; it is known from `ask` to `forget`.
    """

    def __init__(self, bounds: Seeing | None = None) -> None:
        self._bounds = bounds or Seeing()
        self._lanes: dict[Hashable, _Lane] = {}
        self._clock = 0.0  # that of the lane which looked last, when it began
        self._requests = 0

    def __len__(self) -> int:
        return len(self._lanes)

    def ask(self, lane: Hashable, now: float) -> None:
        """The lane wants to look."""
        least = self._clock - SAVED
        known = self._lanes.setdefault(lane, _Lane(least, now))
        known.clock = max(known.clock, least)
        self._requests += 1
        known.asked = self._requests

    def withdraw(self, lane: Hashable) -> None:
        """It does not want to any more."""
        if lane in self._lanes:
            self._lanes[lane].asked = None

    def pick(self, now: float) -> Hashable | None:
        """The lane whose turn it is, which waits no longer then; None: nobody waits."""
        waiting = [(lane, known) for lane, known in self._lanes.items() if known.asked is not None]
        if not waiting:
            return None
        overdue = [pair for pair in waiting if now - pair[1].looked >= self._bounds.longest_s]
        if overdue:
            lane, chosen = min(overdue, key=lambda pair: (pair[1].looked, pair[1].asked))
        else:
            lane, chosen = min(waiting, key=lambda pair: (pair[1].clock, pair[1].asked))
        # Not the chosen one's: a lane that goes before its time would take the others' clock along.
        self._clock = max(self._clock, min(known.clock for _, known in waiting))
        chosen.asked = None
        return lane

    def looked(self, lane: Hashable, now: float, *, deep: bool, lively: bool) -> None:
        """It has looked. `deep`: the networks were asked; `lively`: something moves there."""
        if (known := self._lanes.get(lane)) is None:
            return
        share = 0.5 ** (max(0.0, now - known.looked) / self._bounds.recent_s)
        known.liveliness = share * known.liveliness + (1 - share) * lively
        known.looked = now
        weight = 1 + (self._bounds.busier - 1) * known.liveliness
        known.clock += (DEEP if deep else GLANCE) / weight

    def forget(self, lane: Hashable) -> None:
        """It looks no more."""
        self._lanes.pop(lane, None)


class Turns:
    """One turn at a time. For lanes of one event loop; each asks for one turn at once."""

    def __init__(self, bounds: Seeing | None = None) -> None:
        self._order = Order(bounds)
        self._waiting: dict[Hashable, asyncio.Future[None]] = {}
        self._looking: Hashable | None = None

    async def take(self, lane: Hashable) -> None:
        """Wait for a turn; `give` it back."""
        mine = self._waiting[lane] = asyncio.get_running_loop().create_future()
        self._order.ask(lane, loop_time())
        self._next()
        try:
            await mine
        except asyncio.CancelledError:
            self._order.withdraw(lane)
            self._waiting.pop(lane, None)
            if self._looking is lane:  # it was given as the wish was taken back
                self._pass_on()
            raise

    def give(self, lane: Hashable, *, deep: bool, lively: bool) -> None:
        """The look is over. See `Order.looked`."""
        self._order.looked(lane, loop_time(), deep=deep, lively=lively)
        self._pass_on()

    def forget(self, lane: Hashable) -> None:
        """The lane ended."""
        self._order.forget(lane)

    def _pass_on(self) -> None:
        self._looking = None
        self._next()

    def _next(self) -> None:
        if self._looking is None and (lane := self._order.pick(loop_time())) is not None:
            self._looking = lane
            if not (waiting := self._waiting.pop(lane)).done():  # cancelled just now: it passes the turn on itself
                waiting.set_result(None)
