"""From a checked address to an open container: files by libav itself, HTTP through our own checked connections."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from config import Sources
from interaction.sources.address import Address
from interaction.sources.base import SourceError

if TYPE_CHECKING:
    from av.container import InputContainer


def container_opener(address: Address, limits: Sources, *, allow_private: bool) -> Callable[[], InputContainer]:
    """A function that opens the address, blocking; it raises `SourceError` or an error of PyAV."""

    def open_container() -> InputContainer:
        import av

        container: InputContainer
        timeout = (limits.open_timeout_s, limits.read_timeout_s)
        if address.scheme == "file":
            # "file:" keeps a file name from being read as a protocol ("concat:a|b").
            container = av.open("file:" + address.target, timeout=timeout, options={"protocol_whitelist": "file"})
        elif address.scheme == "device":
            container = av.open(address.target, format="video4linux2", timeout=timeout)
        else:
            raise SourceError("Network streams are not connected yet.")
        return container

    return open_container
