"""`make bench-observer`: what asking a model once a second costs, on the real engine (docs/bench.md). Judges nothing.

The engine is vLLM on this machine's processor with the tiny model of the tests (`LOOKOUT_VLLM_PYTHON`): what it
decides is of no interest here. Ends with 0 whatever is found; with 2 where there is no engine.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean, median

from bench.figures import Figure
from bench.observer import crowd, gate, layouts
from bench.observer.engine import MODEL, Engine, NoEngine, engine
from bench.observer.layouts import Course
from bench.telling import Run
from interaction.clock import run_virtual

PARTS = ("gate", "layouts", "crowd")
AVERAGE, BYTES, MISSED_PERCENT, CPU_MS, LATE_S, ASKED_PERCENT = 450.0, 60.0, 10.0, 15.0, 1.0, 10.0


def of_course(course: Course, promised: bool) -> list[Figure]:
    """Numbers 1 to 5 of one layout. `promised`: it is ours."""
    rows = (
        (1, "prompt tokens computed a tick, mean", "tok", [fmean(course.computed)], AVERAGE),
        (2, "… in the dearest tick", "tok", [max(course.computed)], course.half),
        (3, "prompt not found in the cache, from turn 10 on", "%", [course.missed], MISSED_PERCENT),
        (4, "sent a tick", "kB", [sent / 1000 for sent in course.sent], BYTES),
        (5, "our CPU in a tick", "ms", course.cpu, CPU_MS),
    )
    how = f"{len(course.computed)} ticks, {course.requests} requests" + (
        f", chunks of {course.turns} turns" if promised else ""
    )
    how += f", {course.failed} failed" if course.failed else ""
    return [
        Figure(number, f"{name}: {course.name}", unit, samples, limit=limit if promised else None, how=how)
        for number, name, unit, samples, limit in rows
    ]


async def on_engine(served: Engine, parts: Sequence[str], ticks: int, seconds: int) -> list[Figure]:
    """Numbers 1 to 6, as far as they are among `parts`."""
    told("warming up")
    await layouts.ours(served, "joyai", 5)  # kernels, the grammar and the first picture take seconds, once
    await layouts.ours(served, "instructed", 5)
    return [
        *(await of_layouts(served, ticks) if "layouts" in parts else []),
        *([await of_crowd(served, seconds)] if "crowd" in parts else []),
    ]


async def of_layouts(served: Engine, ticks: int) -> list[Figure]:
    """Numbers 1 to 5."""
    figures = []
    for dialect in ("joyai", "instructed"):
        told(f"{ticks} ticks in our layout {dialect}")
        figures += of_course(await layouts.ours(served, dialect, ticks), promised=True)
    for sliding in (False, True):
        fewer = max(layouts.WINDOW + 4, ticks // 5)
        told(f"{fewer} ticks in another layout, for comparison")
        figures += of_course(await layouts.naive(served, fewer, sliding=sliding), promised=False)
    return figures


async def of_crowd(served: Engine, seconds: int) -> Figure:
    """Number 6."""
    told(f"{crowd.SESSIONS} sessions for {seconds} s")
    found = await crowd.crowd(served, seconds)
    how = f"joyai, {len(found.late)} ticks in {found.seconds:.0f} s"
    how += f", chunks of {median(found.turns):.0f} turns at the end" if found.turns else ""
    how += f", {found.failed} failed" if found.failed else ""
    name = f"{crowd.SESSIONS} sessions at 1 Hz: decided after it was due"
    return Figure(6, name, "s", found.late, limit_p95=LATE_S, how=how)


def of_gate() -> list[Figure]:
    """Numbers 7 and 8."""
    told("the gate, on the streams of the scenarios")
    found = run_virtual(gate.watch_all())
    static = [one for one in found if one.static]
    shares = [f"{one.name} {100 * len(one.asked) / one.ticks:.1f} %" for one in static]
    asked, ticks = sum(len(one.asked) for one in static), sum(one.ticks for one in static)
    missed = [f"{one.name} at {', '.join(f'{t:g} s' for t in one.missed)}" for one in found if one.missed]
    events = sum(one.events for one in found)
    everything = 100 * sum(len(one.asked) for one in found) / sum(one.ticks for one in found)
    return [
        Figure(
            7, "static scenes: ticks at which the model is asked", "%", [100 * asked / ticks], limit=ASKED_PERCENT,
            how=f"the gate alone, {len(static)} scenarios, {ticks} ticks, heartbeat {gate.HEARTBEAT_S:g} s",
            notes=["; ".join(shares), f"of all {len(found)} scenarios' ticks: {everything:.1f} %"],
        ),
        Figure(
            8, "events that the gate misses", "", [float(sum(len(one.missed) for one in found))], limit=0.0,
            how=f"of {events} in {len(found)} scenarios, without a word of the eyes", notes=missed,
        ),
    ]  # fmt: skip


def served_figures(options: argparse.Namespace, parts: Sequence[str]) -> list[Figure]:
    """Numbers 1 to 6, on an engine of our own or one that runs. Raises `NoEngine`."""
    if options.url:
        return asyncio.run(on_engine(Engine(options.url), parts, options.ticks, options.seconds))
    told("starting the engine (a minute or more)")
    with engine(options.tokens, options.model) as served:
        return asyncio.run(on_engine(served, parts, options.ticks, options.seconds))


def told(text: str) -> None:
    print(f"· {text} …", file=sys.stderr, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.observer", description="What asking a model costs.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; default: all")
    parser.add_argument("--ticks", type=int, default=300, help="of our layouts (default 300)")
    parser.add_argument("--seconds", type=int, default=60, help="of the eight sessions (default 60)")
    parser.add_argument("--tokens", type=int, default=layouts.CONTEXT, help="context of the model")
    parser.add_argument("--model", type=Path, default=MODEL, help="another one than that of the tests")
    parser.add_argument("--url", help="an engine that runs already, served with the flags of docs/bench.md")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write every sample to OUT")
    options = parser.parse_args(arguments)
    parts = options.parts or list(PARTS)
    if unknown := [name for name in parts if name not in PARTS]:
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(PARTS)}")
    run = Run()
    try:
        figures = of_gate() if "gate" in parts else []
        if parts != ["gate"]:
            figures += served_figures(options, parts)
    except NoEngine as error:
        print(f"bench.observer: {error}", file=sys.stderr)
        return 2
    run.tell(figures, options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
