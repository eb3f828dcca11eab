"""From an event in the picture to the first sound about it: number 7 of docs/bench.md.

`app.py watch --realtime` as it is, in a process of its own, over a stretch of footage with arrivals noted by eye.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

import psutil
import yaml

from bench.figures import Figure, percentile
from bench.footage import find
from bench.server import ROOT, cpu_seconds, ended, environment

NOTES = ROOT / "tests" / "footage" / "strip.yaml"
SAID = "0.3: tell me when someone comes in"
EARLY_S, LATE_S = 0.6, 4.0
LONGEST_S = 200.0  # the clip has 80 s
Line = dict[str, Any]


@dataclass(frozen=True)
class Stretch:
    """Footage with arrivals noted by eye; `optional`: those that may be told or not."""

    spec: str
    arrived: tuple[float, ...]
    optional: tuple[float, ...]


def stretch() -> Stretch:
    """Raises `NoFootage`."""
    raw = yaml.safe_load(NOTES.read_text(encoding="utf-8"))
    path = find(raw["file"], raw["sha256"], "Debian's opencv-doc")
    optional = tuple(note["at"] for note in raw["optional"] if note["kind"] == "arrived")
    return Stretch(f"{path}#crop={','.join(map(str, raw['crop']))}", tuple(raw["arrived"]), optional)


async def watch(noted: Stretch) -> tuple[list[Line], float]:
    """The event lines of a run in real time, and its CPU seconds."""
    command = ("app.py", "watch", "--realtime", "--json", "--say", SAID, noted.spec)
    with tempfile.TemporaryDirectory(prefix="lookout-bench-") as folder:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, *command), cwd=ROOT, env=environment(folder), stdout=-1
        )
        assert child.stdout is not None
        lines, spent, process = [], 0.0, psutil.Process(child.pid)
        try:
            async with asyncio.timeout(LONGEST_S):
                async for text in child.stdout:
                    lines.append(json.loads(text))
                    with suppressed():
                        spent = cpu_seconds(process)
        finally:
            await ended(child)
    return lines, spent


@contextmanager
def suppressed() -> Iterator[None]:
    """The process may end while it is being looked at; what was read last stands."""
    try:
        yield
    except psutil.Error:
        return


def first_picture(lines: Sequence[Line]) -> float:
    """Session second of the clip's second 0."""
    return next(float(line["t"]) for line in lines if line["type"] == "lane_changed" and line["state"] == "watching")


def alerts(lines: Sequence[Line]) -> list[float]:
    """Session seconds at which alerts began to be heard."""
    return [line["t"] for line in lines if line["type"] == "utterance_started" and line["kind"] == "alert"]


def paired(events: Sequence[float], told: Sequence[float]) -> list[tuple[float, float]]:
    """(event, told) in order of time: each once, as many pairs as can be, of those the ones with the least delay."""
    events, told = sorted(events), sorted(told)
    best: list[list[tuple[int, float, tuple[tuple[float, float], ...]]]] = [
        [(0, 0.0, ()) for _ in range(len(told) + 1)] for _ in range(len(events) + 1)
    ]
    for row, event in enumerate(events, 1):
        for column, at in enumerate(told, 1):
            choices = [best[row - 1][column], best[row][column - 1]]
            if -EARLY_S <= at - event <= LATE_S:
                count, cost, pairs = best[row - 1][column - 1]
                choices.append((count - 1, cost + abs(at - event), (*pairs, (event, at))))
            best[row][column] = min(choices, key=lambda choice: choice[:2])
    return list(best[-1][-1][2])


def covered(events: Sequence[float], told: Sequence[float]) -> int:
    """How many events had any alert in their window: a second arrival while the first is told needs none of its own."""
    return sum(any(-EARLY_S <= at - event <= LATE_S for at in told) for event in events)


def stages(lines: Sequence[Line], told: Sequence[float]) -> str:
    """Where the time went, by the lines of the run: from seen to decided, from decided to heard."""
    decided = [line for line in lines if line["type"] == "decision" and line["action"] == "speak" and line["watch"]]
    seen = [line["t"] for line in lines if line["type"] == "seen" and line["kind"] == "arrived"]
    begun = [line for line in lines if line["type"] == "utterance_started" and line["t"] in told]
    heard = [_since([d["t"] for d in decided if d["text"] == line["text"]], line["t"]) for line in begun]
    ruled = [_since(seen, line["t"]) for line in decided]
    words = []
    for name, values in (("seen → decided", ruled), ("decided → heard", heard)):
        if known := [value for value in values if value is not None]:
            words.append(f"{name} {median(known):.2f} s (p95 {percentile(known, 95):.2f})")
    return ", ".join(words)


def _since(earlier: Sequence[float], at: float) -> float | None:
    return min((at - t for t in earlier if t <= at), default=None)


def late_ticks(lines: Sequence[Line]) -> str:
    """The gaps between ticks; a second apart at most is the promise."""
    times = sorted({line["t"] for line in lines if line["type"] == "decision" and line["lane"] == "camera"})
    gaps = [later - earlier for earlier, later in pairwise(times)]
    return f"gap between ticks: p95 {percentile(gaps, 95):.2f} s, longest {max(gaps):.2f} s" if gaps else "no ticks"


def figures(noted: Stretch, lines: Sequence[Line], spent: float) -> list[Figure]:
    begin = first_picture(lines)
    told = [at - begin for at in alerts(lines)]
    pairs = paired([*noted.arrived, *noted.optional], told)
    delays = [at - event for event, at in pairs if event in noted.arrived]
    near = covered(noted.arrived, told)
    share = Figure(
        7,
        "arrivals with an alert near",
        "%",
        [100 * near / len(noted.arrived)],
        how=f"{near} of {len(noted.arrived)} within −{EARLY_S:g} … +{LATE_S:g} s: without them the delay says little",
    )
    delay = Figure(
        7,
        "event in the picture → voice",
        "s",
        delays,
        limit=1.5,
        limit_p95=2.5,
        cpu=spent,
        how=f"app.py watch --realtime on the strip, noted arrival → utterance_started: {len(delays)} pairs",
        notes=[
            f"{len(told) - len(pairs)} alerts of {len(told)} belong to no arrival",
            "; ".join(part for part in (stages(lines, alerts(lines)), late_ticks(lines)) if part),
        ],
        problem="" if delays else "no alert was heard",
    )
    return [delay, share]


def measure() -> list[Figure]:
    """Number 7."""
    noted = stretch()
    return figures(noted, *asyncio.run(watch(noted)))
