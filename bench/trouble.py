"""What goes wrong in a scenario on purpose, besides its streams."""

from __future__ import annotations

import asyncio

from interaction.observers.base import ObserverModel, Proposal, View


class Slowed(ObserverModel):
    """An observer that takes `seconds` longer for every decision: the stream goes on meanwhile."""

    def __init__(self, observer: ObserverModel, seconds: float) -> None:
        self.name, self.capabilities, self.gated = observer.name, observer.capabilities, observer.gated
        self.hosts, self.sees = observer.hosts, observer.sees
        self._observer = observer
        self._seconds = seconds

    async def decide(self, view: View) -> list[Proposal]:
        await asyncio.sleep(self._seconds)
        return await self._observer.decide(view)

    def forget(self, lane: str) -> None:
        self._observer.forget(lane)

    async def aclose(self) -> None:
        await self._observer.aclose()
