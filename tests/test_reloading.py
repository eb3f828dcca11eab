"""SIGHUP: the watch file is read again while its session goes on; only what it says otherwise is touched."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from config import Camera, Settings
from interaction.clock import wall_now
from interaction.events import LaneChanged
from interaction.observers.embedded import EmbeddedObserver
from interaction.outlets.alerting import Alerting
from interaction.services import Services
from interaction.session import Session
from interaction.sources.base import FrameSource
from interaction.unattended.reloading import Reloading, on_hangup, reader
from interaction.unattended.resident import Resident
from tests.house import START, Eyes, Home, Stream
from tests.webrtc_client import until

BASE: dict[str, Any] = {"cameras": [{"name": "garage", "url": "http://192.168.1.30/"}]}
FIRST = """\
sources:
  - {name: door, url: "http://192.168.1.20/"}
  - {name: kitchen, url: "http://192.168.1.21/", zones: [{name: stove, points: [[0, 0], [1, 0], [1, 1]]}]}
watches:
  - tell me when someone comes in
  - {say: tell me when anything moves, source: door}
  - tell me when someone is at the stove
"""


@dataclass
class Watched:
    """A resident session, its file, and what was told. `opened`: names of sources, in order."""

    path: Path
    place: Home
    reloading: Reloading
    resident: Resident
    told: list[str] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    pages: list[dict[str, Any]] = field(default_factory=list)
    adopted: list[Settings] = field(default_factory=list)

    @property
    def session(self) -> Session:
        return self.place.session

    async def write(self, text: str) -> bool:
        await asyncio.to_thread(self.path.write_text, text)
        for mine in (self.told, self.opened):
            mine.clear()
        done = await self.reloading.reload()
        await asyncio.sleep(1.0)
        return done

    def watches(self) -> dict[str, str]:
        return {watch.wording: watch.state for watch in self.session.watches}


@asynccontextmanager
async def watched(folder: Path, text: str = FIRST, **more: Any) -> AsyncIterator[Watched]:
    path = folder / "watch.yaml"
    path.write_text(text)
    read = reader(path, Settings(_env_file=None, **BASE), {"PASSWORD": "s3cret"})
    plan, over = read()
    told: list[str] = []
    opened: list[str] = []

    def opening(camera: Camera, settings: Settings) -> FrameSource:
        opened.append(camera.name)
        return Stream(36_000, lane=camera.name, live=True)

    resident = Resident(plan, told.append, opening)
    observer = EmbeddedObserver()
    services = Services(observer, EmbeddedObserver(), lambda: Eyes({}), folder=folder / "person", **more)
    session = resident.moves_into(Session("s1", "local", over, services, START))
    place = Home(session)
    pages: list[dict[str, Any]] = []
    adopted: list[Settings] = []

    async def adopt(settings: Settings) -> None:
        adopted.append(settings)

    reloading = Reloading(resident, read, adopt, pages.append, told.append)
    running = asyncio.create_task(session.run())
    await place.until(2)
    try:
        yield Watched(path, place, reloading, resident, told, opened, pages, adopted)
    finally:
        await session.aclose()
        await running


async def test_a_file_that_says_the_same_touches_nothing(tmp_path: Path) -> None:
    async with watched(tmp_path) as house:
        session = house.session
        lanes = dict(session.lanes)
        moves = next(watch for watch in session.watches if watch.source == "door")
        session.command("watch", op="pause", id=moves.id)
        session.command("source", op="pause", name="door")
        session.command("source", op="remove", name="kitchen")
        assert await house.write(FIRST + "# a remark\n")
        assert house.told == ["watch.yaml read again: nothing has changed"]
        assert not house.opened and dict(session.lanes) == {"door": lanes["door"]} and lanes["door"].paused
        assert house.watches()[moves.wording] == "paused", "what the person did meanwhile stands"


async def test_sources_come_go_and_change_and_the_others_go_on(tmp_path: Path) -> None:
    async with watched(tmp_path) as house:
        session, kitchen = house.session, house.session.lanes["kitchen"]
        session.request("tell me when it says Exit")
        await house.place.until(4)
        text = FIRST.replace("192.168.1.20", "192.168.1.99") + "  - tell me when someone comes into the yard\n"
        text = text.replace("watches:", '  - {name: yard, url: "http://u:${PASSWORD}@192.168.1.22/"}\nwatches:')
        assert await house.write(text)
        assert sorted(house.opened) == ["door", "yard"] and session.lanes["kitchen"] is kitchen
        assert house.told == [
            "watch.yaml read again: source door is changed",
            "watch.yaml read again: source yard is new",
            "watch.yaml read again: watch is new: tell me when someone comes into the yard",
        ]
        assert [watch.source for watch in session.watches if watch.source] == ["door", "yard"]
        assert session.snapshot()["cameras"] == ["door", "kitchen", "yard", "garage"]
        assert house.adopted[-1].cameras == session.settings.cameras and house.pages == [{"type": "renewed"}]
        without = "sources:\n" + FIRST.split("\n")[1] + "\n"
        assert await house.write(without)
        assert list(session.lanes) == ["door"]
        assert list(house.watches()) == ["The text says “Exit”"], "what a person asked for stands"
        assert "s3cret" not in str(house.told) + str(house.place.events)


async def test_a_renamed_source_keeps_its_masks_its_watches_and_its_pause(tmp_path: Path) -> None:
    async with watched(tmp_path) as house:
        session = house.session
        mask = [[0.0, 0.0], [0.5, 0.0], [0.5, 0.5]]
        session.command("areas", lane="door", zones=[], masks=[mask])
        session.command("source", op="pause", name="door")
        moves = next(watch for watch in session.watches if watch.source == "door")
        session.watches.edit(moves.id, fired=3)
        seen: list[Any] = []
        renamed = FIRST.replace("name: door", "name: front").replace("source: door", "source: front")
        opening = house.resident._open

        def opened(camera: Camera, settings: Settings) -> FrameSource:
            areas = session.lanes.areas.of(camera.name)
            seen.append(areas and areas.to_json()["masks"])
            return opening(camera, settings)

        house.resident._open = opened
        assert await house.write(renamed)
        assert house.told == ["watch.yaml read again: source door is front now"]
        assert seen == [[mask]], "before a picture of it is seen under the new name"
        assert session.lanes["front"].paused and "door" not in session.lanes
        moved = session.watches.get(moves.id)
        assert (moved.source, moved.fired, moved.state) == ("front", 3, "active")
        await house.place.until(6)
        ended = [e.lane for e in house.place.of(LaneChanged) if e.state == "ended"]
        assert ended == ["door"]


async def test_mistakes_are_told_with_line_and_key_and_the_old_file_stays_in_force(tmp_path: Path) -> None:
    async with watched(tmp_path) as house:
        before = house.watches()
        wrong = FIRST.replace("http://192.168.1.20/", "rtsp://u:${NOT_SET}@h/") + "quiet_hours: 25:00\n"
        assert not await house.write(wrong)
        assert house.told == [
            "watch.yaml line 2, column 23: sources[0].url: the environment variable NOT_SET is not set",
            "watch.yaml line 8, column 14: quiet_hours: hours are written 22:00-07:00",
            "What was read before stays in force.",
        ]
        problem = house.session.problems["reading the watch file"]
        assert "line 2, column 23" in problem.message and "stays in force" in problem.kept
        assert list(house.session.lanes) == ["door", "kitchen"] and house.watches() == before
        assert not house.adopted and not house.opened
        house.path.unlink()
        assert not await house.reloading.reload()
        assert await house.write(FIRST) and "reading the watch file" not in house.session.problems


async def test_quiet_hours_urgency_zones_and_language_change_in_place(tmp_path: Path) -> None:
    async with watched(tmp_path) as house:
        session = house.session
        ids = [watch.id for watch in session.watches]
        session.watches.edit(ids[0], fired=2)
        text = "quiet_hours: 22:00-07:00\nlanguage: zh\n" + FIRST.replace(
            "source: door}", "source: door, urgent: true}"
        )
        assert await house.write(text)
        assert {watch.limits.quiet for watch in session.watches} == {(1320, 420)}
        assert [watch.id for watch in session.watches] == ids and session.watches.get(ids[0]).fired == 2
        assert [watch.urgent for watch in session.watches] == [False, True, False] and session.language == "zh"
        assert house.told[-2:] == [
            "watch.yaml read again: quiet hours: 22:00-07:00",
            "watch.yaml read again: language: zh",
        ]
        lane = session.lanes["kitchen"]
        other = text.replace("stove", "oven")
        assert await house.write(other)
        assert session.lanes["kitchen"] is lane and session.lanes.zones == ("oven",), "no new connection for a drawing"
        assert [w.condition.zone for w in session.watches if w.condition and w.condition.zone] == ["oven"]


async def test_outlets_change_and_what_waits_goes_on(tmp_path: Path) -> None:
    from interaction.outlets.alert import Alert
    from interaction.outlets.base import NotDelivered

    sent: list[tuple[str, str]] = []
    broken = {"phone"}

    class Wire:
        def __init__(self, name: str) -> None:
            self.name = name

        async def send(self, alert: Alert, picture: bytes | None, now: Any) -> None:
            if self.name in broken:
                raise NotDelivered("away")
            sent.append((self.name, alert.id))

        def close(self) -> None: ...

    def settings(*names: str) -> Settings:
        outlets = [{"name": name, "url": "ntfy://ntfy.sh/a"} for name in names]
        return Settings(_env_file=None, outlets=outlets)

    def make(outlet: Any, settings: Settings) -> Any:
        return Wire(outlet.name)

    alerting = Alerting(settings("phone", "log"), tmp_path / "outbox", make)
    id = f"msg_{7:024x}"
    about: dict[str, Any] = {"text": "Someone came in.", "lane": "door", "watch": "w", "language": "en"}
    alert = Alert(id=id, at=wall_now(), severity="normal", **about)
    alerting.outbox.put(alert, None)
    await asyncio.sleep(0.5)
    assert sent == [("log", id)]
    broken.clear()
    await alerting.change(settings("phone", "mail"))
    await asyncio.sleep(5)
    assert sent == [("log", id), ("phone", id)] and alerting.idle, "once each"
    assert [one["name"] for one in alerting.snapshot()] == ["phone", "mail"]
    await alerting.aclose()


@pytest.mark.real_time
async def test_the_signal_reads_it_again_and_does_not_end_the_house(tmp_path: Path) -> None:
    path = tmp_path / "watch.yaml"
    path.write_text("watches:\n  - tell me when someone comes in\n")
    read = reader(path, Settings(_env_file=None), {})
    told: list[str] = []
    resident = Resident(read()[0], told.append)
    adopted: list[Settings] = []

    async def adopt(settings: Settings) -> None:
        adopted.append(settings)

    with on_hangup(resident, read, adopt, lambda message: None, told.append):
        os.kill(os.getpid(), signal.SIGHUP)
        await until(lambda: adopted and told)
    assert told == ["watch.yaml read again: it holds from the next Start on"], "there is no session here"
    with on_hangup(None, None, adopt, lambda message: None, told.append):
        pass
