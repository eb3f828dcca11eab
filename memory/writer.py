"""The one thread that touches the store: batches writes, retries what failed, answers questions in between.

A question sees everything that was remembered before it was asked.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import config
from memory.pictures import Pictures
from memory.record import Moment
from memory.store import MemoryFault, MemoryStore

T = TypeVar("T")
log = logging.getLogger(__name__)
# Questions that may wait at once; more means that nobody waits for the answers any more.
_JOBS = 64


@dataclass(frozen=True, slots=True)
class Entry:
    """A moment on its way to disk, with its JPEG picture or None."""

    moment: Moment
    picture: bytes | None = None


@dataclass(frozen=True, slots=True)
class Reports:
    """What the writer tells, always from its own thread."""

    stored: Callable[[Sequence[Moment]], None]
    failed: Callable[[str], None]
    recovered: Callable[[], None]
    dropped: Callable[[int], None]


class Writer(threading.Thread):
    """Owns the store. `make_store` is called here: importing and opening it takes seconds."""

    def __init__(
        self, make_store: Callable[[], MemoryStore], pictures: Pictures, settings: config.Memory, reports: Reports
    ) -> None:
        super().__init__(name="memory", daemon=True)
        self._make_store = make_store
        self._pictures = pictures
        self._settings = settings
        self._reports = reports
        self._store: MemoryStore | None = None
        self._changed = threading.Condition()
        self._entries: deque[Entry] = deque()
        self._jobs: deque[tuple[Callable[[MemoryStore], Any], Future[Any]]] = deque()
        self._closing = False
        self._failing = False
        self._dropping = False

    def put(self, entry: Entry) -> None:
        """Any thread, never blocks. When full, the oldest decision goes first, then the oldest of all."""
        dropped = 0
        with self._changed:
            if len(self._entries) >= self._settings.queue:
                victim = next((e for e in self._entries if e.moment.kind == "decided"), self._entries[0])
                self._entries.remove(victim)
                dropped, self._dropping = int(not self._dropping), True
            if len(self._entries) >= self._settings.batch:
                entry = Entry(entry.moment)  # the disk is behind: sentences wait, pictures would fill the memory
            self._entries.append(entry)
            self._changed.notify()
        if dropped:
            self._reports.dropped(self._settings.queue)

    def submit(self, job: Callable[[MemoryStore], T]) -> Future[T]:
        """Run `job` after all writes that wait. The future raises `MemoryFault` when the store cannot be opened."""
        future: Future[T] = Future()
        with self._changed:
            if self._closing or len(self._jobs) >= _JOBS:
                future.set_exception(MemoryFault("The memory is busy; ask again in a moment."))
            else:
                self._jobs.append((job, future))
                self._changed.notify()
        return future

    def drop_waiting(self) -> None:
        """Any thread: what is not on disk yet never gets there (everything is being forgotten)."""
        with self._changed:
            self._entries.clear()

    def close(self) -> None:
        """Any thread: write what waits, then end. Join the thread to wait for it."""
        with self._changed:
            self._closing = True
            self._changed.notify()

    @property
    def waiting(self) -> int:
        """Moments that are not on disk yet."""
        return len(self._entries)

    def run(self) -> None:
        self._ready()
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._entries or self._jobs or self._closing)
                if not (self._jobs or self._closing):
                    # Gather; after a failure, wait longer. A question or the end cuts both short.
                    patience = self._settings.retry_s if self._failing else self._settings.batch_s
                    self._changed.wait_for(lambda: self._jobs or self._closing, timeout=patience)
                jobs, closing = list(self._jobs), self._closing
                self._jobs.clear()
            while self._entries and self._write():
                pass
            for job, future in jobs:
                self._run(job, future)
            if closing:
                self._end()
                return

    def _write(self) -> bool:
        """One batch; what failed stays first in the queue."""
        with self._changed:
            batch = [self._entries[i] for i in range(min(len(self._entries), self._settings.batch))]
        if not self._ready():
            return False
        assert self._store is not None
        try:
            moments = [self._with_picture(entry) for entry in batch]
            self._store.add(moments)
        except Exception as fault:
            self._fail(fault)
            return False
        with self._changed:
            written = set(map(id, batch))
            self._entries = deque(entry for entry in self._entries if id(entry) not in written)
            self._dropping = False
        if self._failing:
            self._failing = False
            self._reports.recovered()
        self._reports.stored(moments)
        return True

    def _with_picture(self, entry: Entry) -> Moment:
        """The picture first: a moment never names a file that is not there."""
        if entry.picture is None:
            return entry.moment
        name = self._pictures.name(entry.moment)
        self._pictures.save(name, entry.picture)
        self._pictures.trim()
        return replace(entry.moment, picture=name)

    def _run(self, job: Callable[[MemoryStore], Any], future: Future[Any]) -> None:
        if not future.set_running_or_notify_cancel():
            return
        if not self._ready():
            future.set_exception(MemoryFault("The memory cannot be opened."))
            return
        try:
            future.set_result(job(self._store))  # type: ignore[arg-type]
        except Exception as fault:
            future.set_exception(fault)

    def _ready(self) -> bool:
        if self._store is None:
            try:
                self._store = self._make_store()
                self._store.count()
            except Exception as fault:
                self._fail(fault)
                return False
        return True

    def _fail(self, fault: Exception) -> None:
        """Say it once, and begin with a fresh store next time: a full disk leaves a broken connection behind."""
        self._end()
        if not self._failing:
            log.warning("memory: %s", fault)
            self._failing = True
            self._reports.failed(str(fault) or type(fault).__name__)

    def _end(self) -> None:
        store, self._store = self._store, None
        if store is not None:
            try:
                store.close()
            except Exception as fault:
                log.warning("memory: closing failed: %s", fault)
