"""Put on PYTHONPATH, this writes every connection or name look-up that leaves the machine to $LOOKOUT_GUARD_LOG.

Python imports `sitecustomize` at its start, before anything else of the program runs, also in child processes.
"""

import ipaddress
import os
import sys
from typing import Any

_LOG = os.environ.get("LOOKOUT_GUARD_LOG", "")


def _stays(host: object) -> bool:
    """Whether an address is this machine's: loopback, link of its own (WebRTC's candidates), a Unix socket."""
    if not isinstance(host, str):
        return True
    if host in ("", "localhost"):
        return True
    try:
        address = ipaddress.ip_address(host.split("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified or address.is_private


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.sendto"):
        target = arguments[1]
        host = target[0] if isinstance(target, tuple) and target else None
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0]
        host = host.decode() if isinstance(host, bytes) else host
    else:
        return
    if not _stays(host):
        with open(_LOG, "a", encoding="utf-8") as log:  # noqa: PTH123  pathlib may not be there yet
            log.write(f"{event} {host!r} {sys.argv[:2]}\n")


if _LOG:
    sys.addaudithook(_hook)
