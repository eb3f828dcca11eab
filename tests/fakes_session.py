"""A session with the surface of `interaction.session.Session` that remembers what was asked of it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

import config
from interaction.both import Both
from interaction.clip_shelf import Shelf
from interaction.clock import Clock
from interaction.events import Event, Problem, Recovered
from interaction.services import CommandRefused
from interaction.sources.base import Frame, FrameSource
from interaction.sources.opening import open_source
from interaction.speaking.base import AudioSink
from interaction.streams import TaskScope
from interaction.subscribers import Subscribers, Subscription


class FakeMemory:
    """One moment a person; remembers what was asked."""

    def __init__(self, pictures: Path) -> None:
        self.pictures = pictures
        self.asked: list[tuple[str, str | None, str | None]] = []
        self.forgotten: list[list[str] | None] = []

    async def page(self, q: str, day: str | None, before: str | None) -> dict[str, Any]:
        self.asked.append((q, day, before))
        return {"moments": [{"id": "m1", "text": "someone came in"}], "days": ["2026-11-20"]}

    async def forget(self, ids: list[str] | None) -> None:
        self.forgotten.append(ids)


class FakeBoard:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def artefact(self, task: str, name: str) -> Path | None:
        path = self.folder / task / name
        return path if path.exists() else None


class FakeSession:
    def __init__(self, id: str, person: str, folder: Path, history: int = 4000, bound: int = 2000) -> None:
        self.id = id
        self.person = person
        self.clock = Clock()
        self.finished = False
        self.subscribers = Subscribers(history, bound)
        self.memory: FakeMemory | None = FakeMemory(folder / "pictures")
        self.board: FakeBoard | None = FakeBoard(folder / "artefacts")
        self.services = SimpleNamespace(clips=SimpleNamespace(shelf=Shelf(folder / "clips", config.Clips())))
        self.requests: list[str] = []
        self.commands: list[tuple[str, dict[str, Any]]] = []
        self.posted: list[Event] = []
        self.heard: list[NDArray[np.float32]] = []
        self.frames: list[Frame] = []
        self.lanes: dict[str, FrameSource] = {}
        self.problems: dict[str, Problem] = {}
        self.watches: list[dict[str, Any]] = []
        self.sinks: list[AudioSink] = []
        self._over = asyncio.Event()
        self._scope = TaskScope(self._broke)

    def post(self, event: Event) -> None:
        self.posted.append(event)
        if isinstance(event, Problem):
            self.problems[event.where] = event
        elif isinstance(event, Recovered):
            self.problems.pop(event.where, None)
        self.subscribers.publish(event)

    def subscribe(self, since: int | None = None) -> Subscription:
        return self.subscribers.subscribe(since)

    def snapshot(self) -> dict[str, Any]:
        lanes = [{"lane": name, "state": "watching", "detail": "", "detail_zh": ""} for name in self.lanes]
        problems = [{"where": where} for where in self.problems]
        return {"language": "en", "lanes": lanes, "watches": self.watches, "problems": problems, "events": []}

    def request(self, text: str) -> None:
        self.requests.append(text)

    def command(self, name: str, /, **values: Any) -> None:
        if values.get("id") == "missing":
            raise CommandRefused(
                Both("There is no watch 'missing'.", "没有这项留意。"),
                Both("Choose one of the list.", "请从列表里选。"),
            )
        if values.get("id") == "broken":
            raise ZeroDivisionError
        if values.get("url"):
            self.add_lane(open_source(values["url"], values["name"]))
            return
        self.commands.append((name, values))

    def hear(self, pcm: NDArray[np.float32]) -> None:
        self.heard.append(pcm)

    def add_lane(self, source: FrameSource) -> None:
        if source.lane in self.lanes:
            raise CommandRefused(
                Both(f"There is already a source named {source.lane!r}.", f"已有名为“{source.lane}”的来源。"),
                Both("Choose another name.", "请换一个名字。"),
            )
        self.lanes[source.lane] = source
        if source.live and hasattr(source, "put"):
            self._scope.spawn(source.lane, self._watch(source))

    def remove_lane(self, name: str) -> None:
        self.lanes.pop(name, None)
        self._scope.cancel(name)

    def attach_sink(self, sink: AudioSink) -> None:
        self.sinks.append(sink)

    def detach_sink(self, sink: AudioSink) -> None:
        if sink in self.sinks:
            self.sinks.remove(sink)

    def picture(self, lane: str, t: float | None = None) -> bytes | None:
        return b"\xff\xd8jpeg" if lane in self.lanes else None

    async def forget(self, ids: list[str] | None = None) -> None:
        if self.memory:
            await self.memory.forget(ids)

    async def run(self) -> None:
        await self._over.wait()

    async def aclose(self) -> None:
        self.finished = True
        self._over.set()
        self.subscribers.close()
        await self._scope.aclose()

    async def _watch(self, source: FrameSource) -> None:
        async for frame in source.frames(self.clock.now):
            self.frames.append(frame)

    def _broke(self, name: str, error: BaseException) -> None:
        raise AssertionError(name) from error
