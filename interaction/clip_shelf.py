"""The clips of one person on disk: films, each with a sheet that says what it is. Blocks: called in a worker.

A film without its sheet is no clip: it was being written when the program died, and is cleared away at the next start.
Several sessions of a person share the folder; none keeps a list of its own.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import config
from interaction.whole_file import write_whole

# What this house writes itself; anything else that a client may ask for is no clip. No slash, no dot but the last.
NAME = re.compile(r"\d{8}T\d{6}-[\w-]{1,40}-[0-9a-f]{8}\.webm")
FILM, SHEET = ".webm", ".json"


@dataclass(frozen=True, slots=True)
class Clip:
    """`name`: its file; `at`: ISO time at which its watch first fired; `wording`: of that watch; `seconds`: how long it
    is; `moments`: ids of what memory holds of it."""

    name: str
    at: str
    lane: str
    wording: str
    seconds: float
    moments: tuple[str, ...] = ()


def name_of(at: datetime, lane: str) -> str:
    """A new name. It begins with the time, so the order of names is their age."""
    place = re.sub(r"[^\w-]+", "_", lane)[:40] or "_"
    return f"{at:%Y%m%dT%H%M%S}-{place}-{secrets.token_hex(4)}{FILM}"


def download_name(name: str) -> str:
    """What a clip is called where somebody saves it: "lookout-2026-11-23-14.03.05-door.webm"."""
    when, rest = name.split("-", 1)
    place = rest.rsplit("-", 1)[0]
    stamp = datetime.strptime(when, "%Y%m%dT%H%M%S")
    return f"lookout-{stamp:%Y-%m-%d-%H.%M.%S}-{place}{FILM}"


class Shelf:
    """Below `folder`, bounded by number, days and megabytes; the oldest go first."""

    def __init__(self, folder: Path, bounds: config.Clips) -> None:
        self._folder = folder
        self._bounds = bounds

    def keep(self, clip: Clip, film: bytes, now: datetime) -> None:
        """Write a clip whole or not at all. Raises OSError."""
        path = self._folder / clip.name
        try:
            write_whole(path, film)
            self._describe(clip)
        except OSError:
            path.unlink(missing_ok=True)
            raise
        self.trim(now)

    def add(self, name: str, moments: Iterable[str]) -> None:
        """What is told of a clip may be said after it was kept. Raises OSError."""
        if clip := self._read(self._folder / name):
            self._describe(replace(clip, moments=tuple(dict.fromkeys((*clip.moments, *moments)))))

    def clips(self) -> list[Clip]:
        """All of them, newest first."""
        films = sorted(self._folder.glob(f"*{FILM}"), reverse=True)
        return [clip for path in films if (clip := self._read(path))]

    def of_moments(self) -> dict[str, str]:
        """The clip's name by the id of each moment that has one."""
        return {moment: clip.name for clip in self.clips() for moment in clip.moments}

    def path(self, name: str) -> Path | None:
        """The file of a clip, or None: a bad name, a link, no sheet, or no longer kept."""
        if not NAME.fullmatch(name):
            return None
        path = self._folder / name
        return path if path.is_file() and not path.is_symlink() and path.with_suffix(SHEET).is_file() else None

    def forget(self, moments: Sequence[str] | None = None) -> None:
        """Remove the clips of these moments, or all with their folder. Raises OSError."""
        if moments is None:
            if self._folder.exists():
                shutil.rmtree(self._folder)
            return
        for clip in self.clips():
            if set(clip.moments) & set(moments):
                self._remove(self._folder / clip.name)

    def tidy(self, now: datetime) -> None:
        """Clear away what a program left that was killed while it wrote, and what is too old. Raises OSError."""
        for path in self._folder.glob("*"):
            other = path.with_suffix(SHEET if path.suffix == FILM else FILM)
            if path.suffix not in (FILM, SHEET) or not other.exists():
                path.unlink(missing_ok=True)
        self.trim(now)

    def trim(self, now: datetime) -> None:
        """Remove the oldest until all three bounds hold."""
        films = sorted(self._folder.glob(f"*{FILM}"), reverse=True)
        oldest = f"{now - timedelta(days=self._bounds.days):%Y%m%dT%H%M%S}"
        total = 0
        for number, path in enumerate(films):
            total += path.stat().st_size
            if number >= self._bounds.kept or total > self._bounds.megabytes * 1_000_000 or path.name < oldest:
                self._remove(path)

    def _remove(self, film: Path) -> None:
        film.with_suffix(SHEET).unlink(missing_ok=True)  # from here on it is no clip any more
        film.unlink(missing_ok=True)

    def _describe(self, clip: Clip) -> None:
        write_whole((self._folder / clip.name).with_suffix(SHEET), json.dumps(asdict(clip), ensure_ascii=False))

    def _read(self, film: Path) -> Clip | None:
        try:
            body = json.loads(film.with_suffix(SHEET).read_text(encoding="utf-8"))
            return Clip(**{**body, "name": film.name, "moments": tuple(map(str, body["moments"]))})
        except (OSError, ValueError, TypeError, KeyError):  # removed meanwhile, or not ours
            return None
