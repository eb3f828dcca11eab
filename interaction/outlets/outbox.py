"""The outbox of one person: what is told lies on disk until every outlet has it, or until it is old news.

One for all sessions of a person. An alert is written before it is sent; each outlet takes one after the other, urgent
ones first, and tries again after 1, 2, 4 … 300 s. Whoever asks (a tick, a session) never waits for any of it.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from config import Settings
from interaction.clock import Clock
from interaction.events import AlertDelivered, Event
from interaction.outlets import wording
from interaction.outlets.alert import Alert
from interaction.outlets.base import NotDelivered, Sender, pause_s
from interaction.outlets.post import Post, Try
from interaction.outlets.shelf import Shelf, Waiting
from interaction.outlets.troubles import Troubles
from interaction.streams import Channel, TaskScope

log = logging.getLogger(__name__)

ARRIVING = 100  # alerts that wait to be written; a disk that is slower than that is broken
WHERE = "outlets"

Status = Literal["delivered", "waiting", "failed"]


class Outbox:
    """`tell`: of deliveries and troubles, at second 0. `luck`: 0…1, for the pauses."""

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        senders: Mapping[str, Sender],
        tell: Callable[[Event], None],
        clock: Clock,
        luck: Callable[[], float] = random.random,
    ) -> None:
        self.troubles = Troubles(tell)
        self.posts = {outlet.name: Post(outlet, senders[outlet.name]) for outlet in settings.outlets}
        self._bounds = settings.alerts
        self._shelf = Shelf(folder)
        self._tell_all = tell
        self._clock = clock
        self._luck = luck
        self._all: dict[str, Waiting] = {}  # by id, oldest first
        self._known: dict[str, Waiting] = {}  # also those that are still being written; from `put` on
        self._masked: set[str] = set()  # lanes where a mask was drawn before what an earlier run left was read
        self._arriving: Channel[tuple[Waiting, bytes | None]] = Channel(ARRIVING)
        self._scope = TaskScope(self._broke)
        self._disk = asyncio.Lock()  # two outlets may be done with one alert at once
        self._loaded = asyncio.Event()
        self._closed = self._writing = False
        self._changed: list[Waiting] = []  # to be written down
        self._hidden: list[str] = []  # alerts whose pictures are to go from the disk
        if self.posts:
            self._scope.spawn("loading", self._load())
        else:
            self._loaded.set()

    @property
    def idle(self) -> bool:
        """Nothing waits, and nothing is under way."""
        return self._loaded.is_set() and not self._all and not len(self._arriving) and not self._scope.names

    async def loaded(self) -> None:
        await self._loaded.wait()

    def put(self, alert: Alert, picture: bytes | None, only: str = "") -> None:
        """Have it sent to everyone whom it concerns (`only`: to that outlet). Returns at once."""
        names = {only} if only else {name for name, post in self.posts.items() if post.concerns(alert)}
        if not names or self._closed:
            return
        kept = picture if any(self.posts[name].outlet.picture for name in names) else None
        waiting = Waiting(alert, names, len(kept or b""))
        if self._arriving.send((waiting, kept)):
            self._known[alert.id] = waiting
        else:
            self.troubles.begin(WHERE, wording.TOO_FAST)
        if not self._writing:
            self._writing = True
            self._scope.spawn("writing", self._write())

    def snapshot(self) -> list[dict[str, Any]]:
        """What the page shows of each outlet; never its address."""
        return [post.snapshot() for post in self.posts.values()]

    async def forget(self) -> None:
        """Send nothing of what waits."""
        await self._loaded.wait()
        self._arriving.drain()
        for waiting in tuple(self._known.values()):
            for name in tuple(waiting.outlets):
                self._drop(self.posts[name], waiting)
        await self._write_down()

    def hide(self, lane: str) -> None:
        """A mask was drawn there: no picture of before is sent, whoever still waits for the words."""
        if not self._loaded.is_set():
            self._masked.add(lane)
        for waiting in self._known.values():
            if waiting.alert.lane == lane and waiting.size:
                waiting.size, waiting.picture, waiting.masked = 0, None, True
                self._hidden.append(waiting.alert.id)
        if self._hidden and not self._closed:
            self._scope.spawn("hiding", self._drop_hidden())

    async def _drop_hidden(self) -> None:
        try:
            async with self._disk:
                await asyncio.to_thread(self._shelf.drop_pictures, ids := tuple(self._hidden))
            del self._hidden[: len(ids)]
        except OSError as error:
            self.troubles.of_disk(error)

    async def aclose(self) -> None:
        """Stop sending. What waits is on disk, and is sent by whoever opens this outbox next."""
        self._closed = True
        if self._loaded.is_set():
            await self._scope.ended("writing")  # a thread that writes cannot be cancelled
        await self._scope.aclose()
        for waiting, picture in self._arriving.drain():
            await self._keep(waiting, picture)
        if self._hidden:
            await self._drop_hidden()
        await self._write_down()

    async def _load(self) -> None:
        try:
            left = await asyncio.to_thread(self._shelf.load, self.posts, self._bounds.kept)
        except OSError as error:
            self.troubles.of_disk(error)
            left = []
        for waiting in left:
            age = (self._clock.wall() - waiting.alert.at).total_seconds()
            self._known[waiting.alert.id] = waiting
            self._enter(waiting, self._clock.now() - max(0.0, age))
        self._loaded.set()
        for lane in self._masked:
            self.hide(lane)

    async def _write(self) -> None:
        try:
            await self._loaded.wait()
            while len(self._arriving) and not self._closed:
                waiting, picture = await self._arriving.receive()
                await self._keep(waiting, picture)
                if waiting.outlets:  # else it was to be forgotten meanwhile
                    self._enter(waiting, self._clock.now())
                await self._make_room()
        finally:
            self._writing = False

    async def _keep(self, waiting: Waiting, picture: bytes | None) -> None:
        """On disk before anything is sent; if that fails it is sent all the same."""
        try:
            async with self._disk:
                await asyncio.to_thread(self._shelf.keep, waiting, None if waiting.masked else picture)
        except OSError as error:
            waiting.picture = None if waiting.masked else picture
            self.troubles.of_disk(error)
        else:
            self.troubles.over("outbox")

    def _enter(self, waiting: Waiting, born: float) -> None:
        self._all[waiting.alert.id] = waiting
        for name in waiting.outlets:
            post = self.posts[name]
            post.tries[waiting.alert.id] = Try(waiting, born, due=max(self._clock.now(), post.rests_until))
            self._wake(post)

    async def _make_room(self) -> None:
        """The oldest that is not urgent gives way, then the oldest."""
        most = self._bounds.megabytes * 1_000_000
        while len(self._all) > self._bounds.kept or sum(one.size for one in self._all.values()) > most:
            usual = (one for one in self._all.values() if one.alert.severity != "urgent")
            oldest = next(usual, None) or next(iter(self._all.values()))
            for name in tuple(oldest.outlets):
                self._drop(self.posts[name], oldest)
            await self._write_down()
            self.troubles.begin(WHERE, wording.TOO_MANY, wording.OTHERS)

    def _wake(self, post: Post) -> None:
        post.woken.set()
        if not post.busy and not self._closed:
            post.busy = True
            self._scope.spawn(f"outlet {post.outlet.name}", self._serve(post))

    async def _serve(self, post: Post) -> None:
        """Send what waits for one outlet, until nothing does."""
        try:
            while one := post.next(self._clock.now()):
                post.woken.clear()
                left = one.due - self._clock.now()
                if left <= 0:
                    await self._attempt(post, one)
                else:
                    await _within(left + 0.001, post.woken)  # a rounding error must not make it spin
        finally:
            post.busy = False  # before anything else can run: whoever comes next begins it anew

    async def _attempt(self, post: Post, one: Try) -> None:
        alert = one.waiting.alert
        if self._clock.now() - one.born > self._bounds.give_up_s:
            self._give_up(post, one, "it was not taken in time", "一直没有送达")
        else:
            picture = await self._picture_of(post, one.waiting)
            try:
                await post.sender.send(alert, picture, self._clock.wall())
            except NotDelivered as failure:
                self._failed(post, one, failure)
            except Exception as error:  # an attempt that fails as nobody thought is one that failed
                log.error("outlet %s failed: %s", post.outlet.name, type(error).__name__)
                what = type(error).__name__
                self._failed(post, one, NotDelivered(f"a fault in me ({what})", f"我这边出错（{what}）"))
            else:
                self._delivered(post, one)
        await self._write_down()

    async def _picture_of(self, post: Post, waiting: Waiting) -> bytes | None:
        if not post.outlet.picture or not waiting.size:
            return None
        picture = waiting.picture or await asyncio.to_thread(self._shelf.picture, waiting.alert.id)
        return None if waiting.masked else picture  # it may have been drawn while the disk was read

    def _delivered(self, post: Post, one: Try) -> None:
        self._drop(post, one.waiting)
        self._note(post, one.waiting.alert, "delivered")
        for other in post.tries.values():  # it works again: nobody waits longer than need be
            other.due = min(other.due, self._clock.now())
        post.rests_until = 0.0
        self.troubles.over(f"outlet {post.outlet.name}")
        self.troubles.over(WHERE)

    def _failed(self, post: Post, one: Try, failure: NotDelivered) -> None:
        name = post.outlet.name
        if failure.gone:
            for other in tuple(post.tries.values()):
                self._give_up(post, other, f"{failure}: it wants no more", f"{failure.zh}，不再接收")
            return
        one.attempts += 1
        pause = max(pause_s(one.attempts, self._luck()), failure.again_s)
        one.due = self._clock.now() + pause
        if failure.again_s:
            post.rests_until = one.due
            for other in post.tries.values():
                other.due = max(other.due, one.due)
        if one.attempts == 1:
            self._note(post, one.waiting.alert, "waiting", str(failure), failure.zh)
        if f"outlet {name}" not in self.troubles:
            self.troubles.begin(f"outlet {name}", wording.unsent(name, str(failure), failure.zh), wording.TRIED_AGAIN)

    def _give_up(self, post: Post, one: Try, why: str, zh: str) -> None:
        self._drop(post, one.waiting)
        self._note(post, one.waiting.alert, "failed", why, zh)
        name = post.outlet.name
        self.troubles.begin(f"outlet {name}", wording.never_sent(name, why, zh), wording.IN_THE_JOURNAL)

    def _drop(self, post: Post, waiting: Waiting) -> None:
        post.tries.pop(waiting.alert.id, None)
        waiting.outlets.discard(post.outlet.name)
        self._changed.append(waiting)
        if not waiting.outlets:
            self._all.pop(waiting.alert.id, None)
            self._known.pop(waiting.alert.id, None)

    async def _write_down(self) -> None:
        """Who got what; a restart in between sends it once more, with the same id."""
        async with self._disk:
            while self._changed:
                waiting = self._changed.pop()
                try:
                    await asyncio.to_thread(self._shelf.update, waiting.alert, sorted(waiting.outlets))
                except OSError as error:
                    self.troubles.of_disk(error)

    def _note(self, post: Post, alert: Alert, status: Status, detail: str = "", zh: str = "") -> None:
        at = self._clock.wall().isoformat(timespec="seconds")
        post.last = {"status": status, "detail": detail, "detail_zh": zh, "at": at}
        name, watch = post.outlet.name, alert.watch
        self._tell_all(AlertDelivered(t=0.0, outlet=name, watch=watch, status=status, detail=detail, detail_zh=zh))

    def _broke(self, name: str, error: BaseException) -> None:
        log.error("%s failed", name, exc_info=error)


async def _within(seconds: float, woken: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(seconds):
            await woken.wait()
    except TimeoutError:
        return
