"""Small clips made with PyAV, and a loopback HTTP server that serves them in every way a camera might."""

from __future__ import annotations

import base64
import hashlib
import io
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

FPS = 10
SECONDS = 4
USER, PASSWORD = "guard", "s3cret-pass"


def picture(i: int, width: int = 160, height: int = 120) -> NDArray[np.uint8]:
    """Frame `i` of every clip: its number can be read back from its brightness."""
    return np.full((height, width, 3), 40 + 4 * (i % 50), np.uint8)


def video(path: Path, container: str = "mp4", *, seconds: float = SECONDS, size: tuple[int, int] = (160, 120)) -> Path:
    """A clip of 10 fps with a key frame every second."""
    with av.open(str(path), "w", format=container) as out:
        stream = out.add_stream("mpeg4" if container == "mp4" else "mpeg2video", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.gop_size, stream.bit_rate = FPS, 4_000_000
        for i in range(int(seconds * FPS)):
            frame = av.VideoFrame.from_ndarray(picture(i, *size), format="bgr24")
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def sound(path: Path) -> Path:
    """A second of tone, no picture."""
    with av.open(str(path), "w", format="wav") as out:
        stream = out.add_stream("pcm_s16le", rate=16000, layout="mono")
        samples = (8000 * np.sin(np.arange(16000) / 8)).astype(np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate = 16000
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def segments(folder: Path, count: int = 4, *, size: tuple[int, int] = (160, 120), name: str = "seg") -> list[Path]:
    """One-second MPEG-TS segments with running time stamps."""
    made = []
    for k in range(count):
        path = folder / f"{name}{k}.ts"
        with av.open(str(path), "w", format="mpegts") as out:
            stream = out.add_stream("mpeg2video", rate=FPS)
            stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
            stream.gop_size, stream.bit_rate = FPS, 4_000_000
            for i in range(FPS):
                frame = av.VideoFrame.from_ndarray(picture(k * FPS + i, *size), format="bgr24")
                frame.pts = k * FPS + i
                out.mux(stream.encode(frame))
            out.mux(stream.encode(None))
        made.append(path)
    return made


def playlist(urls: list[str], *, ended: bool = True) -> str:
    lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:1", "#EXT-X-MEDIA-SEQUENCE:0"]
    for url in urls:
        lines += ["#EXTINF:1.0,", url]
    return "\n".join([*lines, *(["#EXT-X-ENDLIST"] if ended else []), ""])


class Camera(BaseHTTPRequestHandler):
    """Serves `server.folder`; `server.seen` collects (path, Authorization)."""

    server: CameraServer
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        self.server.seen.append((self.path, self.headers.get("Authorization")))
        name = self.path.partition("?")[0].lstrip("/")
        if name.startswith("to/"):
            self.send_response(302)
            self.send_header("Location", self.server.elsewhere[name[3:]])
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif name == "hang":
            self.server.released.wait(20)
        elif name == "forbidden":
            self.send_error(403)
        elif name in ("camera.mjpeg", "esp32.mjpeg"):
            self._mjpeg(first=b"\r\n" if name[0] == "e" else b"")
        elif name.startswith(("basic/", "digest/")) and not self._allowed(name.partition("/")[0]):
            self.send_response(401)
            challenge = 'Basic realm="cam"' if name[0] == "b" else 'Digest realm="cam", nonce="n0nce", qop="auth"'
            self.send_header("WWW-Authenticate", challenge)
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self._file(name.rpartition("/")[2], ranges=not name.startswith("plain/"))

    def _allowed(self, scheme: str) -> bool:
        given = self.headers.get("Authorization", "")
        if scheme == "basic":
            return given == "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        fields = dict(part.strip().split("=", 1) for part in given.partition(" ")[2].split(",")) if given else {}
        fields = {name: value.strip('"') for name, value in fields.items()}

        def h(text: str) -> str:
            return hashlib.md5(text.encode()).hexdigest()

        own = f"{fields.get('nc')}:{fields.get('cnonce')}:auth"
        wanted = h(f"{h(f'{USER}:cam:{PASSWORD}')}:n0nce:{own}:{h(f'GET:{self.path}')}")
        return fields.get("response") == wanted

    def _file(self, name: str, *, ranges: bool) -> None:
        path = self.server.folder / name
        if not path.is_file():
            self.send_error(404)
            return
        data, start = path.read_bytes(), 0
        span = self.headers.get("Range") if ranges else None
        if span:
            first, _, last = span.removeprefix("bytes=").partition("-")
            start, stop = int(first), int(last) + 1 if last else len(data)
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{stop - 1}/{len(data)}")
            data = data[start:stop]
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _mjpeg(self, first: bytes) -> None:
        """For ever, twenty a second, until the other side hangs up. `first`: what some cameras begin with."""
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        self.wfile.write(first)
        i = 0
        while not self.server.released.wait(0.05):
            jpeg = cv2.imencode(".jpg", picture(i % 40))[1].tobytes()
            head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
            try:
                self.wfile.write(head.encode() + jpeg + b"\r\n")
            except OSError:
                return
            i += 1


class CameraServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), Camera)
        self.folder = folder
        self.seen: list[tuple[str, str | None]] = []
        self.elsewhere: dict[str, str] = {}
        self.released = threading.Event()

    def handle_error(self, request: object, client_address: object) -> None:
        pass

    def url(self, path: str, *, login: str = "") -> str:
        return f"http://{login}127.0.0.1:{self.server_port}/{path}"


@contextmanager
def camera(folder: Path) -> Iterator[CameraServer]:
    server = CameraServer(folder)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()


def transport_stream(seconds: float = SECONDS) -> bytes:
    """A clip as MPEG-TS bytes."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mpegts") as out:
        stream = out.add_stream("mpeg2video", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        stream.gop_size, stream.bit_rate = FPS, 4_000_000
        for i in range(int(seconds * FPS)):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture(i), format="bgr24")))
        out.mux(stream.encode(None))
    return buffer.getvalue()


class Rtsp(socketserver.StreamRequestHandler):
    """Just enough RTSP over TCP: a transport stream as RTP payload 33, interleaved, for who knows the password."""

    server: RtspServer

    def handle(self) -> None:
        while request := self._request():
            method, sequence, allowed = request
            if not allowed:
                self._answer(sequence, "401 Unauthorized", ['WWW-Authenticate: Basic realm="cam"'])
            elif method == "OPTIONS":
                self._answer(sequence, "200 OK", ["Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN"])
            elif method == "DESCRIBE":
                lines = [
                    "v=0",
                    "o=- 0 0 IN IP4 127.0.0.1",
                    "s=cam",
                    "t=0 0",
                    "m=video 0 RTP/AVP 33",
                    "a=control:track0",
                ]
                sdp = "\r\n".join([*lines, ""])
                self._answer(sequence, "200 OK", ["Content-Type: application/sdp"], sdp)
            elif method == "SETUP":
                self._answer(sequence, "200 OK", ["Session: 1", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1"])
            elif method == "PLAY":
                self._answer(sequence, "200 OK", ["Session: 1"])
                self._play()
                return

    def _request(self) -> tuple[str, str, bool] | None:
        lines = []
        while (line := self.rfile.readline().decode().strip()) or not lines:
            if not line:
                return None
            lines.append(line)
        headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in lines[1:])}
        wanted = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        method = lines[0].partition(" ")[0]
        return method, headers.get("cseq", "0"), headers.get("authorization") == wanted or method == "OPTIONS"

    def _answer(self, sequence: str, status: str, headers: list[str], body: str = "") -> None:
        lines = [f"RTSP/1.0 {status}", f"CSeq: {sequence}", *headers, f"Content-Length: {len(body)}", "", body]
        self.wfile.write("\r\n".join(lines).encode())

    def _play(self) -> None:
        """Round and round, some hundred pictures a second, until the other side has seen enough."""
        packets = [self.server.stream[i : i + 7 * 188] for i in range(0, len(self.server.stream), 7 * 188)]
        try:
            for i, payload in enumerate(cycle(packets)):
                if self.server.ended.wait(0.01):
                    return
                rtp = struct.pack(">BBHII", 0x80, 33, i & 0xFFFF, i * 900, 7) + payload
                self.wfile.write(struct.pack(">cBH", b"$", 0, len(rtp)) + rtp)
        except OSError:
            return


class RtspServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, stream: bytes) -> None:
        super().__init__(("127.0.0.1", 0), Rtsp)
        self.stream = stream
        self.ended = threading.Event()


@contextmanager
def rtsp_camera() -> Iterator[str]:
    """Yields the host and port of a camera."""
    server = RtspServer(transport_stream())
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.ended.set()
        server.shutdown()
        server.server_close()
