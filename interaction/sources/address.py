"""What a person may name as a source, and which network addresses it may lead to.

A source that someone types on a page makes this machine open connections. So: listed protocols only, every address
behind a name is checked before one of them is connected to, and messages never repeat a password.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit, urlunsplit

from interaction.both import Both
from interaction.sources.base import SourceError
from interaction.sources.showing import login_out_of_place, redact

Scheme = Literal["rtsp", "rtsps", "http", "https", "rtmp", "file", "device"]
Transport = Literal["tcp", "udp"]
PORTS: dict[str, int] = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443, "rtmp": 1935}
PROTOCOLS = ", ".join(PORTS)
_DEVICE = re.compile(r"/dev/video\d{1,3}")
# A host, by its login, its port or its form, where a protocol should stand: "192.168.1.20/stream", "cam:554/live".
_NO_PROTOCOL = re.compile(
    r"[^/?#@|,]*@[^/?#]|[\w.-]+:\d{2,5}(?=[/?#]|$)|\d{1,3}(?:\.\d{1,3}){3}(?=[/?#]|$)|\[[0-9a-fA-F:]+\]"
)
_SPEC_CHARS = 2000  # longer than any camera's URL; keeps a pasted document out of messages
ALLOW = Both(
    "Remove this source, or start Lookout with LOOKOUT_ALLOW_PRIVATE=true if only people you trust open this page.",
    "请移除这个来源；如果只有你信任的人能打开这个页面，也可以设 LOOKOUT_ALLOW_PRIVATE=true 再启动 Lookout。",
)
_CLOUD_METADATA = frozenset({"fd00:ec2::254", "168.63.129.16", "100.100.100.200"})
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Crop:
    """A rectangle of the picture in pixels, origin top left."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Address:
    """A checked source. `target`: URL or absolute path, with its credentials (never show it: show `shown`).

    `transport`: how RTSP shall bring its pictures, if the address says so.
    """

    scheme: Scheme
    target: str
    shown: str
    crop: Crop | None = None
    transport: Transport | None = None

    @property
    def host(self) -> str:
        """The host that is connected to, or "" for a file."""
        return urlsplit(self.target).hostname or "" if self.scheme in PORTS else ""


def parse(spec: str, *, allow_files: bool) -> Address:
    """Checks the form of a source; connects to nothing. Raises `SourceError` with one line for a person."""
    spec = spec.strip()
    if not spec or len(spec) > _SPEC_CHARS or any(ord(c) < 32 for c in spec):
        raise SourceError(Both("That is not an address of a picture source.", "这不是画面来源的地址。"))
    target, crop, transport = _split_options(spec)
    scheme = _scheme_of(target)
    if scheme in PORTS:
        return Address(scheme, _checked_url(target), redact(target), crop, transport)  # type: ignore[arg-type]
    if _NO_PROTOCOL.match(target) and not (allow_files and Path(target).exists()):
        raise SourceError(
            Both(
                f"An address begins with its protocol: write rtsp:// or http:// before it ({PROTOCOLS}).",
                f"地址以协议开头：请在前面加上 rtsp:// 或 http://（{PROTOCOLS}）。",
            )
        )
    if scheme not in ("", "file"):
        shown = scheme if len(scheme) <= 20 else scheme[:20] + "…"
        en = f"'{shown}' is not a protocol that can be watched; these are: {PROTOCOLS}."
        raise SourceError(Both(en, f"不支持“{shown}”协议，可用的有：{PROTOCOLS}。"))
    if not allow_files:
        raise SourceError(
            Both(f"Only network addresses can be opened here ({PROTOCOLS}).", f"这里只能打开网络地址（{PROTOCOLS}）。")
        )
    path = unquote(urlsplit(target).path) if scheme == "file" else target
    if _DEVICE.fullmatch(path):
        return Address("device", path, path, crop)
    return Address("file", _checked_file(path), path, crop)


def resolve(host: str, port: int, *, allow_private: bool) -> list[str]:
    """All addresses behind a host, each checked; blocks. Raises `SourceError` if one of them may not be reached.

    The caller must connect to one of these, not to the name again: a name can answer differently the second time.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        en = f"The name {host} is not known in this network; check the address."
        raise SourceError(Both(en, f"网络里找不到 {host} 这个名字，请检查地址。")) from None
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not addresses:
        raise SourceError(Both(f"The name {host} has no address.", f"{host} 这个名字没有对应的地址。"))
    if not allow_private and not all(is_public(address) for address in addresses):
        en = f"{host} is in a private network, which is not allowed here (setting LOOKOUT_ALLOW_PRIVATE)."
        raise SourceError(
            Both(en, f"{host} 在内部网络里，这里不允许打开（设置 LOOKOUT_ALLOW_PRIVATE）。"), advice=ALLOW
        )
    return addresses


def is_inside(host: str) -> bool:
    """Whether a name leads into a private network, or to this machine; blocks. Raises `SourceError`."""
    return not all(is_public(address) for address in resolve(host, 0, allow_private=True))


def is_public(address: str) -> bool:
    """Whether an IP address lies in the public internet, also when it hides another (mapped, 6to4, NAT64)."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast and str(ip) not in _CLOUD_METADATA


def pinned(url: str, ip: str) -> str:
    """The URL with its host replaced by an address that was checked; user, password, port and path stay."""
    parts = urlsplit(url)
    user, at, _ = parts.netloc.rpartition("@")
    host = f"[{ip}]" if ":" in ip else ip
    port = f":{parts.port}" if parts.port else ""
    return urlunsplit((parts.scheme, f"{user}{at}{host}{port}", parts.path, parts.query, ""))


def _scheme_of(target: str) -> str:
    found = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", target)
    return found.group(1).lower() if found else ""


def _checked_url(url: str) -> str:
    if login_out_of_place(url):
        raise SourceError(
            Both(
                "This looks like a user name and password in the wrong place. They stand before the host "
                "(rtsp://user:password@host/stream), with / in them written as %2F, @ as %40, # as %23 and ? as %3F; "
                "an @ of the path is written as %40, too.",
                "用户名和密码的位置似乎不对。它们写在主机名前面（rtsp://用户名:密码@主机/路径），"
                "其中的 / 写成 %2F，@ 写成 %40，# 写成 %23，? 写成 %3F；路径里的 @ 也写成 %40。",
            )
        )
    try:
        parts = urlsplit(url)
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise SourceError(Both("The address has no usable host name or port.", "地址里没有可用的主机名或端口。"))
    return url


def _checked_file(path: str) -> str:
    full = Path(path).expanduser().absolute()
    if not full.exists():
        raise SourceError(Both(f"There is no file {path}.", f"没有 {path} 这个文件。"))
    if not full.is_file():
        raise SourceError(Both(f"{path} is not a file.", f"{path} 不是文件。"))
    return str(full)


def _split_options(spec: str) -> tuple[str, Crop | None, Transport | None]:
    """What stands behind the `#` for us; any other fragment is a part of the name."""
    target, mark, fragment = spec.rpartition("#")
    if not mark or not re.search(r"\b(crop|transport)=", fragment):
        return spec, None, None
    options = {name: values[0] for name, values in parse_qs(fragment).items()}
    transport = options.get("transport")
    if transport not in (None, "tcp", "udp"):
        raise SourceError(
            Both(
                "A transport is written #transport=tcp or #transport=udp.",
                "传输方式的写法是 #transport=tcp 或 #transport=udp。",
            )
        )
    return target, _crop(options["crop"]) if "crop" in options else None, transport  # type: ignore[return-value]


def _crop(text: str) -> Crop:
    values = text.split(",")
    if len(values) != 4 or not all(v.isascii() and v.isdigit() and len(v) <= 5 for v in values):
        raise SourceError(
            Both(
                "A crop is written #crop=x,y,width,height, in pixels.",
                "裁剪的写法是 #crop=x,y,宽,高，单位是像素。",
            )
        )
    x, y, width, height = map(int, values)
    if not (width and height):
        raise SourceError(Both("The crop is empty.", "裁剪范围是空的。"))
    return Crop(x, y, width, height)
