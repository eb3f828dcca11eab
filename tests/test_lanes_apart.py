"""Many lanes on little: the model is asked about the lane that changed, and late looks show the newest picture."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import numpy as np
import pytest

import config
from config import Gate, Seeing, Settings
from interaction.events import Problem
from interaction.observers.scripted import ScriptedObserver
from interaction.seeing.base import Percepts, Seer
from interaction.seeing.turns import Turns
from interaction.services import CommandRefused
from interaction.sources.base import Frame, FrameSource
from tests.house import IMAGE, Eyes, Home, home, saw


class Place(FrameSource):
    """A grey picture five times a second; from `changes` on a square stands in it."""

    live = True

    def __init__(self, lane: str, changes: float = 1e9) -> None:
        self.lane, self._changes = lane, changes

    async def frames(self, now: Callable[[], float]) -> AsyncIterator[Frame]:
        changed = IMAGE.copy()
        changed[10:40, 10:40] = 250
        while True:
            yield Frame(now(), changed if now() >= self._changes else IMAGE)
            await asyncio.sleep(0.2)


@asynccontextmanager
async def two(
    door: FrameSource, kitchen: FrameSource, eyes: Sequence[Seer] = (), heartbeat_s: float = 1000.0
) -> AsyncIterator[tuple[Home, ScriptedObserver]]:
    """A house with a model that is asked by the gate, four seconds after both lanes were looked at first."""
    model, seers = ScriptedObserver(lambda _: [], gated=True), list(eyes)
    settings = Settings(_env_file=None, gate=Gate(heartbeat_s=heartbeat_s))  # type: ignore[call-arg]
    async with home(
        observer=model, eyes=lambda: seers.pop(0) if seers else Eyes({}), source=door, settings=settings
    ) as place:
        place.session.add_lane(kitchen)
        await place.until(4.0)
        assert asked(model) == {"door": 1, "kitchen": 1}
        model.views.clear()
        yield place, model


def asked(model: ScriptedObserver) -> Counter[str]:
    return Counter(view.lane for view in model.views)


async def test_one_source_too_many_is_told_the_limit_and_how_to_set_it() -> None:
    settings = Settings(_env_file=None, session=config.Session(lanes=1))  # type: ignore[call-arg]
    async with home(source=Place("door"), settings=settings) as place:
        with pytest.raises(CommandRefused, match="No more than 1 sources are watched at once here") as refused:
            place.session.add_lane(Place("kitchen"))
    assert "LOOKOUT_SESSION__LANES" in refused.value.advice and "LOOKOUT_SESSION__LANES" in refused.value.advice.zh
    with pytest.raises(ValueError, match="less than or equal to 64"):
        config.Session(lanes=1000)


async def test_only_the_lane_whose_picture_changed_asks_and_shows_its_own() -> None:
    async with two(Place("door"), Place("kitchen", changes=6.0)) as (place, model):
        await place.until(12.0)
        (view,) = model.views
        assert view.lane == "kitchen" and view.frame is not None
        assert np.any(view.frame.image == 250)


async def test_only_the_lane_on_which_the_eyes_saw_something_asks() -> None:
    eyes = [Eyes({}), Eyes(dict([saw(6.0, "arrived")]))]
    async with two(Place("door"), Place("kitchen"), eyes) as (place, model):
        await place.until(12.0)
        (view,) = model.views
        assert view.lane == "kitchen"
        assert [event.kind for percepts in view.percepts for event in percepts.events] == ["arrived"]


async def test_two_lanes_that_change_by_turns_each_have_a_gate_of_their_own() -> None:
    """What one lane was shown is nothing that the other is compared with."""
    async with two(Place("door", changes=6.0), Place("kitchen", changes=9.0)) as (place, model):
        await place.until(8.0)
        assert asked(model) == {"door": 1}
        await place.until(12.0)
        assert asked(model) == {"door": 1, "kitchen": 1}


async def test_each_lane_has_a_heartbeat_of_its_own() -> None:
    async with two(Place("door", changes=12.0), Place("kitchen"), heartbeat_s=20.0) as (place, model):
        await place.until(42.0)
        times = {name: [round(view.t) for view in model.views if view.lane == name] for name in ("door", "kitchen")}
        assert times["door"] == [12, 32]
        assert times["kitchen"] in ([20, 40], [21, 41])


@pytest.mark.parametrize(
    ("words", "lanes"),
    [
        ("what do you see?", ["door", "kitchen"]),
        ("what do you see in the kitchen?", ["kitchen"]),
    ],
)
async def test_a_question_is_put_to_the_lane_that_it_names(words: str, lanes: list[str]) -> None:
    async with two(Place("door"), Place("kitchen")) as (place, model):
        place.session.request(words)
        await place.until(8.0)
        assert sorted(view.lane for view in model.views) == lanes
        assert all(len(view.questions) == 1 for view in model.views)


@pytest.mark.parametrize(
    ("wish", "lanes"),
    [
        ("tell me when someone comes in", {"door", "kitchen"}),
        ("tell me when someone comes in in the kitchen", {"kitchen"}),
    ],
)
async def test_a_watch_is_looked_for_at_once_where_it_is_about(wish: str, lanes: set[str]) -> None:
    async with two(Place("door"), Place("kitchen")) as (place, model):
        place.session.request(wish)
        await place.until(8.0)
        assert set(asked(model)) == lanes
        assert all(view.armed and len(view.watches) == 1 for view in model.views)


class SlowEyes(Seer):
    """One worker that takes a second for each look; `looks`: when, which lane, and how old the picture was."""

    def __init__(self, turns: Turns, now: Callable[[], float], looks: list[tuple[float, Seer, float]]) -> None:
        self._turns, self._now, self._looks = turns, now, looks

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        await self._turns.take(self)
        try:
            yield
        finally:
            self._turns.give(self, deep=True, lively=False)

    async def look(self, frame: Frame) -> Percepts:
        self._looks.append((self._now(), self, self._now() - frame.t))
        await asyncio.sleep(1.0)
        return Percepts(frame.t)

    @property
    def pace(self) -> float:
        return 5.0


async def test_lanes_that_wait_for_the_worker_show_it_their_newest_picture_and_none_starves() -> None:
    looks: list[tuple[float, Seer, float]] = []
    turns = Turns(Seeing())
    names = ["door", "kitchen", "garden", "hall"]
    async with home(eyes=lambda: SlowEyes(turns, lambda: place.session.now(), looks)) as place:
        for name in names:
            place.session.add_lane(Place(name))
        await place.until(40.0)
        place.session.remove_lane("hall")
        await place.until(80.0)
    assert all(age <= 0.2 + 1e-6 for _, _, age in looks), "a look that comes late is not at a picture from then"
    before = Counter(eyes for t, eyes, _ in looks if t < 40)
    after = Counter(eyes for t, eyes, _ in looks if t > 43)
    assert len(before) == 4 and max(before.values()) - min(before.values()) <= 1
    assert len(after) == 3 and max(after.values()) - min(after.values()) <= 1
    assert sum(after.values()) >= 35, "who left holds up nobody"


async def test_a_lane_that_goes_takes_its_own_troubles_along_and_no_others() -> None:
    async with home(source=Place("door")) as place:
        for where in ("source door", "seeing door", "outlet door"):
            place.session.publish(Problem(t=place.session.now(), where=where, message="broken"))
        place.session.remove_lane("door")
        await place.until(1)
        assert list(place.session.problems) == ["outlet door"]


async def test_two_sources_differ_by_more_than_capital_letters() -> None:
    async with home(source=Place("front door")) as place:
        with pytest.raises(CommandRefused, match="already"):
            place.session.add_lane(Place("Front Door"))
        assert list(place.session.lanes) == ["front door"]
