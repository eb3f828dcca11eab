"""From a journal to scores: pure, so every number is worked out by hand here."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from bench.report import line, table
from bench.scenario import Scenario
from bench.scoring import Result, barge_in_stops, match, quiet_seconds, score
from bench.table import BEGIN, BEGIN_SHORT, END, END_SHORT, put
from bench.table import main as table_of_files
from bench.totals import intervals, p95, total

Line = dict[str, Any]


def scenario(**parts: Any) -> Scenario:
    body = {"name": "s", "capability": "monitoring", "source": {"generator": "still", "seconds": 60}, **parts}
    return Scenario.model_validate(body)


def spoke(t: float, text: str, **fields: Any) -> Line:
    base = {"t": t, "type": "decision", "lane": "camera", "action": "speak", "text": text, "reason": "watch: x"}
    return {**base, "watch": "w1", "latency": 0.1, "skipped": False, "late": False, **fields}


def silent(t: float, **fields: Any) -> Line:
    return spoke(t, "", action="silence", **fields)


def started(t: float, utterance: int, text: str = "") -> Line:
    return {"t": t, "type": "utterance_started", "utterance": utterance, "text": text}


def expecting(*windows: tuple[float, float], **fields: Any) -> list[dict[str, Any]]:
    return [{"event": "speak", "within": list(window), **fields} for window in windows]


def test_what_is_expected_and_said_is_found_with_its_delays() -> None:
    lines = [
        spoke(10.5, "Someone came in."),
        started(10.9, 1, "Someone came in."),
    ]
    result = score(scenario(expect=expecting((9.7, 12.5), at=10.0)), lines, 60)
    assert (result.expected, result.found, result.spoken, result.wanted) == (1, 1, 1, 1)
    assert result.decision_delays == [0.5] and result.audio_delays == [pytest.approx(0.9)]
    assert result.passed and line(result) == "✓ s: 1/1 expected"


def test_the_sound_of_other_words_is_not_the_sound_of_these() -> None:
    lines = [
        spoke(10.5, "Someone came in."),
        started(10.9, 1, "I'm on it."),
    ]
    assert score(scenario(expect=expecting((9.7, 12.5), at=10.0)), lines, 60).audio_delays == []


def test_too_late_is_missed_and_unwanted() -> None:
    result = score(scenario(expect=expecting((9.7, 12.5))), [spoke(12.6, "Someone came in.")], 60)
    assert (result.found, result.wanted, result.spoken) == (0, 0, 1)
    assert not result.passed and result.unwanted == ["12.6 s: Someone came in."]
    assert "missed speak within 9.7–12.5 s" in line(result)


def test_a_watch_that_says_it_again_after_its_cooldown_repeats_itself_unless_it_happened_again() -> None:
    lines = [spoke(10.2, "Someone came in."), spoke(12.3, "Someone came in.")]
    once, twice = (scenario(expect=expecting(*windows)) for windows in ([(9.7, 12)], [(9.7, 12), (12, 15)]))
    assert score(once, lines, 60).repeats == 1 and score(twice, lines, 60).repeats == 0
    others = [spoke(10.2, "Someone came in."), spoke(12.3, "Someone came in.", watch="w2")]
    assert score(once, others, 60).repeats == 0
    assert score(once, [lines[0], spoke(20.3, "Someone came in.")], 60).repeats == 0


def test_one_event_is_told_once() -> None:
    lines = [spoke(10.2, "Someone came in."), spoke(10.6, "Someone came in.")]
    result = score(scenario(expect=expecting((9.7, 12.5))), lines, 60)
    assert (result.wanted, len(result.unwanted), result.repeats) == (1, 1, 1)


def test_a_span_that_takes_anything_leaves_the_rare_words_to_the_one_that_needs_them() -> None:
    greedy = expecting((0, 10)) + expecting((0, 11), matches="left")
    lines = [spoke(5, "Someone left."), spoke(6, "Hello.")]
    spans = scenario(expect=greedy).expect
    assert match(spans, lines) == {0: 1, 1: 0}


def test_what_is_optional_counts_neither_way_and_once() -> None:
    optional = expecting((9, 12), optional=True)
    once = score(scenario(expect=optional), [spoke(10, "Someone came in.")], 60)
    assert (once.expected, once.spoken, once.passed) == (0, 0, True)
    twice = score(scenario(expect=optional), [spoke(10, "Someone came in."), spoke(11, "Another.")], 60)
    assert twice.unwanted == ["11.0 s: Another."]


def test_what_is_forbidden_fails_even_if_it_was_expected_elsewhere() -> None:
    forbidden = scenario(
        expect=expecting((9, 12)), forbid=[{"event": "speak", "between": [0, 60], "matches": "^hello"}]
    )
    result = score(forbidden, [spoke(10, "Hello!")], 60)
    assert result.found == 1 and result.forbidden == ["10.0 s: Hello!"] and not result.passed


def test_acknowledgements_are_no_speech_but_delegations_are() -> None:
    lines = [spoke(1, "I'll tell you.", reason="acknowledged"), spoke(2, "I'm on it.", action="delegate")]
    result = score(scenario(), lines, 60)
    assert result.unwanted == ["2.0 s: I'm on it."]


def test_reminders_have_a_clock_error_and_no_delay() -> None:
    result = score(scenario(expect=expecting((20.7, 23.5), at=21.0)), [spoke(21.4, "Tea", reason="a timer")], 60)
    assert result.clock_errors == [pytest.approx(0.4)] and result.decision_delays == []


def test_a_result_is_woven_back_after_so_many_ticks() -> None:
    done = {"t": 5.1, "type": "task_done", "text": "It is 397.8."}
    lines = [silent(5.0), done, silent(5.5), spoke(6.0, "It is 397.8."), silent(7.0)]
    assert score(scenario(expect=expecting((5, 8))), lines, 60).woven_ticks == [2]


def test_ticks_are_counted_once_and_the_house_has_none() -> None:
    lines = [silent(1.0, skipped=True), spoke(2, "a"), spoke(2, "b"), silent(3.0, late=True), spoke(4, "c", lane="")]
    result = score(scenario(), lines, 60)
    assert (result.ticks, result.skipped, result.late, result.latencies) == (3, 1, 1, [0.1, 0.1])


def ended(t: float, utterance: int, interrupted: bool = True) -> Line:
    return {"t": t, "type": "utterance_ended", "utterance": utterance, "interrupted": interrupted, "heard": ""}


def test_barge_in_is_timed_from_the_persons_first_sound() -> None:
    lines = [started(4.0, 1), ended(10.4, 1), started(12.0, 2), ended(15.0, 2, interrupted=False)]
    assert barge_in_stops(lines, [10.0, 10.3, 14.0]) == [pytest.approx(0.4)]
    assert barge_in_stops(lines, [3.0, 7.0]) == []  # before it began, and too long before it ended
    assert score(scenario(user=[{"t": 10, "say": "stop"}]), lines, 60).barge_in_stops == [pytest.approx(0.4)]
    assert score(scenario(user=[{"t": 10, "say": "stop"}]), lines, 60, onsets=[9.0]).barge_in_stops == [
        pytest.approx(1.4)
    ]


def test_tokens_count_only_where_the_observer_reports_them() -> None:
    told = Result("a", "time", calls=4, prompt_tokens=1000, cached_tokens=250, seconds=60, ticks=8, skipped=4)
    both = total([told, Result("b", "time", calls=8, seconds=60, ticks=8)])
    assert (both.prompt_tokens, both.tokens_a_call, both.cached_share) == (1000, 250, 0.25)
    assert (both.observer_calls, both.calls_a_minute, both.skipped_share) == (12, 6, 0.25)
    assert total([Result("b", "time", calls=8)]).prompt_tokens is None


def test_overlapping_windows_are_busy_only_once() -> None:
    spans = scenario(expect=expecting((0, 10), (5, 15), (55, 70)))
    assert quiet_seconds(spans, 60) == 40
    assert quiet_seconds(scenario(expect=expecting((0, 100))), 60) == 1


def test_totals_are_ratios_of_sums_with_intervals() -> None:
    good = Result("a", "time", expected=3, found=3, spoken=3, wanted=3, quiet_minutes=1, decision_delays=[0.2, 0.4])
    bad = Result("b", "time", expected=1, found=0, spoken=1, wanted=0, unwanted=["x"], missed=["y"], quiet_minutes=1)
    other = Result("c", "time", "not supported")
    both = total([good, bad, other])
    assert (both.scenarios, both.passed, both.recall, both.precision, both.f1) == (2, 1, 0.75, 0.75, 0.75)
    assert both.unwanted_a_minute == 0.5 and both.decision_delay == pytest.approx(0.3)
    assert both.intervals["recall"] == (0.0, 1.0) and both.intervals["decision_delay"] == (pytest.approx(0.3),) * 2
    assert both.left_out == {"not supported": 1}
    assert set(both.intervals) < set(asdict(both)) and both.clock_error is None and "clock_error" not in both.intervals
    assert intervals([good], lambda _: {"x": 1.0}) == {}


def test_an_interval_holds_the_middle_95_percent_of_what_chance_would_give() -> None:
    half = [Result(f"s{n}", "time", expected=1, found=n % 2) for n in range(100)]
    low, high = total(half).intervals["recall"]
    assert 0.38 <= low <= 0.43 and 0.57 <= high <= 0.62  # 0.5 ± 1.96 · 0.05
    assert total(half).intervals == total(half).intervals  # seeded


def test_who_never_speaks_has_no_recall_and_no_precision() -> None:
    mute = total([Result("a", "time", expected=4, missed=["x"] * 4)])
    assert (mute.recall, mute.precision, mute.f1, mute.unwanted_a_minute) == (0.0, None, 0.0, None)
    nothing = total([])
    assert (nothing.scenarios, nothing.recall, nothing.f1) == (0, None, None)


@pytest.mark.parametrize(("values", "expected"), [([], None), ([3.0], 3.0), (list(range(1, 101)), 95), ([1, 2], 2)])
def test_the_95th_percentile_is_the_smallest_that_95_percent_do_not_exceed(
    values: list[float], expected: float | None
) -> None:
    assert p95(values) == expected


def test_the_table_says_what_did_not_run_and_survives_having_nothing() -> None:
    rows = table([Result("a", "time", expected=1, found=1), Result("b", "memory", "no footage")])
    assert rows[1].split()[:5] == ["memory", "0", "0", "0", "–"]
    assert rows[3].split()[:5] == ["all", "1", "1", "0", "1.00"]
    assert rows[-1] == "not run: b (no footage)"
    assert table([])[-1] == "not run: none"


def results_body() -> dict[str, Any]:
    failed = Result("a|b", "time", expected=2, found=1, missed=["speak within 1–2 s"], spoken=1, wanted=1)
    quiet = {"observer": "always silent", "results": [Result("a|b", "time", expected=2, missed=["x"]).to_json()]}
    head = {
        "observer": "embedded",
        "model": "–",
        "machine": "2 × cpu",
        "date": "d",
        "commit": "abc",
        "manner": "spoken",
    }
    return {**head, "results": [failed.to_json()], "baselines": [quiet]}


def test_markdown_names_its_circumstances_and_goes_between_the_markers() -> None:
    other = {"observer": "another", "results": [Result("a|b", "time", expected=2, missed=["x"]).to_json()]}
    page = put(f"before\n{BEGIN}\nyesterday\n{END}\nafter\n", results_body(), [other])
    assert page.startswith("before\n") and page.endswith("\nafter\n") and "yesterday" not in page
    assert "**embedded**" in page and "`abc`" in page and "spoken;" in page
    assert "| a\\|b | time | **failed** | 1/2 | missed speak within 1–2 s |" in page
    assert "| always silent | 1 | 0 | 0 | 0.00 | – |" in page and "| another | 1 | 0 | 0 | 0.00 |" in page
    with pytest.raises(ValueError, match="no place"):
        put("no markers", results_body())


def test_a_page_with_the_other_markers_gets_the_short_table(tmp_path: Path) -> None:
    results, readme, docs = (tmp_path / name for name in ("out.json", "README.md", "docs.md"))
    results.write_text(json.dumps(results_body()))
    readme.write_text(f"{BEGIN_SHORT}\n{END_SHORT}\n")
    docs.write_text(f"{BEGIN}\n{END}\n")
    assert table_of_files([str(results), "--into", str(readme), str(docs)]) == 0
    assert "| time | 1 | 0 | 0.50 | 1.00 | 0.67 | – | – | – |" in readme.read_text()
    assert "| always silent | 1 | 0 | 0.00 |" in readme.read_text() and "a\\|b" not in readme.read_text()
    assert "a\\|b" in docs.read_text()
    before = readme.read_text()
    docs.write_text("no markers")
    assert table_of_files([str(results), "--into", str(readme), str(docs)]) == 2 and readme.read_text() == before
