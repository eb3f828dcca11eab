"""Files, devices and network streams, by PyAV."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager

from config import Sources
from interaction.clock import real_work, standstill
from interaction.sources.address import Address, Transport
from interaction.sources.base import Frame, FrameSource
from interaction.sources.container import Opener
from interaction.sources.handover import End, Handover, Picture
from interaction.sources.reader import Reader

# A paced stream this far behind its own time has been interrupted: its clock starts anew instead of racing to catch up.
REANCHOR_S = 2.0


class NetworkSource(FrameSource):
    """One file, device or stream. `frames` can be called again after it ended or failed.

    `fps`: pictures wanted a second, a number or a function (asked for every picture, from the reading thread);
    None: all. `transport`: how RTSP brings its pictures where the address does not say it. `realtime`: pictures of a
    file that come too late are dropped; otherwise (lock-step on virtual time) none is. A file's frames carry start +
    media time; a live stream's the time of their arrival.
    """

    def __init__(
        self,
        address: Address,
        lane: str,
        *,
        allow_private: bool = False,
        transport: Transport | None = None,
        realtime: bool = True,
        fps: float | Callable[[], float | None] | None = None,
        limits: Sources | None = None,
    ) -> None:
        self.lane = lane
        self.address = address
        self.fps = fps
        self._realtime = realtime
        self._limits = limits or Sources()
        self._opener = Opener(address, self._limits, allow_private=allow_private, transport=transport)
        self._handover: Handover | None = None
        self.live = self.retry = address.scheme != "file"

    async def frames(self, now: Callable[[], float]) -> AsyncIterator[Frame]:
        """Raises `SourceError` when it cannot be opened or breaks; ends at the end of a file."""
        handover = self._handover = Handover()
        reader = Reader(self.address, self._opener, handover, fps=self._wanted_fps, now=now, limits=self._limits)
        reader.start()
        try:
            start: float | None = None
            while isinstance(picture := await self._take(handover, reader), Picture):
                self.live = reader.live
                if not reader.paced:
                    yield Frame(now(), picture.image)
                    continue
                start = now() - picture.media_t if start is None else start
                late = now() - (start + picture.media_t)
                if late > REANCHOR_S and reader.live:
                    start, late = start + late, 0.0
                if late > 1 / (self._wanted_fps() or 25.0) and self._realtime:
                    continue
                await asyncio.sleep(max(0.0, -late))
                yield Frame(start + picture.media_t, picture.image)
            if picture.error is not None:
                raise picture.error
        finally:
            handover.close()

    async def aclose(self) -> None:
        if self._handover is not None:
            self._handover.close()

    def _wanted_fps(self) -> float | None:
        fps = self.fps() if callable(self.fps) else self.fps
        return fps if fps and fps > 0 else None

    async def _take(self, handover: Handover, reader: Reader) -> Picture | End:
        with self._waiting(reader):
            return await handover.take()

    def _waiting(self, reader: Reader) -> AbstractContextManager[None]:
        """On virtual time: a live stream goes at its real pace; decoding a file takes no session time."""
        return real_work() if self.live and reader.live else standstill()
