"""Whether what was measured over hours stays where it is. Pure: numbers in, findings out.

Slopes are Theil and Sen's (the median of the slopes between all pairs): one sample in which something large was being
done at that moment does not tilt them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from itertools import combinations
from statistics import median
from typing import Any, Literal

WARM_UP = 0.3  # of the samples: until then caches and bounded collections fill
FEWEST = 5  # samples after that; fewer say nothing

Kind = Literal["flat", "steady", "bounded"]


@dataclass
class Series:
    """What was measured together: `values[name][n]` belongs to stream minute `minutes[n]`."""

    minutes: list[float] = field(default_factory=list)
    values: dict[str, list[float]] = field(default_factory=dict)

    def add(self, minute: float, sample: Mapping[str, float]) -> None:
        """A name that first comes later was 0 until then; one that is missing is 0 now."""
        for name in {*self.values, *sample}:
            self.values.setdefault(name, [0.0] * len(self.minutes)).append(float(sample.get(name, 0.0)))
        self.minutes.append(minute)


@dataclass(frozen=True)
class Rule:
    """What is expected of all series whose name matches `names` (as file names are matched); the first rule counts.

    "flat": what it gains after the warm-up, by its slope, is at most `allowed`, or `share` of its median, whichever is
    more. "steady": the median of its last fifth is at most that much above that of its first fifth after the warm-up.
    "bounded": never above `allowed`.
    """

    names: str
    kind: Kind
    allowed: float
    share: float = 0.0
    why: str = ""


@dataclass(frozen=True)
class Finding:
    """`figure`: the gain, or the highest value; `allowed`: what it may be at most."""

    name: str
    kind: Kind
    figure: float
    allowed: float
    why: str = ""

    @property
    def bad(self) -> bool:
        return self.figure > self.allowed

    @property
    def words(self) -> str:
        said = {"flat": "gains", "steady": "ends higher by", "bounded": "reaches"}[self.kind]
        line = f"{self.name} {said} {self.figure:.4g}, allowed {self.allowed:.4g}"
        return f"{line} ({self.why})" if self.why else line


def slope(xs: Sequence[float], ys: Sequence[float]) -> float:
    """Theil–Sen, in units of y for one of x; 0 where there are not two different x."""
    pairs = [(y1 - y0) / (x1 - x0) for (x0, y0), (x1, y1) in combinations(zip(xs, ys, strict=True), 2) if x1 != x0]
    return median(pairs) if pairs else 0.0


def judge(series: Series, rules: Iterable[Rule]) -> list[Finding]:
    """One finding for each series that a rule is about. Raises `ValueError` when there are too few samples."""
    kept = range(int(len(series.minutes) * WARM_UP), len(series.minutes))
    if len(kept) < FEWEST:
        raise ValueError(f"{len(series.minutes)} samples are too few to judge anything; sample more often, or longer")
    rules = list(rules)
    findings = []
    for name, values in sorted(series.values.items()):
        if rule := next((rule for rule in rules if fnmatchcase(name, rule.names)), None):
            findings.append(_finding(name, rule, [series.minutes[n] for n in kept], values, [values[n] for n in kept]))
    return findings


def _finding(name: str, rule: Rule, minutes: list[float], values: list[float], warm: list[float]) -> Finding:
    allowed = rule.allowed
    match rule.kind:
        case "flat":
            figure = slope(minutes, warm) * (minutes[-1] - minutes[0])
        case "steady":
            fifth = max(1, len(warm) // 5)
            figure = median(warm[-fifth:]) - median(warm[:fifth])
        case "bounded":
            figure = max(values)
    allowed = max(allowed, rule.share * abs(median(warm)))
    return Finding(name, rule.kind, figure, allowed, rule.why)


def to_json(series: Series, findings: Iterable[Finding]) -> dict[str, Any]:
    return {
        "minutes": [round(minute, 3) for minute in series.minutes],
        "values": {name: [round(value, 4) for value in values] for name, values in sorted(series.values.items())},
        "findings": [{**asdict(finding), "bad": finding.bad} for finding in findings],
    }
