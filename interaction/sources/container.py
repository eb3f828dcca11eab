"""From a checked address to an open container: files by libav itself, HTTP through our own checked connections.

RTSP and RTMP are connected by libav, to an address that was checked. A redirect of an RTSP server (status 3xx) libav
would follow without asking us: where private addresses are not allowed, everything goes through `rtsp_relay`, and each
hop is checked. They are never allowed where the named host is a public one. UDP is for cameras in the own network only:
its pictures come from whoever sends them to our port, and a server may name another address for ours. What remains: a
TLS name (rtsps) is not verified, as cameras have certificates of their own making. Encrypted HLS is refused (libav
would fetch the key itself).
"""

from __future__ import annotations

import io
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit, urlunsplit

from config import Sources
from interaction.both import Both
from interaction.sources.address import PORTS, Address, Transport, is_inside, pinned, resolve
from interaction.sources.base import SourceError
from interaction.sources.http_file import HttpFile
from interaction.sources.playlists import Playlists, is_playlist
from interaction.sources.reasons import ASTRAY, NOT_THERE, TOO_OFTEN, of
from interaction.sources.rtsp_relay import Relay, hidden

if TYPE_CHECKING:
    from av.container import InputContainer

# Containers and streams that cameras and web servers deliver. Others (concat, sdp, image sequences, devices) open
# further files, ports or hosts by themselves.
_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,flv,mpegts,mpeg,hls,mpjpeg,mjpeg,h264,hevc,ogg,wav,mp3,aac,flac"
_WRITE = 2  # AVIO_FLAG_WRITE
# Seconds that libav may listen to a live stream before it says what is in it. By itself it takes five, and two of
# them only to guess a frame rate that nobody needs; each is one that a camera which came back stays dark.
_NO_GUESS = {"fpsprobesize": "0"}
_LISTEN = {"analyzeduration": "500000"} | _NO_GUESS
# Bytes of the kernel's buffer for UDP: a key frame of 4K comes in one burst.
_UDP_BUFFER = 1 << 20


class Opener:
    """Opens one address; blocks, in the reading thread. Raises `SourceError` or an error of PyAV.

    `fault`: what one of its HTTP connections was refused for; libav skips a bad segment without a word.
    """

    def __init__(
        self, address: Address, limits: Sources, *, allow_private: bool, transport: Transport | None = None
    ) -> None:
        """`transport`: how RTSP brings its pictures where the address does not say it; TCP by default."""
        self._address = address
        self._transport: Transport = address.transport or transport or "tcp"
        self._limits = limits
        self._allow_private = allow_private
        self._inward = allow_private
        self._cancelled: Callable[[], bool] = lambda: False
        self._lists = Playlists(address.shown, largest=address.crop is not None)
        self.fault: SourceError | None = None

    def open(self, cancelled: Callable[[], bool]) -> InputContainer:
        """`cancelled`: asked while reading; True ends it with an error."""
        self._cancelled = cancelled
        self._lists.begin()
        self.fault = None
        # Whoever names a public host did not mean to be led from there into the own network.
        self._inward = self._allow_private and self._address.scheme in PORTS and is_inside(self._address.host)
        match self._address.scheme:
            case "file":
                # "file:" keeps a file name from being read as a protocol ("concat:a|b").
                return self._av("file:" + self._address.target, {"protocol_whitelist": "file"})
            case "device":
                return self._av(self._address.target, {}, format="video4linux2")
            case "http" | "https":
                return self._http()
            case "rtmp":
                return self._rtmp()
            case _:
                return self._rtsp()

    def _http(self) -> InputContainer:
        # Persistent connections are libav's own HTTP; it aborts the process when the connection is ours.
        options = {
            "protocol_whitelist": "http,https,tcp,tls",
            "format_whitelist": _FORMATS,
            "http_persistent": "0",
            "http_multiple": "0",
            "seg_max_retry": "3",
        }
        # A list is read at once, however long it is listened to, and its pictures go by their rate.
        options |= {} if is_playlist(self._address.target) else _NO_GUESS
        try:
            return self._av(self._address.target, options, io_open=self._io_open)
        except Exception:
            if self.fault is not None:
                raise self.fault from None
            raise

    def _io_open(self, url: str, flags: int, options: dict[str, str]) -> HttpFile | io.BytesIO:
        """libav wants to read something: the address itself, a playlist, a segment."""
        if self.fault is not None:
            return io.BytesIO()  # it is over; a second error before PyAV raised the first would go to stderr, at length
        try:
            if urlsplit(url).scheme not in ("http", "https") or flags & _WRITE:
                raise SourceError(of(self._address.shown, NOT_THERE))
            first, end = int(options.get("offset", 0)), int(options.get("end_offset", 0)) or None
            file = HttpFile(
                url,
                self._limits,
                allow_private=self._inward,
                cancelled=self._cancelled,
                first=first,
                end=end,
            )
            return self._lists.checked(url, file) if is_playlist(url) else file
        except SourceError as fault:
            self.fault = fault
            raise

    def _rtsp(self) -> InputContainer:
        options = {"protocol_whitelist": "rtsp,rtsps,rtp,tcp,tls", "rtsp_transport": self._transport}
        if self._transport == "udp":
            if not self._inward:
                raise SourceError(
                    Both(
                        "UDP is for cameras in the own network (setting LOOKOUT_ALLOW_PRIVATE); use TCP.",
                        "UDP 只用于自家网络里的摄像头（设置 LOOKOUT_ALLOW_PRIVATE），请改用 TCP。",
                    ),
                    advice=Both("Add it again, with TCP.", "请改用 TCP 重新添加。"),
                )
            options["protocol_whitelist"] += ",udp"
            options |= {"rtsp_flags": "filter_src", "buffer_size": str(_UDP_BUFFER)}
        return self._connected(options) if self._inward else self._relayed(options)

    def _relayed(self, options: dict[str, str]) -> InputContainer:
        """RTSP that may lead to public addresses only."""
        url = self._address.target
        for _ in range(self._limits.redirects + 1):
            relay = self._relay(url)
            try:
                return self._av(_by_way_of(relay.port, url), options | _LISTEN)
            except Exception:
                if (location := relay.location) is None:
                    raise
            url = self._redirected(url, location)
        raise SourceError(of(self._address.shown, TOO_OFTEN))

    def _relay(self, url: str) -> Relay:
        """A connection to the first checked address that takes one."""
        parts = urlsplit(url)
        port, fault = parts.port or PORTS[parts.scheme], OSError()
        for ip in resolve(parts.hostname or "", port, allow_private=False):
            try:
                server = socket.create_connection((ip, port), timeout=self._limits.open_timeout_s)
                server = hidden(server) if parts.scheme == "rtsps" else server
            except OSError as error:
                fault = error
                continue
            limits = self._limits
            return Relay(server, open_timeout_s=limits.open_timeout_s, read_timeout_s=limits.read_timeout_s)
        raise fault

    def _redirected(self, url: str, location: str) -> str:
        """Raises `SourceError`. A password goes to the host that it was given for, nowhere else."""
        try:
            before, after = urlsplit(url), urlsplit(urljoin(url, location))
            usable = bool(location) and after.scheme in ("rtsp", "rtsps") and bool(after.hostname) and after.port != 0
        except ValueError:
            usable = False
        if not usable:
            raise SourceError(of(self._address.shown, ASTRAY))
        user, at, host = before.netloc.rpartition("@")
        stays = (before.scheme, host) == (after.scheme, after.netloc)
        return after._replace(netloc=f"{user}{at}{host}", fragment="").geturl() if stays else after.geturl()

    def _rtmp(self) -> InputContainer:
        parts = urlsplit(self._address.target)
        application = parts.path.lstrip("/").partition("/")[0]
        # Virtual hosts are told apart by this name; the connection goes to the checked address.
        url = f"rtmp://{parts.hostname}/{application}"
        return self._connected({"protocol_whitelist": "rtmp,tcp", "rtmp_tcurl": url})

    def _connected(self, options: dict[str, str]) -> InputContainer:
        """To the first checked address that does not refuse: a name may have one more than its server listens on."""
        parts = urlsplit(self._address.target)
        port = parts.port or PORTS[parts.scheme]
        *others, last = resolve(parts.hostname or "", port, allow_private=self._inward)
        for ip in others:
            try:
                return self._av(pinned(self._address.target, ip), options | _LISTEN)
            except ConnectionRefusedError:
                continue
        return self._av(pinned(self._address.target, last), options | _LISTEN)

    def _av(self, target: str, options: dict[str, str], **more: Any) -> InputContainer:
        import av

        timeout = (self._limits.open_timeout_s, self._limits.read_timeout_s)
        container: InputContainer = av.open(target, options=options, timeout=timeout, **more)
        return container


def _by_way_of(port: int, url: str) -> str:
    """The RTSP address as libav is given it, with its user, password and path, at a port of this machine."""
    parts = urlsplit(url)
    user, at, _ = parts.netloc.rpartition("@")
    return urlunsplit(("rtsp", f"{user}{at}127.0.0.1:{port}", parts.path, parts.query, ""))
