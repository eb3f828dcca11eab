"""Scores over scenarios. Pure."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from bench.scoring import Result

Ratio = Callable[[Sequence[Result]], float | None]


@dataclass(frozen=True)
class Total:
    """Scores over scenarios. None where there is nothing to count; delays in seconds, medians unless named p95."""

    scenarios: int
    passed: int
    recall: float | None
    precision: float | None
    f1: float | None
    decision_delay: float | None
    decision_delay_p95: float | None
    audio_delay: float | None
    audio_delay_p95: float | None
    clock_error: float | None
    woven_ticks: int | None
    latency: float | None
    latency_p95: float | None
    unwanted_a_minute: float
    repeats: int
    observer_calls: int
    skipped: int
    late: int
    seconds: float
    cpu_seconds: float
    recall_interval: tuple[float, float] | None = None
    precision_interval: tuple[float, float] | None = None


def total(results: Sequence[Result]) -> Total:
    """Add up results that ran. `clock_error` and `woven_ticks`: the largest."""
    ran = [result for result in results if result.status == "run"]
    recall, precision = _recall(ran), _precision(ran)
    decisions = [delay for result in ran for delay in result.decision_delays]
    audio = [delay for result in ran for delay in result.audio_delays]
    latencies = [latency for result in ran for latency in result.latencies]
    minutes = sum(result.quiet_minutes for result in ran)
    return Total(
        scenarios=len(ran),
        passed=sum(result.passed for result in ran),
        recall=recall,
        precision=precision,
        f1=_f1(recall, precision),
        decision_delay=median(decisions) if decisions else None,
        decision_delay_p95=p95(decisions),
        audio_delay=median(audio) if audio else None,
        audio_delay_p95=p95(audio),
        clock_error=max((error for result in ran for error in result.clock_errors), default=None),
        woven_ticks=max((ticks for result in ran for ticks in result.woven_ticks), default=None),
        latency=median(latencies) if latencies else None,
        latency_p95=p95(latencies),
        unwanted_a_minute=sum(len(result.unwanted) for result in ran) / minutes if minutes else 0.0,
        repeats=sum(result.repeats for result in ran),
        observer_calls=sum(result.ticks - result.skipped for result in ran),
        skipped=sum(result.skipped for result in ran),
        late=sum(result.late for result in ran),
        seconds=sum(result.seconds for result in ran),
        cpu_seconds=sum(result.cpu_seconds for result in ran),
        recall_interval=interval(ran, _recall),
        precision_interval=interval(ran, _precision),
    )


def p95(values: Sequence[float]) -> float | None:
    """The smallest value that 95 % of them do not exceed; None of none."""
    if not values:
        return None
    return sorted(values)[max(0, -(-95 * len(values) // 100) - 1)]


def interval(results: Sequence[Result], ratio: Ratio, rounds: int = 500) -> tuple[float, float] | None:
    """95 % confidence interval of a ratio, by bootstrap over scenarios (seeded)."""
    if len(results) < 2:
        return None
    dice = random.Random(1)
    values = sorted(v for _ in range(rounds) if (v := ratio(dice.choices(results, k=len(results)))) is not None)
    return (values[int(0.025 * len(values))], values[int(0.975 * len(values)) - 1]) if values else None


def _f1(recall: float | None, precision: float | None) -> float | None:
    if recall is None:
        return None
    return 2 * recall * (precision or 0.0) / (recall + (precision or 0.0)) if recall else 0.0


def _recall(results: Sequence[Result]) -> float | None:
    expected = sum(result.expected for result in results)
    return sum(result.found for result in results) / expected if expected else None


def _precision(results: Sequence[Result]) -> float | None:
    spoken = sum(result.spoken for result in results)
    return sum(result.wanted for result in results) / spoken if spoken else None
