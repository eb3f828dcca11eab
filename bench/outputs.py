"""Files that a run writes: probed before it, written whole after it, and never over what the run reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from interaction.whole_file import write_whole


class Refused(Exception):
    """The run cannot begin: one line says why."""


def probe(outputs: Mapping[str, Path | None], inputs: Mapping[str, Sequence[Path]]) -> None:
    """Whether each output (by its option) can be written and is none of the others, nor an input (by what that is).
    Leaves everything as it was. Raises `Refused`."""
    taken = {path.resolve(): name for name, paths in inputs.items() for path in paths}
    for option, path in outputs.items():
        if path is None:
            continue
        if other := taken.get(path.resolve()):
            raise Refused(f"{option} {path}: is {other} as well, and would be lost")
        taken[path.resolve()] = option
        there = path.exists()
        try:
            with path.open("a", encoding="utf-8"):
                pass
            if not there:
                path.unlink()
        except OSError as error:
            raise Refused(f"{option} {path}: {error.strerror}") from error


def write(path: Path, text: str) -> None:
    """Whole or not at all: whoever interrupts it keeps what was there."""
    if path.exists() and not path.is_file():  # /dev/stdout and the like
        path.write_text(text, encoding="utf-8")
        return
    write_whole(path.resolve(), text, private=False, durable=False)
