"""Debian's packages unpacked beside the system: real servers for tests and benchmarks, without root.

9 MB of packages are fetched once a machine by `apt-get download` (ten seconds) and unpacked by `dpkg -x` into
`~/.cache/lookout/cameras-…`, a folder named by the list of packages and the release of the system.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

LIST = Path(__file__).parent / "packages.txt"
# The interpreter that Debian's python3-gi is made for.
PYTHON = "/usr/bin/python3"
# GStreamer's plug-ins that are used. The others want libraries that are not there, and cost a second at each start.
PLUGINS = ("app", "audioconvert", "audiotestsrc", "coreelements", "mulaw", "rtp", "rtpmanager", "udp")
_FETCH_S = 180


class NoServers(Exception):
    """They cannot be had on this machine. The message says why, in one line."""


@cache
def unpacked() -> Path:
    """The root of the unpacked packages; fetches them where they are not there yet. Raises `NoServers`."""
    if sys.platform != "linux" or not (shutil.which("apt-get") and shutil.which("dpkg") and Path(PYTHON).exists()):
        raise NoServers(f"real camera servers come from Debian's packages: apt-get, dpkg and {PYTHON} are needed")
    release = platform.freedesktop_os_release().get("VERSION_ID", "") + platform.machine()
    key = hashlib.sha256(LIST.read_bytes() + " ".join(PLUGINS).encode() + release.encode()).hexdigest()[:12]
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lookout"
    root = home / f"cameras-{key}"
    home.mkdir(parents=True, exist_ok=True)
    with (home / f"cameras-{key}.lock").open("w") as lock:  # one fetches; whoever waited finds it there
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not root.exists():
            with tempfile.TemporaryDirectory(dir=home) as partial:
                _fetch(Path(partial))
                (Path(partial) / "root").rename(root)
    return root


def environment() -> dict[str, str]:
    """The environment in which the unpacked programs find their libraries, plug-ins and bindings."""
    root = unpacked()
    libraries = [str(path) for path in (*root.glob("usr/lib/*-linux-gnu"), *root.glob("lib/*-linux-gnu"))]
    here = libraries[0]
    return {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": str(root),
        "LD_LIBRARY_PATH": ":".join(libraries),
        "GI_TYPELIB_PATH": f"{here}/girepository-1.0",
        "GST_PLUGIN_SYSTEM_PATH_1_0": f"{here}/gstreamer-1.0",
        "GST_PLUGIN_SCANNER_1_0": f"{here}/gstreamer1.0/gstreamer-1.0/gst-plugin-scanner",
        "GST_REGISTRY_1_0": str(root / "gstreamer-registry.bin"),
        "PYTHONPATH": str(root / "usr/lib/python3/dist-packages"),
        "PYTHONUNBUFFERED": "1",
    }


def _fetch(folder: Path) -> None:
    names = [line for line in LIST.read_text().split("\n") if line and not line.startswith("#")]
    download = ["apt-get", "download", "-q", *names]
    try:
        if not _done(download, folder):
            _fresh_lists(folder)
            _must(["apt-get", *_own(folder), "download", "-q", *names], folder)
        for package in sorted(folder.glob("*.deb")):
            _must(["dpkg", "-x", package.name, "root"], folder)
        for plugin in folder.glob("root/usr/lib/*/gstreamer-1.0/*.so"):
            if plugin.stem.removeprefix("libgst") not in PLUGINS:
                plugin.unlink()
    except (OSError, subprocess.SubprocessError) as fault:
        raise NoServers(f"the packages of real camera servers could not be fetched ({type(fault).__name__})") from None


def _fresh_lists(folder: Path) -> None:
    """A machine whose lists of packages are missing or old gets its own ones beside, which needs no root."""
    (folder / "lists/partial").mkdir(parents=True)
    _must(["apt-get", *_own(folder), "update", "-q"], folder)


def _own(folder: Path) -> list[str]:
    places = {"Dir::State::lists": "lists", "Dir::Cache::pkgcache": "pkg.bin", "Dir::Cache::srcpkgcache": "src.bin"}
    return [f"-o{option}={folder / name}" for option, name in places.items()]


def _done(command: list[str], folder: Path) -> bool:
    ended = subprocess.run(command, cwd=folder, capture_output=True, timeout=_FETCH_S)
    return ended.returncode == 0


def _must(command: list[str], folder: Path) -> None:
    if not _done(command, folder):
        raise NoServers(f"the packages of real camera servers could not be fetched ({' '.join(command[:2])} failed)")
