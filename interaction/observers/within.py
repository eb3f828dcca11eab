"""What is in one zone of the picture, debounced: percepts of the whole become percepts of a part. Pure.

Who comes into the zone arrives there, who goes out of it leaves, whether or not they stay in the picture. A number
rises when two of three looks show it. It falls when nothing has shown it for a while, and not as long as the tracks of
the whole picture believe in people whom this look does not show: they may be the ones in the zone, behind somebody.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

from interaction.seeing.base import PerceptEvent, Percepts
from interaction.zones import Zone, stands_in

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
    return Percepts(percepts.t, detections=found, counts=dict(counts), faces=faces)


class Within:
    """Of one zone, for one watch and lane. `settled`: from this second on, who is found there has come."""

    def __init__(self, zone: Zone, settled: float) -> None:
        self.zone = zone
        self._settled = settled
        self._numbers: dict[str, _Number] = {}
        self._begun = False

    def look(self, percepts: Percepts) -> Percepts:
        """The percepts of the zone. In the dark nobody comes or goes."""
        if percepts.dark:
            return Percepts(percepts.t, counts=self.counts, faces=self.counts.get("face", 0), dark=True)
        events: list[PerceptEvent] = []
        for label in {*self._numbers, *(seen.label for seen in percepts.detections)}:
            events += self._update(label, percepts)
        self._begun = True
        counts = self.counts
        return Percepts(percepts.t, counts=counts, faces=counts.pop("face", 0), events=tuple(events))

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
