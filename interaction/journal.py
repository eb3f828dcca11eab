"""Events to JSON lines, one file a day, bounded by days and bytes. Blocking: called in a worker."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any


class Journal:
    """Appends to `<folder>/YYYY-MM-DD.jsonl`; removes the oldest files beyond `days` or `megabytes`."""

    def __init__(self, folder: Path, days: int, megabytes: int) -> None:
        self._folder = folder
        self._days = days
        self._bytes = megabytes * 1_000_000
        self._day: date | None = None

    def write(self, lines: Sequence[dict[str, Any]], today: date) -> None:
        """Append events (see `wire.to_json`). Raises OSError when the disk refuses."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._folder / f"{today.isoformat()}.jsonl"
        full = path.exists() and path.stat().st_size > self._bytes // 2
        if not full:
            with path.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        if today != self._day:
            self._day = today
            self.prune()

    def forget(self) -> None:
        """Remove all files."""
        for path in self._folder.glob("????-??-??.jsonl"):
            path.unlink(missing_ok=True)

    def prune(self) -> None:
        """Remove the oldest files beyond the bounds; the newest always stays."""
        files = sorted(self._folder.glob("????-??-??.jsonl"), reverse=True)
        total = 0
        for number, path in enumerate(files):
            total += path.stat().st_size
            if number and (number >= self._days or total > self._bytes):
                path.unlink()


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The events of a journal file, in order; lines that were cut off by a crash are passed over."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            try:
                body = json.loads(line)
            except ValueError:
                continue
            if isinstance(body, dict):
                yield body
