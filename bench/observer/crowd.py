"""Eight sessions, each asking once a second: how late their decisions come."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from bench.observer.engine import Engine
from bench.observer.layouts import held_to_silence, observer, views
from interaction.clock import Clock
from interaction.observers.base import ObserverError

SESSIONS = 8


async def crowd(engine: Engine, seconds: int, sessions: int = SESSIONS) -> tuple[list[float], int]:
    """Seconds from when each tick was due until it was decided, and how many ticks failed. Like a lane, a session whose
    tick takes longer than a second begins the next one at once, with the newest picture."""
    clock, late, failed = Clock(), list[float](), 0

    async def visit(number: int) -> None:
        nonlocal failed
        watching, due = observer(engine, "joyai"), 1.0 + number / sessions
        try:
            for view in views(seconds):
                await clock.sleep_until(due)
                try:
                    await watching.decide(replace(view, t=round(clock.now(), 1)))
                except ObserverError:
                    failed += 1
                late.append(clock.now() - due)
                due = max(due + 1.0, clock.now())
        finally:
            await watching.aclose()

    with held_to_silence():
        await asyncio.gather(*(visit(number) for number in range(sessions)))
    return late, failed
