"""A visitor with a real WebRTC stack (aiortc), a real WebSocket and a real cookie: what a page is to the house."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import httpx
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from bench.recordings import Recorded
from interaction.clock import stopwatch
from interaction.streams import TaskScope

Message = dict[str, Any]
HEARTBEAT_S = 3.0
PLAYBACK_S = 0.25  # the page says so often how much of the outgoing sound it has played
FRAME_S = 0.02


class HouseFull(Exception):
    """All places are taken. `place`: the one in the queue."""

    def __init__(self, place: int) -> None:
        super().__init__(f"full, place {place} in the queue")
        self.place = place


class Visitor:
    """One page with camera and microphone. `told`: (seconds since `arrive`, message), in order."""

    def __init__(self, origin: str, film: Sequence[bytes], room: Sequence[bytes], first: int = 0) -> None:
        """`origin`: as `http://127.0.0.1:7860`; `film`, `room`: see `recordings`; `first`: frame to begin with."""
        self.told: list[tuple[float, Message]] = []
        self.microphone = Recorded.microphone(room)
        self.camera = Recorded.camera(film, first)
        self._origin = origin
        self._http = httpx.AsyncClient(base_url=origin, headers={"origin": origin}, timeout=30)
        self._peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._socket: ClientConnection | None = None
        self._connection = ""
        self._heard = 0  # frames of the outgoing sound
        self._passed = stopwatch()
        self._news = asyncio.Event()
        self._scope = TaskScope(self._broke)

    def now(self) -> float:
        """Seconds since `arrive`."""
        return self._passed()

    @property
    def cookies(self) -> httpx.Cookies:
        """Who this is to the house."""
        return self._http.cookies

    @property
    def places(self) -> list[int]:
        """The places in the queue that were told."""
        return [message["place"] for _, message in self.told if message["type"] == "full"]

    async def arrive(self, patience: float = 0.0) -> None:
        """Open the page, begin a session, offer camera and microphone, as the page does. `told` begins here.

        `patience`: seconds to wait in the queue of a full house. Raises `HouseFull`.
        """
        self._passed = stopwatch()
        (await self._http.get("/")).raise_for_status()
        (await self._http.post("/api/session")).raise_for_status()
        await self._open_channel(patience)
        await self._offer()
        self._scope.spawn("signs of life", self._stay())
        self._scope.spawn("playback", self._play_on())

    async def say(self, text: str) -> None:
        """A typed request."""
        await self._send(type="say", text=text)

    async def until(self, fits: Callable[[Message], bool], seconds: float, since: int = 0) -> float | None:
        """When a message that fits was told, counted from `arrive`; None: not within `seconds`.

        `since`: number of messages in `told` that do not count.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while True:
                    for at, message in self.told[since:]:
                        if fits(message):
                            return at
                    self._news.clear()
                    await self._news.wait()
        return None

    async def leave(self) -> None:
        """End the session and close everything."""
        with suppress(ConnectionClosed):  # it may have ended by itself
            await self._send(type="stop")
        await self._scope.aclose()
        await self._peer.close()
        if self._socket:
            await self._socket.close()
        await self._http.aclose()

    async def _open_channel(self, patience: float) -> None:
        cookie = "; ".join(f"{name}={value}" for name, value in self._http.cookies.items())
        url = self._origin.replace("http", "ws", 1) + "/ws"
        self._socket = await connect(
            url,
            origin=self._origin,  # type: ignore[arg-type]
            additional_headers={"Cookie": cookie},
            proxy=None,
        )
        await self._send(type="hello", seq=None, language="en")
        self._scope.spawn("listening", self._listen(self._socket))
        if await self.until(lambda message: message["type"] in ("welcome", "full"), 30) is None:
            raise TimeoutError("the house did not welcome its visitor")
        if self.places and await self.until(lambda message: message["type"] == "welcome", patience) is None:
            raise HouseFull(self.places[-1])

    async def _offer(self) -> None:
        channel = self._peer.createDataChannel("text")
        channel.on("open", lambda: channel.send("handshake"))
        self._peer.on("track", lambda track: self._scope.spawn(f"hearing {track.kind}", self._hear(track)))
        self._peer.addTrack(self.microphone)
        self._peer.addTrack(self.camera)
        for transceiver in self._peer.getTransceivers():
            if transceiver.kind == "video":
                vp8 = [codec for codec in _codecs() if codec.mimeType == "video/VP8"]
                transceiver.setCodecPreferences(vp8)  # the film is encoded already
        await self._peer.setLocalDescription(await self._peer.createOffer())
        offer = {"sdp": self._peer.localDescription.sdp, "type": "offer"}
        answer = (await self._http.post("/api/offer", json=offer)).raise_for_status().json()
        self._connection = answer["connection"]
        await self._peer.setRemoteDescription(RTCSessionDescription(answer["sdp"], answer["type"]))

    async def _listen(self, socket: ClientConnection) -> None:
        with suppress(ConnectionClosed):  # what is missing then is seen by who waits for it
            async for text in socket:
                self.told.append((self._passed(), json.loads(text)))
                self._news.set()

    async def _hear(self, track: Any) -> None:
        """Take the outgoing sound, as a page's audio element would; a camera is never sent back."""
        with suppress(MediaStreamError):  # the house closed it
            while True:
                await track.recv()
                self._heard += track.kind == "audio"

    async def _stay(self) -> None:
        while True:
            await self._send(type="heartbeat", connection=self._connection)
            await asyncio.sleep(HEARTBEAT_S)

    async def _play_on(self) -> None:
        while True:
            await self._send(type="playback", seconds=round(self._heard * FRAME_S, 2))
            await asyncio.sleep(PLAYBACK_S)

    async def _send(self, **message: Any) -> None:
        if self._socket:
            await self._socket.send(json.dumps(message))

    def _broke(self, name: str, error: BaseException) -> None:
        self.told.append((self._passed(), {"type": "broken", "where": name, "message": repr(error)}))
        self._news.set()


def _codecs() -> list[Any]:
    from aiortc import RTCRtpSender

    return list(RTCRtpSender.getCapabilities("video").codecs)
