"""A session whose observer is Lookout's own model server (a fake one): loading, swap, crash, return; and `auto`."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from config import Settings, Vllm
from interaction import backends
from interaction.backends import UnknownBackend
from interaction.events import Decision, Event, ObserverChanged, Problem, Recovered
from interaction.observers import engine_plan
from interaction.observers.embedded import EmbeddedObserver
from interaction.observers.engine import Engine
from rooms import Rooms
from tests.fake_vllm import model, python
from tests.visits import visit

QUICK = Vllm(restart_first_s=2.5, health_s=0.05, stop_s=5)


def settings(folder: Path, **changes: Any) -> Settings:
    named: dict[str, Any] = {
        "observer": f"vllm:{folder / 'joyai-tiny'}",
        "vllm_python": folder / "python",
        "data_dir": folder / "data",
        "vllm": QUICK,
        "gate": {"enabled": False},
        "memory": {"enabled": False},
    }
    return Settings(_env_file=None, **(named | changes))  # type: ignore[call-arg]


def by_model(event: Event) -> bool:
    """A decision of the fake server's model."""
    return isinstance(event, Decision) and event.reason == "the model saw no reason to speak"


def by_us(event: Event) -> bool:
    return isinstance(event, Decision) and not by_model(event)


@pytest.mark.real_time
async def test_loading_swap_crash_and_return_within_one_session(tmp_path: Path) -> None:
    served = model(tmp_path)
    python(tmp_path)
    rooms = Rooms(settings(tmp_path), voice=False, hearing=False)
    try:
        async with visit(rooms) as here:
            assert isinstance(here.session.observer.described()["loading"], dict)
            await here.until(by_us)
            assert rooms.engine
            before = here.session.snapshot()["examples"]
            rooms.engine.start()
            swapped = await here.until(lambda event: isinstance(event, ObserverChanged) and event.loading is None)
            assert isinstance(swapped, ObserverChanged) and swapped.name == "joyai-tiny"
            assert swapped.examples == here.session.snapshot()["examples"] != before
            told = [event for event in here.events if isinstance(event, ObserverChanged)]
            assert {event.name for event in told[:-1]} == {"embedded"} and all(event.loading for event in told[:-1])
            await here.until(by_model)
            assert not [event for event in here.events if isinstance(event, Problem)], "loading is nothing wrong"

            os.kill(json.loads((served / "pids.json").read_text())[0], signal.SIGKILL)
            problem = await here.until(lambda event: isinstance(event, Problem) and "signal 9" in event.message)
            assert isinstance(problem, Problem)
            assert (problem.where, problem.kept) == ("observer", "The built-in observer stands in.")
            assert rooms._missing("local")[-1] == replace(problem, t=0.0), "whoever comes now hears of it, too"
            assert here.session.snapshot()["observer"]["name"] == "embedded"
            await here.until(by_us)
            await here.until(lambda event: isinstance(event, Recovered) and event.where == "observer")
            await here.until(by_model)
            assert here.session.snapshot()["observer"] == {
                "name": "joyai-tiny", "sees": here.session.observer.sees, "hosts": [], "loading": None,
            }  # fmt: skip
            assert not here.session.finished and not rooms._missing("local")
    finally:
        await rooms.aclose()


@pytest.mark.real_time
async def test_a_server_that_cannot_start_leaves_the_session_to_the_embedded_observer(tmp_path: Path) -> None:
    model(tmp_path, fails=1000)
    python(tmp_path)
    rooms = Rooms(settings(tmp_path), voice=False, hearing=False)
    try:
        async with visit(rooms) as here:
            assert rooms.engine
            rooms.engine.start()
            problem = await here.until(lambda event: isinstance(event, Problem))
            assert isinstance(problem, Problem)
            assert "ValueError: this model cannot be served" in problem.message and "vllm.log" in problem.advice
            await here.until(by_us)
            lane = here.session.main_lane()
            assert lane
            while lane.failures < 2:
                await here.until(by_us)
            assert "vllm.log" in here.session.problems["observer"].advice, "a lane's own words say less"
    finally:
        await rooms.aclose()


async def test_before_it_serves_the_observer_is_the_embedded_one(tmp_path: Path) -> None:
    model(tmp_path)
    python(tmp_path)
    engine = backends.make_engine(settings(tmp_path))
    assert engine is not None
    watcher = backends.make_observer(settings(tmp_path), engine, EmbeddedObserver())
    assert (watcher.name, watcher.gated, watcher.hosts) == ("embedded", False, ())
    assert watcher.capabilities == EmbeddedObserver.capabilities and watcher.usage is not None


def bare(folder: Path, **changes: Any) -> Settings:
    named: dict[str, Any] = {"observer": "auto", "vllm_python": folder / "none", "data_dir": folder}
    return Settings(_env_file=None, **(named | changes))  # type: ignore[call-arg]


def test_auto_is_embedded_where_nothing_is_and_asks_for_no_card(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_plan, "card_mib", lambda: pytest.fail("without vLLM nobody asks for the card"))
    assert Settings.model_fields["observer"].default == "auto"
    assert backends.settled(bare(tmp_path)).observer == "embedded"
    assert backends.make_engine(backends.settled(bare(tmp_path))) is None


@pytest.mark.parametrize(
    ("mib", "url", "chosen"),
    [
        (None, "", "embedded"),
        (16_376, "", "embedded"),
        (23_034, "", "vllm:jdopensource/JoyAI-VL-Interaction-Preview"),
        (81_559, "http://gpu:8000", "http://gpu:8000"),
    ],
)
def test_auto_takes_the_url_then_the_card(
    mib: int | None, url: str, chosen: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_plan, "card_mib", lambda: mib)
    assert backends.settled(bare(tmp_path, vllm_python=python(tmp_path), observer_url=url)).observer == chosen


@pytest.mark.parametrize(
    ("observer", "vllm", "words"),
    [
        ("vllm:--help", True, "neither a folder with a model nor a name"),
        ("vllm:", True, "neither a folder with a model nor a name"),
        ("vllm:Qwen/Qwen3-VL-8B-Instruct", False, "make setup-vllm"),
    ],
)
def test_what_cannot_be_started_is_refused_with_the_setting_to_change(
    observer: str, vllm: bool, words: str, tmp_path: Path
) -> None:
    where = python(tmp_path) if vllm else tmp_path / "none"
    with pytest.raises(UnknownBackend, match=words):
        backends.make_engine(bare(tmp_path, observer=observer, vllm_python=where))


def test_any_other_observer_needs_no_engine(tmp_path: Path) -> None:
    for observer in ("embedded", "http://127.0.0.1:9"):
        assert backends.make_engine(bare(tmp_path, observer=observer)) is None
    made = backends.make_engine(bare(tmp_path, observer="vllm:Qwen/Qwen3-VL-8B-Instruct", vllm_python=python(tmp_path)))
    assert isinstance(made, Engine) and made.name == "Qwen3-VL-8B-Instruct"
