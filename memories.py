"""The long-term memories of all persons: opened once each, shared by their sessions, which hear of their troubles."""

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
    """`make_store(person, folder)` may raise and is called on the memory's own thread; `live(person)`: sessions."""

    def __init__(
        self,
        settings: config.Memory,
        make_store: Callable[[str, Path], MemoryStore],
        live: Callable[[str], Sequence[Session]],
    ) -> None:
        self._settings, self._make_store, self._live = settings, make_store, live
        self._open: dict[str, Memory] = {}
        self._trouble: dict[str, dict[str, Problem]] = {}  # by person and part; it may be over

    def of(self, person: str, folder: Path) -> Memory | None:
        """This person's, below `folder`; None where the settings want none."""
        if not self._settings.enabled:
            return None
        if person not in self._open:
            from memory.recall import Memory

            self._open[person] = Memory(
                lambda: self._make_store(person, folder / "memory"),
                folder / "memory",
                lambda event: self._tell(person, event),
                asyncio.get_running_loop().time,
                self._settings,
            )
        return self._open[person]

    def troubles(self, person: str) -> list[Problem]:
        return list(self._trouble.get(person, {}).values())

    async def aclose(self) -> None:
        for memory in self._open.values():
            await memory.aclose()

    def _tell(self, person: str, event: Event) -> None:
        """Memory is a person's, not a session's: all of them hear of its troubles, each in its own time, also later
        ones. What was stored is told only where it was said."""
        trouble = self._trouble.setdefault(person, {})
        if isinstance(event, Problem):
            trouble[event.where] = replace(event, t=0.0)
        elif isinstance(event, Recovered):
            trouble.pop(event.where, None)
        for session in self._live(person):
            its_own = not isinstance(event, MemoryStored) or event.moment.startswith(f"{session.id}-")
            if its_own and not session.finished:
                session.post(replace(event, t=session.now()))
