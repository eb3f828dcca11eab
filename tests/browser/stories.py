"""One person's visit in a browser of its own: what the page was told, what it let be heard, and what went wrong."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, WebSocket, expect

from tests.browser.chromium import WIDE, until
from tests.browser.served import ServedHouse

PICTURES = Path(__file__).parents[2] / "out" / "stories"
HERE = Path(__file__).parent
PATIENCE_S = 60.0  # two busy cores
HEARING_RATE = 16_000  # Hz, of the recogniser
Event = dict[str, Any]


class Visit:
    """A page of `house`. `told`: every event that it was told, in order, also before a reload; `name`: the story's."""

    def __init__(self, browser: Browser, house: ServedHouse, name: str, **context: Any) -> None:
        self.name = name
        self.told: list[Event] = []
        self.asked: list[Event] = []  # what the page sent
        self.wrong: list[str] = []
        self.forgiven = re.compile("(?!)")  # troubles that the story makes itself
        self._house = house
        self._shots = 0
        self._context = browser.new_context(**{"viewport": WIDE, "reduced_motion": "reduce", **context})
        self.page: Page = self._context.new_page()
        self.page.set_default_timeout(PATIENCE_S * 1000)
        self.page.add_init_script(path=HERE / "tape.js")
        self.page.on("websocket", self._listen)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("request", self._requested)
        self.page.goto(house.url)
        expect(self.page.locator("#start")).to_be_enabled()

    def until(self, holds: Callable[[], Any], seconds: float = PATIENCE_S) -> Any:
        return until(holds, self.page, seconds)

    def wait(
        self, type: str, since: int = 0, /, fits: Callable[[Event], bool] = lambda event: True, **fields: Any
    ) -> Event:
        """The first such event among `told[since:]`, waited for."""
        wanted = {"type": type, **fields}

        def found() -> Event | None:
            return next((e for e in self.told[since:] if wanted.items() <= e.items() and fits(e)), None)

        try:
            event: Event = self.until(found)
        except AssertionError:
            raise AssertionError(f"no {wanted} came; last: {self.told[-8:]}") from None
        return event

    def told_of(self, type: str, since: int = 0) -> list[Event]:
        return [event for event in self.told[since:] if event["type"] == type]

    def type(self, text: str) -> int:
        """A typed request; the length of `told` before it."""
        before = len(self.told)
        self.page.fill("#ask", text)
        self.page.press("#ask", "Enter")
        return before

    def see(self, what: str) -> None:
        """A picture for people to judge."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        self._shots += 1
        self.page.screenshot(path=PICTURES / f"{self.name}-{self._shots}-{what}.png", animations="disabled")

    def sound(self, start: float, end: float) -> NDArray[np.float32]:
        """What the page's audio element let out between two marks: float32 [n], 16 kHz."""
        raw = self.page.evaluate("([start, end]) => tape.play(start, end)", [start, end])
        pcm = np.frombuffer(base64.b64decode(raw["pcm"]), "<i2").astype(np.float32) / 32768
        step = raw["rate"] // HEARING_RATE
        sound: NDArray[np.float32] = pcm[: len(pcm) // step * step].reshape(-1, step).mean(axis=1)
        return sound

    def heard(self, start: float, end: float) -> list[float]:
        """The marks between these two at which there was something to be heard."""
        marks: list[float] = self.page.evaluate("([start, end]) => tape.heard(start, end)", [start, end])
        return marks

    def mark(self, type: str, **fields: Any) -> float:
        """When the last such message came: ms of the page's clock."""
        wanted = {"type": type, **fields}
        return float(max(m["at"] for m in self.page.evaluate("tape.marks") if wanted.items() <= m.items()))

    def lamps(self) -> list[str]:
        """The states of the lamp so far (since the last reload)."""
        lamps: list[str] = self.page.evaluate("tape.lamps")
        return lamps

    def close(self) -> None:
        """Leave nothing behind for the next story: no watch, no memory, no session."""
        ids = {e["watch"]["id"] for e in self.told if e["type"] == "watch_changed"}
        orders = [{"type": "watch", "op": "cancel", "id": id} for id in sorted(ids)]
        self.page.evaluate(
            """async (orders) => {
                await fetch("/api/memory", { method: "DELETE" }).catch(() => null); // the house may be gone
                for (const order of orders) tape.socket?.send(JSON.stringify(order));
            }""",
            [*orders, {"type": "stop"}],
        )
        self.page.wait_for_timeout(300)
        self._context.close()

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda text: self.told.append(json.loads(text)))
        socket.on("framesent", lambda text: self.asked.append(json.loads(text)))

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._note(f"{message.text} ({message.location['url']})")

    def _requested(self, request: Request) -> None:
        if not request.url.startswith((self._house.url, "data:", "blob:")):
            self._note(f"outside: {request.url}")

    def _note(self, text: str) -> None:
        if not self.forgiven.search(text):
            self.wrong.append(text)
