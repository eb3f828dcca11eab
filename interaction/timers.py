"""Schedules fired by the clock, whatever the observer is doing; and watches whose time is over."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from interaction.session import Session

# The loop looks at least this often, so that a wall clock set by hand is noticed.
LONGEST_WAIT_S = 60.0


class Timers:
    """`changed` must be called when the watches changed."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._woken = asyncio.Event()

    def changed(self) -> None:
        self._woken.set()

    async def run(self) -> None:
        session = self._session
        while True:
            self._woken.clear()
            if was_set := session.clock.follow():
                session.watches.shift(was_set)  # "in ten minutes" means ten minutes, whatever the clock says
            now = session.wall()
            for watch in session.watches.expire(now):
                session.watch_changed("expired", watch)
            for watch in session.watches.due(now):
                session.ring(watch)  # what breaks here begins anew, and this one has fired by then
            self._woken.clear()
            try:
                async with asyncio.timeout(self._wait()):
                    await self._woken.wait()
            except TimeoutError:
                continue  # something is due

    def _wait(self) -> float:
        next_time = self._session.watches.next_time()
        if next_time is None:
            return LONGEST_WAIT_S
        left = (next_time - self._session.wall()).total_seconds()
        return min(LONGEST_WAIT_S, max(0.0, left))
