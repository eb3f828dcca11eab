"""What people drew on the picture of a source of the watch file: it outlives restarts and reloads, on bytes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import config
from config import Camera, Settings
from interaction.observers.embedded import EmbeddedObserver
from interaction.services import Services
from interaction.session import Session
from interaction.sources.base import Frame, FrameSource
from interaction.unattended.resident import Resident
from memory.recall import Memory
from tests.house import START, Home
from tests.masked import ELSEWHERE, MASK, Secretive, Witness, decoded, hidden
from tests.test_masks import Onlooker
from tests.test_memory import ListStore
from tests.test_unattended import plan, settings

GATE = {"name": "gate", "points": [[0.6, 0.0], [0.9, 0.0], [0.9, 0.4], [0.6, 0.4]]}
STEP = """\
sources:
  - name: door
    url: "http://192.168.1.20/"
    zones:
      - {name: step, points: [[0.3, 0.5], [0.7, 0.5], [0.7, 1.0]]}
watches:
  - tell me when someone comes in
"""
WRITTEN = STEP.replace("    zones:", f"    masks: [{ELSEWHERE}]\n    zones:")


class Watched(Home):
    """`seen`: what the eyes, `views`: what the observer was shown; `told`: lines for the journal."""

    resident: Resident
    onlooker: Onlooker
    seen: list[Frame]
    told: list[str]

    @property
    def drawn(self) -> dict[str, Any]:
        areas = self.session.lanes.areas.of("door")
        assert areas is not None
        return areas.to_json()

    def draw(self, *, masks: list[Any] | None = None, zones: list[Any] | None = None) -> None:
        """What a person adds on the page, which sends all that is there."""
        now = self.drawn
        both = {"zones": now["zones"] + (zones or []), "masks": now["masks"] + (masks or [])}
        self.session.command("areas", lane="door", **both)

    @property
    def zones(self) -> list[str]:
        return [zone["name"] for zone in self.drawn["zones"]]


@asynccontextmanager
async def watched(text: str, folder: Path, **more: Any) -> AsyncIterator[Watched]:
    made, seen, told = plan(text), list[Frame](), list[str]()
    onlooker = more.pop("observer", None) or Onlooker()

    def opened(camera: Camera, settings: Settings) -> FrameSource:
        return Secretive(lane=camera.name)

    services = Services(onlooker, EmbeddedObserver(), lambda: Witness(seen), folder=folder, **more)
    session = Session("s1", "local", made.over(settings()), services, START)
    resident = Resident(made, told.append, opened)
    place = Watched(resident.moves_into(session))
    place.resident, place.onlooker, place.seen, place.told = resident, onlooker, seen, told
    running = asyncio.create_task(session.run())
    try:
        yield place
    finally:
        await session.aclose()
        await running


async def test_a_mask_that_a_person_drew_hides_after_a_restart_from_everybody(tmp_path: Path) -> None:
    """Eyes, observer, the files of memory, and the album, of which clips and alerts are made."""
    async with watched(STEP, tmp_path) as place:
        await place.until(2)
        assert not hidden(place.seen[-1].image)
        place.draw(masks=[MASK])
        await place.until(4)
    store = ListStore()
    for _ in range(2):
        async with watched(STEP, tmp_path) as place:
            session = place.session
            session.memory = Memory(
                lambda: store, tmp_path / "pictures", session.post, session.now, config.Memory(batch_s=0.01)
            )
            await place.until(8)
            assert place.drawn["masks"] == [MASK] and place.zones == ["step"]
            assert len(place.seen) > 20 and all(hidden(frame.image) for frame in place.seen)
            frames = [view.frame for view in place.onlooker.views if view.frame]
            assert frames and all(hidden(frame.image) for frame in frames)
            album = session.lanes["door"].album.newest(1000, 0.0)
            assert album and all(hidden(decoded(picture.jpeg)) for picture in album)
            await session.memory.flush()
            await session.memory.aclose()
    pictures = list((tmp_path / "pictures").rglob("*.jpg"))
    assert pictures and all(hidden(decoded(path.read_bytes())) for path in pictures)


async def test_what_the_file_takes_away_while_it_is_down_goes_and_what_was_drawn_by_hand_stays(tmp_path: Path) -> None:
    async with watched(WRITTEN, tmp_path) as place:
        await place.until(2)
        place.draw(masks=[MASK], zones=[GATE])
        await place.until(4)
    async with watched(STEP.replace("name: step", "name: stair"), tmp_path) as place:
        await place.until(3)
        assert place.drawn["masks"] == [MASK] and place.zones == ["stair", "gate"]
    async with watched(WRITTEN.replace("name: step", "name: gate"), tmp_path) as place:
        await place.until(3)
        assert place.drawn["masks"] == [ELSEWHERE, MASK] and place.zones == ["gate"], "the file's wins"
        assert place.drawn["zones"][0]["points"] != GATE["points"]


async def test_a_persons_watch_at_a_zone_of_theirs_keeps_no_camera_from_being_watched(tmp_path: Path) -> None:
    async with watched(STEP, tmp_path, observer=EmbeddedObserver()) as place:
        await place.until(2)
        place.draw(zones=[GATE])
        place.session.request("tell me when someone is at the gate")
        place.session.request("tell me when someone is at the step")
        await place.until(6)
        assert {"gate", "step"} <= {zone for watch in place.session.watches for zone in watch.zones}
    for text, zones in (
        (STEP, ["step", "gate"]),
        (STEP.replace("name: step", "name: stair"), ["stair", "gate", "step"]),
    ):
        async with watched(text, tmp_path, observer=EmbeddedObserver()) as place:
            await place.until(3)
            assert list(place.session.lanes) == ["door"] and place.seen and place.zones == zones
            assert bool(place.told) == (text != STEP)
    assert place.told == ["source door: A watch waits at 'step': Someone is at the step."]


async def test_a_reload_keeps_what_was_drawn_by_hand(tmp_path: Path) -> None:
    async with watched(WRITTEN, tmp_path) as place:
        await place.until(2)
        place.draw(masks=[MASK], zones=[GATE])
        before = len(place.seen)
        await place.until(4)
        for text, masks, zones in (
            (WRITTEN.replace("name: step", "name: stair"), [ELSEWHERE, MASK], ["stair", "gate"]),
            (STEP, [MASK], ["step", "gate"]),
            (WRITTEN.replace("192.168.1.20", "192.168.1.99"), [ELSEWHERE, MASK], ["step", "gate"]),
        ):
            new = plan(text)
            await place.resident.follow(new, new.over(settings()))
            assert place.drawn["masks"] == masks and place.zones == zones
        await place.until(8)
        assert len(place.seen) > before + 5 and all(hidden(frame.image) for frame in place.seen[before:])
        renamed = plan(STEP.replace("name: door", "name: front").replace("192.168.1.20", "192.168.1.99"))
        await place.resident.follow(renamed, renamed.over(settings()))
        front = place.session.lanes.areas.of("front")
        assert front and front.to_json()["masks"] == [MASK] and [zone.name for zone in front.zones] == ["step", "gate"]


async def test_what_cannot_be_drawn_is_told_to_whoever_started_the_house(tmp_path: Path) -> None:
    many = [[[x / 20, 0.0], [x / 20 + 0.04, 0.0], [x / 20 + 0.04, 0.5]] for x in range(16)]
    async with watched(
        STEP.partition("    zones")[0] + "watches: [tell me when someone comes in]\n", tmp_path
    ) as place:
        await place.until(2)
        place.draw(masks=many)
        await place.until(4)
    async with watched(STEP, tmp_path) as place:
        await place.until(3)
        assert not place.session.lanes and not place.seen, "what is to be masked is not seen without"
        assert place.told == ["source door: 16 zones and masks fit on one picture."]


async def test_after_unreadable_areas_the_files_masks_hold_and_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "areas.json").write_text("{ broken")
    masked = STEP.replace("    zones:", f"    masks: [{MASK}]\n    zones:")
    for text, seen in ((STEP, False), (masked, True)):
        async with watched(text, tmp_path) as place:
            await place.until(3)
            assert bool(place.seen) == seen and all(hidden(frame.image) for frame in place.seen)
            assert bool(place.told) == seen
    assert "could not be read" in place.told[0]
