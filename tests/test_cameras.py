"""Sources by name: what is said in both languages, and what a session with several of them does and says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from config import Settings
from interaction import cameras
from interaction.events import Decision, LaneChanged, WatchChanged
from interaction.intents import AddWatch, Control, Intent, Question, SourceOrder
from interaction.services import CommandRefused
from interaction.sources.base import FrameSource, SourceError
from interaction.understanding import about_lane, understand
from interaction.whereabouts import place, placed
from tests.expected_intents import NOW, WATCHES
from tests.house import Eyes, Home, Stream, home, saw

LANES = ("kitchen", "front door", "厨房")
CAMERAS = ("Garage", "Front-Door", "camera 2", "车库")

ORDERS: list[tuple[str, SourceOrder]] = [
    ("Add the garage camera.", SourceOrder("add", "Garage")),
    ("please add the garage", SourceOrder("add", "Garage")),
    ("Hey Lookout, connect the garage camera, please", SourceOrder("add", "Garage")),
    ("add camera two", SourceOrder("add", "camera 2")),
    ("turn on the garage camera", SourceOrder("add", "Garage")),
    ("turn the garage camera on", SourceOrder("add", "Garage")),
    ("add the attic camera", SourceOrder("add", "attic")),
    ("add a camera", SourceOrder("add", "")),
    ("remove the kitchen camera", SourceOrder("remove", "kitchen")),
    ("disconnect the kitchen", SourceOrder("remove", "kitchen")),
    ("pause the kitchen camera", SourceOrder("pause", "kitchen")),
    ("pause the front door", SourceOrder("pause", "front door")),
    ("stop watching the kitchen camera", SourceOrder("pause", "kitchen")),
    ("turn off the kitchen camera", SourceOrder("pause", "kitchen")),
    ("resume the kitchen camera", SourceOrder("resume", "kitchen")),
    ("continue watching the front door", SourceOrder("resume", "front door")),
    ("添加车库的摄像头", SourceOrder("add", "车库")),
    ("加上車庫攝像頭", SourceOrder("add", "车库")),
    ("把车库的摄像头加上", SourceOrder("add", "车库")),
    ("打开车库摄像头", SourceOrder("add", "车库")),
    ("打开阁楼的摄像头", SourceOrder("add", "阁楼")),
    ("移除厨房的摄像头", SourceOrder("remove", "厨房")),
    ("把厨房的摄像头去掉", SourceOrder("remove", "厨房")),
    ("暂停厨房的摄像头", SourceOrder("pause", "厨房")),
    ("关掉厨房的摄像头", SourceOrder("pause", "厨房")),
    ("继续看厨房", SourceOrder("resume", "厨房")),
]
QUESTIONS = (
    "which cameras are there?", "What cameras do you have?", "what sources can I add?", "list all the cameras",
    "which cameras are you watching?", "how many cameras are there?", "有哪些摄像头？", "你现在有什么摄像头？",
    "哪些摄像头可以用？",
)  # fmt: skip


def meant(text: str) -> list[Intent]:
    return understand(text, "en", now=NOW, watches=WATCHES, lanes=LANES, cameras=CAMERAS)


@pytest.mark.parametrize(("text", "order"), ORDERS)
def test_an_order_to_a_source_is_understood(text: str, order: SourceOrder) -> None:
    assert meant(text) == [order]


def test_questions_for_the_sources_are_understood() -> None:
    made = [meant(text) for text in QUESTIONS]
    assert [[type(one), getattr(one, "kind", "")] for (one,) in made] == [[Question, "sources"]] * len(QUESTIONS)


@pytest.mark.parametrize(
    "text",
    [
        "pause", "pause the camera", "continue", "stop watching for people", "turn on the lights", "add 2 and 3",
        "stop", "暂停", "继续看", "关掉声音", "取消", "暂停监控", "remove the cup watch", "use another voice", "打开灯",
        "tell me when someone turns on the kitchen light", "stop watching", "换个声音", "删除记忆",
        "turn on the camera",
    ],
)  # fmt: skip
def test_what_only_sounds_like_it_is_left_to_others(text: str) -> None:
    assert not any(isinstance(intent, SourceOrder) for intent in meant(text))


def test_a_watch_and_a_control_go_on_as_before() -> None:
    assert isinstance(meant("tell me when someone comes into the kitchen")[0], AddWatch)
    assert meant("pause the camera") == [Control("pause")]


@pytest.mark.parametrize(
    ("text", "lane"),
    [
        ("what do you see in the kitchen?", "kitchen"),
        ("what does the front door camera show?", "front door"),
        ("how many people are in the kitchen?", "kitchen"),
        ("厨房里有什么？", "厨房"),
        ("what do you see?", None),
    ],
)
def test_a_question_may_name_its_source(text: str, lane: str | None) -> None:
    assert about_lane(text, LANES, NOW) == lane


@pytest.mark.parametrize(
    ("text", "lane", "language", "last", "said"),
    [
        ("Someone just came in, on the left.", "kitchen", "en", True, "Someone just came in, on the left, in the "
         "kitchen."),
        ("Someone just came in.", "Front-Door", "en", True, "Someone just came in, at the front door."),
        ("Something is moving.", "Studio 4", "en", True, "Something is moving, on Studio 4."),
        ("It says: EXIT", "hall", "en", True, "In the hall: It says: EXIT"),
        ("I can see a cup. It is dark.", "camera", "en", False, "On your camera: I can see a cup. It is dark."),
        ("有人进来了。", "厨房", "zh", True, "厨房：有人进来了。"),
        ("有人进来了。", "camera", "zh", True, "你的摄像头：有人进来了。"),
    ],
)  # fmt: skip
def test_where_it_is_is_said_with_it(text: str, lane: str, language: str, last: bool, said: str) -> None:
    assert placed(text, lane, language, last=last) == said
    assert place("living_room", "en") == "in the living room"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("tell me when someone comes into the garage", "garage"),
        ("for the next hour tell me right away when someone enters our garage", "garage"),
        ("if someone is in the living room, let me know", "living room"),
        ("count the people in the back yard", "back yard"),
        ("tell me when a person is at the gate", "gate"),
        ("车库有人的时候告诉我", "车库"),
        ("有人进入车库就告诉我", "车库"),
        ("tell me when someone comes into the kitchen", ""),
        ("tell me when someone comes in", ""),
        ("tell me when someone comes in the door", ""),
        ("tell me when someone comes in in the morning", ""),
        ("tell me when someone comes in at five o'clock", ""),
        ("tell me when someone is at the table", ""),
        ("tell me when a cup is on the table", ""),
        ("tell me when the cat is in the box", ""),
        ("tell me when someone comes into the picture", ""),
        ("tell me when someone comes into the room", ""),
        ("tell me when someone comes into the game", ""),
        ("tell me when someone gets into the bed", ""),
        ("tell me when someone is near the groom", ""),
        ("tell me when someone comes in from the street", ""),
        ("tell me when something changes on the screen", ""),
        ("tell me when it says meet me in the garage", ""),
        ("tell me when someone is at the step", ""),
        ("tell me when someone comes into the attic", ""),
        ("有人进门的时候告诉我", ""),
        ("房间里有人告诉我", ""),
        ("厨房有人的时候告诉我", ""),
    ],
)
def test_a_place_that_no_source_is_is_known_as_one(text: str, place: str) -> None:
    for lanes, unknown in ((LANES, place), (("kitchen",), ""), (("camera", "screen"), "")):
        (wish,) = understand(text, "en", now=NOW, lanes=lanes, zones=("step",), cameras=("Attic",))
        assert isinstance(wish, AddWatch) and wish.nowhere == unknown


@pytest.mark.parametrize(
    ("text", "names", "bound"),
    [
        ("tell me when someone is at the door", ("front door", "kitchen"), "front door"),
        ("say open the door when someone is at the door", ("front door", "kitchen"), "front door"),
        ("门口有人的时候告诉我", ("前门", "厨房"), "前门"),
        ("tell me when someone is at the door", ("front door", "back door"), None),
        ("tell me when someone is at the door", ("doorbell", "kitchen"), None),
    ],
)
def test_a_part_of_one_name_binds_to_it(text: str, names: tuple[str, ...], bound: str | None) -> None:
    (lane,) = understand(text, "en", now=NOW, lanes=names)
    assert isinstance(lane, AddWatch) and lane.source == bound and bool(lane.nowhere) == (bound is None)
    (zone,) = understand(text, "en", now=NOW, lanes=("a", "b"), zones=names)
    assert isinstance(zone, AddWatch) and zone.condition and zone.condition.zone == (bound or "")
    assert "front" not in (lane.say or "")


CONFIGURED = [
    {"name": "garage", "url": "rtsp://admin:s3cret@192.168.1.9/"},
    {"name": "door", "url": "rtsp://192.168.1.8/", "masks": [[[0, 0], [1, 0], [1, 1]]]},
]


@asynccontextmanager
async def rooms(monkeypatch: pytest.MonkeyPatch, *sources: FrameSource, **more: Any) -> AsyncIterator[Home]:
    """A session with these sources, and scripted ones behind the configured names."""

    def opened(camera: Any, settings: Settings) -> FrameSource:
        return Stream(3600, lane=camera.name, live=True)

    monkeypatch.setattr(cameras, "open_camera", opened)
    async with home(settings=Settings(_env_file=None, cameras=CONFIGURED), **more) as place:
        for source in sources:
            place.session.add_lane(source)
        yield place


async def test_sources_are_added_paused_and_removed_by_word(monkeypatch: pytest.MonkeyPatch) -> None:
    async with rooms(monkeypatch) as place:
        session = place.session
        said: list[str] = []
        for t, words in enumerate(
            (
                "add the garage camera",
                "which cameras are there?",
                "pause the garage camera",
                "pause the garage",
                "resume the garage camera",
                "add the attic camera",
                "remove the garage camera",
                "有哪些摄像头？",
            )
        ):
            session.request(words)
            await place.until(10.0 * t + 5)
            said = place.texts()
        assert said == [
            "All right, I'm connecting to the garage.",
            "I'm watching: garage. You can add: door.",
            "Paused: the garage.",
            "The garage is paused already.",
            "Watching the garage again.",
            "I know no source named attic. I'm watching: garage. You can add: door.",
            "I no longer watch the garage.",
            "可以加上：garage、door。",
        ]
        assert not session.lanes
        assert [event.state for event in place.of(LaneChanged)][-1] == "ended"
        assert "s3cret" not in str(session.snapshot()) + str(place.events)


async def test_the_page_adds_a_configured_source_and_is_refused_an_unknown_one(monkeypatch: pytest.MonkeyPatch) -> None:
    async with rooms(monkeypatch) as place:
        session = place.session
        session.command("source", op="add", name="garage")
        assert list(session.lanes) == ["garage"] and session.snapshot()["cameras"] == ["garage", "door"]
        with pytest.raises(CommandRefused) as refused:
            session.command("source", op="add", name="attic")
        assert refused.value.advice == "There are: garage, door."


async def test_why_a_source_was_refused_is_shown_and_not_spoken(monkeypatch: pytest.MonkeyPatch) -> None:
    async with rooms(monkeypatch) as place:
        session = place.session
        opened = cameras.open_camera

        def broken(camera: Any, settings: Settings) -> FrameSource:
            raise SourceError("libav: no such protocol")

        monkeypatch.setattr(cameras, "open_camera", broken)
        session.request("add the garage camera")
        await place.until(4)
        assert place.texts() == ["That did not work with the garage; the page says why."]
        assert session.problems["source garage"].message == "libav: no such protocol"
        monkeypatch.setattr(cameras, "open_camera", opened)
        session.request("add the garage camera")
        await place.until(8)
        assert "garage" in session.lanes and not session.problems


async def test_of_two_rooms_each_alert_says_where_and_neither_hides_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    two = [Stream(40, lane=name, live=True) for name in ("kitchen", "front door")]
    async with rooms(monkeypatch, *two, eyes=lambda: Eyes(dict([saw(5.0, "arrived")]))) as place:
        place.session.request("tell me when someone comes in")
        await place.until(9)
        alerts = [decision.text for decision in place.decided() if decision.watch and decision.lane]
        assert sorted(alerts) == [
            "Someone just came in, on the left, at the front door.",
            "Someone just came in, on the left, in the kitchen.",
        ]
        place.session.request("what do you see?")
        await place.until(12)
        answers = [decision.text for decision in place.of(Decision) if decision.reason == "the person asked"]
        assert {text.partition(":")[0] for text in answers} == {"In the kitchen", "At the front door"}
        place.session.request("how many people are in the kitchen?")
        await place.until(20)
        assert place.texts()[-1].startswith("In the kitchen: ") and len(place.texts()) == 6


async def test_a_place_that_is_none_of_several_sources_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    two = [Stream(90, lane=name, live=True) for name in ("kitchen", "front door")]
    async with rooms(monkeypatch, *two) as place:
        for t, words in enumerate(("tell me when someone comes into the cellar", "车库有人的时候告诉我")):
            place.session.request(words)
            await place.until(10.0 * t + 8)
        place.session.remove_lane("front door")
        place.session.request("tell me when someone leaves the cellar")
        await place.until(28)
        assert place.texts() == [
            "I'll tell you when someone comes in. I know no cellar; I look at all sources.",
            "好，看到人我就告诉你。没有叫车库的来源或区域，所有来源我都看。",
            "I'll tell you when someone leaves.",
        ]


async def test_of_two_that_a_place_may_be_none_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    two = [Stream(40, lane=name, live=True) for name in ("back gate", "front gate")]
    async with rooms(monkeypatch, *two) as place:
        place.session.request("tell me when someone is at the gate")
        await place.until(8)
        assert place.texts() == [
            "I'll tell you when someone is in view. More than one may be the gate; I look at all sources."
        ]


async def test_a_watch_waits_for_its_source_and_goes_on_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    there = saw(0.0, "arrived")
    scripts = iter(({}, {}, dict([there])))
    async with rooms(
        monkeypatch,
        Stream(90, lane="garage", live=True),
        Stream(90, lane="door", live=True),
        eyes=lambda: Eyes(next(scripts)),
    ) as place:
        session = place.session
        session.request("tell me when you see a person in the garage")
        await place.until(8)
        cameras.remove(session, "garage")
        for t, words in enumerate(("what are you watching for?", "你在留意什么？")):
            session.request(words)
            await place.until(8.0 * t + 16)
        session.add_lane(Stream(90, lane="Garage", live=True))
        await place.until(32)
        session.request("what are you watching for?")
        await place.until(40)
        assert place.texts() == [
            "I'll tell you when someone is in view on “garage”.",
            "I'm watching for this: Someone is in view (waits for the garage).",
            "我在留意：Someone is in view（在等来源“garage”）。",
            "I can see a person, in the garage.",
            "I'm watching for this: Someone is in view.",
        ]
        (watch,) = session.watches
        assert watch.source == "Garage" and place.of(WatchChanged)[-2].watch["source"] == "Garage"


async def test_of_one_source_nothing_says_where(monkeypatch: pytest.MonkeyPatch) -> None:
    eyes = Eyes(dict([saw(5.0, "arrived")]))
    async with rooms(monkeypatch, Stream(40, lane="kitchen", live=True), eyes=lambda: eyes) as place:
        place.session.request("say hello when someone comes in")
        place.session.request("tell me when someone comes in")
        await place.until(9)
        assert not any("kitchen" in text for text in place.texts())
