"""A whole session for tests: real session, lane, tick, policy, floor, mouth; scripted eyes, voice, agent, memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from config import Settings
from interaction.events import Decision, Event, TaskDone, TaskSubmitted
from interaction.observers.base import ObserverModel
from interaction.observers.embedded import EmbeddedObserver
from interaction.seeing.base import PerceptEvent, Percepts, Seer
from interaction.services import Services
from interaction.session import Session
from interaction.sources.base import Frame, FrameSource
from interaction.speaking.base import RATE, Pcm, Voice
from interaction.text_model.base import TextModel

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
IMAGE = np.full((48, 64, 3), 90, np.uint8)


class Stream(FrameSource):
    """`seconds` of one grey picture at `fps`; fails or stops delivering where told."""

    def __init__(
        self, seconds: float, fps: float = 5.0, lane: str = "camera", fails: Exception | None = None, live: bool = False
    ) -> None:
        self.lane, self.live = lane, live
        self._times = [n / fps for n in range(int(seconds * fps))]
        self._fails = fails

    async def frames(self, now: Callable[[], float]) -> AsyncIterator[Frame]:
        start = now()
        for t in self._times:
            await asyncio.sleep(max(0.0, start + t - now()))
            yield Frame(start + t, IMAGE)
        if self._fails:
            raise self._fails
        if self.live:
            await asyncio.Event().wait()


class Eyes(Seer):
    """Sees what a script says: `{second: percept events}`; counts follow from arrivals and departures."""

    def __init__(self, script: dict[float, Sequence[PerceptEvent]], dies_at: float | None = None) -> None:
        self._script = dict(sorted(script.items()))
        self._counts: dict[str, int] = {}
        self._text: tuple[str, ...] = ()
        self._moving = False
        self._dies_at = dies_at

    async def look(self, frame: Frame) -> Percepts:
        if self._dies_at is not None and frame.t >= self._dies_at:
            self._dies_at = None
            raise RuntimeError("the detector fell over")
        events: list[PerceptEvent] = []
        for t in [t for t in self._script if t <= frame.t]:
            for event in self._script.pop(t):
                events.append(event)
                self._note(event)
        counts = {label: n for label, n in self._counts.items() if n > 0}
        return Percepts(frame.t, counts=counts, text=self._text, moving=self._moving, events=tuple(events))

    def _note(self, event: PerceptEvent) -> None:
        if event.kind in ("arrived", "left"):
            step = 1 if event.kind == "arrived" else -1
            self._counts[event.label] = self._counts.get(event.label, 0) + step
        if event.kind == "text_changed":
            self._text = tuple(event.text.splitlines())
        if event.kind in ("motion_started", "motion_stopped"):
            self._moving = event.kind == "motion_started"

    @property
    def pace(self) -> float:
        return 5.0


def saw(t: float, kind: str, label: str = "person", text: str = "") -> tuple[float, list[PerceptEvent]]:
    return t, [PerceptEvent(t, kind, label, "left" if kind in ("arrived", "left") else None, text=text)]  # type: ignore[arg-type]


class Speaker(Voice):
    """Speaks at 15 characters a second, silently."""

    name = "scripted"
    languages = frozenset({"en", "zh"})

    def __init__(self) -> None:
        self.spoken: list[str] = []
        self.prepared: list[str] = []

    async def synthesise(self, sentence: str, language: str, pace: float = 1.0) -> AsyncIterator[Pcm]:
        self.spoken.append(sentence)
        for _ in range(max(1, round(len(sentence) / 15 / 0.1))):
            yield np.zeros(RATE // 10, np.int16)

    async def prepare(self, sentence: str, language: str, pace: float = 1.0) -> None:
        self.prepared.append(sentence)


class Desk:
    """A background agent that takes `seconds` and then says `text`."""

    def __init__(self, session: Session, seconds: float = 4.0, text: str = "It is 397.8.") -> None:
        self._session, self._seconds, self._text = session, seconds, text
        self._running: dict[str, asyncio.Task[None]] = {}
        self.questions: list[str] = []

    def submit(self, question: str, *, language: str, foreground: str = "", frames: Sequence[Frame] = ()) -> str:
        self.questions.append(question)
        task = f"t{len(self.questions)}"
        self._session.post(TaskSubmitted(t=self._session.now(), task=task, question=question))
        self._running[task] = asyncio.create_task(self._work(task, question))
        return task

    async def _work(self, task: str, question: str) -> None:
        await asyncio.sleep(self._seconds)
        done = TaskDone(t=self._session.now(), task=task, question=question, status="completed", text=self._text)
        self._session.post(done)

    def cancel(self, task: str) -> None:
        if running := self._running.pop(task, None):
            running.cancel()
            self._session.post(
                TaskDone(t=self._session.now(), task=task, question="", status="cancelled", text="Cancelled.")
            )

    async def resume(self) -> None:
        return

    async def aclose(self) -> None:
        for running in self._running.values():
            running.cancel()


class Home:
    """A running session and everything that it published."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._subscription = session.subscribe()
        self.events: list[Event] = []

    async def until(self, t: float) -> None:
        await self.session.clock.sleep_until(t)
        self.events += [event for _, event in self._subscription.events.drain()]

    def of(self, kind: type[Event]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    def decided(self, action: str = "speak") -> list[Decision]:
        return [event for event in self.of(Decision) if event.action == action]

    def texts(self) -> list[str]:
        return [decision.text for decision in self.decided()]


@asynccontextmanager
async def home(
    *,
    observer: ObserverModel | None = None,
    fallback: ObserverModel | None = None,
    eyes: Callable[[], Seer] = lambda: Eyes({}),
    source: FrameSource | None = None,
    voice: Voice | None = None,
    desk: Callable[[Session], Any] | None = Desk,
    folder: Path | None = None,
    memory: Any = None,
    settings: Settings | None = None,
    text_model: TextModel | None = None,
    beside: Mapping[str, Callable[[Session], Coroutine[Any, Any, None]]] | None = None,
    started: datetime = START,
) -> AsyncIterator[Home]:
    watcher = observer or EmbeddedObserver()
    services = Services(
        observer=watcher,
        fallback=fallback or (watcher if observer is None else EmbeddedObserver()),
        make_seer=eyes,
        make_board=desk,
        voice=voice,
        memory=memory,
        folder=folder,
        text_model=text_model,
        beside=beside or {},
    )
    session = Session("s1", "local", settings or Settings(_env_file=None), services, started)  # type: ignore[call-arg]
    running = asyncio.create_task(session.run())
    place = Home(session)
    if source:
        session.add_lane(source)
    try:
        yield place
    finally:
        await session.aclose()
        await running
