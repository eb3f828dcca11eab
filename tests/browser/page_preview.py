"""A preview of the page without the house: a small app that speaks docs/protocol.md with scripted answers.

`python -m tests.browser.page_preview [PORT]` serves it; `POST /preview/scene/NAME` plays one of SCENES. Media is
real: the offer is answered by aiortc, which takes the camera's frames and sends a tone as the voice.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import datetime, timedelta
from fractions import Fraction
from functools import cache
from typing import Any

import cv2
import gradio as gr
import numpy as np
import uvicorn
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaBlackhole
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame
from fastapi import FastAPI, Request, Response, WebSocket, WebSocketDisconnect
from fastapi.responses import JSONResponse

from config import Settings
from interaction.album import Picture
from interaction.clock import stopwatch, wall_now
from interaction.film import film
from interaction.web.ui import CONTENT_SECURITY_POLICY, OwnPage, build_ui, page_routes
from tests.browser.page_scenes import CLIP, SCENES, snapshot

RATE = 48_000


def room(person: float | None, cup: bool = True) -> np.ndarray:
    """A drawn room, uint8 [480, 640, 3] BGR. `person`: where someone stands, 0…1 from the left."""
    image = np.full((480, 640, 3), (189, 193, 185), np.uint8)
    image[320:] = (144, 154, 143)
    cv2.rectangle(image, (60, 70), (200, 310), (134, 138, 126), -1)
    cv2.rectangle(image, (72, 82), (188, 298), (226, 226, 216), -1)
    cv2.rectangle(image, (420, 245), (600, 258), (70, 88, 109), -1)
    for x in (432, 578):
        cv2.rectangle(image, (x, 258), (x + 10, 370), (70, 88, 109), -1)
    if cup:
        cv2.rectangle(image, (480, 208), (506, 245), (47, 64, 164), -1)
    if person is not None:
        x = int(person * 640)
        cv2.ellipse(image, (x, 400), (70, 190), 0, 180, 360, (107, 86, 61), -1, cv2.LINE_AA)
        cv2.circle(image, (x, 170), 36, (138, 166, 202), -1, cv2.LINE_AA)
    return image


def jpeg(image: np.ndarray) -> Response:
    return Response(cv2.imencode(".jpg", image)[1].tobytes(), media_type="image/jpeg")


@cache
def walk() -> bytes:
    return film([Picture(n / 4, bytes(jpeg(room(n / 40)).body)) for n in range(40)], 10.0, 4.0)


class Tone(MediaStreamTrack):
    """A quiet 440 Hz, so that there is something to play."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._n = 0
        self._elapsed = stopwatch()

    async def recv(self) -> AudioFrame:
        await asyncio.sleep(max(0.0, self._n / RATE - self._elapsed()))
        samples = (np.sin(2 * np.pi * 440 * (self._n + np.arange(960)) / RATE) * 1500).astype(np.int16)
        frame = AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._n, Fraction(1, RATE)
        self._n += 960
        return frame


class Preview:
    """The scripted house. `received`: what the page sent, heartbeats left out; `push` sends to every open page."""

    def __init__(self) -> None:
        self.url = ""
        self.received: list[dict[str, Any]] = []
        self.refuse_sessions = False
        self.moments_broken = False
        self.moments: list[dict[str, Any]] = []
        self.reset()
        self._telling = asyncio.Lock()
        self._sockets: set[WebSocket] = set()
        self.crowded = False  # even the queue is full
        self._peers: set[RTCPeerConnection] = set()
        self._watchers: dict[str, asyncio.Future[None]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self.app = self._build()

    def reset(self, **state: Any) -> None:
        """A new session: session time starts three minutes ago. `state` changes its snapshot."""
        self.anchor = wall_now() - timedelta(seconds=180)
        self.seq = 0
        self.state = snapshot(self.anchor) | state
        self.history: list[dict[str, Any]] = []
        self.received.clear()
        self.handshakes = 0
        self.camera_frames = 0
        self.screen_frames = 0
        self.alone = True  # no other page is there
        self.connection = ""  # the id that the latest offer was answered with
        self.screen = ""  # … that of a screen
        self.beating = ""  # the id that the latest heartbeat named
        self.beating_screen = ""
        self.moments = moments(self.anchor)

    def now(self) -> float:
        return (wall_now() - self.anchor).total_seconds()

    def event(self, kind: str, /, *, ago: float = 0.0, **fields: Any) -> dict[str, Any]:
        self.seq += 1
        event = {"t": round(self.now() - ago, 3), "seq": self.seq, "type": kind, **fields}
        self.history.append(event)
        return event

    def play(self, *names: str) -> None:
        """Play scenes to every page; from any thread."""
        for name in names:
            self._run(self._tell(lambda name=name: SCENES[name](self.event)))

    def tell(self, kind: str, /, **fields: Any) -> None:
        """One event to every page; from any thread."""
        self._run(self._tell(lambda: [self.event(kind, **fields)]))

    def push(self, *messages: dict[str, Any]) -> None:
        """Send to every page; from any thread."""
        self._run(self._tell(lambda: list(messages)))

    def drop(self) -> None:
        """Break every page's connection; from any thread."""
        self._run(self._drop())

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        assert self._loop is not None
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _tell(self, make: Callable[[], list[dict[str, Any]]]) -> None:
        """Events get their numbers and go out in one go: a page takes none that is older than its last."""
        async with self._telling:
            for message in make():
                for socket in list(self._sockets):
                    await socket.send_json(message)

    async def _drop(self) -> None:
        for socket in list(self._sockets):
            await socket.close(1012)

    def _build(self) -> FastAPI:
        app = FastAPI()
        settings = Settings(_env_file=None)
        app.add_middleware(OwnPage, language=settings.language)

        @app.middleware("http")
        async def policy(request: Request, proceed: Callable[[Request], Any]) -> Response:
            response: Response = await proceed(request)
            response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
            return response

        app.post("/api/session")(self._session)
        app.websocket("/ws")(self._talk)
        app.post("/api/offer")(self._offer)
        app.get("/api/ice")(lambda: {"iceServers": []})
        app.get("/api/memory")(self._memory)
        app.delete("/api/memory")(self._forget)
        app.get("/api/pictures/{name}")(lambda name: jpeg(room(0.3 if "1" in name else 0.7)))
        app.get("/api/clips/{name}")(self._clip)
        app.get("/api/frame/{lane}")(self._frame)
        app.get("/api/artefacts/{task}/{name}")(lambda task, name: jpeg(room(None)))
        app.post("/preview/scene/{name}")(self._play)
        page_routes(app)
        return gr.mount_gradio_app(app, build_ui(settings), path="/", show_api=False, ssr_mode=False)

    async def _session(self) -> Response:
        if self.refuse_sessions:
            return JSONResponse({"error": {"message": "token"}}, 403)
        if self.crowded:
            return JSONResponse({"error": {"message": "full"}}, 503)
        response = JSONResponse({"ok": True})
        response.set_cookie("lookout", "preview", httponly=True, samesite="strict")
        return response

    async def _talk(self, socket: WebSocket) -> None:
        await socket.accept()
        self._loop = asyncio.get_running_loop()
        hello = await socket.receive_json()
        self.received.append(hello)
        last = hello.get("seq")
        await socket.send_json(
            {
                "type": "welcome",
                "seq": self.seq,
                "started": self.anchor.isoformat(),
                "alone": self.alone,
                "state": self.state,
            }
        )
        self._sockets.add(socket)
        for event in [*self.history]:
            if last is not None and event["seq"] > last:
                await socket.send_json(event)
        try:
            while True:
                message = await socket.receive_json()
                if message["type"] == "heartbeat":
                    self.beating, self.beating_screen = message.get("connection", ""), message.get("screen", "")
                    await socket.send_json({"type": "pong"})
                    continue
                self.received.append(message)
                if message["type"] == "stop":
                    await socket.close(4410, "the session ended")
                    return
                await self._tell(lambda message=message: self._answer(message))
        except WebSocketDisconnect:
            pass  # the page went away, as pages do
        finally:
            self._sockets.discard(socket)

    def _answer(self, message: dict[str, Any]) -> list[dict[str, Any]]:
        """The few effects that the page must see to be driven by hand."""
        kind = message["type"]
        if kind in ("pause", "resume"):
            self.state["paused"] = kind == "pause"
            return [self.event("mode_changed", name="paused", value=kind == "pause")]
        if kind in ("voice", "microphone", "wake", "verbosity", "pace"):
            value = message.get("on", message.get("value"))
            self.state[kind] = value
            return [self.event("mode_changed", name=kind, value=value)]
        if kind == "say":
            return [self.event("transcript_final", text=message["text"], language="en", origin="typed")]
        if kind == "media" and message["what"] == "camera" and message["state"] == "ok":
            return [self.event("lane_changed", lane="camera", state="watching", detail="")]
        if kind == "media" and message["what"] == "screen":
            return [self.event("lane_changed", lane="screen", state="ended", detail="")]
        if kind == "source" and message["op"] == "add":
            if not message.get("url", "rtsp://").startswith("rtsp://"):
                return [{"type": "refused", "message": "That kind of address is not taken.", "advice": "Use rtsp://…"}]
            return [self.event("lane_changed", lane=message["name"], state="connecting", detail="")]
        if kind == "areas":
            if any(zone["name"] == "nowhere" for zone in message["zones"]):
                return [{"type": "refused", "message": "A watch waits there.", "advice": "Cancel it first."}]
            drawn = {name: message[name] for name in ("lane", "zones", "masks")}
            return [self.event("areas_changed", hides_more=True, **drawn)]
        if kind == "watch":
            return self._watch(message)
        return []

    def _watch(self, message: dict[str, Any]) -> list[dict[str, Any]]:
        watches: list[dict[str, Any]] = self.state["watches"]
        if message["op"] == "add":
            watch = watches[0] | {"id": f"w{len(watches) + 9}", "wording": message["wording"], "fired": 0}
            watch |= {"last_fired": None, "urgent": False, "state": "active"}
            watches.append(watch)
            return [self.event("watch_changed", change="armed", watch=watch)]
        watch = next(w for w in watches if w["id"] == message["id"])
        if message["op"] == "cancel":
            watches.remove(watch)
            return [self.event("watch_changed", change="cancelled", watch=watch | {"state": "cancelled"})]
        if message["op"] == "edit":
            watch.update({k: message[k] for k in ("wording", "urgent", "once")})
        else:
            watch["state"] = "paused" if message["op"] == "pause" else "active"
        return [self.event("watch_changed", change="changed", watch=dict(watch))]

    async def _offer(self, body: dict[str, str]) -> dict[str, str]:
        is_screen = body["lane"] == "screen"
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._peers.add(peer)
        sink = MediaBlackhole()
        if not is_screen:
            peer.addTrack(Tone())

        @peer.on("datachannel")
        def opened(channel: Any) -> None:
            @channel.on("message")
            def said(message: str) -> None:
                self.handshakes += message == "handshake"

        @peer.on("track")
        def got(track: MediaStreamTrack) -> None:
            if track.kind == "audio":
                sink.addTrack(track)
            else:
                self._watchers[body["lane"]] = asyncio.ensure_future(self._count(track, is_screen))

        await peer.setRemoteDescription(RTCSessionDescription(body["sdp"], body["type"]))
        await peer.setLocalDescription(await peer.createAnswer())
        await sink.start()
        id = f"c{len(self._peers)}"
        if is_screen:
            self.screen = id
            await self._tell(lambda: [self.event("lane_changed", lane="screen", state="watching", detail="")])
        else:
            self.connection = id
        return {"sdp": peer.localDescription.sdp, "type": peer.localDescription.type, "connection": id}

    async def _count(self, track: MediaStreamTrack, is_screen: bool) -> None:
        with suppress(MediaStreamError):  # how a track says that it ended
            while True:
                await track.recv()
                self.screen_frames += is_screen
                self.camera_frames += not is_screen

    async def _memory(self, q: str = "", day: str = "", before: str = "") -> Response:
        if self.moments_broken:
            error = {
                "message": "The memory folder cannot be read.",
                "kept": "Watching goes on.",
                "advice": "Look at the disk.",
            }
            return JSONResponse({"error": error}, 500)
        found = [m for m in self.moments if q.casefold() in m["text"].casefold() and m["at"].startswith(day)]
        days = sorted({m["at"][:10] for m in self.moments}, reverse=True)
        if before:
            found = [m for m in found if datetime.fromisoformat(m["at"]) < datetime.fromisoformat(before)]
        return JSONResponse({"moments": found, "days": days})

    async def _forget(self, id: str = "") -> dict[str, bool]:
        self.moments = [m for m in self.moments if id and m["id"] != id]
        return {"ok": True}

    async def _frame(self, lane: str, t: float) -> Response:
        if self.now() - t > 110 or lane == "Gone":
            return JSONResponse({"error": {"message": "not kept"}}, 404)
        return jpeg(room(None if lane == "Door" else 0.2 + t % 10 / 18))

    async def _clip(self, name: str) -> Response:
        """Someone walks through the room, for ten seconds."""
        if name != CLIP:
            return JSONResponse({"error": {"message": "not kept"}}, 404)
        return Response(await asyncio.to_thread(walk), media_type="video/webm")

    async def _play(self, name: str) -> Response:
        if name not in SCENES:
            return JSONResponse({"error": {"message": f"scenes: {', '.join(SCENES)}"}}, 404)
        await self._tell(lambda: SCENES[name](self.event))
        return JSONResponse({"ok": True})


def moments(anchor: datetime) -> list[dict[str, Any]]:
    """A little long-term memory, newest first. One text is what a hostile poster might say."""
    told = [
        (0, "seen", "A person at the door", "camera", "m1.jpg"),
        (1, "said", "You asked me to tell you when someone comes in", None, None),
        (44, "seen", "The cup is on the table, to the right", "camera", "m2.jpg"),
        (61, "text", "A poster reads <img src=x onerror=alert(1)>", "camera", "m1.jpg"),
        (60 * 25, "seen", "Two people left, one stayed for 20 minutes", "Door", "m2.jpg"),
    ]
    return [
        {
            "id": f"m{i}",
            "at": (anchor - timedelta(minutes=minutes)).isoformat(),
            "kind": kind,
            "text": text,
            "lane": lane,
            "label": None,
            "picture": picture,
            "clip": CLIP if i == 0 else "",
        }
        for i, (minutes, kind, text, lane, picture) in enumerate(told)
    ]


def serve(preview: Preview, port: int = 0) -> tuple[uvicorn.Server, threading.Thread]:
    """Serve in a thread; `server.servers[0].sockets[0].getsockname()[1]` is the port once `server.started`."""
    server = uvicorn.Server(
        uvicorn.Config(preview.app, host="127.0.0.1", port=port, log_level="warning", timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    return server, thread


if __name__ == "__main__":
    _, thread = serve(Preview(), int(sys.argv[1]) if len(sys.argv) > 1 else 7861)
    thread.join()
