"""What is drawn on lanes, kept on disk: whole or not at all, shared by a person's sessions, closed when in doubt."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import config
from interaction.areas import AreaBook
from interaction.events import Event, Problem, Recovered
from interaction.zones import NOTHING, Area, LaneAreas, Zone
from tests.house import home

SQUARE = Area(((0.1, 0.1), (0.4, 0.1), (0.4, 0.6), (0.1, 0.6)))
OTHER = Area(((0.5, 0.5), (0.9, 0.5), (0.9, 0.9)))
DRAWN = LaneAreas((Zone("door", OTHER),), (SQUARE,))


class Drawer:
    """A book, and what it told."""

    def __init__(self, folder: Path | None, **bounds: float) -> None:
        self.events: list[Event] = []
        self.changed: list[tuple[str, LaneAreas | None, LaneAreas]] = []
        self.book = AreaBook(
            folder,
            config.Areas(**bounds),
            self.events.append,
            lambda: 0.0,
            lambda *change: self.changed.append(change),
        )


async def test_what_was_drawn_is_there_again(tmp_path: Path) -> None:
    drawer = Drawer(tmp_path)
    drawer.book.set("camera", DRAWN)
    drawer.book.set("camera", DRAWN)
    assert drawer.changed == [("camera", NOTHING, DRAWN), ("camera", DRAWN, DRAWN)]
    await drawer.book.save()
    again = Drawer(tmp_path).book
    assert again.of("camera") == DRAWN and again.of("door") == NOTHING
    assert [zone.name for zone in again.zones()] == ["door"]
    drawer.book.set("camera", NOTHING)
    await drawer.book.save()
    assert json.loads((tmp_path / "areas.json").read_text())["lanes"] == {}
    assert not list(tmp_path.glob("*.new"))  # noqa: ASYNC240


async def test_without_a_folder_it_holds_as_long_as_the_session() -> None:
    drawer = Drawer(None)
    drawer.book.set("camera", DRAWN)
    await drawer.book.save()
    await drawer.book.follow()  # there is nothing to follow
    assert drawer.book.of("camera") == DRAWN


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"lanes": []}', "\x00", '{"lanes": {"a": 1}', "[" * 100_000])
async def test_a_file_that_makes_no_sense_leaves_every_lane_unknown(tmp_path: Path, text: str) -> None:
    (tmp_path / "areas.json").write_text(text)
    drawer = Drawer(tmp_path)
    assert drawer.book.of("camera") is None and drawer.book.of("door") is None
    drawer.book.set("door", NOTHING)  # the person says: nothing is masked on it
    await drawer.book.save()
    assert drawer.book.of("door") == NOTHING and drawer.book.of("camera") is None
    assert (tmp_path / "areas.broken").read_text() == text
    again = Drawer(tmp_path).book
    assert again.of("door") == NOTHING and again.of("camera") is None


async def test_one_lane_that_makes_no_sense_leaves_the_others(tmp_path: Path) -> None:
    drawer = Drawer(tmp_path)
    drawer.book.set("camera", DRAWN)
    await drawer.book.save()
    file = tmp_path / "areas.json"
    body = json.loads(file.read_text())
    body["lanes"]["door"] = {"zones": [], "masks": [[[0, 0], [2, 2], [0, 1]]]}
    file.write_text(json.dumps(body))
    drawer = Drawer(tmp_path)
    assert drawer.book.of("camera") == DRAWN and drawer.book.of("door") is None and drawer.book.of("shed") == NOTHING
    drawer.book.set("shed", DRAWN)
    await drawer.book.save()
    assert drawer.book.of("door") is None  # what is not understood is neither lost nor taken for nothing
    assert json.loads(file.read_text())["lanes"]["door"] == body["lanes"]["door"]


async def test_a_disk_that_refuses_is_told_of_once_and_tried_again(tmp_path: Path) -> None:
    (tmp_path / "person").write_text("a file where the folder should be")
    drawer = Drawer(tmp_path / "person")
    drawer.book.set("camera", DRAWN)
    await drawer.book.save()
    await drawer.book.save()
    (problem,) = drawer.events
    assert isinstance(problem, Problem) and drawer.book.of("camera") == DRAWN
    (tmp_path / "person").unlink()
    following = asyncio.create_task(drawer.book.follow())
    await asyncio.sleep(5)
    following.cancel()
    assert isinstance(drawer.events[-1], Recovered) and Drawer(tmp_path / "person").book.of("camera") == DRAWN


async def test_two_sessions_of_a_person_draw_on_different_lanes_and_lose_nothing(tmp_path: Path) -> None:
    one, two = Drawer(tmp_path), Drawer(tmp_path)
    one.book.set("camera", DRAWN)
    two.book.set("door", DRAWN)
    await asyncio.gather(one.book.save(), two.book.save())
    following = [asyncio.create_task(drawer.book.follow()) for drawer in (one, two)]
    await asyncio.sleep(5)
    for task in following:
        task.cancel()
    for drawer in (one, two, Drawer(tmp_path)):
        assert drawer.book.of("camera") == drawer.book.of("door") == DRAWN


async def test_a_mask_drawn_in_one_session_acts_in_the_other_within_seconds(tmp_path: Path) -> None:
    one, two = Drawer(tmp_path), Drawer(tmp_path)
    following = asyncio.create_task(two.book.follow())
    await asyncio.sleep(3)
    one.book.set("camera", DRAWN)
    await one.book.save()
    await asyncio.sleep(3)
    assert two.changed == [("camera", NOTHING, DRAWN)] and two.book.of("camera") == DRAWN
    (tmp_path / "areas.json").write_text("{")  # now it makes no sense: what was known stays
    await asyncio.sleep(3)
    assert two.book.of("camera") == DRAWN and two.book.of("shed") is None
    (tmp_path / "areas.json").unlink()  # a file that is gone takes no mask away
    await asyncio.sleep(3)
    following.cancel()
    assert two.book.of("camera") == DRAWN


async def test_a_person_keeps_a_bounded_number_of_lanes(tmp_path: Path) -> None:
    drawer = Drawer(tmp_path, lanes=2)
    drawer.book.set("a", DRAWN)
    drawer.book.set("b", DRAWN)
    with pytest.raises(ValueError, match="2 sources"):
        drawer.book.set("c", DRAWN)
    drawer.book.set("b", LaneAreas())
    async with home() as place:
        place.session.command("areas", lane="yet to come", zones=[], masks=[SQUARE.to_json()])
        assert place.session.lanes.areas.of("yet to come") == LaneAreas(masks=(SQUARE,))


@settings(max_examples=60, deadline=None)
@given(
    body=st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda s: (
            st.lists(s)
            | st.dictionaries(
                st.sampled_from(["lanes", "camera", "zones", "masks", "others_unknown", "name", "points"]), s
            )
        ),
        max_leaves=12,
    )
)
def test_no_file_breaks_the_house(body: object, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("person")
    (folder / "areas.json").write_text(json.dumps(body))
    areas = Drawer(folder).book.of("camera")
    assert areas is None or isinstance(areas, LaneAreas)
