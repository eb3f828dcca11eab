"""Alerts that wait, on disk: one file each, and one for its picture. Blocks; called on threads."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from interaction.outlets.alert import Alert, read
from interaction.whole_file import write_whole

log = logging.getLogger(__name__)

RECORD_BYTES = 100_000  # of an alert without its picture; more was not written by us
_ID = re.compile(r"msg_[0-9a-f]{24}")


@dataclass(slots=True)
class Waiting:
    """An alert and the names of the outlets that it is still to be sent to. `size`: of its picture in bytes; `picture`:
    only where the disk did not take it; `masked`: none of before is sent any more."""

    alert: Alert
    outlets: set[str]
    size: int = 0
    picture: bytes | None = field(default=None, repr=False)
    masked: bool = False


class Shelf:
    """Below `folder`, which is made at the first need."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, waiting: Waiting, picture: bytes | None) -> None:
        """Write it, its picture first. Raises OSError."""
        if picture:
            write_whole(self._picture(waiting.alert.id), picture)
        self.update(waiting.alert, sorted(waiting.outlets))

    def update(self, alert: Alert, outlets: Sequence[str]) -> None:
        """Write down who is still to get it; forget it when that is nobody. Raises OSError."""
        if not outlets:
            self._record(alert.id).unlink(missing_ok=True)
            self._picture(alert.id).unlink(missing_ok=True)
            return
        body = {"alert": alert.record(), "outlets": list(outlets)}
        write_whole(self._record(alert.id), json.dumps(body, ensure_ascii=False))

    def picture(self, id: str) -> bytes | None:
        """None where there is none, or none that can be read: words are better than nothing."""
        try:
            return self._picture(id).read_bytes()
        except OSError:
            return None

    def drop_pictures(self, ids: Iterable[str]) -> None:
        """The alerts stay. Raises OSError."""
        for id in ids:
            self._picture(id).unlink(missing_ok=True)

    def load(self, known: Iterable[str], most: int) -> list[Waiting]:
        """What an earlier run left, oldest first, `most` at most; for outlets that are no longer there it is dropped.

        Raises OSError when the folder cannot be read.
        """
        if not self._folder.is_dir():
            return []
        names, found = frozenset(known), []
        for path in self._folder.iterdir():
            if path.suffix != ".json" or not (waiting := _read(path)):
                continue
            if gone := waiting.outlets - names:
                log.warning("an alert is dropped for %s: no longer configured", ", ".join(sorted(gone)))
                waiting.outlets &= names
            waiting.size = _size(self._picture(waiting.alert.id))
            found.append(waiting)
        found.sort(key=lambda waiting: waiting.alert.at)
        for waiting in found[: max(0, len(found) - most)]:
            waiting.outlets.clear()
        self._tidy(found)
        return [waiting for waiting in found if waiting.outlets]

    def keep_since(self, oldest: datetime | None) -> int:
        """Where nobody sends: clear away what was told before `oldest` (None: all), and all pictures, as no mask that
        is drawn meanwhile would reach them; how many alerts stay. Raises OSError."""
        if not self._folder.is_dir():
            return 0
        all_of_it = [one for path in self._folder.glob("*.json") if (one := _read(path))]
        found = [one for one in all_of_it if oldest and one.alert.at >= oldest]
        self._tidy(found)
        self.drop_pictures(one.alert.id for one in found)
        return len(found)

    def _tidy(self, found: list[Waiting]) -> None:
        """Remove what nobody waits for: drafts of a killed run, pictures without an alert, records that are none."""
        wanted = {waiting.alert.id for waiting in found if waiting.outlets}
        for path in self._folder.iterdir():
            if path.suffix not in (".json", ".jpg") or path.stem not in wanted:
                path.unlink(missing_ok=True)

    def _record(self, id: str) -> Path:
        return self._folder / f"{id}.json"

    def _picture(self, id: str) -> Path:
        return self._folder / f"{id}.jpg"


def _read(path: Path) -> Waiting | None:
    try:
        if not _ID.fullmatch(path.stem) or _size(path) > RECORD_BYTES:
            raise ValueError("not written by this house")
        body = json.loads(path.read_bytes())
        alert, outlets = read(body["alert"]), {str(name) for name in body["outlets"]}
        if alert.id != path.stem:
            raise ValueError("another's name")
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        log.warning("an alert that waited could not be read and is lost: %s", type(error).__name__)
        return None
    return Waiting(alert, outlets)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
