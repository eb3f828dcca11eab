"""What a session keeps on disk besides memory: its watches and its journal. Never in the way of a tick."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import config
from interaction.events import Event, Problem, Recovered, to_json
from interaction.journal import Journal
from interaction.subscribers import Numbered, Subscription
from interaction.watches import Watch, restore_all

# Events are written together this often: a disk is asked once a second, not a hundred times.
BATCH_S = 1.0


class Keeper:
    """Writes watches and events of a session below `folder` (None: keeps nothing)."""

    def __init__(
        self,
        folder: Path | None,
        publish: Callable[[Event], None],
        now: Callable[[], float],
        bounds: config.Journal,
        keeps_watches: bool = True,
    ) -> None:
        self._folder = folder
        self._keeps_watches = keeps_watches
        self._publish = publish
        self._now = now
        self._journal = Journal(folder / "journal", bounds.days, bounds.megabytes) if folder else None
        self._watches: list[dict[str, Any]] | None = None
        self._disk = asyncio.Lock()
        self._generation = 0
        self._failed = False
        self.broken = 0  # records of watches that could not be read

    def load_watches(self) -> list[Watch]:
        """The watches that stood when the last session ended."""
        path = self._folder and self._folder / "watches.json"
        if not path or not self._keeps_watches or not path.exists():
            return []
        try:
            bodies = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            bodies = None
        if not isinstance(bodies, list):
            path.replace(path.with_suffix(".broken"))  # kept for whoever wants to repair it
            self.broken = 1
            return []
        watches, self.broken = restore_all(bodies)
        return watches

    def save_watches(self, watches: list[dict[str, Any]]) -> None:
        """Remember to write them with the next batch."""
        self._watches = watches if self._keeps_watches else None

    async def run(self, subscription: Subscription, today: Callable[[], date]) -> None:
        """Write what happens until the subscription closes."""
        events = subscription.events
        async for first in events:
            generation = self._generation
            if not events.closed:
                await asyncio.sleep(BATCH_S)
            batch = [first, *events.drain()]
            async with self._disk:
                await self._write(batch if generation == self._generation else [], today())

    async def forget(self) -> None:
        """Remove the journal. Raises OSError when the disk refuses."""
        self._generation += 1  # what waits to be written is forgotten too
        async with self._disk:
            if self._journal:
                await asyncio.to_thread(self._journal.forget)

    async def _write(self, numbered: list[Numbered], today: date) -> None:
        if not self._folder or not self._journal:
            return
        lines = [to_json(event, seq) for seq, event in numbered]
        watches, self._watches = self._watches, None
        try:
            await asyncio.to_thread(self._write_all, self._folder, self._journal, lines, watches, today)
        except OSError as error:
            self._watches = self._watches or watches
            self._report(error)
        else:
            if self._failed:
                self._failed = False
                self._publish(Recovered(t=self._now(), where="disk", message="Writing works again."))

    @staticmethod
    def _write_all(
        folder: Path, journal: Journal, lines: list[dict[str, Any]], watches: list[dict[str, Any]] | None, today: date
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if watches is not None:
            draft = folder / "watches.json.new"
            draft.write_text(json.dumps(watches, ensure_ascii=False, indent=1), encoding="utf-8")
            draft.replace(folder / "watches.json")
        journal.write(lines, today)

    def _report(self, error: OSError) -> None:
        if self._failed:
            return
        self._failed = True
        self._publish(
            Problem(
                t=self._now(),
                where="disk",
                message=f"The journal and the watches cannot be written: {error.strerror or error}",
                kept="Watching, listening and speaking go on; watches stand until the program ends.",
                advice="Free some space, or set LOOKOUT_DATA_DIR to a folder that can be written.",
            )
        )
