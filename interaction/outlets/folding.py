"""Near-duplicates become a count: a person away from the page is told once, and how often it came again. Pure."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

import config
from interaction.repeats import Gist, gist, repeats

WATCHES = 200  # that are remembered; more than a person may have


@dataclass(slots=True)
class _Told:
    t: float
    gist: Gist
    more: int = 0
    since: datetime | None = None


class Folding:
    """Of one session. Times in session seconds, with the wall-clock time that is told."""

    def __init__(self, settings: config.Alerts) -> None:
        self._settings = settings
        self._told: OrderedDict[str, _Told] = OrderedDict()

    def folds(self, watch: str, text: str, t: float, at: datetime, urgent: bool) -> tuple[int, datetime | None] | None:
        """None: it is only counted. Otherwise how many were counted before this one, and since when.

        Counted is what comes too soon after what its watch told last (`gap_s`; never of an urgent one), and what says
        the same again within the cooldown.
        """
        new, told = gist(text) or (text,), self._told.get(watch)
        if told and self._is_soon(told, new, t, urgent):
            told.more += 1
            told.since = told.since or at
            return None
        self._told[watch] = _Told(t, new)
        self._told.move_to_end(watch)
        while len(self._told) > WATCHES:
            self._told.popitem(last=False)
        return (told.more, told.since) if told else (0, None)

    def _is_soon(self, told: _Told, new: Gist, t: float, urgent: bool) -> bool:
        age, bounds = t - told.t, self._settings
        if age < bounds.gap_s and not urgent:
            return True
        return age < (bounds.fold_urgent_s if urgent else bounds.fold_s) and repeats(new, told.gist)
