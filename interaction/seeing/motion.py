"""Whether something moves, with hysteresis. Pure."""

from __future__ import annotations

from collections import deque
from typing import Literal

MOVES = 0.004  # part of the picture that changed within half a second: a hand at the far side of a room
CALM_S = 1.0  # no movement for this long is its end: between two steps people stand still for less


class Motion:
    """Starts when two of three looks show movement, stops when none of three and a second passed without."""

    def __init__(self) -> None:
        self.moving = False
        self._looks: deque[bool] = deque(maxlen=3)
        self._last = -CALM_S

    def update(self, t: float, share: float) -> Literal["motion_started", "motion_stopped"] | None:
        """`share`: the part of the picture that changed lately, 0…1. What began or ended, if anything."""
        self._looks.append(share > MOVES)
        if self._looks[-1]:
            self._last = t
        if not self.moving and sum(self._looks) >= 2:
            self.moving = True
            return "motion_started"
        if self.moving and not any(self._looks) and t - self._last >= CALM_S:
            self.moving = False
            return "motion_stopped"
        return None


class Lasting:
    """A yes or no that changes when two of three looks in a row say so."""

    def __init__(self) -> None:
        self.value = False
        self._looks: deque[bool] = deque(maxlen=3)

    def update(self, look: bool) -> bool:
        """The debounced value, after one more look."""
        self._looks.append(look)
        if sum(v != self.value for v in self._looks) >= 2:
            self.value = not self.value
            self._looks.clear()
        return self.value
