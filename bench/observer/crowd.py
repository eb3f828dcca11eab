"""Eight sessions, each asking once a second: how late their decisions come."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

from bench.observer.engine import Engine
from bench.observer.layouts import held_to_silence, observer, pictures, views
from interaction.clock import Clock
from interaction.observers.base import ObserverError

SESSIONS = 8
FIRST_S = 1.0


@dataclass
class Crowd:
    """`late`: seconds from when each tick was due until it was decided; `failed`: ticks; `turns`: that each session's
    newest chunk may have; `seconds`: from the first tick's until all was decided."""

    late: list[float] = field(default_factory=list)
    failed: int = 0
    turns: list[int] = field(default_factory=list)
    seconds: float = 0.0


async def crowd(engine: Engine, seconds: int, sessions: int = SESSIONS) -> Crowd:
    """Like a lane, a session whose tick takes longer than a second begins the next one at once, with the newest
    picture."""
    await asyncio.to_thread(pictures)
    clock, found = Clock(), Crowd()

    async def visit(number: int) -> None:
        watching, due = observer(engine, "joyai"), FIRST_S + number / sessions
        try:
            for view in views(seconds):
                await clock.sleep_until(due)
                try:
                    await watching.decide(replace(view, t=round(clock.now(), 1)))
                except ObserverError:
                    found.failed += 1
                found.late.append(clock.now() - due)
                due = max(due + 1.0, clock.now())
            found.turns += [lane.context.plan.turns for lane in watching._lanes.values()]
        finally:
            await watching.aclose()

    with held_to_silence():
        await asyncio.gather(*(visit(number) for number in range(sessions)))
    found.seconds = clock.now() - FIRST_S
    return found
