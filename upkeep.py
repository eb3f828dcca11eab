"""What a house that serves does for its memory: the collector is kept off what it loaded, and what visitors held goes
back to the system when they have gone."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import sys


def set_apart() -> None:
    """The garbage collector leaves alone what is loaded now. Looking through it took 0.2 s, in which nothing else ran,
    and came so seldom that what a visitor left behind stayed for many minutes."""
    gc.freeze()
    gc.collect()  # nearly nothing now: from here on, what it finds is compared with what it finds now


def give_back() -> None:
    """Blocks for milliseconds, on any thread. Pictures and sound leave holes in the heaps; what is free in them is
    returned where the system has such a call (glibc)."""
    gc.collect()
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError, OSError):
            ctypes.CDLL(None).malloc_trim(0)
