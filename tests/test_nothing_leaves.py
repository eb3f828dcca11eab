"""No key, no telemetry, no hub: a whole story, and not one connection leaves the machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

pytestmark = pytest.mark.whole

ROOT = Path(__file__).resolve().parent.parent
GUARD = ROOT / "tests" / "guard"


def guarded(code: list[str], folder: Path) -> tuple[subprocess.CompletedProcess[str], str]:
    """Run Python under the guard; what it did, and what left the machine."""
    log = folder / "left.log"
    # ONNX Runtime spares CI its reports, and may be told not to send any: neither may hide what a person's machine does.
    hushed = ("CI", "GITHUB_ACTIONS", "TF_BUILD", "ORT_DISABLE_TELEMETRY")
    environment = {name: value for name, value in os.environ.items() if name not in hushed} | {
        "PYTHONPATH": os.pathsep.join((str(GUARD), str(ROOT))),
        "LOOKOUT_GUARD_LOG": str(log),
        "HOME": str(folder),
        "LOOKOUT_CACHE": os.environ.get("LOOKOUT_CACHE", str(Path("~/.cache/lookout").expanduser())),
    }
    done = subprocess.run(
        [sys.executable, *code], cwd=ROOT, env=environment, text=True, capture_output=True, timeout=240
    )
    return done, log.read_text() if log.exists() else ""


def test_the_guard_notices(tmp_path: Path) -> None:
    look_up = "import socket\ntry: socket.getaddrinfo('telemetry.example', 443)\nexcept OSError: pass"
    assert "telemetry.example" in guarded(["-c", look_up], tmp_path)[1]
    inside = "import sys; sys.audit('socket.connect', None, ('127.0.0.1', 80))"
    outside = inside.replace("127.0.0.1", "8.8.8.8")  # announced only, nothing is sent
    assert "127.0.0.1" not in guarded(["-c", inside], tmp_path)[1]
    assert "8.8.8.8" in guarded(["-c", outside], tmp_path)[1]


def clip(path: Path, seconds: int = 8) -> Path:
    """A grey picture in which, after three seconds, a dark square wanders."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 10, (320, 240))
    for number in range(10 * seconds):
        picture = np.full((240, 320, 3), 170, np.uint8)
        if number > 30:
            cv2.rectangle(picture, (3 * number - 60, 80), (3 * number, 160), (30, 30, 30), -1)
        writer.write(picture)
    writer.release()
    return path


@pytest.mark.timeout(280)
def test_a_whole_story_stays_on_this_machine(tmp_path: Path) -> None:
    source = clip(tmp_path / "clip.mp4")
    lines = ["1: tell me when anything moves", "2: work out 17 percent of 2,340 for me", "4: what do you see?"]
    lines += ["5: when did anything move?", "6: run this python: print(6*7)"]
    say = [part for line in lines for part in ("--say", line)]
    done, left = guarded(["app.py", "watch", str(source), "--fast", *say], tmp_path)
    assert done.returncode == 0, done.stderr
    assert "397.8" in done.stdout and "42" in done.stdout
    assert left == ""
    # What libraries do in C++ the guard cannot see; one that reports keeps a queue and an id of the machine.
    assert not (tmp_path / ".cache" / "Microsoft").exists()
