"""When to read the picture, and whether what it says has changed. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from interaction.seeing.base import Box, Line
from interaction.seeing.pictures import Grey, tile_change

APART_S = 1.5  # reading costs a quarter of a second of a core
IDLE_S = 3.0  # after a look that found nothing to read: a busy street is no page
IMPATIENT_S = 4.0  # a picture that never holds still is read anyway
DIFFERS = 12.0  # see `tile_change`: one changed word on a slide
STEADY = 9.0


class Reading:
    """Decides when a frame is worth reading: it differs from the last one read, and holds still."""

    def __init__(self) -> None:
        self.lines: tuple[str, ...] = ()
        self.boxes: tuple[Box, ...] = ()  # of the lines
        self.lines_t: float | None = None  # when the frame with `lines` was taken
        self.read_at: float | None = None
        self._read: Grey | None = None
        self._before: Grey | None = None
        self._changed_at: float | None = None

    def wants(self, t: float, grey: Grey) -> bool:
        """Shall this frame (grey, 320×240) be read? If so it is taken as read."""
        steady = self._before is not None and tile_change(grey, self._before) < STEADY
        self._before = grey
        if self._read is not None and tile_change(grey, self._read) < DIFFERS:
            self._changed_at = None
            return False
        if self._changed_at is None:
            self._changed_at = t
        apart = APART_S if self.lines or self.read_at is None else IDLE_S
        if self.read_at is not None and t - self.read_at < apart:
            return False
        if not steady and t - self._changed_at < IMPATIENT_S:
            return False
        self._read, self.read_at, self._changed_at = grey, t, None
        return True

    def take(self, read: Sequence[Line]) -> tuple[str, str] | None:
        """What the reader found; (new text, old text) when it says something else than before."""
        old, self.lines, self.lines_t = self.lines, tuple(line.text for line in read), self.read_at
        self.boxes = tuple(line.box for line in read)
        return difference(old, self.lines)


def difference(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, str] | None:
    """(new text, old text); None when they say the same."""
    if normalised(old) == normalised(new):
        return None
    return "\n".join(new), "\n".join(old)


def normalised(lines: tuple[str, ...]) -> str:
    """What counts of a text when two readings are compared: letters, digits, and signs before a digit.

    The comparison is exact otherwise: a tolerant one hides "91 percent" turning into "95 percent".
    """
    text = unicodedata.normalize("NFKC", "".join(lines)).replace("−", "-").casefold()
    return re.sub(r"(?![-+.,:]\d)[\W_]+", "", text)
