"""The model server as a child process: how it starts, tells, crashes, comes back and ends. The server is a small fake
(`fake_vllm.py`), everything around it is real; `tests/vllm` has the real one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from config import Vllm
from interaction.observers import engine as engines
from interaction.observers.engine import Engine, Status
from interaction.observers.engine_child import Log
from interaction.observers.engine_plan import CPU
from tests.fake_vllm import model, python
from tests.visits import gone

ROOT = Path(__file__).resolve().parents[1]
QUICK = Vllm(restart_first_s=0.05, restart_longest_s=0.2, health_s=0.05, stop_s=5)
SOON_S = 60.0  # on a busy machine; a server that is up takes a second


@contextmanager
def engine(folder: Path, bounds: Vllm = QUICK, **plan: Any) -> Iterator[Engine]:
    served = model(folder, **plan)
    made = Engine(python(folder), str(served), CPU, folder / "data", bounds)
    made.start()
    try:
        yield made
    finally:
        made.close()


def ready(made: Engine) -> bool:
    return made.wait(lambda status: status.ready, SOON_S)


def troubled(made: Engine) -> bool:
    return made.wait(lambda status: bool(status.trouble), SOON_S)


def seen(folder: Path, name: str = "seen") -> Any:
    return json.loads((folder / "joyai-tiny" / f"{name}.json").read_text())


def test_it_loads_tells_of_it_and_serves_with_a_key_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOKOUT_TOKEN", "secret")
    told: list[Status] = []
    served = model(tmp_path)
    made = Engine(python(tmp_path), str(served), CPU, tmp_path / "data", QUICK)
    made.listen(told.append)
    made.start()
    try:
        assert ready(made)
        assert [(status.stage, status.percent) for status in told[:-1]] == [
            ("weights", None), ("weights", 50), ("weights", 100), ("compiling", None), ("warming", None),
        ]  # fmt: skip
        assert told[-1] == Status(ready=True) and told[-1].loading is None
        assert not any(status.trouble for status in told)
        assert httpx.get(f"{made.url}/v1/models").status_code == 401
        assert httpx.get(f"{made.url}/v1/models", headers={"authorization": f"Bearer {made.key}"}).status_code == 200
        given = seen(tmp_path)
        assert made.key not in given["argv"] and len(made.key) > 30
        assert "secret" not in given["environment"].values()
        log = tmp_path / "data" / "vllm.log"
        assert "Starting to load model" in log.read_text() and log.stat().st_mode & 0o077 == 0
        pids = seen(tmp_path, "pids")
    finally:
        made.close()
    assert all(gone(pid) for pid in pids)


def test_a_killed_server_is_told_of_and_comes_back_where_it_was(tmp_path: Path) -> None:
    with engine(tmp_path) as made:
        assert ready(made)
        url, (server, core) = made.url, seen(tmp_path, "pids")
        os.kill(server, signal.SIGKILL)
        assert troubled(made)
        assert made.status.trouble.startswith("The model server was killed (signal 9)")
        assert gone(core), "what it started ends with it"
        assert ready(made)
        assert made.url == url and not made.status.trouble
        assert seen(tmp_path, "pids") != [server, core]


def test_a_server_that_cannot_start_says_why_and_is_tried_again(tmp_path: Path) -> None:
    with engine(tmp_path, fails=2) as made:
        assert troubled(made)
        assert made.status.trouble == "The model server ended (status 1): ValueError: this model cannot be served"
        assert ready(made), "the third start succeeds"


def test_the_pauses_between_starts_grow_to_their_bound(tmp_path: Path) -> None:
    pauses: list[float] = []
    bounds = Vllm(restart_first_s=1.0, restart_longest_s=5.0)
    made = Engine(tmp_path / "no-such-python", str(model(tmp_path)), CPU, tmp_path / "data", bounds)

    class Closing(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            if timeout != engines.POLL_S:
                pauses.append(timeout or 0.0)
                if len(pauses) == 5:
                    self.set()
            return self.is_set()

    made._closing = closing = Closing()
    made.start()
    assert threading.Event.wait(closing, SOON_S)
    made.close()
    assert pauses == [1.0, 2.0, 4.0, 5.0, 5.0]
    assert "No such file" in made.status.trouble and made.status.trouble.startswith("The model server ended (status 1)")


def test_a_server_that_hangs_is_ended_and_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "ASK_S", 0.3)
    with engine(tmp_path, hangs=3, bounds=Vllm(restart_first_s=60, health_s=0.05, stop_s=1)) as made:
        assert troubled(made)
        assert made.status.trouble.startswith("The model server does not answer any more")
        assert all(gone(pid) for pid in seen(tmp_path, "pids"))


def test_closing_ends_even_a_server_that_does_not_listen(tmp_path: Path) -> None:
    with engine(tmp_path, bounds=Vllm(stop_s=0.3), deaf=True) as made:
        assert ready(made)
        pids = seen(tmp_path, "pids")
    assert all(gone(pid) for pid in pids)


def test_closing_amid_the_loading_ends_it(tmp_path: Path) -> None:
    with engine(tmp_path) as made:
        assert made.wait(lambda status: status.stage != "starting", SOON_S)
        child = made.child
    assert child is not None and gone(child.pid)


def test_closing_does_not_wait_for_the_first_answer_which_can_take_minutes(tmp_path: Path) -> None:
    with engine(tmp_path, mute=True) as made:
        assert made.wait(lambda status: status.stage == "warming", SOON_S)
        child = made.child
        closing = threading.Thread(target=made.close)
        closing.start()
        closing.join(SOON_S / 2)
        assert not closing.is_alive() and child is not None and gone(child.pid)


def test_the_death_of_the_house_ends_the_server_and_what_it_started(tmp_path: Path) -> None:
    served = model(tmp_path)
    code = f"""
import pathlib, sys
from config import Vllm
from interaction.observers.engine import Engine
from interaction.observers.engine_plan import CPU
made = Engine(pathlib.Path({str(python(tmp_path))!r}), {str(served)!r}, CPU, pathlib.Path({str(tmp_path)!r}), Vllm())
made.start()
print(made.wait(lambda status: status.ready, {SOON_S}), flush=True)
sys.stdin.read()
"""
    house = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert house.stdout and house.stdout.readline() == "True\n"
    pids = seen(tmp_path, "pids")
    house.kill()
    house.communicate()
    assert all(gone(pid) for pid in pids)


def test_another_users_server_on_our_port_is_not_ours() -> None:
    head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
    line = "   0: 0100007F:1F41 00000000:0000 {state} 00000000:00000000 00:00000000 00000000 {uid:5d}        0 1 1\n"
    ours, other = os.getuid(), os.getuid() + 1
    assert engines.listens(8001, head + line.format(state="0A", uid=ours))
    assert not engines.listens(8001, head + line.format(state="0A", uid=other))
    assert not engines.listens(8001, head + line.format(state="01", uid=ours)), "that is a connection"
    assert not engines.listens(8002, head + line.format(state="0A", uid=ours))


def test_the_log_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "vllm.log"
    log = Log(path, 1000)
    for number in range(100):
        log.write(f"line {number:04d} {'x' * 40}\n")
    log.close()
    assert path.stat().st_size <= 1000 and (tmp_path / "vllm.log.1").stat().st_size <= 1000
    assert "line 0099" in path.read_text()


def test_a_log_is_no_way_to_write_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "vllm.log").symlink_to(tmp_path / "precious")
    with pytest.raises(OSError):
        Log(tmp_path / "vllm.log", 1000)
