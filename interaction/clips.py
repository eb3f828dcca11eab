"""The seconds before and after a fired watch, kept as a short film. Runs beside a session.

While a watch that sees stands, a lane's newest frame is kept as a JPEG a few times a second, in the lane's album. The
frame is the one that everybody else is given, so what a privacy mask covers is covered here. When a watch fires, the
pictures around that moment become a film on disk; firings of the same lane within it share it. No sound is taken.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import config
from interaction.clip_shelf import Clip, Shelf, name_of
from interaction.events import (
    ClipKept,
    Decision,
    Event,
    Problem,
    Recovered,
    Seen,
    UtteranceEnded,
    UtteranceStarted,
    WatchChanged,
)
from interaction.film import film
from interaction.moments import moment_of
from interaction.seeing.base import jpeg
from interaction.streams import TaskScope
from interaction.worker import Worker

if TYPE_CHECKING:
    from interaction.album import Picture
    from interaction.lane import Lane
    from interaction.session import Session
    from interaction.watches import Watch

log = logging.getLogger(__name__)

WHERE = "clips"
TRIM_S = 3600.0  # how often clips that grew too old are looked for while nothing happens
TOLD_S = 60.0  # an alert that is said later than this is not told of the clip any more
END_S = 5.0  # at the end of a session: for films that are being written
SEEN = 200  # sights that a clip may still be tied to: of the last seconds, in the busiest scene
COMMENTARY = "commentary"
RECENT = 50  # watches whose last clip is known: as many as may stand


class Lagged(Exception):
    """More happened than was looked at."""


@dataclass(eq=False)
class Recording:
    """A clip that is being made. Times are session seconds; `watches`: the ids that fired in it, in order."""

    lane: Lane
    wording: str
    start: float
    fired: float
    until: float
    watches: list[str]
    moments: list[str] = field(default_factory=list)
    name: str = ""  # once it is kept
    forgotten: bool = False


def waits_for_a_sight(watch: Watch) -> bool:
    """Whether a watch has clips: no timer has, and no running commentary."""
    return watch.schedule is None and (watch.ask is None or watch.ask.kind != COMMENTARY)


class Clips:
    """Of one session. `shelf`: what is kept of this person."""

    def __init__(self, folder: Path, bounds: config.Clips) -> None:
        self.shelf = Shelf(folder / "clips", bounds)
        self._bounds = bounds
        self._worker = Worker("clips")
        self._recordings: list[Recording] = []  # open, or being written
        self._open: dict[str, Recording] = {}  # by lane
        self._last: dict[str, Recording] = {}  # by watch
        self._telling: dict[int, Recording] = {}  # by utterance
        self._seen: deque[tuple[float, str, str]] = deque(maxlen=SEEN)  # when, where, the moment's id
        self._spoke: Decision | None = None
        self._failed = False
        self._scope: TaskScope  # of `run`

    async def run(self, session: Session) -> None:
        """Keep the newest pictures, and make films of what fired, until the session ends."""
        subscription = session.subscribe()
        self._scope = TaskScope(session.faults.broke)
        try:
            await self._tidy(session, trim_only=not session.services.keeps_watches)
            trim_at = session.now() + TRIM_S
            while not subscription.closed:
                for seq, event in subscription.events.drain():
                    self._note(session, seq, event)
                await self._take_pictures(session)
                self._finish(session)
                if session.now() >= trim_at:
                    trim_at += TRIM_S
                    await self._tidy(session, trim_only=True)
                await asyncio.sleep(1 / self._bounds.fps)
            if subscription.lagged:
                raise Lagged("a busy machine: some clips are missing")
        finally:
            subscription.close()
            await self._end(session)

    async def forget(self, moments: Sequence[str] | None = None) -> None:
        """Delete the clips of these moments, or all, and what is being recorded of them. Raises OSError."""
        for recording in self._recordings:
            recording.forgotten |= moments is None or bool(set(moments) & set(recording.moments))
        self._open = {lane: recording for lane, recording in self._open.items() if not recording.forgotten}
        if moments is None:
            self._seen.clear()
        await self._worker.run(self.shelf.forget, moments)  # after what is being written just now

    # What happened.

    def _note(self, session: Session, seq: int, event: Event) -> None:
        match event:
            case Seen() if moment := self._moment(session, seq, event):
                self._seen.append((event.t, event.lane, moment))
                if recording := self._open.get(event.lane):
                    recording.moments.append(moment)
            case Decision(watch=str()):
                self._spoke = event if event.action != "silence" else None
            case WatchChanged(change="fired"):
                spoke, self._spoke = self._spoke, None
                watch = event.watch
                commentary = (watch["ask"] or {}).get("kind") == COMMENTARY
                if spoke and spoke.lane and spoke.watch == watch["id"] and not commentary:
                    self._fire(session, event.t, spoke.lane, watch)
            case UtteranceStarted(kind="alert", watch=str(watch)):
                recording = self._last.get(watch)
                if recording and event.t - recording.until < TOLD_S:
                    self._telling[event.utterance] = recording
            case UtteranceEnded():
                if recording := self._telling.pop(event.utterance, None):
                    self._told(session, recording, self._moment(session, seq, event))

    def _moment(self, session: Session, seq: int, event: Event) -> str:
        """The id of what memory keeps of an event, or ""."""
        moment = moment_of(event, seq, session.id, session.clock.wall(event.t), session.language)
        return moment.id if moment and session.memory else ""

    def _fire(self, session: Session, t: float, name: str, watch: dict[str, Any]) -> None:
        bounds, recording = self._bounds, self._open.get(name)
        if recording is None:
            lane = session.lanes.get(name)
            if lane is None:
                return
            start = t - bounds.before_s
            recording = Recording(lane, str(watch["wording"]), start, t, t + bounds.after_s, [])
            recording.moments += [id for at, where, id in self._seen if where == name and at >= start]
            self._open[name] = recording
            self._recordings.append(recording)
        recording.until = max(recording.until, min(t + bounds.after_s, recording.start + bounds.longest_s))
        if watch["id"] not in recording.watches:
            recording.watches.append(watch["id"])
        self._last.pop(watch["id"], None)
        self._last[watch["id"]] = recording
        while len(self._last) > RECENT:
            self._last.pop(next(iter(self._last)))

    def _told(self, session: Session, recording: Recording, moment: str) -> None:
        """The alert was said: what memory keeps of it belongs to the clip."""
        if not moment or recording.forgotten:
            return
        recording.moments.append(moment)
        if recording.name:
            self._scope.spawn(f"telling of {moment}", self._add(recording.name, moment))

    async def _add(self, name: str, moment: str) -> None:
        await self._worker.run(self.shelf.add, name, [moment])

    # Pictures and films.

    def _looks(self, session: Session, lane: Lane) -> bool:
        if session.paused or lane.paused:
            return False
        return lane.name in self._open or any(map(waits_for_a_sight, session.standing(lane.name)))

    async def _take_pictures(self, session: Session) -> None:
        """One of each lane that shows something new."""
        taken = []
        for lane in session.lanes.values():
            if self._looks(session, lane):
                frame = lane.latest.peek()
                if frame and (not lane.album.recent or frame.t > lane.album.recent[-1].t):
                    taken.append((lane, frame, lane.album.cleared))
            elif lane.name not in self._open:
                lane.album.recent.clear()
        if not taken:
            return
        pictures = await asyncio.to_thread(self._encoded, [frame.image for _, frame, _ in taken])
        for (lane, frame, cleared), picture in zip(taken, pictures, strict=True):
            recording = self._open.get(lane.name)
            since = min(frame.t - self._bounds.before_s, recording.start if recording else frame.t)
            if lane.album.cleared == cleared:  # not what was forgotten meanwhile
                lane.album.keep_recent(frame.t, picture, since)

    def _encoded(self, images: Sequence[Any]) -> list[bytes]:
        return [jpeg(image, self._bounds.side, self._bounds.quality) for image in images]

    def _finish(self, session: Session) -> None:
        """Make films of what has its last seconds, or whose lane is gone."""
        for name, recording in list(self._open.items()):
            gone = session.lanes.get(name) is not recording.lane or recording.lane.ended.is_set()
            if gone or session.now() >= recording.until:
                self._develop(session, recording)

    def _develop(self, session: Session, recording: Recording) -> None:
        self._open = {name: other for name, other in self._open.items() if other is not recording}
        start, end = recording.start, min(recording.until, session.now())
        pictures = [picture for picture in recording.lane.album.recent if start <= picture.t <= end]
        if pictures:
            self._scope.spawn(f"clip {id(recording)}", self._keep(session, recording, pictures, end))
        else:  # a source that showed nothing, or all of it was forgotten
            self._recordings.remove(recording)

    async def _keep(self, session: Session, recording: Recording, pictures: Sequence[Picture], end: float) -> None:
        at, lane = session.clock.wall(recording.fired), recording.lane.name
        clip = Clip(
            name_of(at, lane),
            at.isoformat(),
            lane,
            recording.wording,
            round(end - pictures[0].t, 1),
            tuple(dict.fromkeys(recording.moments)),
        )
        try:
            if await self._worker.run(self._write, recording, clip, pictures, end, session.wall()):
                recording.name = clip.name
                self._was_kept(session, recording, clip, pictures[0].t)
                if missing := set(recording.moments) - set(clip.moments):
                    await self._worker.run(self.shelf.add, clip.name, sorted(missing))
        except OSError as error:
            self._report(session, error)
        finally:
            self._recordings.remove(recording)

    def _write(self, recording: Recording, clip: Clip, pictures: Sequence[Picture], end: float, now: Any) -> bool:
        """In the worker. False: it is not wanted any more."""
        if recording.forgotten:
            return False
        self.shelf.keep(clip, film(pictures, end, self._bounds.fps), now)
        return not recording.forgotten

    def _was_kept(self, session: Session, recording: Recording, clip: Clip, start: float) -> None:
        if self._failed:
            self._failed = False
            session.publish(Recovered(t=session.now(), where=WHERE, message="Clips are kept again."))
        for watch in recording.watches:
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

    async def _tidy(self, session: Session, trim_only: bool) -> None:
        try:
            await self._worker.run(self.shelf.trim if trim_only else self.shelf.tidy, session.wall())
        except OSError as error:
            self._report(session, error)

    def _report(self, session: Session, error: OSError) -> None:
        log.warning("clips: %s", error)
        if not self._failed:
            self._failed = True
            session.publish(
                Problem(
                    t=session.now(),
                    where=WHERE,
                    message=f"A clip cannot be written: {error.strerror or error}",
                    kept="Watching and telling go on; what fires is not kept as a film.",
                    advice="Free some space, or set LOOKOUT_DATA_DIR; LOOKOUT_CLIPS__ENABLED=false ends it.",
                )
            )

    async def _end(self, session: Session) -> None:
        """What was being recorded is kept as far as it goes."""
        for recording in list(self._open.values()):
            self._develop(session, recording)
        try:
            async with asyncio.timeout(END_S):
                for name in self._scope.names:
                    await self._scope.ended(name)
        except TimeoutError:
            log.warning("a clip was not written in time")
        await self._scope.aclose()
        if session.finished:
            self._worker.close()
