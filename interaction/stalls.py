"""Whether the event loop keeps up while somebody speaks: what stands still for 50 ms is heard in the voice."""

from __future__ import annotations

import asyncio

from interaction.clock import Clock

STEP_S = 0.02  # a frame of the voice; a hundred of these cost a millisecond of CPU
STALL_S = 0.05


class Stalls:
    """`count`: how often the loop was late by more than 50 ms; `longest`: by how many seconds at most."""

    def __init__(self) -> None:
        self.count = 0
        self.longest = 0.0

    async def watch(self) -> None:
        """Count until it is cancelled. On virtual time nothing is ever late."""
        clock = Clock()
        while True:
            due = clock.now() + STEP_S
            await asyncio.sleep(STEP_S)
            if (late := clock.now() - due) > STALL_S:
                self.count += 1
                self.longest = max(self.longest, late)
