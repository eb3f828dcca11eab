"""Trouble, one at a time: each has one clear message, nothing is lost, and watching goes on."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import app
import assets
import config
from config import Settings
from interaction import requests
from interaction.clock import Clock, wall_now
from interaction.events import (
    Decision,
    LaneChanged,
    MemoryStored,
    PersonSpeaking,
    Problem,
    Recovered,
    TaskDone,
    TranscriptFinal,
    UtteranceEnded,
    UtteranceStarted,
    WatchChanged,
)
from interaction.intents import Limits
from interaction.observers.base import ObserverModel, Proposal, View
from interaction.observers.scripted import ScriptedObserver
from interaction.seeing.base import PerceptEvent, PerceptKind, Percepts
from interaction.session import Session
from interaction.sources.address import resolve
from interaction.sources.base import Frame
from interaction.watch_rules import quiet_until
from rooms import open_rooms
from tests.house import IMAGE, START, Desk, Eyes, Home, Speaker, Stream, home, saw


def ticks(place: Home) -> list[Decision]:
    return [decision for decision in place.of(Decision) if decision.lane == "camera"]


def problems(place: Home) -> list[str]:
    return [problem.where for problem in place.of(Problem)]


# The observer.


class Returning(ScriptedObserver):
    """Returns, as its decision, whatever it is given; raises it if it is an exception."""

    def __init__(self, result: Any) -> None:
        super().__init__(lambda view: [], capabilities=frozenset({"people"}))
        self.result = result

    async def decide(self, view: View) -> list[Proposal]:
        if isinstance(self.result, Exception):
            raise self.result
        return self.result  # type: ignore[no-any-return]


NONSENSE = [
    RuntimeError("the model fell over"),
    None,
    7,
    "speak",
    ["speak"],
    [None],
    [Proposal("speak", None)],  # type: ignore[arg-type]
    [Proposal("explode", "x")],  # type: ignore[arg-type]
    [Proposal("speak", "x", watch=5)],  # type: ignore[arg-type]
    [Proposal("speak", "x", kind="shout")],  # type: ignore[arg-type]
]


@pytest.mark.parametrize("nonsense", NONSENSE, ids=repr)
async def test_nonsense_of_an_observer_costs_a_message_and_the_built_in_one_decides(nonsense: Any) -> None:
    eyes = Eyes(dict([saw(8.0, "arrived")]))
    async with home(observer=Returning(nonsense), eyes=lambda: eyes, source=Stream(20)) as place:
        place.session.request("tell me when someone comes in")
        await place.until(20)
        assert problems(place) == ["observer"] and "stands in" in place.of(Problem)[0].kept
        assert any(d.text.startswith("Someone just came in") and d.t < 9.3 for d in ticks(place))
        assert ticks(place)[-1].t > 18.9


async def test_ten_megabytes_from_an_observer_are_not_passed_on() -> None:
    async with home(observer=Returning([Proposal("speak", "A" * 10_000_000)]), source=Stream(10)) as place:
        await place.until(10)
        assert max(len(d.text) for d in place.of(Decision)) <= 4000
        assert max(len(d.reason) for d in place.of(Decision)) <= 500


async def test_a_slow_observer_does_not_hold_up_every_tick() -> None:
    eyes = Eyes(dict([saw(60.0, "arrived")]))
    slow = ScriptedObserver(lambda view: [], takes_s=30.0, capabilities=frozenset({"people"}))
    async with home(observer=slow, eyes=lambda: eyes, source=Stream(90)) as place:
        place.session.request("tell me when someone comes in")
        await place.until(90)
        told = next(d for d in place.decided() if d.text.startswith("Someone just came in"))
        assert told.t < 60 + 8.5
        rested = [b.t - a.t for a, b in zip(ticks(place), ticks(place)[1:], strict=False) if b.t - a.t < 1.5]
        assert len(rested) > 20  # between the attempts it looks every second
        assert problems(place) == ["observer"]


async def test_a_question_that_breaks_the_observer_is_answered_and_breaks_nothing_else() -> None:
    def script(view: View) -> list[Proposal]:
        if view.questions:
            raise ZeroDivisionError
        return []

    observer = ScriptedObserver(script)
    async with home(observer=observer, fallback=observer, source=Stream(30)) as place:
        place.session.request("what do you see?")
        await place.until(30)
        assert [d.text for d in place.decided()] == [
            "Something went wrong in me with that. Please say it again in other words."
        ]
        assert place.of(Recovered) and place.session.problems == {}


async def test_a_fault_in_a_tick_costs_that_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    async with home(source=Stream(30)) as place:
        await place.until(5)
        monkeypatch.setattr(place.session.policy, "rule", lambda *args, **kwargs: 1 / 0)
        await place.until(10)
        monkeypatch.undo()
        await place.until(20)
        assert problems(place) == ["ticking camera"] and place.session.problems == {}
        assert ticks(place)[-1].t > 18.9


# The eyes and the sources.


class Blind(Eyes):
    async def look(self, frame: Frame) -> Percepts:
        raise OSError("the weight is damaged")


async def test_eyes_that_never_open_are_told_of_once_and_tried_ever_more_slowly() -> None:
    opened: list[int] = []

    def eyes() -> Eyes:
        opened.append(1)
        return Blind({})

    async with home(eyes=eyes, source=Stream(300, fps=2)) as place:
        place.session.request("remind me in 4 minutes to stretch")
        await place.until(300)
        assert problems(place) == ["seeing camera"] and place.of(Recovered) == []
        assert 5 < len(opened) < 20
        assert any(d.reason == "a timer" for d in place.decided())


async def test_eyes_that_hang_are_opened_anew() -> None:
    class Hanging(Eyes):
        async def look(self, frame: Frame) -> Percepts:
            await asyncio.Event().wait()
            raise AssertionError

    both = iter([Hanging({}), Eyes(dict([saw(60.0, "arrived")]))])
    async with home(eyes=lambda: next(both), source=Stream(80)) as place:
        place.session.request("tell me when someone comes in")
        await place.until(80)
        assert "no answer within" in place.of(Problem)[0].message
        assert any("came in" in d.text for d in place.decided()) and place.session.problems == {}


async def test_whatever_a_source_raises_ends_its_lane_and_nothing_else() -> None:
    class Bad(Stream):
        async def frames(self, now: Callable[[], float]) -> AsyncIterator[Frame]:
            async for frame in Stream(3).frames(now):
                yield frame
            raise KeyError("stream")

    async with home(source=Bad(1)) as place:
        place.session.add_lane(Stream(20, lane="kitchen"))
        await asyncio.wait_for(place.session.lanes["camera"].ended.wait(), 10)
        await place.until(20)
        assert [e.state for e in place.of(LaneChanged) if e.lane == "camera"][-1] == "down"
        assert problems(place) == ["source camera"]
        assert [d for d in place.of(Decision) if d.lane == "kitchen"][-1].t > 18
        place.session.remove_lane("camera")
        await place.until(21)
        assert place.session.problems == {}  # its troubles go with it


# The session itself.


@pytest.mark.parametrize("must_open", [True, False])
async def test_an_address_that_a_rule_forbids_is_told_with_what_to_do_and_looked_up_seldom(must_open: bool) -> None:
    attempts: list[float] = []

    class Inside(Stream):
        retry = True

        async def frames(self, now: Callable[[], float]) -> AsyncIterator[Frame]:
            attempts.append(now())
            await asyncio.to_thread(resolve, "127.0.0.1", 554, allow_private=False)
            yield Frame(now(), IMAGE)

    source = Inside(1, lane="front door", live=True)
    source.must_open = must_open
    async with home(source=source) as place:
        await place.until(1900)
        assert [round(t / 600) for t in attempts] == ([0] if must_open else [0, 1, 2, 3])
        lane, (*_, down) = place.session.lanes["front door"], place.of(LaneChanged)
        assert lane.state == "down" and "LOOKOUT_ALLOW_PRIVATE" in down.detail and "内部网络" in down.detail.zh
        if must_open:
            problem = place.session.problems["source front door"]
            assert problem.message == down.detail and "LOOKOUT_ALLOW_PRIVATE=true" in problem.advice
            assert "请移除这个来源" in problem.advice.zh and "Everything else goes on" in problem.kept
        else:
            assert "It is tried again in 10 minutes." in down.detail and "10 分钟后再试" in down.detail.zh
            assert not place.session.problems


async def test_a_request_that_breaks_something_is_answered_and_the_next_is_understood(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with home(source=Stream(90)) as place:
        monkeypatch.setattr(requests, "understand", lambda *args, **kwargs: 1 / 0)
        place.session.request("what time is it?")
        await place.until(2)
        monkeypatch.undo()
        place.session.request("what time is it?")
        await place.until(5)
        assert place.texts() == [
            "Something went wrong in me with that. Please say it again in other words.",
            "It is 09:00.",
        ]
        assert "ZeroDivisionError" in place.session.problems["session"].message
        await place.until(80)
        assert place.session.problems == {}


async def test_a_timer_that_breaks_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    async with home() as place:
        place.session.request("remind me in 5 seconds to sit up")
        place.session.request("remind me in 10 seconds to stand up")
        await place.until(1)
        monkeypatch.setattr(place.session, "say", lambda *args, **kwargs: 1 / 0)
        await place.until(6)
        monkeypatch.undo()
        await place.until(20)
        assert [d.text for d in place.decided() if d.reason == "a timer"] == ["Stand up"]
        assert [w.change for w in place.of(WatchChanged) if w.change == "fired"] == ["fired", "fired"]
        assert problems(place) == ["session"]


async def test_words_that_no_voice_can_be_given_do_not_take_the_floor_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with home(voice=Speaker()) as place:
        monkeypatch.setattr(place.session.mouth, "say", lambda *args: 1 / 0)
        place.session.request("what time is it?")
        await place.until(2)
        monkeypatch.undo()
        place.session.request("what time is it?")
        await place.until(6)
        assert [u.text for u in place.of(UtteranceStarted)] == ["It is 09:00."]


async def test_more_than_the_inbox_holds_is_told() -> None:
    async with home() as place:
        for _ in range(1500):
            place.session.request("thanks")
        await place.until(1)
        told = [p.message for p in place.of(Problem) if p.where == "session"]
        assert told == ["More happened at once than can be handled; the newest of it was left out."]


async def test_troubles_are_bounded() -> None:
    async with home() as place:
        for number in range(500):
            place.session.post(Problem(t=0.0, where=f"source {number}", message="broken"))
        await place.until(1)
        assert len(place.session.problems) == place.session.settings.session.problems


async def test_a_room_that_cannot_be_closed_keeps_no_other_open(tmp_path: Path) -> None:
    class Stubborn(ScriptedObserver):
        async def aclose(self) -> None:
            raise OSError("no")

    observer: ObserverModel = Stubborn(lambda view: [])
    async with home(observer=observer, folder=tmp_path, source=Stream(5)) as place:
        place.session.request("tell me when someone comes in")
        await place.until(1)
        await asyncio.wait_for(place.session.aclose(), 20)
        assert place.session.scope.names == []
    assert len(json.loads((tmp_path / "watches.json").read_text())) == 1


# The disk.


async def test_when_a_watch_is_acknowledged_it_is_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "watches.json"
    async with home(folder=tmp_path, source=Stream(20)) as place:
        await place.until(2)
        on_disk: list[int] = []
        say = place.session.say

        def noting(*args: Any, **kwargs: Any) -> None:
            on_disk.append(len(json.loads(path.read_text())))
            say(*args, **kwargs)

        monkeypatch.setattr(place.session, "say", noting)
        place.session.request("tell me when someone comes in and when someone leaves")
        await place.until(4)
        assert on_disk == [2, 2] and len(place.decided()) == 2


async def test_a_changed_watch_is_on_disk_at_once(tmp_path: Path) -> None:
    async with home(folder=tmp_path, source=Stream(20)) as place:
        await place.until(3.5)
        place.session.request("tell me when someone comes in")
        await place.until(3.6)  # a tenth of a second later the process may be killed
        assert len(json.loads((tmp_path / "watches.json").read_text())) == 1
        place.session.request("cancel that")
        await place.until(3.7)
        assert json.loads((tmp_path / "watches.json").read_text()) == []


BROKEN_WATCHES = [
    '[{"id": "w1"}]',
    "[7]",
    "{}",
    "[[[",
    "\x00",
    "[" * 100_000,
    '{"w1": null}',
]


@pytest.mark.parametrize("content", BROKEN_WATCHES, ids=lambda text: repr(text[:12]))
async def test_watches_that_cannot_be_read_are_told_of_and_kept_aside(tmp_path: Path, content: str) -> None:
    (tmp_path / "watches.json").write_text(content)
    async with home(folder=tmp_path) as place:
        await place.until(1)
        assert problems(place) == ["watches"] and "watches.broken" in place.of(Problem)[0].kept
        place.session.request("tell me when someone comes in")
        await place.until(2)
    assert (tmp_path / "watches.broken").read_text() == content


@pytest.mark.parametrize(
    "change",
    [
        {"condition": {"kind": "explodes"}},
        {"schedule": {"every": 0}},
        {"schedule": {"every": -5}},
        {"armed": "2026-11-23T09:00:00"},
        {"wording": 7},
        {"language": "xx"},
        {"state": "done"},
        {"surprise": 1},
    ],
    ids=repr,
)
async def test_one_damaged_watch_costs_itself_only(tmp_path: Path, change: dict[str, Any]) -> None:
    async with home(folder=tmp_path) as place:
        place.session.request("tell me when someone comes in")
        place.session.request("remind me in one hour to call")
        await place.until(1)
    bodies = json.loads((tmp_path / "watches.json").read_text())
    for name, value in change.items():
        bodies[0][name] = value
    (tmp_path / "watches.json").write_text(json.dumps(bodies))
    async with home(folder=tmp_path, source=Stream(5)) as place:
        await place.until(5)
        assert [w.wording for w in place.session.watches] == ["Call"]
        assert problems(place) == ["watches"] and ticks(place)[-1].t > 3.9


async def test_a_disk_that_hangs_for_an_hour_is_told_of_and_writing_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from interaction import keeping

    async with home(folder=tmp_path, source=Stream(5000, fps=1)) as place:
        await place.until(2)
        thawed = asyncio.Event()

        async def hang(*args: Any) -> None:
            await thawed.wait()

        monkeypatch.setattr(keeping.asyncio, "to_thread", hang)
        await place.session.clock.sleep_until(3600)
        monkeypatch.undo()
        thawed.set()
        await place.session.clock.sleep_until(3610)
        assert "too slow" in place.session.problems["session"].message
        place.session.request("tell me when someone comes in")
        await place.session.clock.sleep_until(3612)
        assert len(json.loads((tmp_path / "watches.json").read_text())) == 1
        journal = next((tmp_path / "journal").iterdir()).read_text()
        assert json.loads(journal.splitlines()[-1])["t"] > 3605


# What is not there at the start. The real rooms, without their large weights.


def without(tmp_path: Path, **values: Any) -> Settings:
    """Settings of a house that is asked for ears by URL: nothing large is loaded."""
    return Settings(
        _env_file=None,  # type: ignore[call-arg]
        **{
            "data_dir": tmp_path / "data",
            "download": False,
            "hearing": config.Hearing(recognizer="openai", url="http://127.0.0.1:9/v1"),
            "memory": config.Memory(enabled=False),
            **values,
        },
    )


async def started(settings: Settings) -> tuple[Session, Home]:
    async with open_rooms(settings, voice=False) as rooms:
        session = rooms.session("s1", "local")
        place = Home(session)
        running = asyncio.create_task(session.run())
        session.request("what time is it?")
        await place.until(3)
        if session.memory:
            await session.memory.flush()
        second = Home(rooms.session("s2", "local"))
        second_running = asyncio.create_task(second.session.run())
        await second.until(1)
        await session.aclose()
        await second.session.aclose()
        await asyncio.gather(running, second_running)
    return session, second


async def test_a_damaged_voice_detector_costs_hearing_and_not_the_session(tmp_path: Path) -> None:
    weights = tmp_path / "weights"
    damaged = assets.manifest()["silero-vad"].file[0]
    (weights / damaged.path).parent.mkdir(parents=True)
    (weights / damaged.path).write_bytes(bytes(damaged.bytes))
    session, second = await started(without(tmp_path, weights=weights))
    assert session.ears is None and "hearing" in session.problems
    assert "silero-vad is damaged" in session.problems["hearing"].message
    assert session.talk.heard[-1].startswith("It is ")
    assert "hearing" in second.session.problems  # who comes later is told too


async def test_a_folder_that_cannot_be_written_costs_memory_and_not_the_session(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    session, second = await started(without(tmp_path, data_dir=tmp_path / "file" / "data", memory=config.Memory()))
    for place in (session, second.session):
        assert {"disk", "memory"} <= set(place.problems)
    assert session.talk.heard[-1].startswith("It is ")


async def test_an_agent_that_cannot_be_made_costs_its_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent.board.make_runner", lambda *args: 1 / 0)
    session, _ = await started(without(tmp_path))
    assert session.board is None and "ZeroDivisionError" in session.problems["agent"].message


def refused(capsys: pytest.CaptureFixture[str], *options: str) -> str:
    assert app.main(["serve", *options]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_what_stands_in_the_way_of_serving_is_one_clear_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert "--port" in (line := refused(capsys, "--port", port)) and "in use" in line
    assert "up to 65535" in refused(capsys, "--port", "99999")
    assert "LOOKOUT_TOKEN" in refused(capsys, "--host", "0.0.0.0")
    for name, value in (("LOOKOUT_OBSERVER", "nonsense"), ("LOOKOUT_WEB__PORT", "x"), ("LOOKOUT_SESSION__TICK_S", "0")):
        monkeypatch.setenv(name, value)
        assert name in refused(capsys)
        monkeypatch.delenv(name)


async def test_what_one_session_says_is_not_told_to_the_other_of_the_same_person(tmp_path: Path) -> None:
    async with open_rooms(without(tmp_path, memory=config.Memory()), voice=False) as rooms:
        first, second = (Home(rooms.session(name, "local")) for name in ("s1", "s2"))
        running = [asyncio.create_task(place.session.run()) for place in (first, second)]
        first.session.request("remind me in one hour to feed the zebra")
        await first.until(1)
        assert first.session.memory and await first.session.memory.flush()
        await first.until(3)
        await second.until(3)
        assert any("zebra" in event.text for event in first.of(MemoryStored))
        assert "zebra" not in repr(second.events) and len(second.session.watches) == 0
        for place in (first, second):
            await place.session.aclose()
        await asyncio.gather(*running)


# No request is met by nothing.


async def answered(place: Home, said: str) -> list[str]:
    """What is said within a few seconds of a typed request."""
    before, now = len(place.of(Decision)), place.session.now()
    place.session.request(said)
    await place.until(now + 8)
    return [d.text for d in place.of(Decision)[before:] if d.action != "silence"]


TYPED = [
    "asdf qwer",
    "?",
    "...",
    "42",
    "🎉",
    "the cat sat on the mat",
    "every 0 seconds tell me the time",
    "stop",
    "no",
]


@pytest.mark.parametrize("said", [*TYPED, "啊啊啊", "停", "不用"])
async def test_typed_words_always_get_one_reply(said: str) -> None:
    async with home(source=Stream(60)) as place:
        place.session.command("language", value="zh" if said in ("🎉", "?", "42") else "en")
        (reply,) = await answered(place, said)
        assert any("\u4e00" <= c <= "\u9fff" for c in reply) == (said in ("🎉", "?", "42", "啊啊啊", "停", "不用"))


async def test_overheard_words_get_none() -> None:
    async with home(source=Stream(20)) as place:
        place.session.post(TranscriptFinal(t=0.0, text="the cat sat on the mat", origin="voice"))
        await place.until(10)
        assert place.texts() == []


async def test_an_example_that_the_house_gives_completes_the_request() -> None:
    async with home() as place:
        assert "When?" in (await answered(place, "remind me to call mum"))[0]
        assert "10 minutes" in (await answered(place, "in ten minutes"))[0]
        assert [w.wording for w in place.session.watches] == ["Call mum"]
        await answered(place, "set a timer")
        assert "09:" in (await answered(place, "what time is it?"))[0]  # something else meanwhile


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("what day is it?", "Monday, 23 November 2026"),
        ("今天星期几", "星期一"),
        ("who is that?", "can't tell who it is"),
        ("is he happy?", "no model knows what someone feels"),
        ("is that my wife?", "not who it is"),
        ("what's your name?", "I'm Lookout"),
        ("call the police", "I can't call the police"),
        ("help me I fell", "emergency number"),
    ],
)
async def test_answers_are_to_what_was_asked(said: str, expected: str) -> None:
    eyes = Eyes(dict([saw(1.0, "arrived")]))
    async with home(eyes=lambda: eyes, source=Stream(30)) as place:
        await place.until(3)
        assert expected in (await answered(place, said))[0]


async def test_how_long_a_timer_still_takes_is_known() -> None:
    async with home() as place:
        await answered(place, "set a timer for 3 minutes")
        assert "left" in (await answered(place, "how long is left on the timer?"))[0]


async def test_a_question_to_a_paused_source_is_answered() -> None:
    async with home(source=Stream(60, live=True)) as place:
        await place.until(2)
        place.session.command("source", op="pause", name="camera")
        assert "paused" in (await answered(place, "what do you see?"))[0]


async def test_an_acknowledgement_does_not_cut_an_answer() -> None:
    async with home(voice=Speaker()) as place:
        place.session.request("what can you do?")
        await place.until(2)
        place.session.request("remind me in one hour to call mum")
        await place.until(30)
        assert [u.interrupted for u in place.of(UtteranceEnded)][:1] == [False]


async def test_more_watches_than_fit_are_refused_in_the_persons_language() -> None:
    few = Settings(_env_file=None, session=config.Session(watches=1))  # type: ignore[call-arg]
    async with home(settings=few) as place:
        await answered(place, "tell me when someone comes in")
        assert "Cancel one first" in (await answered(place, "tell me when someone leaves"))[0]
        assert "请先取消一项" in (await answered(place, "有人离开就告诉我"))[0]
        assert len(place.session.watches) == 1


async def test_without_an_agent_nobody_says_to_be_on_it() -> None:
    async with home(desk=None) as place:
        assert "could not be started" in (await answered(place, "work out 17 percent of 2,340"))[0]


async def test_at_its_limit_the_agent_refuses_without_promising() -> None:
    class Busy(Desk):
        def submit(self, question: str, **kwargs: Any) -> str:
            if len(self._running) >= 4:
                self._session.post(
                    TaskDone(t=self._session.now(), task="t9", question=question, status="failed", text="Too much.")
                )
                return "t9"
            return super().submit(question, **kwargs)

    async with home(desk=lambda session: Busy(session, seconds=60.0)) as place:
        for number in range(4):
            place.session.request(f"work out {number} times 7")
            await place.until(place.session.now() + 1)
        assert await answered(place, "work out 9 times 7") == ["Too much."]


# The clock on the wall.


async def set_clock(place: Home, by: timedelta) -> None:
    """Somebody sets the machine's clock; the session goes by it."""
    clock = place.session.clock
    was = clock.wall()
    then = clock.now()
    clock.machine = lambda: was + by + timedelta(seconds=clock.now() - then)
    place.session.timers.changed()
    await asyncio.sleep(0)


@pytest.mark.parametrize("hours", [-1, 1])
async def test_a_clock_that_is_set_moves_times_of_day_and_no_timer(hours: int) -> None:
    async with home() as place:
        place.session.request("remind me in 10 minutes to sit up")
        place.session.request("remind me at half past eleven to call mum")
        place.session.request("tell me when someone comes in for the next 20 minutes")
        await place.until(60)
        await set_clock(place, timedelta(hours=hours))
        await place.until(5 * 3600)
        alerts = {d.text: d.t for d in place.decided() if d.reason == "a timer"}
        assert alerts == {
            "Sit up": pytest.approx(600, abs=1),
            "Call mum": pytest.approx(3600 * (2.5 - hours), abs=1),
        }
        expired = [w for w in place.of(WatchChanged) if w.change == "expired"]
        assert [w.t for w in expired] == [pytest.approx(1200, abs=1)]
        (told,) = place.of(Problem)
        assert told.where == "clock" and "by 60 min" in told.message
        assert ("forwards" if hours > 0 else "backwards") in told.message
        assert [event.t for event in place.of(Recovered)] == [pytest.approx(120, abs=1)] and not place.session.problems
        assert place.session.wall() == START + timedelta(hours=5 + hours)


async def test_what_came_due_while_nothing_ran_is_told_late_with_a_word_about_it(tmp_path: Path) -> None:
    async with home(folder=tmp_path) as place:
        place.session.request("remind me at half past nine to call mum")
        place.session.request("下午三点半提醒我打电话")
        place.session.request("remind me every hour to drink")
        await place.until(1)
    async with home(folder=tmp_path, started=START + timedelta(hours=7)) as place:
        await place.until(60)
        told = [d.text for d in place.decided() if d.reason == "a timer"]
        assert "Call mum. This was due at 9:30 am, when I was not running." in told
        assert "打电话。本来应该在15:30提醒你，那时我没在运行。" in told
        assert "Drink" in told and len(told) == 3  # an interval goes on, once
        assert sum(u.kind == "alert" for u in place.of(UtteranceStarted)) == 3


async def test_reminders_wait_until_the_person_has_finished() -> None:
    async with home() as place:
        place.session.request("remind me in 5 seconds to take the pills")
        await place.until(4)
        place.session.post(PersonSpeaking(t=4.0, active=True))
        await place.until(60)
        place.session.post(PersonSpeaking(t=60.0, active=False))
        await place.until(65)
        assert "Take the pills" in [u.text for u in place.of(UtteranceStarted)]


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("berlin")
async def test_summer_time_begins_between_a_wish_and_its_hour() -> None:
    evening = datetime.fromisoformat("2026-03-28T22:00:00+01:00")
    async with home(started=evening) as place:
        place.session.request("remind me at half past three in the morning to look at the stars")
        place.session.request("remind me every day at eight in the morning to take the pills")
        await place.until(1)
        stars, pills = (w.next_due for w in place.session.watches)
        assert stars == datetime.fromisoformat("2026-03-29T03:30:00+02:00")
        assert pills == datetime.fromisoformat("2026-03-29T08:00:00+02:00")
        await place.until(4.5 * 3600 + 1)  # the night has an hour less
        assert any("stars" in d.text for d in place.decided() if d.reason == "a timer")


@pytest.mark.usefixtures("berlin")
@pytest.mark.parametrize(
    ("now", "over"),
    [
        ("2026-03-28T23:30:00+01:00", "2026-03-29T07:00:00+02:00"),
        ("2026-03-29T00:30:00+01:00", "2026-03-29T07:00:00+02:00"),
        ("2026-10-25T00:30:00+02:00", "2026-10-25T07:00:00+01:00"),
        ("2026-11-01T06:59:00+01:00", "2026-11-01T07:00:00+01:00"),
        ("2026-11-01T07:00:00+01:00", ""),
    ],
)
def test_quiet_hours_end_at_their_hour_also_when_summer_time_begins(now: str, over: str) -> None:
    until = quiet_until(Limits(quiet=(22 * 60, 7 * 60)), datetime.fromisoformat(now))
    assert until == (datetime.fromisoformat(over) if over else None)


@pytest.mark.usefixtures("berlin")
async def test_every_day_at_eight_stays_at_eight() -> None:
    async with home(started=datetime.fromisoformat("2026-10-24T07:59:00+02:00")) as place:
        place.session.request("remind me every day at eight in the morning to take the pills")
        await place.until(120)
        (watch,) = place.session.watches
        assert watch.fired == 1 and watch.next_due == datetime.fromisoformat("2026-10-25T08:00:00+01:00")


@pytest.mark.real_time
@pytest.mark.usefixtures("berlin")
async def test_a_live_clock_shows_the_time_of_the_zone_and_follows_the_machine() -> None:
    clock = Clock()
    assert abs(clock.wall() - wall_now()) < timedelta(seconds=1) and clock.follow() == timedelta(0)
    ahead = timedelta(hours=3)
    clock.machine = lambda: wall_now() + ahead
    assert abs(clock.follow() - ahead) < timedelta(seconds=1)
    assert abs(clock.wall() - wall_now() - ahead) < timedelta(seconds=1) and clock.follow() == timedelta(0)


# Hours.

WISHES = [
    "tell me when someone comes in",
    "tell me when someone leaves",
    "tell me when you see a coffee cup",
    "tell me when there is more than one person",
    "tell me when nobody is here",
    "tell me when anything moves",
    "tell me when the text changes",
    "count people aloud",
]
ASKED = ["what do you see?", "work out 17 percent of 2,340", "blah", "你看到了什么", "what are you watching for?"]
BUSY: list[tuple[PerceptKind, str]] = [
    ("arrived", "person"),
    ("text_changed", ""),
    ("motion_started", ""),
    ("arrived", "coffee cup"),
    ("left", "person"),
    ("motion_stopped", ""),
    ("left", "coffee cup"),
]


async def test_a_busy_stretch_leaves_nothing_behind_and_no_tick_is_late() -> None:
    seconds = 300
    happenings = [(2.0 * n, *BUSY[n % len(BUSY)]) for n in range(1, seconds // 2)]
    eyes = Eyes({t: [PerceptEvent(t, kind, label, text=f"Page {t}")] for t, kind, label in happenings})
    async with home(eyes=lambda: eyes, source=Stream(seconds, fps=2), voice=Speaker()) as place:
        for wish in WISHES:
            place.session.request(wish)
        for number in range(seconds // 10):
            place.session.request(ASKED[number % len(ASKED)])
            await place.until(10.0 * number + 10)
        gaps = [b.t - a.t for a, b in pairwise(ticks(place))]
        assert max(gaps) < 1.05 and len(gaps) > 290
        await place.until(seconds + 200)
        assert set(place.session.scope.names) <= {"timers", "keeping"}
        assert len(asyncio.all_tasks()) < 8 and len(place.session.inbox) == 0
        assert not place.session.talk.floor.waiting and place.of(Problem) == []


async def test_half_an_hour_of_nothing_has_no_words() -> None:
    async with home(source=Stream(1800, fps=1), voice=Speaker()) as place:
        for wish in WISHES:
            place.session.request(wish)
        await place.until(60)
        armed = len(place.decided())
        await place.until(1800)
        assert len(place.decided()) == armed and len(ticks(place)) > 1790
