"""From a recording's pictures to a clip on the shelf: in a thread of its own, told of when it is there."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import config
from interaction.both import Both
from interaction.clip_shelf import Clip, Shelf, name_of
from interaction.events import ClipKept, Problem, Recovered
from interaction.film import film
from interaction.streams import TaskScope
from interaction.worker import Worker

if TYPE_CHECKING:
    from interaction.album import Picture
    from interaction.session import Session

log = logging.getLogger(__name__)

WHERE = "clips"
END_S = 5.0  # at the end of a session: for films that are being written


@dataclass(eq=False)
class Recording:
    """A clip that is being made. Times are session seconds; `watches`: the ids that fired in it, in order; `cleared`:
    that count of the lane's album when its pictures were taken over."""

    lane: str
    wording: str
    start: float
    fired: float
    until: float
    cleared: int = 0
    pictures: list[Picture] = field(default_factory=list)
    watches: list[str] = field(default_factory=list)
    moments: list[str] = field(default_factory=list)
    name: str = ""  # once it is kept
    forgotten: bool = False


class ClipWriter:
    """Of one session. Films are made one after the other."""

    def __init__(self, folder: Path, bounds: config.Clips) -> None:
        self.shelf = Shelf(folder, bounds)
        self._bounds = bounds
        self._worker = Worker("clips")
        self._writing: list[Recording] = []
        self._failed = False
        self._scope: TaskScope  # while it is open
        self._session: Session

    def open(self, session: Session) -> None:
        self._session = session
        self._scope = TaskScope(session.faults.broke)

    async def aclose(self) -> None:
        """Finish what is being written, if that does not take long."""
        try:
            async with asyncio.timeout(END_S):
                for name in self._scope.names:
                    await self._scope.ended(name)
        except TimeoutError:
            log.warning("a clip was not written in time")
        await self._scope.aclose()
        if self._session.finished:
            self._worker.close()

    def write(self, recording: Recording) -> None:
        """Make a film of it, in the background."""
        end = min(recording.until, self._session.now())
        pictures = [picture for picture in recording.pictures if picture.t <= end]
        recording.pictures = []  # megabytes; what is told of it later needs none
        if pictures:  # none: the source stood still, or all of it was forgotten
            self._writing.append(recording)
            self._scope.spawn(f"clip {id(recording)}", self._write(recording, pictures, end))

    def told(self, recording: Recording, moment: str) -> None:
        """Memory keeps what was said of it: that belongs to the clip."""
        if not recording.forgotten:
            recording.moments.append(moment)
            if recording.name:
                self._scope.spawn(f"telling of {moment}", self._add(recording))

    async def forget(self, moments: Sequence[str] | None) -> None:
        """Delete the clips of these moments, or all. Raises OSError."""
        for recording in self._writing:
            recording.forgotten |= moments is None or bool(set(moments) & set(recording.moments))
        await self._worker.run(self.shelf.forget, moments)  # after what is being written just now

    async def tidy(self, all: bool) -> None:
        """Remove what is too old; `all`: also what a killed program left."""
        try:
            await self._worker.run(self.shelf.tidy if all else self.shelf.trim, self._session.wall())
        except OSError as error:
            self._report(error)

    async def _write(self, recording: Recording, pictures: Sequence[Picture], end: float) -> None:
        session, lane = self._session, recording.lane
        at, start = session.clock.wall(recording.fired), pictures[0].t
        moments = tuple(dict.fromkeys(recording.moments))
        clip = Clip(name_of(at, lane), at.isoformat(), lane, recording.wording, round(end - start, 1), moments)
        try:
            if await self._worker.run(self._developed, recording, clip, pictures, end, session.wall()):
                recording.name = clip.name
                self._was_kept(recording, clip, start)
                if set(recording.moments) - set(moments):
                    await self._add(recording)
        except OSError as error:
            self._report(error)
        finally:
            self._writing.remove(recording)

    def _developed(
        self, recording: Recording, clip: Clip, pictures: Sequence[Picture], end: float, now: datetime
    ) -> bool:
        """In the worker. False: it is not wanted any more."""
        if not recording.forgotten:
            self.shelf.keep(clip, film(pictures, end, self._bounds.fps), now)
        return not recording.forgotten

    async def _add(self, recording: Recording) -> None:
        await self._worker.run(self.shelf.add, recording.name, list(recording.moments))

    def _was_kept(self, recording: Recording, clip: Clip, start: float) -> None:
        session = self._session
        if self._failed:
            self._failed = False
            session.publish(Recovered(t=session.now(), where=WHERE, message="Clips are kept again."))
        for watch in recording.watches:
            if session.watches.clipped(watch, clip.name):
                session.keeper.save_watches(session.watches.snapshot())
            session.publish(
                ClipKept(
                    t=session.now(),
                    lane=clip.lane,
                    watch=watch,
                    clip=clip.name,
                    moment=next(iter(clip.moments), ""),
                    wording=clip.wording,
                    start=round(start, 3),
                    seconds=clip.seconds,
                )
            )

    def _report(self, error: OSError) -> None:
        log.warning("clips: %s", error)
        if not self._failed:
            self._failed, reason = True, error.strerror or error
            self._session.publish(
                Problem(
                    t=self._session.now(),
                    where=WHERE,
                    message=Both(f"A clip cannot be written: {reason}", f"录像写不进磁盘：{reason}"),
                    kept=Both(
                        "Watching and telling go on; what fires is not kept as a film.",
                        "留意和提醒照常，只是触发时不会留下录像。",
                    ),
                    advice=Both(
                        "Free some space, or set LOOKOUT_DATA_DIR; LOOKOUT_CLIPS__ENABLED=false ends it.",
                        "请腾出一些空间，或设置 LOOKOUT_DATA_DIR；LOOKOUT_CLIPS__ENABLED=false 可关闭录像。",
                    ),
                )
            )
