"""Events to everyone who listens: numbered, kept a while for pages that reload, bounded for each listener."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from interaction.events import PASSING, Event
from interaction.streams import Channel

Numbered = tuple[int, Event]


@dataclass
class Subscription:
    """`missed`: kept events after the number asked for; `gap`: some of those were no longer kept.

    `events` is closed when the listener falls too far behind (then `lagged`) or the session ends.
    """

    events: Channel[Numbered]
    missed: list[Numbered] = field(default_factory=list)
    gap: bool = False
    lagged: bool = False
    closed: bool = False

    def close(self) -> None:
        self.closed = True
        self.events.close()


class Subscribers:
    """Fans out. `seq` is the number of the newest event, 0 before the first."""

    def __init__(self, history: int, bound: int) -> None:
        self.seq = 0
        self.history: deque[Numbered] = deque(maxlen=history)
        self._bound = bound
        self._listeners: list[Subscription] = []

    def publish(self, event: Event) -> int:
        """Number an event and hand it on; returns its number."""
        self.seq += 1
        numbered = (self.seq, event)
        if not isinstance(event, PASSING):
            self.history.append(numbered)
        for listener in self._listeners:
            if not listener.closed and not listener.events.send(numbered):
                listener.lagged = True
                listener.close()
        self._listeners = [listener for listener in self._listeners if not listener.closed]
        return self.seq

    def subscribe(self, since: int | None = None) -> Subscription:
        listener = Subscription(Channel(self._bound))
        if since is not None:
            listener.missed = [(seq, event) for seq, event in self.history if seq > since]
            oldest = self.history[0][0] if self.history else self.seq + 1
            listener.gap = since > self.seq or since + 1 < oldest
        self._listeners.append(listener)
        return listener

    def close(self) -> None:
        for listener in self._listeners:
            listener.close()
        self._listeners = []
