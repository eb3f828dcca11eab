"""Where an RTSP server may lead libav: real servers on loopback, of which 127.0.0.1 plays the public internet."""

from __future__ import annotations

import select
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from config import Sources
from interaction.clock import Clock, wall_now
from interaction.sources import address
from interaction.sources.base import Frame, SourceError
from interaction.sources.opening import open_source
from interaction.sources.rtsp_relay import Answers, Forbidden, hidden, received
from tests import source_servers as made

pytestmark = pytest.mark.real_time
QUICK = Sources(open_timeout_s=3.0, read_timeout_s=3.0)
LOGIN = f"{made.USER}:{made.PASSWORD}@"


@pytest.fixture(autouse=True)
def loopback_is_public(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address, "is_public", lambda ip: ip == "127.0.0.1")


class Guide(socketserver.ThreadingTCPServer):
    """Answers every request with `words`, in which {cseq} is the request's; `asked`: what it was sent."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, host: str, words: str) -> None:
        guide = self
        self.words = words
        self.asked: list[str] = []

        class Answering(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                request: list[str] = []
                for line in self.rfile:
                    request.append(line.decode().strip())
                    if request[-1]:
                        continue
                    guide.asked.append("\n".join(request))
                    cseq = next(line.partition(":")[2] for line in request if line.lower().startswith("cseq"))
                    self.wfile.write(guide.words.replace("{cseq}", cseq.strip()).encode())
                    request.clear()

        super().__init__((host, 0), Answering)
        self.port: int = self.server_address[1]


@contextmanager
def guide(words: str = "", host: str = "127.0.0.1") -> Iterator[Guide]:
    server = Guide(host, words)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def moved(to: str, status: str = "302 Moved") -> str:
    return f"RTSP/1.0 {status}\r\nCSeq: {{cseq}}\r\nLocation: {to}\r\n\r\n"


async def watch(url: str, most: int = 5, *, configured: bool = False) -> list[Frame]:
    source = open_source(url, "door", allow_private=configured, limits=QUICK)
    frames: list[Frame] = []
    stream = source.frames(Clock().now)
    async for frame in stream:
        frames.append(frame)
        if len(frames) == most:
            break
    await stream.aclose()  # type: ignore[attr-defined]
    await source.aclose()
    return frames


async def test_a_public_camera_is_watched_as_before_with_its_password() -> None:
    with made.rtsp_camera() as host:
        frames = await watch(f"rtsp://{LOGIN}{host}/live")
    assert len(frames) == 5 and frames[0].image.shape == (120, 160, 3)


async def test_rtsps_is_watched_through_the_relay_too(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(tmp_path / "own.pem"))

    class Secret(made.RtspServer):
        def get_request(self) -> tuple[socket.socket, Any]:
            plain, peer = super().get_request()
            return context.wrap_socket(plain, server_side=True), peer

    server = Secret(made.transport_stream())
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        frames = await watch(f"rtsps://{LOGIN}127.0.0.1:{server.server_address[1]}/live")
    finally:
        server.ended.set()
        server.shutdown()
        server.server_close()
    assert len(frames) == 5


def test_what_tls_says_before_the_first_answer_holds_nothing_up(tmp_path: Path) -> None:
    """A server sends tickets behind its handshake; the camera's answer comes after our request only."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(tmp_path / "own.pem"))
    here, there = socket.socketpair()
    camera: list[ssl.SSLSocket] = []
    greeting = threading.Thread(target=lambda: camera.append(context.wrap_socket(there, server_side=True)))
    greeting.start()
    here.settimeout(5)
    with hidden(here) as ours:
        greeting.join()
        with camera[0]:
            assert select.select([ours], [], [], 5)[0], "the tickets are here"
            assert received(ours) is None
            camera[0].sendall(b"RTSP/1.0 200 OK")
            assert select.select([ours], [], [], 5)[0] and received(ours) == b"RTSP/1.0 200 OK"
        assert select.select([ours], [], [], 5)[0] and received(ours) == b""


def certificate(path: Path) -> Path:
    """Of a camera's own making, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "cam")])
    at = wall_now()
    made_out = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    kept = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(kept + made_out.public_bytes(serialization.Encoding.PEM))
    return path


HIDDEN: list[Callable[[str], str]] = [
    moved,
    lambda to: moved(to, "301 Gone elsewhere"),
    lambda to: moved(to).replace("\r\n", "\n"),
    lambda to: moved(to).replace("RTSP/1.0 302", "RTSP/1.0 3\r02"),
    lambda to: moved(to).replace("RTSP/1.0", "RTSP/1.0 \x00"),
    lambda to: moved(to).replace("302 Moved", " 302 Moved"),
    lambda to: moved(to).replace("Location", "\tLocation"),
    lambda to: "$\0\0\x01x" + moved(to),
    lambda to: "$\0\0\0" + moved(to),
    lambda to: "\r\n\r\n" + moved(to),
    lambda to: "RTSP/1.0 100 Wait\r\n\r\n" + moved(to),
    lambda to: "RTSP/1.0 200 OK\r\nContent-Length: 5\r\nContent-Length: 0\r\n\r\n" + moved(to),
    lambda to: f"RTSP/1.0 200 OK\r\nCSeq: {{cseq}}\r\nContent-Length: {len(moved(to)) - 5}\r\n\r\n" + moved(to) * 2,
    lambda to: f"REDIRECT * RTSP/1.0\r\nLocation: {to}\r\n\r\n" + moved(to),
]


@pytest.mark.parametrize("words", HIDDEN)
async def test_no_redirect_leads_from_an_allowed_address_to_a_private_one(words: Callable[[str], str]) -> None:
    with guide(host="127.0.0.2") as private, guide() as public:
        public.words = words(f"rtsp://127.0.0.2:{private.port}/secret")
        with pytest.raises(SourceError) as refused:
            await watch(f"rtsp://{LOGIN}127.0.0.1:{public.port}/live")
        assert public.asked and not private.asked, "nothing was said to it"
        assert made.PASSWORD not in str(refused.value)


@pytest.mark.parametrize("to", ["rtsp://127.0.0.2:{}/x", "rtsps://127.0.0.2:{}/x", "rtsp://[::1]:{}/x"])
async def test_why_is_said(to: str) -> None:
    with guide(host="127.0.0.2") as private, guide(moved(to.format(private.port))) as public:
        for configured in (False, True):
            with pytest.raises(SourceError, match="private network"):
                await watch(f"rtsp://127.0.0.1:{public.port}/live", configured=configured)
        assert not private.asked


@pytest.mark.parametrize(
    "to", ["file:///etc/passwd", "http://127.0.0.1:9/x", "tcp://127.0.0.1:9", "rtsp://:9/", "", "rtsp://["]
)
async def test_what_is_no_rtsp_is_not_followed(to: str) -> None:
    with guide(moved(to)) as public, pytest.raises(SourceError, match="not allowed"):
        await watch(f"rtsp://127.0.0.1:{public.port}/live")


async def test_a_redirect_within_the_allowed_is_followed_without_the_password() -> None:
    with made.rtsp_camera() as host:
        with guide(moved(f"rtsp://{host}/live")) as other, pytest.raises(SourceError, match="refused the user name"):
            await watch(f"rtsp://{LOGIN}127.0.0.1:{other.port}/live")
        with guide(moved(f"rtsp://{LOGIN}{host}/live")) as other:
            assert len(await watch(f"rtsp://127.0.0.1:{other.port}/live")) == 5


async def test_a_circle_of_redirects_ends() -> None:
    with guide() as public:
        public.words = moved(f"rtsp://127.0.0.1:{public.port}/again")
        with pytest.raises(SourceError, match="redirects too often"):
            await watch(f"rtsp://127.0.0.1:{public.port}/live")


def test_pictures_pass_as_they_are_and_answers_are_written_anew() -> None:
    answers = Answers()
    packet = b"$\0\x00\x10" + bytes(range(16))
    told = b"RTSP/1.0 200 OK\nCSeq: 2\nContent-Length: 4\n\nv=0\n" + packet + packet
    passed = b"".join(answers.take(told[i : i + 3]) for i in range(0, len(told), 3))
    assert passed == b"RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Length: 4\r\n\r\nv=0\n" + packet + packet
    with pytest.raises(Forbidden):
        answers.take(b"x" * 70_000)
