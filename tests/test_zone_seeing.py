"""Movement and text at a place of the picture: the real eyes and the real reader on drawn pictures."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

import assets
from interaction.intents import Condition
from interaction.observers.conditions import Checker, Firing
from interaction.seeing.base import Box, Detection, Line, Percepts
from interaction.seeing.embedded import EmbeddedSeer
from interaction.seeing.models import Models
from interaction.seeing.motion import MOVES
from interaction.seeing.within import Within, motion_in, only_in
from interaction.sources.base import Frame, FrameSource
from interaction.zones import Area, Zone
from tests.house import Home, home

Image = NDArray[np.uint8]
Draw = Callable[[float], Image]


def zone(x0: float, y0: float, x1: float, y1: float, name: str = "door") -> Zone:
    return Zone(name, Area(((x0, y0), (x1, y0), (x1, y1), (x0, y1))))


DOOR = zone(0.65, 0.1, 0.95, 1.0)
SMALL = zone(0.8, 0.1, 0.9, 0.2)  # a hundredth of the picture
NOISE = [np.random.default_rng(n).normal(0, 4, (480, 640, 3)).astype(np.int16) for n in range(4)]


class Nobody(Models):
    """Networks that find nobody; movement and text need none. `reads`: with the real reader."""

    def __init__(self, reads: bool = False) -> None:
        super().__init__(assets.find)
        self._reads = reads

    def detect(self, image: Image) -> list[Detection]:
        return []

    def read(self, image: Image) -> tuple[Line, ...]:
        return super().read(image) if self._reads else ()


@pytest.fixture
def nobody() -> Iterator[Nobody]:
    models = Nobody()
    yield models
    models.close()


@pytest.fixture(scope="module")
def reader() -> Iterator[Models]:
    models = Nobody(reads=True)
    yield models
    models.close()


def wall(*blocks: tuple[float, float, float], level: int = 150, t: float = 0.0) -> Image:
    """A wall with noise, and square blocks: `(x, y, side)`, of the picture's width and height."""
    image = np.full((480, 640, 3), level, np.uint8)
    image[::60] = 60
    for x, y, side in blocks:
        cv2.rectangle(
            image, (int(x * 640), int(y * 480)), (int((x + side) * 640), int((y + side) * 480)), (20,) * 3, -1
        )
    return np.asarray(np.clip(image + NOISE[int(t * 10) % 4], 0, 255), np.uint8)


def walks(x: float, y: float = 0.5, side: float = 0.12, since: float = 2.0, until: float = 6.0) -> Draw:
    """A block that goes to and fro about a place, and stands still before and after."""

    def draw(t: float) -> Image:
        swing = math.sin(4.4 * (min(max(t, since), until) - since))
        return wall((x + 0.4 * side * swing, y, side), t=t)

    return draw


async def looks(models: Models, draw: Draw, seconds: float) -> list[Percepts]:
    seer, seen, t = EmbeddedSeer(models), [], 0.0
    while t < seconds:
        seen.append(await seer.look(Frame(t, draw(t))))
        await asyncio.sleep(0)
        t += 1 / seer.pace
    seer.close()
    return seen


def fired(condition: Condition, at: Zone | None, seen: list[Percepts]) -> list[Firing]:
    checker = Checker(condition, Within(at, 1.5) if at else None)
    return [firing for percepts in seen if (firing := checker.check(percepts))]


async def test_what_moves_elsewhere_is_no_movement_at_the_door(nobody: Nobody) -> None:
    left = await looks(nobody, walks(0.1), 9)
    assert len(fired(Condition("moves"), None, left)) == 1
    assert len(fired(Condition("stops"), None, left)) == 1
    for kind in ("moves", "stops", "changes"):
        assert fired(Condition(kind), DOOR, left) == []


async def test_what_moves_at_the_door_is_told_once_and_so_is_its_end(nobody: Nobody) -> None:
    right = await looks(nobody, walks(0.72), 9)
    ((moves,), (stops,)) = (fired(Condition(kind), DOOR, right) for kind in ("moves", "stops"))
    assert 2.0 < moves.t < 3.3 and 6.5 < stops.t < 8.5
    assert [firing.event for firing in fired(Condition("changes"), DOOR, right)][:1] in (["jumped"], ["motion_started"])


async def test_movement_at_the_door_begins_while_something_else_moves_all_the_time(nobody: Nobody) -> None:
    left, right = walks(0.1, since=0.5, until=12), walks(0.72, since=4)
    both = await looks(nobody, lambda t: np.minimum(left(t), right(t)), 9)
    (moves,) = fired(Condition("moves"), DOOR, both)
    assert 4.0 < moves.t < 5.0


async def test_a_small_place_has_small_movements_and_noise_is_none(nobody: Nobody) -> None:
    wag = await looks(nobody, walks(0.82, y=0.12, side=0.03), 9)
    assert max(percepts.motion for percepts in wag) < MOVES, "too little for the whole picture"
    assert fired(Condition("moves"), None, wag) == []
    (moves,) = fired(Condition("moves"), SMALL, wag)
    assert 2.0 < moves.t < 5.0
    still = await looks(nobody, lambda t: wall(t=t), 6)
    for at in (SMALL, DOOR, zone(0, 0, 0.02, 0.02), zone(0, 0, 1, 1)):
        assert max(motion_in(at, percepts) for percepts in still) == 0.0
        assert fired(Condition("moves"), at, still) == []


async def test_a_light_that_goes_on_everywhere_is_no_movement_at_the_door(nobody: Nobody) -> None:
    lit = await looks(nobody, lambda t: wall(level=150 if t < 3 else 190, t=t), 6)
    assert fired(Condition("moves"), DOOR, lit) == []


async def test_all_of_the_picture_as_a_place_is_the_picture(nobody: Nobody) -> None:
    seen = await looks(nobody, walks(0.4), 9)
    everywhere = zone(0, 0, 1, 1)
    for percepts in seen:
        assert motion_in(everywhere, percepts) == pytest.approx(percepts.motion)
    for kind in ("moves", "stops"):
        assert fired(Condition(kind), everywhere, seen) == fired(Condition(kind), None, seen)


def board(upper: str, corner: str) -> Image:
    image = np.full((480, 640, 3), 235, np.uint8)
    for text, at in ((upper, (40, 90)), (corner, (360, 420))):
        cv2.putText(image, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.9, (20, 20, 60), 2)
    return image


CORNER = zone(0.5, 0.75, 1.0, 1.0, "corner")


async def readings(reader: Models, *pages: tuple[str, str]) -> list[Percepts]:
    """Each page for three seconds, read to its end."""
    seer, seen, t = EmbeddedSeer(reader), [], 0.0
    for page in pages:
        for _ in range(6):
            seen.append(await seer.look(Frame(t, board(*page))))
            if seer._reading is not None:
                await asyncio.wait([seer._reading])
            t += 0.5
    seer.close()
    return seen


@pytest.mark.real_time
async def test_only_the_text_in_the_corner_is_read_and_told_of(reader: Models) -> None:
    seen = await readings(
        reader, ("Gate B12", "Open 9 to 5"), ("Gate C3", "Open 9 to 5"), ("Gate C3", "Closed today"), ("Gate C3", "")
    )
    assert [f.text for f in fired(Condition("text_changes"), None, seen)][1:] == [
        "Gate C3\nOpen 9 to 5", "Gate C3\nClosed today", "Gate C3"
    ]  # fmt: skip
    (closed,) = fired(Condition("text_changes"), CORNER, seen)
    assert closed.text == "Closed today" and 6.0 < closed.t < 8.0
    changes = fired(Condition("changes"), CORNER, seen)
    assert all(firing.t >= 6.0 for firing in changes), [(f.t, f.event) for f in changes]
    assert [f.text for f in changes if f.event == "text_changed"] == ["Closed today", ""]
    assert [f.text for f in fired(Condition("text_says", text="closed"), CORNER, seen)] == ["Closed today"]
    assert fired(Condition("text_says", text="gate"), CORNER, seen) == []
    assert only_in(CORNER, seen[8]).text == ("Open 9 to 5",)


def read(t: float, *lines: tuple[str, Box]) -> Percepts:
    return Percepts(t, text=tuple(text for text, _ in lines), text_at=tuple(box for _, box in lines), text_t=t)


def test_a_line_on_the_border_does_not_come_and_go_with_the_readers_box() -> None:
    at = Within(CORNER, 0.0)
    wavering = [Box(0.2, 0.9, x, 0.95) for x in (0.84, 0.78, 0.76, 0.81, 0.75)]
    seen = [at.look(read(float(n), ("Exit this way", box))) for n, box in enumerate(wavering)]
    assert {percepts.text for percepts in seen} == {("Exit this way",)}
    assert not any(percepts.events for percepts in seen)


def test_what_stood_there_at_the_first_reading_is_no_change_and_the_dark_changes_nothing() -> None:
    at, there = Within(CORNER, 0.0), ("Open", Box(0.6, 0.8, 0.8, 0.9))
    looks = [Percepts(0.0), read(1.0, there), replace(read(2.0), dark=True), read(3.0, there), read(4.0)]
    events = [[event.kind for event in at.look(percepts).events] for percepts in looks]
    assert events == [[], [], [], [], ["text_changed"]]


class Drawn(FrameSource):
    """Drawn pictures, five a second."""

    lane, live = "camera", True

    def __init__(self, draw: Draw, seconds: float) -> None:
        self._draw, self._seconds = draw, seconds

    async def frames(self, now: Callable[[], float]) -> AsyncIterator[Frame]:
        start = now()
        for n in range(int(self._seconds * 5)):
            await asyncio.sleep(max(0.0, start + n / 5 - now()))
            yield Frame(start + n / 5, self._draw(n / 5))
        await asyncio.Event().wait()


def told(place: Home) -> list[tuple[float, str]]:
    return [(decision.t, decision.text) for decision in place.decided() if decision.lane]


@asynccontextmanager
async def by_the_door(nobody: Nobody) -> AsyncIterator[Home]:
    """Something moves elsewhere from 3 to 7 s, and at the door from 9 to 12 s."""
    left, right = walks(0.1, since=3, until=7), walks(0.72, since=9, until=12)
    source = Drawn(lambda t: np.minimum(left(t), right(t)), 16)
    async with home(eyes=lambda: EmbeddedSeer(nobody), source=source) as place:
        points = [list(point) for point in DOOR.area.points]
        place.session.command("areas", lane="camera", zones=[{"name": "door", "points": points}], masks=[])
        yield place


async def test_a_session_tells_of_movement_at_the_door_only(nobody: Nobody) -> None:
    async with by_the_door(nobody) as place:
        place.session.request("tell me when something moves at the door")
        await place.until(2.0)
        place.session.request("tell me when the movement at the door stops")
        await place.until(16.0)
        (moves, stops) = told(place)
        assert moves[1] == "Something is moving at the door." and 9.0 < moves[0] < 11.0
        assert stops[1] == "Nothing moves at the door any more." and 12.5 < stops[0] < 15.0


async def test_a_session_comments_on_what_happens_at_the_door_only(nobody: Nobody) -> None:
    async with by_the_door(nobody) as place:
        place.session.request("comment on what happens at the door")
        await place.until(16.0)
        ((t, text),) = told(place)
        assert text == "At the door: Something started to move." and 9.0 < t < 12.0
