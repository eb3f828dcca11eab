"""`python -m bench`: one table with every promised number (docs/bench.md). Judges nothing: it always ends with 0."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from unittest.mock import patch

from bench import alerts, house, seeing, tick
from bench.figures import Figure
from bench.telling import Run
from interaction.clock import run_virtual

Part = Callable[[], list[Figure]]


def progress(text: str) -> None:
    print(f"· {text} …", file=sys.stderr, flush=True)


def eyes() -> list[Figure]:
    """Number 1."""
    rows = run_virtual(seeing.loaded_and_steady())
    shares = [f"{name} {100 * share:.1f} % ({wall * 1000:.0f} ms a look)" for name, share, wall in rows]
    return [
        Figure(
            1,
            "embedded observer, 640×480 at 2 fps",
            "%",
            [100 * max(share for _, share, _ in rows)],
            limit=25.0,
            how="bench.seeing, the dearest of three scenes, decoding included: percent of one core",
            notes=["; ".join(shares)],
        )
    ]


# The server first: libraries that this process has loaded by then are shared, and PSS would count half of them.
PARTS: dict[str, tuple[int, str, Part]] = {
    "blind": (2, "a server with its eyes closed", lambda: asyncio.run(house.measure_blind())),
    "house": (4, "the whole server: visits, a story, further visitors", lambda: asyncio.run(house.measure())),
    "alerts": (7, "alerts in real time", alerts.measure),
    "tick": (3, "ticks", tick.measure),
    "eyes": (1, "the eyes", eyes),
}


def yardstick() -> list[float]:
    """CPU milliseconds of the same small work, several times: CPU seconds are comparable as far as these are."""
    times = []
    for _ in range(10):
        begin = time.process_time()
        sum(number * number % 7 for number in range(300_000))
        times.append(1000 * (time.process_time() - begin))
        time.sleep(0.05)
    return times


@contextmanager
def bytecode() -> Iterator[None]:
    """A place of its own for what Python compiles, so that the first start of a run is really a first start."""
    with tempfile.TemporaryDirectory(prefix="lookout-bench-") as folder, patch.dict(os.environ):
        os.environ["PYTHONPYCACHEPREFIX"] = folder
        yield


def measure(parts: Sequence[str]) -> list[Figure]:
    """The figures of these parts; a part that cannot be measured says why and stops nothing."""
    figures = []
    for name in parts:
        number, what, part = PARTS[name]
        progress(what)
        try:
            figures += part()
        except Exception as error:  # whatever is missing or broken, the other numbers are worth having
            figures.append(Figure(number, what, "", problem=f"{type(error).__name__}: {error}"[:200]))
    return figures


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure speed, memory and delays.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; default: all")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write every sample to OUT")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.parts if name not in PARTS]:
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(PARTS)}")
    run, yards = Run(), yardstick()
    with bytecode():
        figures = measure(options.parts or list(PARTS))
    yards += yardstick()
    run.tell(figures, options.json, yardstick=[min(yards), median(yards)])
    print(
        f"yardstick: {min(yards):.0f} ms CPU at best, {median(yards):.0f} ms mostly (busy neighbours make CPU dearer)"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
