"""A scenario, played: its streams opened, its person speaking, its troubles made, in a house of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Protocol

from bench.loudspeaker import Room
from bench.scenario import Scenario
from bench.streams import MAIN, open_stream
from bench.trouble import Slowed
from interaction.clock import Clock
from interaction.events import Event
from interaction.headless import Line, watch
from interaction.session import Session
from interaction.sources.base import FrameSource

Note = Callable[[Event, int], None]


class House(Protocol):
    """What makes sessions (`rooms.Rooms`)."""

    def session(self, id: str, person: str) -> Session: ...

    async def aclose(self) -> None: ...


class NotSupported(Exception):
    """The observer lacks something that the scenario needs; the message says what."""


async def perform(scenario: Scenario, make_house: Callable[[], House], note: Note) -> float:
    """Play it, once or (`restart`) in two houses one after the other; `note` gets every event. Seconds it lasted.

    Raises `NoFootage`, `NotSupported`, `UsageError` for a stream that cannot be read, and what `open_stream` does.
    """
    clock: Clock | None = None
    for act in range(2 if scenario.restart else 1):
        house = make_house()
        session = house.session(f"act{act + 1}", "scenario")  # the second is another session of the same person
        clock = session.clock = clock or session.clock  # what was anchored to the first goes on in the second
        try:
            await _act(scenario, session, note, second=act == 1)
        finally:
            await session.aclose()
            await house.aclose()
    assert clock is not None
    return clock.now()


async def _act(scenario: Scenario, session: Session, note: Note, *, second: bool) -> None:
    if missing := set(scenario.needs) - session.services.capabilities:
        raise NotSupported(f"needs {', '.join(sorted(missing))}")
    sources = open_streams(scenario, began=0.0 if scenario.restart else None)
    if scenario.slow:
        slowed = Slowed(session.observer, scenario.slow)
        session.services = replace(session.services, observer=slowed, fallback=slowed)
    user = [said for said in scenario.user if (said.t >= (scenario.restart or 0.0)) == (second or not scenario.restart)]
    until = scenario.restart if not second else None
    lines = [Line(said.t, said.say) for said in user if not said.speaking]
    main, beside = sources.pop(MAIN), list(sources.values())
    if not scenario.aloud:
        return await watch(session, main, lines, note, beside=beside, until=until)
    room = Room(session, user, scenario.echo)

    def overheard(event: Event, seq: int) -> None:
        room.note(event)
        note(event, seq)

    listening = asyncio.create_task(room.listen())
    try:
        await watch(session, main, lines, overheard, beside=beside, until=until)
    finally:
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening


def open_streams(scenario: Scenario, began: float | None = None) -> dict[str, FrameSource]:
    """The sources by lane. Raises what `open_stream` does."""
    return {lane: open_stream(source, lane, began) for lane, source in scenario.streams.items()}
