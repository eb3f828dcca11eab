"""Faults on a timetable, and the parts of a house that obey it: wrappers around the base classes of every room."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from agent.runner import Desk, Job, Outcome, Runner
from agent.state import AgentError
from bench.strain.whistle import Listener
from interaction.both import Both
from interaction.hearing.base import HearingError, Recognizer, Transcript
from interaction.observers.base import ObserverError, ObserverModel, Proposal, View
from interaction.seeing.base import Percepts, Seer
from interaction.sources.base import Frame, FrameSource, SourceError
from interaction.speaking.base import Pcm, SpeakingError, Voice
from interaction.text_model.base import Reply, TextModel
from memory.record import Moment
from memory.store import MemoryFault, MemoryStore

FOR_EVER_S = 3600.0

# Back ends that are real servers where one of their faults is planned, and the part that must say so.
SERVERS = {
    "observer server": "observer",
    "language server": "language model",
    "hearing server": "hearing",
    "voice server": "voice",
}
HOWS = ("500", "hangs", "cut", "killed")  # cut: the connection, amid the answer; killed: it comes back

# Kind → the parts of which one must say so (`Trial.seen`); "": there is nothing to tell, it is only late.
KINDS: dict[str, tuple[str, ...]] = {
    "observer: time-out": ("observer",),
    "observer: 500": ("observer",),
    "observer: dead socket": ("observer",),
    "eyes: crash": ("seeing",),
    "eyes: killed worker": ("seeing",),
    "hearing: time-out": ("hearing",),
    "hearing: 500": ("hearing",),
    "hearing: dead socket": ("hearing",),
    "hearing: killed worker": ("hearing",),
    "voice: 500": ("voice",),
    "voice: dead socket": ("voice",),
    "memory: 500": ("memory",),
    "agent: time-out": ("task", "agent"),
    "agent: 500": ("task", "agent"),
    "agent: dead socket": ("task", "agent"),
    "agent: killed sandbox": ("task", "agent"),
    "disk: full": ("disk", "memory"),
    "disk: slow": ("",),
    "source: dropped": ("lane",),
    "tab: killed": ("page",),
    "clock: forwards": ("clock",),
    "clock: backwards": ("clock",),
    **{f"{server}: {how}": (part,) for server, part in SERVERS.items() for how in HOWS},
}
JUMP = timedelta(hours=1)
SHORTEST_S, LONGEST_S = 3.0, 9.0


@dataclass
class Fault:
    """`start`, `seconds`: in session time; `hits`: how often something ran into it."""

    kind: str
    start: float
    seconds: float
    hits: int = 0

    @property
    def end(self) -> float:
        return self.start + self.seconds

    def __str__(self) -> str:
        return f"{self.start:.1f}–{self.end:.1f} s {self.kind}"


def plan(seed: str, count: int, begin: float, end: float, kinds: Sequence[str] = tuple(KINDS)) -> list[Fault]:
    """`count` different faults between these session seconds, in order of time; the same for the same seed."""
    random = Random(seed)
    chosen = random.sample(list(kinds), min(count, len(kinds)))
    length = end - begin
    faults = []
    for kind in chosen:
        seconds = min(random.uniform(SHORTEST_S, LONGEST_S), length / 2)
        start = begin + random.uniform(0.05, 0.95) * (length - seconds)
        faults.append(Fault(kind, round(start, 1), round(seconds, 1)))
    return sorted(faults, key=lambda fault: fault.start)


@dataclass
class Timetable:
    """Which faults are on at session second `now()`."""

    faults: list[Fault]
    now: Callable[[], float] = field(default=lambda: 0.0)

    def on(self, *kinds: str) -> Fault | None:
        """A fault of these kinds that is on; asking counts as running into it."""
        t = self.now()
        for fault in self.faults:
            if fault.kind in kinds and fault.start <= t < fault.end:
                fault.hits += 1
                return fault
        return None

    @property
    def end(self) -> float:
        return max((fault.end for fault in self.faults), default=0.0)


def no_space() -> OSError:
    return OSError(errno.ENOSPC, "No space left on device")


def dead() -> ConnectionResetError:
    return ConnectionResetError(errno.ECONNRESET, "Connection reset by peer")


class ShakyObserver(ObserverModel):
    def __init__(self, inner: ObserverModel, table: Timetable) -> None:
        self._inner, self._table = inner, table
        self.name, self.capabilities, self.gated = inner.name, inner.capabilities, inner.gated
        self.hosts, self.sees = inner.hosts, inner.sees

    async def decide(self, view: View) -> list[Proposal]:
        self._table.on("observer server: killed")
        if self._table.on("observer: time-out"):
            await asyncio.sleep(FOR_EVER_S)
        if self._table.on("observer: 500"):
            raise ObserverError("the observer's server answered 500 (Internal Server Error)")
        if self._table.on("observer: dead socket"):
            raise dead()
        return await self._inner.decide(view)

    def forget(self, lane: str) -> None:
        self._inner.forget(lane)

    async def aclose(self) -> None:
        await self._inner.aclose()


class ShakySeer(Seer):
    """`kill`: ends the thread that the eyes look with."""

    def __init__(self, inner: Seer, table: Timetable, kill: Callable[[], None]) -> None:
        self._inner, self._table, self._kill = inner, table, kill

    def turn(self) -> Any:
        return self._inner.turn()

    async def look(self, frame: Frame) -> Percepts:
        if self._table.on("eyes: crash"):
            raise RuntimeError("the detector fell over")
        if self._table.on("eyes: killed worker"):
            self._kill()
        return await self._inner.look(frame)

    @property
    def pace(self) -> float:
        return self._inner.pace

    def close(self) -> None:
        self._inner.close()


class ShakyRecognizer(Recognizer):
    def __init__(self, inner: Recognizer, table: Timetable) -> None:
        self._inner, self._table = inner, table
        self.name = inner.name

    async def transcribe(self, audio: Any, language: str) -> Transcript:
        self._table.on("hearing server: killed")
        if self._table.on("hearing: time-out"):
            await asyncio.sleep(FOR_EVER_S)
        if self._table.on("hearing: 500"):
            raise HearingError("The speech recognition server answered 500 (Internal Server Error).")
        if self._table.on("hearing: dead socket"):
            raise dead()
        if isinstance(self._inner, Listener) and self._table.on("hearing: killed worker"):
            self._inner.worker.kill()
        return await self._inner.transcribe(audio, language)

    async def aclose(self) -> None:
        await self._inner.aclose()


class ShakyTextModel(TextModel):
    def __init__(self, inner: TextModel, table: Timetable) -> None:
        self._inner, self._table = inner, table
        self.name, self.hosts = inner.name, inner.hosts

    async def ask(self, task: str, data: dict[str, Any], reply: type[Reply]) -> Reply:
        self._table.on("language server: killed")
        return await self._inner.ask(task, data, reply)

    async def aclose(self) -> None:
        await self._inner.aclose()


class ShakyVoice(Voice):
    def __init__(self, inner: Voice, table: Timetable) -> None:
        self._inner, self._table = inner, table
        self.name, self.languages = inner.name, inner.languages

    async def synthesise(self, sentence: str, language: str, pace: float = 1.0) -> AsyncIterator[Pcm]:
        self._table.on("voice server: killed")
        if self._table.on("voice: 500"):
            raise SpeakingError("the speech server answered 500 (Internal Server Error)")
        async for piece in self._inner.synthesise(sentence, language, pace):
            yield piece
            if self._table.on("voice: dead socket"):
                raise dead()

    async def aclose(self) -> None:
        await self._inner.aclose()


class ShakyStore(MemoryStore):
    """Writing fails; what was read goes on."""

    def __init__(self, inner: MemoryStore, table: Timetable) -> None:
        self._inner, self._table = inner, table
        self.name = inner.name

    def add(self, moments: Sequence[Moment]) -> None:
        if self._table.on("memory: 500"):
            raise MemoryFault("Nothing can be stored: the Chroma server answered 500.")
        if self._table.on("disk: full"):
            raise no_space()
        self._inner.add(moments)

    def search(self, query: str, **how: Any) -> list[tuple[Moment, float]]:
        return self._inner.search(query, **how)

    def latest(self, **how: Any) -> list[Moment]:
        return self._inner.latest(**how)

    def forget(self, ids: Sequence[str] | None = None) -> None:
        self._inner.forget(ids)

    def count(self) -> int:
        return self._inner.count()

    def close(self) -> None:
        self._inner.close()


class ShakyRunner(Runner):
    def __init__(self, inner: Runner, table: Timetable) -> None:
        self._inner, self._table, self.hosts = inner, table, inner.hosts

    async def run(self, job: Job, desk: Desk) -> Outcome:
        if self._table.on("agent: time-out"):
            await asyncio.sleep(FOR_EVER_S)
        if self._table.on("agent: 500"):
            raise AgentError("I could not reach my helper.", Both("Its server answered 500.", "它的服务器回应了 500。"))
        if self._table.on("agent: dead socket"):
            raise dead()
        return await self._inner.run(job, desk)

    async def forget(self, task: str) -> None:
        await self._inner.forget(task)

    async def aclose(self) -> None:
        await self._inner.aclose()


class ShakySource(FrameSource):
    """Drops out while a fault is on, and goes on when it is opened again, as a camera does: what was shown meanwhile is
    missed. At the end it stays open until `examine` is done."""

    live = False
    retry = True

    def __init__(self, inner: FrameSource, table: Timetable, examine: Callable[[], Any]) -> None:
        self.lane = inner.lane
        self._inner, self._table, self._examine = inner, table, examine
        self._stream: AsyncIterator[Frame] | None = None

    async def frames(self, now: Callable[[], float]) -> AsyncIterator[Frame]:
        stream = self._stream = self._stream or self._inner.frames(now)
        if self._table.on("source: dropped"):
            raise SourceError(Both("The camera does not answer.", "摄像头没有回应。"))
        resumed = now()
        async for frame in stream:
            if self._table.on("source: dropped"):
                raise SourceError(Both("The connection to the camera was reset.", "与摄像头的连接被重置了。"))
            if frame.t >= resumed - 1.0:
                yield frame
        await self._examine()

    async def aclose(self) -> None:
        await self._inner.aclose()
