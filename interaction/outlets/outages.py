"""A source that shows nothing any more: whoever relies on it and is not there is told once, and once when it is back.

Of sources that are fetched, not of the page's own camera and screen: who is at the page sees those. Not of what
somebody paused or removed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from interaction.both import Both
from interaction.events import LaneChanged
from interaction.outlets import wording
from interaction.outlets.alert import Alert, new_id
from interaction.sources.reconnecting import Reconnecting

if TYPE_CHECKING:
    from interaction.lane import Lane
    from interaction.session import Session


@dataclass(slots=True)
class _Away:
    lane: Lane
    since: float  # session second
    told: bool = False


class Outages:
    """Of one session. `take` gets the changes of its lanes in order."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._bound = session.settings.alerts.down_s
        self._away: dict[str, _Away] = {}

    def take(self, event: LaneChanged) -> Alert | None:
        """The alert in it: a source whose absence was told is back."""
        name, lane = event.lane, self._session.lanes.get(event.lane)
        away = self._away.get(name)
        if away and away.lane is not lane:  # removed; this is another of its name
            away = self._away.pop(name) and None
        if lane is None or not self._bound or not isinstance(lane.source, Reconnecting):
            return None
        if event.state in ("connecting", "stalled", "down"):
            self._away[name] = away or _Away(lane, event.t)
            return None
        self._away.pop(name, None)
        if event.state != "watching" or not away or not away.told:
            return None
        clock = self._session.clock
        return self._alert(name, event.t, wording.BACK, wording.back(name, clock.wall(away.since), clock.wall(event.t)))

    @property
    def due(self) -> float:
        """When `overdue` will next have something; for ever: not."""
        if self._session.paused:
            return math.inf
        return min((away.since + self._bound for away in self._away.values() if not away.told), default=math.inf)

    def overdue(self) -> list[Alert]:
        """Of sources that have been away for too long by now."""
        if self._session.paused:
            return []
        found, now = [], self._session.now()
        for name, away in list(self._away.items()):
            if self._session.lanes.get(name) is not away.lane:
                del self._away[name]
            elif not away.told and away.since + self._bound <= now:
                away.told = True
                text = wording.lost(name, self._session.clock.wall(away.since))
                found.append(self._alert(name, now, wording.LOST, text))
        return found

    def _alert(self, lane: str, t: float, title: Both, text: Both) -> Alert:
        session = self._session
        language = session.language
        at, link = session.clock.wall(t), session.settings.public_url
        return Alert(new_id(), at, text.told(language), lane, title.told(language), "normal", language, link)
