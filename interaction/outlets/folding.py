"""Near-duplicates become a count: a person away from the page is told once, and how often it came again. Pure."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

import config
from interaction.repeats import Gist, gist, repeats

WATCHES = 500  # that are remembered, each on its source; as many as a person may have on eight

T = TypeVar("T")
Count = tuple[int, datetime | None]  # how many were counted before this one, and since when


@dataclass(slots=True)
class _Held(Generic[T]):
    """News that came too soon: told at the end of the gap."""

    gist: Gist
    at: datetime
    said: T


@dataclass(slots=True)
class _Told(Generic[T]):
    t: float
    gist: Gist
    more: int = 0
    since: datetime | None = None
    held: _Held[T] | None = None

    def count(self, at: datetime) -> None:
        self.more += 1
        self.since = min(at, self.since or at)


class Folding(Generic[T]):
    """Of one session. Times in session seconds, with the wall-clock time that is told. What is `said` comes back from
    `release`."""

    def __init__(self, settings: config.Alerts) -> None:
        self._settings = settings
        self._told: OrderedDict[str, _Told[T]] = OrderedDict()

    def folds(self, watch: str, text: str, t: float, at: datetime, urgent: bool, said: T) -> Count | None:
        """None: it is only counted, or held. Otherwise how many were counted before this one, and since when.

        Counted is what says the same again within the cooldown. Other news that comes too soon after what its watch
        told last (`gap_s`; never of an urgent one) is held until then; of several the last, the others are counted.
        """
        new, told = gist(text) or (text,), self._told.get(watch)
        if told:
            age, bounds = t - told.t, self._settings
            if age < max(bounds.gap_s, bounds.fold_s) and not urgent and repeats(new, told.gist):
                told.count(at)
                return None
            if urgent and age < bounds.fold_urgent_s and repeats(new, told.gist):
                told.count(at)
                return None
            if told.held:  # there is newer news
                told.count(told.held.at)
                told.held = None
            if age < bounds.gap_s and not urgent:
                told.held = _Held(new, at, said)
                return None
        self._tell(watch, _Told(t, new))
        return (told.more, told.since) if told else (0, None)

    @property
    def due(self) -> float:
        """When `release` will next have something; for ever: not."""
        return min((told.t + self._settings.gap_s for told in self._told.values() if told.held), default=math.inf)

    @property
    def waiting(self) -> Iterator[T]:
        """What is held."""
        return (told.held.said for told in self._told.values() if told.held)

    def release(self, t: float) -> list[tuple[T, Count]]:
        """What was held and is to be told at `t`; at infinity all of it."""
        found = []
        for watch, told in list(self._told.items()):
            if told.held and told.t + self._settings.gap_s <= t:
                found.append((told.held.said, (told.more, told.since)))
                self._tell(watch, _Told(told.t + self._settings.gap_s, told.held.gist))
        return found

    def forget(self) -> None:
        """What is held is never told."""
        for told in self._told.values():
            told.held = None

    def _tell(self, watch: str, told: _Told[T]) -> None:
        self._told[watch] = told
        self._told.move_to_end(watch)
        while len(self._told) > WATCHES:
            self._told.popitem(last=False)
