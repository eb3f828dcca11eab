"""The page's WebSocket, with a scripted page on virtual time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.websockets import WebSocketDisconnect

from config import Settings
from interaction.clock import run_virtual
from interaction.events import Decision, LaneChanged, Problem, Recovered
from interaction.sessions import Sessions
from interaction.sources.browser import BrowserSource
from interaction.streams import Channel, TaskScope
from interaction.web.channel import BAD_MESSAGE, ENDED, NOT_STARTED, RESUME, TOO_FAST, PageChannel
from interaction.web.doors import Visitor
from interaction.web.messages import Unknown, parse
from tests.fakes_session import FakeSession


class Page:
    """A page at the other end of a socket. It takes nothing while `flowing` is not set."""

    def __init__(self) -> None:
        self.up: Channel[dict[str, Any]] = Channel(10_000)
        self.down: list[dict[str, Any]] = []
        self.closed: int | None = None
        self.flowing = asyncio.Event()
        self.flowing.set()

    def say(self, **message: Any) -> None:
        self.up.send({"type": "websocket.receive", "text": json.dumps(message)})

    def raw(self, **message: Any) -> None:
        self.up.send({"type": "websocket.receive", **message})

    def leave(self) -> None:
        self.up.send({"type": "websocket.disconnect"})

    def got(self, kind: str) -> list[dict[str, Any]]:
        return [message for message in self.down if message["type"] == kind]

    async def receive(self) -> dict[str, Any]:
        return await self.up.receive()

    async def send_text(self, data: str) -> None:
        await self.flowing.wait()
        if self.closed is not None:
            raise WebSocketDisconnect(1006)
        self.down.append(json.loads(data))

    async def close(self, code: int = 1000, reason: str | None = None) -> None:
        self.closed = code


class FakeMedia:
    def __init__(self) -> None:
        self.signs: list[tuple[str, str | None]] = []
        self.positions: list[float] = []
        self.ended: list[str] = []

    def alive(self, session: str, connection: str | None = None) -> None:
        self.signs.append((session, connection))

    def played(self, session: str, seconds: float) -> None:
        self.positions.append(seconds)

    def end(self, session: str) -> None:
        self.ended.append(session)


class House:
    """Sessions with fake sessions, and pages that come and go."""

    def __init__(self, folder: Path, make: Callable[[str, str], Any] | None = None, **values: Any) -> None:
        self.settings = Settings(_env_file=None, **values)
        self.made: list[FakeSession] = []
        self.media = FakeMedia()
        self.sessions = Sessions(self.settings, make or self._make)
        self.folder = folder
        self.scope = TaskScope(self._broke)
        self.faults: list[BaseException] = []

    def _make(self, id: str, person: str) -> FakeSession:
        self.made.append(FakeSession(id, person, self.folder, history=200, bound=100))
        return self.made[-1]

    async def open(self, id: str = "a", seq: int | None = None, language: str = "en") -> Page:
        """A page that said hello and was answered."""
        page = self.connect(id)
        page.say(type="hello", seq=seq, language=language)
        await settle()
        return page

    def connect(self, id: str = "a") -> Page:
        page = Page()
        channel = PageChannel(page, Visitor(id, id, "en"), self.sessions, self.media, self.settings)
        self.scope.spawn(f"page {len(self.scope.names)} {id}", channel.run())
        return page

    async def aclose(self) -> None:
        await self.scope.aclose()
        await self.sessions.aclose()
        assert not self.faults

    def _broke(self, name: str, error: BaseException) -> None:
        self.faults.append(error)


async def settle() -> None:
    await asyncio.sleep(0.01)


def decision(session: FakeSession) -> Decision:
    return Decision(t=session.clock.now(), lane="camera", action="silence", reason="nothing changed")


async def test_a_page_is_welcomed_with_the_state_and_then_gets_what_happens(tmp_path: Path) -> None:
    house = House(tmp_path)
    page = await house.open()
    session = house.made[0]
    session.post(decision(session))
    session.post(decision(session))
    await settle()
    welcome, first, second = page.down
    assert welcome["type"] == "welcome" and welcome["seq"] == 0 and welcome["gap"] is False
    assert welcome["started"] == session.clock.wall(0.0).isoformat()
    assert welcome["state"]["lanes"] == [] and welcome["alone"] is True
    assert (await house.open(seq=2)).down[0]["alone"] is False
    assert (first["type"], first["seq"], second["seq"]) == ("decision", 1, 2)
    await house.aclose()


async def test_a_page_that_comes_back_gets_exactly_what_it_missed(tmp_path: Path) -> None:
    house = House(tmp_path)
    page = await house.open()
    session = house.made[0]
    for _ in range(3):
        session.post(decision(session))
    await settle()
    page.leave()
    await settle()
    for _ in range(4):
        session.post(decision(session))
    again = await house.open(seq=3)
    session.post(decision(session))
    await settle()
    assert again.down[0]["gap"] is False
    assert [message["seq"] for message in again.got("decision")] == [4, 5, 6, 7, 8]
    assert len(house.made) == 1
    for _ in range(300):
        session.post(decision(session))
        await asyncio.sleep(0)
    late = await house.open(seq=3)
    assert late.down[0]["gap"] is True, "the house keeps 200 events"
    assert [m["seq"] for m in late.got("decision")] == list(range(109, 309))
    other = await house.open(seq=9999)
    assert other.down[0]["gap"] is True, "a number that was never given"
    await house.aclose()


async def test_each_command_has_its_effect(tmp_path: Path) -> None:
    house = House(tmp_path)
    page = await house.open()
    session = house.made[0]
    page.say(type="say", text="what do you see?")
    page.say(type="watch", op="add", wording="tell me when someone comes in")
    page.say(type="watch", op="edit", id="w1", urgent=True)
    for name in ("pause", "resume", "silence"):
        page.say(type=name)
    page.say(type="voice", on=False)
    for name in ("microphone", "talk", "wake"):
        page.say(type=name, on=True)
    page.say(type="verbosity", value="brief")
    page.say(type="cancel_task", task="t-1")
    page.say(type="areas", lane="door", zones=[{"name": "mat", "points": [[0, 0], [1, 0], [1, 1]]}], masks=[])
    page.say(type="source", op="add", url="rtsp://203.0.113.9/door", name="门口 2")
    page.say(type="source", op="pause", name="门口 2")
    page.say(type="playback", seconds=1.5)
    page.say(type="heartbeat", connection="c1")
    await settle()
    assert session.requests == ["what do you see?"]
    nothing = {"id": None, "wording": None, "urgent": None, "once": None}
    assert session.commands == [
        ("watch", {**nothing, "op": "add", "wording": "tell me when someone comes in"}),
        ("watch", {**nothing, "op": "edit", "id": "w1", "urgent": True}),
        ("pause", {}),
        ("resume", {}),
        ("silence", {}),
        ("voice", {"on": False}),
        ("microphone", {"on": True}),
        ("talk", {"on": True}),
        ("wake", {"on": True}),
        ("verbosity", {"value": "brief"}),
        ("cancel_task", {"task": "t-1"}),
        ("areas", {"lane": "door", "zones": [{"name": "mat", "points": [(0, 0), (1, 0), (1, 1)]}], "masks": []}),
        ("source", {"op": "pause", "name": "门口 2"}),
    ]
    assert list(session.lanes) == ["门口 2"]
    assert house.media.positions == [1.5]
    assert house.media.signs == [("a", "c1")]
    assert [message["type"] for message in page.down] == ["welcome", "pong"]
    await house.aclose()


async def test_what_cannot_be_done_is_refused_in_the_page_s_language_and_ends_nothing(tmp_path: Path) -> None:
    house = House(tmp_path)
    page = await house.open(language="zh")
    page.say(type="say", text="好" * 2001)
    page.say(type="watch", op="pause", id="missing")
    page.say(type="watch", op="pause", id="broken")
    page.say(type="source", op="add", url="file:///etc/passwd", name="x")
    page.say(type="source", op="add", url="rtsp://203.0.113.9/", name="Camera")
    page.say(type="dance")
    page.raw(text="{")
    page.say(type="hello", seq=None)
    page.say(type="heartbeat")
    await settle()
    refused = page.got("refused")
    assert len(refused) == 8
    assert all(message["message"] for message in refused)
    assert "2000" in refused[0]["message"] and "超过" in refused[0]["message"]
    assert refused[1]["advice"] == "请从列表里选。"
    assert "ZeroDivision" not in str(refused[2])
    assert "passwd" not in str(refused[3])
    assert page.got("pong"), "the channel goes on"
    assert house.made[0].requests == [] and house.made[0].lanes == {}
    await house.aclose()


async def test_what_the_browser_could_get_becomes_events(tmp_path: Path) -> None:
    house = House(tmp_path)
    page = await house.open(language="zh")
    session = house.made[0]
    page.say(type="media", what="camera", state="refused", detail="NotAllowedError")
    page.say(type="media", what="microphone", state="none")
    page.say(type="media", what="microphone", state="ok")
    page.say(type="media", what="microphone", state="ok")
    await settle()
    camera, microphone, back = session.posted
    assert isinstance(camera, Problem) and camera.where == "camera" and "摄像头" in camera.message.zh
    assert camera.kept and camera.advice
    assert isinstance(microphone, Problem) and microphone.where == "microphone"
    assert isinstance(back, Recovered) and back.where == "microphone"
    session.add_lane(BrowserSource())
    page.say(type="media", what="camera", state="lost")
    page.say(type="media", what="camera", state="ok")
    await settle()
    states = [event.state for event in session.posted if isinstance(event, LaneChanged)]
    assert states == ["down", "watching"]
    await house.aclose()


async def test_whoever_does_not_say_hello_is_shown_out(tmp_path: Path) -> None:
    house = House(tmp_path)
    silent, rude, binary, large = (house.connect() for _ in range(4))
    rude.say(type="say", text="hello")
    binary.raw(bytes=b"\x00\x01", text=None)
    large.raw(text='{"type":"hello","language":"' + "e" * 70_000 + '"}')
    await asyncio.sleep(11)
    assert [page.closed for page in (silent, rude, binary, large)] == [BAD_MESSAGE] * 4
    assert not house.made
    await house.aclose()


async def test_a_message_over_the_limit_ends_the_channel_and_nothing_else(tmp_path: Path) -> None:
    house = House(tmp_path)
    page = await house.open()
    page.raw(text=json.dumps({"type": "say", "text": "好" * 30_000}, ensure_ascii=False))
    await settle()
    assert page.closed == BAD_MESSAGE
    assert house.made[0].requests == [] and not house.made[0].finished
    await house.aclose()


async def test_too_many_commands_are_refused_once_and_a_flood_is_closed(tmp_path: Path) -> None:
    house = House(tmp_path, web={"commands_per_s": 10, "command_burst": 20})
    page = await house.open()
    for _ in range(30):
        page.say(type="say", text="again")
    await settle()
    assert len(house.made[0].requests) == 20
    assert len(page.got("refused")) == 1
    await asyncio.sleep(1)
    for _ in range(5):
        page.say(type="say", text="again")
    await settle()
    assert len(house.made[0].requests) == 25
    for _ in range(300):
        page.say(type="say", text="again")
    await settle()
    assert page.closed == TOO_FAST
    await house.aclose()


async def test_a_slow_page_is_closed_and_resumes_where_it_was(tmp_path: Path) -> None:
    house = House(tmp_path)
    page = await house.open()
    session = house.made[0]
    session.post(decision(session))
    await settle()
    page.flowing.clear()
    session.post(decision(session))
    await asyncio.sleep(6)
    assert page.closed == RESUME
    again = await house.open(seq=page.got("decision")[-1]["seq"])
    assert [message["seq"] for message in again.got("decision")] == [2]
    await house.aclose()


async def test_a_page_that_falls_behind_the_bound_resumes(tmp_path: Path) -> None:
    house = House(tmp_path)
    page = await house.open()
    session = house.made[0]
    for _ in range(150):
        session.post(decision(session))
    await settle()
    assert page.closed == RESUME
    again = await house.open(seq=len(page.got("decision")))
    assert len(page.got("decision")) + len(again.got("decision")) == 150
    await house.aclose()


async def test_a_page_that_vanishes_while_it_is_told_something_is_no_fault(tmp_path: Path) -> None:
    house = House(tmp_path)
    page = await house.open()
    page.closed = 1006
    house.made[0].post(decision(house.made[0]))
    await settle()
    assert house.scope.names == [] and house.sessions.pages("a") == 0
    await house.aclose()


async def test_mute_reaches_all_pages_of_the_session(tmp_path: Path) -> None:
    house = House(tmp_path)
    one, two, other = [await house.open(id) for id in ("a", "a", "b")]
    house.sessions.tell("a", {"type": "mute", "ms": 400})
    await settle()
    assert [len(page.got("mute")) for page in (one, two, other)] == [1, 1, 0]
    await house.aclose()


def places(page: Page) -> list[int]:
    return [message["place"] for message in page.got("full")]


async def pass_time(house: House, seconds: int, *pages: Page) -> None:
    """Seconds go by, with heartbeats of these pages and the house's sweeping."""
    for _ in range(seconds):
        for page in pages:
            page.say(type="heartbeat")
        await asyncio.sleep(1)
        house.sessions.sweep()


async def test_a_full_house_says_the_place_and_lets_in_when_there_is_one(tmp_path: Path) -> None:
    house = House(tmp_path, web={"sessions": 1})
    first = await house.open("a")
    second, third = await house.open("b"), await house.open("c", language="zh")
    assert [places(page) for page in (second, third)] == [[1], [2]]
    assert "yours is number 1" in second.down[0]["message"] and "goes on by itself" in second.down[0]["advice"]
    assert "您排在第 2 位" in third.down[0]["message"]
    second.say(type="say", text="tell me when someone comes in")
    second.raw(text="[[[")
    await settle()
    assert [message["message"] for message in second.got("refused")] == [second.down[0]["message"]]
    second.leave()
    await pass_time(house, 12, first, third)
    assert places(third) == [2, 1] and not third.got("welcome")
    first.leave()
    await pass_time(house, 12, third)
    assert third.got("welcome") and len(house.made) == 2
    await house.aclose()


async def test_a_page_that_its_browser_lets_sleep_keeps_its_place_and_comes_in(tmp_path: Path) -> None:
    house = House(tmp_path, web={"sessions": 1})
    first = await house.open("a")
    asleep, later = await house.open("b"), await house.open("c")
    await pass_time(house, 300, first, later)
    assert places(asleep) == [1] and places(later) == [2], "told once, and kept"
    assert len(asleep.got("pong")) > 250, "a page that wakes must not think that the line is dead"
    first.leave()
    await pass_time(house, 12, later)
    assert asleep.got("welcome") and places(later) == [2, 1]
    await house.aclose()


async def test_a_reload_in_the_queue_keeps_the_place(tmp_path: Path) -> None:
    house = House(tmp_path, web={"sessions": 1})
    first = await house.open("a")
    second, third = await house.open("b"), await house.open("c")
    second.leave()
    await pass_time(house, 3, first, third)
    again = await house.open("b")
    assert places(again) == [1] and places(third) == [2]
    await house.aclose()


async def test_a_heartbeat_without_a_name_counts_only_while_there_is_one_page(tmp_path: Path) -> None:
    house = House(tmp_path)
    one = await house.open()
    one.say(type="heartbeat")
    await settle()
    other = await house.open()
    other.say(type="heartbeat")
    one.say(type="heartbeat", connection="c1")
    await settle()
    assert house.media.signs == [("a", None), ("a", "c1")]
    assert other.got("pong")
    await house.aclose()


async def test_a_reloaded_page_lets_go_of_the_camera_of_the_old_one(tmp_path: Path) -> None:
    house = House(tmp_path)
    first = await house.open()
    house.media.ended.clear()
    second = await house.open()
    assert house.media.ended == [], "a second tab leaves the first one's camera alone"
    first.leave()
    second.leave()
    await settle()
    await house.open(seq=0)
    assert house.media.ended == [], "a page that only lost its line keeps its camera"
    reloaded = House(tmp_path)
    (await reloaded.open()).leave()
    await settle()
    reloaded.media.ended.clear()
    await reloaded.open()
    assert reloaded.media.ended == ["a"]
    await house.aclose()
    await reloaded.aclose()


async def test_stop_ends_the_session_and_its_media(tmp_path: Path) -> None:
    house = House(tmp_path)
    page = await house.open()
    house.media.ended.clear()
    page.say(type="stop")
    await settle()
    assert page.closed == ENDED
    assert house.made[0].finished and house.media.ended == ["a"]
    await house.aclose()


async def test_a_session_that_cannot_be_made_is_said_plainly(tmp_path: Path) -> None:
    def fail(id: str, person: str) -> FakeSession:
        raise OSError("no space left")

    house = House(tmp_path, make=fail)
    page = await house.open()
    assert page.closed == NOT_STARTED
    assert page.got("refused")[0]["advice"] and "no space" not in str(page.down)
    await house.aclose()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
TYPES = st.sampled_from(
    [
        "hello",
        "say",
        "watch",
        "pause",
        "resume",
        "stop",
        "silence",
        "voice",
        "microphone",
        "language",
        "verbosity",
        "cancel_task",
        "source",
        "media",
        "playback",
        "heartbeat",
        "welcome",
        "__proto__",
    ]
)
NAMES = st.sampled_from(
    [
        "op",
        "id",
        "wording",
        "urgent",
        "once",
        "on",
        "value",
        "task",
        "url",
        "name",
        "what",
        "state",
        "detail",
        "seconds",
        "seq",
        "text",
    ]
)
NEARLY = st.builds(lambda kind, rest: {**rest, "type": kind}, TYPES, st.dictionaries(NAMES, JSON, max_size=4))


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=200) | (JSON | NEARLY).map(json.dumps))
def test_anything_a_page_may_send_is_either_understood_or_refused(text: str) -> None:
    try:
        command = parse(text)
    except Unknown as unknown:
        assert len(str(unknown)) < 200
    else:
        assert command.type in text


def test_a_storm_of_nonsense_leaves_the_channel_alive(tmp_path: Path) -> None:
    async def storm(messages: list[dict[str, Any]]) -> None:
        house = House(tmp_path, web={"command_burst": 1000, "commands_per_s": 1000})
        page = await house.open()
        for message in messages:
            page.raw(text=json.dumps(message))
        page.say(type="heartbeat")
        await settle()
        stopped = any(message.get("type") == "stop" and len(message) == 1 for message in messages)
        assert stopped or page.got("pong")
        await house.aclose()

    @settings(max_examples=30, deadline=None)
    @given(st.lists(NEARLY, max_size=30))
    def run(messages: list[dict[str, Any]]) -> None:
        run_virtual(storm(messages))

    run()
