"""From what a person typed to a source of frames."""

from __future__ import annotations

from collections.abc import Callable

from config import Sources
from interaction.sources.address import Transport, parse
from interaction.sources.base import FrameSource
from interaction.sources.network import NetworkSource


def open_source(
    spec: str,
    lane: str,
    *,
    allow_files: bool = False,
    allow_private: bool = False,
    transport: Transport | None = None,
    must_open: bool = True,
    realtime: bool = True,
    fps: float | Callable[[], float | None] | None = None,
    limits: Sources | None = None,
) -> FrameSource:
    """The source that `spec` names: a URL or, with `allow_files` (command line only), a file or /dev/video device.

    `#crop=x,y,width,height` at the end cuts a part out of the picture, `#transport=udp` has RTSP bring it by UDP
    (also `transport`, where the address does not say; default: TCP). `realtime` False: nothing of a file is skipped
    however slow the consumer is (for `--fast` on virtual time). `must_open` False: a camera that is away at the start
    is tried for ever, as one that goes later. Opens nothing yet, `frames` does. Raises `SourceError` for what can be
    known without opening.
    """
    address = parse(spec, allow_files=allow_files)
    source = NetworkSource(
        address, lane, allow_private=allow_private, transport=transport, realtime=realtime, fps=fps, limits=limits
    )
    source.must_open = must_open
    return source
