"""The lanes of a session, by name: added, removed, and which of them a question goes to."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from interaction.areas import AreaBook
from interaction.both import Both
from interaction.events import AreasChanged, Recovered
from interaction.lane import Lane
from interaction.masking import Masking
from interaction.pauses import Pauses
from interaction.services import CommandRefused
from interaction.sources.base import FrameSource
from interaction.watches import Watch
from interaction.wire import cleaned
from interaction.zones import NOTHING, LaneAreas, named

if TYPE_CHECKING:
    from interaction.session import Session

PARTS = ("source", "seeing", "ticking", "masks")  # of a lane, whose troubles are told with its name


class Lanes(dict[str, Lane]):
    """Bounded by `config.Session.lanes`."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.typed: dict[str, str | None] = {}  # what a person added: the address, password and all; None: by name
        self.pauses = Pauses(session.services.folder if session.services.keeps_watches else None)
        self.areas = AreaBook(
            session.services.folder, session.settings.areas, session.publish, session.now, self._areas_changed
        )

    def add(self, source: FrameSource) -> Lane:
        """Watch another source. Raises `CommandRefused`."""
        session = self._session
        most = session.settings.session.lanes
        if any(source.lane.casefold() == name.casefold() for name in self):  # nobody says capital letters
            raise CommandRefused(
                Both(f"There is already a source named {source.lane!r}.", f"已有名为“{source.lane}”的来源。"),
                Both("Choose another name.", "请换一个名字。"),
            )
        if len(self) >= most:
            raise CommandRefused(
                Both(f"No more than {most} sources are watched at once here.", f"这里最多同时看 {most} 个来源。"),
                Both(
                    "Remove one first, or raise LOOKOUT_SESSION__LANES where the machine has more than two cores.",
                    "请先移除一个；如果机器不止两个核，也可以调高 LOOKOUT_SESSION__LANES。",
                ),
            )
        if not self:
            session.faults.keep_running("areas", self.areas.follow)
        masking = Masking(source.lane, partial(self.areas.of, source.lane), session.publish, session.now)
        lane = self[source.lane] = Lane(source, session.services.make_seer, session, masking)
        lane.paused = lane.name in self.pauses.lanes  # before a picture of it is seen
        self._taken_up(lane)
        session.scope.spawn(f"lane {lane.name}", lane.run())
        return lane

    def _taken_up(self, lane: Lane) -> None:
        """Watches for a source of this name waited for it, however it was written."""
        for watch in self._session.watches:
            if (watch.source or "").casefold() != lane.name.casefold():
                continue
            if watch.source != lane.name:
                self._session.watch_changed("changed", self._session.watches.edit(watch.id, source=lane.name))
            lane.armed(watch.id)

    def pause(self, name: str, paused: bool) -> None:
        """Pause a lane that is there, or go on with it, also after a restart."""
        self[name].set_paused(paused)
        if self.pauses.lane(name, paused):
            self._session.scope.spawn("saving pauses", self.pauses.save())

    def remove(self, name: str) -> None:
        """End a lane; an unknown name is no fault (its source may have ended by itself)."""
        self.typed.pop(name, None)
        if self.pauses.lane(name, False):  # who adds it again wants to see it
            self._session.scope.spawn("saving pauses", self.pauses.save())
        if lane := self.pop(name, None):
            self._session.scope.cancel(f"lane {name}")
            self._session.scope.spawn(f"closing {name}", self._close(lane))
            troubles = [f"{part} {name}" for part in PARTS]
            for where in [where for where in self._session.problems if where in troubles]:
                self._session.publish(Recovered(t=self._session.now(), where=where))  # they go with it

    async def _close(self, lane: Lane) -> None:
        """What it was still to say is said without it."""
        await lane.aclose()
        for text in lane.results:
            self._session.work.tell(text, self.main())

    def armed(self, watch: Watch) -> None:
        """The lanes that it is about look at once."""
        for lane in self.values():
            if watch.source in (None, lane.name):
                lane.armed(watch.id)

    @property
    def several(self) -> bool:
        """Whether "here" may be more than one place."""
        return len(self.here) > 1

    @property
    def here(self) -> list[str]:
        """Names of those that have not ended."""
        return [lane.name for lane in self.values() if not lane.ended.is_set()]

    def looking(self) -> list[Lane]:
        """Those that have pictures now."""
        return [lane for lane in self.values() if lane.state == "watching" and not lane.paused]

    def main(self) -> Lane | None:
        """The lane that questions go to: the first that delivers pictures, else the first."""
        lanes = list(self.values())
        return next((lane for lane in lanes if lane.state == "watching"), lanes[0] if lanes else None)

    @property
    def zones(self) -> tuple[str, ...]:
        """Names of places on the pictures of all lanes that this person ever drew on."""
        return tuple(dict.fromkeys(zone.name for zone in self.areas.zones()))

    def drawn(self) -> dict[str, Any]:
        """What is drawn on each lane, present or not, as JSON; None: that is not known, and it is not watched."""
        found = {name: self.areas.of(name) for name in sorted({*self, *self.areas.lanes})}
        return {name: areas and cleaned(areas.to_json()) for name, areas in found.items()}

    def draw(self, lane: str, areas: LaneAreas) -> None:
        """Zones and masks of a lane from now on, present or not. Raises `CommandRefused` for a zone taken away where a
        watch waits, and `ValueError` for one lane too many."""
        before = self.areas.of(lane) or NOTHING
        for zone in before.zones:
            waits = [watch for watch in self._session.watches if zone.name in watch.zones]
            elsewhere = [other for other in self.areas.zones() if other.name == zone.name and other is not zone]
            if waits and not elsewhere and not named(zone.name, areas.zones):
                wording = waits[0].wording
                raise CommandRefused(
                    Both(f"A watch waits at {zone.name!r}: {wording}.", f"区域“{zone.name}”还有留意事项：{wording}。"),
                    Both("Cancel the watch first, or keep the zone.", "请先取消这项留意，或保留这个区域。"),
                )
        self.areas.set(lane, areas)
        self._session.scope.spawn("saving areas", self.areas.save())

    def _areas_changed(self, name: str, before: LaneAreas | None, now: LaneAreas) -> None:
        """Nothing that shows what is masked now is kept."""
        session, hides = self._session, before is None or now.hides_more_than(before)
        if hides and name in self:
            self[name].remask()
        session.publish(AreasChanged(t=session.now(), lane=name, hides_more=hides, **now.to_json()))

    def picture(self, lane: str, t: float | None = None) -> bytes | None:
        """JPEG of a lane within the last two minutes, nearest to session second `t`."""
        found = self[lane].album.at(t) if lane in self else None
        return found.jpeg if found else None
