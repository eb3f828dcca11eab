"""How many of each thing are in view, debounced. Pure.

Detectors flicker: a parked car comes and goes ten times a minute. A number rises when two of the last three passes
show it, and falls only when nothing has shown it for three seconds and the picture changed where the thing was.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from interaction.seeing.base import Box, Detection
from interaction.seeing.boxes import area, overlap

GONE_S = 3.0  # a thing not seen for this long is gone …
HOLD_S = 60.0  # … but where the picture has not changed, not before this

Same = Callable[[Box, Any, Any], bool]
"""Does the picture look the same inside a box, in two views of it? A view is whatever the seer hands in."""


@dataclass(frozen=True, slots=True)
class Change:
    """The number of `label` went from `before` to `now`; `box`: the largest one of them, or the last that was."""

    label: str
    before: int
    now: int
    box: Box


class Presence:
    """The debounced number of one label."""

    def __init__(self, same: Same, gone_s: float = GONE_S) -> None:
        self.count = 0
        self._same = same
        self._gone_s = gone_s
        self._passes: deque[int] = deque(maxlen=3)
        self._enough: tuple[float, tuple[Box, ...], Any] = (0.0, (), None)  # when last all of them were seen

    @property
    def box(self) -> Box:
        """The largest one, where it was seen last."""
        return max(self._enough[1], key=area)

    def update(self, t: float, boxes: tuple[Box, ...], view: Any) -> bool:
        """Take in one detector pass; True when the number changed."""
        self._passes.append(len(boxes))
        shown = sorted(self._passes)[-2] if len(self._passes) > 1 else 0
        before = self.count
        if shown >= before:
            self.count = shown
        if boxes and len(boxes) >= self.count:
            self._enough = (t, boxes, view)
        elif before > shown and t - self._enough[0] >= self._gone_s and self._really_gone(t, boxes, view):
            self.count = shown
            if boxes:
                self._enough = (t, boxes, view)
        return self.count != before

    def hold(self, t: float) -> None:
        """Nothing changed in the picture since the last pass."""
        if self._passes and self._passes[-1] >= self.count:
            self._enough = (t, *self._enough[1:])

    def _really_gone(self, t: float, boxes: tuple[Box, ...], view: Any) -> bool:
        since, known, then = self._enough
        lost = [box for box in known if not any(overlap(box, other) > 0.3 for other in boxes)]
        return t - since >= HOLD_S or not any(self._same(box, then, view) for box in lost)


class Presences:
    """A `Presence` for each label that was ever seen (a label set is small: bounded by the detector's classes)."""

    def __init__(self, same: Same, gone_s: float = GONE_S) -> None:
        self._same = same
        self._gone_s = gone_s
        self._known: dict[str, Presence] = {}

    @property
    def counts(self) -> dict[str, int]:
        return {label: known.count for label, known in self._known.items() if known.count}

    @property
    def boxes(self) -> dict[str, Box]:
        """The largest of each label that is in view."""
        return {label: known.box for label, known in self._known.items() if known.count}

    def hold(self, t: float) -> None:
        """Nothing changed in the picture since the last pass."""
        for known in self._known.values():
            known.hold(t)

    def update(self, t: float, seen: Iterable[Detection], view: Any) -> list[Change]:
        """Take in one detector pass; what changed."""
        boxes: dict[str, list[Box]] = {label: [] for label in self._known}
        for detection in seen:
            boxes.setdefault(detection.label, []).append(detection.box)
        changes = []
        for label, now in boxes.items():
            known = self._known.setdefault(label, Presence(self._same, self._gone_s))
            before = known.count
            if known.update(t, tuple(now), view):
                changes.append(Change(label, before, known.count, known.box))
        return changes
