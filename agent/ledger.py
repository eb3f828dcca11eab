"""Which tasks are unfinished, on disk, so that a crash loses none.

One small file a task. While it is worked on its file is locked (`flock`), so that two sessions that share a
folder, in one process or two, never work on the same task; a killed process lets go of its locks by dying.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
from collections import deque
from collections.abc import Iterator, Set
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agent.artefacts import NAME


class Entry(BaseModel):
    """An unfinished task. `asked`: wall-clock time; `attempts`: how often work on it began."""

    model_config = ConfigDict(extra="forbid")
    task: str = Field(pattern=f"^{NAME.pattern}$")
    question: str = Field(max_length=20_000)
    language: Literal["en", "zh"]
    foreground: str = ""
    asked: datetime
    attempts: int = 1


class Ledger:
    """The unfinished tasks below `folder`. All methods touch the disk: call them off the event loop."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._locks: dict[str, int] = {}
        self._one = threading.Lock()
        self._ended: deque[str] = deque(maxlen=100)  # a task may be cancelled while it is still being noted

    def _path(self, task: str) -> Path:
        return self._folder / f"{task}.json"

    def open(self, entry: Entry) -> None:
        """Note it durably, and hold it. Raises `OSError` when the disk does not take it."""
        with self._one:
            if entry.task in self._ended:
                return
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if entry.task not in self._locks:
                lock = os.open(self._path(entry.task), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._locks[entry.task] = lock
            content = entry.model_dump_json().encode()
            # Written in place, because the lock belongs to this very file; a torn note reads as damaged and is dropped.
            os.pwrite(self._locks[entry.task], content, 0)
            os.ftruncate(self._locks[entry.task], len(content))
            os.fsync(self._locks[entry.task])

    def close(self, task: str) -> None:
        """It has ended: it will not be taken up again."""
        with self._one:
            self._ended.append(task)
            with contextlib.suppress(OSError):  # never noted, or no disk: at the worst it is taken up once more
                self._path(task).unlink()
            if (lock := self._locks.pop(task, None)) is not None:
                os.close(lock)

    def leave(self, unfinished: Set[str]) -> None:
        """Let go of these unfinished, so that another process may take them up; everything else has ended."""
        for task in [task for task in self._locks if task not in unfinished]:
            self.close(task)
        with self._one:
            while self._locks:
                os.close(self._locks.popitem()[1])

    def left_over(self) -> Iterator[Entry]:
        """Tasks that nobody works on, oldest first; each is held from now on. Damaged notes are removed."""
        if not self._folder.is_dir():
            return
        for path in sorted(self._folder.glob("*.json"), key=lambda path: path.stat().st_mtime):
            lock = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(lock)
                continue
            entry = _read(path)
            if entry is None:
                path.unlink(missing_ok=True)
                os.close(lock)
                continue
            self._locks[entry.task] = lock
            yield entry


def _read(path: Path) -> Entry | None:
    """The note in a file; None if it is damaged, gone, or another task's."""
    try:
        entry = Entry.model_validate_json(path.read_bytes())
    except (ValidationError, FileNotFoundError):
        return None
    return entry if entry.task == path.stem else None
