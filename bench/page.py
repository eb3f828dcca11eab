"""`--html`: the result as one page that asks nobody for anything and runs no script.

What stands in it comes from cameras, models and files: the template escapes all of it, and the page's own policy lets
nothing in but its one style sheet and pictures that are part of it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.scoring import Result
from bench.timeline import timeline
from bench.totals import Total, total

HERE = Path(__file__).parent
# Heading, score, digits, unit.
Column = tuple[str, str, int, str]
MOMENT: tuple[Column, ...] = (
    ("recall", "recall", 2, ""),
    ("precision", "precision", 2, ""),
    ("F1", "f1", 2, ""),
    ("delay", "decision_delay", 2, " s"),
    ("p95", "decision_delay_p95", 2, " s"),
    ("to audio", "audio_delay", 2, " s"),
    ("p95", "audio_delay_p95", 2, " s"),
    ("unwanted a minute", "unwanted_a_minute", 2, ""),
    ("repeats", "repeats", 0, ""),
    ("reminders off by at most", "clock_error", 2, " s"),
    ("results told after ticks", "woven_ticks", 0, ""),
    ("barge-in stop", "barge_in_stop", 2, " s"),
    ("p95", "barge_in_stop_p95", 2, " s"),
)
COST: tuple[Column, ...] = (
    ("calls a minute", "calls_a_minute", 1, ""),
    ("prompt tokens a call", "tokens_a_call", 0, ""),
    ("cached", "cached_share", 2, ""),
    ("answer", "latency", 2, " s"),
    ("p95", "latency_p95", 2, " s"),
    ("ticks skipped", "skipped_share", 2, ""),
    ("CPU s a minute", "cpu_a_minute", 1, ""),
)
FIGURES = ("recall", "precision", "f1", "decision_delay", "unwanted_a_minute")


@dataclass(frozen=True)
class Row:
    """`cells`: value and interval."""

    name: str
    cells: list[tuple[str, str]]
    strong: bool = False


def page(
    body: Mapping[str, Any], results: Sequence[Result], beside: Mapping[str, Sequence[Result]], worse: Sequence[str]
) -> str:
    """The page. `body`: where the result comes from; `beside`: other observers on the same scenarios."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    style = (HERE / "page.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    rooms = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    order = {"failed": 0, "broken": 1, "passed": 2}
    timelines = sorted((timeline(result) for result in results), key=lambda t: order.get(t.verdict, 3))
    return rooms.get_template("page.html").render(
        body=body,
        style=Markup(style),
        style_hash=f"sha256-{digest}",
        figures=figures(total(results)),
        tables=tables(body["observer"], results, beside),
        timelines=timelines,
        worse=worse,
    )


def figures(everything: Total) -> list[dict[str, str]]:
    """The few numbers that are read first."""
    heads = {name: (head, digits, unit) for head, name, digits, unit in reversed(MOMENT)}
    out = ", ".join(f"{n} {status}" for status, n in everything.left_out.items())
    shown = [{"name": "passed", "value": f"{everything.passed} of {everything.scenarios}", "range": out}]
    for name in FIGURES:
        head, digits, unit = heads[name]
        value, bounds = cell(everything, name, digits, unit)
        shown.append({"name": head, "value": value, "range": bounds})
    return shown


def tables(
    observer: str, results: Sequence[Result], beside: Mapping[str, Sequence[Result]]
) -> list[tuple[str, list[str], list[Row]]]:
    """Title, headings and rows: by capability, the moment and what it cost; then the observers."""
    kinds = sorted({result.capability for result in results})
    rows = {kind: total([result for result in results if result.capability == kind]) for kind in kinds}
    rows["all"] = total(results)
    found = [
        ("The right moment, by capability", "capability", MOMENT, rows),
        ("What it cost", "capability", COST, rows),
    ]
    if beside:
        others = {observer: rows["all"]} | {name: total(list(run)) for name, run in beside.items()}
        found.append(("Beside it, on the same scenarios", "observer", MOMENT, others))
    return [
        (title, [first, "run", "passed", "not supported", *(c[0] for c in columns)], _rows(columns, totals))
        for title, first, columns, totals in found
    ]


def cell(t: Total, name: str, digits: int, unit: str) -> tuple[str, str]:
    """A score and its interval, as shown."""
    value, bounds = getattr(t, name), t.intervals.get(name)
    if value is None:
        return "–", ""
    return f"{value:.{digits}f}{unit}", f"{bounds[0]:.{digits}f}–{bounds[1]:.{digits}f}" if bounds else ""


def _rows(columns: Sequence[Column], totals: Mapping[str, Total]) -> list[Row]:
    found = []
    for name, t in totals.items():
        counts = [(str(n), "") for n in (t.scenarios, t.passed, t.left_out.get("not supported", 0))]
        scores = [cell(t, score, digits, unit) for _, score, digits, unit in columns]
        found.append(Row(name, counts + scores, strong=name == "all"))
    return found
