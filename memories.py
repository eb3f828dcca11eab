"""The long-term memories of all persons: one each, shared by their sessions, which hear of its troubles, and closed
when the last of them has ended: each holds a thread and a database open."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import config
from interaction.events import Event, MemoryStored, Problem, Recovered

if TYPE_CHECKING:
    from interaction.session import Session
    from memory.recall import Memory
    from memory.store import MemoryStore


class Memories:
    """`live(person)`: the sessions that are there. `make_store(person, folder)` is called on a memory's own thread."""

    def __init__(
        self,
        settings: config.Memory,
        live: Callable[[str], Sequence[Session]],
    ) -> None:
        self._settings, self._live = settings, live
        self.make_store: Callable[[str, Path], MemoryStore] = self._chroma
        self._open: dict[str, Memory] = {}
        self._ending: dict[str, Memory] = {}  # they write what waits
        self._trouble: dict[str, dict[str, Problem]] = {}  # by person and part; it may be over

    def of(self, person: str, folder: Path) -> Memory | None:
        """This person's, below `folder`; None where the settings want none."""
        if not self._settings.enabled:
            return None
        if person not in self._open:
            from memory.recall import Memory

            before = self._ending.get(person)
            self._open[person] = Memory(
                lambda: self._store(person, folder / "memory", before),
                folder / "memory",
                lambda event: self._tell(person, event),
                asyncio.get_running_loop().time,
                self._settings,
            )
        return self._open[person]

    def leave(self, person: str) -> None:
        """Nobody of this person is there any more. A later visit opens the memory anew."""
        self._ending = {name: memory for name, memory in self._ending.items() if not memory.ended}
        self._trouble.pop(person, None)
        if memory := self._open.pop(person, None):
            memory.close()
            self._ending[person] = memory

    def troubles(self, person: str) -> list[Problem]:
        return list(self._trouble.get(person, {}).values())

    async def aclose(self) -> None:
        for memory in (*self._ending.values(), *self._open.values()):
            await memory.aclose()

    def _store(self, person: str, folder: Path, before: Memory | None) -> MemoryStore:
        """On the new memory's thread. `before`: the one of an earlier visit, which may still be writing."""
        if before:
            before.join()
        return self.make_store(person, folder)

    def _chroma(self, person: str, folder: Path) -> MemoryStore:
        from memory.chroma import ChromaStore

        return ChromaStore(self._settings, folder=folder, person=person)

    def _tell(self, person: str, event: Event) -> None:
        """Memory is a person's, not a session's: all of them hear of its troubles, each in its own time, also later
        ones. What was stored is told only where it was said."""
        if isinstance(event, Problem) and person in self._open:  # who left is not told any more
            self._trouble.setdefault(person, {})[event.where] = replace(event, t=0.0)
        elif isinstance(event, Recovered):
            self._trouble.get(person, {}).pop(event.where, None)
        for session in self._live(person):
            its_own = not isinstance(event, MemoryStored) or event.moment.startswith(f"{session.id}-")
            if its_own and not session.finished:
                session.post(replace(event, t=session.now()))
