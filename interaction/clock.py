"""Session time. The only module of the house that reads a clock.

Session time is the event loop's time since the session began, in seconds, with a wall-clock anchor. What
varies is the loop: live it is the machine's monotonic clock; with `--fast` and in tests it is a
`VirtualLoop`, whose time jumps to the next timer as soon as nothing real is under way. So every sleep,
deadline, reminder and paced utterance follows the same clock, and an hour of stream takes seconds.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")

# Real seconds that virtual time may stand still for one blocking job; then it flows, so that deadlines work.
FREEZE_LIMIT_S = 60.0
# Real seconds without a timer, a job or a socket event after which a virtual loop reports a dead end.
DEAD_END_S = 30.0

# A wall clock that is off by less is being corrected gently, or was read a moment later.
_OFF = timedelta(seconds=2)


class Clock:
    """Seconds since the session began, and the wall-clock time that belongs to them.

    `machine`: the wall clock that a live session goes by; None where time is virtual or the anchor was given.
    """

    def __init__(self, anchor: datetime | None = None) -> None:
        """`anchor`: wall-clock time of session second 0 (aware); default: now. Needs a running loop."""
        self._loop = asyncio.get_running_loop()
        self._origin = self._loop.time()
        self._anchor = anchor or wall_now()
        live = anchor is None and not isinstance(self._loop, VirtualLoop)
        self.machine: Callable[[], datetime] | None = wall_now if live else None
        self._slept = _slept()

    def now(self) -> float:
        """Session seconds."""
        return self._loop.time() - self._origin

    def wall(self, t: float | None = None) -> datetime:
        """Wall-clock time (aware, local zone) of session second `t`, by default of now."""
        moment = self._anchor + timedelta(seconds=self.now() if t is None else t)
        return moment.astimezone() if self.machine else moment  # summer time may have begun since the anchor

    def follow(self) -> timedelta:
        """Go by the machine's wall clock again. Returns by how much somebody set it: time that the machine slept
        through is no setting, though session time stood still meanwhile."""
        slept, self._slept = _slept() - self._slept, _slept()
        off = self.machine() - self.wall() if self.machine else timedelta(0)
        if abs(off) < _OFF:
            return timedelta(0)
        self._anchor += off
        was_set = off - timedelta(seconds=slept)
        return was_set if abs(was_set) >= _OFF else timedelta(0)

    def at(self, moment: datetime) -> float:
        """Session seconds of an aware wall-clock time."""
        return (moment - self._anchor).total_seconds()

    async def sleep_until(self, t: float) -> None:
        """Sleep until session second `t`; returns at once when it has passed."""
        await asyncio.sleep(max(0.0, t - self.now()))


def wall_now() -> datetime:
    """The machine's wall-clock time, aware, in the local zone."""
    return datetime.now().astimezone()


def _slept() -> float:
    """Seconds that the machine was suspended since it started, where the system tells."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.clock_gettime(boot) - time.clock_gettime(time.CLOCK_MONOTONIC) if boot is not None else 0.0


def loop_time() -> float:
    """Seconds of the running loop, which sessions share: for what happens between them. Its zero means nothing."""
    return asyncio.get_running_loop().time()


def stopwatch() -> Callable[[], float]:
    """A function that returns real seconds since this call (for latencies, never for decisions)."""
    start = time.perf_counter()
    return lambda: time.perf_counter() - start


@contextmanager
def real_work() -> Iterator[None]:
    """While open, virtual time flows at real pace: for sockets, child processes and other people's threads."""
    loop = asyncio.get_running_loop()
    if not isinstance(loop, VirtualLoop):
        yield
        return
    loop.flowing += 1
    try:
        yield
    finally:
        loop.flowing -= 1


@contextmanager
def standstill() -> Iterator[None]:
    """While open, virtual time stands still (bounded): for an observer's answer that `--fast` waits for."""
    loop = asyncio.get_running_loop()
    if not isinstance(loop, VirtualLoop):
        yield
        return
    loop.freeze()
    try:
        yield
    finally:
        loop.thaw()


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time jumps forward when it is idle.

    Jobs given to `run_in_executor` or `asyncio.to_thread` freeze time until they end, so computing takes no
    session time. A thread that runs for ever must therefore be a `threading.Thread`, not an executor job.
    """

    def __init__(self) -> None:
        self._virtual = 1000.0
        self.flowing = 0
        self._frozen = 0
        self._frozen_since = 0.0
        super().__init__(_VirtualSelector(self))

    def time(self) -> float:
        return self._virtual

    def freeze(self) -> None:
        if not self._frozen:
            self._frozen_since = time.monotonic()
        self._frozen += 1

    def thaw(self) -> None:
        self._frozen -= 1

    def run_in_executor(  # type: ignore[override]
        self, executor: Executor | None, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        self.freeze()
        try:
            future = super().run_in_executor(executor, func, *args)
        except BaseException:
            self.thaw()
            raise
        future.add_done_callback(lambda _: self.thaw())
        return future

    def pass_time(self, wanted: float | None, select: Callable[[float | None], list[Any]]) -> list[Any]:
        """Let `wanted` seconds pass (None: until something happens); returns the socket events."""
        if wanted is not None and wanted <= 0:
            return select(0)
        if self._frozen and time.monotonic() - self._frozen_since < FREEZE_LIMIT_S:
            return select(min(wanted or 0.05, 0.05))
        if self.flowing or self._frozen:
            start = time.monotonic()
            events = select(wanted)
            self._virtual += time.monotonic() - start
            return events
        if wanted is None:
            events = select(DEAD_END_S)
            if not events:
                raise RuntimeError("virtual time: no timer, no job and no event left to wait for")
            return events
        events = select(0)
        if not events:
            self._virtual += wanted
        return events


class _VirtualSelector(selectors.DefaultSelector):
    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop_ = loop

    def select(self, timeout: float | None = None) -> list[Any]:
        return self._loop_.pass_time(timeout, super().select)


def run_virtual(main: Coroutine[Any, Any, T]) -> T:
    """Like `asyncio.run`, on a `VirtualLoop`."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
