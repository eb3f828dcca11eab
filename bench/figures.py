"""Numbers of a benchmark run as values, and how they are shown. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One number. `number`: its place in docs/bench.md; `limit`: what the median, `limit_p95` what the 95th percentile
    should not exceed (None: told, not promised); `cpu`: CPU seconds that measuring it cost; `samples`: in `unit`.

    `problem`: why there is no measurement.
    """

    number: int
    name: str
    unit: str
    samples: Sequence[float] = ()
    limit: float | None = None
    limit_p95: float | None = None
    cpu: float | None = None
    how: str = ""
    notes: Sequence[str] = field(default=())
    problem: str = ""

    @property
    def median(self) -> float | None:
        return median(self.samples) if self.samples else None

    @property
    def p95(self) -> float | None:
        return percentile(self.samples, 95) if len(self.samples) > 1 else None

    @property
    def over(self) -> bool:
        """Whether a promise is not kept."""
        pairs = ((self.median, self.limit), (self.p95, self.limit_p95))
        return any(value is not None and limit is not None and value > limit for value, limit in pairs)

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "median": self.median, "p95": self.p95, "over": self.over}


def percentile(samples: Iterable[float], share: float) -> float:
    """The smallest sample that `share` percent of all do not exceed (nearest rank): one that really occurred."""
    ordered = sorted(samples)
    return ordered[max(1, math.ceil(len(ordered) * share / 100)) - 1]


def table(figures: Sequence[Figure]) -> list[str]:
    """Lines: a head, a row a figure (! before what exceeds its target), and what is to be known about each."""
    rows: list[tuple[str, ...]] = [("", "", "target", "median", "p95", "CPU s", "how it was measured")]
    rows += [_row(figure) for figure in sorted(figures, key=lambda figure: figure.number)]
    widths = [max(len(row[column]) for row in rows) for column in range(6)]
    lines = []
    for row in rows:
        marks, name, *cells, how = row
        padded = "  ".join(f"{cell:>{width}}" for cell, width in zip(cells, widths[2:], strict=True))
        lines.append(f"{marks:{widths[0]}} {name:{widths[1]}}  {padded}  {how}".rstrip())
    return lines


def remarks(figures: Sequence[Figure]) -> list[str]:
    """What the table has no column for, a line each."""
    ordered = sorted(figures, key=lambda figure: figure.number)
    return [f"{figure.number}. {note}" for figure in ordered for note in figure.notes]


def _row(figure: Figure) -> tuple[str, ...]:
    targets = [_value(limit, figure.unit) for limit in (figure.limit, figure.limit_p95) if limit is not None]
    return (
        f"{'!' if figure.over else ' '}{figure.number}",
        figure.name,
        f"≤ {' / '.join(targets)}" if targets else "–",
        _value(figure.median, figure.unit),
        _value(figure.p95, figure.unit),
        "–" if figure.cpu is None else f"{figure.cpu:.1f}",
        f"not measured: {figure.problem}" if figure.problem else figure.how,
    )


def _value(value: float | None, unit: str) -> str:
    if value is None:
        return "–"
    digits = 0 if unit == "MB" or value >= 100 else 1 if unit == "%" else 2
    return f"{value:.{digits}f} {unit}"
