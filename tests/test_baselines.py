"""The observers that a result is held against: what the polled ones are shown, and when they speak."""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from bench.baselines import PolledEyes, PolledModel, agreed, baselines, watched_by
from config import Settings
from interaction.intents import Question
from interaction.observers.base import View
from interaction.seeing.base import Percepts
from interaction.sources.base import Frame
from tests import model_server
from tests.house import home
from tests.scripted_http import serve

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def view(t: float, percepts: Percepts | None = None, **changes: Any) -> View:
    frame = Frame(t, np.full((48, 64, 3), int(t) % 250, np.uint8))
    seen = (percepts,) if percepts else ()
    fields: dict[str, Any] = {"t": t, "wall": NOW, "lane": "camera", "language": "en", "frame": frame, "percepts": seen}
    return View(**fields | {"watches": ()} | changes)


async def told(observer: Any, views: list[View]) -> list[tuple[float, str]]:
    return [(v.t, p.text) for v in views for p in await observer.decide(v) if p.action == "speak"]


def test_looks_agree_on_what_half_of_them_show() -> None:
    looks = [Percepts(n, counts={"person": n % 3, "car": int(n == 1)}, text=(str(n),)) for n in range(4)]
    seen = agreed(deque(looks))
    assert seen and (seen.counts, seen.text, seen.events) == ({}, ("3",), ())  # people: 0 0 1 2
    steady = agreed(deque([*looks[:2], Percepts(2, counts={"person": 2}), Percepts(3, counts={"person": 2})]))
    assert steady and steady.counts == {"person": 1}
    assert agreed(deque()) is None


async def test_polled_eyes_describe_every_five_seconds_unless_nothing_is_in_view() -> None:
    empty, someone = [view(t, Percepts(t)) for t in range(8)], Percepts(0.0, counts={"person": 1})
    seen = [view(t, someone) for t in range(8, 21)]
    assert await told(PolledEyes(), empty + seen) == [(10, "One person."), (15, "One person."), (20, "One person.")]


async def test_polled_eyes_answer_at_the_next_poll_what_was_asked_and_found_since() -> None:
    def two(t: float, **changes: Any) -> View:
        return view(t, Percepts(t, counts={"person": 2}), **changes)

    asked = two(6, questions=(Question("count", "how many people?", "person"),))
    found = two(7, results=("It is 397.8.",))
    views = [view(5, None), asked, found, *(two(t) for t in (8, 9, 10, 11))]
    assert await told(PolledEyes(), views) == [(10, "It is 397.8."), (10, "I can see two people.")]


@pytest.mark.real_time
async def test_a_polled_model_gets_four_pictures_a_poll_and_what_it_says_is_said() -> None:
    with serve(model_server.said("A red kettle.")) as server:
        observer = PolledModel(Settings(_env_file=None, observer=server.url, observer_model="m"))  # type: ignore[call-arg]
        asked = view(3, questions=(Question("open", "is it hot?"),))
        views = [view(1), view(2), view(2.5), asked, *(view(t) for t in (4, 5, 6, 7, 8, 9, 10))]
        said = await told(observer, views)
        await observer.aclose()
    assert said == [(5, "A red kettle."), (10, "A red kettle.")] and len(server.bodies) == 2
    for body in server.bodies:
        text, *pictures = body["messages"][1]["content"]
        assert "is it hot?" in text["text"] and [part["type"] for part in pictures] == ["image_url"] * 4
        assert "Answer now" in body["messages"][0]["content"]
    assert observer.usage and observer.usage.calls == 2


def test_a_model_behind_a_url_is_the_one_that_is_polled() -> None:
    names = ["always silent", "describe every 10 s", "last 4 frames, polled every 5 s"]
    for observer, kind in (("embedded", PolledEyes), ("http://127.0.0.1:9/v1", PolledModel)):
        made = [make() for make in baselines(Settings(_env_file=None, observer=observer))]  # type: ignore[call-arg]
        assert [one.name for one in made] == names and isinstance(made[2], kind)


async def test_a_baseline_is_given_the_scenarios_of_the_observer_before() -> None:
    async with home() as place:
        can = place.session.observer.capabilities | {"dancing"}
        place.session.observer.capabilities = can
        watched_by(PolledEyes)(place.session)
        assert isinstance(place.session.observer, PolledEyes) and place.session.observer.capabilities == can
