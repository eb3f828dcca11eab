"""Barge-in in a real Chromium: what its audio element lets out after somebody began to talk over the answer."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bench.figures import Figure
from bench.voices.turns import INTERRUPTION, LONG

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

    from tests.browser.served import ServedHouse

LIMIT_S = 0.3


def barge_in(times: int) -> list[Figure]:
    """Each time another browser, whose microphone is a file with somebody's sentence."""
    from playwright.sync_api import sync_playwright

    from tests.browser.media import recording
    from tests.browser.served import ServedHouse

    noticed, whole, missed = [], [], 0
    with tempfile.TemporaryDirectory(prefix="lookout-bench-") as name, sync_playwright() as playwright:
        folder = Path(name)
        microphone = recording(folder / "microphone.wav", INTERRUPTION, before_s=0.5)
        house = ServedHouse(folder)
        try:
            house.start()
            house.warm()
            for _ in range(times):
                found = _interrupted(playwright, house, microphone)
                if found is None:
                    missed += 1
                    continue
                noticed.append(found[0])
                whole.append(found[1])
        finally:
            house.stop()
    how = f"{len(noticed)} interruptions of the page in Chromium, its microphone a file: "
    note = f"{missed} of {times} were not noticed" if missed else ""
    return [
        Figure(
            4, "barge-in noticed → silence in Chromium", "s", noticed, LIMIT_S,
            how=how + "person_speaking in the page → last loud 10 ms that its audio element let out",
            notes=[note] if note else [],
        ),
        Figure(
            4, "person's first sound → silence in Chromium", "s", whole,
            how="the same from the first loud 10 ms of the microphone's track",
        ),
    ]  # fmt: skip


def _interrupted(playwright: Playwright, house: ServedHouse, microphone: Path) -> tuple[float, float] | None:
    """Seconds to silence from the noticing and from the first sound; None: it spoke on."""
    from tests.browser.chromium import launch
    from tests.browser.stories import Visit

    browser = launch(
        playwright,
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={microphone}%noloop",
    )
    visitor = Visit(browser, house, "bench")
    page = visitor.page
    try:
        page.click("#without")  # nothing is heard until the microphone is switched on
        visitor.until(lambda: page.locator("#voice-out").evaluate("e => e.srcObject !== null"))
        before = visitor.type(LONG)
        answer = visitor.wait("utterance_started", before)
        began = visitor.mark("utterance_started", utterance=answer["utterance"])
        visitor.until(lambda: page.evaluate("tape.heardAt") > began)
        page.click("#microphone")
        cut = visitor.wait("utterance_ended", before, utterance=answer["utterance"])
        if not cut["interrupted"]:
            return None
        talked = visitor.mark("person_speaking", active=True)
        page.wait_for_timeout(500)  # what comes after the silence would be heard
        last = max(visitor.heard(began, talked + 500))
        first = page.evaluate("tape.said[0]")
        return max(0.0, last - talked) / 1000, (last - first) / 1000
    finally:
        visitor.close()
        browser.close()
