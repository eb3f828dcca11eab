"""A real HTTP receiver of alerts on loopback: it keeps what came, and answers as it was told."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET = "whsec_" + base64.b64encode(b"a key that only the two know").decode()


@dataclass(frozen=True, slots=True)
class Answer:
    """`hangs`: until the receiver is closed; `size`: bytes of its body."""

    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    size: int = 0
    hangs: bool = False


@dataclass
class Receiver:
    """Answers in order; the last one stays. `posts`: headers and bytes of everything that came."""

    url: str
    answers: list[Answer]
    posts: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def alerts(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.posts]

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.posts]

    def next(self) -> Answer:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def verified(headers: dict[str, str], body: bytes, secret: str = SECRET) -> bool:
    """As docs/alerts.md tells a receiver to."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(expected, given) for given in headers["webhook-signature"].split(" "))


@contextmanager
def receive(*answers: Answer, port: int = 0) -> Iterator[Receiver]:
    receiver = Receiver("", list(answers) or [Answer()])

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            receiver.posts.append(({name.lower(): value for name, value in self.headers.items()}, body))
            answer = receiver.next()
            if answer.hangs:
                receiver.closing.wait(30)
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(answer.size))
            self.end_headers()
            try:
                for _ in range(answer.size // 10_000):
                    self.wfile.write(b"x" * 10_000)
            except OSError:
                return  # nobody wants to read that

        def log_message(self, *_: object) -> None:
            """Silent."""

    http = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    receiver.url = f"http://127.0.0.1:{http.server_port}/hook?key=hidden"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.closing.set()
        http.shutdown()
        thread.join()
        http.server_close()
