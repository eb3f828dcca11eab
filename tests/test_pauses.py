"""What somebody paused stays paused after a restart: a source of the watch file, a kept one, the whole session."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from interaction.events import LaneChanged
from interaction.pauses import Pauses
from tests.house import START, Stream, home
from tests.test_unattended import TWO, unattended


async def test_a_source_of_the_file_and_the_session_stay_paused_after_a_restart(tmp_path: Path) -> None:
    async with unattended(TWO, tmp_path) as place:
        await place.until(2)
        place.session.command("source", op="pause", name="kitchen")
        place.session.command("pause")
        await place.until(6)
    for _ in range(2):
        async with unattended(TWO, tmp_path) as place:
            await place.until(3)
            assert place.session.paused and not place.decided("silence")
            assert {lane.name: lane.paused for lane in place.session.lanes.values()} == {"door": False, "kitchen": True}
            states = [event.state for event in place.of(LaneChanged) if event.lane == "kitchen"]
            assert states and set(states) == {"paused"}, "not for a moment"
    async with unattended(TWO, tmp_path) as place:
        await place.until(2)
        place.session.command("resume")
        place.session.command("source", op="resume", name="kitchen")
        await place.until(4)
    async with unattended(TWO, tmp_path) as place:
        await place.until(3)
        assert not place.session.paused and not any(lane.paused for lane in place.session.lanes.values())


async def test_a_pause_for_a_time_is_over_when_it_was_said(tmp_path: Path) -> None:
    async with unattended(TWO, tmp_path) as place:
        await place.until(1)
        place.session.request("pause for five minutes")
        await place.until(60)
        assert place.session.paused
    async with unattended(TWO, tmp_path) as place:  # its clock begins at the same time again
        await place.until(250)
        assert place.session.paused
        await place.until(320)
        assert not place.session.paused


async def test_a_source_that_is_removed_and_added_again_is_seen(tmp_path: Path) -> None:
    async with unattended(TWO, tmp_path) as place:
        await place.until(1)
        place.session.command("source", op="pause", name="kitchen")
        place.session.command("source", op="remove", name="kitchen")
        await place.until(3)
    async with unattended(TWO, tmp_path) as place:
        await place.until(3)
        assert not place.session.lanes["kitchen"].paused


async def test_the_pages_own_camera_is_asked_for_anew(tmp_path: Path) -> None:
    async with home(folder=tmp_path, source=Stream(100)) as place:
        await place.until(1)
        place.session.command("source", op="pause", name="camera")
        place.session.command("pause")
        await place.until(3)
    async with home(folder=tmp_path, source=Stream(100)) as place:
        await place.until(2)
        assert not place.session.lanes["camera"].paused and not place.session.paused


@pytest.mark.parametrize("text", ["{", "[]", '{"session": true, "until": 5, "lanes": []}', '{"lanes": 1}', "null"])
async def test_a_file_that_makes_no_sense_pauses_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "paused.json").write_text(text)
    pauses = Pauses(tmp_path)
    assert not pauses.standing(START) and not pauses.lanes
    assert pauses.lane("door", True)
    await pauses.save()
    assert json.loads((tmp_path / "paused.json").read_text())["lanes"] == ["door"]
