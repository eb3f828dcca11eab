"""The house that the benchmark of the eyes watches with: rooms, a session and its lanes in this process, no page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import psutil

from bench.eyes.webhook import Webhook, webhook
from bench.server import rolled_up
from config import Alerts, Settings
from interaction.clock import loop_time
from interaction.events import Decision
from interaction.session import Session
from interaction.sources.opening import open_source
from rooms import Rooms


class Home:
    """A running session. `spoken`: seconds of the loop and lane of each alert that was decided; `hook`: and received.

    Counted is this process without its children: the cameras are one.
    """

    def __init__(self, session: Session, hook: Webhook) -> None:
        self.session = session
        self.hook = hook
        self.spoken: list[tuple[float, str]] = []
        self._process = psutil.Process()

    def add(self, name: str, url: str) -> None:
        """Watch a camera as a page does."""
        settings = self.session.settings
        source = open_source(url, name, allow_private=True, fps=settings.seeing.busy_fps, limits=settings.sources)
        self.session.add_lane(source)

    async def pictures(self, names: Iterable[str], since: float, seconds: float) -> dict[str, float]:
        """Seconds of the loop at which the first picture after `since` came to each of these lanes; those that had
        one within `seconds`."""
        waiting, had = set(names), dict[str, float]()
        offset = loop_time() - self.session.now()
        while waiting and loop_time() < since + seconds:
            for name in sorted(waiting):
                frame = self.session.lanes[name].latest.peek()
                if frame and frame.t + offset > since:
                    had[name] = frame.t + offset
            waiting -= set(had)
            await asyncio.sleep(0.02)
        return had

    def cpu(self) -> float:
        """CPU seconds so far."""
        times = self._process.cpu_times()
        return float(times.user + times.system)

    def megabytes(self) -> float:
        """Allocated memory."""
        return rolled_up([Path("/proc/self/smaps_rollup").read_text(encoding="ascii")])["Pss_Anon"]

    def handles(self) -> dict[str, int]:
        """What a stream that is opened again and again could leave behind."""
        tasks = len(asyncio.all_tasks())
        return {"threads": self._process.num_threads(), "descriptors": self._process.num_fds(), "tasks": tasks}


@asynccontextmanager
async def home(folder: Path) -> AsyncIterator[Home]:
    """One without voice and ears, whose alerts go to a webhook: every one of them, however alike."""
    async with webhook() as hook:
        settings = _settings(folder, hook)
        rooms = Rooms(settings, voice=False, hearing=False)
        rooms.warm_up("bench")
        await rooms.warm()
        session = rooms.session("bench", "bench")
        place = Home(session, hook)
        running = [asyncio.create_task(work) for work in (session.run(), _note(place))]
        try:
            yield place
        finally:
            await session.aclose()
            await rooms.aclose()
            await asyncio.gather(*running)


def _settings(folder: Path, hook: Webhook) -> Settings:
    """The defaults, and no other outlets than ours."""
    named = {"observer": "embedded", "data_dir": folder, "allow_private": True, "download": False}
    return Settings().model_copy(update={**named, "outlets": (hook.outlet,), "alerts": Alerts(gap_s=0, fold_s=0)})


async def _note(place: Home) -> None:
    async for _, event in place.session.subscribe().events:
        if isinstance(event, Decision) and event.action == "speak" and event.watch and event.lane:
            place.spoken.append((loop_time(), event.lane))
