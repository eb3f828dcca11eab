"""What an engine's state means to the sessions that it serves, on the event loop of their house."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from interaction.both import STANDS_IN, Both
from interaction.events import Event, Problem, Recovered
from interaction.observers.engine import LOG, Engine, Status


class EngineNews:
    """Calls `tell` with what is new at every change; no events: it is further loaded. Needs a running event loop.

    `problem`: why the engine is away, for sessions that begin meanwhile.
    """

    def __init__(self, engine: Engine, folder: Path, tell: Callable[[Sequence[Event]], None]) -> None:
        self.problem: Problem | None = None
        self._engine, self._log, self._tell = engine, folder / LOG, tell
        self._told: Status | None = None
        self._loop = asyncio.get_running_loop()
        self.close = engine.listen(self._changed)
        self._take(engine.status)

    def _changed(self, status: Status) -> None:
        """On the engine's thread."""
        with suppress(RuntimeError):  # the loop was closed meanwhile
            self._loop.call_soon_threadsafe(self._take, status)

    def _take(self, status: Status) -> None:
        news = self._news(status)
        if news or self._engine.status != self._told:  # while we were busy, it may have gone on by several steps
            self._told = self._engine.status
            self._tell(news)

    def _news(self, status: Status) -> list[Event]:
        if status.trouble and (self.problem is None or self.problem.message != status.trouble):
            self.problem = Problem(
                t=0.0,
                where="observer",
                message=Both(status.trouble, f"模型服务器出了问题：{status.trouble}"),
                kept=STANDS_IN,
                advice=Both(
                    f"It is started again by itself. If it stays away, check LOOKOUT_OBSERVER and read {self._log}.",
                    f"它会自动重新启动。如果一直不行，请检查 LOOKOUT_OBSERVER，并查看 {self._log}。",
                ),
            )
            return [self.problem]
        if status.ready and self.problem:
            self.problem = None
            return [Recovered(t=0.0, where="observer", message="The model server is back.")]
        return []
