"""The alerts of a person: their sessions' come together in one outbox, and all of them hear what became of each."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from config import Outlet, Settings
from interaction.both import Both
from interaction.clock import Clock, wall_now
from interaction.events import AreasChanged, Event, Recovered
from interaction.outlets.alert import Alert
from interaction.outlets.base import Sender
from interaction.outlets.collecting import Collector, Found
from interaction.outlets.outbox import Outbox
from interaction.outlets.shelf import Shelf
from interaction.streams import Channel, Closed

if TYPE_CHECKING:
    from interaction.session import Session

log = logging.getLogger(__name__)

TEST_GAP_S = 5.0  # between two test alerts to one outlet: it may be somebody's phone

MakeSender = Callable[[Outlet, Settings], Sender]


def make_sender(outlet: Outlet, settings: Settings) -> Sender:
    """What sends to it; nothing is connected to yet."""
    if outlet.kind == "webhook":
        from interaction.outlets.webhook import Webhook

        return Webhook(outlet, settings.alerts.send_s)
    from interaction.outlets.messenger import Messenger

    return Messenger(outlet, settings.alerts.send_s, settings.public_url)


class Alerting:
    """Of one person. `work` runs beside each of their sessions."""

    def __init__(self, settings: Settings, folder: Path, make: MakeSender = make_sender) -> None:
        self._senders = {outlet.name: make(outlet, settings) for outlet in settings.outlets}
        self.outbox = Outbox(settings, folder, self._senders, self._tell, Clock())
        self._collectors: dict[Session, Collector] = {}
        self._tested: dict[str, float] = {}  # by outlet: when it last was
        self._folder, self._make = folder, make
        self._held: list[tuple[Alert, bytes | None]] | None = None  # what happens while the outlets change
        self._masked: set[str] = set()  # lanes where a mask was drawn meanwhile

    @property
    def idle(self) -> bool:
        """Nobody is there and nothing waits."""
        return not self._collectors and self.outbox.idle

    async def work(self, session: Session) -> None:
        """Collect the alerts of a session until it ends."""
        collector = self._collectors[session] = Collector(session)
        for problem in self.outbox.troubles.values():
            session.post(replace(problem, t=session.now()))
        subscription = session.subscribe()
        try:
            while True:
                event = await _next(subscription.events, collector.due_s)
                self._put(collector.overdue())
                if event:
                    self._take(collector, event)
        except Closed:
            pass  # the session has ended
        finally:
            for _, event in subscription.events.drain():  # it fired just as the session ended
                self._take(collector, event)
            self._put(collector.overdue(ending=True))
            self._collectors.pop(session, None)
        if subscription.lagged:
            raise RuntimeError("so much happened at once that alerts may have been missed")

    def test(self, session: Session, name: str) -> None:
        """Send a test alert to one outlet. Raises ValueError where that cannot be."""
        post = self.outbox.posts.get(name)
        if post is None:
            raise ValueError(Both(f"There is no outlet named {name!r}.", f"没有名为“{name}”的提醒去处。"))
        now = asyncio.get_running_loop().time()
        if now - self._tested.get(name, -TEST_GAP_S) < TEST_GAP_S or post.tests_itself:
            raise ValueError(
                Both(f"A test alert to {name!r} is still on its way.", f"发往“{name}”的测试提醒还在路上。")
            )
        self._tested[name] = now
        alert, picture = Collector(session).test()
        self.outbox.put(alert, picture, only=name)

    async def change(self, settings: Settings) -> None:
        """Other outlets from now on. What waits for one that stays is sent on, what is under way once more; what waits
        for one that goes is given up."""
        if self._held is not None:
            return
        self._held = []
        try:
            await self.outbox.aclose()
            self.let_go()
            for where in self.outbox.troubles:
                self._tell(Recovered(t=0.0, where=where))
            self._senders = {outlet.name: self._make(outlet, settings) for outlet in settings.outlets}
            self.outbox = Outbox(settings, self._folder, self._senders, self._tell, Clock())
        finally:
            held, self._held = self._held, None
            while self._masked:  # the new outbox is about to read what the old one left
                self.outbox.hide(self._masked.pop())
            for alert, picture in held:
                self.outbox.put(alert, picture)

    def snapshot(self) -> list[dict[str, Any]]:
        """For the page: each outlet, and how it does."""
        return self.outbox.snapshot()

    async def forget(self) -> None:
        """Whoever wants everything forgotten wants none of it sent."""
        for collector in self._collectors.values():
            collector.forget()
        if self._held is not None:
            self._held.clear()
        await self.outbox.forget()
        if not self._senders:  # the outbox has not read what lies there
            await asyncio.to_thread(Shelf(self._folder).keep_since, None)

    async def aclose(self) -> None:
        await self.outbox.aclose()
        self.let_go()

    def let_go(self) -> None:
        """Of what the senders hold; for an idle one."""
        for sender in self._senders.values():
            sender.close()

    def _take(self, collector: Collector, event: Event) -> None:
        if isinstance(event, AreasChanged) and event.hides_more:
            self._hide(event.lane)
        if found := collector.take(event):
            self._put([found])

    def _put(self, found: Iterable[Found]) -> None:
        for one in found:
            if self._held is not None:
                self._held.append((one.alert, one.picture))
            else:
                self.outbox.put(one.alert, one.picture)

    def _hide(self, lane: str) -> None:
        self.outbox.hide(lane)
        for collector in self._collectors.values():
            collector.hide(lane)
        if self._held is not None:
            self._masked.add(lane)
            self._held = [(alert, None if alert.lane == lane else picture) for alert, picture in self._held]

    def _tell(self, event: Event) -> None:
        for session in self._collectors:
            session.post(replace(event, t=session.now()))


class Alertings:
    """Of all persons, by their folder: one each, however many sessions they have. Lives on while something waits."""

    def __init__(self, settings: Settings, make: MakeSender = make_sender) -> None:
        self._settings, self._make = settings, make
        self._open: dict[Path, Alerting] = {}
        self._held: set[Path] = set()  # whose sessions are there

    def of(self, folder: Path) -> Alerting:
        """This person's; `leave` must follow."""
        self._held.add(folder)
        return self._opened(folder)

    def leave(self, folder: Path) -> None:
        """The last session of this person has ended."""
        self._held.discard(folder)
        for other, alerting in list(self._open.items()):
            if other not in self._held and alerting.idle:
                self._open.pop(other).let_go()

    async def resume(self, people: Path) -> None:
        """Send what an earlier run left, also of persons who are not there now; where there is no outlet to send it to,
        clear away what is too old, and pictures, and say what stays. Raises OSError."""
        left = await asyncio.to_thread(_left, people)
        if self._settings.outlets:
            for folder in left:
                await self._opened(folder).outbox.loaded()
            return
        oldest = wall_now() - timedelta(seconds=self._settings.alerts.give_up_s)
        stays = [await asyncio.to_thread(Shelf(folder / "outbox").keep_since, oldest) for folder in left]
        if any(stays):
            log.warning(
                "%d alerts wait on disk, and no outlet is configured: a start with the outlet that they are for sends "
                "them, without pictures; one when they are more than %.0f hours old clears them away",
                sum(stays),
                self._settings.alerts.give_up_s / 3600,
            )

    async def change(self, settings: Settings) -> None:
        """Of everybody, those who come later too."""
        self._settings = settings
        for alerting in list(self._open.values()):
            await alerting.change(settings)

    async def settle(self) -> None:
        """Wait until everything is sent, but not longer than one attempt may take."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._settings.alerts.send_s):
                while not all(alerting.outbox.idle for alerting in self._open.values()):  # noqa: ASYNC110  many end it
                    await asyncio.sleep(0.1)

    async def aclose(self) -> None:
        for alerting in self._open.values():
            await alerting.aclose()

    def _opened(self, folder: Path) -> Alerting:
        if folder not in self._open:
            self._open[folder] = Alerting(self._settings, folder / "outbox", self._make)
        return self._open[folder]


async def _next(events: Channel[tuple[int, Event]], within_s: float | None) -> Event | None:
    """The next of them; None: there was none in that time. Raises `Closed`."""
    try:
        async with asyncio.timeout(within_s):
            return (await events.receive())[1]
    except TimeoutError:
        return None


def _left(people: Path) -> list[Path]:
    return sorted({record.parent.parent for record in people.glob("*/outbox/*.json")})
