"""The one door through which a lane's pictures come in: what is masked is grey from here on, for everybody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from interaction.both import Both
from interaction.events import Event, Recovered
from interaction.lane_troubles import masks_unknown
from interaction.sources.base import Frame
from interaction.zones import LaneAreas, painted

UNKNOWN = Both("its privacy masks could not be read", "读不出它的遮挡")


class Masking:
    """Of one lane. `areas` tells what is drawn on it at the moment; None: nobody knows, so nothing is shown."""

    def __init__(
        self,
        lane: str,
        areas: Callable[[], LaneAreas | None],
        publish: Callable[[Event], None],
        now: Callable[[], float],
    ) -> None:
        self._where = f"masks {lane}"
        self._areas = areas
        self._publish = publish
        self._now = now
        self._told = False

    @property
    def areas(self) -> LaneAreas | None:
        return self._areas()

    def shown(self, frame: Frame) -> Frame | None:
        """What may be seen of a picture; None: nothing. The source's own picture stays as it is."""
        areas = self._areas()
        if areas is None:
            self._tell()
            return None
        if self._told:
            self._told = False
            self._publish(Recovered(t=self._now(), where=self._where))
        return replace(frame, image=painted(frame.image, areas.masks)) if areas.masks else frame

    def _tell(self) -> None:
        if self._told:
            return
        self._told = True
        self._publish(masks_unknown(self._now(), self._where))
