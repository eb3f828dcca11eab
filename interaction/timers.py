"""Schedules fired by the clock, whatever the observer is doing; watches and modes whose time is over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from interaction import answers
from interaction.both import Both
from interaction.events import Decision, Problem, Recovered
from interaction.watch_rules import quiet_until
from interaction.watches import Watch

if TYPE_CHECKING:
    from interaction.session import Session

# The loop looks at least this often, so that a wall clock set by hand is noticed.
LONGEST_WAIT_S = 60.0
# What is due within less counts as due a little later: virtual time does not move by a rounding error, and the loop
# would wait for it for ever.
SHORTEST_WAIT_S = 0.001
# A clock that is set by less is being corrected: nobody's reminder is missed by it.
WORTH_TELLING = timedelta(minutes=1)
TOLD_S = 60.0  # the person is shown for so long that it was set


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
                self._tell(was_set)
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

    def _tell(self, was_set: timedelta) -> None:
        if abs(was_set) < WORTH_TELLING:
            return
        session, minutes = self._session, round(abs(was_set) / timedelta(minutes=1))
        way, zh = ("forwards", "拨快") if was_set > timedelta(0) else ("backwards", "拨慢")
        session.publish(
            Problem(
                t=session.now(),
                where="clock",
                message=Both(
                    f"This machine's clock was set {way} by {minutes} min.", f"这台机器的时钟{zh}了 {minutes} 分钟。"
                ),
                kept=Both("Timers take as long as was said.", "计时的时长不变。"),
                advice=Both("What is due at a time of day goes by the new time.", "定在某个时刻的，按新的时间算。"),
                severity="warning",
            )
        )
        self.lapse("clock", TOLD_S, lambda: session.publish(Recovered(t=session.now(), where="clock")))

    def _ring(self, watch: Watch) -> None:
        """A schedule is due; in quiet hours it waits for their end."""
        session = self._session
        if not watch.urgent and (over := quiet_until(watch.limits, session.wall())):
            why = f"held back: quiet hours until {over:%H:%M} ({watch.wording[:80]})"
            session.publish(Decision(t=session.now(), lane="", action="silence", reason=why, watch=watch.id))
            session.watch_changed("changed", session.watches.edit(watch.id, next_due=over))
            return
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
        return min([LONGEST_WAIT_S, *(max(SHORTEST_WAIT_S, left) for left in lefts)])
