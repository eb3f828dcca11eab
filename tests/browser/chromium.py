"""A real Chromium, and how tests look at its page."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Playwright

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
]
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


def launch(playwright: Playwright, *more: str) -> Browser:
    return playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *more])


def until(holds: Callable[[], Any], page: Page | None = None, seconds: float = 8.0) -> Any:
    """What `holds` gives once it is true. The page's events come in meanwhile."""
    end = time.monotonic() + seconds
    while not (value := holds()):
        assert time.monotonic() < end, "it never came to pass"
        page.wait_for_timeout(50) if page else time.sleep(0.05)
    return value


def findings(page: Page) -> list[str]:
    """What axe-core finds serious or critical, one line each."""
    violations = Axe().run(page).response["violations"]
    return [
        f"{v['id']} ({v['impact']}): {node['target']} {node['failureSummary'][:200]}"
        for v in violations
        if v["impact"] in ("serious", "critical")
        for node in v["nodes"]
    ]
