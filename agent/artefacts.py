"""Files that a task leaves for the person: taken out of a program's private folder, kept in the task's own folder."""

from __future__ import annotations

import os
import re
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,79}")


@dataclass(frozen=True, slots=True)
class Artefact:
    """A file that a program left: a plain name and its bytes."""

    name: str
    content: bytes


def collect(folder: str, most: int, size: int, total: int) -> tuple[tuple[Artefact, ...], int]:
    """Regular files that lie in the folder itself, and how many other things lay there.

    At most `most` files of `size` bytes each and `total` bytes together. Nothing may be writing any more.
    """
    taken: list[Artefact] = []
    left_out = 0
    top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        for name in sorted(os.listdir(top)):  # noqa: PTH208  a descriptor cannot be exchanged for a link
            content = _content(top, name, size)
            safe = re.sub(r"[^A-Za-z0-9._-]", "_", name).lstrip(".")[-80:]
            fits = content is not None and len(taken) < most and len(content) <= total
            if content is None or not fits or not safe or any(artefact.name == safe for artefact in taken):
                left_out += 1
                continue
            total -= len(content)
            taken.append(Artefact(safe, content))
    finally:
        os.close(top)
    return tuple(taken), left_out


def _content(top: int, name: str, bound: int) -> bytes | None:
    """A regular file's bytes; None for a link, a pipe, a device, a second name of something, or too much."""
    try:
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=top)
    except OSError:
        return None
    try:
        about = os.fstat(file)
        if not stat.S_ISREG(about.st_mode) or about.st_nlink != 1 or about.st_size > bound:
            return None
        with os.fdopen(os.dup(file), "rb") as stream:
            return stream.read(bound)
    finally:
        os.close(file)


def keep(folder: Path, task: str, artefacts: tuple[Artefact, ...]) -> tuple[str, ...]:
    """Write artefacts below `folder/task`; the same name again replaces, so that a repeated step leaves no double."""
    if artefacts:
        (folder / task).mkdir(parents=True, exist_ok=True, mode=0o700)
    for artefact in artefacts:
        (folder / task / artefact.name).write_bytes(artefact.content)
    return tuple(artefact.name for artefact in artefacts)


def find(folder: Path, task: str, name: str) -> Path | None:
    """The file behind a name that came from outside; None unless it is exactly a kept one."""
    if not NAME.fullmatch(task) or not NAME.fullmatch(name):
        return None
    path = folder / task / name
    return path if path.is_file() and not path.is_symlink() else None


def prune(folder: Path, kept: int) -> None:
    """Keep the files of the `kept` newest tasks."""
    if not folder.is_dir():
        return
    tasks = sorted((path for path in folder.iterdir() if path.is_dir()), key=lambda path: path.stat().st_mtime)
    for old in tasks[: max(0, len(tasks) - kept)]:
        shutil.rmtree(old, ignore_errors=True)
