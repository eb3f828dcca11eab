"""Which events of a session are alerts.

Every watch that comes true by what is seen, and a reminder if it is urgent: whoever set an alarm "right away" wants to
hear it wherever they are. And that a source shows nothing any more (`outages.py`). Not: commentary and guides, which
are for who stands before the camera; answers; questions by the clock; what limits and quiet hours held back, for
nothing was decided then.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from interaction.events import Alerted, Decision, Event, LaneChanged, WatchChanged
from interaction.outlets.alert import Alert, new_id
from interaction.outlets.folding import Count, Folding
from interaction.outlets.outages import Outages
from interaction.wire import clean

if TYPE_CHECKING:
    from interaction.session import Session

TEXT_CHARS = 1200  # of an alert; no utterance is longer
TITLE_CHARS = 200  # of what was asked for
TEST = {"en": "This is a test alert from Lookout.", "zh": "这是 Lookout 的测试提醒。"}


@dataclass(slots=True)
class Found:
    """An alert, its picture as JPEG, and the id of its watch, "" for none."""

    alert: Alert
    picture: bytes | None = None
    watch: str = ""


class Collector:
    """Of one session. `take` gets its events in order; `overdue` is asked before each, and when it is `due`."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._folding: Folding[Found] = Folding(session.settings.alerts)
        self._outages = Outages(session)
        self._said: Decision | None = None  # by a tick; that its watch fired comes next
        self._rings: dict[str, Any] | None = None  # an urgent reminder; its words come next

    def take(self, event: Event) -> Found | None:
        """The alert in it, with its picture; told to the page as well."""
        match event:
            case LaneChanged():
                back = self._outages.take(event)
                return self._told(Found(back), (0, None)) if back else None
            case Decision(watch=str(watch), lane="", action="speak") if self._rings and self._rings["id"] == watch:
                rings, self._rings = self._rings, None
                return self._alert(event, rings)
            case Decision(watch=str()) if event.lane and event.action != "silence":
                self._said = event
            case WatchChanged(change="fired", watch=watch):
                said, self._said = self._said, None
                if said and said.watch == watch["id"] and not _is_talk(watch):
                    return self._alert(said, watch)
                is_reminder = bool(watch["schedule"]) and not watch["ask"] and not watch["steps"]
                self._rings = watch if is_reminder and watch["urgent"] else None
        return None

    @property
    def due_s(self) -> float | None:
        """Seconds until `overdue` has something; None: nothing is to come."""
        due = min(self._folding.due, self._outages.due)
        return None if due == math.inf else max(0.0, due - self._session.now())

    def overdue(self, *, ending: bool = False) -> list[Found]:
        """Alerts that only time brings: news that was held back, sources that stay away. `ending`: all that is held."""
        held = self._folding.release(math.inf if ending else self._session.now())
        lost = [] if ending else [(Found(alert), (0, None)) for alert in self._outages.overdue()]
        return [self._told(found, count) for found, count in (*held, *lost)]

    def hide(self, lane: str) -> None:
        """A mask was drawn there: no picture of before is sent."""
        for found in self._folding.waiting:
            if found.alert.lane == lane:
                found.picture = None

    def forget(self) -> None:
        """What is held back is not sent."""
        self._folding.forget()

    def test(self) -> tuple[Alert, bytes | None]:
        """One that says that it is a test, with the newest picture."""
        session, lane = self._session, self._session.main_lane()
        text = TEST["zh" if session.language == "zh" else "en"]
        name = lane.name if lane else ""
        alert = Alert(new_id(), session.wall(), text, name, "", "normal", session.language, session.settings.public_url)
        return alert, session.picture(name) if lane else None

    def _alert(self, said: Decision, watch: dict[str, Any]) -> Found | None:
        session, at, urgent = self._session, self._session.clock.wall(said.t), bool(watch["urgent"])
        alert = Alert(
            id=new_id(),
            at=at,
            text=clean(said.text or watch["wording"])[:TEXT_CHARS],
            lane=said.lane,
            watch=" ".join(clean(watch["wording"]).split())[:TITLE_CHARS],  # some services take it as a header
            severity="urgent" if urgent else "normal",
            language=watch["language"],
            link=link_to(self._session.settings.public_url, at, said.lane),
        )
        found = Found(alert, session.picture(said.lane, said.t) if said.lane else None, watch["id"])
        count = self._folding.folds(f"{watch['id']} {said.lane}", alert.text, said.t, at, urgent, found)
        return self._told(found, count) if count else None

    def _told(self, found: Found, count: Count) -> Found:
        """To the page as well."""
        found.alert = alert = replace(found.alert, more=count[0], since=count[1])
        self._session.post(
            Alerted(
                t=(alert.at - self._session.clock.wall(0.0)).total_seconds(),  # news may have been held back
                lane=alert.lane,
                watch=found.watch,
                wording=alert.watch,
                text=alert.words,
                urgent=alert.severity == "urgent",
            )
        )
        return found


def link_to(page: str, at: datetime, lane: str) -> str:
    """Of a moment on the page at this address; of the page itself where nothing was seen. "" without one."""
    if not page or not lane:
        return page
    parts = urlsplit(page)
    moment = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    query = urlencode({"moment": moment, "lane": lane}, quote_via=quote)
    return urlunsplit((parts.scheme, parts.netloc, parts.path or "/", query, ""))


def _is_talk(watch: dict[str, Any]) -> bool:
    """Commentary, or a guide: said to who is there."""
    return bool(watch["steps"]) or (watch["ask"] or {}).get("kind") == "commentary"
