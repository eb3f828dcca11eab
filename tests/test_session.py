"""Whole sessions on virtual time: what is said, when, and in which order."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from interaction.events import (
    Decision,
    Event,
    LaneChanged,
    ModeChanged,
    NothingSaid,
    PersonSpeaking,
    Problem,
    Recovered,
    TaskDone,
    TranscriptFinal,
    UtteranceEnded,
    UtteranceStarted,
    WatchChanged,
)
from interaction.observers.base import ObserverError, Proposal, View
from interaction.observers.scripted import ScriptedObserver
from interaction.services import CommandRefused
from interaction.session import Session
from interaction.sources.base import SourceError
from interaction.wire import without_logins
from tests.house import START, Eyes, Speaker, Stream, home, saw


def silent(view: View) -> list[Proposal]:
    return []


async def test_someone_comes_in_and_it_is_said_within_a_tick() -> None:
    eyes = Eyes(dict([saw(10.0, "arrived"), saw(20.0, "left")]))
    async with home(eyes=lambda: eyes, source=Stream(30)) as place:
        place.session.request("tell me when someone comes in")
        await place.until(30)
        assert place.texts()[1:] == ["Someone just came in, on the left."]
        spoken = place.decided()[-1]
        assert 10.0 <= spoken.t <= 10.4 and spoken.watch == "w1"
        started = [u for u in place.of(UtteranceStarted) if u.watch == "w1" and u.kind == "alert"]
        assert 10.0 <= started[0].t <= 10.4
        fired = [w for w in place.of(WatchChanged) if w.change == "fired"]
        assert [w.watch["fired"] for w in fired] == [1]


async def test_every_second_has_a_decision_with_a_reason() -> None:
    async with home(source=Stream(20)) as place:
        await place.until(20)
        times = [decision.t for decision in place.of(Decision) if decision.lane == "camera"]
        assert max(b - a for a, b in pairwise(times)) <= 1.01
        assert all(decision.reason for decision in place.of(Decision))


async def test_an_arrival_before_the_watch_was_armed_is_not_told() -> None:
    eyes = Eyes(dict([saw(5.0, "arrived")]))
    async with home(eyes=lambda: eyes, source=Stream(20)) as place:
        await place.until(10)
        place.session.request("tell me when someone comes in")
        await place.until(20)
        assert [d.watch for d in place.decided()] == ["w1"]  # the acknowledgement only
        assert place.decided()[0].reason == "acknowledged"


async def test_a_question_is_answered_at_once_and_the_watch_survives_it() -> None:
    eyes = Eyes(dict([saw(5.0, "arrived"), saw(20.0, "arrived")]))
    async with home(eyes=lambda: eyes, source=Stream(30)) as place:
        place.session.request("tell me when someone comes in")
        await place.until(10)
        place.session.request("what do you see?")
        await place.until(30)
        answer = next(d for d in place.decided() if d.reason == "the person asked")
        assert answer.t <= 10.4 and "one person" in answer.text.lower()
        assert sum(d.text.startswith("Someone just came in") for d in place.decided()) == 2


async def test_a_reminder_is_on_time_though_every_decision_takes_two_and_a_half_seconds() -> None:
    slow = ScriptedObserver(silent, takes_s=2.5)
    async with home(observer=slow, source=Stream(60)) as place:
        await place.until(1)
        place.session.request("remind me in 30 seconds to take the tea out")
        await place.until(60)
        reminder = next(d for d in place.decided() if d.reason == "a timer")
        assert reminder.t == pytest.approx(31, abs=0.3)
        assert all(d.late for d in place.of(Decision) if d.lane == "camera")


async def test_work_goes_on_in_the_background_and_comes_back_within_two_ticks() -> None:
    eyes = Eyes(dict([saw(3.0, "arrived"), saw(7.0, "left")]))
    async with home(eyes=lambda: eyes, source=Stream(30)) as place:
        place.session.request("tell me when someone leaves")
        await place.until(5)
        place.session.request("work out 17 percent of 2,340 for me")
        await place.until(30)
        assert [d.text for d in place.decided("delegate")] == ["I'm on it."]
        gone = next(d for d in place.decided() if "left" in d.text and d.watch == "w1" and d.t > 6)
        assert gone.t == pytest.approx(7.2, abs=0.4)
        done = place.of(TaskDone)[0]
        woven = next(d for d in place.decided() if d.text == "It is 397.8.")
        assert woven.t - done.t <= 2.0
        assert [u.text for u in place.of(UtteranceStarted) if u.kind == "result"] == ["It is 397.8."]


async def test_an_observer_that_fails_is_replaced_for_the_tick_and_said_once() -> None:
    def broken_for_a_while(view: View) -> list[Proposal]:
        if 5 <= view.t < 10:
            raise ObserverError("the observer's server cannot be reached")
        return []

    eyes = Eyes(dict([saw(7.0, "arrived")]))
    observer = ScriptedObserver(broken_for_a_while, capabilities=frozenset({"people"}))
    async with home(observer=observer, eyes=lambda: eyes, source=Stream(20)) as place:
        place.session.request("tell me when someone comes in")
        await place.until(20)
        assert [p.message for p in place.of(Problem)] == ["the observer's server cannot be reached"]
        assert len(place.of(Recovered)) == 1 and place.session.problems == {}
        assert any(d.text.startswith("Someone just came in") for d in place.decided())


async def test_an_observer_that_takes_half_a_minute_costs_its_ticks_only() -> None:
    async with home(observer=ScriptedObserver(silent, takes_s=30.0), source=Stream(40)) as place:
        place.session.request("remind me in 20 seconds to stretch")
        await place.until(40)
        assert "longer than 8 s" in place.of(Problem)[0].message
        assert any(d.reason == "a timer" and d.t == pytest.approx(20, abs=0.5) for d in place.decided())


async def test_the_person_interrupts_and_the_alert_is_told_afterwards() -> None:
    eyes = Eyes(dict([saw(10.0, "arrived")]))
    speaker = Speaker()
    async with home(eyes=lambda: eyes, source=Stream(40), voice=speaker) as place:
        session = place.session
        session.request("tell me when someone comes in")
        await place.until(8)
        session.say("This is a long answer that goes on and on about many things nobody needs to know.", "answer")
        await place.until(9)
        session.post(PersonSpeaking(t=session.now(), active=True))
        await place.until(11)
        cut = [u for u in place.of(UtteranceEnded) if u.interrupted]
        assert len(cut) == 1 and 0 < len(cut[0].heard) < 60
        session.post(PersonSpeaking(t=session.now(), active=False))
        await place.until(20)
        alert = next(u for u in place.of(UtteranceStarted) if u.kind == "alert")
        assert alert.t == pytest.approx(11, abs=0.5)


async def test_stop_is_obeyed_at_once_and_drops_what_waits() -> None:
    async with home(source=Stream(30), voice=Speaker()) as place:
        place.session.say("A very long answer about everything that can be seen in this picture, and more.", "answer")
        place.session.say("And a second one.", "answer")
        await place.until(1)
        place.session.request("stop")
        await place.until(20)
        assert [u.interrupted for u in place.of(UtteranceEnded)] == [True]
        assert len(place.of(UtteranceStarted)) == 1


async def test_watches_stand_again_in_a_new_session(tmp_path: Path) -> None:
    async with home(folder=tmp_path, source=Stream(5)) as place:
        place.session.request("tell me when someone comes in")
        place.session.request("remind me in one hour to call")
        await place.until(5)
    eyes = Eyes(dict([saw(4.0, "arrived")]))
    later = START + timedelta(minutes=59, seconds=50)
    async with home(folder=tmp_path, eyes=lambda: eyes, source=Stream(20), started=later) as place:
        await place.until(20)
        assert [d.watch for d in place.decided()] == ["w1", "w2"]
        assert place.decided()[1].t == pytest.approx(10, abs=0.5)
    assert list((tmp_path / "journal").glob("*.jsonl"))


async def test_a_broken_file_of_watches_is_kept_aside_and_the_session_starts(tmp_path: Path) -> None:
    (tmp_path / "watches.json").write_text("{not json")
    async with home(folder=tmp_path) as place:
        assert len(place.session.watches) == 0
    assert (tmp_path / "watches.broken").read_text() == "{not json"


async def test_five_watches_overlap_in_one_stream() -> None:
    script = dict(
        [
            saw(5.0, "arrived"),
            saw(10.0, "arrived"),
            saw(15.0, "text_changed", "", "Next"),
            saw(20.0, "arrived", "coffee cup"),
            saw(25.0, "left"),
        ]
    )
    eyes = Eyes(script)
    async with home(eyes=lambda: eyes, source=Stream(40)) as place:
        for wish in (
            "tell me when someone comes in",
            "tell me when someone leaves",
            "tell me when there is more than one person",
            "when it says Next, tell me step two",
            "tell me when you see a cup",
        ):
            place.session.request(wish)
        await place.until(40)
        told = {d.watch: round(d.t) for d in place.decided() if d.reason.startswith("watch")}
        assert told == {"w1": 10, "w2": 25, "w3": 11, "w4": 15, "w5": 20}  # a number must stand for 0.7 s
        assert next(d.text for d in place.decided() if d.watch == "w4" and d.t > 10) == "step two"


async def test_eyes_that_fall_over_are_opened_again() -> None:
    later = iter([Eyes({}, dies_at=5.0), Eyes(dict([saw(12.0, "arrived")]))])
    async with home(eyes=lambda: next(later), source=Stream(30)) as place:
        place.session.request("tell me when someone comes in")
        await place.until(30)
        assert "the detector fell over" in place.of(Problem)[0].message
        assert place.of(Recovered) and any("came in" in d.text for d in place.decided())


async def test_what_runs_beside_a_session_is_started_again_and_ends_with_it() -> None:
    began: list[str] = []

    async def clerk(session: Session) -> None:
        began.append(session.id)
        async for _, event in session.subscribe().events:
            if isinstance(event, TranscriptFinal) and len(began) == 1:
                raise RuntimeError("the pen broke")
        began.append("ended")

    async with home(beside={"clerk": clerk}) as place:
        await place.until(1)
        place.session.request("what time is it?")
        await place.until(5)
        assert began == ["s1", "s1"] and "the pen broke" in place.of(Problem)[0].message
    assert began[-1] == "ended"


async def test_a_lane_that_was_removed_holds_no_pictures() -> None:
    async with home(source=Stream(30, live=True)) as place:
        await place.until(10)
        lane = place.session.lanes["camera"]
        assert len(lane.album) == 10
        place.session.remove_lane("camera")
        await place.until(11)
        assert len(lane.album) == 0


async def test_a_source_that_breaks_is_said_and_the_conversation_goes_on() -> None:
    broken = Stream(5, fails=SourceError("the camera was unplugged"))
    async with home(source=broken) as place:
        await place.until(10)
        place.session.request("what do you see?")
        place.session.request("what time is it?")
        await place.until(20)
        assert place.of(LaneChanged)[-1].state == "down"
        assert place.of(Problem)[0].message == "the camera was unplugged"
        assert "no picture" in place.texts()[0] and "09:00" in place.texts()[1]


async def test_a_stalled_source_is_noticed_and_welcomed_back() -> None:
    class Hiccup(Stream):
        async def frames(self, now):  # type: ignore[no-untyped-def]
            async for frame in Stream(2).frames(now):
                yield frame
            await asyncio.sleep(10)
            async for frame in Stream(3).frames(now):
                yield frame

    async with home(source=Hiccup(1)) as place:
        await place.until(30)
        assert [e.state for e in place.of(LaneChanged)] == ["connecting", "watching", "stalled", "watching", "ended"]


async def test_a_network_stream_that_drops_is_opened_again_and_said_to_be_down_meanwhile() -> None:
    class Dropping(Stream):
        retry = True

        async def frames(self, now):  # type: ignore[no-untyped-def]
            async for frame in Stream(3).frames(now):
                yield frame
            raise SourceError("The camera hung up.")

    async with home(source=Dropping(1, live=True)) as place:
        place.session.request("tell me when someone comes in")
        await place.until(12)
        states = [e.state for e in place.of(LaneChanged)]
        assert states[:5] == ["connecting", "watching", "down", "connecting", "watching"]
        assert "It is tried again in 1 s." in place.of(LaneChanged)[2].detail
        assert len(place.session.watches) == 1 and place.session.lanes["camera"].state == "watching"


async def test_paused_means_no_decisions_but_timers_and_conversation_go_on() -> None:
    async with home(source=Stream(60)) as place:
        place.session.request("remind me in 20 seconds to stretch")
        await place.until(5)
        place.session.command("pause")
        await place.until(30)
        quiet = [d for d in place.of(Decision) if d.lane == "camera" and 6.1 < d.t < 30]
        assert quiet == [] and any(d.reason == "a timer" for d in place.decided())
        place.session.request("continue")
        await place.until(40)
        assert [d for d in place.of(Decision) if d.lane == "camera" and d.t > 31]


async def test_quiet_and_pause_for_a_time_end_by_themselves() -> None:
    async with home(source=Stream(200)) as place:
        place.session.request("be quiet for one minute")
        await place.until(5)
        assert not place.session.modes.voice
        assert "captions only for 1 minute" in place.decided()[-1].text
        await place.until(63)
        assert place.session.modes.voice and place.decided()[-1].text == "I'll speak again."
        place.session.request("pause for 30 seconds")
        await place.until(70)
        assert place.session.paused
        place.session.command("resume")  # by hand: the clock has nothing left to undo
        await place.until(75)
        place.session.command("pause")
        await place.until(140)
        assert place.session.paused


@pytest.mark.parametrize(
    ("after", "goes_on"),
    [
        (NothingSaid(t=0), True),
        (TranscriptFinal(t=0, text="Mm-hmm.", language="en", origin="voice"), True),
        (TranscriptFinal(t=0, text="What time is it?", language="en", origin="voice"), False),
        (TranscriptFinal(t=0, text="Stop.", language="en", origin="voice"), False),
    ],
)
async def test_a_cough_does_not_end_an_answer(after: Event, goes_on: bool) -> None:
    async with home(voice=Speaker()) as place:
        session = place.session
        session.request("what can you do?")
        await place.until(4)
        session.post(PersonSpeaking(t=session.now(), active=True))
        await place.until(4.4)
        (cut,) = place.of(UtteranceEnded)
        whole = place.of(UtteranceStarted)[0].text
        assert cut.interrupted and 0 < len(cut.heard) < len(whole)
        session.post(PersonSpeaking(t=session.now(), active=False))
        session.post(after)
        await place.until(60)
        again = [e.text for e in place.of(UtteranceStarted)[1:] if e.text in whole]
        assert len(again) == goes_on
        if goes_on:
            assert whole.endswith(again[0]) and len(again[0]) < len(whole)
            assert place.of(UtteranceEnded)[-1].heard == again[0]


async def test_an_echo_does_not_make_it_say_the_same_for_ever() -> None:
    async with home(voice=Speaker()) as place:
        session = place.session
        session.request("what can you do?")
        for second in range(4, 60, 4):
            await place.until(second)
            session.post(PersonSpeaking(t=session.now(), active=True))
            await place.until(second + 0.4)
            session.post(PersonSpeaking(t=session.now(), active=False))
            session.post(NothingSaid(t=session.now()))
        assert len(place.of(UtteranceStarted)) == 2


async def test_it_speaks_slower_and_faster_when_told_to() -> None:
    async with home() as place:
        for text, pace, reply in (
            ("speak slower", 0.8, "more slowly"),
            ("slower", 0.8, "as slow as I can"),
            ("faster please", 1.0, "faster"),
            ("说快一点", 1.25, "快一点"),
            ("talk faster", 1.25, "as fast as I can"),
        ):
            place.session.request(text)
            await place.until(place.session.now() + 4)
            assert place.session.mouth.pace == pace and reply in place.decided()[-1].text
        assert [e.value for e in place.of(ModeChanged)] == ["slow", "normal", "fast"]
        assert place.session.snapshot()["pace"] == "fast"


class Choir(Speaker):
    """Three speakers of English, one of Chinese."""

    def speakers(self, language: str) -> tuple[str, ...]:
        return ("af_one", "am_two", "bf_three") if language == "en" else ("zf_one",)


async def test_another_voice_by_word_and_by_the_page() -> None:
    async with home(voice=Choir()) as here:
        session = here.session
        assert session.snapshot()["speakers"] == {"en": ["af_one", "am_two", "bf_three"], "zh": ["zf_one"]}
        said = ["use another voice", "change your voice", "a different voice, please", "换个声音"]
        for number, text in enumerate(said):
            session.request(text)
            await here.until(5.0 * (number + 1))
        assert [(e.name, e.value) for e in here.of(ModeChanged)] == [
            ("speaker", "am_two"), ("speaker", "bf_three"), ("speaker", "af_one"),
        ]  # fmt: skip
        assert "这里只有这一个声音。" in here.texts(), "there is no other one for Chinese"
        session.command("speaker", value="bf_three")
        assert session.mouth.speakers == {"en": "bf_three", "zh": ""}
        for wrong in ("zf_one", "nobody", "", None, 7):
            with pytest.raises(CommandRefused):
                session.command("speaker", value=wrong)


async def test_normal_ends_brief_and_chatty() -> None:
    async with home(voice=Speaker()) as here:
        for number, text in enumerate(["be brief", "talk normally", "talk more", "正常说话"]):
            here.session.request(text)
            await here.until(5.0 * (number + 1))
        values = [e.value for e in here.of(ModeChanged) if e.name == "verbosity"]
        assert values == ["brief", "normal", "chatty", "normal"]


async def test_quiet_means_captions_but_an_urgent_alert_is_spoken() -> None:
    async with home(voice=Speaker()) as here:
        here.session.request("captions only")
        await here.until(5)
        here.session.talk.say("A caption.", "answer", "en")
        await here.until(10)
        here.session.talk.say("Fire!", "alert", "en", urgent=True)
        await here.until(15)
        assert [(e.text, e.spoken) for e in here.of(UtteranceStarted)][-2:] == [("A caption.", False), ("Fire!", True)]


@pytest.mark.parametrize(
    ("asked", "reply"), [("what are you watching for?", "Someone"), ("你在留意什么？", "我在留意")]
)
async def test_what_it_watches_for_is_told_on_demand(asked: str, reply: str) -> None:
    async with home(voice=Speaker()) as here:
        here.session.request("tell me when someone comes in")
        await here.until(4)
        here.session.request(asked)
        await here.until(8)
        spoken = [e for e in here.of(UtteranceStarted) if e.spoken]
        assert reply in spoken[-1].text


async def test_brief_means_that_small_words_are_shown_only() -> None:
    async with home(voice=Speaker()) as place:
        place.session.command("verbosity", value="brief")
        place.session.request("tell me when someone comes in")
        place.session.request("what time is it?")
        await place.until(8)
        assert [(e.kind, e.spoken) for e in place.of(UtteranceStarted)] == [
            ("acknowledgement", False),
            ("answer", True),
        ]


async def test_chatty_means_that_it_comments_until_told_otherwise() -> None:
    async with home(eyes=lambda: Eyes(dict([saw(10.0, "arrived"), saw(40.0, "left")])), source=Stream(60)) as place:
        place.session.request("tell me more")
        await place.until(20)
        assert place.session.modes.verbosity == "chatty"
        assert [w.wording for w in place.session.watches] == ["Comment on what happens"]
        assert "came in" in place.decided()[-1].text
        place.session.command("verbosity", value="normal")
        await place.until(60)
        assert len(place.session.watches) == 0 and [d.text for d in place.decided() if d.t > 20] == []


async def test_commands_of_the_page_are_checked() -> None:
    async with home() as place:
        session = place.session
        session.command("language", value="zh")
        await place.until(1)
        assert [e.value for e in place.of(ModeChanged)] == ["zh"]
        for name, values in [
            ("language", {"value": "fr"}),
            ("voice", {"on": "maybe"}),
            ("watch", {"op": "pause", "id": "w99"}),
            ("watch", {"op": "explode", "id": "w1"}),
            ("source", {"op": "remove", "name": "moon"}),
            ("fly", {}),
        ]:
            with pytest.raises(CommandRefused):
                session.command(name, **values)
        with pytest.raises(CommandRefused, match="too long"):
            session.request("x" * 3000)


async def test_a_watch_is_edited_paused_and_cancelled_from_the_page() -> None:
    async with home() as place:
        session = place.session
        session.request("tell me when someone comes in")
        await place.until(1)
        session.command("watch", op="edit", id="w1", wording="tell me when you see a cup", urgent=True)
        watch = session.watches.get("w1")
        assert watch.condition is not None and watch.condition.kind == "sees" and watch.urgent
        with pytest.raises(CommandRefused, match="don't know how"):
            session.command("watch", op="edit", id="w1", wording="xyzzy")
        session.command("watch", op="pause", id="w1")
        session.command("watch", op="cancel", id="w1")
        assert len(session.watches) == 0 and session.snapshot()["watches"] == []


async def test_a_page_that_lost_the_line_resumes_where_it_was() -> None:
    async with home(source=Stream(10)) as place:
        first = place.session.subscribe()
        await place.until(3)
        last = first.events.drain()[-1][0]
        first.close()
        await place.until(6)
        again = place.session.subscribe(since=last)
        assert not again.gap and again.missed[0][0] == last + 1
        assert place.session.subscribe(since=10_000).gap


async def test_a_page_that_does_not_read_is_let_go() -> None:
    async with home(source=Stream(4000, fps=1)) as place:
        sleeper = place.session.subscribe()
        place.session.request("every 2 seconds tell me the time")
        await place.session.clock.sleep_until(2500)
        assert sleeper.lagged and sleeper.events.closed
        assert len(place.session.subscribers.history) <= 4000


async def test_chinese_requests_are_answered_in_chinese() -> None:
    eyes = Eyes(dict([saw(5.0, "arrived")]))
    async with home(eyes=lambda: eyes, source=Stream(20)) as place:
        place.session.request("有人进来就告诉我")
        await place.until(20)
        assert place.texts()[-1] == "有人进来了，在左边。"


async def test_what_cannot_be_seen_is_said_once_with_an_offer_that_can_be_accepted() -> None:
    async with home(source=Stream(20)) as place:
        place.session.request("tell me when the pot boils over")
        await place.until(3)
        assert len(place.texts()) == 1 and len(place.session.watches) == 0
        place.session.request("yes please")
        await place.until(6)
        assert len(place.session.watches) == 1


async def test_nothing_said_is_lost_when_the_voice_is_off() -> None:
    async with home(source=Stream(20), voice=Speaker()) as place:
        place.session.command("voice", on=False)
        place.session.request("what time is it?")
        await place.until(10)
        assert [(u.text, u.spoken) for u in place.of(UtteranceStarted)] == [("It is 09:00.", False)]
        assert place.of(TranscriptFinal)[0].text == "what time is it?"


async def test_the_password_of_an_address_that_is_typed_goes_nowhere() -> None:
    async with home(source=Stream(3)) as place:
        place.session.request("add the camera rtsp://admin:pa/s3cret@10.0.0.2/live?channel=1&token=s3cret please")
        place.session.command("watch", op="add", wording="tell me when http://u:s3cret@cam/ moves", id=None)
        await place.until(3)
        heard = [event.text for event in place.of(TranscriptFinal)]
        assert heard[0] == "add the camera rtsp://…@10.0.0.2/live?channel=1&token=… please"
        assert "s3cret" not in repr(place.events) + repr(place.session.snapshot())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("add rtmp://live.example:1936/live/s3cret please", "add rtmp://live.example:1936/live/… please"),
        ("看RTMPS://me:s3cret@h/app/s3cret?s3cret=1，谢谢", "看RTMPS://…@h/app/…，谢谢"),
        ("rtmp://h/live/s3/cret and http://h/live/door", "rtmp://h/live/… and http://h/live/door"),
    ],
)
def test_a_stream_key_is_not_shown(text: str, shown: str) -> None:
    assert without_logins(text) == shown


@pytest.mark.parametrize(
    "text",
    ["rtmp://h/live", "is it 5 @ 3?", "write to me@example.org", "see https://example.org/a?b=c", "看 http://a/b"],
)
def test_other_words_stay_as_they_are(text: str) -> None:
    assert without_logins(text) == text
