"""A shared screen is a lane of its own beside the camera: over real WebRTC, and in what is said of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from interaction.events import LaneChanged
from interaction.intents import AddWatch, Intent, SourceOrder
from interaction.sources.browser import BrowserSource
from interaction.understanding import about_lane, understand
from interaction.whereabouts import placed
from tests.expected_intents import NOW, WATCHES
from tests.house import Eyes, Stream, home, saw
from tests.webrtc_client import Camera, House, Tone, Visitor, until

RED, BLUE = (0, 0, 220), (220, 0, 0)  # BGR
LANES = ("camera", "screen", "kitchen")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with House(tmp_path_factory.mktemp("house"), web={"sessions": 20, "kept": 30}).open() as opened:
        yield opened


def ended(session: Any, lane: str) -> list[LaneChanged]:
    return [e for e in session.posted if isinstance(e, LaneChanged) and (e.lane, e.state) == (lane, "ended")]


@pytest.mark.real_time
async def test_screen_and_camera_are_two_lanes_and_end_apart(house: House) -> None:
    visitor = Visitor(house)
    session = await visitor.enter()
    await visitor.start_media(Camera(RED), Tone(440))
    await visitor.share_screen(Camera(BLUE, (480, 240)))
    await until(lambda: len(session.frames) > 10 and len({frame.image.shape for frame in session.frames}) == 2)
    assert set(session.lanes) == {"camera", "screen"} and len(session.sinks) == 1
    for frame in session.frames[5:]:
        colour = BLUE if frame.image.shape == (240, 480, 3) else RED
        assert np.abs(frame.image.mean(axis=(0, 1)) - colour).max() < 20, "neither is taken for the other"

    await visitor.say(type="media", what="screen", state="off")
    await until(lambda: "screen" not in session.lanes)
    assert ended(session, "screen") and not ended(session, "camera") and session.sinks
    await until(lambda: visitor.screen not in house.media._stream.pcs)
    count = len(session.frames)
    await until(lambda: len(session.frames) > count + 3)

    await visitor.share_screen(Camera(BLUE))  # and again
    await until(lambda: "screen" in session.lanes)
    await visitor.say(type="stop")
    await until(lambda: session.finished and not house.media._of(session.id))
    await visitor.leave()


@pytest.mark.real_time
async def test_a_screen_whose_page_is_gone_ends_by_itself(house: House) -> None:
    visitor, other = Visitor(house), Visitor(house)
    session, kept = await visitor.enter(), await other.enter()
    for one in (visitor, other):
        await one.start_media(Camera(RED))
        await one.share_screen(Camera(BLUE))
    house.skip(8)
    await visitor.say(type="heartbeat", connection=visitor.connection)
    await other.say(type="heartbeat", connection=other.connection, screen=other.screen)
    await until(lambda: all(any(m["type"] == "pong" for m in one.told) for one in (visitor, other)))
    house.skip(3)
    await until(lambda: "screen" not in session.lanes)
    assert "camera" in session.lanes and set(kept.lanes) == {"camera", "screen"}
    assert other.screen_peer
    await other.screen_peer.close()  # the browser's own end of it is noticed without any heartbeat
    await until(lambda: "screen" not in kept.lanes)
    assert ended(kept, "screen")[-1].detail == "the connection ended" and "camera" in kept.lanes
    for one in (visitor, other):
        await one.leave()


@pytest.mark.real_time
async def test_whoever_shares_is_told_when_the_lane_is_removed_or_another_tab_shares(house: House) -> None:
    visitor = Visitor(house)
    session = await visitor.enter()
    await visitor.share_screen(Camera(BLUE))
    first, first_peer = visitor.screen, visitor.screen_peer
    await visitor.share_screen(Camera(RED))
    assert {"type": "replaced", "connection": first} in visitor.told and "screen" in session.lanes
    source = session.lanes["screen"]
    assert isinstance(source, BrowserSource)
    await house.inside(source.close)  # as `Lane.aclose` does: "stop sharing the screen", or Remove in another tab
    await until(lambda: {"type": "replaced", "connection": visitor.screen} in visitor.told)
    assert "screen" not in session.lanes
    assert first_peer
    await first_peer.close()
    await visitor.leave()


@pytest.mark.real_time
async def test_a_screen_is_pictures_alone_and_only_of_bounded_size(house: House) -> None:
    visitor = Visitor(house)
    session = await visitor.enter()
    await visitor.start_media(Camera(RED))
    assert visitor.peer
    sound = {"sdp": visitor.peer.localDescription.sdp, "type": "offer", "lane": "screen"}
    for body in (sound, sound | {"lane": "door"}):
        assert (await visitor.http.post("/api/offer", json=body)).status_code == 400
    await visitor.share_screen(Camera(BLUE, (2048, 256)))
    await until(lambda: "screen" in session.problems)
    assert "1920" in session.problems["screen"].message and "camera" in session.lanes
    await visitor.say(type="source", op="add", url="http://192.0.2.1/x", name="Screen")
    await until(lambda: any(m["type"] == "refused" for m in visitor.told))
    await visitor.leave()


def meant(text: str, lanes: tuple[str, ...] = LANES) -> list[Intent]:
    return understand(text, "en", now=NOW, watches=WATCHES, lanes=lanes)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("tell me when the screen says DONE", "text_says"),
        ("when it says Next on the screen, tell me step 2", "text_says"),
        ("tell me when the text on my screen changes", "text_changes"),
        ("tell me when anything moves on the screen", "moves"),
        ("tell me when there is a person on the screen", "sees"),
        ("屏幕上出现完成的时候告诉我", "text_says"),
        ("屏幕上的字变了告诉我", "text_changes"),
        ("屏幕上有变化告诉我", "changes"),
        ("屏幕上有人的时候告诉我", "sees"),
    ],
)
def test_on_the_screen_binds_a_watch_to_the_shared_screen(text: str, kind: str) -> None:
    (watch,) = meant(text)
    assert isinstance(watch, AddWatch) and watch.condition
    assert (watch.source, watch.condition.kind) == ("screen", kind)
    without = [one for one in meant(text, ("camera", "kitchen")) if isinstance(one, AddWatch)]
    assert all(one.source is None for one in without), "while none is shared it is about any picture"


@pytest.mark.parametrize("text", ["tell me when someone looks at the screen", "有人看屏幕的时候告诉我"])
def test_who_looks_at_the_screen_is_not_on_it(text: str) -> None:
    (watch,) = meant(text)
    assert isinstance(watch, AddWatch) and watch.source is None


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        ("pause the screen", "pause"),
        ("stop sharing the screen", "remove"),
        ("stop sharing my screen", "remove"),
        ("remove the screen", "remove"),
        ("暂停屏幕", "pause"),
        ("停止共享屏幕", "remove"),
        ("别共享屏幕了", "remove"),
    ],
)
def test_the_screen_is_paused_and_removed_by_word(text: str, verb: Any) -> None:
    assert meant(text) == [SourceOrder(verb, "screen")]


def test_a_question_may_be_about_the_screen() -> None:
    for text in ("what is on the screen?", "what does the screen say?", "屏幕上有什么？", "读一下屏幕上的字"):
        assert about_lane(text, LANES, NOW) == "screen", text
    assert about_lane("what do you see?", LANES, NOW) is None
    assert placed("DONE.", "screen", "zh") == "你的屏幕：DONE."


async def test_what_happens_on_the_screen_is_told_with_its_place() -> None:
    async with home(
        source=Stream(40, lane="camera", live=True), eyes=lambda: Eyes(dict([saw(5.0, "arrived")]))
    ) as place:
        place.session.add_lane(Stream(40, lane="screen", live=True))
        place.session.request("tell me when someone appears on the screen")
        await place.until(9)
        alerts = [decision.text for decision in place.decided() if decision.watch and decision.lane]
        assert alerts == ["Someone just came in, on the left, on your screen."]
        place.session.request("停止共享屏幕")
        await place.until(12)
        assert list(place.session.lanes) == ["camera"] and place.texts()[-1] == "不再看屏幕了。"
        assert [watch.source for watch in place.session.watches] == ["screen"], "it waits for the next time"
