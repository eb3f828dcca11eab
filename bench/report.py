"""Results in words: a line a scenario, a table a capability, and under which circumstances they came about."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.scoring import Result
from bench.totals import Total, total
from config import Settings
from interaction.clock import wall_now

_HEAD = (
    f"{'capability':<14}{'run':>4}{'pass':>5}{'recall':>8}{'prec.':>7}{'F1':>6}{'delay':>7}{'audio':>7}{'unw/min':>9}"
)


def line(result: Result) -> str:
    """One scenario in one line, with what went wrong below it."""
    if result.status != "run":
        return f"– {result.name}: {result.status} ({result.detail})"
    head = f"{'✓' if result.passed else '✗'} {result.name}: {result.found}/{result.expected} expected"
    return "\n      ".join([head, *wrong(result)])


def wrong(result: Result) -> list[str]:
    """What went wrong, one thing each."""
    return [
        *(f"missed {text}" for text in result.missed),
        *(f"unwanted {text}" for text in result.unwanted),
        *(f"forbidden {text}" for text in result.forbidden),
    ]


def table(results: Sequence[Result]) -> list[str]:
    """Lines of a table: each capability, and all; then what the run cost."""
    everything = total(results)
    rows = [_HEAD]
    for capability in sorted({result.capability for result in results}):
        rows.append(_row(capability, total([result for result in results if result.capability == capability])))
    return [*rows, _row("all", everything), *remarks(everything, results)]


def remarks(everything: Total, results: Sequence[Result]) -> list[str]:
    """What the table has no column for."""
    t, lines = everything, []
    for name in ("recall", "precision"):
        if bounds := getattr(t, f"{name}_interval"):
            lines.append(f"{name}, 95 % interval: {bounds[0]:.2f}–{bounds[1]:.2f}")
    delays = f"event to decision: median {_s(t.decision_delay)}, p95 {_s(t.decision_delay_p95)}"
    lines.append(f"{delays}; to first audio: median {_s(t.audio_delay)}, p95 {_s(t.audio_delay_p95)}")
    woven = "–" if t.woven_ticks is None else f"after {t.woven_ticks} ticks at most"
    lines.append(f"reminders off by {_s(t.clock_error)} at most; results told {woven}; repeats {t.repeats}")
    asked = f"observer asked {t.observer_calls} times, {t.skipped} ticks skipped, {t.late} late"
    lines.append(f"{asked}; answer: median {_s(t.latency)}, p95 {_s(t.latency_p95)}")
    if t.seconds:
        lines.append(f"{t.seconds:.0f} s of stream, {60 * t.cpu_seconds / t.seconds:.1f} CPU seconds a stream minute")
    others = [f"{result.name} ({result.status})" for result in results if result.status != "run"]
    return [*lines, f"not run: {', '.join(others) or 'none'}"]


def circumstances(settings: Settings) -> dict[str, Any]:
    """What a result must name: observer, model, machine, date, commit."""
    return {
        "observer": settings.observer,
        "model": settings.observer_model or "–",
        "machine": machine(),
        "date": wall_now().date().isoformat(),
        "commit": commit(),
    }


def machine() -> str:
    """The processor, as Linux names it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [text.partition(":")[2].strip() for text in lines if text.startswith("model name")]
    return f"{len(names)} × {names[0]}" if names else platform.machine()


def commit() -> str:
    """The commit that is checked out, with + when files differ from it; – outside a checkout."""
    where = Path(__file__).parent
    try:
        name = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=where, capture_output=True, text=True)
        changes = ["git", "status", "--porcelain", "--untracked-files=no"]
        changed = subprocess.run(changes, cwd=where, capture_output=True, text=True)
    except OSError:
        return "–"
    return f"{name.stdout.strip()}{'+' if changed.stdout.strip() else ''}" if name.returncode == 0 else "–"


def _row(name: str, t: Total) -> str:
    def cell(value: float | None, width: int) -> str:
        return f"{'–' if value is None else f'{value:.2f}':>{width}}"

    return (
        f"{name:<14}{t.scenarios:>4}{t.passed:>5}{cell(t.recall, 8)}{cell(t.precision, 7)}{cell(t.f1, 6)}"
        f"{cell(t.decision_delay, 7)}{cell(t.audio_delay, 7)}{t.unwanted_a_minute:>9.2f}"
    )


def _s(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f} s"
