"""A source as a lane looks at it, for tests with real servers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from config import Sources
from interaction.clock import Clock
from interaction.events import LaneChanged
from interaction.sources.base import Frame
from interaction.sources.opening import open_source
from interaction.sources.reconnecting import Reconnecting

QUICK = Sources(retry_first_s=0.1, retry_longest_s=0.2)
IMPATIENT = Sources(read_timeout_s=1.5, stall_s=0.4, retry_first_s=0.1, retry_longest_s=0.2)


class Seen:
    """What a source delivered and said, as it comes."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.reports: list[LaneChanged] = []
        self._news = asyncio.Event()

    def add(self, news: Frame | LaneChanged) -> None:
        (self.frames if isinstance(news, Frame) else self.reports).append(news)  # type: ignore[arg-type]
        self._news.set()

    @property
    def states(self) -> list[str]:
        return [report.state for report in self.reports]

    async def until(self, condition: Callable[[], Any], seconds: float = 30) -> None:
        async with asyncio.timeout(seconds):
            while not condition():
                self._news.clear()
                await self._news.wait()

    async def more(self, count: int = 3, seconds: float = 30) -> None:
        """That many further pictures."""
        wanted = len(self.frames) + count
        await self.until(lambda: len(self.frames) >= wanted, seconds)


@asynccontextmanager
async def watching(url: str, **options: Any) -> AsyncIterator[Seen]:
    """A lane's own way to look: connecting again for ever."""
    seen = Seen()
    options = {"allow_private": True, "limits": QUICK, "fps": 10} | options
    source = Reconnecting(open_source(url, "door", **options), seen.add, limits=options["limits"])

    async def watch() -> None:
        async for frame in source.frames(Clock().now):
            seen.add(frame)

    async with asyncio.TaskGroup() as tasks:  # a source that gives up ends the test
        task = tasks.create_task(watch())
        try:
            yield seen
        finally:
            await source.aclose()
            task.cancel()


async def first(url: str, **options: Any) -> Frame:
    """One picture, or the source's own error."""
    options = {"allow_private": True, "limits": QUICK} | options
    source = open_source(url, "door", **options)
    stream = source.frames(Clock().now)
    try:
        return await anext(stream)
    finally:
        await stream.aclose()  # type: ignore[attr-defined]
        await source.aclose()
