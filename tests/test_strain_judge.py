"""The judge of long runs, on made-up hours, and the page that shows them."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from xml.etree import ElementTree

import pytest

from bench.strain.graphs import Section, line, page
from bench.strain.judge import Finding, Rule, Series, judge, slope, to_json

RULES = [
    Rule("memory: *", "flat", 15.0, share=0.05),
    Rule("tasks: *", "steady", 2.0),
    Rule("disk: journal MB", "bounded", 8.0, why="LOOKOUT_JOURNAL__MEGABYTES"),
    Rule("disk: *", "flat", 1.0),
]


def hours(values: Callable[[int], float], name: str, samples: int = 60) -> list[Finding]:
    series = Series()
    for n in range(samples):
        series.add(2.0 * n, {name: values(n)})
    return judge(series, RULES)


def noise(n: int) -> float:
    return Random(n).uniform(-4, 4)


def test_a_slope_is_that_of_most_pairs_whatever_a_few_samples_say() -> None:
    xs = [float(n) for n in range(20)]
    assert slope(xs, [3 * x + 7 for x in xs]) == pytest.approx(3)
    assert slope(xs, [5000.0 if n in (3, 19) else 3 * x for n, x in enumerate(xs)]) == pytest.approx(3, rel=0.05)
    assert slope([1.0], [4.0]) == 0.0


@pytest.mark.parametrize(
    ("values", "bad"),
    [
        (lambda n: 500 + noise(n), False),
        (lambda n: min(500, 300 + 20 * n) + noise(n), False),  # it fills first
        (lambda n: 500 + noise(n) + (300 if n in (40, 41) else 0), False),  # something large once
        (lambda n: 500 + noise(n) + 1.5 * n, True),
        (lambda n: 500 + noise(n) - 1.5 * n, False),
    ],
)
def test_memory_that_grows_after_the_warm_up_is_bad(values: Callable[[int], float], bad: bool) -> None:
    (finding,) = hours(values, "memory: allocated MB")
    assert finding.bad is bad
    assert "gains" in finding.words and finding.allowed == pytest.approx(25, rel=0.2)


def test_tasks_must_end_where_they_began() -> None:
    assert not hours(lambda n: 12 + 3 * (n % 5 == 0), "tasks: asyncio")[0].bad
    assert hours(lambda n: 12 + n // 10, "tasks: asyncio")[0].bad


def test_a_file_with_a_bound_may_grow_up_to_it_and_one_without_may_not() -> None:
    assert not hours(lambda n: n / 10, "disk: journal MB")[0].bad
    over = hours(lambda n: n / 5, "disk: journal MB")[0]
    assert over.bad and "LOOKOUT_JOURNAL__MEGABYTES" in over.words
    assert hours(lambda n: n / 10, "disk: log MB")[0].bad


def test_what_no_rule_is_about_is_shown_and_not_judged() -> None:
    assert hours(lambda n: n * n, "cpu") == []


def test_too_few_samples_are_not_judged() -> None:
    with pytest.raises(ValueError, match="too few"):
        hours(lambda n: 1.0, "tasks: asyncio", samples=4)


def test_a_name_that_comes_or_goes_counts_as_nothing_meanwhile() -> None:
    series = Series()
    series.add(0, {"a": 1})
    series.add(1, {"a": 1, "b": 2})
    series.add(2, {"b": 3})
    assert series.values == {"a": [1, 1, 0], "b": [0, 2, 3]}


def test_the_page_is_whole_and_says_what_is_bad() -> None:
    series = Series()
    for n in range(40):
        series.add(n, {"memory: allocated MB": 300 + 5 * n, "tasks: <b>": 7})
    findings = judge(series, RULES)
    html = page("Soak", ["on a machine"], [Section("still", ["8 h"], series, findings)])
    assert "Something grew" in html and html.count("class=bad") == 1 and "tasks: &lt;b&gt;" in html
    assert "http" not in html.replace('charset="utf-8"', "") and "<script" not in html
    svg = html[html.index("<svg") : html.index("</svg>") + 6]
    assert ElementTree.fromstring(svg).find("path") is not None
    assert "Everything stayed" in page("Soak", [], [Section("still", [], series, [])])
    assert "Something grew" in page("Soak", [], [Section("still", [], series, [], problem="it ended early")])


def test_a_curve_goes_from_edge_to_edge_and_a_constant_through_the_middle() -> None:
    assert line([0, 10], [0, 5]) == "M4.0 92.0L356.0 4.0"
    assert line([0, 10], [5, 5]) == "M4.0 48.0L356.0 48.0"


def test_everything_is_written_as_json() -> None:
    series = Series()
    for n in range(20):
        series.add(n, {"tasks: asyncio": 3})
    body = json.loads(json.dumps(to_json(series, judge(series, RULES))))
    assert body["findings"][0]["bad"] is False and len(body["values"]["tasks: asyncio"]) == 20
