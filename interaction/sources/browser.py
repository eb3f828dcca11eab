"""What a page sends, its camera or its screen: the transport stores the newest picture, a lane takes it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from config import Sources
from interaction.sources.base import Frame, FrameSource
from interaction.streams import Latest

Image = NDArray[np.uint8]  # [height, width, 3], BGR
# The lanes of a page's own camera and of the screen that it shares; no other source may take the names.
CAMERA, SCREEN = "camera", "screen"
OWN = (CAMERA, SCREEN)
_END: Image = np.empty((0, 0, 3), np.uint8)


class BrowserSource(FrameSource):
    """Pictures that a page sends. `put` never waits and keeps one picture, so a slow lane costs pictures, not delay.

    `fps`: at most so many pictures a second are handed on. `frames` returns after `close`.
    """

    def __init__(self, lane: str = CAMERA, *, fps: float = 10.0, limits: Sources | None = None) -> None:
        self.lane = lane
        self.received = 0
        self._gap = 1.0 / fps
        self._side = (limits or Sources()).longest_side
        self._newest: Latest[Image] = Latest()
        self._closed = False

    def put(self, image: Image) -> None:
        """`image`: uint8 [height, width, 3], BGR, owned by the source from now on."""
        if not self._closed:
            self.received += 1
            self._newest.put(image)

    async def frames(self, now: Callable[[], float]) -> AsyncIterator[Frame]:
        """A frame's time is that of its handing on: a browser's own clock says nothing here."""
        while not self._closed and (image := await self._newest.take()) is not _END:
            started = now()
            yield Frame(started, await asyncio.to_thread(fitted, image, self._side) if self._large(image) else image)
            await asyncio.sleep(max(0.0, started + self._gap - now()))

    @property
    def closed(self) -> bool:
        return self._closed

    async def aclose(self) -> None:
        self.close()

    def close(self) -> None:
        """No more pictures; `frames` returns."""
        self._closed = True
        self._newest.put(_END)

    def _large(self, image: Image) -> bool:
        return bool(max(image.shape[:2]) > self._side)


def fitted(image: Image, side: int) -> Image:
    """The picture scaled down so that its longer side is `side` pixels."""
    scale = side / max(image.shape[:2])
    size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
