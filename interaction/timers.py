"""Schedules fired by the clock, whatever the observer is doing; watches and modes whose time is over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from interaction import answers
from interaction.watches import Watch

if TYPE_CHECKING:
    from interaction.session import Session

# The loop looks at least this often, so that a wall clock set by hand is noticed.
LONGEST_WAIT_S = 60.0


class Timers:
    """`changed` must be called when the watches changed."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._woken = asyncio.Event()
        self._lapses: dict[str, tuple[float, Callable[[], None]]] = {}

    def changed(self) -> None:
        self._woken.set()

    def lapse(self, what: str, after: float, over: Callable[[], None]) -> None:
        """Call `over` in `after` seconds, unless `what` is to stay."""
        self._lapses[what] = (self._session.now() + after, over)
        self.changed()

    def stay(self, what: str) -> None:
        self._lapses.pop(what, None)

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
                self._ring(watch)  # what breaks here begins anew, and this one has fired by then
            for over in self._lapsed():
                over()
            self._woken.clear()
            try:
                async with asyncio.timeout(self._wait()):
                    await self._woken.wait()
            except TimeoutError:
                continue  # something is due

    def _ring(self, watch: Watch) -> None:
        """A schedule is due."""
        session = self._session
        session.watch_changed("fired", session.watches.fire(watch.id, session.wall()))
        lane = session.main_lane()
        if watch.ask is not None and lane and not lane.ended.is_set():
            session.requests.answer(watch.ask, watch.language)
        else:
            session.say(answers.reminder(watch, session.wall()), "alert", watch.language, watch)

    def _lapsed(self) -> list[Callable[[], None]]:
        now = self._session.now()
        names = [name for name, (t, _) in self._lapses.items() if t <= now]
        return [self._lapses.pop(name)[1] for name in names]

    def _wait(self) -> float:
        lefts = [t - self._session.now() for t, _ in self._lapses.values()]
        if (next_time := self._session.watches.next_time()) is not None:
            lefts.append((next_time - self._session.wall()).total_seconds())
        return min([LONGEST_WAIT_S, *(max(0.0, left) for left in lefts)])
