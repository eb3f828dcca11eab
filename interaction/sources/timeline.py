"""A stream's own time, made usable: cameras set their clocks, restart their counters, and send no time at all."""

from __future__ import annotations

# Time that runs back by more is a clock that was set; by less, a packet out of order.
BACK_S = 1.0
# A live stream without a picture for longer has not rested, its clock was set.
LIVE_GAP_S = 10.0


class Timeline:
    """From time stamps in seconds to seconds since the first picture, always rising.

    `step`: seconds between pictures that carry no usable time. A jump of a live stream is taken as one step; a file
    may rest for as long as it likes.
    """

    def __init__(self, step: float, *, live: bool) -> None:
        self._step = step
        self._live = live
        self._zero: float | None = None
        self._last = -step

    def at(self, stamp: float | None) -> float:
        following = self._last + self._step
        if stamp is None:
            self._last = following
            return following
        if self._zero is None:
            self._zero = stamp - max(0.0, following)
        t = stamp - self._zero
        if t < self._last - BACK_S or (self._live and t > self._last + LIVE_GAP_S):
            self._zero, t = stamp - following, following
        self._last = t if t > self._last else following
        return self._last
