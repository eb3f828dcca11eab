"""The RTSP server itself: run by the system's Python with Debian's GStreamer, told what to do over its standard input.

First line in: JSON {"port", "login": [kind, user, password] or null, "streams": {name: {"codec", "fps", "clips":
{name: file}}}}. First line out: {"port"}. Then lines in: {"do": "show" | "hold" | "go", "stream", "clip"}, each
answered by {"did", "stream", "clip", "at": monotonic seconds} once the first picture of it has left. It ends with its
input.
A clip is a file of access units, each after its length in four bytes; it begins with a key frame and goes round.
"""

from __future__ import annotations

import json
import struct
import sys
import threading
from pathlib import Path
from typing import Any

import gi

for name in ("Gst", "GstRtspServer", "GstApp"):
    gi.require_version(name, "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

CAPS = {
    "h264": "video/x-h264,stream-format=byte-stream,alignment=au",
    "h265": "video/x-h265,stream-format=byte-stream,alignment=au",
    "jpeg": "image/jpeg",
}
PAY = {
    "h264": "rtph264pay config-interval=-1",
    "h265": "rtph265pay config-interval=-1",
    "jpeg": "rtpjpegpay",
}
SOUND = "( audiotestsrc is-live=true ! audio/x-raw,rate=8000,channels=1 ! mulawenc ! rtppcmupay name=pay0 )"


def units(path: str) -> list[bytes]:
    data, at, found = Path(path).read_bytes(), 0, []
    while at < len(data):
        (size,) = struct.unpack_from(">I", data, at)
        found.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    return found


class Stream:
    """One mount: everyone who comes sees the same pictures, from the key frame before."""

    def __init__(self, name: str, codec: str, fps: float, clips: dict[str, str]) -> None:
        self.name = name
        self._fps = fps
        self._clips = {clip: units(path) for clip, path in clips.items()}
        self._clip = next(iter(clips), "")
        self._next = 0
        self._held = False
        self._answer: dict[str, Any] | None = None
        self._sources: list[Any] = []
        self.factory = GstRtspServer.RTSPMediaFactory()
        caps = f"{CAPS.get(codec)},framerate=0/1"
        if codec == "jpeg":  # its sender wants to know the size beforehand
            first = self._clips[self._clip][0]
            height, width = struct.unpack_from(">HH", first, first.index(b"\xff\xc0") + 5)
            caps += f",width={width},height={height}"
        source = f"appsrc name=src is-live=true do-timestamp=true format=time caps={caps}"
        self.factory.set_launch(SOUND if codec == "sound" else f"( {source} ! {PAY[codec]} name=pay0 )")
        self.factory.set_shared(True)
        if clips:
            self.factory.connect("media-configure", self._configured)
            GLib.timeout_add(max(1, round(1000 / fps)), self._push)

    def order(self, what: str, clip: str) -> bool:
        """In the loop of GLib, which calls again what returns True."""
        self._held = what == "hold"
        self._answer = {"did": what, "stream": self.name, "clip": clip}
        if what == "show":
            self._clip, self._next = clip, 0
        if self._held or not self._sources:
            self._told()
        return False

    def _configured(self, _: Any, media: Any) -> None:
        source = media.get_element().get_by_name("src")
        # Before it asks there is no clock yet, and a picture without a time stops the server.
        source.connect("need-data", self._wanted)
        media.connect("unprepared", self._left, source)

    def _left(self, _: Any, source: Any) -> None:
        if source in self._sources:
            self._sources.remove(source)

    def _wanted(self, source: Any, _: int) -> None:
        if source not in self._sources:
            self._next = 0
            self._sources.append(source)

    def _push(self) -> bool:
        if self._held or not self._sources:
            return True
        clip = self._clips[self._clip]
        for source in self._sources:
            source.emit("push-buffer", Gst.Buffer.new_wrapped(clip[self._next]))
        self._next = (self._next + 1) % len(clip)
        if self._answer:
            self._told()
        return True

    def _told(self) -> None:
        say({**(self._answer or {}), "at": GLib.get_monotonic_time() / 1e6})
        self._answer = None


def say(message: dict[str, Any]) -> None:
    print(json.dumps(message), flush=True)


def guarded(server: Any, factories: list[Any], kind: str, user: str, password: str) -> None:
    """Only who knows the password may look."""
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    if kind == "digest":
        auth.set_supported_methods(2)  # GST_RTSP_AUTH_DIGEST
        auth.add_digest(user, password, token)
    else:
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    server.set_auth(auth)
    for factory in factories:
        factory.add_role_from_structure(
            Gst.Structure.from_string(
                "viewer, media.factory.access=(boolean)true, media.factory.construct=(boolean)true;"
            )[0]
        )


def main() -> None:
    Gst.init(None)
    plan = json.loads(sys.stdin.readline())
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(plan["port"]))
    streams = {name: Stream(name, **what) for name, what in plan["streams"].items()}
    for name, stream in streams.items():
        server.get_mount_points().add_factory(f"/{name}", stream.factory)
    if plan["login"]:
        guarded(server, [stream.factory for stream in streams.values()], *plan["login"])
    if not server.attach(None):
        sys.exit("the port is taken")
    say({"port": server.get_bound_port()})
    loop = GLib.MainLoop()

    def listen() -> None:
        for line in sys.stdin:
            order = json.loads(line)
            GLib.idle_add(streams[order["stream"]].order, order["do"], order.get("clip", ""))
        loop.quit()

    threading.Thread(target=listen, daemon=True).start()
    loop.run()


if __name__ == "__main__":
    main()
