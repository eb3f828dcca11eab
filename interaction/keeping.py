"""What a session keeps on disk besides memory: its watches and its journal. Never in the way of a tick."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import config
from interaction.both import FREE_SPACE, Both
from interaction.events import PASSING, Event, Problem, Recovered
from interaction.journal import Journal
from interaction.subscribers import Numbered, Subscription
from interaction.watches import Watch, restore_all
from interaction.whole_file import write_whole
from interaction.wire import to_json

# Events are written together this often: a disk is asked once a second, not a hundred times.
BATCH_S = 1.0
KEPT_S = 1.0


class Lagged(Exception):
    """Events were lost to the journal."""


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
        self._changed = asyncio.Event()  # the watches did: they are written at once
        self._written = asyncio.Event()  # they are on disk as they stand, or the person was told that they are not
        self._written.set()
        self._disk = asyncio.Lock()
        self._generation = 0
        self._failed = False
        self.broken = 0  # records of watches that could not be read

    def load_watches(self) -> list[Watch]:
        """The watches that stood when the last session ended."""
        path = self._folder and self._folder / "watches.json"
        if not path or not self._keeps_watches:
            return []
        try:
            bodies = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return []
        except OSError as error:
            self._keeps_watches = False  # what could not be read must not be written over
            self._report(error)
            return []
        except (ValueError, RecursionError):
            bodies = None
        watches, self.broken = restore_all(bodies) if isinstance(bodies, list) else ([], 1)
        if self.broken:
            self._report_broken()
            with contextlib.suppress(OSError):  # a folder that cannot be written is told of at the first write
                shutil.copyfile(path, path.with_suffix(".broken"))  # kept for whoever wants to repair it
        return watches

    def save_watches(self, watches: list[dict[str, Any]]) -> None:
        """Have them written now: what was acknowledged must outlive a killed process."""
        if self._folder and self._keeps_watches:
            self._watches = watches
            self._changed.set()
            self._written.clear()

    @property
    def is_kept(self) -> bool:
        """The watches are on disk as they stand (or are not to be kept)."""
        return self._written.is_set()

    async def kept(self) -> None:
        """Wait for that, but not longer than a person waits for an answer."""
        try:
            async with asyncio.timeout(KEPT_S):
                await self._written.wait()
        except TimeoutError:
            return  # a slow disk must not silence the house

    async def run(self, subscription: Subscription, today: Callable[[], date]) -> None:
        """Write what happens until the subscription closes. Raises `Lagged` when the disk was slower for too long."""
        events = subscription.events
        async for first in events:
            generation = self._generation
            if not events.closed:
                await self._gather()
            batch = [first, *events.drain()]
            async with self._disk:
                await self._write(batch if generation == self._generation else [], today())
        if subscription.lagged:
            raise Lagged("the disk is too slow for the journal; a part of it is missing")

    async def _gather(self) -> None:
        """Wait for more to write, unless the watches changed."""
        try:
            async with asyncio.timeout(BATCH_S):
                await self._changed.wait()
        except TimeoutError:
            return

    async def forget(self) -> None:
        """Remove the journal. Raises OSError when the disk refuses."""
        self._generation += 1  # what waits to be written is forgotten too
        async with self._disk:
            if self._journal:
                await asyncio.to_thread(self._journal.forget)

    async def _write(self, numbered: list[Numbered], today: date) -> None:
        if not self._folder or not self._journal:
            return
        lines = [to_json(event, seq) for seq, event in numbered if not isinstance(event, PASSING)]
        watches, self._watches = self._watches, None
        self._changed.clear()
        try:
            await asyncio.to_thread(self._write_all, self._folder, self._journal, lines, watches, today)
        except (OSError, ValueError) as error:  # ValueError: a text that no file takes
            self._watches = self._watches or watches
            self._written.set()
            self._report(error)
        else:
            if self._watches is None:
                self._written.set()
            if self._failed:
                self._failed = False
                self._publish(Recovered(t=self._now(), where="disk", message="Writing works again."))

    @staticmethod
    def _write_all(
        folder: Path, journal: Journal, lines: list[dict[str, Any]], watches: list[dict[str, Any]] | None, today: date
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if watches is not None:
            write_whole(folder / "watches.json", json.dumps(watches, ensure_ascii=False, indent=1))
        journal.write(lines, today)

    def _report_broken(self) -> None:
        self._publish(
            Problem(
                t=self._now(),
                where="watches",
                message=Both(
                    "Watches of the last session could not be read, all or some of them.",
                    "上次的留意事项有一些读不出来，也可能全部读不出来。",
                ),
                kept=Both(
                    "The others stand. The file is kept as watches.broken beside the new one.",
                    "其余的仍然有效。原文件改名为 watches.broken，放在新文件旁边。",
                ),
                advice=Both("Say again what should be watched.", "请再说一遍要留意什么。"),
                severity="warning",
            )
        )

    def _report(self, error: OSError | ValueError) -> None:
        if self._failed:
            return
        self._failed = True
        reason = getattr(error, "strerror", None) or error
        self._publish(
            Problem(
                t=self._now(),
                where="disk",
                message=Both(
                    f"The journal and the watches cannot be written: {reason}", f"日志和留意事项写不进磁盘：{reason}"
                ),
                kept=Both(
                    "Watching, listening and speaking go on; watches stand until the program ends.",
                    "观察、聆听和说话照常；留意事项在程序结束之前都有效。",
                ),
                advice=FREE_SPACE,
            )
        )
