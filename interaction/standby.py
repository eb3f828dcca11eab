"""What stands in for a server that fails: the embedded back end, from the very utterance on; and back when it is well.

A server that failed is not asked again by who speaks or listens: it is probed in the background, ever more slowly, and
used again when a probe succeeds.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Generic, Protocol, TypeVar

from config import Fallback
from interaction.both import Both, why
from interaction.events import Event, Problem, Recovered
from interaction.streams import TaskScope

log = logging.getLogger(__name__)

ADVICE = Both(
    "Look after the server; it is used again as soon as it answers.",
    "请检查那台服务器；它一有回应就会重新使用。",
)
KEPT = Both("Nothing is lost: what is built in stands in for it.", "没有丢失什么：由内置的代替。")
CAPTIONS = Both("Captions and typing go on.", "字幕和打字照常。")
ILL = "服务器出了问题：{}"


class Room(Protocol):
    async def aclose(self) -> None: ...


R = TypeVar("R", bound=Room)


class Standby(Generic[R]):
    """`main` while it is well, else the embedded one that `open` makes (blocking; opened at the first need).

    `probe` raises if `main` is still ill. `tell` gets `Problem` and `Recovered` of the part `where`, at second 0.
    """

    def __init__(
        self,
        where: str,
        main: R,
        open: Callable[[], R],
        probe: Callable[[], Awaitable[None]],
        tell: Callable[[Event], None],
        settings: Fallback,
    ) -> None:
        self.main = main
        self.resting = False
        self._where = where
        self._open = open
        self._probe = probe
        self._tell = tell
        self._settings = settings
        self._embedded: R | None = None
        self._opening: asyncio.Task[R] | None = None
        self._closed = False
        self._scope = TaskScope(lambda name, error: self.failed(error))

    async def embedded(self) -> R:
        """Raises what `open` does; then it is tried again at the next need."""
        if self._embedded is None:
            if self._opening is None or self._opening.done():
                self._opening = asyncio.ensure_future(asyncio.to_thread(self._open))
            # Who waits for it may be cancelled by a person who talks on; it is opened all the same, and once.
            self._embedded = await asyncio.shield(self._opening)
        return self._embedded

    def failed(self, error: BaseException) -> None:
        """`main` did not do what it was asked to: it rests, and that is told once."""
        if not self.resting:
            self.resting = True
            said = why(error, ILL)
            self._tell(Problem(t=0.0, where=self._where, message=said, kept=KEPT, advice=ADVICE, severity="warning"))
        if "probing" not in self._scope.names and not self._closed:
            self._scope.spawn("probing", self._until_well())

    def nothing_left(self, error: Exception) -> None:
        """The embedded one cannot be had either; the next message says so."""
        said = why(error, ILL)
        self._tell(Problem(t=0.0, where=self._where, message=said, kept=CAPTIONS, advice=ADVICE))

    async def _until_well(self) -> None:
        pause = self._settings.probe_first_s
        while self.resting:
            await asyncio.sleep(pause)
            pause = min(2 * pause, self._settings.probe_longest_s)
            try:
                await self._probe()
            except Exception as error:  # still ill; what it is was told when it began
                log.debug("%s: %s", self._where, error)
                continue
            self.resting = False
            self._tell(Recovered(t=0.0, where=self._where, message="It answers again."))

    async def aclose(self) -> None:
        self._closed = True
        await self._scope.aclose()
        if self._opening and not self._opening.done():  # a thread cannot be cancelled; what it makes is closed
            await asyncio.wait([self._opening])
        if self._opening and self._embedded is None and self._opening.exception() is None:
            self._embedded = self._opening.result()
        for room in (self.main, self._embedded):
            if room is not None:
                await room.aclose()
