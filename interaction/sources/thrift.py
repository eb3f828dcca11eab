"""Which packets of a live stream are decoded, and which pictures are handed on: no more than somebody wants.

A camera sends 15 to 30 pictures a second and two to five are looked at. Most of them must be decoded all the same, as
each is told as a change of the one before; but not those between the last wanted one and the next key frame. Of a
stream of key frames alone (JPEG) only the wanted ones are decoded. A decoder that cannot keep up (4K on a small
machine) goes by key frames until it can: a lane then shows fewer pictures, never older ones.
"""

from __future__ import annotations

from collections import deque

# A picture counts as due when it is this close to its time (seconds), so that 10 fps of a 10 fps file are all of it.
EARLY_S = 0.005
# A key frame may come this much before its time, as a part of the wanted interval: waiting for the next costs a decode.
EARLY_KEY = 0.25
# Longer than any camera's distance of key frames; what seems longer is a clock that jumped, or none at all.
LONGEST_GAP_S = 30.0
# Seconds without a moment's wait for a packet after which a decoder is behind: packets queue up before it.
BEHIND_S = 1.0


class Thrift:
    """One stream's choice. All times are seconds of one clock that never runs backwards."""

    def __init__(self) -> None:
        self._due = 0.0
        self._key_at: float | None = None
        # The longest of the last distances counts: taken too long, one costs decoding; too short, a stretch is lost.
        self._gaps: deque[float] = deque(maxlen=4)
        self._skipping = False
        self._idle_at: float | None = None

    def decodes(self, at: float, *, key: bool, fps: float | None, waited: bool = True) -> bool:
        """Whether the packet that came at `at` has to be decoded. `waited`: it was not there yet when it was wanted."""
        if waited or self._idle_at is None:
            self._idle_at = at
        if key:
            self._note_key(at)
        gap = max(self._gaps, default=None)
        if gap is None or self._key_at is None or at > self._key_at + 2 * gap:
            self._skipping = False  # nothing is known of the next key frame: it may be far
        elif key:
            self._skipping = not self._usable(at, gap, fps) and not self._due_before_next(gap, fps)
        elif not self._skipping:
            self._skipping = not self._due_before_next(gap, fps) or at - self._idle_at > BEHIND_S
        return not self._skipping

    def gives(self, at: float, *, key: bool = False, fps: float | None) -> bool:
        """Whether the decoded picture of `at` is wanted; then the next one is due an interval later."""
        if fps is None:
            return True
        gap = max(self._gaps, default=0.0)
        if at < self._due - EARLY_S and not (key and self._usable(at, gap, fps)):
            return False
        self._due = self._due + 1 / fps if at < self._due + 1 / fps else at + 1 / fps
        return True

    def _note_key(self, at: float) -> None:
        if self._key_at is not None and at - self._key_at < LONGEST_GAP_S:
            self._gaps.append(at - self._key_at)
        else:
            self._gaps.clear()
        self._key_at = at

    def _usable(self, at: float, gap: float, fps: float | None) -> bool:
        """A key frame that is handed on when it is decoded."""
        return fps is None or at >= self._due - _slack(gap, fps)

    def _due_before_next(self, gap: float, fps: float | None) -> bool:
        """The next wanted picture is nearer than the next key frame."""
        assert self._key_at is not None
        return fps is None or self._due < self._key_at + gap - _slack(gap, fps)


def _slack(gap: float, fps: float) -> float:
    return min(EARLY_KEY / fps, gap / 2)
