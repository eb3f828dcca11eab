"""`make bench-eyes`: many cameras on one machine (docs/bench.md). Ends with 1 when a promise is not kept."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

from bench.eyes import dropping, lanes
from bench.figures import Figure
from bench.telling import Run

Part = Callable[[argparse.Namespace], Coroutine[Any, Any, list[Figure]]]

# Number of the first figure, what it is, and how it is measured.
PARTS: dict[str, tuple[int, str, Part]] = {
    "lanes": (1, "six lanes, mostly still", lambda options: lanes.measure(options.events, options.settle)),
    "dropping": (
        5,
        "the cameras' server killed again and again",
        lambda options: dropping.measure(options.times, options.every, options.down),
    ),
}


def measure(parts: Sequence[str], options: argparse.Namespace) -> list[Figure]:
    """The figures of these parts; one that cannot be measured says why and stops nothing."""
    figures = []
    for name in parts:
        number, what, part = PARTS[name]
        print(f"· {what} …", file=sys.stderr, flush=True)
        try:
            figures += asyncio.run(part(options))
        except Exception as error:  # whatever is missing or broken, the other numbers are worth having
            figures.append(Figure(number, what, "", problem=f"{type(error).__name__}: {error}"[:200]))
    return figures


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m bench.eyes", description="Many cameras on one machine.")
    made.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; default: all")
    made.add_argument("--events", type=int, default=24, help=f"visits, one every {lanes.EVERY_S:g} s (default 24)")
    made.add_argument("--settle", type=float, default=130.0, help="seconds before memory is counted (default 130)")
    made.add_argument("--times", type=int, default=10, help="that the server is killed (default 10)")
    made.add_argument("--every", type=float, default=60.0, help="seconds between two of them (default 60)")
    made.add_argument("--down", type=float, default=10.0, help="seconds that it is away (default 10)")
    made.add_argument("--json", type=Path, metavar="OUT", help="write every sample to OUT")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    if unknown := [name for name in options.parts if name not in PARTS]:
        parser().error(f"unknown: {', '.join(unknown)}; there are {', '.join(PARTS)}")
    run = Run()
    figures = measure(options.parts or list(PARTS), options)
    run.tell(figures, options.json)
    return int(any(figure.over or figure.problem for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
