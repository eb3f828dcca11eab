"""Servers on loopback: our own speech server, and a scripted one in its place: good, slow, broken or absurd."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import uvicorn

from config import Settings
from interaction.hearing.base import Recognizer
from interaction.speaking.base import Voice
from interaction.speech_server.server import build_app
from interaction.speech_server.serving import server_options


@dataclass
class Reply:
    """What the server answers: `hold` seconds before `body`, and `stall` seconds before `rest`."""

    body: bytes = b""
    status: int = 200
    kind: str = "application/json"
    hold: float = 0.0
    rest: bytes = b""
    stall: float = 0.0


@dataclass
class Server:
    """`url`: its address with /v1; `requests`: (path, headers, body) of all that came."""

    url: str
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)


@contextmanager
def speech_server(reply: Reply) -> Iterator[Server]:
    """Answers every POST with `reply` until the block is left."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            server.requests.append((self.path, dict(self.headers), body))
            server.closing.wait(reply.hold)
            self.send_response(reply.status)
            self.send_header("content-type", reply.kind)
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            try:
                self._chunk(reply.body)
                if reply.rest:
                    server.closing.wait(reply.stall)
                    self._chunk(reply.rest)
                self.wfile.write(b"0\r\n\r\n")
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True  # the client has gone, as some tests want

        def _chunk(self, data: bytes) -> None:
            if data:
                self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

        def log_message(self, format: str, *args: object) -> None: ...

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    server = Server(f"http://127.0.0.1:{http.server_address[1]}/v1")
    threading.Thread(target=http.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server
    finally:
        server.closing.set()
        http.shutdown()
        http.server_close()


@contextmanager
def serving(recognizer: Recognizer | None, voice: Voice | None, port: int = 0, **bounds: Any) -> Iterator[str]:
    """Our own server on loopback, by default on a free port; its address."""
    settings = Settings(_env_file=None, speech_server=bounds)  # type: ignore[call-arg]
    app = build_app(recognizer, voice, settings)
    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, log_level="critical", **server_options(settings.speech_server)
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(20)


def dead_url() -> str:
    """An address on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"
