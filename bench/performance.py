"""A scenario, played: its streams opened, its person speaking, its troubles made, in a house of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol, runtime_checkable

from bench import scenario as scenarios
from bench.loudspeaker import Paced, Room
from bench.person import BEFORE_S, Early, Person, Spoken, give
from bench.scenario import Scenario
from bench.streams import MAIN, open_stream
from bench.trace import Filmed, Said, Trace, cpu_seconds
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


@runtime_checkable
class Heated(Protocol):
    """A house whose models can be loaded before they are needed."""

    def warm_up(self) -> None: ...

    async def warm(self) -> None: ...


@dataclass(frozen=True)
class Stage:
    """How scenarios are performed. `person`: says the lines aloud (None: they are typed); `realtime`: at the streams'
    own pace; `filmed`: keep what a picture of it needs; `stands_in`: whether the built-in observer decides while the
    chosen one fails. It must not where the chosen one is measured: its results would be those of another."""

    person: Person | None = None
    realtime: bool = False
    filmed: bool = False
    stands_in: bool = False


TYPED = Stage()


class NotSupported(Exception):
    """The observer lacks something that the scenario needs; the message says what."""


class Deaf(Exception):
    """The person speaks and nobody can hear it; the message says why."""


async def perform(
    scenario: Scenario,
    make_house: Callable[[], House],
    note: Note,
    stage: Stage = TYPED,
    trace: Trace | None = None,
) -> float:
    """Play it, once or (`restart`) in two houses one after the other; `note` gets every event, `trace` the rest.

    Returns the seconds it lasted. Raises `NoFootage`, `NotSupported`, `Deaf`, `UsageError` for a stream that cannot be
    read, and what `open_stream` does.
    """
    trace = trace or Trace(scenario)
    clock: Clock | None = None
    for act in range(2 if scenario.restart else 1):
        house = make_house()
        if stage.realtime and isinstance(house, Heated):
            house.warm_up()
            await house.warm()
        session = house.session(f"act{act + 1}", "scenario")  # the second is another session of the same person
        observer = session.observer
        try:
            # What was anchored to the first goes on in the second.
            clock = await _act(session, note, stage, trace, clock)
        finally:
            trace.count(observer.usage)
            await session.aclose()
            await house.aclose()
    assert clock is not None
    return clock.now()


async def _act(session: Session, note: Note, stage: Stage, trace: Trace, clock: Clock | None) -> Clock:
    """One house's part: the first, or the second with the `clock` of the first."""
    scenario = trace.scenario
    if missing := set(scenario.needs) - session.services.capabilities:
        raise NotSupported(f"needs {', '.join(sorted(missing))}")
    sources = open_streams(scenario, 0.0 if scenario.restart else None, stage.realtime)
    observer = Slowed(session.observer, scenario.slow) if scenario.slow else session.observer
    if scenario.slow or not stage.stands_in:
        session.services = replace(session.services, observer=observer, fallback=observer)
    parted = scenario.restart or float("inf")
    user = [said for said in scenario.user if (said.t >= parted) == (clock is not None)]
    until = scenario.restart if clock is None else None
    planned = await _rehearsed(session, stage, trace, user, parted if clock else float("-inf"))
    if clock is None:
        ahead = -min([0.0, *(spoken.start - BEFORE_S for spoken in planned)])
        clock = Early(ahead) if ahead or stage.realtime else session.clock  # in real time, rehearsing took some
    session.clock = clock
    for lane, source in scenario.streams.items():
        if source.areas:
            session.command("areas", lane=lane, **source.areas)
    main, beside = sources.pop(MAIN), list(sources.values())
    shown = Filmed(main, trace) if stage.filmed else main
    async with _sound(session, note, scenario, user) as noted:
        await watch(session, shown, [], noted, beside=beside, until=until, say=partial(give, planned=planned))
    return clock


async def _rehearsed(
    session: Session, stage: Stage, trace: Trace, user: Sequence[scenarios.Said], since: float
) -> list[Spoken]:
    """What is typed or said aloud, and when. Where the person speaks, the session has ears, and so much of a voice that
    it can be interrupted. A scenario with sound of its own keeps that: its times are those of its own sounds."""
    lines = [Line(said.t, said.say) for said in user if not said.speaking]
    person = None if trace.scenario.aloud else stage.person
    if person is None:
        why = "the scenario has sound of its own" if stage.person else ""
        planned = [Spoken(line, line.t, why=why) for line in sorted(lines, key=lambda line: line.t)]
    else:
        if session.ears is None:
            raise Deaf("; ".join(problem.message for problem in session.services.missing) or "this house has no ears")
        session.mouth.voice = session.mouth.voice or Paced()
        before = cpu_seconds()
        planned = await person.plan(lines, session.settings, since)
        trace.idle_cpu += cpu_seconds() - before
    trace.said += [spoken.said for spoken in planned]
    trace.said += [Said(said.t, said.t, said.t + said.speaking, said.say, True) for said in user if said.speaking]
    return planned


@asynccontextmanager
async def _sound(
    session: Session, note: Note, scenario: Scenario, user: Sequence[scenarios.Said]
) -> AsyncIterator[Note]:
    """Where events go: to `note`, and to what the scenario has of sound."""
    if not scenario.aloud:
        yield note
        return
    room = Room(session, user, scenario.echo)

    def overheard(event: Event, seq: int) -> None:
        room.note(event)
        note(event, seq)

    listening = asyncio.create_task(room.listen())
    try:
        yield overheard
    finally:
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening


def open_streams(scenario: Scenario, began: float | None = None, realtime: bool = False) -> dict[str, FrameSource]:
    """The sources by lane. Raises what `open_stream` does."""
    return {lane: open_stream(source, lane, began, realtime) for lane, source in scenario.streams.items()}
