"""The parts of `make bench-eyes` that cost no time: what it counts, what it shows, and how it ends."""

from __future__ import annotations

import argparse
from random import Random

import httpx
import numpy as np
import pytest

from bench.eyes import __main__ as eyes
from bench.eyes import scenes
from bench.eyes.lanes import LATE_S, delays
from bench.eyes.webhook import webhook
from bench.figures import Figure
from interaction.clock import loop_time, real_work
from interaction.sources.synthetic.place import place


def test_an_alert_counts_for_the_visit_on_its_own_lane_and_a_visit_without_one_as_the_longest() -> None:
    visits = [(10.0, "door"), (30.0, "kitchen"), (50.0, "door"), (70.0, "door")]
    told = [(10.8, "door"), (12.0, "door"), (30.5, "door"), (31.0, "kitchen"), (49.8, "door"), (77.0, "door")]
    assert delays(visits, told) == pytest.approx([0.8, 1.0, -0.2, LATE_S])
    assert delays(visits, []) == [LATE_S] * 4


@pytest.mark.parametrize("name", scenes.PLACES)
def test_a_visit_begins_in_the_very_place_that_was_shown_before(name: str) -> None:
    seed, ground = list(scenes.PLACES).index(name), scenes.PLACES[name]
    people = [{"enters": scenes.ENTERS_S, "leaves": scenes.LEAVES_S, "tall": 220}]
    empty = place(Random(seed), scenes.STILL_S, ground=ground)
    visited = place(Random(seed), scenes.VISIT_S, ground=ground, people=people)
    assert np.array_equal(empty.draw(0.0), visited.draw(0.0))
    assert not np.array_equal(empty.draw(4.0), visited.draw(4.0))
    assert np.array_equal(empty.draw(0.0), visited.draw(scenes.VISIT_S - 0.1))
    assert [(fact.kind, fact.t) for fact in visited.truth] == [
        ("arrives", scenes.ENTERS_S),
        ("leaves", scenes.LEAVES_S),
    ]


async def test_the_webhook_notes_when_the_alert_of_which_lane_was_there() -> None:
    async with webhook() as hook:
        url, before = hook.outlet.url.get_secret_value(), loop_time()
        with real_work():
            async with httpx.AsyncClient() as client:
                answer = await client.post(url, json={"lane": "door", "picture": "x" * 100_000})
        assert answer.status_code == 204
        ((came, lane),) = hook.came
        assert lane == "door" and before <= came <= loop_time()


@pytest.mark.parametrize(
    ("figures", "code"),
    [
        ([Figure(1, "lanes", "%", [40.0, 60.0], limit=100.0)], 0),
        ([Figure(1, "lanes", "%", [140.0], limit=100.0)], 1),
        ([Figure(4, "alert", "s", [0.8, 6.0], limit_p95=2.0)], 1),
        (None, 1),
    ],
)
def test_it_fails_where_a_promise_is_not_kept_or_cannot_be_measured(
    figures: list[Figure] | None, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def part(_: argparse.Namespace) -> list[Figure]:
        if figures is None:
            raise TimeoutError("no picture of door within 30 s")
        return figures

    monkeypatch.setattr(eyes, "PARTS", {"lanes": (1, "six lanes", part)})
    assert eyes.main([]) == code
    assert (figures is None) == ("not measured: TimeoutError: no picture of door" in capsys.readouterr().out)
    with pytest.raises(SystemExit):
        eyes.main(["ears"])
