"""The pictures of moments: JPEG files in one folder, bounded by number and bytes. Blocks; writer thread only."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from pathlib import Path

import config
from interaction.whole_file import write_whole
from memory.record import Moment

# What this house writes itself; anything else a client may ask for is no picture. No dot but the last, no slash.
_NAME = re.compile(r"[0-9A-Za-z_-]{1,120}\.jpg")


class Pictures:
    """Names begin with the time, so their order is their age."""

    def __init__(self, folder: Path, settings: config.Memory) -> None:
        self._folder = folder
        self._count = settings.pictures
        self._bytes = settings.picture_megabytes * 1_000_000

    def name(self, moment: Moment) -> str:
        """The name of a moment's picture."""
        return f"{moment.at:%Y%m%dT%H%M%S}-{_safe(moment.id)}.jpg"

    def save(self, name: str, jpeg: bytes) -> None:
        """Raises `OSError`, `ValueError` for a bad name."""
        write_whole(self._folder / checked(name), jpeg, durable=False)  # nobody was promised it

    def trim(self) -> None:
        """Remove the oldest until both bounds hold."""
        sizes = {path: path.stat().st_size for path in sorted(self._folder.glob("*.jpg"))}
        total = sum(sizes.values())
        excess = len(sizes) - self._count
        for place, (path, size) in enumerate(sizes.items()):
            if place >= excess and total <= self._bytes:
                break
            path.unlink(missing_ok=True)
            total -= size

    def path(self, name: str) -> Path | None:
        """The file of a picture, or None: a bad name, a link, or no longer kept."""
        if not _NAME.fullmatch(name):
            return None
        path = self._folder / name
        return path if path.is_file() and not path.is_symlink() else None

    def forget(self, ids: Iterable[str] | None = None) -> None:
        """Remove the pictures of these moments, or all with their folder."""
        if ids is None:
            shutil.rmtree(self._folder, ignore_errors=True)
            return
        for id in ids:
            for path in self._folder.glob(f"*-{_safe(id)}.jpg"):
                path.unlink(missing_ok=True)


def _safe(id: str) -> str:
    return "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "_" for c in id)[:80]


def checked(name: str) -> str:
    """The name itself. Raises `ValueError` if it could lead out of the folder."""
    if not _NAME.fullmatch(name):
        raise ValueError("not a name of a picture")
    return name
