"""An HTTP resource as a file that PyAV reads, over connections that this house has checked.

libav's own HTTP would follow a redirect or a playlist to any address. Here every hop and every segment is resolved,
each address checked, and one of exactly these connected to: a name that changes its mind in between gains nothing.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

from config import Sources
from interaction.both import Both
from interaction.sources.address import PORTS, resolve
from interaction.sources.base import SourceError
from interaction.sources.http_auth import authorization, credentials
from interaction.sources.reasons import ASTRAY, LATE, LOGIN, REASONS, TOO_OFTEN, of
from interaction.sources.showing import redact

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# Seeking backwards or ahead by reading is fine within this; further, the connection is made anew with a range.
_READ_AHEAD = 1 << 20


class HttpFile:
    """Readable, seekable where the server tells a length. Blocks; every wait is bounded by the limits' timeouts.

    `first`, `end`: a byte range of the resource (HLS segments inside one file). Raises `SourceError`.
    """

    def __init__(
        self,
        url: str,
        limits: Sources,
        *,
        allow_private: bool,
        cancelled: Callable[[], bool] = lambda: False,
        first: int = 0,
        end: int | None = None,
    ) -> None:
        self.name = redact(url)
        self._limits = limits
        self._allow_private = allow_private
        self._cancelled = cancelled
        self._credentials = credentials(url)
        self._origin = urlsplit(url)
        self._url = url
        self._first, self._end = first, end
        self._at = 0
        self._connection: http.client.HTTPConnection | None = None
        self._length: int | None = None
        self._response = self._get(0)
        self._length = self._response.length
        # Pictures in parts (MJPEG): some cameras begin with an empty line, and libav then takes five megabytes of them
        # to find out what it reads.
        kind = self._response.headers.get_content_type()
        self._parts = self._length is None and kind == "multipart/x-mixed-replace"

    def read(self, size: int) -> bytes:
        """What is there, at most `size` bytes; empty at the end."""
        if self._cancelled():
            raise SourceError(Both("no longer wanted", "不再需要了"))
        if self._length is not None and self._at >= self._length:
            return b""
        try:
            data = self._response.read1(size)
            while not self._at and self._parts and data and not (data := data.lstrip(b"\r\n")):
                data = self._response.read1(size)
        except (OSError, http.client.HTTPException) as fault:
            raise SourceError(self._trouble(fault)) from None
        self._at += len(data)
        return data

    def seekable(self) -> bool:
        return self._length is not None

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        if self._length is None:
            raise OSError("a live stream cannot be wound")
        target = offset + (0, self._at, self._length)[whence]
        if target < 0:
            return -1  # what libav takes as "not possible"; it asks for it on files that are too short
        if target >= self._length:
            self._at = target
        elif self._at <= target <= self._at + _READ_AHEAD:
            self._skip(target - self._at)
        else:
            self.close()
            self._response = self._get(target)
        return self._at

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _get(self, offset: int) -> http.client.HTTPResponse:
        """Request from `offset` on, following checked redirects and answering one challenge on the way."""
        answer: str | None = None
        for _ in range(self._limits.redirects + 2):
            response = self._request(offset, answer)
            if response.status in _REDIRECTS and (location := response.headers.get("location")):
                self._url, answer = self._redirected(location), None
            elif response.status == 401 and answer is None and self._credentials and self._at_home():
                challenges = response.headers.get_all("www-authenticate") or []
                parts = urlsplit(self._url)
                target = parts.path + (f"?{parts.query}" if parts.query else "")
                made = (authorization(c, *self._credentials, "GET", target or "/") for c in challenges)
                answer = next(filter(None, made), None)
                if answer is None:
                    raise SourceError(of(self.name, REASONS[401]), login=True)
            elif response.status in (200, 206):
                self._at = offset if response.status == 206 and self._range(offset) else 0
                self._response = response
                self._skip(offset - self._at)
                return response
            else:
                code = response.status
                refused = Both(f"was refused by the server ({code})", f"被服务器拒绝了（{code}）")
                raise SourceError(of(self.name, REASONS.get(code, refused)), login=code in LOGIN)
            self.close()
        raise SourceError(of(self.name, TOO_OFTEN))

    def _request(self, offset: int, answer: str | None) -> http.client.HTTPResponse:
        parts = urlsplit(self._url)
        port = parts.port or PORTS[parts.scheme]
        host = parts.hostname or ""
        headers = {"User-Agent": "Lookout", "Accept": "*/*", "Accept-Encoding": "identity", "Connection": "close"}
        if span := self._range(offset):
            headers["Range"] = span
        if answer:
            headers["Authorization"] = answer
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._connection = http.client.HTTPConnection(host, port, timeout=self._limits.read_timeout_s)
        try:
            self._connection.sock = self._connect(parts.scheme, host, port)
            self._connection.request("GET", target, headers=headers)
            return self._connection.getresponse()
        except (OSError, http.client.HTTPException) as fault:
            raise SourceError(self._trouble(fault)) from None

    def _connect(self, scheme: str, host: str, port: int) -> socket.socket:
        """To the first checked address that answers."""
        fault: OSError = OSError()
        for ip in resolve(host, port, allow_private=self._allow_private):
            try:
                plain = socket.create_connection((ip, port), timeout=self._limits.open_timeout_s)
                plain.settimeout(self._limits.read_timeout_s)
                if scheme == "http":
                    return plain
                return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
            except OSError as error:
                fault = error
        raise fault

    def _redirected(self, location: str) -> str:
        url = urljoin(self._url, location)
        try:
            parts = urlsplit(url)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            usable = False
        if not usable:
            raise SourceError(of(self.name, ASTRAY))
        return url

    def _at_home(self) -> bool:
        """Passwords go to the host they were given for, nowhere else."""
        here = urlsplit(self._url)
        return (here.scheme, here.hostname, here.port) == (
            self._origin.scheme,
            self._origin.hostname,
            self._origin.port,
        )

    def _range(self, offset: int) -> str:
        start = self._first + offset
        if not start and self._end is None:
            return ""
        return f"bytes={start}-{'' if self._end is None else self._end - 1}"

    def _skip(self, count: int) -> None:
        while count > 0 and (data := self.read(min(count, 1 << 16))):
            count -= len(data)

    def _trouble(self, fault: Exception) -> Both:
        if isinstance(fault, ConnectionRefusedError):
            return Both(
                f"{self.name} refused the connection; is it switched on, and is the port right?",
                f"{self.name} 拒绝了连接：它开着吗，端口对吗？",
            )
        if isinstance(fault, TimeoutError):
            return of(self.name, LATE)
        if isinstance(fault, ssl.SSLCertVerificationError):
            return of(self.name, Both("has a certificate that cannot be trusted", "的证书不可信"))
        if isinstance(fault, http.client.HTTPException) and not isinstance(fault, ConnectionError):
            return of(self.name, Both("does not speak HTTP", "不支持 HTTP"))
        return of(self.name, Both("broke off the connection, or cannot be reached", "断开了连接，或连不上"))
