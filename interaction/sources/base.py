"""The contract of a source of frames."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from interaction.both import NOTHING, Both


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture. `t`: session seconds at which it was taken; `image`: uint8 [height, width, 3], BGR."""

    t: float
    image: NDArray[np.uint8]


class SourceError(Exception):
    """The source cannot be read. The message is one clear line for a person.

    `login`: its server wants another user or password, or none of ours; asking often may lock the account.
    `advice`: what to do where this house's own rule forbids it: trying again soon does not help.
    """

    def __init__(self, message: Both, *, login: bool = False, advice: Both = NOTHING) -> None:
        super().__init__(message)
        self.login, self.advice = login, advice


class FrameSource(ABC):
    """Something that delivers frames: a browser camera, a file, a network stream.

    `lane` names it ("camera", "door"). `frames(now)` yields frames as they arrive, newest time last; `now` is
    the session clock's `now`, and frame times are mapped to it on arrival. It returns at the end of a file,
    raises `SourceError` when it cannot be opened or breaks; whoever consumes it decides about reconnecting.
    Nothing is decoded that is not asked for: at most `fps` frames a second are yielded. Paced sources (files in
    real time or on virtual time) sleep with `asyncio.sleep`; blocking reads happen off the event loop.
    """

    lane: str
    live: bool = True  # False for a file: it ends
    retry: bool = False  # opening it again may help: a network stream whose other end restarts
    must_open: bool = True  # a first attempt that fails ends it: somebody typed it and is waiting to hear

    @abstractmethod
    def frames(self, now: Callable[[], float]) -> AsyncIterator[Frame]: ...

    async def aclose(self) -> None:
        """Release the device or connection; `frames` ends soon after."""
