"""What is kept of a scenario while it runs: its journal, what the person said when, and a few small pictures."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from bench.scenario import Scenario
from interaction.events import Event, to_json
from interaction.seeing.base import jpeg
from interaction.sources.base import Frame, FrameSource

PICTURES = 6  # shown of a scenario
PICTURE_PX = 120  # their longest side
KEPT = 4 * PICTURES  # while it is not known how long the stream is
JPEG_QUALITY = 60  # 3 kB each


@dataclass(frozen=True, slots=True)
class Said:
    """What the person said between two session seconds; `aloud` or typed."""

    start: float
    end: float
    text: str
    aloud: bool = False


@dataclass
class Trace:
    """`lines`: the journal; `pictures`: session second and JPEG, in order; `begins`, `ends`: of the stream, seconds."""

    scenario: Scenario
    lines: list[dict[str, Any]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    pictures: list[tuple[float, bytes]] = field(default_factory=list)
    begins: float = 0.0
    ends: float = 0.0

    def note(self, event: Event, seq: int) -> None:
        self.events.append(event)
        self.lines.append(to_json(event, seq))


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
