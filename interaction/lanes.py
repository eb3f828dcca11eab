"""The lanes of a session, by name: added, removed, and which of them a question goes to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interaction.events import Recovered
from interaction.lane import Lane
from interaction.services import CommandRefused
from interaction.sources.base import FrameSource

if TYPE_CHECKING:
    from interaction.session import Session


class Lanes(dict[str, Lane]):
    """Bounded by `config.Session.lanes`."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session

    def add(self, source: FrameSource) -> Lane:
        """Watch another source. Raises `CommandRefused`."""
        session = self._session
        most = session.settings.session.lanes
        if source.lane in self:
            raise CommandRefused(f"There is already a source named {source.lane!r}.", "Choose another name.")
        if len(self) >= most:
            raise CommandRefused(f"{most} sources are what this machine holds.", "Remove one first.")
        lane = self[source.lane] = Lane(source, session.services.make_seer, session)
        session.scope.spawn(f"lane {lane.name}", lane.run())
        return lane

    def remove(self, name: str) -> None:
        """End a lane; an unknown name is no fault (its source may have ended by itself)."""
        if lane := self.pop(name, None):
            self._session.scope.cancel(f"lane {name}")
            self._session.scope.spawn(f"closing {name}", self._close(lane))
            for where in [where for where in self._session.problems if where.endswith(f" {name}")]:
                self._session.publish(Recovered(t=self._session.now(), where=where))  # its troubles go with it

    async def _close(self, lane: Lane) -> None:
        """What it was still to say is said without it."""
        await lane.aclose()
        for text in lane.results:
            self._session.work.tell(text, self.main())

    def main(self) -> Lane | None:
        """The lane that questions go to: the first that delivers pictures, else the first."""
        lanes = list(self.values())
        return next((lane for lane in lanes if lane.state == "watching"), lanes[0] if lanes else None)

    def picture(self, lane: str, t: float | None = None) -> bytes | None:
        """JPEG of a lane within the last two minutes, nearest to session second `t`."""
        found = self[lane].album.at(t) if lane in self else None
        return found.jpeg if found else None
