"""From the journal of a scenario to its scores. Pure."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from bench.scenario import Scenario, Span

Line = dict[str, Any]
# Words of the house about itself: not what a scenario's stream should make it say.
OWN_WORDS = ("acknowledged",)


@dataclass
class Result:
    """What one scenario showed. `missed`, `unwanted`, `forbidden`: what went wrong, in words."""

    name: str
    capability: str
    status: str = "run"  # run | not supported | no footage | broken
    expected: int = 0
    found: int = 0
    spoken: int = 0
    wanted: int = 0
    missed: list[str] = field(default_factory=list)
    unwanted: list[str] = field(default_factory=list)
    forbidden: list[str] = field(default_factory=list)
    decision_delays: list[float] = field(default_factory=list)
    audio_delays: list[float] = field(default_factory=list)
    quiet_minutes: float = 0.0
    repeats: int = 0
    ticks: int = 0
    skipped: int = 0
    late: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    detail: str = ""

    @property
    def passed(self) -> bool:
        return self.status == "run" and not (self.missed or self.unwanted or self.forbidden)


def score(scenario: Scenario, lines: Sequence[Line], seconds: float) -> Result:
    """Match what happened against what must and must not happen."""
    result = Result(scenario.name, scenario.capability, seconds=seconds)
    used: set[int] = set()
    required = [span for span in scenario.expect if not span.optional]
    for span in sorted(required, key=lambda span: span.span[1]):
        number = next((n for n, line in enumerate(lines) if n not in used and span.fits(line)), None)
        result.expected += 1
        if number is None:
            result.missed.append(_words(span))
            continue
        used.add(number)
        result.found += 1
        _delays(result, span, lines, number)
    for line in lines:
        for span in scenario.forbid:
            if span.fits(line):
                result.forbidden.append(f"{line['t']:.1f} s: {line.get('text') or line['type']}")
    _speech(result, scenario, lines, used)
    decisions = [line for line in lines if line["type"] == "decision" and line["lane"]]
    result.ticks = len(decisions)
    result.skipped = sum(line["skipped"] for line in decisions)
    result.late = sum(line["late"] for line in decisions)
    return result


def _delays(result: Result, span: Span, lines: Sequence[Line], number: int) -> None:
    if span.at is None:
        return
    line = lines[number]
    result.decision_delays.append(line["t"] - span.at)
    started = next((other for other in lines[number:] if other["type"] == "utterance_started"), None)
    if line["type"] == "decision" and started:
        result.audio_delays.append(started["t"] - span.at)


def _speech(result: Result, scenario: Scenario, lines: Sequence[Line], used: set[int]) -> None:
    """Precision of what was said, repeats, and unwanted speech by the minute."""
    optional = [span for span in scenario.expect if span.optional]
    said: list[Line] = []
    for number, line in enumerate(lines):
        if line["type"] != "decision" or line["action"] == "silence" or line["reason"] in OWN_WORDS:
            continue
        if number in used:
            result.spoken += 1
            result.wanted += 1
        elif not any(span.fits(line) for span in optional):
            result.spoken += 1
            result.unwanted.append(f"{line['t']:.1f} s: {line['text']}")
        if any(other["text"] == line["text"] and line["t"] - other["t"] < 2.0 for other in said):
            result.repeats += 1
        said.append(line)
    result.quiet_minutes = seconds_without(scenario, result.seconds) / 60


def seconds_without(scenario: Scenario, seconds: float) -> float:
    """Seconds of stream in which nothing has to be said."""
    busy = sum(span.span[1] - span.span[0] for span in scenario.expect if span.event in ("speak", "delegate"))
    return max(1.0, seconds - busy)


def _words(span: Span) -> str:
    what = f" /{span.matches}/" if span.matches else ""
    return f"{span.event}{what} within {span.span[0]:g}–{span.span[1]:g} s"


@dataclass(frozen=True)
class Total:
    """Scores over scenarios. Ratios are None where there is nothing to count."""

    scenarios: int
    passed: int
    recall: float | None
    precision: float | None
    f1: float | None
    decision_delay: float | None
    decision_delay_p95: float | None
    audio_delay: float | None
    unwanted_a_minute: float
    repeats: int
    late: int
    recall_interval: tuple[float, float] | None = None
    precision_interval: tuple[float, float] | None = None


def total(results: Sequence[Result]) -> Total:
    """Add up results that ran."""
    ran = [result for result in results if result.status == "run"]
    recall, precision = _recall(ran), _precision(ran)
    delays = sorted(d for result in ran for d in result.decision_delays)
    audio = [d for result in ran for d in result.audio_delays]
    both = recall is not None and precision is not None and recall + precision > 0
    minutes = sum(result.quiet_minutes for result in ran)
    unwanted = sum(len(result.unwanted) for result in ran)
    return Total(
        scenarios=len(ran),
        passed=sum(result.passed for result in ran),
        recall=recall,
        precision=precision,
        f1=2 * recall * precision / (recall + precision) if both else None,  # type: ignore[operator]
        decision_delay=median(delays) if delays else None,
        decision_delay_p95=delays[min(len(delays) - 1, int(0.95 * len(delays)))] if delays else None,
        audio_delay=median(audio) if audio else None,
        unwanted_a_minute=unwanted / minutes if minutes else 0.0,
        repeats=sum(result.repeats for result in ran),
        late=sum(result.late for result in ran),
        recall_interval=interval(ran, _recall),
        precision_interval=interval(ran, _precision),
    )


def _recall(results: Sequence[Result]) -> float | None:
    expected = sum(result.expected for result in results)
    return sum(result.found for result in results) / expected if expected else None


def _precision(results: Sequence[Result]) -> float | None:
    spoken = sum(result.spoken for result in results)
    return sum(result.wanted for result in results) / spoken if spoken else None


def interval(
    results: Sequence[Result], ratio: Callable[[Sequence[Result]], float | None], rounds: int = 500
) -> tuple[float, float] | None:
    """95 % confidence interval of a ratio, by bootstrap over scenarios (seeded)."""
    if len(results) < 2:
        return None
    dice = random.Random(1)
    values = sorted(v for _ in range(rounds) if (v := ratio(dice.choices(results, k=len(results)))) is not None)
    return (values[int(0.025 * len(values))], values[int(0.975 * len(values)) - 1]) if values else None
