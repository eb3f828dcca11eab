"""Sources that a person added come back after a restart; their passwords are nowhere but in one private file."""

from __future__ import annotations

import asyncio
import json
import logging
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from config import Settings
from interaction import cameras
from interaction.kept_sources import keep
from interaction.sources import opening
from interaction.sources.base import FrameSource, SourceError
from tests.house import Home, Stream, home

DOOR, PASSWORD = "rtsp://guard:s3cret-pass@203.0.113.9/door#transport=tcp", "s3cret-pass"
CONFIGURED = [{"name": "garage", "url": "rtsp://admin:s3cret-too@203.0.113.8/"}]


class Live(Stream):
    """Ends when it is closed, and its lane says so, as a network's does."""

    def __init__(self, **more: Any) -> None:
        super().__init__(3600, live=True, **more)
        self._over = asyncio.Event()

    async def frames(self, now: Any) -> AsyncIterator[Any]:
        async for frame in super().frames(now):
            yield frame
            if self._over.is_set():
                return

    async def aclose(self) -> None:
        self._over.set()
        await asyncio.sleep(2)  # the lane sees the end of it before it has gone


class Down(Stream):
    """Never a picture."""

    async def frames(self, now: Any) -> AsyncIterator[Any]:
        raise SourceError("refused the connection")
        yield


@pytest.fixture(autouse=True)
def streams(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What was opened, by name: the arguments; scripted streams stand behind all of them."""
    opened: dict[str, Any] = {}

    def typed(url: str, name: str, **more: Any) -> FrameSource:
        opening.open_source(url, name, allow_private=more["allow_private"])  # its form
        opened[name] = (url, more["must_open"], more["allow_private"])
        return Down(3600, lane=name, live=True) if "dead" in url else Live(lane=name)

    def by_name(camera: Any, settings: Settings) -> FrameSource:
        opened[camera.name] = (camera.url.get_secret_value(), False, True)
        return Stream(3600, lane=camera.name, live=True)

    monkeypatch.setattr(cameras, "open_source", typed)
    monkeypatch.setattr(cameras, "open_camera", by_name)
    return opened


@asynccontextmanager
async def run(folder: Path | None, **values: Any) -> AsyncIterator[Home]:
    settings = Settings(_env_file=None, **{"cameras": CONFIGURED, **values})
    async with home(folder=folder, settings=settings, beside={"kept sources": keep}) as place:
        yield place


def added(place: Home) -> dict[str, bool]:
    return {name: lane.paused for name, lane in place.session.lanes.items()}


async def test_what_was_added_comes_back_with_its_name_and_its_pause(tmp_path: Path, streams: dict[str, Any]) -> None:
    async with run(tmp_path) as place:
        place.session.command("source", op="add", url=DOOR, name="front door")
        place.session.command("source", op="add", url="http://203.0.113.7/mjpeg", name="厨房")
        place.session.request("add the garage camera")
        await place.until(4)
        place.session.request("pause the garage")
        place.session.command("source", op="remove", name="厨房")
        await place.until(8)
    streams.clear()
    async with run(tmp_path) as place:
        await place.until(3)
        assert added(place) == {"front door": False, "garage": True}
        states = {lane["lane"]: lane["state"] for lane in place.session.snapshot()["lanes"]}
        assert states == {"front door": "watching", "garage": "paused"}
        assert streams["front door"] == (DOOR, False, False), "tried for ever, and bound to the rules of a page"
        place.session.command("source", op="resume", name="garage")
        place.session.command("source", op="remove", name="front door")
        await place.until(6)
    async with run(tmp_path, cameras=[]) as place:
        await place.until(3)
        assert added(place) == {}, "what is configured no more is not opened from memory"
        assert "garage" in place.session.problems["source garage"].message


async def test_a_pause_that_was_kept_with_its_source_is_taken_over_once(tmp_path: Path) -> None:
    (tmp_path / "sources.json").write_text(json.dumps([{"name": "garage", "url": None, "paused": True}]))
    taken_over = False
    for paused in (True, True, False):
        async with run(tmp_path) as place:
            await place.until(3)
            assert added(place) == {"garage": paused}
            assert json.loads((tmp_path / "sources.json").read_text()) == [{"name": "garage", "url": None}]
            if taken_over:
                place.session.command("source", op="resume", name="garage")
                await place.until(5)
            taken_over = True


async def test_the_password_is_in_one_file_that_nobody_else_reads(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, streams: dict[str, Any]
) -> None:
    caplog.set_level(logging.DEBUG)
    for _ in range(2):
        async with run(tmp_path) as place:
            if not streams:
                place.session.command("source", op="add", url=DOOR, name="door")
                place.session.command("source", op="add", name="garage")
            await place.until(4)
            shown = str(place.events) + str(place.session.snapshot()) + caplog.text + repr(place.session.lanes)
            assert PASSWORD not in shown and "s3cret-too" not in shown
    path = tmp_path / "sources.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert holding(PASSWORD, tmp_path) == [path]
    kept = sorted(json.loads(path.read_text()), key=lambda one: str(one["name"]))
    assert kept == [{"name": "door", "url": DOOR}, {"name": "garage", "url": None}]


def holding(text: str, folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file() and text in file.read_text(errors="ignore")]


async def test_what_never_showed_a_picture_is_not_kept(tmp_path: Path) -> None:
    async with run(tmp_path) as place:
        place.session.command("source", op="add", url="rtsp://203.0.113.9/dead", name="door")
        await place.until(4)
    async with run(tmp_path) as place:
        await place.until(2)
        assert added(place) == {}


async def test_a_file_that_makes_no_sense_costs_the_sources_and_is_set_aside(tmp_path: Path) -> None:
    for text in ("{", '[{"name": "x", "url": "rtsp://u:s3cret-pass@h/", "mode": 1}]', '[{"name": "camera"}]', "[1]"):
        (tmp_path / "sources.json").write_text(text)
        async with run(tmp_path) as place:
            await place.until(2)
            problem = place.session.problems["kept sources"]
            assert "sources.broken" in problem.message and PASSWORD not in str(problem)
            assert (tmp_path / "sources.broken").read_text() == text
            place.session.command("source", op="add", name="garage")
            await place.until(4)
            assert "kept sources" not in place.session.problems and (tmp_path / "sources.json").exists()


async def test_rules_of_today_hold_for_what_was_kept(tmp_path: Path) -> None:
    kept = [{"name": "x", "url": "file:///etc/passwd"}, {"name": "y", "url": "ftp://h/"}, {"name": "door", "url": DOOR}]
    (tmp_path / "sources.json").write_text(json.dumps(kept))
    async with run(tmp_path) as place:
        await place.until(2)
        assert set(added(place)) == {"door"}
        assert {"source x", "source y"} <= set(place.session.problems)


async def test_who_keeps_nothing_on_disk_keeps_no_sources() -> None:
    async with run(None) as place:
        place.session.command("source", op="add", url=DOOR, name="door")
        await place.until(3)
        assert added(place) == {"door": False}


def test_what_the_page_may_call_a_source_can_be_kept() -> None:
    from pydantic import TypeAdapter, ValidationError

    from config import CameraName
    from interaction.web.messages import LaneName

    for name in ("-yard", " ", "- -", "yard", "后院", "yard 2", "_a"):
        taken = []
        for kind in (LaneName, CameraName):
            try:
                taken.append(TypeAdapter(kind).validate_python(name) == name)
            except ValidationError:
                taken.append(False)
        assert taken == [name.strip(" -") == name] * 2, name
