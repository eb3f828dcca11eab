"""What a person paused, kept on disk: a source, or the whole session, that is switched off for guests is not switched
on again by a crash. Bounded; a browser's own camera and screen are not kept, for a page asks for them anew."""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import datetime, timedelta
from pathlib import Path

from interaction.sources.browser import OWN
from interaction.whole_file import write_whole

log = logging.getLogger(__name__)

NAME = "paused.json"
FILE_BYTES = 65_536
MOST = 100  # names; the oldest are leftovers


class Pauses:
    """Of one person, in `folder` (None: kept in memory only). `session`: the whole session is paused; `until`: when
    that is over by itself. What cannot be read is not paused, as before the first pause."""

    def __init__(self, folder: Path | None) -> None:
        self._path = folder / NAME if folder else None
        self._disk = asyncio.Lock()
        self.lanes: list[str] = []
        self.session = False
        self.until: datetime | None = None
        if self._path:
            self._read(self._path)

    def lane(self, name: str, paused: bool) -> bool:
        """Whether this is another than before, and is to be saved."""
        if name in OWN or (name in self.lanes) == paused:
            return False
        self.lanes = [other for other in self.lanes if other != name] + [name] * paused
        self.lanes = self.lanes[-MOST:]
        return True

    def whole(self, paused: bool, until: datetime | None = None) -> bool:
        """As `lane`, of the whole session."""
        changed = (self.session, self.until) != (paused, until)
        self.session, self.until = paused, until
        return changed

    def standing(self, now: datetime) -> timedelta | bool:
        """Whether the whole session is still to be paused; for how long, where that has an end."""
        if not self.session or self.until is None:
            return self.session
        return self.until - now if self.until > now else False

    async def save(self) -> None:
        """What the disk refuses is told in the log: the journal and the watches, which it refuses too, tell people."""
        if self._path is None:
            return
        async with self._disk:
            until = self.until.isoformat() if self.until else None
            body = {"session": self.session, "until": until, "lanes": self.lanes}
            try:
                await asyncio.to_thread(write_whole, self._path, json.dumps(body, ensure_ascii=False))
            except OSError as error:
                log.warning("%s cannot be written: %s", NAME, error.strerror)

    def _read(self, path: Path) -> None:
        try:
            with path.open("rb") as file:
                body = json.loads(file.read(FILE_BYTES))
            until = datetime.fromisoformat(body["until"]) if body["until"] else None
            if until and until.tzinfo is None:
                raise ValueError("a time without its zone")
            self.lanes = [str(name) for name in body["lanes"]][-MOST:]
            self.session, self.until = body["session"] is True, until
        except FileNotFoundError:
            return
        except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
            log.warning("%s cannot be read: %s", NAME, type(error).__name__)
