"""Faults that no wrapper can commit: by hand, at their time; and what makes somebody run into the others."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import psutil

from bench.person import BEFORE_S, Spoken, give
from bench.strain.backend import Backend
from bench.strain.faults import JUMP, Fault
from bench.strain.whistle import Phrasebook, gap
from interaction.headless import Line
from interaction.session import Session
from interaction.speaking.sinks import NullSink

NONSENSE = "blah blah"  # what only a text model might find a request in
# Asked when such a fault begins, as few scenarios use these parts at that very moment.
PROVOKED = {
    "agent: killed sandbox": "list the first 20000 primes",
    "agent": "work out 17 percent of 2,340",
    "voice": "what day is it?",
    "observer server": "what do you see?",
    "language server": NONSENSE,
}
ALOUD = "what day is it?"  # said when a fault of hearing begins
HEARD_S = 1.2  # from the beginning of a line until it is recognised
EVE_S = 0.05  # a server is down so long before its fault begins, and somebody runs into it so long after


class Deeds:
    """Of one session. `servers`: real ones, by part; `book`: how lines are said aloud (None: they are typed), and
    `times`: when the person's own are heard; `resumed`: starts of faults after which a page got all that it had missed.
    """

    def __init__(
        self,
        session: Session,
        servers: Mapping[str, Backend],
        book: Phrasebook | None,
        times: Sequence[float],
        resumed: set[float],
    ) -> None:
        self._session, self._servers, self._book, self._times = session, servers, book, times
        self._resumed = resumed

    async def say(self, text: str) -> None:
        """Aloud, where the person speaks, else typed."""
        session = self._session
        sound = self._book.sound(text) if self._book else None
        await give(session, [Spoken(Line(session.now(), text), session.now() + BEFORE_S, sound)])

    async def commit(self, fault: Fault) -> None:
        """From its start to its end."""
        clock = self._session.clock
        if fault.kind.endswith("server: killed"):
            await clock.sleep_until(fault.start - EVE_S)
            server = self._servers[fault.kind.partition(":")[0]]
            server.kill()
            await self._provoke(fault)
            await clock.sleep_until(fault.end + EVE_S)
            server.start()
            return
        await clock.sleep_until(fault.start)
        await self._provoke(fault)
        match fault.kind:
            case "tab: killed":
                await self._kill_tab(fault)
            case "agent: killed sandbox":
                await self._kill_sandbox(fault)
            case "clock: forwards" | "clock: backwards":
                self._set_clock(fault, JUMP if fault.kind.endswith("forwards") else -JUMP)

    async def _provoke(self, fault: Fault) -> None:
        session = self._session
        await session.clock.sleep_until(fault.start + EVE_S)  # the very start may be a rounding error too early
        if wish := next((wish for part, wish in PROVOKED.items() if fault.kind.startswith(part)), ""):
            session.request(wish)
        elif fault.kind.startswith("hearing") and self._book:
            t = gap(self._times, session.now(), fault.end - HEARD_S)
            if t is not None:  # else a line of the person's own falls into it
                await session.clock.sleep_until(t)
                await self.say(ALOUD)

    def _set_clock(self, fault: Fault, by: timedelta) -> None:
        clock = self._session.clock
        set_to, then = clock.wall() + by, clock.now()
        clock.machine = lambda: set_to + timedelta(seconds=clock.now() - then)
        self._session.timers.changed()  # it looks every minute by itself
        fault.hits += 1

    async def _kill_tab(self, fault: Fault) -> None:
        """A page that is killed takes nothing any more; the house notices, and a new one asks for what it missed."""
        session, dead = self._session, DeadSink()
        page = session.subscribe()
        seq = session.subscribers.seq
        session.attach_sink(dead)
        await session.clock.sleep_until(fault.end)
        fault.hits += 1
        session.detach_sink(dead)
        dead.close()
        page.close()
        again = session.subscribe(since=seq)
        missed = [number for number, _ in again.missed]
        if not again.gap and missed == list(range(seq + 1, session.subscribers.seq + 1)):
            self._resumed.add(fault.start)
        again.close()

    async def _kill_sandbox(self, fault: Fault) -> None:
        while self._session.now() < fault.end:
            for child in psutil.Process().children():
                try:
                    if any(part.endswith("launcher.py") for part in child.cmdline()):
                        child.kill()
                        fault.hits += 1
                except psutil.Error:
                    continue  # it ended by itself
            await asyncio.sleep(0.02)


class DeadSink(NullSink):
    """A line that takes nothing, until the house gives it up."""

    def __init__(self) -> None:
        super().__init__()
        self._closed = asyncio.Event()

    async def play(self, pcm: Any) -> None:
        await self._closed.wait()

    async def drain(self) -> None:
        await self._closed.wait()

    def close(self) -> None:
        self._closed.set()
