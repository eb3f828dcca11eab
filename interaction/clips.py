"""The seconds before and after a fired watch, kept as a short film. Runs beside a session.

While a watch that sees stands, a lane's newest frame is kept as a JPEG a few times a second, in the lane's album. The
frame is the one that everybody else is given, so what a privacy mask covers is covered here. When a watch fires, the
pictures around that moment become a film on disk; firings of the same lane within it share it. No sound is taken.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import config
from interaction.clip_shelf import Shelf
from interaction.clip_writing import ClipWriter, Recording
from interaction.events import Decision, Event, Seen, UtteranceEnded, UtteranceStarted, WatchChanged
from interaction.moments import moment_of
from interaction.seeing.base import jpeg

if TYPE_CHECKING:
    from interaction.lane import Lane
    from interaction.session import Session
    from interaction.watches import Watch

TRIM_S = 3600.0  # how often clips that grew too old are looked for while nothing happens
TOLD_S = 60.0  # an alert that is said later than this is not told of the clip any more
SEEN = 200  # sights that a clip may still be tied to: of the last seconds, in the busiest scene
RECENT = 50  # watches whose last clip is known: as many as may stand
COMMENTARY = "commentary"


class Lagged(Exception):
    """More happened than was looked at."""


def make_clips(settings: config.Settings, folder: Path) -> Clips | None:
    """Clips of one session, below the person's folder; None where the settings want none, or no memory."""
    return Clips(folder, settings.clips) if settings.clips.enabled and settings.memory.enabled else None


def waits_for_a_sight(watch: Watch) -> bool:
    """Whether a watch has clips: no timer has, and no running commentary."""
    return watch.schedule is None and (watch.ask is None or watch.ask.kind != COMMENTARY)


class Clips:
    """Of one session; `run` is given to it as what runs beside."""

    def __init__(self, folder: Path, bounds: config.Clips) -> None:
        self._bounds = bounds
        self._writer = ClipWriter(folder / "clips", bounds)
        self._open: dict[str, Recording] = {}  # by lane
        self._last: dict[str, Recording] = {}  # by watch
        self._telling: dict[int, Recording] = {}  # by utterance
        self._seen: deque[tuple[float, str, str]] = deque(maxlen=SEEN)  # when, where, the moment's id
        self._spoke: Decision | None = None

    @property
    def shelf(self) -> Shelf:
        """What is kept of this person."""
        return self._writer.shelf

    async def run(self, session: Session) -> None:
        """Keep the newest pictures, and make films of what fired, until the session ends."""
        subscription = session.subscribe()
        self._writer.open(session)
        try:
            await self._writer.tidy(all=session.services.keeps_watches)
            trim_at = session.now() + TRIM_S
            while not subscription.closed:
                for seq, event in subscription.events.drain():
                    self._note(session, seq, event)
                await self._take_pictures(session)
                self._finish(session)
                if session.now() >= trim_at:
                    trim_at += TRIM_S
                    await self._writer.tidy(all=False)
                await asyncio.sleep(1 / self._bounds.fps)
            if subscription.lagged:
                raise Lagged("the machine is too busy; some clips are missing")
        finally:
            subscription.close()
            for recording in self._open.values():  # kept as far as it goes
                self._writer.write(recording)
            self._open.clear()
            await self._writer.aclose()

    async def forget(self, moments: Sequence[str] | None = None) -> None:
        """Delete the clips of these moments, or all, and what is being recorded of them. Raises OSError."""
        for lane, recording in list(self._open.items()):
            if moments is None or set(moments) & set(recording.moments):
                recording.forgotten = True
                del self._open[lane]
        if moments is None:
            self._seen.clear()
        await self._writer.forget(moments)

    # What happened.

    def _note(self, session: Session, seq: int, event: Event) -> None:
        match event:
            case Seen() if moment := self._moment(session, seq, event):
                self._seen.append((event.t, event.lane, moment))
                if recording := self._open.get(event.lane):
                    recording.moments.append(moment)
            case Decision(watch=str()):
                self._spoke = event if event.action != "silence" else None
            case WatchChanged(change="fired", watch=watch):
                spoke, self._spoke = self._spoke, None
                commentary = (watch["ask"] or {}).get("kind") == COMMENTARY
                if spoke and spoke.lane and spoke.watch == watch["id"] and not commentary:
                    self._fire(session, event.t, spoke.lane, watch)
            case UtteranceStarted(kind="alert", watch=str(id)):
                told_of = self._last.get(id)
                if told_of and event.t - told_of.until < TOLD_S:
                    self._telling[event.utterance] = told_of
            case UtteranceEnded():
                told_of = self._telling.pop(event.utterance, None)
                if told_of and (moment := self._moment(session, seq, event)):
                    self._writer.told(told_of, moment)

    def _moment(self, session: Session, seq: int, event: Event) -> str:
        """The id of what memory keeps of an event, or ""."""
        moment = moment_of(event, seq, session.id, session.clock.wall(event.t), session.language)
        return moment.id if moment and session.memory else ""

    def _fire(self, session: Session, t: float, name: str, watch: dict[str, Any]) -> None:
        bounds, recording, id = self._bounds, self._open.get(name), watch["id"]
        if recording is None:
            lane = session.lanes.get(name)
            if lane is None:
                return
            start = t - bounds.before_s
            pictures = [picture for picture in lane.album.recent if picture.t >= start]
            recording = self._open[name] = Recording(
                name, str(watch["wording"]), start, t, t + bounds.after_s, lane.album.cleared, pictures
            )
            recording.moments += [moment for at, where, moment in self._seen if where == name and at >= start]
        recording.until = max(recording.until, min(t + bounds.after_s, recording.start + bounds.longest_s))
        if id not in recording.watches:
            recording.watches.append(id)
        self._last.pop(id, None)
        self._last[id] = recording
        if len(self._last) > RECENT:
            self._last.pop(next(iter(self._last)))

    # Pictures.

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
            if lane.album.cleared == cleared:  # not what was forgotten meanwhile
                lane.album.keep_recent(frame.t, picture, since=frame.t - self._bounds.before_s)
                if recording := self._open.get(lane.name):
                    recording.pictures.append(lane.album.recent[-1])

    def _drop_cleared(self, session: Session) -> None:
        """What a lane's album may not show any more (a mask was drawn) is not shown by a clip either; the album of a
        lane that is being removed is emptied too, but its clip stays."""
        for name, recording in self._open.items():
            lane = session.lanes.get(name)
            if lane and not session.finished and lane.album.cleared != recording.cleared:
                recording.pictures.clear()
                recording.cleared = lane.album.cleared

    def _encoded(self, images: Sequence[Any]) -> list[bytes]:
        return [jpeg(image, self._bounds.side, self._bounds.quality) for image in images]

    def _finish(self, session: Session) -> None:
        """Make films of what has its last seconds, or whose lane is gone."""
        self._drop_cleared(session)
        for name, recording in list(self._open.items()):
            lane = session.lanes.get(name)
            if lane is None or lane.ended.is_set() or session.now() >= recording.until:
                del self._open[name]
                self._writer.write(recording)
