"""Media between a page and its session, over FastRTC: pictures and sound, nothing else.

FastRTC is used for peer connections only. Its own routes are never mounted, its page is never built, and the ids of
connections are made here. Which connection belongs to which session is known here too, because FastRTC's registries
may lag behind (a killed tab is noticed there after half a minute).

One connection a session for camera, microphone and voice, and one more for the screen that it shares, each a lane: a
later offer for the same lane replaces the earlier one.
"""

from __future__ import annotations

import logging
import re
import secrets
from dataclasses import dataclass
from typing import Any

import numpy as np
from fastrtc import get_cloudflare_turn_credentials_async
from fastrtc.stream import Body
from numpy.typing import NDArray

from config import Settings
from interaction.both import NOTHING, Both, why
from interaction.events import LaneChanged, Problem
from interaction.services import CommandRefused
from interaction.sessions import Session, Sessions
from interaction.sources.browser import CAMERA, OWN, SCREEN, BrowserSource
from interaction.streams import TaskScope
from interaction.web import words
from interaction.web.refusal import Refusal
from interaction.web.rtc import MediaStream, PageHandler
from interaction.web.sink import PageSink

log = logging.getLogger(__name__)

MUTE_MS = 400  # how long the page mutes its audio element after a clear: what its jitter buffer usually holds
CANDIDATES = 64  # a machine with many network cards has thirty


@dataclass(eq=False)
class Connection:
    """One page's media. `sink`: not with a screen; `source`: None without a camera; `sign`: when its page last showed a
    sign of life."""

    id: str
    lane: str
    session: Session
    handler: PageHandler
    sink: PageSink | None
    source: BrowserSource | None
    sign: float

    @property
    def key(self) -> tuple[str, str]:
        return self.session.id, self.lane


class Media:
    """All media connections of the house. `sweep` must be called every second or so."""

    def __init__(self, settings: Settings, sessions: Sessions) -> None:
        self._bounds = settings.web
        self._limits = settings.sources
        self._sessions = sessions
        self._connections: dict[tuple[str, str], Connection] = {}  # by session id and lane
        self._answering: set[tuple[str, str]] = set()  # those with an offer under way: one at a time
        self._scope = TaskScope(lambda name, error: log.error("%s failed", name, exc_info=error))
        self._stream = MediaStream(
            PageHandler(),
            modality="audio-video",
            mode="send-receive",
            # Sessions bound the visitors; connections that are being replaced or closed come on top.
            concurrency_limit=8 * (settings.web.sessions + settings.web.kept),
            server_rtc_configuration={"iceServers": []},  # otherwise aiortc asks a public STUN server
            verbose=False,
        )

    async def ice(self) -> dict[str, Any]:
        """What a page gives its RTCPeerConnection: no server at all, or a relay's with fresh credentials."""
        if self._bounds.turn == "none":
            return {"iceServers": []}
        try:
            found: dict[str, Any] = await get_cloudflare_turn_credentials_async(ttl=self._bounds.turn_ttl_s)
        except Exception as error:  # its client raises whatever goes wrong: no key, no network, an unexpected answer
            log.error("no relay credentials", exc_info=error)
            raise Refusal(502, words.NO_MEDIA, detail="the relay gave no credentials") from error
        return found

    async def offer(self, session: Session, sdp: str, lane: str = CAMERA) -> dict[str, str]:
        """Answer a page's offer: `{sdp, type, connection}`. Replaces the session's earlier connection for this lane.

        Raises `Refusal` for an offer that cannot be answered; the earlier connection then goes on.
        """
        has_pictures = check_offer(sdp, lane)
        key = session.id, lane
        if key in self._answering:
            raise Refusal(429, words.TOO_FAST)
        self._answering.add(key)
        try:
            return await self._answer(session, sdp, lane, has_pictures)
        finally:
            self._answering.discard(key)

    async def _answer(self, session: Session, sdp: str, lane: str, has_pictures: bool) -> dict[str, str]:
        if self._bounds.turn != "none":
            self._stream.server_rtc_configuration = self._stream.convert_to_aiortc_format(await self.ice())
        id = secrets.token_urlsafe(12)
        try:
            answer = await self._stream.offer(Body(sdp=sdp, type="offer", webrtc_id=id))
        except Exception as error:  # aiortc raises anything from KeyError to AssertionError for a strange SDP
            log.info("an offer could not be answered: %s: %s", type(error).__name__, error)
            await self._close_peer(id)
            raise Refusal(400, words.NO_MEDIA, detail="the offer was not understood") from error
        if not isinstance(answer, dict):
            raise Refusal(503, words.NO_MEDIA, detail="too many connections at once")
        if session.finished:
            await self._close_peer(id)
            raise Refusal(409, words.NO_SESSION)
        if old := self._connections.get((session.id, lane)):
            self._end(old)
            self._tell_replaced(old)
        self._begin(id, lane, session, self._stream.handlers[id], has_pictures)
        return {"sdp": answer["sdp"], "type": answer["type"], "connection": id}

    def alive(self, session: str, connection: str | None = None) -> None:
        """A page of the session showed a sign of life; `connection`: only if it is the page of this connection."""
        for found in self._of(session):
            if connection in (None, found.id):
                found.sign = self._sessions.now()

    def played(self, session: str, seconds: float) -> None:
        """A page says how many seconds of the outgoing stream it has played."""
        found = self._connections.get((session, CAMERA))
        if found and found.sink:
            found.sink.played(seconds)

    def connected(self, session: str) -> bool:
        return (session, CAMERA) in self._connections

    def sweep(self) -> None:
        """End the connections of pages that show no sign of life, and of sessions that are over."""
        oldest = self._sessions.now() - self._bounds.heartbeat_s
        for connection in list(self._connections.values()):
            if connection.sign < oldest or connection.session.finished:
                self._end(connection, Both("the page is gone", "页面已关闭"))
            elif connection.lane == SCREEN and (connection.source is None or connection.source.closed):
                self._end(connection)  # "stop watching the screen": the browser is to stop sharing it
                self._tell_replaced(connection)

    def end(self, session: str, lane: str | None = None) -> None:
        """End a session's connection for a lane; None: all of them."""
        for connection in self._of(session):
            if lane in (None, connection.lane):
                self._end(connection)

    async def aclose(self) -> None:
        for connection in list(self._connections.values()):
            self._end(connection)
        for name in self._scope.names:
            await self._scope.ended(name)

    def _of(self, session: str) -> list[Connection]:
        return [found for lane in OWN if (found := self._connections.get((session, lane)))]

    def _tell_replaced(self, connection: Connection) -> None:
        self._sessions.tell(connection.session.id, {"type": "replaced", "connection": connection.id})

    def _begin(self, id: str, lane: str, session: Session, handler: PageHandler, has_pictures: bool) -> None:
        def cleared() -> None:
            self._sessions.tell(session.id, {"type": "mute", "ms": MUTE_MS})

        def gone() -> None:
            self._end(connection, Both("the connection ended", "连接已断开"))

        source = BrowserSource(lane, fps=self._bounds.camera_fps, limits=self._limits) if has_pictures else None
        sink = PageSink(self._sessions.now, cleared) if lane == CAMERA else None
        connection = Connection(id, lane, session, handler, sink, source, self._sessions.now())
        handler.bind(lambda pcm: self._heard(connection, pcm), lambda image: self._seen(connection, image), gone)
        self._connections[connection.key] = connection
        if sink:
            self._stream.voice(id, sink.frame)
            session.attach_sink(sink)
        else:
            self._stream.watch_end(id, gone)
        if source is not None:
            try:
                session.add_lane(source)
            except CommandRefused as refused:
                connection.source = None
                self._problem(session, lane, why(refused), advice=refused.advice)

    def _end(self, connection: Connection, detail: Both = NOTHING) -> None:
        """Once only, and only for the session's present connection for this lane."""
        session, lane = connection.session, connection.lane
        if self._connections.get(connection.key) is not connection:
            return
        del self._connections[connection.key]
        connection.handler.end()
        if connection.sink:
            connection.sink.close()
            session.detach_sink(connection.sink)
        if connection.source is not None:
            connection.source.close()
            session.remove_lane(lane)
            session.post(LaneChanged(t=session.clock.now(), lane=lane, state="ended", detail=detail))
        self._scope.spawn(f"closing {connection.id}", self._close_peer(connection.id))

    async def _close_peer(self, id: str) -> None:
        """Close it in every registry of FastRTC; an offer that failed half way is in some of them too."""
        if peer := self._stream.pcs.get(id):
            await peer.close()
        for track in self._stream.clean_up(id):
            track.stop()

    def _heard(self, connection: Connection, pcm: NDArray[np.float32]) -> None:
        try:
            connection.session.hear(pcm)
        except Exception as error:  # raised into FastRTC it would end the microphone for good, silently
            log.error("hearing failed", exc_info=error)
            what = f"{type(error).__name__}: {error}"[:300]
            self._problem(connection.session, "hearing", Both(what, f"聆听出错了：{what}"))

    def _seen(self, connection: Connection, image: NDArray[np.uint8]) -> None:
        if connection.source is None:
            return
        if max(image.shape[:2]) <= self._bounds.camera_side:
            connection.source.put(image)
            return
        notice = words.LARGE_SCREEN if connection.lane == SCREEN else words.LARGE_PICTURES
        said = notice.both(side=self._bounds.camera_side)
        self._problem(connection.session, connection.lane, **said)
        self._end(connection, said["message"])

    def _problem(
        self, session: Session, where: str, message: Both, kept: Both = NOTHING, advice: Both = NOTHING
    ) -> None:
        session.post(Problem(t=session.clock.now(), where=where, message=message, kept=kept, advice=advice))


def check_offer(sdp: str, lane: str = CAMERA) -> bool:
    """Whether an offer sends pictures. Raises `Refusal` if FastRTC would never start it, or if it asks too much.

    A camera comes with a microphone (or silence), a screen has no sound.
    """
    sections = re.split(r"^(?=m=)", sdp, flags=re.M)[1:]
    kinds = [section[2:].split(" ", 1)[0] for section in sections]
    if any(kinds.count(kind) > 1 for kind in kinds) or set(kinds) - {"audio", "video", "application"}:
        raise Refusal(400, words.NO_MEDIA, detail="more than one camera, microphone and data channel were offered")
    if lane == SCREEN and set(kinds) != {"video", "application"}:
        raise Refusal(400, words.NO_MEDIA, detail="a screen is a video track and a data channel")
    if lane == CAMERA and not {"audio", "application"} <= set(kinds):
        raise Refusal(400, words.NO_MEDIA, detail="an audio track and a data channel are needed")
    if not re.search(r"^a=fingerprint:", sdp, flags=re.M):
        raise Refusal(400, words.NO_MEDIA, detail="the offer has no fingerprint, so it could not be encrypted")
    if sdp.count("a=candidate:") > CANDIDATES:
        raise Refusal(400, words.NO_MEDIA, detail="too many network candidates")
    if not all(_opus_first(section) for section in sections if section.startswith("m=audio")):
        raise Refusal(400, words.NO_MEDIA, detail="the voice is sent as Opus, which the offer must name first")
    video = next((section for section in sections if section.startswith("m=video")), "m=video 0 a=inactive")
    return not re.search(r"^a=(recvonly|inactive)\b|^m=video 0 ", video, flags=re.M)


def _opus_first(audio: str) -> bool:
    preferred = re.match(r"m=audio \d+ \S+ (\d+)", audio)
    return bool(preferred and re.search(rf"^a=rtpmap:{preferred[1]} opus/48000", audio, flags=re.M | re.I))
