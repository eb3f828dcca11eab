"""HTTP streams that never end, and servers that speak nonsense."""

from __future__ import annotations

import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np

from tests import source_servers as made

WINDOW = 3  # segments in a playlist that rolls


class Live(BaseHTTPRequestHandler):
    """`/live.m3u8`: a list that rolls on every second until `server.rolling` is cleared; `/endless.ts`: a clip of four
    seconds again and again, at its pace, with the time stamps of the first time; `/camera.mjpeg`-like things are in
    `source_servers`."""

    server: LiveServer

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        name = self.path.lstrip("/")
        if name == "endless.ts":
            self._endless()
            return
        body = self.server.playlist().encode() if name == "live.m3u8" else (self.server.folder / name).read_bytes()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _endless(self) -> None:
        self.send_response(200)
        self.end_headers()
        clip = made.transport_stream()
        part = 188 * 40
        pause = made.SECONDS / (len(clip) / part)
        try:
            while True:
                for at in range(0, len(clip), part):
                    self.wfile.write(clip[at : at + part])
                    if self.server.ended.wait(pause):
                        return
        except OSError:
            return


class LiveServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), Live)
        self.folder = folder
        self.ended = threading.Event()
        self._names = [path.name for path in made.segments(folder, 12)]
        self._began = time.monotonic()
        self._stopped_at: int | None = None

    def stop_rolling(self) -> None:
        self._stopped_at = self._newest()

    def playlist(self) -> str:
        first = self._newest()
        text = made.playlist(self._names[first : first + WINDOW], ended=False)
        return text.replace("MEDIA-SEQUENCE:0", f"MEDIA-SEQUENCE:{first}")

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{path}"

    def _newest(self) -> int:
        if self._stopped_at is not None:
            return self._stopped_at
        return min(int(time.monotonic() - self._began), len(self._names) - WINDOW)


@contextmanager
def live(folder: Path) -> Iterator[LiveServer]:
    server = LiveServer(folder)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield server
    finally:
        server.ended.set()
        server.shutdown()
        server.server_close()


class _Nonsense(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        with suppress(OSError):  # the other side has heard enough
            self.request.sendall(np.random.default_rng(3).bytes(1 << 16))


@contextmanager
def nonsense() -> Iterator[int]:
    """The port of a server that answers everything with noise."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Nonsense) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()
