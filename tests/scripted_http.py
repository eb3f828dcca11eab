"""A real HTTP server on loopback that answers as it was told: for the agent's clients."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. `wait`: hold it back until the server is closed (a server that never answers)."""

    body: Any = b""
    status: int = 200
    wait: bool = False


@dataclass
class Server:
    """What was asked (`path`, headers, body as JSON), and what will be answered, in order; the last one stays."""

    url: str = ""
    replies: list[Reply | Callable[[dict[str, Any]], Reply]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)
    arrived: threading.Condition = field(default_factory=threading.Condition)

    def wait_for(self, requests: int) -> bool:
        """Blocks until so many requests have come in (10 s at most)."""
        with self.arrived:
            return self.arrived.wait_for(lambda: len(self.bodies) >= requests, 10)

    def next(self, asked: dict[str, Any]) -> Reply:
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        return reply(asked) if callable(reply) else reply


@contextmanager
def serve(*replies: Reply | Callable[[dict[str, Any]], Reply]) -> Iterator[Server]:
    server = Server(replies=list(replies))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))) or b"{}")
            server.paths.append(self.path)
            server.headers.append({name.lower(): value for name, value in self.headers.items()})
            with server.arrived:
                server.bodies.append(asked)
                server.arrived.notify_all()
            reply = server.next(asked)
            if reply.wait:
                server.closing.wait(30)
                return
            content = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            self.send_response(reply.status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            """Silent."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.url = f"http://127.0.0.1:{http.server_port}"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        http.shutdown()
        thread.join()
        http.server_close()


def closed_port() -> int:
    """A port of this machine on which nothing listens."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
