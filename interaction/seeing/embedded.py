"""The eyes that ship with the house: people, faces, some things, motion, cuts, darkness and text, on one core."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import numpy as np

from config import Seeing
from interaction.seeing.base import CHANGED_GRID, Box, Detection, Line, PerceptEvent, Percepts, Seer, Side
from interaction.seeing.belief import FACE_SURE, Sight, weigh
from interaction.seeing.boxes import area
from interaction.seeing.models import Models
from interaction.seeing.motion import Lasting, Motion
from interaction.seeing.pictures import (
    Cells,
    Grey,
    Image,
    brightened,
    changed_cells,
    changed_share,
    checked,
    grey_of,
    is_cut,
    is_dark,
    same_in,
    shrunk,
)
from interaction.seeing.presence import Change, Presences
from interaction.seeing.text import Reading
from interaction.seeing.tracks import People
from interaction.sources.base import Frame

REFRESH_S = 2.5  # the detectors look at an unchanged picture again after this
STILL = 0.002  # less of the picture than this changed: the last detections hold
KNOWN = 4  # passes over the same picture after which there is nothing new in it: numbers rise by two of three
COMPARE_S = 0.35  # motion is measured against the picture of about so long ago, whatever the pace
SETTLE_S = 1.5  # things found in the first moments were there before


class EmbeddedSeer(Seer):
    """See `Seer`. Give all lanes the same `models`; a failing network raises from `look`, at the latest one look later.

    The fast networks run on `models.seeing`, the reader on `models.reading` while looks go on. A look begins with a
    comparison of small pictures; on a still lane it is all that happens, but for a pass of the networks now and then.
    """

    def __init__(self, models: Models, settings: Seeing | None = None) -> None:
        self._models = models
        self._settings = settings or Seeing()
        self._reading: asyncio.Future[tuple[Line, ...]] | None = None
        self._start_over()

    def _start_over(self) -> None:
        self._people = People(same_in)
        self._things = Presences(same_in)
        self._faces = Presences(same_in, gone_s=1.5)  # a face that turns away is gone sooner than a parked car
        self._motion = Motion()
        self._dark = Lasting()
        self._text = Reading()
        self._past: deque[tuple[float, Grey]] = deque(maxlen=8)
        self._first: float | None = None
        self._sight = Sight()
        self._detected_at = -REFRESH_S
        self._detected: Grey | None = None  # the picture of the last pass
        self._passes = 0
        self._alike = 0  # passes in a row over this same picture
        self._wanted: Image | None = None

    @property
    def pace(self) -> float:
        return self._settings.busy_fps if self._busy else self._settings.rest_fps

    @property
    def _busy(self) -> bool:
        return self._motion.moving or self._people.unsettled

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """See `turns.py`."""
        turns, passes = self._models.turns, self._passes
        await turns.take(self)
        try:
            yield
        finally:
            turns.give(self, deep=self._passes > passes, lively=self._busy)

    async def look(self, frame: Frame) -> Percepts:
        """Raises `ValueError` for something that is no picture, and whatever a network raised."""
        events = self._what_was_read(frame.t)
        seen = await self._models.seeing.run(self._pass, frame)
        if self._wanted is not None and self._reading is None:
            self._reading = asyncio.ensure_future(self._models.reading.run(self._models.read, self._wanted))
            self._wanted = None
        return self._percepts(frame.t, seen, events)

    def close(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None
        self._models.turns.forget(self)
        self._start_over()

    def _what_was_read(self, t: float) -> list[PerceptEvent]:
        if self._reading is None or not self._reading.done():
            return []
        done, self._reading = self._reading, None
        changed = self._text.take(done.result())
        return [PerceptEvent(t, "text_changed", text=changed[0], detail=changed[1])] if changed else []

    # From here to `_percepts`: on the seeing thread.

    def _pass(self, frame: Frame) -> tuple[Cells | None, list[PerceptEvent]]:
        """One look: (where the picture changed, what happened)."""
        image = shrunk(checked(frame.image))
        grey = grey_of(image, *reversed(CHANGED_GRID))
        t = frame.t
        if self._first is None:
            self._first = t
        if self._dark.update(is_dark(grey)) or is_dark(grey):
            return None, []  # nobody leaves because the light goes out: tracks and counts stand still
        events = [PerceptEvent(t, "scene_cut")] if self._was_cut(t, grey) else []
        changed = None if events else self._change(t, grey)
        share = _share(changed)
        self._past.append((t, grey))
        if moved := self._motion.update(t, share):
            events.append(PerceptEvent(t, moved))
        if events or share > STILL or self._people.unsettled or self._is_due(t, grey):
            events += self._detect(t, image, grey)
        else:
            for room in (self._people, self._things, self._faces):
                room.hold(t)
        if self._settings.text and self._reading is None and self._text.wants(t, grey_of(image, 320, 240)):
            self._wanted = image
        return changed, events

    def _is_due(self, t: float, grey: Grey) -> bool:
        """Whether the networks look at a picture in which nothing moves: soon, until they know it and miss nobody."""
        waited = t - self._detected_at
        if waited < REFRESH_S or self._detected is None:
            return waited >= REFRESH_S
        known = self._alike >= KNOWN and self._people.all_seen and changed_share(self._detected, grey) <= STILL
        return not known or waited >= self._settings.still_s

    def _was_cut(self, t: float, grey: Grey) -> bool:
        if not self._past or not is_cut(self._past[-1][1], grey):
            return False
        self._past.clear()
        self._people.cut()
        return True

    def _change(self, t: float, grey: Grey) -> Cells | None:
        older = [old for then, old in self._past if then <= t - COMPARE_S] or [old for _, old in self._past]
        return changed_cells(older[-1], grey) if older else None

    def _detect(self, t: float, image: Image, grey: Grey) -> list[PerceptEvent]:
        aspect = image.shape[1] / image.shape[0]
        same = self._detected is not None and changed_share(self._detected, grey) <= STILL
        self._alike, self._detected, self._passes = self._alike + 1 if same else 0, grey, self._passes + 1
        found = self._models.detect(brightened(image, grey))
        self._sight, self._detected_at = weigh(found, aspect), t
        events = self._people.update(t, self._sight.people, aspect, grey)
        for change in self._things.update(t, self._sight.things, grey):
            events += self._thing_events(t, change)
        for change in self._faces.update(t, self._sure_faces(), grey):
            kind: Any = "face_appeared" if change.now > change.before else "face_gone"
            events.append(PerceptEvent(t, kind, "face", side=change.box.side, count=change.now))
        return events

    def _thing_events(self, t: float, change: Change) -> list[PerceptEvent]:
        counted = PerceptEvent(t, "count_changed", change.label, count=change.now)
        if t - (self._first or 0.0) < SETTLE_S:
            return [counted]
        kind: Any = "arrived" if change.now > change.before else "left"
        moved = PerceptEvent(t, kind, change.label, side=change.box.side, count=change.now)
        return [moved, counted]

    def _percepts(self, t: float, seen: tuple[Cells | None, list[PerceptEvent]], read: list[PerceptEvent]) -> Percepts:
        changed, events = seen
        boxes, counts = self._things.boxes, dict(self._things.counts)
        if people := self._people.present:
            counts["person"] = len(people)
            boxes["person"] = max((track.box for track in people), key=area)
        faces = self._faces.counts.get("face", 0)
        if faces:
            boxes["face"] = self._faces.boxes["face"]
        return Percepts(
            t=t,
            detections=self._believed(),
            counts=counts,
            sides=_sides(boxes),
            faces=faces,
            moving=self._motion.moving,
            motion=_share(changed),
            changed=np.packbits(changed).tobytes() if changed is not None and changed.any() else b"",
            text=self._text.lines,
            text_at=self._text.boxes,
            text_t=self._text.lines_t,
            events=tuple(read + events),
            dark=self._dark.value,
        )

    def _believed(self) -> tuple[Detection, ...]:
        people = [Detection("person", track.score, track.box) for track in self._people.present if track.passes[-1]]
        return (*people, *self._sure_faces(), *self._sight.things)

    def _sure_faces(self) -> tuple[Detection, ...]:
        """A face must be sure to appear; once there, half a profile is enough to stay."""
        there = self._faces.counts.get("face", 0) > 0
        return tuple(face for face in self._sight.faces if there or face.score >= FACE_SURE)


def _share(changed: Cells | None) -> float:
    return 0.0 if changed is None else float(changed.mean())


def _sides(boxes: dict[str, Box]) -> dict[str, Side]:
    return {label: box.side for label, box in boxes.items()}
