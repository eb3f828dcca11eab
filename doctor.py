"""`python app.py doctor`: what this machine has, and what each missing thing costs.

Reads and tries; changes nothing but the cache's note of which weights are verified. Sends nothing: a configured
server is only connected to.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlsplit

from assets import Assets, BadAsset, manifest
from config import Settings
from interaction.backends import UnknownBackend, make_engine, settled, vllm_python
from interaction.observers import engine_plan
from machine import GB, Finding, chromium, gpu, hardware, less, ok, packages, python, sandbox, stop

NEEDED_DISK = 2 * GB  # weights in the cache 0.3, journal 0.2, memory and pictures of some weeks
CONNECT_S = 2.0  # a server on the local network answers in milliseconds
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def run_doctor(settings: Settings, *, as_json: bool = False, out: Callable[[str], None] = print) -> int:
    """Look at everything, print it, and return the exit code: 0 when Lookout can run here, 1 when not.

    Blocks for some seconds; not for the event loop. `as_json`: `{"runs": bool, "findings": […]}` instead of lines.
    """
    findings = list(examine(settings))
    runs = all(finding.state != "stops" for finding in findings)
    if as_json:
        report = {"runs": runs, "findings": [asdict(finding) for finding in findings]}
        out(json.dumps(report, ensure_ascii=False, indent=1))
    else:
        for finding in findings:
            out(_line(finding))
        out("Lookout can run here." if runs else "Lookout cannot run here: see the lines marked STOP.")
    return 0 if runs else 1


def examine(settings: Settings) -> Iterator[Finding]:
    """Every finding, cheapest first."""
    yield python()
    yield packages()
    yield from hardware()
    yield gpu()
    yield vllm(settings)
    yield door(settings)
    yield port(settings)
    yield from folders(settings)
    yield from servers(settings)
    yield observer(settings)
    yield from weights(settings)
    yield sandbox()
    yield chromium()


def door(settings: Settings) -> Finding:
    """What a browser needs: it gives camera and microphone only to localhost or https."""
    from interaction.web.doors import check_binding

    host = settings.web.host
    if refused := check_binding(settings):
        return stop("page", f"http://{host}:{settings.web.port}", "the house does not open there", refused)
    if host in LOOPBACK:
        return ok("page", f"http://{host}:{settings.web.port}, this machine only")
    costs = "browsers give no camera or microphone to a plain http address"
    return less("page", f"{host}:{settings.web.port}, with a token", costs, "Put an https proxy in front.")


def port(settings: Settings) -> Finding:
    host, number = settings.web.host, settings.web.port
    try:
        family = socket.getaddrinfo(host, number, type=socket.SOCK_STREAM)[0]
        with socket.socket(family[0]) as door:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            door.bind(family[4])
    except OSError as error:
        advice = "If Lookout runs already, all is well; else set LOOKOUT_WEB__PORT."
        return stop("port", f"{host}:{number} cannot be opened ({error.strerror or error})", "no page", advice)
    return ok("port", f"{number} is free")


def folders(settings: Settings) -> Iterator[Finding]:
    data, cache = settings.data_dir.expanduser(), settings.cache.expanduser()
    yield folder("data", data, "memory, journal and interrupted tasks are not kept", "LOOKOUT_DATA_DIR", private=True)
    yield folder("cache", cache, "weights cannot be put together here", "LOOKOUT_CACHE")
    free = shutil.disk_usage(_there(data)).free
    if free < NEEDED_DISK:
        costs = "journal and memory may stop being written"
        yield less("disk", f"{free / GB:.1f} GB free", costs, "Free some space, or set LOOKOUT_DATA_DIR.")
    else:
        yield ok("disk", f"{free / GB:.0f} GB free")


def folder(name: str, path: Path, costs: str, setting: str, *, private: bool = False) -> Finding:
    """Whether a folder can be written, or made; with `private`, whether only its owner can read it."""
    there = _there(path)
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        return less(name, f"{path} cannot be written", costs, f"Set {setting} to a folder of yours.")
    if private and there == path and path.stat().st_mode & 0o077:
        mode = oct(path.stat().st_mode & 0o777)[2:]
        return less(name, f"{path} has mode {mode}", "others here can read it", f"chmod 700 {path}")
    return ok(name, str(path) if there == path else f"{path} (will be made)")


def servers(settings: Settings) -> Iterator[Finding]:
    """Every server that the settings name: does its port answer?"""
    named = {
        "observer": (url if "://" in (url := settled(settings).observer) else "", "the embedded one decides meanwhile"),
        "hearing": (settings.hearing.url, "speech is not recognised while it is away"),
        "speaking": (settings.speaking.url, "answers stay in the captions"),
        "agent": (settings.agent.url, "tasks are planned by rules"),
        "language model": (settings.llm.url, "nothing is translated, and rules phrase"),
        "solve": (settings.agent.solve_url, "that agent gets no tasks"),
        "memory": (settings.memory.chroma_url, "nothing is remembered while it is away"),
        "embedding": (settings.memory.embedding_url, "nothing is remembered or found while it is away"),
    }
    for name, (url, costs) in named.items():
        if url:
            yield server(f"server: {name}", url, costs)


def server(name: str, url: str, costs: str) -> Finding:
    """Whether something listens at the host and port of `url`."""
    try:
        parts = urlsplit(url)
        number = parts.port or (443 if parts.scheme == "https" else 80)
        with socket.create_connection((parts.hostname or "", number), CONNECT_S):
            return ok(name, f"{parts.hostname}:{number} answers")
    except (OSError, ValueError) as error:
        where = url.rpartition("@")[2]  # no password in what a person may paste elsewhere
        return less(name, f"{where} does not answer ({error})", costs, "Start it, or correct the address.")


def vllm(settings: Settings) -> Finding:
    """Whether a model server could be started here."""
    if python := vllm_python(settings):
        return ok("vllm", f"{python} ({engine_plan.row(engine_plan.card_mib()).name})")
    if settings.vllm_python:
        advice = "Correct LOOKOUT_VLLM_PYTHON."
        return less("vllm", f"{settings.vllm_python} is no Python", "no model server is started", advice)
    costs = "Lookout starts no model server of its own; another one's URL works"
    return Finding("vllm", "none", "not installed", costs, "With a GPU: `make setup-vllm`.")


def observer(settings: Settings) -> Finding:
    settings = settled(settings)
    if settings.observer.startswith(engine_plan.MODEL):
        try:
            make_engine(settings)
        except UnknownBackend as refused:
            return stop("observer", settings.observer, "Lookout does not start", str(refused))
        return ok("observer", f"{settings.observer}, by a server that Lookout starts; embedded while it loads")
    if "://" in settings.observer:
        return ok("observer", f"a model at {urlsplit(settings.observer).hostname} (it receives pictures)")
    if error := Assets.of(settings).error("vision/detector"):
        return less("observer", settings.observer, "it sees motion and text, no people", str(error))
    return ok("observer", f"{settings.observer}, on the CPU")


def weights(settings: Settings) -> Iterator[Finding]:
    store = Assets.of(settings)
    for name, asset in manifest().items():
        error = store.error(name)
        if error is None:
            yield ok(f"weight: {name}", f"verified, sha256 {asset.file[0].sha256[:12]}…")
            continue
        found = "damaged" if isinstance(error, BadAsset) else "missing"
        yield less(f"weight: {name}", found, asset.lost, str(error))


def _line(finding: Finding) -> str:
    mark = {"ok": "ok", "lacks": "LESS", "stops": "STOP", "none": "-"}[finding.state]
    text = f"{mark:5}{finding.name:27}{finding.found}"
    for label, more in (("costs", finding.costs), ("do", finding.advice)):
        if more:
            text += f"\n{'':32}{label}: {more}"
    return text


def _there(path: Path) -> Path:
    """The folder itself, or the nearest one above it that exists."""
    return next(part for part in (path, *path.parents) if part.exists())
