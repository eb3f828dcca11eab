"""What the built-in observer promises on what it supports, and whether a run kept it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from bench.totals import Total


@dataclass(frozen=True)
class Limit:
    """`score`: a field of `Total`; `least`: whether `bound` is the least that will do, else the most."""

    heading: str
    score: str
    bound: float
    why: str
    least: bool = False
    unit: str = ""

    def kept(self, total: Total) -> bool:
        """What could not be measured is not kept: a run without one reminder proves nothing about reminders."""
        value: float | None = getattr(total, self.score)
        return value is not None and (value >= self.bound if self.least else value <= self.bound)

    def line(self, total: Total) -> str:
        value: float | None = getattr(total, self.score)
        shown = "not measured" if value is None else f"{value:.2f}{self.unit}"
        sign = "≥" if self.least else "≤"
        wanted = f"{shown}, wanted {sign} {self.bound:g}{self.unit}"
        return f"✓ {self.heading}: {wanted}" if self.kept(total) else f"✗ {self.heading}: {wanted} ({self.why})"


LIMITS = (
    Limit("recall", "recall", 0.9, "who misses more than one thing in ten cannot be left alone with it", least=True),
    Limit("precision", "precision", 0.95, "more than one false alarm in twenty, and nobody listens", least=True),
    Limit("F1", "f1", 0.9, "both at once: silence buys precision, chatter recall", least=True),
    Limit("median delay", "decision_delay", 1.0, "a second later the moment is over", unit=" s"),
    Limit("unwanted speech a minute", "unwanted_a_minute", 0.05, "three times an hour is as much as a person bears"),
    Limit("repeats", "repeats", 0, "nobody wants to hear a thing twice"),
    Limit("reminders off by", "clock_error", 1.0, "a tick: also where each takes 2.5 s", unit=" s"),
)


def limits(total: Total) -> list[str]:
    """A line for each limit, ✗ before what is beyond it."""
    return [limit.line(total) for limit in LIMITS]


def beyond(total: Total) -> bool:
    """Whether one of them is not kept."""
    return not all(limit.kept(total) for limit in LIMITS)
