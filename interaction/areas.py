"""What is drawn on a person's lanes, by lane name: kept on disk, and known before the first picture is looked at.

It fails closed. Of a lane whose masks cannot be read nothing is known (`of` is None), and it is not watched until they
can be read or somebody says anew what is drawn on it. Sessions of one person share the file: each looks every few
seconds whether another one, or an editor, has changed it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import config
from interaction.both import FREE_SPACE, Both
from interaction.events import Event, Problem, Recovered
from interaction.whole_file import write_whole
from interaction.zones import NOTHING, LaneAreas, Zone, read

WHERE = "areas"
FILE_BYTES = 2_000_000  # a hundred lanes with all that may be drawn on them have a third of it
_WRITING = threading.Lock()  # sessions of one person must not lose what the other draws


@dataclass(frozen=True, slots=True)
class Page:
    """What the file says. `lanes`: None for one whose areas make no sense; `others_unknown`: a lane that is not named
    may have had masks, for the file, or one before it, could not be read."""

    lanes: dict[str, LaneAreas | None] = field(default_factory=dict)
    others_unknown: bool = False

    def of(self, lane: str) -> LaneAreas | None:
        return self.lanes.get(lane, None if self.others_unknown else NOTHING)


class AreaBook:
    """Of one person, in `folder`/areas.json (None: kept in memory only). `changed(lane, before, now)` is told of each
    lane whose areas are others now."""

    def __init__(
        self,
        folder: Path | None,
        bounds: config.Areas,
        publish: Callable[[Event], None],
        now: Callable[[], float],
        changed: Callable[[str, LaneAreas | None, LaneAreas], None],
    ) -> None:
        self._path = folder / "areas.json" if folder else None
        self._bounds = bounds
        self._publish = publish
        self._now = now
        self._changed = changed
        self._unsaved: dict[str, LaneAreas] = {}
        self._disk = asyncio.Lock()
        self._stamp = _stamp(self._path)
        self._page = _page(self._path, bounds)
        self._failed = False

    def of(self, lane: str) -> LaneAreas | None:
        """What is drawn on a lane; None: it is not known, and the lane must not be watched."""
        return self._unsaved.get(lane) or self._page.of(lane)

    @property
    def lanes(self) -> set[str]:
        """Names of the lanes that something is known of."""
        return {*self._page.lanes, *self._unsaved}

    def zones(self) -> tuple[Zone, ...]:
        """Of all lanes, present or not."""
        drawn = {**self._page.lanes, **self._unsaved}.values()
        return tuple(zone for areas in drawn if areas for zone in areas.zones)

    def set(self, lane: str, areas: LaneAreas) -> None:
        """Draw it anew; it holds at once. `save` keeps it."""
        names = self.lanes
        if areas != NOTHING and lane not in names and len(names) >= self._bounds.lanes:
            most = self._bounds.lanes
            raise ValueError(
                Both(
                    f"Areas of {most} sources are kept; remove those of another one first.",
                    f"最多保存 {most} 个来源的区域，请先删去另一个来源的。",
                )
            )
        before, self._unsaved[lane] = self.of(lane), areas
        self._changed(lane, before, areas)

    async def save(self) -> None:
        """Write what was drawn. What the disk refuses holds until the program ends, and is told."""
        if self._path is None:
            return
        async with self._disk:
            drawn = dict(self._unsaved)
            try:
                page, self._stamp = await asyncio.to_thread(_write, self._path, drawn, self._bounds)
            except OSError as error:
                self._report(error)
                return
            self._take(page)
            self._unsaved = {lane: areas for lane, areas in self._unsaved.items() if drawn.get(lane) is not areas}
        if self._failed:
            self._failed = False
            self._publish(Recovered(t=self._now(), where=WHERE))

    async def follow(self) -> None:
        """Take up what others write, and try again to read what could not be read."""
        while self._path is not None:
            await asyncio.sleep(self._bounds.again_s)
            if self._unsaved:
                await self.save()
            async with self._disk:
                stamp = await asyncio.to_thread(_stamp, self._path)
                if stamp != self._stamp or self._page.others_unknown:
                    self._stamp = stamp
                    page = await asyncio.to_thread(_page, self._path, self._bounds)
                    # A file that is gone takes no mask away: only who says so does.
                    known: dict[str, LaneAreas | None] = {
                        lane: areas for lane, areas in self._page.lanes.items() if areas
                    }
                    self._take(page if stamp else Page(known, page.others_unknown))

    def _take(self, page: Page) -> None:
        """What is read now; of a lane that was known, what was known stays where it says nothing that can be read."""
        before, names = self._page, {*self._page.lanes, *page.lanes}
        known = {lane: page.of(lane) or before.of(lane) for lane in names}
        self._page = Page(known, page.others_unknown)
        for lane in names - set(self._unsaved):
            if (areas := known[lane]) is not None and areas != before.of(lane):
                self._changed(lane, before.of(lane), areas)

    def _report(self, error: OSError) -> None:
        if self._failed:
            return
        self._failed, reason = True, error.strerror or error
        self._publish(
            Problem(
                t=self._now(),
                where=WHERE,
                message=Both(f"Zones and masks cannot be written: {reason}", f"区域和遮挡写不进磁盘：{reason}"),
                kept=Both("They hold as they are drawn until the program ends.", "程序结束之前，画好的都有效。"),
                advice=FREE_SPACE,
            )
        )


def _stamp(path: Path | None) -> tuple[int, ...]:
    """Of a file's contents: another one when it was written."""
    if path is None:
        return ()
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_size, found.st_ino


def _page(path: Path | None, bounds: config.Areas) -> Page:
    """What the file says. Never raises: what cannot be read is unknown."""
    if path is None:
        return Page()
    try:
        return _read(path, bounds)
    except FileNotFoundError:
        return Page()
    except (OSError, ValueError, RecursionError):
        return Page(others_unknown=True)


def _read(path: Path, bounds: config.Areas) -> Page:
    """Raises `OSError`, and `ValueError` or `RecursionError` for what is no such file."""
    with path.open("rb") as file:
        text = file.read(FILE_BYTES + 1)
    body = json.loads(text) if len(text) <= FILE_BYTES else None
    if not isinstance(body, dict) or not isinstance(body.get("lanes"), dict):
        raise ValueError("not a file of areas")
    lanes = {str(lane): _areas(drawn, bounds) for lane, drawn in body["lanes"].items()}
    return Page(lanes, body.get("others_unknown") is not False)


def _areas(drawn: Any, bounds: config.Areas) -> LaneAreas | None:
    try:
        return read(drawn["zones"], drawn["masks"], bounds)
    except (KeyError, TypeError, ValueError):
        return None


def _write(path: Path, drawn: dict[str, LaneAreas], bounds: config.Areas) -> tuple[Page, tuple[int, ...]]:
    """Put `drawn` to what the file says, at once or not at all; what the file says then, and its stamp.

    Raises `OSError`: also for a file that is there and cannot be read, for that must not be written over.
    """
    with _WRITING:
        return _put(path, drawn, bounds), _stamp(path)


def _put(path: Path, drawn: dict[str, LaneAreas], bounds: config.Areas) -> Page:
    try:
        old = _read(path, bounds)
        bodies = json.loads(path.read_bytes())["lanes"]  # also those that make no sense to us: they stay as they are
    except FileNotFoundError:
        old, bodies = Page(), {}
    except (ValueError, RecursionError):
        old, bodies = Page(others_unknown=True), {}
        with contextlib.suppress(OSError):
            shutil.copyfile(path, path.with_suffix(".broken"))  # for whoever wants to repair it
    bodies |= {lane: areas.to_json() for lane, areas in drawn.items()}
    if not old.others_unknown:  # else an empty entry says that there is really nothing
        bodies = {lane: body for lane, body in bodies.items() if body != NOTHING.to_json()}
    body = {"others_unknown": old.others_unknown, "lanes": bodies}
    write_whole(path, json.dumps(body, ensure_ascii=False, indent=1))
    return Page({**old.lanes, **drawn}, old.others_unknown)
