"""What a configured source says of zones and masks, put to what people have drawn on its picture: neither takes the
other's away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config import Camera
from interaction.both import Both, why
from interaction.services import CommandRefused
from interaction.zones import NOTHING, LaneAreas, named, read

if TYPE_CHECKING:
    from interaction.session import Session

UNREAD = Both(
    "What was drawn on it by hand could not be read; only what is written for it holds.",
    "手工画在它上面的内容读不出来，现在只有写好的区域和遮挡有效。",
)


def merged(drawn: LaneAreas, written: LaneAreas, before: LaneAreas) -> LaneAreas:
    """`written` first, then what else is drawn, but for what `before` had written and nobody wrote again. A zone that
    has the name of a written one gives way to it. Pure."""
    zones = [zone for zone in drawn.zones if zone not in before.zones and not named(zone.name, written.zones)]
    masks = [mask for mask in drawn.masks if mask not in before.masks and mask not in written.masks]
    return LaneAreas((*written.zones, *zones), (*written.masks, *masks))


def draw(session: Session, camera: Camera, before: LaneAreas = NOTHING) -> Both | None:
    """Draw what is written for a source; why not all of it (a zone that went stays where a watch waits), or None.

    `before`: what was written for it earlier. Raises `CommandRefused` if it cannot be drawn: it must not be seen then.
    """
    written = read(camera.zones, camera.masks, session.settings.areas)
    drawn, told = session.lanes.areas.of(camera.name), None
    if drawn is None:
        if not written.masks:
            return None  # nobody said what is to be hidden, and it stays unseen
        drawn, told = NOTHING, UNREAD
    wanted = merged(drawn, written, before)
    if wanted == drawn and told is None:
        return None
    try:
        _command(session, camera.name, wanted)
    except CommandRefused as error:
        stay = tuple(zone for zone in drawn.zones if zone in before.zones and not named(zone.name, wanted.zones))
        if not stay:
            raise
        _command(session, camera.name, LaneAreas((*wanted.zones, *stay), wanted.masks))
        return why(error)
    return told


def _command(session: Session, lane: str, areas: LaneAreas) -> None:
    session.command("areas", lane=lane, **areas.to_json())
