"""Pictures of the last two minutes of a lane, one a second, for the strip, the memory and the agent.

While a watch waits, the newest seconds are there more finely as well (`recent`), for clips (`clips.py`).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

# Two minutes, as the strip shows; about 4 MB a lane at 640 pixels.
SECONDS = 120
GAP_S = 1.0


@dataclass(frozen=True, slots=True)
class Picture:
    """`t`: session seconds of the frame; `jpeg`: its bytes."""

    t: float
    jpeg: bytes


class Album:
    """A bounded ring of pictures in order of time. `cleared` counts how often everything was dropped."""

    def __init__(self) -> None:
        self._pictures: deque[Picture] = deque(maxlen=int(SECONDS / GAP_S))
        self.recent: deque[Picture] = deque()
        self.cleared = 0

    def __len__(self) -> int:
        return len(self._pictures)

    def wants(self, t: float) -> bool:
        """Whether a frame taken at `t` should be kept."""
        return not self._pictures or t - self._pictures[-1].t >= GAP_S

    def keep(self, t: float, jpeg: bytes) -> None:
        self._pictures.append(Picture(t, jpeg))

    def keep_recent(self, t: float, jpeg: bytes, since: float) -> None:
        """Keep a picture among the finer ones; those from before session second `since` go."""
        self.recent.append(Picture(t, jpeg))
        while self.recent[0].t < since:
            self.recent.popleft()

    def newest(self, count: int, since: float) -> list[Picture]:
        """At most `count` of those taken at session second `since` or later, oldest first."""
        return [picture for picture in self._pictures if picture.t >= since][-count:] if count > 0 else []

    def clear(self) -> None:
        self._pictures.clear()
        self.recent.clear()
        self.cleared += 1

    def at(self, t: float | None = None) -> Picture | None:
        """The picture nearest to session second `t` (None: the newest); None when that time is not kept."""
        if not self._pictures:
            return None
        if t is None:
            return self._pictures[-1]
        nearest = min(self._pictures, key=lambda picture: abs(picture.t - t))
        return nearest if abs(nearest.t - t) <= 3 * GAP_S else None
