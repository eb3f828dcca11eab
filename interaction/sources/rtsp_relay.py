"""Between libav and an RTSP server: what comes back is read here first, as libav follows a redirect wherever it leads.

libav speaks to a port of this machine that takes one connection; ours goes to an address that was checked. Answers are
read strictly and written anew, so that libav reads in them what was read here; pictures pass as they are. A redirect
(3xx) ends the connection, and is told.
"""

from __future__ import annotations

import re
import selectors
import socket
import ssl
import threading
from collections.abc import Iterator

LARGEST = 1 << 16  # bytes of the lines of one answer, and of its body
_STATUS = re.compile(rb"RTSP/\d\.\d (\d{3})(?: [\x20-\x7e\x80-\xff]*)?")
_REQUEST = re.compile(rb"(?:OPTIONS|GET_PARAMETER|SET_PARAMETER|ANNOUNCE) \S{1,2000} RTSP/\d\.\d")
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) ?:[ \t]*([\x20-\x7e\x80-\xff\t]*)")
_SHORTEST = 8  # bytes of an interleaved packet; libav reads the inside of a shorter one as an answer


class Forbidden(Exception):
    """The server said something that libav is not to read."""


class Answers:
    """What a server sends, bytes in, bytes out. `location`: where it redirected to, "" where it did not say."""

    def __init__(self) -> None:
        self.location: str | None = None
        self._waiting = bytearray()
        self._through = 0  # bytes of a packet or a body that pass as they are

    def take(self, data: bytes) -> bytes:
        """What of it libav may read. Raises `Forbidden`."""
        self._waiting += data
        return b"".join(self._parts())

    def _parts(self) -> Iterator[bytes]:
        waiting = self._waiting
        while waiting:
            if self._through:
                part = bytes(waiting[: self._through])
                del waiting[: len(part)]
                self._through -= len(part)
                yield part
            elif waiting[:1] == b"$":
                if len(waiting) < 4:
                    return
                size = int.from_bytes(waiting[2:4])
                if size < _SHORTEST:
                    raise Forbidden
                self._through = 4 + size
            elif end := re.search(rb"\r?\n\r?\n", waiting[:LARGEST]):
                head = bytes(waiting[: end.start()])
                del waiting[: end.end()]
                if head.strip():
                    yield self._head(head)
            elif len(waiting) >= LARGEST:
                raise Forbidden
            else:
                return

    def _head(self, head: bytes) -> bytes:
        first, *lines = re.split(rb"\r?\n", head.lstrip(b"\r\n"))
        status = _STATUS.fullmatch(first)
        fields = [field for line in lines if (field := _HEADER.fullmatch(line))]
        if not (status or _REQUEST.fullmatch(first)) or len(fields) < len(lines):
            raise Forbidden
        names = [field[1].lower() for field in fields]
        if status and status[1].startswith(b"3"):
            found = next((field[2] for field in fields if field[1].lower() == b"location"), b"")
            self.location = found.decode("utf-8", "replace").strip()
            raise Forbidden
        lengths = [field[2].strip() for field in fields if field[1].lower() == b"content-length"]
        if len(lengths) > 1 or not all(one.isdigit() and int(one) <= LARGEST for one in lengths):
            raise Forbidden
        self._through = int(lengths[0]) if lengths else 0
        kept = [field[1] + b": " + field[2] for field, name in zip(fields, names, strict=True) if name != b"location"]
        return b"\r\n".join([first, *kept, b"", b""])


class Relay:
    """Takes over `server`, a connected socket, and closes it when either side is done. `port`: for libav to come to."""

    def __init__(self, server: socket.socket, *, open_timeout_s: float, read_timeout_s: float) -> None:
        self._server = server
        self._answers = Answers()
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=1)
        self._listening.settimeout(open_timeout_s)
        self._server.settimeout(read_timeout_s)
        self._read_timeout_s = read_timeout_s
        self.port: int = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._run, name="rtsp relay", daemon=True)
        self._thread.start()

    @property
    def location(self) -> str | None:
        """Where the server redirected to; None: it did not. Known when libav has seen the end of the connection."""
        self._thread.join(self._read_timeout_s)
        return self._answers.location

    def _run(self) -> None:
        with self._server, self._listening:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return  # libav did not come
            self._listening.close()
            with client:
                client.settimeout(self._read_timeout_s)
                try:
                    self._pass_on(client)
                except (OSError, Forbidden):
                    return  # libav sees the end of its connection

    def _pass_on(self, client: socket.socket) -> None:
        with selectors.DefaultSelector() as ready:
            ready.register(client, selectors.EVENT_READ)
            ready.register(self._server, selectors.EVENT_READ)
            while True:
                for key, _ in ready.select():
                    data = received(key.fileobj)  # type: ignore[arg-type]
                    if data == b"":
                        return
                    if data and key.fileobj is client:
                        self._server.sendall(data)
                    elif data and (part := self._answers.take(data)):
                        client.sendall(part)


def received(end: socket.socket) -> bytes | None:
    """What is there; b"" at the end. None: TLS had something to say, and no data yet (a server begins with tickets for
    later sessions; who waits for data then, before libav's first request is passed on, waits for ever)."""
    patience = end.gettimeout()
    end.setblocking(False)
    try:
        data = end.recv(LARGEST)
        while isinstance(end, ssl.SSLSocket) and (more := end.pending()):
            data += end.recv(more)
        return data
    except (ssl.SSLWantReadError, BlockingIOError):
        return None
    finally:
        end.settimeout(patience)


def hidden(server: socket.socket) -> socket.socket:
    """The connection in TLS. Cameras have certificates of their own making: nobody's name is verified."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(server)
