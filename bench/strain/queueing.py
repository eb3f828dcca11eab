"""What a visitor over the limit is told by the served house: by HTTP, by WebSocket, in both languages."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx
import numpy as np

from bench.recordings import FPS, drawn, quiet_room
from bench.server import serving
from bench.visitor import Visitor
from interaction.clock import stopwatch

PLACES, QUEUE = 2, 1
WAIT_S = 15.0  # in the queue before somebody leaves: longer than a place is kept for someone who went away
SOON_S = 5.0  # in which everything must be answered


@dataclass
class Queueing:
    """`wrong`: what was not as promised; `told_s`, `let_in_s`: seconds until the place was told, and until there was a
    place after somebody left."""

    wrong: list[str] = field(default_factory=list)
    told_s: float | None = None
    let_in_s: float | None = None
    said: dict[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return not self.wrong

    def expect(self, right: bool, what: str) -> None:
        if not right:
            self.wrong.append(what)

    def lines(self) -> list[str]:
        told = "never" if self.told_s is None else f"after {self.told_s:.2f} s"
        let_in = "never" if self.let_in_s is None else f"{self.let_in_s:.2f} s after somebody left"
        words = " / ".join(self.said.values())
        return [f"over the limit: told {told} ({words}); let in {let_in}", *(f"  ✗ {what}" for what in self.wrong)]


async def queueing() -> Queueing:
    """A house with two places and a queue of one: two visitors, one who waits, and one for whom there is no room."""
    found, room = Queueing(), await asyncio.to_thread(quiet_room)
    dark = await asyncio.to_thread(lambda: drawn([np.zeros((480, 640, 3), np.uint8)] * FPS))
    settings = {"LOOKOUT_WEB__SESSIONS": str(PLACES), "LOOKOUT_WEB__QUEUE": str(QUEUE)}
    async with serving("app.py", "serve", **settings) as server, AsyncExitStack() as leaving:
        guests = [Visitor(server.origin, dark, room) for _ in range(PLACES)]
        for guest in guests:
            leaving.push_async_callback(guest.leave)
            await guest.arrive()
        waiting = Visitor(server.origin, dark, room)
        leaving.push_async_callback(waiting.leave)
        arriving = asyncio.create_task(waiting.arrive(patience=WAIT_S + 4 * SOON_S))
        leaving.callback(arriving.cancel)
        found.told_s = await waiting.until(lambda message: message["type"] == "full", SOON_S)
        found.expect(found.told_s is not None, f"the WebSocket did not tell the place within {SOON_S:g} s")
        found.said["en"] = next((m["message"] for _, m in waiting.told if m["type"] == "full"), "")
        await _by_http(found, server.origin, waiting.cookies)
        await asyncio.sleep(WAIT_S)
        found.expect(waiting.places[-1:] == [1], f"the place was not kept while waiting: {waiting.places}")
        passed = stopwatch()
        await guests[0].leave()
        try:
            async with asyncio.timeout(SOON_S):
                await arriving
            found.let_in_s = passed()
        except (TimeoutError, httpx.HTTPError) as error:
            found.expect(False, f"who waited was not let in within {SOON_S:g} s: {error!r}")
    return found


async def _by_http(found: Queueing, origin: str, cookies: httpx.Cookies) -> None:
    """What the same visitor, and a stranger, are answered."""
    headers = {"origin": origin, "accept-language": "zh-CN"}
    async with (
        httpx.AsyncClient(base_url=origin, headers=headers, cookies=cookies, timeout=SOON_S) as own,
        httpx.AsyncClient(base_url=origin, headers={"origin": origin}, timeout=SOON_S) as stranger,
    ):
        opened = await own.post("/api/session")
        body: dict[str, Any] = opened.json()
        found.said["zh"] = body.get("message", "")
        found.expect(
            opened.status_code == 202 and body.get("place") == 1 and "1" in found.said["zh"],
            f"POST /api/session: {opened.status_code} {body}",
        )
        offered = await own.post("/api/offer", json={"sdp": "v=0", "type": "offer"})
        place = offered.json().get("error", {}).get("place")
        found.expect(
            offered.status_code == 503 and place == 1, f"POST /api/offer: {offered.status_code}, place {place}"
        )
        refused = await stranger.post("/api/session")
        found.expect(refused.status_code == 503, f"with a full queue POST /api/session: {refused.status_code}")
