"""Real HTTP servers on loopback in the place of every back end behind a URL, and what goes wrong with such servers.

They answer as little as will do: an observer that only answers, a text model that reads nothing into a request, a
recogniser of tones (`whistle.py`), a voice of silence.
"""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from bench.strain.whistle import Phrasebook

HOLD_S = 30.0  # a server that hangs lets go after this, or when it is closed
CPS = 15.0  # characters of a sentence spoken in a second
Answer = Callable[[str, bytes], tuple[str, bytes]]  # path, body → content type, body


@dataclass
class Backend:
    """One server. `answer`: what it says when it is well; `fault`: "", or "500", "hangs", "cut" for each request."""

    answer: Answer
    fault: Callable[[], str] = lambda: ""
    port: int = 0
    requests: int = 0
    _http: ThreadingHTTPServer | None = None
    _open: set[socket.socket] = field(default_factory=set)
    _gone: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def start(self) -> None:
        """Listen, on the port of the last time if there was one."""
        self._gone = threading.Event()
        self._http = _Server(("127.0.0.1", self.port), self._handler())
        self.port = self._http.server_port
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def kill(self) -> None:
        """Nobody listens any more, and every connection is reset."""
        if self._http is None:
            return
        http, self._http = self._http, None
        self._gone.set()
        http.shutdown()
        http.server_close()
        for connection in list(self._open):
            _reset(connection)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        backend, gone = self, self._gone

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                backend._open.add(self.connection)

            def finish(self) -> None:
                backend._open.discard(self.connection)
                with contextlib.suppress(OSError):
                    super().finish()

            def handle(self) -> None:
                with contextlib.suppress(OSError):  # the house gave up, or the server was killed
                    super().handle()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                backend.requests += 1
                fault = backend.fault()
                if fault == "hangs":
                    gone.wait(HOLD_S)
                    self.close_connection = True
                    return
                kind, content = backend.answer(self.path, body)
                self.send_response(500 if fault == "500" else 200)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content[: len(content) // 2] if fault == "cut" else content)
                if fault == "cut":
                    self.wfile.flush()
                    self.close_connection = True
                    _reset(self.connection)

            do_GET = do_POST

            def log_message(self, format: str, *args: object) -> None:
                return

        return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True


def _reset(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RDWR)


def _chat(content: str) -> tuple[str, bytes]:
    reply = {"choices": [{"message": {"role": "assistant", "content": content}}]}
    return "application/json", json.dumps(reply).encode()


def observer(path: str, body: bytes) -> tuple[str, bytes]:
    """Silent but when somebody asked, or something was found."""
    if path.endswith("/models"):
        return "application/json", b'{"data": [{"id": "scripted"}]}'
    asked: Any = json.loads(body)["messages"][-1]["content"][0]["text"]
    wanted = "The person asks" in asked or "The background agent found" in asked
    return _chat("</response> All is well." if wanted else "</silence>")


def language(path: str, body: bytes) -> tuple[str, bytes]:
    """Finds no wish in any request, and no words for anything."""
    if path.endswith("/models"):
        return "application/json", b'{"data": [{"id": "scripted"}]}'
    return _chat('{"wishes": []}')


def voice(path: str, body: bytes) -> tuple[str, bytes]:
    """Silence of the length of the sentence, 16 bit, 24 kHz."""
    return "audio/pcm", bytes(2 * round(24_000 * max(1, len(json.loads(body)["input"])) / CPS))


def hearing(book: Phrasebook) -> Answer:
    """Understands tones."""

    def answer(path: str, body: bytes) -> tuple[str, bytes]:
        wav = body[body.index(b"RIFF") :]
        return "application/json", json.dumps({"text": book.words_of(wav)}).encode()

    return answer
