"""Faults of our own in a session: told as a `Problem`, logged with their traceback, and survived."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Protocol

from interaction.both import Both
from interaction.events import Event, Problem, Recovered
from interaction.streams import TaskScope

log = logging.getLogger(__name__)

WHERE = "session"
OVER_S = 60.0  # a fault that did not come again for so long is over

CLOSE_S = 5.0  # a room that takes longer to close is left as it is

FLOODED = Both(
    "More happened at once than can be handled; the newest of it was left out.",
    "一下子发生的事太多，处理不过来，最新的一些被略过了。",
)
GOES_ON = Both(
    "The session goes on: watches, timers, conversation and memory.",
    "会话继续：留意、计时、对话和记忆都照常。",
)
RELOAD = Both(
    "If it stays, reload the page; the log has the details.",
    "如果一直这样，请重新加载页面；详情见日志。",
)
Work = Callable[[], Coroutine[Any, Any, None]]


class Room(Protocol):
    async def aclose(self) -> None: ...


async def close_all(rooms: Iterable[Room | None]) -> None:
    """Close each of them, whatever happens with the others."""
    for room in rooms:
        try:
            async with asyncio.timeout(CLOSE_S):
                if room:
                    await room.aclose()
        except Exception as error:  # also TimeoutError
            log.error("%s could not be closed", type(room).__name__, exc_info=error)


class Faults:
    """Owns the `scope` of a session's background tasks. `closing`: what ends now does not begin anew."""

    def __init__(self, publish: Callable[[Event], None], now: Callable[[], float], restart_s: float) -> None:
        self.scope = TaskScope(self.broke)
        self.closing = False
        self.standing = False
        self._publish = publish
        self._now = now
        self._restart_s = restart_s
        self._lasting: dict[str, Work] = {}

    def keep_running(self, name: str, work: Work) -> None:
        """Run it in the background; if it breaks, begin anew after a pause."""
        self._lasting[name] = work
        self.scope.spawn(name, work())

    def broke(self, name: str, error: BaseException) -> None:
        """Something failed that never should."""
        log.error("%s failed", name, exc_info=error)
        part, what = name.split(" ")[0], f"{type(error).__name__}: {error}"
        self.tell(Both(f"A fault in me ({part}): {what}"[:300], f"我内部出错了（{part}）：{what}"[:300]))
        if (work := self._lasting.get(name)) and not self.closing:
            self.scope.spawn(name, self._after_a_pause(work))

    def tell(self, message: Both) -> None:
        """Show it, for as long as it comes again within a minute."""
        self.standing = True
        self._publish(Problem(t=self._now(), where=WHERE, message=message, kept=GOES_ON, advice=RELOAD))
        if not self.closing:
            self.scope.spawn("calming down", self._calm_down())

    async def aclose(self, last: str) -> None:
        """End the background tasks; `last` may finish what it does, if that does not take long."""
        self.closing = True
        try:
            async with asyncio.timeout(CLOSE_S):
                await self.scope.ended(last)
        except TimeoutError:
            log.error("%s did not end in time", last)
        await self.scope.aclose()

    async def _after_a_pause(self, work: Work) -> None:
        await asyncio.sleep(self._restart_s)
        await work()

    async def _calm_down(self) -> None:
        await asyncio.sleep(OVER_S)
        self.standing = False
        self._publish(Recovered(t=self._now(), where=WHERE, message="It did not happen again."))
