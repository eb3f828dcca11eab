"""Who may come in, and whose session is whose.

A session belongs to a person, not to a tab: a page that reloads finds its session again by its id, and a session
without a page lives on while a network source or a watch needs it. A place, of which there are few, is held only by
sessions that work for someone now: with a page that shows signs of life, or with a network source. One session may
stay: it needs no page at all, and every page joins it (`serve --config`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from config import Settings
from interaction.clock import Clock
from interaction.events import Event
from interaction.sources.base import FrameSource
from interaction.speaking.base import AudioSink
from interaction.streams import Channel, TaskScope
from interaction.unseen import needed, watches_a_source

log = logging.getLogger(__name__)

NO_PLACE = -1
SWEEP_S = 1.0  # how often what is over is cleared away; a lost page is noticed at most this much later

Message = dict[str, Any]
Tell = Callable[[Message], None]


class Subscription(Protocol):
    events: Channel[tuple[int, Event]]
    missed: list[tuple[int, Event]]
    gap: bool
    lagged: bool

    def close(self) -> None: ...


class Numbering(Protocol):
    seq: int  # number of the newest event


class MemoryView(Protocol):
    @property
    def pictures(self) -> Path: ...

    async def page(self, q: str, day: str | None, before: str | None) -> dict[str, Any]: ...


class Board(Protocol):
    def artefact(self, task: str, name: str) -> Path | None: ...


class Session(Protocol):
    """What the doors and the page need of `interaction.session.Session`."""

    id: str
    person: str
    clock: Clock
    finished: bool

    @property
    def subscribers(self) -> Numbering: ...

    @property
    def memory(self) -> MemoryView | None: ...

    @property
    def board(self) -> Board | None: ...

    def post(self, event: Event) -> None: ...

    def subscribe(self, since: int | None = None) -> Subscription: ...

    def snapshot(self) -> dict[str, Any]: ...

    def request(self, text: str) -> None: ...

    def command(self, name: str, /, **values: Any) -> None: ...

    def hear(self, pcm: NDArray[np.float32]) -> None: ...

    def add_lane(self, source: FrameSource) -> Any: ...

    def remove_lane(self, name: str) -> None: ...

    def attach_sink(self, sink: AudioSink) -> None: ...

    def detach_sink(self, sink: AudioSink) -> None: ...

    def picture(self, lane: str, t: float | None) -> bytes | None: ...

    async def forget(self, ids: list[str] | None = None) -> None: ...

    async def run(self) -> None: ...

    async def aclose(self) -> None: ...


@dataclass(eq=False)
class _Entry:
    session: Session
    person: str
    sign: float  # when a page of it last showed a sign of life
    pages: set[Tell] = field(default_factory=set)
    task: asyncio.Task[None] | None = None


class Sessions:
    """All sessions of this house. `sweep` must be called every `SWEEP_S` while the house is open.

    `make_session(id, person)` is called on the event loop and may raise; `now` is a steady clock in seconds.
    """

    def __init__(
        self,
        settings: Settings,
        make_session: Callable[[str, str], Session],
        now: Callable[[], float] | None = None,
    ) -> None:
        self.bounds = settings.web
        self._idle_s = settings.session.idle_s
        self._make = make_session
        self._now = now
        self._entries: dict[str, _Entry] = {}
        self._waiting: dict[str, float] = {}  # id → when it last asked, in order of arrival
        self._numbers = count()
        self._staying: tuple[str, str] | None = None  # id and person of the session that needs no page
        self._again = False  # … which ended by itself, and is to be opened again
        self._stopped = False  # … or by a page
        self._on_stop: Callable[[bool], None] = lambda stopped: None
        self._scope = TaskScope(self._broke)

    def now(self) -> float:
        if self._now is None:
            self._now = Clock().now
        return self._now()

    def stay(self, id: str, person: str, on_stop: Callable[[bool], None] = lambda stopped: None) -> None:
        """Open a session that goes on without any page, until the house closes or a page stops it (then `on_stop` is
        told True, and False when one began it again)."""
        self._staying, self._on_stop = (id, person), on_stop
        self._open(id, person, self.now())

    def join(self, id: str, person: str) -> Session | int:
        """The session of this id, made if need be; or, when the house is full, the place in the queue (1 is next).

        Ask again, at least every `heartbeat_s`, to keep the place. `NO_PLACE`: the queue is full too.
        """
        now = self.now()
        entry = self._living(id, person)
        if place := self.place(id, person):
            if place != NO_PLACE:
                self._waiting[id] = now
            return place
        self._waiting.pop(id, None)
        if entry is None:
            entry = self._open(id, person, now)
        entry.sign = now
        return entry.session

    def place(self, id: str, person: str) -> int:
        """The place in the queue that `join` would give now; 0: there is room, or a place is held already."""
        now = self.now()
        entry = self._living(id, person)
        return 0 if entry is not None and self._occupied(entry, now) else self._place(id, now)

    def get(self, id: str | None, person: str) -> Session | None:
        """The open session of this id, if it is this person's."""
        entry = self._living(id, person) if id else None
        return entry.session if entry else None

    def add_page(self, id: str, tell: Tell) -> None:
        """A page of the session is connected; `tell` sends it a message that is no event."""
        if entry := self._entries.get(id):
            entry.pages.add(tell)

    def remove_page(self, id: str, tell: Tell) -> None:
        if entry := self._entries.get(id):
            entry.pages.discard(tell)

    def pages(self, id: str) -> int:
        """How many pages of a session are connected."""
        entry = self._entries.get(id)
        return len(entry.pages) if entry else 0

    def tell(self, id: str, message: Message) -> None:
        """Send a message that is no event to all pages of a session."""
        if entry := self._entries.get(id):
            for tell in tuple(entry.pages):
                tell(message)

    def alive(self, id: str) -> None:
        """A page of the session showed a sign of life."""
        if entry := self._entries.get(id):
            entry.sign = self.now()

    @property
    def places(self) -> tuple[int, int]:
        """Places held, and places in all."""
        now = self.now()
        return sum(self._occupied(entry, now) for entry in self._entries.values()), self.bounds.sessions

    def sweep(self) -> None:
        """End sessions that nobody needs any more, and forget visitors who no longer wait."""
        now = self.now()
        for id, asked in list(self._waiting.items()):
            if now - asked > self.bounds.heartbeat_s:
                del self._waiting[id]
        if self._again and self._staying:
            self._again = False
            self._open(*self._staying, now)
        for id, entry in list(self._entries.items()):
            if self._stays(id):
                continue
            alone = now - entry.sign
            idle = alone > self._idle_s and not needed(entry.session)
            if entry.session.finished or idle or alone > self.bounds.keep_s:
                self.end(id)

    def end(self, id: str) -> None:
        """End a session; its pages are told by the end of their events."""
        if entry := self._entries.pop(id, None):
            if self._stays(id) and not self._again:
                self._stopped = True
                self._on_stop(True)
            self._scope.spawn(f"ending {next(self._numbers)}", self._end(entry))

    async def aclose(self) -> None:
        """End all sessions, and wait until they have ended."""
        entries, self._entries = self._entries, {}
        await asyncio.gather(*(self._end(entry) for entry in entries.values()), return_exceptions=True)
        await self._scope.aclose()

    def _living(self, id: str, person: str) -> _Entry | None:
        entry = self._entries.get(id)
        return entry if entry and entry.person == person and not entry.session.finished else None

    def _open(self, id: str, person: str, now: float) -> _Entry:
        self.end(id)
        if self._stays(id) and self._stopped:
            self._stopped = False
            self._on_stop(False)
        if len(self._entries) >= self.bounds.kept:
            self._make_room()
        entry = self._entries[id] = _Entry(self._make(id, person), person, now)
        entry.task = self._scope.spawn(f"session {next(self._numbers)}", self._run(id, entry))
        return entry

    def _make_room(self) -> None:
        """Whoever was away longest goes; of those, first one that nothing needs, and never the one that stays."""
        away = [id for id in self._entries if not self._stays(id)]
        if away:
            self.end(min(away, key=lambda id: (needed(self._entries[id].session), self._entries[id].sign)))

    async def _run(self, id: str, entry: _Entry) -> None:
        try:
            await entry.session.run()
        finally:
            if self._entries.get(id) is entry:
                self._again = self._stays(id)
                self.end(id)

    def _stays(self, id: str) -> bool:
        return self._staying is not None and id == self._staying[0]

    async def _end(self, entry: _Entry) -> None:
        await entry.session.aclose()
        if entry.task:
            entry.task.cancel()

    def _occupied(self, entry: _Entry, now: float) -> bool:
        if entry.session.finished:
            return False
        return now - entry.sign <= self.bounds.heartbeat_s or watches_a_source(entry.session)

    def _place(self, id: str, now: float) -> int:
        """0: come in. Otherwise the place in the queue, if there is room in it."""
        used = sum(self._occupied(entry, now) for other, entry in self._entries.items() if other != id)
        order = list(self._waiting) if id in self._waiting else [*self._waiting, id]
        free, place = self.bounds.sessions - used, order.index(id) + 1
        if place <= free:
            return 0
        return place if place <= self.bounds.queue or id in self._waiting else NO_PLACE

    def _broke(self, name: str, error: BaseException) -> None:
        log.error("%s failed", name.split(" ")[0], exc_info=error)
