"""From a reading thread to the event loop, without a queue that grows.

Live, the newest picture wins and the thread never waits. For what is paced (files, HLS) the thread waits until the
picture before was taken, so that nothing is skipped and nothing piles up.
"""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from interaction.sources.base import SourceError
from interaction.streams import Latest

# How often a thread that waits for the loop looks whether it is still wanted. Only matters when a loop dies uncleanly.
LOOK_UP_S = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A decoded picture. `media_t`: seconds since the first one; `image`: uint8 [height, width, 3], BGR."""

    media_t: float
    image: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class End:
    """Nothing more comes. `error`: why, or None at the end of a file."""

    error: SourceError | None = None


class Handover:
    """Hands pictures from one thread to one coroutine. Create it on the event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._slot: Latest[Picture | End] = Latest()
        self._taken = threading.Event()
        self._closed = threading.Event()

    def give(self, item: Picture | End, *, wait: bool) -> bool:
        """Thread side. `wait`: until it was taken. False when nobody wants more."""
        self._taken.clear()
        try:
            self._loop.call_soon_threadsafe(self._slot.put, item)
        except RuntimeError:  # the loop is gone, and so is everyone who could want a picture
            self._closed.set()
        while wait and not self._closed.is_set() and not self._taken.wait(LOOK_UP_S):
            if self._loop.is_closed():
                self._closed.set()
        return not self._closed.is_set()

    async def take(self) -> Picture | End:
        """Loop side: the next picture."""
        item = await self._slot.take()
        self._taken.set()
        return item

    @property
    def closed(self) -> bool:
        return self._closed.is_set()

    def close(self) -> None:
        """Loop side: no more is wanted; frees a waiting thread and a waiting coroutine."""
        self._closed.set()
        self._taken.set()
        self._slot.put(End())
