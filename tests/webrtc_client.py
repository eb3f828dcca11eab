"""A house on a real port, and visitors with a real WebRTC stack (aiortc) who come to it."""

from __future__ import annotations

import asyncio
import fractions
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import av
import httpx
import numpy as np
import uvicorn
from aiortc import AudioStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription, VideoStreamTrack
from numpy.typing import NDArray
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from config import Settings
from interaction.sessions import Sessions
from interaction.web.server import build_app, server_options
from tests.fakes_session import FakeSession

T = TypeVar("T")


class House:
    """The web side with fake sessions, served by uvicorn on its own thread and loop.

    `skip(seconds)` makes the house believe that time has gone by.
    """

    def __init__(self, folder: Path, ui: Any = None, **values: Any) -> None:
        self.settings = Settings(_env_file=None, **values)
        self.made: list[FakeSession] = []
        self._skipped = 0.0
        self.sessions = Sessions(self.settings, self._make, lambda: time.monotonic() + self._skipped)
        self.app = build_app(self.settings, self.sessions, ui)
        self._folder = folder
        options = {**server_options(self.settings), "host": "127.0.0.1", "port": 0, "log_level": "warning"}
        self._server = uvicorn.Server(uvicorn.Config(self.app, **options))
        self._loop: asyncio.AbstractEventLoop | None = None

    def _make(self, id: str, person: str) -> FakeSession:
        self._loop = asyncio.get_running_loop()
        self.made.append(FakeSession(id, person, self._folder))
        return self.made[-1]

    @property
    def address(self) -> str:
        port = self._server.servers[0].sockets[0].getsockname()[1]
        return f"127.0.0.1:{port}"

    @property
    def media(self) -> Any:
        return self.app.state.house.media

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        assert self._loop is not None
        return self._loop

    def skip(self, seconds: float) -> None:
        self._skipped += seconds

    async def inside(self, work: Callable[[], T]) -> T:
        """Run a function on the house's own loop."""

        async def call() -> T:
            return work()

        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(call(), self.loop))

    @contextmanager
    def open(self) -> Iterator[House]:
        thread = threading.Thread(target=self._server.run, daemon=True)
        thread.start()
        while not self._server.started:
            assert thread.is_alive(), "the house did not open"
            time.sleep(0.01)
        yield self
        self._server.should_exit = True
        thread.join(20)
        assert not thread.is_alive(), "the house did not close"


class Camera(VideoStreamTrack):
    """Ten pictures a second of one BGR colour."""

    def __init__(self, bgr: tuple[int, int, int], size: tuple[int, int] = (320, 240)) -> None:
        super().__init__()
        self._image = np.full((size[1], size[0], 3), bgr, np.uint8)
        self._number = 0

    async def recv(self) -> av.VideoFrame:
        await asyncio.sleep(0.1)
        frame = av.VideoFrame.from_ndarray(self._image, format="bgr24")
        frame.pts, frame.time_base = self._number * 9000, fractions.Fraction(1, 90_000)
        self._number += 1
        return frame


class Tone(AudioStreamTrack):
    """A microphone that hears a sine of `hertz`."""

    def __init__(self, hertz: float) -> None:
        super().__init__()
        self._hertz = hertz

    async def recv(self) -> av.AudioFrame:
        silent = await super().recv()
        rate, n = silent.sample_rate, silent.samples
        times = (silent.pts + np.arange(n)) / rate
        pcm = (np.sin(2 * np.pi * self._hertz * times) * 12_000).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(pcm.reshape(1, -1), format="s16", layout="mono")
        frame.pts, frame.sample_rate, frame.time_base = silent.pts, rate, silent.time_base
        return frame


class Visitor:
    """One browser: cookies, a channel, and a media connection. `levels`: (time, RMS) of each sound frame received."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.origin = f"http://{house.address}"
        self.http = httpx.AsyncClient(base_url=self.origin, headers={"origin": self.origin})
        self.socket: ClientConnection | None = None
        self.told: list[dict[str, Any]] = []
        self.peer: RTCPeerConnection | None = None
        self.levels: list[tuple[float, float]] = []
        self.connection = ""
        self.screen_peer: RTCPeerConnection | None = None
        self.screen = ""  # the id of its connection
        self._tasks: list[asyncio.Task[None]] = []

    async def enter(self, seq: int | None = None) -> FakeSession:
        """Get the cookies, open the channel, say hello; returns the session at the other end."""
        await self.http.post("/api/session")
        await self.open_channel(seq)
        id = await self.own_session_id()
        return next(session for session in self.house.made if session.id == id and not session.finished)

    async def own_session_id(self) -> str:
        cookie = next(value for name, value in self.http.cookies.items() if "session" in name)
        return cookie.split(".")[0]

    def cookie_header(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())

    async def open_channel(self, seq: int | None = None) -> None:
        url = self.origin.replace("http", "ws") + "/ws"
        headers = {"Cookie": self.cookie_header()}
        self.socket = await connect(url, origin=self.origin, additional_headers=headers, proxy=None)  # type: ignore[arg-type]
        self.told = []
        await self.say(type="hello", seq=seq, language="en")
        self._tasks.append(asyncio.create_task(self._listen(self.socket)))
        await until(lambda: any(message["type"] == "welcome" for message in self.told))

    async def say(self, **message: Any) -> None:
        assert self.socket is not None
        await self.socket.send(json.dumps(message))

    async def start_media(self, camera: VideoStreamTrack | None, microphone: AudioStreamTrack | None = None) -> None:
        """Offer camera and microphone, as the page does, and wait until they are connected."""
        peer = self.peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        channel = peer.createDataChannel("text")
        channel.on("open", lambda: channel.send("handshake"))
        peer.on("track", self._attach)
        peer.addTrack(microphone or AudioStreamTrack())
        if camera:
            peer.addTrack(camera)
        await peer.setLocalDescription(await peer.createOffer())
        offer = {"sdp": peer.localDescription.sdp, "type": "offer"}
        answer = (await self.http.post("/api/offer", json=offer)).raise_for_status().json()
        self.connection = answer["connection"]
        await peer.setRemoteDescription(RTCSessionDescription(answer["sdp"], answer["type"]))
        await until(lambda: peer.connectionState == "connected")

    async def share_screen(self, picture: VideoStreamTrack) -> None:
        """Offer a screen beside camera and microphone, as the page does, and wait until it is connected."""
        peer = self.screen_peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        channel = peer.createDataChannel("text")
        channel.on("open", lambda: channel.send("handshake"))
        peer.addTrack(picture)
        await peer.setLocalDescription(await peer.createOffer())
        offer = {"sdp": peer.localDescription.sdp, "type": "offer", "lane": "screen"}
        answer = (await self.http.post("/api/offer", json=offer)).raise_for_status().json()
        self.screen = answer["connection"]
        await peer.setRemoteDescription(RTCSessionDescription(answer["sdp"], answer["type"]))
        await until(lambda: peer.connectionState == "connected")

    def loud(self, since: float, until_: float = 1e12) -> list[float]:
        """Times of the sound frames that were not silent."""
        return [at for at, level in self.levels if since <= at <= until_ and level > 0.02]

    async def leave(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.socket:
            await self.socket.close()
        for peer in filter(None, (self.peer, self.screen_peer)):
            await peer.close()
        await self.http.aclose()

    def _attach(self, track: Any) -> None:
        if track.kind == "audio":
            self._tasks.append(asyncio.create_task(self._measure(track)))

    async def _measure(self, track: Any) -> None:
        while True:
            pcm: NDArray[np.float32] = (await track.recv()).to_ndarray().astype(np.float32) / 32768
            self.levels.append((time.monotonic(), float(np.sqrt((pcm**2).mean()))))

    async def _listen(self, socket: ClientConnection) -> None:
        with suppress(ConnectionClosed):  # what it means is the test's to say
            async for text in socket:
                self.told.append(json.loads(text))


async def until(condition: Callable[[], Any], seconds: float = 10.0) -> None:
    """Wait until something real has happened; fails after `seconds`."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 (the condition is in another process or thread)
            await asyncio.sleep(0.01)
