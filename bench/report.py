"""Results in words: a line a scenario, a table a capability, and under which circumstances they came about."""

from __future__ import annotations

import platform
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.scoring import Result
from bench.totals import Total, total
from config import Settings
from interaction.clock import wall_now

_COLUMNS = ("run", "pass", "n/s", "recall", "prec.", "F1", "delay", "audio", "unw/min")
_HEAD = f"{'capability':<16}" + "".join(f"{name:>{len(name) + 3}}" for name in _COLUMNS)
TIMED = "event to decision: median"
# What the table has no column for: heading, score, unit, digits.
_REMARKS = (
    ("recall", "recall", "", 2),
    ("precision", "precision", "", 2),
    ("F1", "f1", "", 2),
    (TIMED, "decision_delay", " s", 2),
    ("event to decision: p95", "decision_delay_p95", " s", 2),
    ("event to first audio: median", "audio_delay", " s", 2),
    ("event to first audio: p95", "audio_delay_p95", " s", 2),
    ("unwanted speech a minute", "unwanted_a_minute", "", 2),
    ("repeats", "repeats", "", 0),
    ("reminders off by at most", "clock_error", " s", 2),
    ("results told after, at most", "woven_ticks", " ticks", 0),
    ("stopped by barge-in: median", "barge_in_stop", " s", 2),
    ("stopped by barge-in: p95", "barge_in_stop_p95", " s", 2),
    ("observer's answer: median", "latency", " s", 2),
    ("observer's answer: p95", "latency_p95", " s", 2),
    ("observer calls a stream minute", "calls_a_minute", "", 1),
    ("prompt tokens a call", "tokens_a_call", "", 0),
    ("of them cached", "cached_share", "", 2),
    ("ticks skipped, of all", "skipped_share", "", 2),
    ("CPU seconds a stream minute", "cpu_a_minute", "", 1),
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


def versus(observers: dict[str, Sequence[Result]]) -> list[str]:
    """Lines of a table: observers on the same scenarios."""
    width = max(len(name) for name in observers) + 2
    head = _HEAD.replace(f"{'capability':<16}", f"{'observer':<{width}}")
    return [head, *(_row(name, total(results), width) for name, results in observers.items())]


def remarks(everything: Total, results: Sequence[Result]) -> list[str]:
    """Every score with its interval, and what was counted; what did not run, and what the recogniser changed."""
    t = everything
    lines = [f"{head}: {scored(t, name, digits, unit)}" for head, name, unit, digits in _REMARKS]
    lines = [
        f"{text}, {t.timed} of {t.required} required events timed" if text.startswith(TIMED) else text for text in lines
    ]
    tokens = "" if t.prompt_tokens is None else f", {t.prompt_tokens} prompt tokens ({t.cached_tokens} cached)"
    lines.append(f"observer asked {t.observer_calls} times{tokens}; {t.skipped} ticks skipped, {t.late} late")
    lines.append(f"{t.seconds:.0f} s of stream, {t.cpu_seconds:.0f} CPU seconds")
    if misheard := [f"{result.name} {text}" for result in results for text in result.misheard]:
        lines.append(f"heard in other words ({len(misheard)}): {'; '.join(misheard)}")
    if typed := [f"{result.name} {text}" for result in results for text in result.typed]:
        lines.append(f"typed, not spoken ({len(typed)}): {'; '.join(typed)}")
    others = [f"{result.name} ({result.status})" for result in results if result.status != "run"]
    return [*lines, f"not run: {', '.join(others) or 'none'}"]


def scored(t: Total, name: str, digits: int = 2, unit: str = "") -> str:
    """A score with its interval: "0.94 s (0.90–1.00)"; – where there is nothing to count."""
    value, bounds = getattr(t, name), t.intervals.get(name)
    if value is None:
        return "–"
    within = f" ({bounds[0]:.{digits}f}–{bounds[1]:.{digits}f})" if bounds else ""
    return f"{value:.{digits}f}{unit}{within}"


def circumstances(settings: Settings) -> dict[str, Any]:
    """What a result must name: observer, model, machine, date, commit."""
    return {
        "observer": without_secrets(settings.observer),
        "model": settings.observer_model or "–",
        "machine": machine(),
        "date": wall_now().date().isoformat(),
        "commit": commit(),
    }


def without_secrets(observer: str) -> str:
    """A name as it is; a URL without user, password, query and fragment: results are shown and committed."""
    if "//" not in observer:
        return observer
    scheme, _, rest = observer.partition("//")
    end = next((n for n, character in enumerate(rest) if character in "/?#"), len(rest))
    return f"{scheme}//{rest[:end].rpartition('@')[2]}{re.split('[?#]', rest[end:])[0]}"


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


def _row(name: str, t: Total, width: int = 16) -> str:
    counts = t.scenarios, t.passed, t.left_out.get("not supported", 0)
    values = t.recall, t.precision, t.f1, t.decision_delay, t.audio_delay, t.unwanted_a_minute
    cells = [*map(str, counts), *("–" if value is None else f"{value:.2f}" for value in values)]
    return f"{name:<{width}}" + "".join(f"{cell:>{len(head) + 3}}" for head, cell in zip(_COLUMNS, cells, strict=True))
