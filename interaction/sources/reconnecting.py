"""A source that is opened again and again, for ever, with growing pauses: cameras restart, networks drop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Literal

from config import Sources
from interaction.both import NOTHING, Both, why
from interaction.events import LaneChanged
from interaction.sources.base import Frame, FrameSource, SourceError

STALLED = Both("No picture is arriving.", "没有画面传来。")
State = Literal["connecting", "watching", "stalled", "down"]
Cause = Literal["", "login", "rule"]  # of a failure; the last two are not helped by trying again at once


class Pauses:
    """How long to wait before the next attempt, in seconds: refused logins, and what a rule of this house forbids, have
    their own, longer ones."""

    def __init__(self, limits: Sources) -> None:
        self._limits = limits
        self._longest = {"": limits.retry_longest_s, "login": limits.login_longest_s, "rule": limits.rule_s}
        self.begin()

    def begin(self) -> None:
        """It works."""
        self._next = {"": self._limits.retry_first_s, "login": self._limits.login_first_s, "rule": self._limits.rule_s}

    def next(self, cause: Cause) -> float:
        pause = self._next[cause]
        self._next[cause] = min(pause * 2, self._longest[cause])
        return pause


class Reconnecting(FrameSource):
    """Wraps a source whose `frames` can be called again. A file still ends at its end.

    `report` gets a LaneChanged for each change: connecting, watching, stalled (no picture for a while), down (with
    what happened and when it is tried again). Where the source must open, a first attempt that fails raises, so that
    who typed an address knows at once whether it is right.
    """

    def __init__(
        self,
        source: FrameSource,
        report: Callable[[LaneChanged], None],
        *,
        limits: Sources | None = None,
    ) -> None:
        self.lane = source.lane
        self._source = source
        self._report = report
        self._limits = limits or Sources()
        self.must_open = source.must_open
        self._closed = asyncio.Event()
        self._state: State | None = None

    @property
    def live(self) -> bool:  # type: ignore[override]
        return self._source.live

    async def frames(self, now: Callable[[], float]) -> AsyncIterator[Frame]:
        """Raises `SourceError` only for a first attempt of a source that must open."""
        pauses = Pauses(self._limits)
        opened = False
        cause: Cause
        while not self._closed.is_set():
            self._change("connecting", now)
            try:
                async for frame in self._watched(now):
                    opened = True
                    pauses.begin()
                    yield frame
                if not self._source.live:
                    return
                trouble, cause = Both("The stream has ended.", "画面流结束了。"), ""
            except SourceError as error:
                if self.must_open and not opened:
                    raise
                trouble, cause = why(error), "login" if error.login else "rule" if error.advice else ""
            if self._closed.is_set():
                return
            pause = pauses.next(cause)
            self._change("down", now, _again(trouble, pause, cause))
            await self._pause(pause)

    async def aclose(self) -> None:
        self._closed.set()
        await self._source.aclose()

    async def _watched(self, now: Callable[[], float]) -> AsyncIterator[Frame]:
        """The source's frames, with a report when they stop coming and when they come again."""
        loop = asyncio.get_running_loop()
        alarm: asyncio.TimerHandle | None = None
        try:
            async for frame in self._source.frames(now):
                if alarm is not None:
                    alarm.cancel()
                self._change("watching", now)
                alarm = loop.call_later(self._limits.stall_s, self._change, "stalled", now, STALLED)
                yield frame
        finally:
            if alarm is not None:
                alarm.cancel()

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._closed.wait()
        except TimeoutError:
            pass  # the pause is over

    def _change(self, state: State, now: Callable[[], float], detail: Both = NOTHING) -> None:
        if state != self._state or state == "down":
            self._state = state
            self._report(LaneChanged(t=now(), lane=self.lane, state=state, detail=detail))


def _again(trouble: Both, pause: float, cause: Cause) -> Both:
    long = pause >= 120
    en, zh = (f"{pause / 60:.0f} minutes", f"{pause / 60:.0f} 分钟") if long else (f"{pause:.0f} s", f"{pause:.0f} 秒")
    if cause != "login":
        return Both(f"{trouble} It is tried again in {en}.", f"{trouble.zh}{zh}后再试。")
    return Both(
        f"{trouble} It is tried again in {en}, so that the account is not locked; added anew, it is tried at once.",
        f"{trouble.zh}为避免账号被锁，{zh}后再试；重新添加则立即再试。",
    )
