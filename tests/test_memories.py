"""Each person's memory is open while a session of theirs is there, and no longer; nothing is lost in between."""

from __future__ import annotations

import gc
import threading
from pathlib import Path

import pytest

import config
from config import Settings
from interaction.events import Problem
from memories import Memories
from memory.store import MemoryStore
from rooms import Rooms
from tests.test_memory import NOW, ListStore, arrival


class Order:
    """Stores of one folder; tells whether two were ever open at once."""

    def __init__(self) -> None:
        self.kept: dict[str, ListStore] = {}
        self.open: list[str] = []
        self.at_once = 0

    def make(self, person: str, folder: Path) -> MemoryStore:
        order, store = self, self.kept.setdefault(person, ListStore())

        class Opened(ListStore):
            def __init__(self) -> None:
                super().__init__()
                self.kept = store.kept
                order.open.append(person)
                order.at_once = max(order.at_once, order.open.count(person))

            def add(self, moments: object) -> None:
                store.gate.wait(10)
                super().add(moments)  # type: ignore[arg-type]

            def close(self) -> None:
                order.open.remove(person)

        return Opened()


def threads() -> int:
    return sum(thread.name == "memory" for thread in threading.enumerate())


def made(order: Order) -> Memories:
    memories = Memories(config.Memory(batch_s=0.0), lambda person: [])
    memories.make_store = order.make
    return memories


async def test_who_left_keeps_no_thread_and_finds_everything_on_returning(tmp_path: Path) -> None:
    order = Order()
    memories, before = made(order), threads()
    memory = memories.of("ann", tmp_path)
    assert memory is not None and memories.of("ann", tmp_path) is memory, "sessions of a person share it"
    memory.remember(arrival(1, 5.0))
    assert await memory.flush()
    memories.leave("ann")
    memory.join()
    assert memory.ended and not order.open and threads() == before
    again = memories.of("ann", tmp_path)
    assert again is not None and again is not memory
    assert await again.recall("when did someone arrive?", "en", now=NOW, deadline=5.0)
    await memories.aclose()
    assert not order.open and threads() == before


async def test_a_return_waits_for_what_the_visit_before_still_writes(tmp_path: Path) -> None:
    order = Order()
    memories = made(order)
    memory = memories.of("ann", tmp_path)
    assert memory is not None and await memory.flush()
    order.kept["ann"].gate.clear()  # the disk is slow
    memory.remember(arrival(1, 5.0))
    memories.leave("ann")
    again = memories.of("ann", tmp_path)
    assert again is not None and not memory.ended
    threading.Timer(0.2, order.kept["ann"].gate.set).start()
    assert await again.recall("when did someone arrive?", "en", now=NOW, deadline=10.0)
    assert order.at_once == 1, "two of one folder would not see each other's writes"
    memories.leave("nobody")
    await memories.aclose()


async def test_who_left_is_not_kept_for_a_trouble_of_theirs(tmp_path: Path) -> None:
    order = Order()
    memories = made(order)
    memory = memories.of("ann", tmp_path)
    assert memory is not None and await memory.flush()
    trouble = Problem(t=3.0, where="memory", message="the disk is full")
    memories._tell("ann", trouble)
    assert [problem.message for problem in memories.troubles("ann")] == ["the disk is full"]
    memories.leave("ann")
    memories._tell("ann", trouble)
    assert memories.troubles("ann") == [] and memories._trouble == {}
    await memories.aclose()


@pytest.mark.real_time
async def test_a_house_that_serves_keeps_the_collector_off_what_it_loaded(tmp_path: Path) -> None:
    rooms = Rooms(Settings(_env_file=None, data_dir=tmp_path), voice=False, hearing=False)  # type: ignore[call-arg]
    try:
        rooms.settle()
        await rooms.warm()
        assert gc.get_freeze_count() > 10_000 and len(gc.get_objects()) < 10_000
    finally:
        gc.unfreeze()
        await rooms.aclose()
