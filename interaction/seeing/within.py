"""What is in one zone of the picture, debounced: percepts of the whole become percepts of a part. Pure.

Who comes into the zone arrives there, who goes out of it leaves, whether or not they stay in the picture. A number
rises when two of three looks show it. It falls when nothing has shown it for a while, and not as long as the tracks of
the whole picture believe in people whom this look does not show: they may be the ones in the zone, behind somebody.
Movement is what moves there, text what stands there.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from interaction.seeing.base import CHANGED_GRID, Box, PerceptEvent, Percepts
from interaction.seeing.motion import MOVES, Motion
from interaction.seeing.text import difference, normalised
from interaction.zones import Zone, cells, holds, share, stands_in

# Half of somebody, or the feet, and they are in; out only when less than a third is left: who stands on the line would
# come and go with every look.
IN, OUT = 0.5, 0.3
# Not shown for so long: gone. As long as it takes to walk through a narrow zone and be told apart from a flicker.
GONE_S = 0.8
# Of a lane's first pictures: who is found in these was there before.
SETTLE_S = 1.5


@dataclass(slots=True)
class _Number:
    """Of one label. `looks`: how many were in, the last three; `shown`: when all of them were last."""

    count: int
    shown: float
    looks: deque[int] = field(default_factory=lambda: deque(maxlen=3))


def only_in(zone: Zone, percepts: Percepts) -> Percepts:
    """What one look shows in the zone, as it is."""
    found = tuple(seen for seen in percepts.detections if stands_in(seen.box, zone.area, IN))
    counts = Counter(seen.label for seen in found)
    faces = counts.pop("face", 0)
    moving = percepts.moving and motion_in(zone, percepts) > MOVES
    text, text_at = _text_in(zone, percepts)
    return Percepts(
        percepts.t, found, dict(counts), faces=faces, moving=moving, text=text, text_at=text_at, dark=percepts.dark
    )


def motion_in(zone: Zone, percepts: Percepts) -> float:
    """How much changed in the zone, on the scale of `Percepts.motion`: its share of the zone, less for a smaller zone.

    In the middle between the shares of zone and picture: one of the picture would never be reached in a small zone,
    and one of the zone by the flicker of a few pixels.
    """
    if not percepts.changed:
        return 0.0
    rows, columns = CHANGED_GRID
    inside = cells(zone.area, rows, columns).astype(bool)
    changed = np.unpackbits(np.frombuffer(percepts.changed, np.uint8), count=rows * columns).reshape(CHANGED_GRID)
    return float(changed[inside].mean() * np.sqrt(inside.mean())) if inside.any() else 0.0


def _text_in(zone: Zone, percepts: Percepts, known: str = "") -> tuple[tuple[str, ...], tuple[Box, ...]]:
    """The lines of the zone and their boxes. `known`: what was read there before, normalised."""
    lines = [pair for pair in zip(percepts.text, percepts.text_at, strict=False) if _stands_in(*pair, zone, known)]
    return tuple(text for text, _ in lines), tuple(box for _, box in lines)


def _stands_in(text: str, box: Box, zone: Zone, known: str) -> bool:
    """Its middle is in the zone, or half of it; of what was there already a third is enough."""
    least = OUT if normalised((text,)) in known else IN
    return holds(((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2), zone.area) or share(box, zone.area) >= least


class Within:
    """Of one zone, for one watch and lane. `settled`: from this second on, who is found there has come."""

    def __init__(self, zone: Zone, settled: float) -> None:
        self.zone = zone
        self._settled = settled
        self._numbers: dict[str, _Number] = {}
        self._begun = False
        self._motion = Motion()
        self._text: tuple[str, ...] = ()
        self._text_at: tuple[Box, ...] = ()
        self._text_t: float | None = None  # when the picture was taken that was read last

    def look(self, percepts: Percepts) -> Percepts:
        """The percepts of the zone. In the dark nobody comes or goes."""
        if percepts.dark:
            return self._percepts(percepts, 0.0, [])
        events = [event for event in percepts.events if event.kind == "scene_cut"]
        motion = motion_in(self.zone, percepts)
        if moved := self._motion.update(percepts.t, motion):
            events.append(PerceptEvent(percepts.t, moved))
        events += self._read(percepts)
        for label in {*self._numbers, *(seen.label for seen in percepts.detections)}:
            events += self._update(label, percepts)
        self._begun = True
        return self._percepts(percepts, motion, events)

    def _percepts(self, whole: Percepts, motion: float, events: list[PerceptEvent]) -> Percepts:
        counts = self.counts
        return Percepts(
            whole.t,
            counts=counts,
            faces=counts.pop("face", 0),
            moving=self._motion.moving,
            motion=motion,
            text=self._text,
            text_at=self._text_at,
            text_t=self._text_t,
            events=tuple(events),
            dark=whole.dark,
        )

    def _read(self, percepts: Percepts) -> list[PerceptEvent]:
        """What says something else than when the picture was read before; the first reading is no change."""
        if percepts.text_t == self._text_t:
            return []
        old, first = self._text, self._text_t is None
        self._text, self._text_at = _text_in(self.zone, percepts, normalised(old))
        self._text_t = percepts.text_t
        changed = None if first else difference(old, self._text)
        return [PerceptEvent(percepts.t, "text_changed", text=changed[0], detail=changed[1])] if changed else []

    @property
    def counts(self) -> dict[str, int]:
        return {label: number.count for label, number in self._numbers.items() if number.count}

    def _update(self, label: str, percepts: Percepts) -> list[PerceptEvent]:
        t, boxes = percepts.t, [seen.box for seen in percepts.detections if seen.label == label]
        surely = sum(stands_in(box, self.zone.area, IN) for box in boxes)
        still = sum(stands_in(box, self.zone.area, OUT) for box in boxes)
        number = self._numbers.get(label)
        if number is None:
            number = self._numbers[label] = _Number(0 if self._begun else surely, t)
        hidden = max(0, percepts.counts.get(label, 0) - len(boxes))
        number.looks.append(surely)
        before, twice = number.count, sorted(number.looks)[-2] if len(number.looks) > 1 else 0
        if still + hidden >= before:
            number.shown = t
        if twice > before:
            number.count, number.shown = twice, t
        elif t - number.shown >= GONE_S:
            number.count, number.shown = still, t
        if t < self._settled or number.count == before:
            return []
        kind: Any = "arrived" if number.count > before else "left"
        return [PerceptEvent(t, kind, label, count=number.count)] * abs(number.count - before)
