"""The page in a real Chromium, before a scripted house (page_preview): each state, each key, both languages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Request, expect, sync_playwright

from interaction.lane_troubles import source_failed
from interaction.outlets.collecting import link_to
from interaction.sources.address import resolve
from interaction.sources.base import SourceError
from tests.browser.chromium import CHROMIUM, PHONE, WIDE, findings, launch, until
from tests.browser.page_preview import Preview, serve, walk
from tests.browser.page_scenes import watch

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (Debian: chromium)"),
]

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def house() -> Iterator[Preview]:
    preview = Preview()
    server, thread = serve(preview)
    until(lambda: server.started)
    preview.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/"
    yield preview
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def allowing(playwright: Playwright) -> Iterator[Browser]:
    """A browser whose person allows camera and microphone."""
    browser = launch(playwright, "--use-fake-ui-for-media-stream")
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def refusing(playwright: Playwright) -> Iterator[Browser]:
    browser = launch(playwright, "--deny-permission-prompts")
    yield browser
    browser.close()


@pytest.fixture
def visit(house: Preview, allowing: Browser) -> Iterator[Callable[..., Page]]:
    """Opens pages; at the end no page may have asked an outside host, broken the policy or thrown."""
    contexts: list[Any] = []
    wrong: list[str] = []

    def said(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            wrong.append(message.text)

    def asked(request: Request) -> None:
        if not request.url.startswith((house.url, "data:", "blob:")):
            wrong.append(f"outside: {request.url}")

    def opened(browser: Browser = allowing, *, script: str = "", query: str = "", **context: Any) -> Page:
        contexts.append(browser.new_context(**{"viewport": WIDE, **context}))
        page: Page = contexts[-1].new_page()
        page.set_default_timeout(15_000)
        page.on("console", said)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", asked)
        if script:
            page.add_init_script(script)
        page.goto(house.url + query)
        expect(page.locator("#start")).to_be_enabled(timeout=20_000)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []


def start(page: Page, house: Preview) -> Page:
    page.click("#start")
    expect(page.locator("#camera")).to_be_visible()
    until(lambda: house.camera_frames, page)
    return page


def said(house: Preview, **wanted: Any) -> list[dict[str, Any]]:
    return [m for m in house.received if wanted.items() <= m.items()]


def test_first_visit_holds_one_button_and_says_where_pictures_go(house: Preview, visit: Callable[..., Page]) -> None:
    house.reset()
    page = visit()
    expect(page.locator("#start")).to_have_text("Start watching")
    expect(page.locator("#privacy")).to_have_text("Pictures and sound stay on this machine.")
    expect(page.locator("#lamp-word")).to_have_text("Ready")
    expect(page.locator("#observer")).to_have_text("Built-in observer · people, objects, motion, text")
    expect(page.locator("footer")).to_be_hidden()
    expect(page.locator("#lookout-opening")).to_have_count(0)
    house.reset(hosts=["models.example.org:8000"])
    page = visit()
    expect(page.locator("#privacy")).to_contain_text("models.example.org:8000")


def test_camera_and_voice_flow_unmirrored(house: Preview, visit: Callable[..., Page]) -> None:
    house.reset()
    page = start(visit(), house)
    until(lambda: house.handshakes == 1 and house.camera_frames > 3, page)
    assert page.locator("#camera").evaluate("e => [getComputedStyle(e).transform, e.videoWidth]") == ["none", 640]
    house.play("speaking")
    seconds = until(lambda: said(house, type="playback"), page)
    assert 0 < seconds[-1]["seconds"] < 60
    until(lambda: house.beating == house.connection, page)
    assert page.locator("#voice-out").evaluate("e => e.muted") is False
    house.push({"type": "mute", "ms": 900})
    until(lambda: page.locator("#voice-out").evaluate("e => e.muted"), page, 0.8)
    until(lambda: not page.locator("#voice-out").evaluate("e => e.muted"), page, 3)


def test_one_lamp_by_priority(house: Preview, visit: Callable[..., Page]) -> None:
    house.reset()
    page = start(visit(), house)

    def lamp(name: str) -> None:
        expect(page.locator("#lamp-word")).to_have_text(name)
        expect(page.locator("#lookout")).to_have_attribute("data-lamp", name.lower())
        expect(page.locator("#tag")).to_contain_text(name)

    house.play("watching")
    lamp("Watching")
    house.play("working")
    lamp("Working")
    house.play("listening")
    lamp("Listening")
    house.play("speaking")
    lamp("Speaking")
    page.click("#pause")
    lamp("Paused")
    expect(page.locator("#pause")).to_contain_text("Resume")
    house.play("trouble")
    lamp("Trouble")
    expect(page.locator(".notice").first).to_contain_text("The observer does not answer.")
    house.play("recovered")
    lamp("Paused")
    page.click("#pause")
    lamp("Speaking")
    house.play("silent")
    lamp("Listening")
    house.play("listened", "worked")
    lamp("Watching")


def test_captions_are_large_and_announced(house: Preview, visit: Callable[..., Page]) -> None:
    house.reset()
    page = start(visit(), house)
    house.play("listening")
    expect(page.locator("#caption-partial")).to_have_text("You: tell me when…")
    house.play("listened", "speaking")
    live = page.locator("#captions [aria-live=polite]")
    expect(live).to_contain_text("You: tell me when someone comes in")
    expect(live).to_contain_text("Someone just came in, on the left.")
    assert page.locator("#caption-now").evaluate("e => getComputedStyle(e).fontSize") == "21px"
    house.play("interrupted")
    expect(page.locator("#caption-now")).to_have_text("Someone just —")


def test_what_the_camera_shows_stays_text(house: Preview, visit: Callable[..., Page]) -> None:
    house.reset()
    page = start(visit(), house)
    house.play("poster")
    expect(page.locator("#caption-now")).to_contain_text("<img src=x")
    expect(page.locator("#watches")).to_contain_text("<img src=x")
    for tab in ("tasks", "memory"):
        page.click(f"#tab-{tab}")
        expect(page.locator(f"#panel-{tab} .card").first).to_be_visible()
    page.locator("#cells").focus()
    page.click("#open-settings")
    expect(page.locator("#source-list")).to_contain_text("<img src=x")
    assert page.evaluate("window.hacked") is None
    assert page.locator("#lookout img[src='x']").count() == 0


def test_the_keyboard_is_enough(house: Preview, visit: Callable[..., Page]) -> None:
    house.reset()
    page = visit()
    keys = page.keyboard
    keys.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    for _ in range(12):
        if page.evaluate("document.activeElement.id") == "start":
            break
        keys.press("Tab")
    keys.press("Enter")
    expect(page.locator("#microphone")).to_be_focused()
    expect(page.locator("#microphone")).to_contain_text("Listening")
    keys.press("/")
    expect(page.locator("#ask")).to_be_focused()
    keys.type("a / b")
    keys.press("Enter")
    until(lambda: said(house, type="say", text="a / b"), page)
    expect(page.locator("#ask")).to_have_value("")
    keys.press("Escape")
    keys.press("Space")
    until(lambda: said(house, type="microphone", on=False), page)
    expect(page.locator("#microphone")).to_contain_text("Muted")
    keys.press("Space")
    until(lambda: said(house, type="microphone", on=True), page)
    house.play("watching", "speaking")
    expect(page.locator("#lamp-word")).to_have_text("Speaking")
    keys.press("Escape")
    until(lambda: said(house, type="silence"), page)
    page.locator("#tab-watches").focus()
    keys.press("ArrowRight")
    expect(page.locator("#tab-tasks")).to_be_focused()
    expect(page.locator("#panel-tasks")).to_be_visible()
    keys.press("End")
    expect(page.locator("#panel-memory")).to_be_visible()


def test_strip_tells_each_second_and_shows_its_picture(house: Preview, visit: Callable[..., Page]) -> None:
    house.reset()
    page = start(visit(), house)
    house.play("watching")
    cells = page.locator("#cells")
    for kind in ("silent", "skipped", "heard", "spoke", "delegated", "late"):
        expect(cells.locator(f".{kind}").first).to_be_attached()
    assert cells.locator("i").count() == 120
    cells.focus()
    for _ in range(12):
        page.keyboard.press("ArrowLeft")
    chosen, newest = (int(cells.get_attribute(f"aria-value{name}") or 0) for name in ("now", "max"))
    assert 12 <= newest - chosen <= 14, "twelve steps back, and the second that passed meanwhile"
    expect(page.locator("#detail")).to_contain_text("nothing that a watch asks for")
    expect(page.locator("#detail")).to_contain_text("likely to speak: 3 %")
    assert "silent" in (cells.get_attribute("aria-valuetext") or "")
    page.keyboard.press("Enter")
    expect(page.locator("#moment img")).to_be_visible()
    expect(page.locator("#camera")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("#camera")).to_be_visible()
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(page.locator("#moment")).to_contain_text("No picture was kept")
    page.click("#live")
    box = cells.bounding_box() or {}
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 10)
    expect(page.locator("#detail")).to_be_visible()


def test_watches_can_be_added_changed_and_cancelled(house: Preview, visit: Callable[..., Page]) -> None:
    house.reset()
    page = visit()
    expect(page.locator("#watches .card")).to_have_count(3)
    expect(page.locator("#watches .card").first).to_contain_text(
        "4 times · can interrupt · every 10 min at most · not 22:00–7:00"
    )
    page.click("#new-watch-open")
    page.keyboard.type("tell me when the cup moves")
    page.keyboard.press("Enter")
    until(lambda: said(house, type="watch", op="add", wording="tell me when the cup moves"), page)
    card = page.locator("#watches .card").nth(3)
    card.get_by_role("switch").click()
    expect(card).to_contain_text("paused by you")
    assert card.get_by_role("switch").get_attribute("aria-checked") == "false"
    card.get_by_role("button", name="Edit").click()
    expect(card.get_by_label("Wording")).to_be_focused()
    page.keyboard.type(" again")
    card.get_by_label("May interrupt").check()
    house.tell("memory_stored", moment="m", kind="seen", text="x")
    house.play("working")
    expect(card.get_by_label("Wording")).to_have_value("tell me when the cup moves again")
    page.keyboard.press("Enter") if page.evaluate("document.activeElement.type") == "text" else None
    card.get_by_role("button", name="Save").click()
    edit = until(lambda: said(house, type="watch", op="edit"), page)[0]
    assert (edit["wording"], edit["urgent"], edit["once"]) == ("tell me when the cup moves again", True, False)
    card.get_by_role("button", name="Edit").click()
    card.get_by_role("button", name="Cancel this watch").click()
    expect(page.locator("#watches .card")).to_have_count(3)


def test_tasks_show_step_progress_result_and_files(house: Preview, visit: Callable[..., Page]) -> None:
    house.reset()
    page = visit()
    page.click("#tab-tasks")
    expect(page.locator("#no-tasks")).to_be_visible()
    house.play("working")
    task = page.locator("#tasks .card")
    expect(task).to_contain_text("running Python")
    expect(task.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "62")
    task.get_by_role("button", name="Cancel").click()
    until(lambda: said(house, type="cancel_task", task="t1"), page)
    house.play("worked")
    expect(task).to_contain_text("0.17 × 2,340 = 397.8")
    links = [link.get_attribute("href") for link in task.get_by_role("link").all()]
    assert links == ["/api/artefacts/t1/chart.png", "/api/artefacts/t1/steps.txt"]


def test_a_clip_is_played_from_the_alert_the_strip_and_memory(house: Preview, visit: Callable[..., Page]) -> None:
    walk()  # on a busy machine a film takes longer than a page waits
    house.reset()
    page = start(visit(), house)
    player = page.locator("#player")

    def plays() -> None:
        expect(player).to_be_visible()
        state = "document.querySelector('#player video')"
        until(lambda: page.evaluate(f"{state}.currentTime > 0 && {state}.videoWidth === 640"), page, 20)
        length, sound = page.evaluate(f"[{state}.duration, {state}.webkitAudioDecodedByteCount]")
        assert abs(length - 10) < 0.3 and sound == 0
        page.keyboard.press("Escape")
        expect(player).to_be_hidden()

    house.play("watching", "speaking")
    expect(page.locator("#caption-clip")).to_be_hidden()
    expect(page.locator("#watches .film:visible")).to_have_count(0)
    house.play("kept")
    page.get_by_role("button", name="Show what happened").click()
    plays()
    expect(page.locator("#watches .film:visible")).to_have_count(1)
    page.get_by_role("button", name="Play the last clip of “Someone comes in”").click()
    plays()
    house.play("silent")
    expect(page.locator("#caption-clip")).to_be_visible()
    house.play("kept")
    page.locator("#cells").focus()
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    page.click("#moment-clip")
    plays()
    page.click("#live")
    page.click("#tab-memory")
    first = page.locator("#moments .card").first
    assert page.get_by_role("link", name="Save the clip: A person at the door").get_attribute("href") == (
        "/api/clips/20261123T140305-camera-0123abcd.webm"
    )
    expect(page.locator("#moments .film")).to_have_count(1)
    first.get_by_role("button", name="Play the clip: A person at the door").click()
    plays()
    house.play("shown")
    expect(player).to_contain_text("Door · Someone came in")
    plays()
    house.play("pictured")
    expect(page.locator("#enlarged")).to_contain_text("A cup")


def test_memory_is_searched_and_forgotten_after_a_question(house: Preview, visit: Callable[..., Page]) -> None:
    house.reset()
    page = visit()
    page.click("#tab-memory")
    moments = page.locator("#moments .card")
    expect(moments).to_have_count(5)
    page.fill("#memory-query", "cup")
    expect(moments).to_have_count(1)
    page.fill("#memory-query", "elephant")
    expect(page.locator("#memory-note")).to_contain_text("Nothing in memory matches “elephant”")
    page.fill("#memory-query", "")
    expect(moments).to_have_count(5)
    moments.first.get_by_role("button", name="Forget").click()
    expect(page.locator("#confirm [value=no]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(moments).to_have_count(5)
    moments.first.get_by_role("button", name="Forget").click()
    page.click("#confirm [value=yes]")
    expect(moments).to_have_count(4)
    house.moments_broken = True
    page.fill("#memory-query", "cup")
    expect(page.locator("#memory-note")).to_contain_text("The memory folder cannot be read.")
    house.moments_broken = False
    page.locator("#memory-note button").click()
    expect(moments).to_have_count(1)
    page.click("#forget-all")
    page.click("#confirm [value=yes]")
    expect(page.locator("#memory-note")).to_have_text("Forgotten.")


def test_a_broken_connection_is_said_and_resumed(house: Preview, visit: Callable[..., Page]) -> None:
    house.reset()
    page = start(visit(), house)
    house.play("watching")
    expect(page.locator("#lamp-word")).to_have_text("Watching")
    house.refuse_sessions = False
    seq = house.seq
    page.context.set_offline(True)
    house.drop()
    expect(page.locator(".notice")).to_contain_text("Reconnecting")
    expect(page.locator("#lamp-word")).to_have_text("Trouble")
    page.fill("#ask", "what do you see?")
    page.keyboard.press("Enter")
    expect(page.locator("#ask")).to_have_value("what do you see?")
    house.state["lanes"] = [{"lane": "camera", "state": "watching", "detail": ""}]
    house.event("utterance_started", utterance=7, text="You missed this.", kind="alert", watch=None, spoken=False)
    page.context.set_offline(False)
    expect(page.locator("#caption-now")).to_have_text("You missed this.")
    assert said(house, type="hello")[-1]["seq"] == seq


def test_a_reload_goes_on_as_it_was(house: Preview, visit: Callable[..., Page]) -> None:
    house.reset()
    page = start(visit(), house)
    page.reload()
    expect(page.locator("#camera")).to_be_visible(timeout=15_000)
    expect(page.locator("#watches .card")).to_have_count(3)


def test_a_restarted_house_begins_anew(house: Preview, visit: Callable[..., Page]) -> None:
    house.reset()
    page = start(visit(), house)
    house.play("watching")
    expect(page.locator("#cells .spoke")).to_have_count(3)
    house.reset()
    house.drop()
    expect(page.locator("#cells .spoke")).to_have_count(0, timeout=10_000)
    house.play("speaking")
    expect(page.locator("#caption-now")).to_contain_text("Someone just came in")


def test_another_tab_takes_the_camera_over(house: Preview, visit: Callable[..., Page]) -> None:
    house.reset()
    page = start(visit(), house)
    old = until(lambda: house.connection, page)
    until(lambda: house.beating == old, page)
    house.push({"type": "replaced", "connection": "another"})
    expect(page.locator("#camera")).to_be_visible()
    house.push({"type": "replaced", "connection": old})
    expect(page.locator(".notice")).to_contain_text("Another tab has taken over")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#camera")).to_be_visible()
    until(lambda: house.connection != old, page)


def test_refused_devices_are_explained_and_typing_goes_on(
    house: Preview, visit: Callable[..., Page], refusing: Browser
) -> None:
    house.reset()
    page = visit(refusing)
    page.click("#start")
    expect(page.locator(".notice")).to_have_count(1)
    expect(page.locator(".notice")).to_contain_text("Camera and microphone were refused.")
    expect(page.locator(".notice")).to_contain_text("You can go on by typing.")
    until(lambda: said(house, type="media", what="camera", state="refused"), page)
    until(lambda: said(house, type="media", what="microphone", state="refused"), page)
    page.fill("#ask", "what time is it?")
    page.keyboard.press("Enter")
    until(lambda: said(house, type="say", text="what time is it?"), page)
    page.get_by_role("button", name="Got it").click()
    expect(page.locator("#empty")).to_contain_text("No camera here.")
    expect(page.locator("#lamp-word")).to_have_text("Ready")


GONE = """
const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
window.gone = true;
navigator.mediaDevices.getUserMedia = (wanted) =>
  wanted.video && window.gone ? Promise.reject(new DOMException("none", "NotFoundError")) : real(wanted);
"""


def test_a_missing_camera_starts_when_it_is_plugged_in_and_its_loss_is_said(
    house: Preview, visit: Callable[..., Page]
) -> None:
    house.reset()
    page = visit(script=GONE)
    page.click("#start")
    expect(page.locator(".notice")).to_contain_text("No camera was found.")
    expect(page.locator("#microphone")).to_contain_text("Listening")
    plugged = "window.gone = false; navigator.mediaDevices.dispatchEvent(new Event('devicechange'))"
    page.evaluate(plugged)
    expect(page.locator("#camera")).to_be_visible()
    expect(page.locator(".notice")).to_have_count(0)
    page.evaluate("document.querySelector('#camera').srcObject.getTracks()[0].dispatchEvent(new Event('ended'))")
    expect(page.locator(".notice")).to_contain_text("The camera is gone.")
    until(lambda: said(house, type="media", what="camera", state="lost"), page)
    page.evaluate(plugged)
    expect(page.locator("#camera")).to_be_visible()


def test_without_a_camera_a_network_source_is_shown(house: Preview, visit: Callable[..., Page]) -> None:
    house.reset()
    page = visit()
    page.click("#without")
    assert all(told["state"] == "off" for told in said(house, type="media")), "nothing was asked for"
    page.get_by_role("button", name="Add a source").last.click()
    page.fill("#source-url", "file:///etc/passwd")
    page.fill("#source-name", "Door")
    page.get_by_role("button", name="Add source").click()
    expect(page.locator("#settings-refusal")).to_contain_text("That kind of address is not taken.")
    expect(page.locator("#source-url")).to_have_value("file:///etc/passwd")
    page.fill("#source-url", "rtsp://192.0.2.1/x")
    page.get_by_role("button", name="Add source").click()
    expect(page.locator("#source-list")).to_contain_text("Door")
    expect(page.locator("#source-url")).to_have_value("")
    page.keyboard.press("Escape")
    house.tell("lane_changed", lane="Door", state="watching", detail="")
    expect(page.locator("#lane-picture")).to_be_visible()
    expect(page.locator("#lane-picture")).to_have_attribute("alt", "Latest picture from Door")
    house.tell("lane_changed", lane="Gone", state="down", detail="It refused the connection.")
    house.tell("lane_changed", lane="Gone", state="connecting", detail="")  # it is tried again, for ever
    page.get_by_role("button", name="Show Gone, not reachable").click()
    expect(page.locator("#lane-picture")).to_be_hidden()  # Door's picture under another name
    gone = page.locator(".notice", has_text="Gone is not reachable. It")
    expect(gone).to_have_count(1)
    gone.get_by_role("button", name="Got it").click()
    expect(gone).to_have_count(0)
    house.tell("lane_changed", lane="Gone", state="down", detail="It is tried again in 3 s.")
    page.get_by_role("button", name="Show Gone, not reachable").click()
    expect(gone).to_have_count(0)  # it was read
    house.tell("lane_changed", lane="Gone", state="watching", detail="")
    house.tell("lane_changed", lane="Gone", state="down", detail="It refused the connection.")
    expect(gone).to_have_count(1)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_source_that_was_given_up_is_one_card(house: Preview, visit: Callable[..., Page], language: str) -> None:
    house.reset(language=language)
    page = visit()
    page.click("#without")
    error = refused("192.168.1.9")
    house.tell("lane_changed", lane="Front door", state="down", detail=error.args[0], detail_zh=error.args[0].zh)
    problem = source_failed(0.0, "Front door", error.args[0], error.advice)
    zh = {f"{name}_zh": getattr(problem, name).zh for name in ("message", "kept", "advice")}
    house.tell("problem", where=problem.where, message=problem.message, kept=problem.kept, advice=problem.advice, **zh)
    card = page.locator("#notices article")
    expect(card).to_have_count(1)
    expect(card).to_contain_text("在内部网络里" if language == "zh" else "is in a private network")
    expect(card).to_contain_text("其他一切照常" if language == "zh" else "Everything else goes on")
    expect(card).to_contain_text("请移除这个来源" if language == "zh" else "Remove this source, or start Lookout with")
    card.get_by_role("button").click()
    expect(card).to_have_count(0)  # nor does another one take its place
    house.tell("recovered", where=problem.where)
    house.tell("lane_changed", lane="Front door", state="ended", detail="")


def refused(host: str) -> SourceError:
    with pytest.raises(SourceError) as caught:
        resolve(host, 554, allow_private=False)
    return caught.value


def test_configured_sources_are_added_by_a_click(house: Preview, visit: Callable[..., Page]) -> None:
    house.reset(cameras=["Garage", "Front door"])
    page = visit()
    page.click("#without")
    page.get_by_role("button", name="Add a source").last.click()
    page.get_by_role("button", name="Add Garage").click()
    until(lambda: said(house, type="source", op="add", name="Garage"), page)
    assert "url" not in said(house, type="source")[0]
    house.tell("lane_changed", lane="Garage", state="watching", detail="")
    expect(page.locator("#source-list")).to_contain_text("Garage")
    expect(page.locator("#configured").get_by_role("button")).to_have_text(["+ Front door"])
    assert findings(page) == []


SCREEN = """navigator.mediaDevices.getDisplayMedia = async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 200 });
  const context = canvas.getContext("2d");
  setInterval(() => context.fillRect(Math.random() * 300, 0, 20, 20), 100);
  return (window.screenStream = canvas.captureStream(5));
};"""


def test_the_screen_is_shared_beside_the_camera(house: Preview, visit: Callable[..., Page]) -> None:
    house.reset(watches=[])
    page = start(visit(script=SCREEN), house)
    house.tell("watch_changed", change="armed", watch=watch("w7", "The text changes", house.anchor, source="screen"))
    expect(page.locator("#watches")).to_contain_text("waits for the source Screen")
    page.click("#open-settings")
    page.get_by_role("button", name="Share the screen").click()
    frames = house.camera_frames
    until(lambda: house.screen_frames > 3 and house.camera_frames > frames + 3, page, seconds=20)
    expect(page.locator("#source-list")).to_contain_text("Screen")
    expect(page.locator("#source-list")).to_contain_text("Camera")
    until(lambda: (house.beating, house.beating_screen) == (house.connection, house.screen), page)
    page.keyboard.press("Escape")
    expect(page.locator("#watches")).not_to_contain_text("waits for")
    page.locator("#chips").get_by_role("button", name="Screen").click()
    expect(page.locator("#lane-picture")).to_have_attribute("alt", "Latest picture from Screen")
    assert findings(page) == []
    page.click("#open-settings")
    page.get_by_role("button", name="Stop sharing the screen").click()
    until(lambda: said(house, type="media", what="screen", state="off"), page)
    expect(page.locator("#source-list")).not_to_contain_text("Screen")
    assert page.evaluate("window.screenStream.getTracks().every((track) => track.readyState === 'ended')")
    expect(page.locator("#camera")).to_be_visible()


def test_a_shared_screen_ends_with_the_browsers_bar_another_share_and_stop(
    house: Preview, visit: Callable[..., Page]
) -> None:
    house.reset()
    page = start(visit(script=SCREEN), house)
    share = page.get_by_role("button", name="Share the screen", exact=True)
    over = "window.screenStream.getTracks().every((track) => track.readyState === 'ended')"
    for end in (
        lambda: page.evaluate("window.screenStream.getTracks()[0].dispatchEvent(new Event('ended'))"),
        lambda: house.push({"type": "replaced", "connection": house.screen}),
        lambda: page.click("#stop"),
    ):
        page.click("#open-settings")
        share.click()
        expect(page.get_by_role("button", name="Stop sharing the screen")).to_be_visible()
        until(lambda: house.screen_frames, page)
        page.keyboard.press("Escape")
        end()
        until(lambda: page.evaluate(over), page)
        house.screen_frames = 0
    expect(page.locator("#lead")).to_contain_text("Lookout has stopped.")


def test_a_screen_that_the_house_lost_is_offered_again(house: Preview, visit: Callable[..., Page]) -> None:
    house.reset()
    page = start(visit(script=SCREEN), house)
    page.click("#open-settings")
    page.get_by_role("button", name="Share the screen").click()
    until(lambda: house.screen_frames, page)
    first = house.screen
    house.tell("lane_changed", lane="screen", state="ended", detail="the page is gone")
    until(lambda: house.screen != first, page)
    expect(page.locator("#source-list")).to_contain_text("Screen")


def test_stop_ends_it_and_start_begins_again(house: Preview, visit: Callable[..., Page]) -> None:
    house.reset()
    page = start(visit(), house)
    house.play("watching", "working")
    page.click("#stop")  # a camera is watched that needs no page
    question = page.get_by_role("dialog", name="Stop watching?")
    expect(question).to_contain_text("nobody watches that any more")
    question.get_by_role("button", name="Go on").click()
    expect(question).to_be_hidden()
    assert not said(house, type="stop")
    page.click("#stop")
    question.get_by_role("button", name="Stop").click()
    expect(page.locator("#lead")).to_contain_text("Lookout has stopped.")
    expect(page.locator("#start")).to_be_focused()
    expect(page.locator("#lamp-word")).to_have_text("Ready")
    expect(page.locator("#camera")).to_be_hidden()
    frames = house.camera_frames
    page.click("#start")
    expect(page.locator("#camera")).to_be_visible()
    until(lambda: house.camera_frames > frames, page)


def test_full_house_waits_in_line(house: Preview, visit: Callable[..., Page]) -> None:
    house.reset()
    page = visit()
    house.push({"type": "full", "place": 2})
    expect(page.locator("#lead")).to_contain_text("number 2 in the queue")
    expect(page.locator("#privacy")).to_be_empty()
    expect(page.locator("#start")).to_be_hidden()


def test_a_queue_that_is_full_is_said_and_tried_again(house: Preview, visit: Callable[..., Page]) -> None:
    house.reset()
    page = visit()
    house.crowded = True
    try:
        house.drop()
        expect(page.locator("#lead")).to_contain_text("many are waiting")
        expect(page.locator("#start")).to_be_hidden()
        page.get_by_text("中文").click()
        expect(page.locator("#lead")).to_contain_text("本页会自动重试")
    finally:
        house.crowded = False
    expect(page.locator("#start")).to_be_visible(timeout=20_000)


@pytest.mark.parametrize("how", ["mouse", "space", "space on the button"])
def test_held_microphone_is_push_to_talk(house: Preview, visit: Callable[..., Page], how: str) -> None:
    house.reset()
    page = start(visit(), house)
    button = page.locator("#microphone")
    button.click()
    expect(button).to_contain_text("Muted")
    house.received.clear()
    if how == "mouse":
        button.hover()
    elif how == "space":
        button.blur()
    down = page.mouse.down if how == "mouse" else lambda: page.keyboard.down("Space")
    up = page.mouse.up if how == "mouse" else lambda: page.keyboard.up("Space")
    down()
    until(lambda: said(house, type="talk", on=True), page)
    expect(button).to_have_text("Let go to send")
    up()
    until(lambda: said(house, type="talk", on=False), page)
    expect(button).to_contain_text("Muted")
    assert [m["on"] for m in said(house, type="talk")] == [True, False]
    assert said(house, type="microphone") == [], "it stays muted"


def test_only_what_pressed_the_button_lets_it_go(house: Preview, visit: Callable[..., Page]) -> None:
    house.reset()
    page = start(visit(), house)
    button = page.locator("#microphone")
    button.hover()
    page.mouse.down()
    expect(button).to_have_text("Let go to send")
    page.keyboard.press("Space")
    expect(button).to_have_text("Let go to send")
    page.evaluate("dispatchEvent(new Event('blur'))")
    until(lambda: said(house, type="talk", on=False), page)
    page.mouse.up()
    page.wait_for_function("() => new Promise((done) => setTimeout(() => done(true), 100))")
    assert [m["on"] for m in said(house, type="talk")] == [True, False]
    assert said(house, type="microphone") == [], "a click that ends a hold mutes nothing"
    button.press("Enter")
    until(lambda: said(house, type="microphone", on=False), page)


def test_a_page_without_a_microphone_says_so(house: Preview, visit: Callable[..., Page]) -> None:
    house.reset()
    page = visit()
    page.click("#without")
    until(lambda: said(house, type="media", what="microphone", state="off"), page)


def test_a_page_that_is_left_lets_the_button_go(house: Preview, visit: Callable[..., Page]) -> None:
    house.reset()
    page = start(visit(), house)
    page.locator("#microphone").blur()
    page.keyboard.down("Space")
    until(lambda: said(house, type="talk", on=True), page)
    page.evaluate("dispatchEvent(new Event('blur'))")
    until(lambda: said(house, type="talk", on=False), page)
    page.keyboard.up("Space")
    expect(page.locator("#microphone")).to_contain_text("Listening")
    assert said(house, type="microphone") == []


def test_captions_tell_what_may_still_change_and_what_was_not_meant(house: Preview, visit: Callable[..., Page]) -> None:
    house.reset()
    page = start(visit(), house)
    house.play("listening", "understood")
    caption = page.locator("#caption-partial")
    expect(caption).to_have_text("You: tell me when someone comes…")
    expect(caption.locator(".rest")).to_have_text(" someone comes…")
    house.play("listened", "overheard")
    expect(caption).to_have_text("Not for me: what is for dinner")
    expect(page.locator("#caption-you")).to_have_text("")


def test_the_wake_word_is_switched_and_shown(house: Preview, visit: Callable[..., Page]) -> None:
    house.reset()
    page = start(visit(), house)
    page.click("#open-settings")
    expect(page.locator("#set-wake")).to_have_text("Only to what begins with “Lookout”")
    page.click("#wake-switch")
    until(lambda: said(house, type="wake", on=True), page)
    expect(page.locator("#wake-switch")).to_have_attribute("aria-checked", "true")
    page.keyboard.press("Escape")
    expect(page.locator("#microphone")).to_have_text("Say “Lookout”")
    house.tell("mode_changed", name="attentive", value=True)
    expect(page.locator("#microphone")).to_have_text("Listening")


def test_settings_reach_the_house(house: Preview, visit: Callable[..., Page]) -> None:
    house.reset(hosts=["models.example.org", {"host": "speech.example.org", "what": "sound"}])
    page = visit()
    page.click("#open-settings")
    expect(page.locator("#hosts")).to_contain_text("models.example.org")
    expect(page.locator("#hosts")).to_contain_text("speech.example.org · sound")
    page.get_by_role("radio", name="Brief").check()
    until(lambda: said(house, type="verbosity", value="brief"), page)
    page.click("#voice-switch")
    until(lambda: said(house, type="voice", on=False), page)
    expect(page.locator("#voice-switch")).to_have_attribute("aria-checked", "false")
    for _ in range(30):
        page.keyboard.press("Tab")
        inside = "document.activeElement === document.body || document.activeElement.closest('#settings') !== null"
        assert page.evaluate(inside), "the focus stays in the dialog"


# Stands for the system's notifications, which a headless browser has none of; `hidden` is the person's other window.
NOTIFIED = """
window.notified = [];
window.Notification = class {
  static permission = "default";
  static async requestPermission() { return (window.Notification.permission = "granted"); }
  constructor(title, options) {
    window.notified.push({ title, ...options });
    window.newest = this;
  }
  close() {}
};
Object.defineProperty(document, "hidden", { get: () => window.away === true });
"""
OUTLETS = [
    {"name": "phone", "kind": "ntfy", "severity": "urgent", "picture": False, "waiting": 0, "last": None},
    {"name": "<b>door</b>", "kind": "webhook", "severity": "all", "picture": True, "waiting": 0, "last": None},
]


def test_alerts_reach_who_looks_elsewhere(house: Preview, visit: Callable[..., Page]) -> None:
    house.reset()
    page = start(visit(script=NOTIFIED), house)
    alert = {"lane": "camera", "watch": "w1", "wording": "Someone comes in", "text": "Someone came in.", "urgent": True}
    page.evaluate("window.away = true")
    house.tell("alerted", **alert)
    page.evaluate("window.away = false")
    page.click("#open-settings")
    assert page.evaluate("window.notified") == [], "nobody asked for it yet"
    expect(page.locator("#no-outlets")).to_be_visible()
    page.click("#notify-switch")
    expect(page.locator("#notify-switch")).to_have_attribute("aria-checked", "true")
    house.tell("alerted", **alert | {"text": "while it is looked at"})
    expect(page.locator("#notify-switch")).to_be_visible()
    page.evaluate("window.away = true")
    house.tell("alerted", **alert)
    house.tell("alerted", **alert | {"urgent": False, "watch": "w2"})
    until(lambda: len(page.evaluate("window.notified")) == 2, page)
    urgent, usual = page.evaluate("window.notified")
    assert urgent["title"] == "Urgent: Someone comes in"
    assert re.fullmatch(r"Someone came in\.\ntoday \d\d:\d\d · Camera", urgent["body"], re.IGNORECASE), urgent["body"]
    assert urgent["icon"] == urgent["image"]
    shown = page.evaluate(
        "async (url) => (await createImageBitmap(await (await fetch(url)).blob())).width", urgent["image"]
    )
    assert shown == 640, "the picture of that moment"
    assert urgent["requireInteraction"] and not usual["requireInteraction"] and usual["title"] == "Someone comes in"


def test_a_press_on_a_notification_opens_its_moment(house: Preview, visit: Callable[..., Page]) -> None:
    house.reset()
    page = start(visit(script=NOTIFIED), house)
    page.evaluate(
        "localStorage.setItem('lookout.notify', 'on'); Notification.permission = 'granted'; window.away = true"
    )
    alert = {
        "lane": "camera",
        "watch": "w1",
        "wording": "Someone comes in",
        "text": "Someone came in.",
        "urgent": False,
    }
    house.play("kept")
    house.tell("alerted", **alert)
    house.tell("alerted", **alert | {"watch": "", "wording": "a source is down"})
    until(lambda: len(page.evaluate("window.notified")) == 2, page)
    down = page.evaluate("window.notified[1]")
    assert "image" not in down and down["icon"] == "/page/icon.svg", "nothing was seen"
    page.evaluate("window.newest.onclick()")
    expect(page.locator("#player")).to_be_hidden()
    expect(page.locator("#notices")).not_to_contain_text("kept any more")
    house.tell("alerted", **alert)
    until(lambda: len(page.evaluate("window.notified")) == 3, page)
    page.evaluate("window.newest.onclick()")
    page.wait_for_selector("#player[open], #enlarged[open]")


def link(at: datetime, lane: str = "camera") -> str:
    return link_to("http://x/", at, lane).removeprefix("http://x/")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_link_of_an_alert_opens_its_moment(house: Preview, visit: Callable[..., Page], language: str) -> None:
    house.reset(language=language)
    at = {moment["id"]: datetime.fromisoformat(moment["at"]) + timedelta(seconds=2) for moment in house.moments}
    page = visit(query=link(at["m0"]))
    expect(page.locator("#player")).to_be_visible()
    assert page.locator("#player video").get_attribute("src").endswith(".webm")
    assert page.evaluate("location.search") == "", "a reload does not show it again"
    page = visit(query=link(at["m2"]))
    expect(page.locator("#enlarged-text")).to_contain_text("The cup is on the table")
    until(lambda: page.evaluate("document.querySelector('#enlarged img').naturalWidth") == 640, page)
    for gone in (link(at["m2"] - timedelta(minutes=5)), link(at["m2"], "Door")):
        page = visit(query=gone)
        words = (
            "这一刻的画面和录像都已经不在了"
            if language == "zh"
            else "No picture or clip of this moment is kept any more"
        )
        expect(page.locator("#notices")).to_contain_text(words)
        assert language == "en" or not re.search("yesterday|today|Camera", page.locator("#notices").inner_text())
    house.moments = []
    second = int(house.now()) - 3
    page = visit(query=link(house.anchor + timedelta(seconds=second)))
    expect(page.locator("#enlarged")).to_be_visible()
    shown = page.locator("#enlarged img").get_attribute("src") or ""
    assert shown.startswith(f"/api/frame/camera?t={second}"), "pictures are kept for two minutes"


WHEN = "2026-11-23T09:00:00Z"


def test_what_a_link_names_is_taken_only_as_the_house_writes_it(house: Preview, visit: Callable[..., Page]) -> None:
    house.reset()
    asked: list[str] = []
    for moment, lane in (
        ("<img src=x>", "camera"),
        ("1", "camera"),
        ("2026-13-40T99:00:00Z", "camera"),
        (f"{WHEN}{'0' * 5000}", "camera"),
        (WHEN, "<b>x</b>"),
        (WHEN, "../memory"),
        (WHEN, "x" * 41),
        (WHEN, "\u202ecamera"),
        (WHEN, ""),
        ("", "camera"),
    ):
        page = visit(query=f"?{urlencode({'moment': moment, 'lane': lane})}")
        page.on("request", lambda request: asked.append(request.url))
        expect(page.locator("html")).to_have_attribute("lang", "en")
        expect(page.locator("#notices article")).to_have_count(0)
        expect(page.locator("dialog[open]")).to_have_count(0)
    assert not [url for url in asked if "/api/memory" in url or "/api/frame" in url]
    page = visit(query=f"?a=1&{urlencode({'moment': WHEN, 'lane': '前门 2'})}#b")
    expect(page.locator("#notices")).to_contain_text("前门 2")
    assert page.evaluate("location.search + location.hash") == "?a=1#b", "the rest of the address stays"


def test_outlets_are_listed_and_tested(house: Preview, visit: Callable[..., Page]) -> None:
    house.reset(outlets=OUTLETS, hosts=[{"host": "ntfy (phone)", "what": "text"}])
    page = start(visit(), house)
    page.click("#open-settings")
    rows = page.locator("#outlet-list li")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text("phone ntfy · only urgent · without pictures")
    expect(rows.nth(0)).to_contain_text("nothing sent yet")
    expect(rows.nth(1)).to_contain_text("<b>door</b>")
    expect(page.locator("#hosts")).to_have_text("ntfy (phone) · text")
    page.get_by_role("button", name="Send a test alert to phone").click()
    until(lambda: said(house, type="outlet_test", name="phone"), page)
    failed = {"status": "waiting", "detail": "it answered 500", "detail_zh": "对方回应 500"}
    house.tell("alert_delivered", outlet="phone", watch="", **failed)
    expect(rows.nth(0)).to_contain_text("it answered 500; it is tried again")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="中文").click()
    page.click("#open-settings")
    expect(rows.nth(0)).to_contain_text("对方回应 500")
    expect(rows.nth(0)).not_to_contain_text("answered")
    house.tell("alert_delivered", outlet="phone", watch="", status="delivered", detail="", detail_zh="")
    expect(rows.nth(0)).to_contain_text("今天")
    assert findings(page) == []


def test_the_language_changes_every_word(house: Preview, visit: Callable[..., Page]) -> None:
    house.reset()
    page = start(visit(), house)
    house.play("watching", "working", "trouble")
    page.get_by_role("button", name="中文").click()
    until(lambda: said(house, type="language", value="zh"), page)
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    for kind, read in (("data-t", "e.textContent"), ("data-t-label", "e.getAttribute('aria-label')")):
        texts = page.locator(f"[{kind}]").evaluate_all(f"all => all.map(e => {read})")
        assert [text for text in texts if not CHINESE.search(text) and text != "Lookout"] == []
    labels = page.locator("#lookout [aria-label]:not([data-language]):not(#health)").evaluate_all(
        "all => all.map(e => e.getAttribute('aria-label'))"
    )
    assert [label for label in labels if not CHINESE.search(label)] == []
    expect(page.locator("#lamp-word")).to_have_text("有问题")
    page.reload()
    expect(page.locator("#tab-memory")).to_have_text("记忆")
    expect(page.locator("#watches .card")).to_have_count(3)
    house.tell("mode_changed", name="language", value="en")
    house.tell("lane_changed", lane="Door", state="down", detail="")
    expect(page.locator("#notices")).to_contain_text("Door连不上。")  # the other visitor's choice is what is spoken
    expect(page.locator("#tab-memory")).to_have_text("记忆")


def test_who_joins_others_does_not_change_their_language(house: Preview, visit: Callable[..., Page]) -> None:
    house.reset(language="zh")
    house.alone = False
    page = visit()
    expect(page.locator("#watches .card")).to_have_count(3)
    expect(page.locator("#tab-memory")).to_have_text("Memory")  # nor is it changed by theirs
    house.reset()
    house.alone = False
    page = visit(script="localStorage.setItem('lookout.language', 'zh')")
    expect(page.locator("#tab-memory")).to_have_text("记忆")
    page.click("#without")
    house.tell("mode_changed", name="language", value="en")
    page.get_by_role("button", name="EN").click()
    until(lambda: said(house, type="language"), page)
    assert [m["value"] for m in said(house, type="language")] == ["en"], "only what was pressed"
    page.evaluate(  # what a browser tells the other tabs
        """() => {
          localStorage.setItem("lookout.language", "zh");
          dispatchEvent(new StorageEvent("storage", { key: "lookout.language" }));
        }"""
    )
    expect(page.locator("#tab-memory")).to_have_text("记忆")
    house.reset()
    house.received.clear()
    visit(script="localStorage.setItem('lookout.language', 'zh')")
    until(lambda: said(house, type="language", value="zh"), page)  # nobody else is there: the voice follows


def test_a_phone_shows_everything_in_one_column(house: Preview, visit: Callable[..., Page]) -> None:
    house.reset()
    page = start(visit(viewport=PHONE, has_touch=True), house)
    house.play("watching", "speaking", "working")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    bar, side = page.locator("#bar").bounding_box(), page.locator(".side").bounding_box()
    assert bar and side and side["y"] >= bar["y"] + bar["height"]
    assert bar["y"] + bar["height"] <= 844, "the bar is reached without scrolling"
    for n in range(7):
        house.tell("lane_changed", lane=f"a camera with a long name {n}", state="stalled", detail="")
    expect(page.locator(".notice")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    for name in ("Camera", "a camera with a long name 6"):  # whatever is said of them, none is covered
        page.get_by_role("button", name=f"Show {name}").click()
    small = page.evaluate(
        """[...document.querySelectorAll("#lookout button, #lookout a, #lookout input")]
           .map(e => [e.id || e.className, e.getBoundingClientRect()])
           .filter(([name, box]) => box.width && Math.min(box.width, box.height) < 40)
           .filter(([name]) => !["switch", "skip"].includes(name))
           .map(([name, box]) => `${name} ${box.width}×${box.height}`)"""
    )
    assert small == [], "a fingertip needs 40 px"


@pytest.mark.parametrize(
    ("look", "language"),
    [({}, "en"), ({"color_scheme": "dark"}, "en"), ({}, "zh"), ({"viewport": PHONE}, "en")],
    ids=["light", "dark", "chinese", "phone"],
)
def test_axe_finds_nothing_serious(
    house: Preview, visit: Callable[..., Page], look: dict[str, Any], language: str
) -> None:
    house.reset(hosts=["models.example.org"])
    page = visit(**look)
    page.click(f"[data-language={language}]")
    found = {"first visit": findings(page)}
    start(page, house)
    house.play("watching", "speaking", "working")
    found["speaking"] = findings(page)
    page.click("#watches .edit", force=True)
    page.click("#tab-tasks")
    house.play("worked", "trouble")
    found["trouble"] = findings(page)
    page.click("#tab-memory")
    expect(page.locator("#moments .card").first).to_be_visible()
    found["memory"] = findings(page)
    house.play("shown")
    expect(page.locator("#player")).to_be_visible()
    found["clip"] = findings(page)
    page.keyboard.press("Escape")
    page.click("#open-settings")
    found["settings"] = findings(page)
    assert {state: lines for state, lines in found.items() if lines} == {}
