"""Which events of a session are alerts.

Every watch that comes true by what is seen, and a reminder if it is urgent: whoever set an alarm "right away" wants to
hear it wherever they are. Not: commentary and guides, which are for who stands before the camera; answers; questions by
the clock; what limits and quiet hours held back, for nothing was decided then.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from interaction.events import Alerted, Decision, Event, WatchChanged
from interaction.outlets.alert import Alert, new_id
from interaction.outlets.folding import Folding
from interaction.wire import clean

if TYPE_CHECKING:
    from interaction.session import Session

TEXT_CHARS = 1200  # of an alert; no utterance is longer
TITLE_CHARS = 200  # of what was asked for
TEST = {"en": "This is a test alert from Lookout.", "zh": "这是 Lookout 的测试提醒。"}


class Collector:
    """Of one session. `take` gets its events in order."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._folding = Folding(session.settings.alerts)
        self._said: Decision | None = None  # by a tick; that its watch fired comes next
        self._rings: dict[str, Any] | None = None  # an urgent reminder; its words come next

    def take(self, event: Event) -> tuple[Alert, bytes | None] | None:
        """The alert in it, with its picture; told to the page as well."""
        match event:
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

    def test(self) -> tuple[Alert, bytes | None]:
        """One that says that it is a test, with the newest picture."""
        session, lane = self._session, self._session.main_lane()
        text = TEST["zh" if session.language == "zh" else "en"]
        name = lane.name if lane else ""
        alert = Alert(new_id(), session.wall(), text, name, "", "normal", session.language, self._link())
        return alert, session.picture(name) if lane else None

    def _alert(self, said: Decision, watch: dict[str, Any]) -> tuple[Alert, bytes | None] | None:
        session, at, urgent = self._session, self._session.clock.wall(said.t), bool(watch["urgent"])
        text = clean(said.text or watch["wording"])[:TEXT_CHARS]
        folded = self._folding.folds(f"{watch['id']} {said.lane}", text, said.t, at, urgent)
        if folded is None:
            return None
        alert = self._made(said, watch, text, at, folded)
        session.post(
            Alerted(
                t=session.now(),
                lane=said.lane,
                watch=watch["id"],
                wording=alert.watch,
                text=alert.words,
                urgent=urgent,
            )
        )
        return alert, session.picture(said.lane, said.t) if said.lane else None

    def _made(
        self, said: Decision, watch: dict[str, Any], text: str, at: datetime, folded: tuple[int, datetime | None]
    ) -> Alert:
        return Alert(
            id=new_id(),
            at=at,
            text=text,
            lane=said.lane,
            watch=" ".join(clean(watch["wording"]).split())[:TITLE_CHARS],  # some services take it as a header
            severity="urgent" if watch["urgent"] else "normal",
            language=watch["language"],
            link=self._link(),
            more=folded[0],
            since=folded[1],
        )

    def _link(self) -> str:
        return self._session.settings.public_url


def _is_talk(watch: dict[str, Any]) -> bool:
    """Commentary, or a guide: said to who is there."""
    return bool(watch["steps"]) or (watch["ask"] or {}).get("kind") == "commentary"
