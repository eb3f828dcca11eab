"""What every kind of outlet does: it hands an alert to its receiver, or says why that failed."""

from __future__ import annotations

import contextlib
import logging
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import datetime

from interaction.outlets.alert import Alert

LONGEST_PAUSE_S = 300.0  # a receiver that is back is noticed after five minutes at most
# Libraries that write the addresses they call into the log; ours hold keys.
TALKATIVE = ("httpx", "urllib3.connectionpool")


class NotDelivered(Exception):
    """The message, and the same in Chinese (`zh`), is for the person and holds nothing of the address. `again_s`: the
    receiver asks to be left alone for so long; `gone`: it wants no more, ever."""

    def __init__(self, message: str, zh: str, again_s: float = 0.0, gone: bool = False) -> None:
        super().__init__(message)
        self.zh = zh
        self.again_s = min(again_s, LONGEST_PAUSE_S)
        self.gone = gone


class Sender(ABC):
    """One receiver."""

    @abstractmethod
    async def send(self, alert: Alert, picture: bytes | None, now: datetime) -> None:
        """One attempt. `picture`: JPEG; `now`: wall-clock time. Raises `NotDelivered`."""

    def close(self) -> None:
        """Let go of what it holds; an attempt under way is abandoned."""
        return


def pause_s(attempts: int, luck: float) -> float:
    """Seconds to wait after so many failed attempts (1…): 1, 2, 4 … 300, and up to a quarter more or less by `luck`
    (0…1), so that what failed together is not tried together."""
    return min(LONGEST_PAUSE_S, 2.0 ** min(attempts - 1, 20)) * (0.75 + 0.5 * luck)


_sending: ContextVar[bool] = ContextVar("sending an alert", default=False)


def _is_harmless(record: logging.LogRecord) -> bool:
    return not _sending.get()


@contextlib.contextmanager
def hushed() -> Iterator[None]:
    """While open, what libraries log of our calls goes nowhere (other calls of theirs are logged as ever)."""
    for name in TALKATIVE:
        logging.getLogger(name).addFilter(_is_harmless)  # once, however often it is added
    mark = _sending.set(True)
    try:
        yield
    finally:
        _sending.reset(mark)
