"""How far a long run is: a bar on a terminal, plain numbered lines anywhere else."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Progress(Protocol):
    def now(self, what: str) -> None:
        """What begins."""

    def done(self, text: str) -> None:
        """One more has ended; `text` stays."""


class _Lines:
    def __init__(self, number: int) -> None:
        self._number, self._done = number, 0

    def now(self, what: str) -> None: ...

    def done(self, text: str) -> None:
        self._done += 1
        print(f"[{self._done}/{self._number}] {text}", flush=True)


class _Bar:
    def __init__(self, bar: object) -> None:
        self._bar = bar

    def now(self, what: str) -> None:
        self._bar.set_postfix_str(what[:40])  # type: ignore[attr-defined]

    def done(self, text: str) -> None:
        self._bar.write(text)  # type: ignore[attr-defined]
        self._bar.update()  # type: ignore[attr-defined]


class _Quiet:
    def now(self, what: str) -> None: ...

    def done(self, text: str) -> None: ...


@contextmanager
def progress(number: int, quiet: bool = False) -> Iterator[Progress]:
    """Of so many steps. The bar is on the error stream, so that what is printed can go to a file."""
    if quiet or not sys.stderr.isatty():
        yield _Quiet() if quiet else _Lines(number)
        return
    from tqdm import tqdm  # comes with several of the libraries

    with tqdm(total=number, file=sys.stderr, unit="", dynamic_ncols=True, leave=False) as bar:
        yield _Bar(bar)
