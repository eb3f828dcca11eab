"""Configured sources of a session by name: added, removed, paused, listed. By voice, by the page, by a watch file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from config import Camera, Settings
from interaction.events import LaneChanged
from interaction.services import CommandRefused
from interaction.sources.base import FrameSource
from interaction.sources.opening import open_source

if TYPE_CHECKING:
    from interaction.session import Session


def open_camera(camera: Camera, settings: Settings) -> FrameSource:
    """Its source, tried for ever. Raises `SourceError` for what can be known without opening.

    Whoever writes the configuration has the machine, so files, devices and private addresses may stand there.
    """
    source = open_source(
        camera.url.get_secret_value(),
        camera.name,
        allow_files=True,
        allow_private=True,
        fps=settings.seeing.busy_fps,  # nothing looks at more
        limits=settings.sources,
    )
    source.patient = True
    return source


def add(session: Session, camera: Camera, source: FrameSource | None = None) -> None:
    """Watch it, its masks before anything is seen. Raises `CommandRefused` or `SourceError`."""
    session.add_lane(source or open_camera(camera, session.settings))
    if not (camera.zones or camera.masks):
        return
    try:
        session.command("areas", lane=camera.name, zones=list(camera.zones), masks=list(camera.masks))
    except CommandRefused:
        session.remove_lane(camera.name)  # what is to be masked must not be seen without its masks
        session.publish(LaneChanged(t=session.now(), lane=camera.name, state="ended"))
        raise


def configured(session: Session) -> list[str]:
    return [camera.name for camera in session.settings.cameras]


def named(name: str, names: Sequence[str]) -> str | None:
    """Which of the names is meant: "the Front-Door" is "front door"."""
    wanted = _plain(name)
    return next((one for one in names if _plain(one) == wanted), None)


def add_named(session: Session, name: str) -> str:
    """Watch a configured source; its name as it is written. Raises `CommandRefused` or `SourceError`."""
    found = named(name, configured(session))
    if found is None:
        known = ", ".join(configured(session))
        advice = f"There are: {known}." if known else "None is configured (LOOKOUT_CAMERAS, serve --config)."
        raise CommandRefused(f"No source named {name!r} is configured.", advice)
    add(session, next(camera for camera in session.settings.cameras if camera.name == found))
    return found


def remove(session: Session, name: str) -> None:
    """End a lane, and let every page know."""
    session.remove_lane(name)
    session.publish(LaneChanged(t=session.now(), lane=name, state="ended"))


def _plain(name: str) -> str:
    return " ".join(name.casefold().replace("-", " ").replace("_", " ").split())
