"""`python -m bench.voices`: what talking with the house feels like, in numbers (docs/bench.md). Judges nothing."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.figures import Figure
from bench.telling import Run
from bench.voices import accuracy, air, browser, echo, inside, pauses, turns
from config import Settings
from interaction.clock import run_virtual

Part = Callable[[Settings, bool], list[Figure]]


def _inside(settings: Settings, short: bool) -> list[Figure]:
    return asyncio.run(inside.measure(settings, 4 if short else 12))


def _client(settings: Settings, short: bool) -> list[Figure]:
    async def all_of_it() -> list[Figure]:
        lines = await turns.Lines.made(settings)
        count = 4 if short else 12
        tiny = await turns.answers("tiny.en", 2, (1.6, 3.0), turns.TINY, lines, count)
        base = [] if short else await turns.answers("base", 2, (2.1, 3.0), turns.UNCACHED, lines, count)
        return tiny + base + await turns.through_servers(lines, count)

    return asyncio.run(all_of_it())


def _barge_in(settings: Settings, short: bool) -> list[Figure]:
    async def both() -> list[Figure]:
        return await turns.barge_in(turns.TINY, await turns.Lines.made(settings), 3 if short else 10)

    return asyncio.run(both())


def _browser(settings: Settings, short: bool) -> list[Figure]:
    return browser.barge_in(2 if short else 8)


def _accuracy(settings: Settings, short: bool) -> list[Figure]:
    return asyncio.run(accuracy.measure(settings))


def _noise(settings: Settings, short: bool) -> list[Figure]:
    return run_virtual(air.requests_of_noise(settings, 60.0 if short else 600.0))


def _pauses(settings: Settings, short: bool) -> list[Figure]:
    return run_virtual(pauses.cut_within(settings))


def _echo(settings: Settings, short: bool) -> list[Figure]:
    return run_virtual(echo.measure(settings, 10 if short else 50))


PARTS: dict[str, tuple[str, Part]] = {
    "inside": ("turns in this process", _inside),
    "client": ("turns through a WebRTC client: tiny.en, base, servers", _client),
    "barge-in": ("interruptions through a WebRTC client", _barge_in),
    "browser": ("interruptions in Chromium", _browser),
    "accuracy": ("people and Kokoro, transcribed", _accuracy),
    "pauses": ("people who pause within a sentence", _pauses),
    "noise": ("noise, music, a keyboard", _noise),
    "echo": ("its own voice as an echo, and a person over it", _echo),
}


def measure(parts: Sequence[str], settings: Settings, short: bool) -> list[Figure]:
    figures = []
    for name in parts:
        what, part = PARTS[name]
        print(f"· {what} …", file=sys.stderr, flush=True)
        try:
            found = part(settings, short)
            for figure in found:
                print(f"    {figure.name}: {figure.median} {figure.unit}", file=sys.stderr, flush=True)
            figures += found
        except Exception as error:  # whatever is missing or broken, the other numbers are worth having
            figures.append(Figure(0, what, "", problem=f"{type(error).__name__}: {error}"[:200]))
    return figures


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.voices", description="Measure hearing and speaking.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; default: all")
    parser.add_argument("--short", action="store_true", help="a fifth of the time, for a look")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write every sample to OUT")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.parts if name not in PARTS]:
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(PARTS)}")
    settings = Settings(_env_file=None)
    if missing := accuracy.weights_missing(settings):
        print(missing, file=sys.stderr)
        return 1
    run = Run()
    figures = measure(options.parts or list(PARTS), settings, options.short)
    run.tell(figures, options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
