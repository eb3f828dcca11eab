"""Watches that wait at a place of the picture: understood, seen by boxes, told with the place, in whole sessions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from config import Settings
from interaction.events import Decision, Problem
from interaction.intents import AddWatch, Condition
from interaction.observers.base import View
from interaction.observers.dialects import DIALECTS, watched
from interaction.observers.embedded import EmbeddedObserver
from interaction.requests import reference
from interaction.seeing.base import Box, Detection, Percepts, Seer
from interaction.seeing.within import Within
from interaction.services import CommandRefused
from interaction.sources.base import Frame
from interaction.understanding import understand
from interaction.watches import Watches
from interaction.zones import Area, Zone
from tests.house import Home, Stream, home

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CORNERS = [[0.6, 0.1], [0.95, 0.1], [0.95, 1.0], [0.6, 1.0]]
DOOR = Zone("door", Area(tuple((x, y) for x, y in CORNERS)))
LEFT, AT_DOOR, ON_THE_LINE = Box(0.1, 0.3, 0.25, 0.9), Box(0.7, 0.3, 0.85, 0.9), Box(0.5, 0.3, 0.66, 0.9)
Span = tuple[float, float, Box]


class Watching(Seer):
    """Sees people in boxes: `(from, to, box)` in session seconds; `hidden`: when they are believed but not shown."""

    def __init__(
        self, people: Sequence[Span], label: str = "person", hidden: tuple[float, float] = (-1.0, -1.0)
    ) -> None:
        self._people = people
        self._label = label
        self._hidden = hidden

    async def look(self, frame: Frame) -> Percepts:
        boxes = [box for start, end, box in self._people if start <= frame.t < end]
        shown = () if self._hidden[0] <= frame.t < self._hidden[1] else tuple(boxes)
        found = tuple(Detection(self._label, 0.9, box) for box in shown)
        return Percepts(frame.t, found, {self._label: len(boxes)} if boxes else {})

    @property
    def pace(self) -> float:
        return 5.0


async def said(
    wish: str, *people: Span, until: float = 20.0, label: str = "person", hidden: tuple[float, float] = (-1.0, -1.0)
) -> list[tuple[float, str]]:
    """When and what was said of a watch, after its acknowledgement."""
    async with home(eyes=lambda: Watching(people, label, hidden), source=Stream(until, live=True)) as place:
        draw(place)
        place.session.request(wish)
        await place.until(until)
        assert not place.of(Problem)
        return [(decision.t, decision.text) for decision in place.decided() if decision.lane]


def draw(place: Home, name: str = "door", lane: str = "camera") -> None:
    place.session.command("areas", lane=lane, zones=[{"name": name, "points": CORNERS}], masks=[])


async def test_someone_elsewhere_does_not_fire_and_someone_at_the_door_does() -> None:
    wish = "tell me when someone is at the door"
    assert await said(wish, (3.0, 9.0, LEFT)) == []
    ((t, text),) = await said(wish, (3.0, 8.0, LEFT), (8.0, 30.0, AT_DOOR))
    assert text == "Someone is at the door." and 8.0 < t < 9.3


async def test_who_is_there_already_is_told_at_once_and_again_when_back() -> None:
    heard = await said(
        "tell me when someone is at the door", (0.0, 6.0, AT_DOOR), (6.0, 12.0, LEFT), (12.0, 30, AT_DOOR)
    )
    assert [text for _, text in heard] == ["Someone is at the door."] * 2
    assert heard[0][0] < 2.0 and 12.0 < heard[1][0] < 13.5


async def test_coming_there_is_arriving_and_going_away_is_leaving() -> None:
    walk = ((0.0, 5.0, LEFT), (5.0, 12.0, AT_DOOR), (12.0, 30.0, LEFT))
    ((t, text),) = await said("tell me when someone comes to the door", *walk)
    assert text == "Someone is at the door." and 5.0 < t < 6.5
    ((t, text),) = await said("tell me when someone leaves the door", *walk)
    assert text == "Someone is no longer at the door." and 12.5 < t < 14.5


async def test_who_stood_there_when_the_camera_began_has_not_come() -> None:
    assert await said("tell me when someone comes to the door", (0.5, 30.0, AT_DOOR)) == []


async def test_numbers_are_those_of_the_place() -> None:
    people = ((0.0, 30.0, LEFT), (0.0, 30.0, Box(0.3, 0.3, 0.4, 0.9)), (4.0, 30.0, AT_DOOR))
    wish = "tell me if more than one person is at the door"
    assert await said(wish, *people) == []
    ((t, text),) = await said(wish, *people, (9.0, 30.0, Box(0.62, 0.3, 0.72, 0.9)))
    assert text == "Two people at the door now." and 9.0 < t < 11.5


async def test_arrivals_there_are_counted() -> None:
    visits = tuple((start, start + 3.0, AT_DOOR) for start in (3.0, 9.0, 15.0))
    heard = await said("count aloud each time someone comes to the door", *visits, (1.0, 20.0, LEFT))
    assert [text for _, text in heard] == ["One.", "Two.", "Three."]


async def test_who_stands_on_the_line_or_flickers_does_not_come_and_go() -> None:
    wavering = [(2 + 0.4 * n, 2.2 + 0.4 * n, (ON_THE_LINE, Box(0.55, 0.3, 0.7, 0.9))[n % 2]) for n in range(40)]
    wavering += [(2.2 + 0.4 * n, 2.4 + 0.4 * n, Box(0.53, 0.3, 0.69, 0.9)) for n in range(40)]
    assert len(await said("tell me when someone comes to the door", *wavering)) <= 1
    assert await said("tell me when someone comes to the door", (4.0, 4.19, AT_DOOR), (0.0, 30.0, LEFT)) == []


async def test_who_is_hidden_behind_somebody_has_not_left() -> None:
    still = ((0.0, 30.0, AT_DOOR),)
    assert await said("tell me when someone leaves the door", *still, hidden=(6.0, 10.0)) == []


async def test_things_and_chinese() -> None:
    ((_, text),) = await said("tell me when a cat is on the door", (4.0, 30.0, AT_DOOR), label="cat")
    assert text == "A cat is on the door."
    async with home(eyes=lambda: Watching([(4.0, 9.0, AT_DOOR)]), source=Stream(15.0, live=True)) as place:
        draw(place, "门口")
        place.session.request("门口有人的时候告诉我")
        place.session.request("有人离开门口就告诉我")
        await place.until(15.0)
        assert [d.text for d in place.decided() if d.lane] == ["门口有人。", "有人离开了门口。"]


async def test_the_acknowledgement_and_the_list_say_where() -> None:
    async with home(source=Stream(5.0)) as place:
        draw(place)
        place.session.request("tell me when someone is at the door")
        await place.until(2.0)
        assert place.texts() == ["I'll tell you when someone is at the door."]
        (watch,) = place.session.watches
        assert (watch.wording, watch.source) == ("Someone is at the door", None)
        place.session.command("watch", op="add", wording="a cat is at the door")
        assert [watch.condition and watch.condition.zone for watch in place.session.watches] == ["door", "door"]


async def test_a_place_on_one_lane_is_none_on_another() -> None:
    async with home(eyes=lambda: Watching([(3.0, 30.0, AT_DOOR)])) as place:
        draw(place, lane="garden")
        place.session.add_lane(Stream(10.0, live=True))
        place.session.request("tell me when someone is at the door")
        await place.until(8.0)
        assert not [decision for decision in place.decided() if decision.lane]
        place.session.add_lane(Stream(20.0, lane="garden", live=True))
        await place.until(14.0)
        assert [(d.lane, d.text) for d in place.decided() if d.lane] == [
            ("garden", "Someone is at the door, in the garden.")
        ]


async def test_a_watch_and_its_place_outlive_the_program(tmp_path: Path) -> None:
    async with home(folder=tmp_path) as place:
        draw(place)
        place.session.request("tell me when someone is at the door")
        await place.until(3.0)
    people = [(4.0, 7.0, LEFT), (7.0, 30.0, AT_DOOR)]
    async with home(folder=tmp_path, eyes=lambda: Watching(people), source=Stream(20.0)) as place:
        await place.until(12.0)
        assert [d.text for d in place.decided() if d.lane] == ["Someone is at the door."]


async def test_a_zone_where_a_watch_waits_is_not_taken_away_behind_its_back() -> None:
    async with home(source=Stream(5.0)) as place:
        draw(place)
        place.session.request("tell me when someone is at the door")
        await place.until(2.0)
        with pytest.raises(CommandRefused, match="Someone is at the door"):
            place.session.command("areas", lane="camera", zones=[], masks=[CORNERS])
        place.session.command("areas", lane="camera", zones=[{"name": "Door", "points": CORNERS}], masks=[CORNERS])
        place.session.command("watch", op="cancel", id="w1")
        place.session.command("areas", lane="camera", zones=[], masks=[CORNERS])


GUIDE = (
    "guide me: when someone is at the door tell me to open it, then when someone leaves the door tell me to close it"
)


async def test_the_steps_of_a_guide_wait_at_the_places_that_they_name() -> None:
    people = [(2.0, 8.0, LEFT), (8.0, 14.0, AT_DOOR), (14.0, 30.0, LEFT)]
    async with home(eyes=lambda: Watching(people), source=Stream(20.0, live=True)) as place:
        draw(place)
        place.session.request(GUIDE)
        await place.until(7.0)
        (watch,) = place.session.watches
        assert watch.wording == "Step 1 of 2, when someone is at the door: “Open it”"
        with pytest.raises(CommandRefused, match="A watch waits at 'door'"):
            place.session.command("areas", lane="camera", zones=[], masks=[])
        await place.until(20.0)
        (first, second) = [decision for decision in place.decided() if decision.lane]
        assert (first.text, second.text) == ("Open it", "Close it")
        assert 8.0 < first.t < 9.5 and 14.5 < second.t < 16.5


async def test_a_zone_of_a_later_step_is_not_taken_away_and_outlives_the_program(tmp_path: Path) -> None:
    wish = "指导我：有人进来的时候告诉我开灯，然后门口的文字变了的时候告诉我关门"
    async with home(folder=tmp_path, source=Stream(5.0)) as place:
        draw(place, "门口")
        place.session.request(wish)
        await place.until(2.0)
    async with home(folder=tmp_path, source=Stream(5.0)) as place:
        await place.until(1.0)
        (watch,) = place.session.watches
        assert [(s.condition.kind, s.condition.zone) for s in watch.steps if s.condition] == [
            ("arrives", ""), ("text_changes", "门口")
        ]  # fmt: skip
        with pytest.raises(CommandRefused, match="门口"):
            place.session.command("areas", lane="camera", zones=[], masks=[])


async def test_what_is_no_area_is_refused_and_changes_nothing() -> None:
    async with home(source=Stream(5.0)) as place:
        draw(place)
        for zones, masks in (([], [[[0, 0], [1, 1]]]), ([{"name": "a", "points": CORNERS}] * 2, []), (None, None)):
            with pytest.raises(CommandRefused):
                place.session.command("areas", lane="camera", zones=zones, masks=masks)
        assert place.session.snapshot()["areas"]["camera"]["zones"] == [{"name": "door", "points": CORNERS}]


async def test_questions_about_a_place_are_answered_of_it() -> None:
    people = [(0.0, 30.0, LEFT), (0.0, 30.0, AT_DOOR)]
    async with home(eyes=lambda: Watching(people), source=Stream(20.0, live=True)) as place:
        draw(place)
        await place.until(3.0)
        place.session.request("how many people are at the door?")
        await place.until(6.0)
        place.session.request("how many people do you see?")
        await place.until(9.0)
        assert place.texts() == ["I can see one person at the door.", "I can see two people."]


def view(wishes: Sequence[AddWatch]) -> View:
    standing = Watches(10)
    for wish in wishes:
        standing.add(wish, "en", NOW)
    return View(4.0, NOW, "camera", "en", None, (), standing.standing(), zones=(DOOR,))


def test_a_model_is_told_where_the_place_lies() -> None:
    capabilities = frozenset({"open-watches"})
    for text in ("tell me when someone is at the door", "tell me when something moves at the door"):
        (wish,) = understand(text, "en", now=NOW, zones=["door"], capabilities=capabilities)
        assert isinstance(wish, AddWatch)
        (told,) = watched(view([wish]))
        assert told.endswith(
            "at the door (door: the right part of the picture, x 60%-95%, y 10%-100% from its top left corner)"
        )
        for dialect in DIALECTS.values():
            prompt = dialect().head(view([wish])) + dialect().said(view([wish]), None).suffix
            assert told in prompt
    assert watched(replace(view([wish]), zones=())) == (wish.wording,)


UNDERSTOOD: list[tuple[str, tuple[str, str, str] | None]] = [
    ("tell me when someone is at the door", ("sees", "door", "at the door")),
    ("let me know if anybody enters the bike rack", ("arrives", "Bike-Rack", "at the bike rack")),
    ("say hello when someone comes into the bike rack area", ("arrives", "Bike-Rack", "in the bike rack")),
    ("tell me when nobody is at the door", ("fewer_than", "door", "at the door")),
    ("tell me when a dog is on Anna's sofa", ("sees", "Anna's sofa", "on Anna's sofa")),
    ("tell me when someone is at the doorstep", ("sees", "", "")),
    ("tell me when it says meet at the door", ("text_says", "", "")),
    ("when someone comes in say look at the door", ("arrives", "", "")),
    ("tell me when something moves at the door", ("moves", "door", "at the door")),
    ("tell me when the movement at the door stops", ("stops", "door", "at the door")),
    ("tell me when anything changes on Anna's sofa", ("changes", "Anna's sofa", "on Anna's sofa")),
    ("tell me when the text at the door changes", ("text_changes", "door", "at the door")),
    ("read me the text at the door whenever it changes", ("text_changes", "door", "at the door")),
    ("tell me when it says “open” at the door", ("text_says", "door", "at the door")),
    ("tell me when the sign at the door says open", ("text_says", "door", "at the door")),
    ("comment on what happens at the door", ("changes", "door", "at the door")),
    ("门口有动静就告诉我", ("changes", "门口", "门口")),
    ("门口有东西动了告诉我", ("moves", "门口", "门口")),
    ("门口的文字变了就告诉我", ("text_changes", "门口", "门口")),
    ("门口显示“开门”的时候告诉我", ("text_says", "门口", "门口")),
    ("门口有人的时候告诉我", ("sees", "门口", "门口")),
    ("門口有人就告訴我", ("sees", "门口", "门口")),
    ("有人到门口就告诉我", ("arrives", "门口", "门口")),
    ("门口超过两个人告诉我", ("more_than", "门口", "门口")),
]


@pytest.mark.parametrize(("text", "expected"), UNDERSTOOD)
def test_a_place_is_understood_by_its_name(text: str, expected: Any) -> None:
    zones = ["door", "Bike-Rack", "Anna's sofa", "门口"]
    (wish,) = understand(text, "en", now=NOW, zones=zones)
    assert isinstance(wish, AddWatch) and wish.condition
    assert (wish.condition.kind, wish.condition.zone, wish.condition.place) == expected


def test_a_camera_and_a_place_of_one_name_are_told_apart() -> None:
    for text, source, zone in (
        ("tell me when someone is at the door", None, "door"),
        ("tell me when someone comes in on the door camera", "door", ""),
        ("tell me when someone is at the door in the kitchen", "kitchen", "door"),
        ("在厨房，门口有人就告诉我", "厨房", "门口"),
    ):
        zones = ["door", "门口"]
        (wish,) = understand(text, "en", now=NOW, lanes=["door", "kitchen", "厨房"], zones=zones)
        assert isinstance(wish, AddWatch) and wish.condition
        assert (wish.source, wish.condition.zone) == (source, zone)


def test_changing_the_number_keeps_the_place() -> None:
    wish = AddWatch("x", Condition("sees", zone="door", place="at the door"))
    standing = Watches(5)
    watch, _ = standing.add(wish, "en", NOW)
    made = understand("change that to two people", "en", now=NOW, watches=[reference(watch)], zones=["door"])
    assert isinstance(made[-1], AddWatch) and made[-1].condition and made[-1].condition.zone == "door"


def test_in_the_dark_nobody_leaves() -> None:
    within = Within(DOOR, 0.0)
    found = (Detection("person", 0.9, AT_DOOR),)
    for n in range(5):
        within.look(Percepts(n * 0.2, found, {"person": 1}))
    dark = [within.look(Percepts(1 + n * 0.2, dark=True)) for n in range(30)]
    assert all(percepts.counts == {"person": 1} and not percepts.events for percepts in dark)


async def test_the_checker_begins_anew_when_the_zone_is_moved() -> None:
    observer = EmbeddedObserver()
    (wish,) = understand("tell me when someone comes to the door", "en", now=NOW, zones=["door"])
    assert isinstance(wish, AddWatch)
    seen = view([wish])
    elsewhere = Zone("door", Area(((0.0, 0.2), (0.3, 0.2), (0.3, 1.0), (0.0, 1.0))))
    fired: list[Decision | Any] = []
    for n in range(40):
        percepts = Percepts(4 + n * 0.2, (Detection("person", 0.9, LEFT),), {"person": 1})
        zones = (DOOR if n < 20 else elsewhere,)
        proposals = await observer.decide(replace(seen, t=percepts.t, percepts=(percepts,), zones=zones))
        fired += [proposal for proposal in proposals if proposal.action == "speak"]
    assert fired == []  # nobody came: the zone did
    assert Settings(_env_file=None).areas.most == 16  # type: ignore[call-arg]
