"""The stories' house, camera and microphones: made once for all of them. What a failed story saw is shown with it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, expect, sync_playwright

from tests.browser.chromium import launch
from tests.browser.media import film, recording
from tests.browser.served import ServedHouse
from tests.browser.stories import PATIENCE_S, Visit
from tests.footage import NoFootage


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedHouse]:
    """Lookout itself, with its models loaded."""
    house = ServedHouse(tmp_path_factory.mktemp("house"))
    try:
        house.start()
        house.warm()
        yield house
    finally:
        house.stop()


@pytest.fixture(scope="module")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        return film(tmp_path_factory.mktemp("camera") / "lawn.mjpeg")
    except NoFootage as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def microphone(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """`microphone(sentence, before_s=…)`: a file; without a sentence, a quiet room."""
    folder, numbers = tmp_path_factory.mktemp("microphone"), itertools.count()

    def made(sentence: str = "", before_s: float = 4.0) -> Path:
        return recording(folder / f"{next(numbers)}.wav", sentence, before_s=before_s)

    return made


@pytest.fixture(scope="module")
def stage() -> Iterator[Playwright]:
    with sync_playwright() as running:
        expect.set_options(timeout=PATIENCE_S * 1000)
        yield running
        expect.set_options(timeout=5_000)


@pytest.fixture
def visit(request: pytest.FixtureRequest, served: ServedHouse, stage: Playwright) -> Iterator[Callable[..., Visit]]:
    """Opens the page in a browser with these media; without a camera the person refuses both.

    At the end nothing may have been asked of another host, broken the policy, or been complained about in the console.
    """
    visits: list[Visit] = []
    browsers = []
    request.node.visits = visits

    def opened(*, camera: Path | None = None, microphone: Path | None = None, **context: object) -> Visit:
        flags = ["--deny-permission-prompts"]
        if microphone:
            flags = ["--use-fake-ui-for-media-stream", f"--use-file-for-fake-audio-capture={microphone}%noloop"]
        if camera:
            flags.append(f"--use-file-for-fake-video-capture={camera}")
        browsers.append(launch(stage, *flags))
        visits.append(Visit(browsers[-1], served, request.node.name.split("_")[1], **context))
        return visits[-1]

    yield opened
    wrong = [line for one in visits for line in one.wrong]
    for one in visits:
        one.close()
    for browser in browsers:
        browser.close()
    assert wrong == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed and (visits := getattr(item, "visits", None)) is not None:
        for one in visits:
            if report.when == "call":
                one.see("failed")
            news = [e for e in one.told if e["type"] != "pong" and e.get("action") != "silence"]
            lines = "\n".join(str(event) for event in news[-40:])
            report.sections.append(("what the page was told last", lines))
        house: ServedHouse = item.funcargs["served"]  # type: ignore[attr-defined]
        report.sections.append(("what the house printed", house.output.read_text()[-4_000:]))
    return report
