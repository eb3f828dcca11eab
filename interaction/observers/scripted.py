"""An observer that follows a script: for tests and for scenarios about the house rather than the eyes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from interaction.observers.base import ObserverModel, Proposal, View

Script = Callable[[View], Sequence[Proposal]]


class ScriptedObserver(ObserverModel):
    """`script(view)` gives the proposals of a tick; `takes_s`: session seconds that each decision takes."""

    name = "scripted"

    def __init__(
        self, script: Script, *, takes_s: float = 0.0, capabilities: frozenset[str] = frozenset(), gated: bool = False
    ) -> None:
        self.sees = {"en": "what its script says", "zh": "脚本里的内容"}
        self.capabilities = capabilities
        self.gated = gated
        self.takes_s = takes_s
        self.views: list[View] = []
        self._script = script

    async def decide(self, view: View) -> list[Proposal]:
        self.views.append(view)
        if self.takes_s:
            await asyncio.sleep(self.takes_s)
        return list(self._script(view)) or [Proposal("silence", reason="nothing in the script")]
