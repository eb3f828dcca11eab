"""Guides in a session: ordered, timed, by hand; asked for, repeated, gone back; kept over a restart."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from interaction.events import WatchChanged
from interaction.headless import HELD_BACK
from interaction.intents import AddWatch, Condition, Schedule, Step
from interaction.services import CommandRefused
from interaction.understanding import understand
from interaction.watches import Watch, WatchError, Watches
from tests.house import START, Eyes, Home, Stream, home, saw

NEXT_DONE = "guide me: when it says Next tell me to unplug it, then when it says Done tell me to close the lid"
TIMED = "guide me: when it says Next tell me to put it in, then wait two minutes, then tell me to turn it"
BY_HAND = "guide me: first open the box, then take out the cable, then plug it in"


def place(*seen: tuple[float, Any], seconds: float = 300.0, **more: Any) -> Any:
    return home(source=Stream(seconds, fps=2), eyes=lambda: Eyes(dict(seen)), **more)


def says(t: float, text: str) -> tuple[float, Any]:
    return saw(t, "text_changed", "", text)


def told(here: Home) -> list[tuple[int, str]]:
    return [(round(d.t), d.text) for d in here.decided() if d.reason != "acknowledged"]


def listed(here: Home) -> list[str]:
    return [watch.wording for watch in here.session.watches]


async def test_a_step_waits_until_the_one_before_was_told() -> None:
    async with place(says(4, "Done"), says(8, "Next"), says(14, "Done")) as here:
        await here.until(1.0)
        here.session.request(NEXT_DONE)
        await here.until(3.0)
        assert listed(here) == ["Step 1 of 2, when the text says “Next”: “Unplug it”"]
        await here.until(11.0)
        assert listed(here) == ["Step 2 of 2, when the text says “Done”: “Close the lid”"]
        await here.until(20.0)
        assert told(here) == [(8, "Unplug it"), (14, "Close the lid")]
        assert listed(here) == []
        assert [c.change for c in here.of(WatchChanged)] == ["armed", "fired", "fired"]
        assert here.of(WatchChanged)[-1].watch["state"] == "done"


async def test_what_two_steps_wait_for_at_once_is_told_one_after_the_other() -> None:
    async with place(says(4, "Next: Done")) as here:
        await here.until(1.0)
        here.session.request(NEXT_DONE)
        await here.until(20.0)
        (first, _), (second, _) = told(here)
        assert first == 4 and 7 <= second <= 8, "the first must have been heard"
        assert not [d for d in here.decided("silence") if d.reason.startswith(HELD_BACK)]


async def test_two_steps_that_wait_for_the_same_need_it_twice() -> None:
    text = "guide me: when it says Next tell me to push, then when it says Next tell me to pull"
    async with place(says(4, "Next"), says(12, "Wait"), says(18, "Next")) as here:
        await here.until(1.0)
        here.session.request(text)
        await here.until(25.0)
        assert told(here) == [(4, "Push"), (18, "Pull")]


async def test_a_timed_step_is_told_by_the_clock() -> None:
    async with place(says(10, "Next")) as here:
        await here.until(1.0)
        here.session.request(TIMED)
        await here.until(40.0)
        here.session.request("what's the next step?")
        here.session.request("what are you watching for?")
        await here.until(140.0)
        (t1, put), (_, where), (_, list_), (t2, turn) = told(here)
        assert (t1, put) == (10, "Put it in") and (t2, turn) == (130, "Turn it")
        assert where == "Next is step 2 of 2, in 1 minute 30 seconds: Turn it."
        assert "Step 2 of 2, after 2 minutes: “Turn it” (1 minute 30 seconds left)" in list_


async def test_the_person_goes_on_and_back_and_hears_it_again() -> None:
    async with place() as here:
        await here.until(1.0)
        here.session.request(BY_HAND)
        for t, text in enumerate(["next", "repeat the step", "go back", "go back", "next step", "done"]):
            await here.until(4.0 + 4 * t)
            here.session.request(text)
        await here.until(30.0)
        here.session.request("next step")
        await here.until(34.0)
        assert here.decided()[0].text == "3 steps; say “next” to go on."
        assert [text for _, text in told(here)] == [
            "Open the box", "Take out the cable", "Take out the cable", "Open the box", "Open the box",
            "Take out the cable", "Plug it in", "I'm not guiding you through anything.",
        ]  # fmt: skip


async def test_who_went_back_is_not_sent_on_by_what_stands_there_still() -> None:
    three = "guide me: when it says A tell me one, then when it says B tell me two, then when it says C tell me three"
    async with place(says(4, "A"), says(10, "B"), says(30, "A"), says(36, "B")) as here:
        await here.until(1.0)
        here.session.request(three)
        await here.until(16.0)
        here.session.request("go back")
        await here.until(28.0)
        assert told(here) == [(4, "One"), (10, "Two"), (16, "One")]
        await here.until(45.0)
        assert told(here)[3:] == [(36, "Two")]


async def test_in_chinese() -> None:
    async with place(says(4, "下一步")) as here:
        await here.until(1.0)
        here.session.request("指导我：显示“下一步”的时候告诉我拔掉电源，然后等十秒，再告诉我打开盖子")
        await here.until(8.0)
        here.session.request("下一步是什么？")
        await here.until(16.0)
        assert told(here) == [(4, "拔掉电源"), (8, "接下来是第2步，共2步，6秒后：打开盖子。"), (14, "打开盖子")]
        here.session.request("上一步")
        await here.until(20.0)
        assert told(here)[-1][1] == "现在没有在一步一步指导你。"


async def test_a_guide_survives_a_restart_in_the_middle(tmp_path: Path) -> None:
    async with place(says(4, "Next"), folder=tmp_path) as here:
        await here.until(1.0)
        here.session.request(NEXT_DONE)
        await here.until(8.0)
        assert [text for _, text in told(here)] == ["Unplug it"]
    (kept,) = json.loads((tmp_path / "watches.json").read_text())
    assert (kept["step"], len(kept["steps"])) == (1, 2)
    async with place(says(4, "Done"), folder=tmp_path, started=START + timedelta(hours=1)) as here:
        assert listed(here) == ["Step 2 of 2, when the text says “Done”: “Close the lid”"]
        await here.until(8.0)
        assert [text for _, text in told(here)] == ["Close the lid"]


async def test_a_guide_is_paused_cancelled_and_not_edited_by_words() -> None:
    async with place(says(10, "Next")) as here:
        await here.until(1.0)
        here.session.request(NEXT_DONE)
        await here.until(2.0)
        (watch,) = here.session.watches
        with pytest.raises(CommandRefused, match="saying them again"):
            here.session.command("watch", op="edit", id=watch.id, wording="someone comes in")
        here.session.command("watch", op="edit", id=watch.id, wording=watch.wording, urgent=True, once=True)
        assert here.session.watches.get(watch.id).urgent
        here.session.command("watch", op="pause", id=watch.id)
        await here.until(14.0)
        assert told(here) == []
        here.session.command("watch", op="resume", id=watch.id)
        await here.until(18.0)
        assert [text for _, text in told(here)] == ["Unplug it"] and len(here.session.watches) == 1
        here.session.request("cancel that")
        await here.until(20.0)
        assert len(here.session.watches) == 0


# ---------------------------------------------------------------- the list alone

STEPS = (
    Step("Step 1", Condition("arrives"), say="one"),
    Step("Step 2", after=60.0, say="two"),
    Step("Step 3", say="three", by_hand=True),
)
GUIDE = AddWatch("Step 1", Condition("arrives"), say="one", steps=STEPS)


def test_firing_moves_on_and_the_last_ends_it() -> None:
    watches = Watches(5)
    watch, new = watches.add(GUIDE, "en", START)
    assert new and (watch.step, watch.condition, watch.once) == (0, Condition("arrives"), False)
    second = watches.fire(watch.id, START)
    assert (second.step, second.wording, second.condition, second.schedule, second.say) == (
        1, "Step 2", None, Schedule(after=60.0), "two",
    )  # fmt: skip
    assert second.next_due == START + timedelta(minutes=1)
    third = watches.fire(watch.id, START)
    assert (third.step, third.schedule, third.next_due, third.fired) == (2, None, None, 2)
    assert watches.fire(watch.id, START).state == "done" and len(watches) == 0


def test_said_again_it_begins_anew_and_it_is_no_plain_watch() -> None:
    watches = Watches(5)
    plain, _ = watches.add(AddWatch("Someone comes in", Condition("arrives"), say="one"), "en", START)
    guide, new = watches.add(GUIDE, "en", START)
    assert new and guide.id != plain.id
    watches.fire(guide.id, START)
    again, new = watches.add(GUIDE, "en", START)
    assert not new and (again.id, again.step) == (guide.id, 0)
    other, new = watches.add(AddWatch("Someone comes in", Condition("arrives"), say="one"), "en", START)
    assert not new and other.id == plain.id


def test_a_snapshot_of_a_guide_can_be_restored_and_a_damaged_one_is_refused() -> None:
    watches = Watches(5)
    watch, _ = watches.add(GUIDE, "en", START)
    moved = watches.fire(watch.id, START)
    body = json.loads(json.dumps(moved.snapshot()))
    assert Watch.restore(body) == moved
    before = {name: value for name, value in body.items() if name not in ("steps", "step")}
    assert Watch.restore(before).steps == ()  # a file of an older version
    steps = body["steps"]
    for broken in (
        {"step": 3}, {"step": -1}, {"steps": 5}, {"steps": [{}]}, {"steps": [steps[0], {**steps[1], "after": -1.0}]},
        {"steps": [{**steps[0], "condition": {"kind": "explodes"}}] * 3}, {"steps": [{**steps[0], "say": 5}] * 3},
        {"step": "1"},
    ):  # fmt: skip
        with pytest.raises((KeyError, TypeError, ValueError, AttributeError)):
            Watch.restore({**body, **broken})


def test_a_paused_guide_does_not_fire() -> None:
    watches = Watches(5)
    watch, _ = watches.add(GUIDE, "en", START)
    watches.pause(watch.id)
    with pytest.raises(WatchError):
        watches.fire(watch.id, START)
    assert replace(watch, state="paused") == watches.get(watch.id)


@pytest.mark.parametrize(
    ("heard", "language", "steps"),
    [
        ("Guide me, first open the box, then plug it in and finally close it.", "en", 3),
        ("直到我显示下一步的时候告诉我关掉电源然后等8秒再告诉我打开盖子", "zh", 2),
        ("一步一步叫我,显示下一步的时候告诉我关掉电源然后等8秒,再告诉我打开盒子。", "zh", 2),
    ],
)
def test_a_guide_is_understood_as_a_recogniser_writes_it(heard: str, language: str, steps: int) -> None:
    (wish,) = understand(heard, language, now=START)
    assert isinstance(wish, AddWatch) and len(wish.steps) == steps
