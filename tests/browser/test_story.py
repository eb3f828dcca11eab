"""Six stories in a real browser before the real house: a file is the camera, a file the microphone, none is scripted.

Each leaves pictures in out/stories for people to judge. Deadlines are long, since the machine may be busy; nothing
waits longer than it must.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import expect

from tests.browser.chromium import CHROMIUM, PHONE, findings
from tests.browser.media import understood
from tests.browser.served import ServedHouse
from tests.browser.stories import PICTURES, Event, Visit

pytestmark = [
    pytest.mark.browser,
    pytest.mark.weights,
    pytest.mark.footage,
    pytest.mark.timeout(900),  # a minute on two idle cores; CI's are not always idle
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (Debian: chromium)"),
]

Visiting = Callable[..., Visit]
Recording = Callable[..., Path]
TIME = re.compile(r"\b\d{1,2}:\d\d\b")


def test_story1_a_spoken_wish_is_answered_aloud_when_someone_comes_in(
    visit: Visiting, camera: Path, microphone: Recording
) -> None:
    visitor = visit(camera=camera, microphone=microphone("Tell me when someone comes in.", before_s=6.0))
    page = visitor.page
    visitor.see("first-visit")
    page.click("#start")
    expect(page.locator("#camera")).to_be_visible()
    visitor.wait("person_speaking", active=True)
    wish = visitor.wait("transcript_final")
    assert wish["origin"] == "voice"
    assert "when someone comes in" in wish["text"].lower()
    watch = visitor.wait("watch_changed", change="armed")["watch"]["id"]
    cards = page.locator("#watches .card")
    expect(cards).to_have_count(1)
    visitor.see("armed")

    alert = visitor.wait("utterance_started", watch=watch, kind="alert", spoken=True)
    assert "came in" in alert["text"]
    expect(page.locator("#caption-now")).to_contain_text("came in")
    expect(cards).to_contain_text("fired")
    visitor.see("someone-came-in")
    ended = visitor.wait("utterance_ended", utterance=alert["utterance"])
    assert not ended["interrupted"]
    assert "came in" in understood(spoken(visitor, alert))
    assert {"watching", "listening", "speaking"} <= set(visitor.lamps())
    assert not [message for message in visitor.asked if message["type"] == "say"], "nothing was typed"


def test_story2_work_goes_to_the_background_while_watching_goes_on(
    visit: Visiting, camera: Path, microphone: Recording
) -> None:
    sentence = "Work out seventeen percent of two thousand three hundred and forty for me."
    visitor = visit(camera=camera, microphone=microphone(sentence, before_s=5.0))
    page = visitor.page
    page.click("#start")
    task = visitor.wait("task_submitted")
    page.click("#tab-tasks")
    assert "397.8" in visitor.wait("task_done", task=task["task"], status="completed")["text"]
    result = visitor.wait("utterance_started", fits=lambda event: "397.8" in event["text"])
    expect(page.locator("#caption-now")).to_contain_text("397.8")
    expect(page.locator("#tasks .card")).to_contain_text("397.8")
    visitor.see("result")
    end = visitor.wait("utterance_ended", utterance=result["utterance"])
    assert spoken(visitor, result).any(), "it is said aloud"

    after = visitor.wait("decision", fits=lambda event: event["t"] > end["t"] + 1)
    ticks = [
        e["t"] for e in visitor.told_of("decision") if task["t"] - 2 <= e["t"] <= after["t"] and e["lane"] == "camera"
    ]
    note(visitor, seconds_a_tick=round((ticks[-1] - ticks[0]) / (len(ticks) - 1), 2))
    longest = max(later - earlier for earlier, later in pairwise(ticks))
    assert longest < 5, "decisions go on, whatever else does; one a second where the machine is not busy"


def test_story3_the_voice_stops_when_the_person_talks(visit: Visiting, microphone: Recording) -> None:
    visitor = visit(microphone=microphone("Sorry, what time is it?", before_s=0.5))
    page = visitor.page
    page.click("#without")
    expect(page.locator("#microphone")).to_contain_text("Muted")
    visitor.until(lambda: page.locator("#voice-out").evaluate("e => e.srcObject !== null"))
    before = visitor.type("What can you do?")
    answer = visitor.wait("utterance_started", before)
    began = visitor.mark("utterance_started", utterance=answer["utterance"])
    visitor.until(lambda: page.evaluate("tape.heardAt") > began)
    visitor.see("answering")
    page.click("#microphone")
    cut = visitor.wait("utterance_ended", before, utterance=answer["utterance"])
    visitor.see("interrupted")
    assert cut["interrupted"]
    assert answer["text"].startswith(cut["heard"])
    assert len(cut["heard"]) < len(answer["text"])
    turn = visitor.wait("transcript_final", before, origin="voice")
    assert "what time is it" in turn["text"].lower()
    reply = visitor.wait("utterance_started", before, fits=lambda event: TIME.search(event["text"]) is not None)
    expect(page.locator("#caption-now")).to_contain_text(reply["text"])
    visitor.see("answered")

    talked = visitor.mark("person_speaking", active=True)
    heard = visitor.heard(talked, visitor.mark("utterance_started", utterance=answer["utterance"] + 1))
    silent_ms = heard[-1] - talked if heard else 0.0
    first_word = page.evaluate("tape.said[0]")
    last_sound = max(visitor.heard(began, talked) + heard)
    note(visitor, noticed_to_silence_ms=round(silent_ms), first_word_to_silence_ms=round(last_sound - first_word))
    assert silent_ms < 1500, "the page itself falls silent"


def test_story4_a_reload_and_a_killed_house_lose_nothing(
    visit: Visiting, served: ServedHouse, camera: Path, microphone: Recording
) -> None:
    visitor = visit(camera=camera, microphone=microphone())
    page = visitor.page
    page.click("#start")
    expect(page.locator("#camera")).to_be_visible()
    visitor.type("Tell me when someone comes in")
    watch = visitor.wait("watch_changed", change="armed")["watch"]["id"]
    alert = visitor.wait("utterance_started", watch=watch, kind="alert")
    visitor.wait("utterance_ended", utterance=alert["utterance"])
    visitor.wait("memory_stored", fits=lambda event: "came in" in event["text"])

    before = len(visitor.told)
    page.reload()
    visitor.wait("welcome", before)
    expect(page.locator("#camera")).to_be_visible()
    cards = page.locator("#watches .card")
    expect(cards).to_have_count(1)
    expect(cards).to_contain_text("fired")
    expect(page.locator("#cells .spoke").first).to_be_attached()
    visitor.wait("lane_changed", before, lane="camera", state="watching")
    visitor.see("reloaded")
    remembers(visitor)
    numbers = [event["seq"] for event in visitor.told[before:] if event["type"] != "welcome" and "seq" in event]
    assert numbers == sorted(set(numbers)), "nothing is told twice"

    visitor.forgiven = re.compile(
        "ERR_CONNECTION_REFUSED|WebSocket connection to|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET"
    )
    before = len(visitor.told)
    served.kill()
    expect(page.locator(".notice")).to_be_visible()
    visitor.see("house-killed")
    served.start()
    visitor.wait("welcome", before)
    expect(page.locator(".notice")).to_have_count(0)
    expect(cards).to_have_count(1)
    visitor.wait("lane_changed", before, lane="camera", state="watching")
    visitor.see("house-back")
    remembers(visitor)
    visitor.see("remembered")


def test_story5_without_camera_and_microphone_typing_works(visit: Visiting) -> None:
    visitor = visit()
    page = visitor.page
    page.click("#start")
    expect(page.locator(".notice")).to_contain_text("Camera and microphone were refused.")
    expect(page.locator("#lamp-word")).to_have_text("Trouble")
    visitor.see("refused")
    page.get_by_role("button", name="Got it").click()
    expect(page.locator(".notice")).to_have_count(0)
    before = visitor.type("Remind me in five seconds to drink water")
    visitor.wait("watch_changed", before, change="armed")
    visitor.wait(
        "utterance_started", before, fits=lambda event: event["kind"] != "acknowledgement" and "water" in event["text"]
    )
    expect(page.locator("#caption-now")).to_contain_text("water")
    visitor.see("reminded")

    other = visit()
    other.page.click("#without")
    expect(other.page.locator(".notice")).to_have_count(0)
    other.see("without-a-camera")
    before = other.type("What do you see?")
    other.wait("utterance_started", before, fits=lambda event: "no picture" in event["text"])
    expect(other.page.locator("#caption-now")).to_contain_text("no picture")
    told = [message["state"] for message in other.asked if message["type"] == "media"]
    assert set(told) <= {"off"}, "nobody was asked for a camera"


def test_story6_the_whole_story_by_keyboard_on_a_phone_in_chinese(
    visit: Visiting, camera: Path, microphone: Recording
) -> None:
    visitor = visit(camera=camera, microphone=microphone(), viewport=PHONE, has_touch=True, is_mobile=True)
    page, keys = visitor.page, visitor.page.keyboard
    tab_to(visitor, "[data-language=zh]")
    keys.press("Enter")
    expect(page.locator("#start")).to_have_text("开始观察")
    found = {"first visit": findings(page)}
    visitor.see("first-visit")
    tab_to(visitor, "#start")
    keys.press("Enter")
    expect(page.locator("#camera")).to_be_visible()

    before = ask(visitor, "有人进来的时候告诉我")
    watch = visitor.wait("watch_changed", before, change="armed")["watch"]["id"]
    alert = visitor.wait("utterance_started", before, watch=watch, kind="alert")
    expect(page.locator("#caption-now")).to_contain_text(alert["text"])
    visitor.see("someone-came-in")
    found["watching"] = findings(page)
    visitor.wait("utterance_ended", before, utterance=alert["utterance"])
    tab_to(visitor, "#watches [role=switch]")
    keys.press("Space")
    visitor.wait("watch_changed", before, change="paused")
    expect(page.locator("#watches .card")).to_contain_text("暂停")

    before = ask(visitor, "2340 的 17% 是多少")
    visitor.wait("utterance_started", before, fits=lambda event: "397.8" in event["text"])
    expect(page.locator("#caption-now")).to_contain_text("397.8")
    tab_to(visitor, "#tab-watches")
    keys.press("ArrowRight")
    expect(page.locator("#panel-tasks")).to_be_visible()
    visitor.see("tasks")
    keys.press("ArrowRight")
    expect(page.locator("#moments .card").first).to_be_visible()
    visitor.see("memory")
    found["memory"] = findings(page)

    before = ask(visitor, "你能做什么？")
    visitor.wait("utterance_started", before, kind="answer")
    keys.press("Escape")
    visitor.wait("utterance_ended", before, interrupted=True)
    keys.press("Space")
    expect(page.locator("#microphone")).to_have_class(re.compile(r"\boff\b"))
    tab_to(visitor, "#stop")
    keys.press("Enter")
    expect(page.locator("#start")).to_be_focused()
    visitor.see("stopped")
    assert {state: lines for state, lines in found.items() if lines} == {}


def spoken(visitor: Visit, utterance: Event) -> NDArray[np.float32]:
    """What the page let out of this utterance, float32 [n], 16 kHz."""
    start, end = (visitor.mark(f"utterance_{what}", utterance=utterance["utterance"]) for what in ("started", "ended"))
    return visitor.sound(start - 200, end + 1000)


def remembers(visitor: Visit) -> None:
    """It can tell when someone came in."""

    def unsaid(event: Event) -> bool:  # a busy machine: other words took too long
        return event["type"] == "decision" and "waited too long" in event["reason"]

    def answers(event: Event) -> bool:
        return unsaid(event) or (event["type"] == "utterance_started" and event["kind"] == "answer")

    def asked() -> Event:
        before = visitor.type("When did someone come in?")
        answer: Event = visitor.until(lambda: next(filter(answers, visitor.told[before:]), None))
        return answer

    answer = asked()
    while unsaid(answer) or "ask me again" in answer["text"]:  # its memory may still be opening
        answer = asked()
    assert TIME.search(answer["text"]), answer["text"]
    expect(visitor.page.locator("#caption-now")).to_contain_text(answer["text"])


def ask(visitor: Visit, text: str) -> int:
    """Type a request with keys alone: `/`, words, Enter, Esc. The length of `told` before it."""
    before = len(visitor.told)
    visitor.page.evaluate("document.activeElement.blur()")
    visitor.page.keyboard.press("/")
    visitor.page.keyboard.type(text)
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.locator("#ask")).to_have_value("")
    return before


def tab_to(visitor: Visit, selector: str) -> None:
    """Press Tab until it has the focus."""
    for _ in range(60):
        if visitor.page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        visitor.page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {selector}")


def note(visitor: Visit, **figures: float) -> None:
    """A figure that is worth knowing, beside the pictures."""
    (PICTURES / f"{visitor.name}.json").write_text(json.dumps(figures))
