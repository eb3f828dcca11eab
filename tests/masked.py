"""A stream with a secret in it, and what may be left of it behind a mask: nothing."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from interaction.seeing.base import PerceptEvent, Percepts, Seer
from interaction.sources.base import Frame, FrameSource

WIDTH, HEIGHT = 320, 240
SECRET = "4711"  # what is written there
MASK = [[0.1, 0.2], [0.5, 0.2], [0.5, 0.7], [0.1, 0.7]]  # over the secret, its edge included
ELSEWHERE = [[0.7, 0.7], [0.9, 0.7], [0.9, 0.9], [0.7, 0.9]]


def secret() -> NDArray[np.uint8]:
    """A grey ramp with a loud chequered sign in it: magenta and green, 8 pixels a field."""
    image = np.repeat(np.linspace(40, 215, WIDTH, dtype=np.uint8)[None, :, None], HEIGHT, 0).repeat(3, 2)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    inside = (x >= 0.1 * WIDTH) & (x < 0.5 * WIDTH) & (y >= 0.2 * HEIGHT) & (y < 0.7 * HEIGHT)
    odd = (x // 8 + y // 8) % 2 == 1
    image[inside & odd] = (255, 0, 255)
    image[inside & ~odd] = (0, 255, 0)
    return np.ascontiguousarray(image)


def traces(image: NDArray[np.uint8]) -> int:
    """How many pixels, at any size of the picture, show something of the secret: colour where all else is grey. JPEG
    rings a little at edges of grey; the secret's colours are ten times as strong."""
    colours = image.astype(np.int16)
    return int((colours.max(2) - colours.min(2) > 24).sum())


def is_flat(image: NDArray[np.uint8]) -> bool:
    """Whether what the mask covers is flat grey, up to what JPEG makes of its edge."""
    height, width = image.shape[:2]
    edge = max(4, width // 64)
    part = image[round(0.2 * height) + edge : round(0.7 * height) - edge, round(0.1 * width) + edge : width // 2 - edge]
    return bool((np.abs(part.astype(np.int16) - 127) <= 3).all())


def hidden(image: NDArray[np.uint8]) -> bool:
    return traces(image) == 0 and is_flat(image)


def decoded(jpeg: bytes) -> NDArray[np.uint8]:
    found = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert found is not None
    return np.asarray(found, np.uint8)


def from_url(url: str) -> NDArray[np.uint8]:
    return decoded(base64.b64decode(url.split(",", 1)[1]))


class Secretive(FrameSource):
    """Shows the secret at 5 fps, for ever or for `seconds`. `shown`: its own picture, which nobody may change."""

    def __init__(self, seconds: float = 1e9, lane: str = "camera") -> None:
        self.lane = lane
        self.shown = secret()
        self.shown.flags.writeable = False
        self._seconds = seconds

    async def frames(self, now: Callable[[], float]) -> AsyncIterator[Frame]:
        start = now()
        while now() - start < self._seconds:
            yield Frame(now(), self.shown)
            await asyncio.sleep(0.2)


class Witness(Seer):
    """Keeps every picture that it is shown, and reads the secret where there is a trace of it. Looks take `seconds`."""

    def __init__(self, kept: list[Frame], seconds: float = 0.0) -> None:
        self._kept = kept
        self._seconds = seconds
        self._read: Sequence[str] | None = None

    async def look(self, frame: Frame) -> Percepts:
        self._kept.append(frame)
        await asyncio.sleep(self._seconds)
        text = (SECRET,) if traces(frame.image) else ()
        events = (PerceptEvent(frame.t, "text_changed", text="\n".join(text)),) if text != self._read else ()
        arrived = (PerceptEvent(frame.t, "arrived", "person"),) if self._read is None else ()
        self._read = text
        return Percepts(frame.t, text=text, events=(*events, *arrived))

    @property
    def pace(self) -> float:
        return 5.0
