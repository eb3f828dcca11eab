"""A source that follows a script: for tests, scenarios and the demonstration without a camera."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from interaction.sources.base import Frame, FrameSource

# A picture; None: nothing arrives at that time; an exception: the source breaks there.
Step = NDArray[np.uint8] | Exception | None


class ScriptedSource(FrameSource):
    """Delivers step `i` at start + i / `fps`, for `seconds` (None: to the end of the script).

    `script`: the steps, or a function that makes them; a function is asked anew each time `frames` is called.
    """

    live = False

    def __init__(
        self,
        script: Iterable[Step] | Callable[[], Iterable[Step]],
        *,
        fps: float,
        seconds: float | None = None,
        lane: str = "camera",
        live: bool = False,
    ) -> None:
        self.lane = lane
        self.live = live
        self.fps = fps
        self._script = script
        self._count = None if seconds is None else round(seconds * fps)
        self._closed = False

    async def frames(self, now: Callable[[], float]) -> AsyncIterator[Frame]:
        start = now()
        script = self._script() if callable(self._script) else self._script
        for i, step in enumerate(islice(script, self._count)):
            t = start + i / self.fps
            await asyncio.sleep(max(0.0, t - now()))
            if self._closed:
                return
            if isinstance(step, Exception):
                raise step
            if step is not None:
                yield Frame(t, step)

    async def aclose(self) -> None:
        self._closed = True
