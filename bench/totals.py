"""Scores over scenarios, each with its interval. Pure."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from bench.scoring import Result

ROUNDS = 500  # of the bootstrap: the ends of an interval move by less than the last digit that is shown
LEFT_OUT = ("not supported", "no footage", "broken")
Interval = tuple[float, float]


@dataclass(frozen=True)
class Total:
    """Scores over scenarios. None where there is nothing to count; delays in seconds, medians unless named p95.

    `clock_error`, `woven_ticks`: the largest; `skipped_share`: of all ticks; `timed`: of the `required` events those
    that have a decision delay; `left_out`: how many did not run, and
    why; `intervals`: 95 % confidence interval of each score that has one, by name.
    """

    scenarios: int
    passed: int
    left_out: dict[str, int]
    recall: float | None
    precision: float | None
    f1: float | None
    decision_delay: float | None
    decision_delay_p95: float | None
    audio_delay: float | None
    audio_delay_p95: float | None
    clock_error: float | None
    woven_ticks: float | None
    barge_in_stop: float | None
    barge_in_stop_p95: float | None
    latency: float | None
    latency_p95: float | None
    unwanted_a_minute: float | None
    repeats: float
    calls_a_minute: float | None
    cpu_a_minute: float | None
    skipped_share: float | None
    tokens_a_call: float | None
    cached_share: float | None
    timed: int
    required: int
    observer_calls: int
    prompt_tokens: int | None
    cached_tokens: int | None
    skipped: int
    late: int
    seconds: float
    cpu_seconds: float
    intervals: dict[str, Interval] = field(default_factory=dict)


def total(results: Sequence[Result]) -> Total:
    """Add up results that ran; the others are counted apart."""
    ran = [result for result in results if result.status == "run"]
    reported = [result for result in ran if result.prompt_tokens is not None]
    return Total(
        scenarios=len(ran),
        passed=sum(result.passed for result in ran),
        left_out={status: n for status in LEFT_OUT if (n := sum(result.status == status for result in results))},
        timed=sum(len(result.decision_delays) for result in ran),
        required=sum(result.expected for result in ran),
        observer_calls=sum(result.calls for result in ran),
        prompt_tokens=sum(result.prompt_tokens or 0 for result in reported) if reported else None,
        cached_tokens=sum(result.cached_tokens or 0 for result in reported) if reported else None,
        skipped=sum(result.skipped for result in ran),
        late=sum(result.late for result in ran),
        seconds=sum(result.seconds for result in ran),
        cpu_seconds=sum(result.cpu_seconds for result in ran),
        intervals=intervals(ran, scores),
        **scores(ran),  # type: ignore[arg-type]
    )


def scores(ran: Sequence[Result]) -> dict[str, float | None]:
    """Everything that has an interval, by the name of its field in `Total`."""
    found, right = recall(ran), precision(ran)
    decisions, audio = _all(ran, "decision_delays"), _all(ran, "audio_delays")
    latencies, stops = _all(ran, "latencies"), _all(ran, "barge_in_stops")
    minutes = sum(result.seconds for result in ran) / 60
    told = [result for result in ran if result.prompt_tokens is not None]
    tokens = sum(result.prompt_tokens or 0 for result in told)
    return {
        "recall": found,
        "precision": right,
        "f1": _f1(found, right),
        "decision_delay": median(decisions) if decisions else None,
        "decision_delay_p95": p95(decisions),
        "audio_delay": median(audio) if audio else None,
        "audio_delay_p95": p95(audio),
        "clock_error": max(_all(ran, "clock_errors"), default=None),
        "woven_ticks": max(_all(ran, "woven_ticks"), default=None),
        "barge_in_stop": median(stops) if stops else None,
        "barge_in_stop_p95": p95(stops),
        "latency": median(latencies) if latencies else None,
        "latency_p95": p95(latencies),
        "unwanted_a_minute": _ratio(sum(len(r.unwanted) for r in ran), sum(r.quiet_minutes for r in ran)),
        "repeats": sum(result.repeats for result in ran),
        "calls_a_minute": _ratio(sum(result.calls for result in ran), minutes),
        "cpu_a_minute": _ratio(sum(result.cpu_seconds for result in ran), minutes),
        "skipped_share": _ratio(sum(result.skipped for result in ran), sum(result.ticks for result in ran)),
        "tokens_a_call": _ratio(tokens, sum(result.calls for result in told)),
        "cached_share": _ratio(sum(result.cached_tokens or 0 for result in told), tokens),
    }


def p95(values: Sequence[float]) -> float | None:
    """The smallest value that 95 % of them do not exceed; None of none."""
    if not values:
        return None
    return sorted(values)[max(0, -(-95 * len(values) // 100) - 1)]


def intervals(
    ran: Sequence[Any], scored: Callable[[Sequence[Any]], dict[str, float | None]], rounds: int = ROUNDS
) -> dict[str, Interval]:
    """95 % confidence intervals of scores, by bootstrap over scenarios (seeded); none of fewer than two of them."""
    if len(ran) < 2:
        return {}
    dice = random.Random(1)
    drawn: dict[str, list[float]] = {}
    for _ in range(rounds):
        for name, value in scored(dice.choices(ran, k=len(ran))).items():
            if value is not None:
                drawn.setdefault(name, []).append(value)
    return {name: _middle(sorted(values)) for name, values in drawn.items()}


def _middle(values: Sequence[float]) -> Interval:
    """Between which 95 % of sorted values lie."""
    return values[int(0.025 * len(values))], values[max(0, int(0.975 * len(values)) - 1)]


def _all(results: Sequence[Result], name: str) -> list[float]:
    return [value for result in results for value in getattr(result, name)]


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _f1(found: float | None, right: float | None) -> float | None:
    if found is None:
        return None
    return 2 * found * (right or 0.0) / (found + (right or 0.0)) if found else 0.0


def recall(results: Sequence[Result]) -> float | None:
    """Of the required events, those that happened in their window."""
    return _ratio(sum(result.found for result in results), sum(result.expected for result in results))


def precision(results: Sequence[Result]) -> float | None:
    """Of what was said, that which was expected."""
    return _ratio(sum(result.wanted for result in results), sum(result.spoken for result in results))
