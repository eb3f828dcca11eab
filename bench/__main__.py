"""`python -m bench`: one table with every promised number (docs/bench.md). Judges nothing: it always ends with 0."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from bench import alerts, house, seeing, tick
from bench.figures import Figure, remarks, table
from bench.report import commit, machine
from interaction.clock import run_virtual, stopwatch, wall_now

Part = Callable[[], list[Figure]]


def progress(text: str) -> None:
    print(f"· {text} …", file=sys.stderr, flush=True)


def eyes() -> list[Figure]:
    """Number 1."""
    rows = run_virtual(seeing.loaded_and_steady())
    walls = ", ".join(f"{name} {wall * 1000:.0f} ms" for name, _, wall in rows)
    return [
        Figure(
            1,
            "embedded observer, 640×480 at 2 fps",
            "%",
            [100 * share for _, share, _ in rows],
            limit=25.0,
            how="bench.seeing, decoding included: percent of one core",
            notes=[
                "; ".join(f"{name} {100 * share:.1f} %" for name, share, _ in rows) + f"; a look takes {walls} (wall)"
            ],
        )
    ]


# The server first: libraries that this process has loaded by then are shared, and PSS would count half of them.
PARTS: dict[str, tuple[int, str, Part]] = {
    "house": (2, "the server (numbers 2, 4, 5, 6)", lambda: asyncio.run(house.measure(progress))),
    "alerts": (7, "alerts in real time", alerts.measure),
    "tick": (3, "ticks", tick.measure),
    "eyes": (1, "the eyes", eyes),
}


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
    passed, before = stopwatch(), os.getloadavg()
    figures = measure(options.parts or list(PARTS))
    load = [f"{value:.1f}" for value in (before[0], os.getloadavg()[0])]
    circumstances = {
        "machine": machine(),
        "date": wall_now().date().isoformat(),
        "commit": commit(),
        "load": load,
        "seconds": round(passed()),
    }
    for line in (*table(figures), "", *remarks(figures)):
        print(line)
    where = "{machine}, {date}, commit {commit}".format(**circumstances)
    print(f"\n{where}; load {load[0]} before, {load[1]} after; {passed():.0f} s")
    if options.json:
        body = {**circumstances, "figures": [figure.to_json() for figure in figures]}
        options.json.write_text(json.dumps(body, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
