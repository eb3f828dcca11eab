"""Media between a page and its session, over FastRTC: pictures and sound, nothing else.

FastRTC is used for peer connections only. Its own routes are never mounted, its page is never built, and the ids of
connections are made here. Which connection belongs to which session is known here too, because FastRTC's registries
may lag behind (a killed tab is noticed there after half a minute).

One connection a session: a later offer replaces the earlier one.
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
from interaction.events import LaneChanged, Problem
from interaction.services import CommandRefused
from interaction.sessions import Session, Sessions
from interaction.sources.browser import CAMERA, BrowserSource
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
    """One page's media. `sign`: when its page last showed a sign of life."""

    id: str
    session: Session
    handler: PageHandler
    sink: PageSink
    camera: BrowserSource | None
    sign: float


class Media:
    """All media connections of the house. `sweep` must be called every second or so."""

    def __init__(self, settings: Settings, sessions: Sessions) -> None:
        self._bounds = settings.web
        self._limits = settings.sources
        self._sessions = sessions
        self._connections: dict[str, Connection] = {}  # by session id
        self._answering: set[str] = set()  # sessions with an offer under way: one at a time
        self._scope = TaskScope(lambda name, error: log.error("%s failed", name, exc_info=error))
        self._stream = MediaStream(
            PageHandler(),
            modality="audio-video",
            mode="send-receive",
            # Sessions bound the visitors; connections that are being replaced or closed come on top.
            concurrency_limit=4 * (settings.web.sessions + settings.web.kept),
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

    async def offer(self, session: Session, sdp: str) -> dict[str, str]:
        """Answer a page's offer: `{sdp, type, connection}`. Replaces the session's earlier connection.

        Raises `Refusal` for an offer that cannot be answered; the earlier connection then goes on.
        """
        has_camera = check_offer(sdp)
        if session.id in self._answering:
            raise Refusal(429, words.TOO_FAST)
        self._answering.add(session.id)
        try:
            return await self._answer(session, sdp, has_camera)
        finally:
            self._answering.discard(session.id)

    async def _answer(self, session: Session, sdp: str, has_camera: bool) -> dict[str, str]:
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
        if old := self._connections.get(session.id):
            self._end(old)
            self._sessions.tell(session.id, {"type": "replaced", "connection": old.id})
        self._begin(id, session, self._stream.handlers[id], has_camera)
        return {"sdp": answer["sdp"], "type": answer["type"], "connection": id}

    def alive(self, session: str, connection: str | None = None) -> None:
        """A page of the session showed a sign of life; `connection`: only if it is the page of this connection."""
        found = self._connections.get(session)
        if found and connection in (None, found.id):
            found.sign = self._sessions.now()

    def played(self, session: str, seconds: float) -> None:
        """A page says how many seconds of the outgoing stream it has played."""
        if found := self._connections.get(session):
            found.sink.played(seconds)

    def connected(self, session: str) -> bool:
        return session in self._connections

    def sweep(self) -> None:
        """End the connections of pages that show no sign of life, and of sessions that are over."""
        oldest = self._sessions.now() - self._bounds.heartbeat_s
        for connection in list(self._connections.values()):
            if connection.sign < oldest or connection.session.finished:
                self._end(connection, "the page is gone")

    def end(self, session: str) -> None:
        if connection := self._connections.get(session):
            self._end(connection)

    async def aclose(self) -> None:
        for connection in list(self._connections.values()):
            self._end(connection)
        for name in self._scope.names:
            await self._scope.ended(name)

    def _begin(self, id: str, session: Session, handler: PageHandler, has_camera: bool) -> None:
        def cleared() -> None:
            self._sessions.tell(session.id, {"type": "mute", "ms": MUTE_MS})

        camera = BrowserSource(fps=self._bounds.camera_fps, limits=self._limits) if has_camera else None
        sink = PageSink(self._sessions.now, cleared)
        connection = Connection(id, session, handler, sink, camera, self._sessions.now())
        handler.bind(
            lambda pcm: self._heard(connection, pcm),
            lambda image: self._seen(connection, image),
            lambda: self._end(connection, "the connection ended"),
        )
        self._stream.voice(id, sink.frame)
        self._connections[session.id] = connection
        session.attach_sink(sink)
        if camera is not None:
            try:
                session.add_lane(camera)
            except CommandRefused as refused:
                connection.camera = None
                self._problem(session, CAMERA, str(refused), advice=refused.advice)

    def _end(self, connection: Connection, detail: str = "") -> None:
        """Once only, and only for the session's present connection."""
        session = connection.session
        if self._connections.get(session.id) is not connection:
            return
        del self._connections[session.id]
        connection.handler.end()
        connection.sink.close()
        session.detach_sink(connection.sink)
        if connection.camera is not None:
            connection.camera.close()
            session.remove_lane(CAMERA)
            session.post(LaneChanged(t=session.clock.now(), lane=CAMERA, state="ended", detail=detail))
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
            self._problem(connection.session, "hearing", f"{type(error).__name__}: {error}"[:300])

    def _seen(self, connection: Connection, image: NDArray[np.uint8]) -> None:
        if connection.camera is None:
            return
        if max(image.shape[:2]) <= self._bounds.camera_side:
            connection.camera.put(image)
            return
        language = str(connection.session.snapshot()["language"])
        said = words.LARGE_PICTURES.said(language, side=self._bounds.camera_side)
        self._problem(connection.session, CAMERA, **said)
        self._end(connection, said["message"])

    def _problem(self, session: Session, where: str, message: str, kept: str = "", advice: str = "") -> None:
        session.post(Problem(t=session.clock.now(), where=where, message=message, kept=kept, advice=advice))


def check_offer(sdp: str) -> bool:
    """Whether an offer sends pictures. Raises `Refusal` if FastRTC would never start it, or if it asks too much."""
    sections = re.split(r"^(?=m=)", sdp, flags=re.M)[1:]
    kinds = [section[2:].split(" ", 1)[0] for section in sections]
    if any(kinds.count(kind) > 1 for kind in kinds) or set(kinds) - {"audio", "video", "application"}:
        raise Refusal(400, words.NO_MEDIA, detail="more than one camera, microphone and data channel were offered")
    if not {"audio", "application"} <= set(kinds):
        raise Refusal(400, words.NO_MEDIA, detail="an audio track and a data channel are needed")
    if not re.search(r"^a=fingerprint:", sdp, flags=re.M):
        raise Refusal(400, words.NO_MEDIA, detail="the offer has no fingerprint, so it could not be encrypted")
    if sdp.count("a=candidate:") > CANDIDATES:
        raise Refusal(400, words.NO_MEDIA, detail="too many network candidates")
    if not _opus_first(next(section for section in sections if section.startswith("m=audio"))):
        raise Refusal(400, words.NO_MEDIA, detail="the voice is sent as Opus, which the offer must name first")
    video = next((section for section in sections if section.startswith("m=video")), "m=video 0 a=inactive")
    return not re.search(r"^a=(recvonly|inactive)\b|^m=video 0 ", video, flags=re.M)


def _opus_first(audio: str) -> bool:
    preferred = re.match(r"m=audio \d+ \S+ (\d+)", audio)
    return bool(preferred and re.search(rf"^a=rtpmap:{preferred[1]} opus/48000", audio, flags=re.M | re.I))
