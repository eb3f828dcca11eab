"""`python app.py serve --config` as a process: it watches without a page, pages join it, and a kill costs nothing."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from tests.browser.served import APP, ServedHouse
from tests.source_servers import video

pytestmark = pytest.mark.whole

FILE = """\
sources:
  - {{name: door, url: "{clip}"}}
  - {{name: garage, url: "rtsp://admin:${{CAM_PASSWORD}}@127.0.0.1:9/live"}}
watches:
  - tell me when someone comes in
  - tell me when the pot boils over
"""


@contextmanager
def page(house: ServedHouse) -> Iterator[tuple[Any, dict[str, Any]]]:
    """A page that joins, and the state it is welcomed with."""
    origin = house.url.rstrip("/")
    with httpx.Client(base_url=origin, headers={"origin": origin}, timeout=30) as http:
        http.post("/api/session").raise_for_status()
        cookie = "; ".join(f"{name}={value}" for name, value in http.cookies.items())
    address = f"ws://127.0.0.1:{house.port}/ws"
    with connect(address, origin=origin, additional_headers={"Cookie": cookie}, proxy=None) as channel:  # type: ignore[arg-type]
        channel.send(json.dumps({"type": "hello", "seq": None, "language": "en"}))
        welcome = json.loads(channel.recv(60))
        assert welcome["type"] == "welcome"
        yield channel, welcome["state"]


def wordings(state: dict[str, Any]) -> list[str]:
    return [watch["wording"] for watch in state["watches"]]


@pytest.mark.timeout(280)
def test_it_runs_alone_is_joined_and_goes_on_after_a_kill(tmp_path: Path) -> None:
    (tmp_path / "watch.yaml").write_text(FILE.format(clip=video(tmp_path / "door.mp4", seconds=100)))
    # Nothing is said or heard here: models that are not found need not be loaded, twice.
    quiet = {"LOOKOUT_SPEAKING__VOICE": "none", "LOOKOUT_MEMORY__ENABLED": "false", "LOOKOUT_CACHE": str(tmp_path)}
    house = ServedHouse(tmp_path, "--config", "watch.yaml", CAM_PASSWORD="s3cret@/pass", **quiet)
    try:
        house.start()
        with page(house) as (channel, state):
            assert [lane["lane"] for lane in state["lanes"]] == ["door", "garage"]
            assert wordings(state) == ["Someone comes in"]
            assert "the pot boils over" in str(state["problems"])
            channel.send(json.dumps({"type": "watch", "op": "add", "wording": "Someone leaves"}))
            while json.loads(channel.recv(60))["type"] != "utterance_started":
                pass  # it is acknowledged when it is on disk
        with page(house) as (_, state):  # the tab was closed, and another browser opened
            assert wordings(state) == ["Someone comes in", "Someone leaves"]
        house.kill()
        house.start()
        with page(house) as (_, state):
            assert wordings(state) == ["Someone comes in", "Someone leaves"]
            assert [lane["lane"] for lane in state["lanes"]] == ["door", "garage"]
        assert house.stop() in (0, -signal.SIGTERM)
    finally:
        house.stop()
    log = house.output.read_text()
    assert "! watch.yaml line 6: watches[1]: 'tell me when the pot boils over' cannot be watched for here" in log
    assert "s3cret" not in log and "Traceback" not in log


def test_mistakes_are_told_on_lines_of_their_own_with_exit_2(tmp_path: Path) -> None:
    (tmp_path / "watch.yaml").write_text("language: de\nsources:\n  - {name: door, url: 'rtsp://u:${NOT_SET}@a/'}\n")
    command = [sys.executable, str(APP), "serve", "--config", "watch.yaml"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        "watch.yaml line 1, column 11: language: Input should be 'en' or 'zh'",
        "watch.yaml line 3, column 23: sources[0].url: the environment variable NOT_SET is not set",
    ]
