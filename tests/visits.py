"""A session of real rooms, waited for event by event on the ordinary clock: for tests with real servers."""

from __future__ import annotations

import asyncio
import os
import select
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from interaction.events import Event
from interaction.session import Session
from rooms import Rooms
from tests.house import Eyes, Stream


class Visit:
    """A session, and its events as they come."""

    def __init__(self, session: Session, soon_s: float) -> None:
        self.session = session
        self.events: list[Event] = []
        self._soon_s = soon_s
        self._subscription = session.subscribe()

    async def until(self, wanted: Callable[[Event], bool]) -> Event:
        async with asyncio.timeout(self._soon_s):
            async for _, event in self._subscription.events:
                self.events.append(event)
                if wanted(event):
                    return event
        raise AssertionError("the session ended")


def gone(pid: int, soon_s: float = 60.0) -> bool:
    """Wait for the end of a process, which need not be our child."""
    try:
        watched = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([watched], [], [], soon_s)[0])
    finally:
        os.close(watched)


@asynccontextmanager
async def visit(rooms: Rooms, soon_s: float = 60.0) -> AsyncIterator[Visit]:
    """A session of `rooms` that watches a grey picture and sees nothing by itself. `soon_s`: to wait for an event."""
    session = rooms.session("s1", "local")
    session.services = replace(session.services, make_seer=lambda: Eyes({}), make_board=None)
    here = Visit(session, soon_s)
    running = asyncio.create_task(session.run())
    session.add_lane(Stream(3600, fps=2, live=True))
    try:
        yield here
    finally:
        await session.aclose()
        await running
