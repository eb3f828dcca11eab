"""An address as a person, a log and the journal may see it: which camera it is, and nothing that would open it.

Secrets stand everywhere in such addresses: before the host, in the query, as the last part of an RTMP path (its stream
key), as a folder (HLS tokens), as "user=me_password=x" in a name. So little is shown, not all but what looks secret.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, unquote, urlsplit

# Longer than what cameras call their streams ("h264Preview_01_main.sdp"), shorter than a token or a key in hexadecimal.
_NAME_CHARS = 24
_DOTTED = re.compile(r"[\w-]+(?:\.[\w-]+)+")
_AUTHORITY = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)(.*)", re.DOTALL)


def redact(url: str) -> str:
    """Protocol, host, port and the one part of the path that names the stream; of RTMP the application.

    An `@` behind the host may mean that what seems to be the host is a user, and its port the begin of a password.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "the address"
    user, rest = _split(url)
    if "@" in rest and ("@" in user or not _surely_a_host(host)):
        return f"{parts.scheme}://…"
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}{f':{port}' if port and '@' not in rest else ''}{_path(parts)}"


def login_out_of_place(url: str) -> bool:
    """Whether a user and password were meant that nobody will read as such: behind the host, or with a `/`, `?` or `#`
    in them, which end the part where they stand. Paths with an `@` are allowed where a host is clearly before them."""
    authority, rest = _split(url)
    if "@" not in rest.partition("://")[0]:  # an address within an address ("…?src=rtsp://me:pw@cam") has its own
        return False
    _, login, host = authority.rpartition("@")
    if login or ":" in host:
        return not _surely_a_host(re.sub(r":\d*$", "", host))
    return re.match(r"[/?#][^/?#@:]*:[^/?#@]*@", rest) is not None


def _split(url: str) -> tuple[str, str]:
    """Where host and login are read, as libav does it too, and all behind."""
    found = _AUTHORITY.match(url)
    return (found[1], found[2]) if found else ("", url)


def _surely_a_host(host: str) -> bool:
    """More than one word: a user's name would be one."""
    try:
        ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return host == "localhost" or _DOTTED.fullmatch(host) is not None
    return True


def _path(parts: SplitResult) -> str:
    names = [name for name in parts.path.split("/") if name]
    if not names:
        return parts.path and "/"
    if parts.scheme == "rtmp":
        return f"/{_name(names[0])}" + "/…" * (len(names) > 1)
    return "/…" * (len(names) > 1) + ("/" + _name(names[-1])).replace("/…/…", "/…")


def _name(name: str) -> str:
    name = re.split("[;&]", name)[0]
    if re.search("[@:=]", unquote(name)):
        return "…"
    suffix = re.search(r"\.\w{1,5}$", name)
    return name if len(name) <= _NAME_CHARS else "…" + (suffix[0] if suffix else "")
