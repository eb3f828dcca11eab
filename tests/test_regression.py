"""Is it worse than it was? Results are constructed, so that every verdict can be checked by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bench.regression import KEPT, BadResults, differences, drops, main, small, stored, unlike
from bench.scoring import Result

HEAD = {"observer": "embedded", "model": "–", "machine": "m", "date": "d", "commit": "c", "manner": "typed"}


def result(name: str, found: int = 4, expected: int = 4, extra: int = 0, **fields: Any) -> Result:
    """One that found so many of the expected, and said so much more."""
    return Result(
        name,
        "time",
        expected=expected,
        found=found,
        spoken=found + extra,
        wanted=found,
        missed=["speak within 1–2 s"] * (expected - found),
        unwanted=["3.0 s: Hello."] * extra,
        **fields,
    )


def before(*results: Result) -> dict[str, Result]:
    return {result.name: result for result in results}


def test_the_same_is_not_worse_and_better_is_not_either() -> None:
    then = [result("a"), result("b", found=1)]
    assert drops(then, before(*then)) == []
    assert drops([result("a"), result("b")], before(*then)) == []


def test_who_passed_and_fails_now_is_worse_who_failed_before_is_not() -> None:
    then = before(result("a"), result("b", found=1))
    worse = drops([result("a", found=3), result("b", found=1)], then)
    assert worse == ["a: passed before, now failed (missed speak within 1–2 s)"]


@pytest.mark.parametrize(("status", "worse"), [("not supported", True), ("broken", True), ("no footage", False)])
def test_who_passed_and_does_not_run_any_more(status: str, worse: bool) -> None:
    now = Result("a", "time", status, detail="why")
    expected = [f"a: passed before, now {status} (why)"] if worse else []
    assert drops([now], before(result("a"))) == expected


def test_who_is_new_has_to_pass_or_to_be_beyond_this_observer() -> None:
    new = [result("a"), result("b", found=0), Result("c", "time", "not supported"), Result("d", "time", "broken")]
    assert [text.split(":")[0] for text in drops(new, {})] == ["b", "d"]


def test_many_small_losses_are_one_significant_drop() -> None:
    """No scenario that passed fails: all of them failed before, and find less of what they found."""
    then = [result(f"s{n}", found=3) for n in range(20)]
    worse = drops([result(f"s{n}", found=2) for n in range(20)], before(*then))
    assert worse == ["recall fell by 0.25 (95 % interval -0.25 … -0.25)"]
    chatty = drops([result(f"s{n}", found=3, extra=1 + n % 3) for n in range(20)], before(*then))
    assert len(chatty) == 1 and chatty[0].startswith("precision fell by 0.39 (95 % interval -0.4")


def test_a_loss_here_and_a_gain_there_is_chance() -> None:
    then = [result(f"s{n}", found=2) for n in range(20)]
    now = [result(f"s{n}", found=1 if n % 2 else 3) for n in range(20)]
    assert drops(now, before(*then)) == []
    pairs = [(a, b) for a, b in zip(now, then, strict=True)]
    assert differences(pairs) == {"recall": 0.0, "precision": 0.0}


def test_of_the_whole_suite_a_scenario_that_is_gone_is_worse() -> None:
    then = before(result("a"), result("b"))
    assert drops([result("a")], then) == []
    assert drops([result("a")], then, whole=True) == [
        "b: is in the stored result, and there is no such scenario any more"
    ]


def test_another_observer_or_manner_is_told_another_seed_is_not(tmp_path: Path) -> None:
    spoken = "spoken, on virtual time, drawn anew with seed "
    (tmp_path / "then.json").write_text(json.dumps({**HEAD, "manner": f"{spoken}1", "results": []}))
    assert unlike(tmp_path / "then.json", {**HEAD, "manner": f"{spoken}2"}) == []
    assert unlike(tmp_path / "then.json", {**HEAD, "observer": "x", "manner": "typed, in real time"}) == [
        "not like for like: x now, embedded there",
        "not like for like: typed, in real time now, spoken, on virtual time there",
    ]


def test_only_those_that_ran_both_times_are_compared() -> None:
    then = [result(f"s{n}", found=3) for n in range(9)]
    easier = [Result(f"s{n}", "time", "no footage") for n in range(8)] + [result("s8", found=3)]
    assert drops(easier, before(*then)) == []


@pytest.mark.parametrize(("delay", "worse"), [(0.9, []), (1.1, ["decisions come 0.60 s later in the median"])])
def test_decisions_half_a_second_later_are_worse(delay: float, worse: list[str]) -> None:
    then = before(*(result(f"s{n}", decision_delays=[0.4, 0.5, 0.6]) for n in range(3)))
    assert drops([result(f"s{n}", decision_delays=[delay]) for n in range(3)], then) == worse


def test_who_repeats_himself_or_rings_half_a_second_later_is_worse() -> None:
    then = before(result("a"), result("b", clock_errors=[0.1, 0.2]))
    now = [result("a", repeats=2), result("b", clock_errors=[0.1, 0.8])]
    assert drops(now, then) == [
        "a: repeated itself 2 times, 0 before",
        "b: a reminder is off by 0.80 s, 0.20 s before",
    ]
    assert drops([result("a"), result("b", clock_errors=[0.6])], then) == []


def test_a_result_that_was_stored_without_reminders_errors_can_be_read(tmp_path: Path) -> None:
    old = small(body(result("a", clock_errors=[0.2])))
    rows = json.loads(old)
    for row in rows["results"]:
        del row["clock_errors"], row["repeats"]
    (tmp_path / "old.json").write_text(json.dumps(rows))
    assert drops([result("a", clock_errors=[0.9])], stored(tmp_path / "old.json")) == []


# ---------------------------------------------------------------- what is stored


def body(*results: Result) -> dict[str, Any]:
    return {**HEAD, "total": {}, "results": [result.to_json() for result in results]}


def test_a_stored_result_has_a_line_a_scenario_and_gives_the_same_verdicts(tmp_path: Path) -> None:
    then = [result(f"s{n}", found=n % 5, decision_delays=[0.5]) for n in range(60)]
    (tmp_path / "out.json").write_text(json.dumps(body(*then)))
    kept = tmp_path / "docs" / "kept.json"
    assert main([str(tmp_path / "out.json"), "--into", str(kept)]) == 0
    lines = kept.read_text().splitlines()
    assert sum('"name"' in line for line in lines) == 60 and len(lines) <= 64 and kept.stat().st_size < 30_000
    now = [result(f"s{n}", found=0) for n in range(60)]
    assert drops(now, stored(kept)) == drops(now, before(*then)) != []
    assert set(json.loads(kept.read_text())["results"][0]) == set(KEPT)


def test_what_holds_no_results_is_refused_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.json"
    rows = ["1", '{"status": "run"}', '{"name": "a", "expected": "4"}']
    for text in ("", "[]", *(f'{{"results": [{row}]}}' for row in rows)):
        path.write_text(text)
        with pytest.raises(BadResults, match=r"x\.json: holds no results"):
            stored(path)
    assert main([str(path), "--into", str(tmp_path / "y.json")]) == 2
    assert capsys.readouterr().err.startswith("bench.regression: ") and not (tmp_path / "y.json").exists()


def test_the_small_form_is_json() -> None:
    assert json.loads(small(body(result("a"), result("b"))))["observer"] == "embedded"
