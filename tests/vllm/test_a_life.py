"""A life of the real server within one session: it loads, takes over, is killed, is told of, and comes back.

Named so that it runs first: it starts the server that all tests here use.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from config import Settings
from interaction.events import Decision, Event, ObserverChanged, Problem, Recovered
from interaction.observers.engine import Engine
from rooms import Rooms
from tests.visits import gone, visit
from tests.vllm.conftest import START_S

pytestmark = [pytest.mark.vllm, pytest.mark.real_time(2 * START_S), pytest.mark.timeout(3 * START_S)]


def by_model(event: Event) -> bool:
    """Only a model knows how sure it is."""
    return isinstance(event, Decision) and event.p_speak is not None


def by_us(event: Event) -> bool:
    return isinstance(event, Decision) and event.p_speak is None


def server_of(leader: int) -> list[int]:
    """The processes of a group besides its leader, oldest first: the server, its engine, its workers."""
    found = []
    for pid in [int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal()]:
        try:
            if os.getpgid(pid) == leader and pid != leader:
                found.append(pid)
        except ProcessLookupError:
            continue  # ended meanwhile
    return sorted(found)


async def test_it_loads_takes_over_dies_and_returns_within_a_session(engine: Engine, settings: Settings) -> None:
    rooms = Rooms(settings, voice=False, hearing=False, engine=engine)
    try:
        async with visit(rooms, START_S) as here:
            await here.until(by_us)
            engine.start()
            swapped = await here.until(lambda event: isinstance(event, ObserverChanged) and event.loading is None)
            assert isinstance(swapped, ObserverChanged) and swapped.name == "joyai-tiny"
            stages = [
                event.loading["stage"] for event in here.events if isinstance(event, ObserverChanged) and event.loading
            ]
            assert stages and set(stages) <= {"starting", "weights", "compiling", "warming"}
            assert {"weights", "warming"} <= set(stages)
            await here.until(by_model)
            assert not [event for event in here.events if isinstance(event, Problem)], "loading is nothing wrong"

            assert engine.child is not None
            leader, first = engine.child.pid, server_of(engine.child.pid)
            assert len(first) >= 2, "its engine is a process of its own"
            os.kill(first[0], signal.SIGKILL)
            problem = await here.until(lambda event: isinstance(event, Problem) and "signal 9" in event.message)
            assert isinstance(problem, Problem) and problem.where == "observer"
            assert all(gone(pid) for pid in (leader, *first)), "nothing of it is left"
            await here.until(by_us)
            await here.until(lambda event: isinstance(event, Recovered) and event.where == "observer")
            await here.until(by_model)
            assert not here.session.finished and not here.session.problems
    finally:
        await rooms.aclose()
