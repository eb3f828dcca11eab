"""Footage that ships in packages: found by name, counted only with its hash, never kept here."""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import os
import tempfile
from functools import cache
from pathlib import Path

# Debian's opencv-doc.
PLACES = (
    Path("/usr/share/doc/opencv-doc/examples/data"),
    Path("/usr/share/doc/opencv-doc/opencv4/html"),
)


class NoFootage(Exception):
    """The footage is not on this machine, or another version of it; the message says which package has it."""


@cache
def find(name: str, sha256: str, origin: str) -> Path:
    """The file of that name with that hash; a packed one is unpacked into a folder of this user. Raises `NoFootage`."""
    for place in (*PLACES, *_installed()):
        path, packed = place / name, place / f"{name}.gz"
        if path.is_file():
            return _checked(path, sha256)
        if packed.is_file():
            return _checked(_unpacked(packed, name), sha256)
    raise NoFootage(f"{name} is missing; it ships in {origin}")


def _installed() -> list[Path]:
    """Where Gradio keeps the films of its examples; it is always here."""
    spec = importlib.util.find_spec("gradio")
    return [Path(spec.origin).parent / "media_assets" / "videos"] if spec and spec.origin else []


def _checked(path: Path, sha256: str) -> Path:
    if hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
        raise NoFootage(f"{path.name} is another version than the one the times were noted on")
    return path


def _unpacked(packed: Path, name: str) -> Path:
    folder = Path(tempfile.gettempdir()) / f"lookout-footage-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        raise NoFootage(f"{folder} belongs to somebody else, so {name} cannot be unpacked")
    path, partial = folder / name, folder / f"{name}.{os.getpid()}"
    partial.write_bytes(gzip.decompress(packed.read_bytes()))
    partial.replace(path)
    return path
