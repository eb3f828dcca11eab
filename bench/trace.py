"""What is kept of a scenario while it runs: its journal, what the person said when, and a few small pictures."""

from __future__ import annotations

import resource
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, fields
from typing import Any

from bench.scenario import Scenario
from interaction.events import Event
from interaction.observers.base import Usage
from interaction.seeing.base import jpeg
from interaction.sources.base import Frame, FrameSource
from interaction.wire import to_json

PICTURES = 6  # shown of a scenario
PICTURE_PX = 120  # their longest side
KEPT = 4 * PICTURES  # while it is not known how long the stream is
JPEG_QUALITY = 60  # 3 kB each


@dataclass(frozen=True, slots=True)
class Said:
    """What the person says between two session seconds: `aloud`, or typed, because of `why` in a spoken run. `t`: its
    time in the scenario."""

    t: float
    start: float
    end: float
    text: str
    aloud: bool = False
    why: str = ""


@dataclass
class Trace:
    """`lines`: the journal; `pictures`: session second and JPEG, in order; `ends`: seconds that it lasted; `usage`: of
    the observer, if it counts; `idle_cpu`: seconds spent on what is no part of the house."""

    scenario: Scenario
    lines: list[dict[str, Any]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    pictures: list[tuple[float, bytes]] = field(default_factory=list)
    ends: float = 0.0
    usage: Usage | None = None
    idle_cpu: float = 0.0

    def note(self, event: Event, seq: int) -> None:
        self.events.append(event)
        self.lines.append(to_json(event, seq))

    def count(self, usage: Usage | None) -> None:
        """Of one house; a restarted one has two."""
        if usage:
            so_far = self.usage or Usage()
            self.usage = Usage(*(getattr(so_far, f.name) + getattr(usage, f.name) for f in fields(Usage)))


def cpu_seconds() -> float:
    """Spent by this process so far, all threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


class Filmed(FrameSource):
    """A stream that keeps small pictures of itself: one a second at first, ever fewer as it goes on."""

    def __init__(self, source: FrameSource, trace: Trace) -> None:
        self.lane, self.live, self.retry = source.lane, source.live, source.retry
        self._source = source
        self._trace = trace
        self._gap = 1.0

    async def frames(self, now: Callable[[], float]) -> AsyncIterator[Frame]:
        async for frame in self._source.frames(now):
            self._keep(frame)
            yield frame

    def _keep(self, frame: Frame) -> None:
        kept = self._trace.pictures
        if kept and frame.t - kept[-1][0] < self._gap:
            return
        kept.append((frame.t, jpeg(frame.image, PICTURE_PX, JPEG_QUALITY)))
        if len(kept) > KEPT:
            del kept[1::2]
            self._gap *= 2

    async def aclose(self) -> None:
        await self._source.aclose()
