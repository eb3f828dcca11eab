"""Clips over HTTP: whole and in parts, for the visitor's own session, under a name that says what they are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

import config
from interaction.clip_shelf import Clip, Shelf
from tests.webrtc_client import House, Visitor

pytestmark = [pytest.mark.real_time, pytest.mark.timeout(120)]

NAME = "20261123T140305-front_door-0123abcd.webm"
FILM = bytes(range(256)) * 8


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    clip = Clip(NAME, "2026-11-23T14:03:05+00:00", "front door", "Someone comes in", 10.0, ("m1",))
    Shelf(folder / "clips", config.Clips()).keep(clip, FILM, datetime(2026, 11, 23, 15, tzinfo=UTC))
    (folder / "clips" / "20261123T140306-x-0123abcd.webm").write_bytes(b"half a film")
    with House(folder, web={"sessions": 60, "kept": 80}).open() as opened:
        yield opened


async def test_a_clip_is_sent_whole_and_in_parts(house: House) -> None:
    visitor = Visitor(house)
    await visitor.enter()
    whole = await visitor.http.get(f"/api/clips/{NAME}")
    assert whole.status_code == 200 and whole.content == FILM and whole.headers["accept-ranges"] == "bytes"
    assert whole.headers["content-type"] == "video/webm" and whole.headers["cache-control"] == "no-store"
    saved = whole.headers["content-disposition"]
    assert saved == 'inline; filename="lookout-2026-11-23-14.03.05-front_door.webm"'
    assert whole.headers["x-content-type-options"] == "nosniff"
    part = await visitor.http.get(f"/api/clips/{NAME}", headers={"range": "bytes=100-299"})
    assert part.status_code == 206 and part.content == FILM[100:300]
    assert part.headers["content-range"] == f"bytes 100-299/{len(FILM)}"
    end = await visitor.http.get(f"/api/clips/{NAME}", headers={"range": "bytes=-10"})
    assert end.status_code == 206 and end.content == FILM[-10:]
    beyond = await visitor.http.get(f"/api/clips/{NAME}", headers={"range": "bytes=9999-"})
    assert beyond.status_code == 416
    parts = await visitor.http.get(f"/api/clips/{NAME}", headers={"range": "bytes=0-0,2-2,4-4"})
    assert parts.status_code == 200 and parts.content == FILM, "thousands of parts would stop the house to sort them"
    await visitor.leave()


@pytest.mark.parametrize(
    "name",
    [
        "nothing.webm",
        "20261123T140306-x-0123abcd.webm",  # without its sheet
        NAME.replace(".webm", ".json"),
        "..%2Fclips%2F" + NAME,
        "%2e%2e%2fsecret.jpg",
        NAME + ".new",
    ],
)
async def test_nothing_else_is_a_clip(house: House, name: str) -> None:
    visitor = Visitor(house)
    await visitor.enter()
    assert (await visitor.http.get(f"/api/clips/{name}")).status_code == 404
    await visitor.leave()


async def test_a_clip_needs_a_session_and_clips_that_are_on(house: House) -> None:
    visitor = Visitor(house)
    assert (await visitor.http.get(f"/api/clips/{NAME}")).status_code == 401
    session = await visitor.enter()
    page = (await visitor.http.get("/api/memory")).json()
    assert page["moments"][0]["clip"] == NAME
    session.services.clips = None
    assert (await visitor.http.get(f"/api/clips/{NAME}")).status_code == 404
    assert (await visitor.http.get("/api/memory")).json()["moments"][0]["clip"] == ""
    await visitor.leave()
