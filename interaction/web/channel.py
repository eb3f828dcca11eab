"""The page's WebSocket: events down, commands up (docs/protocol.md).

The page is told everything by number and says after a break which number it had last. A page that cannot keep up is
closed and resumes; nothing is buffered for it without a bound.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from typing import Any, Protocol

from starlette.websockets import WebSocketDisconnect

from config import Settings
from interaction.sessions import NO_PLACE, Message, Session, Sessions, Subscription
from interaction.streams import Channel, TaskScope
from interaction.web import words
from interaction.web.doors import Visitor
from interaction.web.messages import Hello, Unknown, parse
from interaction.web.orders import MediaRoom, Orders
from interaction.web.words import Notice
from interaction.wire import chinese, to_json

log = logging.getLogger(__name__)

# Close codes; a page opens a new connection after each of them but `ENDED`.
BAD_MESSAGE, RESUME, ENDED, TOO_FAST, NOT_STARTED = 4400, 4408, 4410, 4429, 4500
WAITING_MESSAGES = 100  # mutes, pongs and refusals for a page; a page that lags behind more resumes
ASK_S = 1.0  # how often a waiting page is looked after; a place that is free is taken at most this much later
WISHES = ("say", "watch", "source")
FLOOD = 10  # bursts over the limit after which a page is closed


class Socket(Protocol):
    """The part of Starlette's WebSocket that is used."""

    async def receive(self) -> Any: ...

    async def send_text(self, data: str) -> None: ...

    async def close(self, code: int = 1000, reason: str | None = None) -> None: ...


class Hangup(Exception):
    """The conversation is over. `code`: WebSocket close code, None when the page has already gone."""

    def __init__(self, code: int | None, reason: str = "") -> None:
        super().__init__(reason)
        self.code = code


class Budget:
    """A token bucket: `rate` messages a second, `burst` at once. `over` counts refusals since the last acceptance."""

    def __init__(self, rate: float, burst: int) -> None:
        self._rate = rate
        self._burst = burst
        self._left = float(burst)
        self._at: float | None = None
        self.over = 0

    def take(self, now: float) -> bool:
        self._left = min(self._burst, self._left + (now - (self._at if self._at is not None else now)) * self._rate)
        self._at = now
        if self._left < 1:
            self.over += 1
            return False
        self._left -= 1
        self.over = 0
        return True


class PageChannel:
    """One connection of one page. `run` returns when it is over."""

    def __init__(
        self, socket: Socket, visitor: Visitor, sessions: Sessions, media: MediaRoom, settings: Settings
    ) -> None:
        assert visitor.session is not None
        self._socket = socket
        self._id = visitor.session
        self._person = visitor.person
        self._language = visitor.language
        self._sessions = sessions
        self._media = media
        self._settings = settings
        self._down: Channel[Message] = Channel(WAITING_MESSAGES)
        self._sending = asyncio.Lock()
        self._budget = Budget(settings.web.commands_per_s, settings.web.command_burst)

    async def run(self) -> None:
        try:
            hello = await self._hello()
            session = await self._admitted()  # whoever leaves the queue loses the place soon, but not by a reload
            await self._converse(session, hello)
        except Hangup as over:
            if over.code is not None:
                await self._close(over.code, str(over))

    async def _hello(self) -> Hello:
        try:
            async with asyncio.timeout(self._settings.web.heartbeat_s):
                hello = parse(await self._receive())
        except (TimeoutError, Unknown):
            raise Hangup(BAD_MESSAGE, "hello comes first") from None
        if not isinstance(hello, Hello):
            raise Hangup(BAD_MESSAGE, "hello comes first")
        self._language = hello.language
        return hello

    async def _admitted(self) -> Session:
        """The session; waits for a place if the house is full, as long as the line stands: a browser lets a page that
        nobody looks at sleep for minutes."""
        told = 0
        while True:
            try:
                found = self._sessions.join(self._id, self._person)
            except Exception as error:
                log.error("a session could not be made", exc_info=error)
                await self._refuse(words.NOT_STARTED)
                raise Hangup(NOT_STARTED, "not started") from error
            if not isinstance(found, int):
                return found
            if found == NO_PLACE:
                await self._refuse(words.NO_QUEUE)
                raise Hangup(NOT_STARTED, "full")
            if found != told:
                await self._send({"type": "full", "place": found, **words.FULL.said(self._language, place=found)})
                told = found
            with contextlib.suppress(TimeoutError, Unknown):  # the page need not say anything
                async with asyncio.timeout(ASK_S):
                    order = parse(await self._receive())
                if order.type in WISHES:  # nobody is there yet to act on it, and it must not be lost in silence
                    await self._refuse(words.FULL, place=found)
            await self._send({"type": "pong"})  # so that it knows that the line stands, also when it wakes late

    async def _converse(self, session: Session, hello: Hello) -> None:
        subscription = session.subscribe(hello.seq)
        scope = TaskScope(lambda name, error: None)  # what ends a part is looked at below
        if hello.seq is None and not self._sessions.pages(self._id):
            self._media.end(self._id)  # a fresh page and no other: whoever made the connection was reloaded or closed
        self._sessions.add_page(self._id, self._tell)
        try:
            await self._send(self._welcome(session, subscription, hello))
            parts = [
                scope.spawn("events", self._send_events(subscription)),
                scope.spawn("messages", self._send_messages()),
                scope.spawn("commands", self._take_commands(session)),
            ]
            done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
            for part in done:
                part.result()
        finally:
            self._sessions.remove_page(self._id, self._tell)
            subscription.close()
            await scope.aclose()

    def _welcome(self, session: Session, subscription: Subscription, hello: Hello) -> Message:
        return {
            "type": "welcome",
            "seq": session.subscribers.seq,
            "started": session.clock.wall(0.0).isoformat(),
            "gap": subscription.gap,
            "alone": self._sessions.pages(self._id) < 2,
            "state": session.snapshot(),
        }

    async def _send_events(self, subscription: Subscription) -> None:
        for seq, event in subscription.missed:
            await self._send(to_json(event, seq) | chinese(event))
        async for seq, event in subscription.events:
            await self._send(to_json(event, seq) | chinese(event))
        raise Hangup(RESUME, "too far behind") if subscription.lagged else Hangup(ENDED, "the session ended")

    async def _send_messages(self) -> None:
        async for message in self._down:
            await self._send(message)
        raise Hangup(RESUME, "too far behind")

    async def _take_commands(self, session: Session) -> None:
        orders = Orders(session, self._language, self._sessions, self._media, self._settings, self._tell)
        while True:
            text = await self._receive()
            self._sessions.alive(self._id)
            if not self._budget.take(self._sessions.now()):
                if self._budget.over == 1:
                    self._tell({"type": "refused", **words.TOO_FAST.said(self._language)})
                if self._budget.over > FLOOD * self._settings.web.command_burst:
                    raise Hangup(TOO_FAST, "too many messages")
                continue
            orders.take(text)

    # In and out.

    def _tell(self, message: Message) -> None:
        """Send it soon, from anywhere; a page that does not take its messages must resume."""
        if not self._down.send(message):
            self._down.close()

    async def _refuse(self, notice: Notice, **values: object) -> None:
        await self._send({"type": "refused", **notice.said(self._language, **values)})

    async def _send(self, message: Message) -> None:
        text = json.dumps(message, ensure_ascii=False, default=str)
        try:
            async with self._sending, asyncio.timeout(self._settings.web.send_s):
                await self._socket.send_text(text)
        except TimeoutError:
            raise Hangup(RESUME, "the page takes nothing") from None
        except (WebSocketDisconnect, RuntimeError, OSError):  # the page went away meanwhile
            raise Hangup(None) from None

    async def _receive(self) -> str:
        """The next message's text. Raises `Hangup`."""
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise Hangup(None)
        text = message.get("text")
        if text is None or len(text.encode()) > self._settings.web.message_bytes:
            raise Hangup(BAD_MESSAGE, "one JSON object as text, of bounded size")
        return str(text)

    async def _close(self, code: int, reason: str) -> None:
        try:
            async with asyncio.timeout(self._settings.web.send_s):
                await self._socket.close(code, reason)
        except (TimeoutError, WebSocketDisconnect, RuntimeError, OSError) as error:
            log.debug("closing a page's channel: %s", error)
