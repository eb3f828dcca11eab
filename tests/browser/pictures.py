"""The README's pictures of the running page: `python -m tests.browser.pictures` makes them anew. Look at them."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import Playwright, expect, sync_playwright

from tests.browser.chromium import PHONE, WIDE, launch
from tests.browser.media import film, recording
from tests.browser.served import ServedHouse
from tests.browser.stories import Visit

DOCS = Path(__file__).parents[2] / "docs" / "pictures"
WORK = {"LOOKOUT_AGENT__PYTHON_WALL_S": "40", "LOOKOUT_AGENT__PYTHON_CPU_S": "40"}  # long enough to be seen
WISHES = {
    "en": (
        "Remind me every 20 minutes to stretch",
        "Tell me when the sign says OPEN",
        "Work out the prime factors of 99999999999999997",
        "Tell me when someone comes in",
    ),
    "zh": ("每20分钟提醒我活动一下", "99999999999999997的质因数分解", "有人进来的时候告诉我"),
}


def main() -> None:
    DOCS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="lookout-pictures-") as folder, sync_playwright() as playwright:
        house = ServedHouse(Path(folder), **WORK)
        camera = film(Path(folder) / "camera.mjpeg", empty_s=14.0)
        quiet = recording(Path(folder) / "quiet.wav", "", before_s=0.0)
        media = (f"--use-file-for-fake-video-capture={camera}", f"--use-file-for-fake-audio-capture={quiet}%noloop")
        try:
            house.start()
            house.warm()
            take(playwright, house, media, "page", "en", viewport=WIDE)
            take(playwright, house, media, "phone", "zh", viewport=PHONE, has_touch=True, is_mobile=True)
        finally:
            house.stop()


def take(
    playwright: Playwright, house: ServedHouse, media: tuple[str, ...], name: str, language: str, **context: object
) -> None:
    """Someone has just come in, and it is being said."""
    browser = launch(playwright, "--use-fake-ui-for-media-stream", *media)
    visitor = Visit(browser, house, name, **context)
    page = visitor.page
    page.click(f"[data-language={language}]")
    page.click("#start")
    expect(page.locator("#camera")).to_be_visible()
    for wish in WISHES[language]:
        before = visitor.type(wish)
        visitor.wait("transcript_final", before)
    page.evaluate("document.activeElement.blur()")
    watch = visitor.wait("watch_changed", before, change="armed")["watch"]["id"]

    def said() -> bool:
        return any(e["kind"] == "alert" and e["watch"] == watch for e in visitor.told_of("utterance_started", before))

    visitor.until(said, seconds=200)  # the film begins again until it is seen
    page.screenshot(path=DOCS / f"{name}.jpg", type="jpeg", quality=85, animations="disabled")
    visitor.close()
    browser.close()


if __name__ == "__main__":
    main()
