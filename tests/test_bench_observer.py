"""`make bench-observer` without its engine: what it counts, what it starts, and what it says where it cannot."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.observer import __main__ as bench
from bench.observer import engine, gate, layouts, scenarios
from bench.observer.engine import Counters, Engine, NoEngine
from bench.scenario import Scenario
from interaction.clock import run_virtual
from tests.model_server import chats, model
from tests.scripted_http import Reply, Server

METRICS = """# HELP
vllm:prompt_tokens_by_source_total{engine="0",model_name="m",source="local_compute"} 700.0
vllm:prompt_tokens_by_source_total{engine="1",model_name="m",source="local_compute"} 50.0
vllm:prompt_tokens_by_source_total{engine="0",model_name="m",source="local_cache_hit"} 9250.0
"""


class Counting(Engine):
    """Every picture sent costs 300, everything else is cached."""

    def __init__(self, server: Server) -> None:
        super().__init__(server.url)
        self.__dict__.update(server=server, read=0, spent=Counters(0, 0))  # its base is frozen

    async def counters(self) -> Counters:
        for body in self.server.bodies[self.read :]:
            text = str(body.get("messages", ""))
            whole = text.count("data:image")
            cost = Counters(300.0 * whole, 300.0 * max(0, text.count("'uuid'") - whole))
            self.__dict__.update(spent=self.spent + cost)
        self.__dict__.update(read=len(self.server.bodies))
        return self.spent


@pytest.fixture(autouse=True)
def small_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layouts, "pictures", lambda: cycle([np.zeros((32, 32, 3), np.uint8)]))


def test_the_engines_own_count_is_read_and_another_version_is_told() -> None:
    assert engine._total(METRICS.splitlines(), "local_compute") == 750.0
    assert Counters(5, 7) - Counters(2, 3) == Counters(3, 4)
    with pytest.raises(NoEngine, match=r"0\.32"):
        engine._total(["vllm:other 1"], "local_compute")


def test_the_model_is_copied_so_that_it_takes_large_pictures_and_long_prompts(tmp_path: Path) -> None:
    source = tmp_path / "tiny"
    source.mkdir()
    (source / "preprocessor_config.json").write_text('{"size": {"shortest_edge": 4096, "longest_edge": 65536}}')
    (source / "config.json").write_text('{"text_config": {"max_position_embeddings": 2048, "hidden_size": 128}}')
    copied = engine.prepared(source, tmp_path / "copy", 40_960)
    assert json.loads((copied / "preprocessor_config.json").read_text())["size"]["longest_edge"] >= 640 * 480
    text = json.loads((copied / "config.json").read_text())["text_config"]
    assert text == {"max_position_embeddings": 40_960, "hidden_size": 128}
    assert "2048" in (source / "config.json").read_text(), "the original stays as it is"


@pytest.mark.parametrize("main", [bench.main, scenarios.main])
def test_without_an_engine_one_line_says_what_to_do(
    main: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench, "of_gate", list)
    monkeypatch.setenv("LOOKOUT_VLLM_PYTHON", "/nowhere/python")
    assert main([]) == 2
    assert "LOOKOUT_VLLM_PYTHON" in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.real_time
async def test_our_layout_is_counted_tick_by_tick_across_chunks() -> None:
    with model(lambda asked: "A street." if "Summarise" in str(asked["messages"][-1]) else "</silence>") as server:
        course = await layouts.ours(Counting(server), "joyai", 125)
    assert len(course.computed) == len(course.cpu) == 125 and course.failed == 0
    assert course.requests == 126 and sum(course.computed) == 300 * 125, "each picture goes out once"
    assert 90 < course.turns <= 100 and 1.0 < course.missed < 5.0
    figures = bench.of_course(course, promised=True)
    assert [figure.number for figure in figures] == [1, 2, 3, 4, 5] and figures[0].samples == [300.0]
    assert figures[1].limit == pytest.approx(course.turns / 2 * 315) and not figures[0].over


@pytest.mark.real_time
async def test_a_crowd_is_late_from_when_each_tick_was_due() -> None:
    with model("</silence>", "</silence>", Reply({"error": {"message": "no"}}, 500)) as server:
        figure = await bench.of_crowd(Engine(server.url), 1)
    assert len(figure.samples) == 8 and all(late > 0 for late in figure.samples)
    assert figure.how.startswith("joyai, 8 ticks in ") and figure.how.endswith(
        "chunks of 100 turns at the end, 6 failed"
    )


@pytest.mark.real_time
async def test_other_layouts_send_everything_again() -> None:
    with model("</silence>") as server:
        eight = await layouts.naive(Counting(server), 12, sliding=False)
        window = await layouts.naive(Counting(server), 20, sliding=True)
    assert eight.computed[-1] == 300 * layouts.SHOWN and window.computed[-1] == 300 * layouts.WINDOW
    shown = [message for message in chats(server)[-1]["messages"] if message["role"] == "user"]
    assert len(shown) == layouts.WINDOW and len(chats(server)[11]["messages"]) == 2


def scenario(**more: Any) -> Scenario:
    source = {"generator": "blobs", "seed": 3, "seconds": 32, "options": {"times": [22], "stay": 20}}
    return Scenario.model_validate({"name": "one", "capability": "monitoring", "source": source, **more})


def test_an_event_that_nothing_was_asked_about_is_missed_and_a_reminder_is_none() -> None:
    expect = [
        {"event": "speak", "within": [22, 24.5], "at": 22.0, "watch": True},
        {"event": "speak", "within": [10, 11], "at": 10.0, "watch": True},
        {"event": "speak", "within": [31, 32], "at": 31.0, "watch": True},
    ]
    user = [{"t": 1.0, "say": "Remind me in thirty seconds to call."}]
    found = run_virtual(gate.watched(scenario(expect=expect, user=user)))
    assert found is not None and found.ticks == 32 and len(found.asked) <= 6
    assert found.events == 2 and found.missed == (10.0,)


@pytest.mark.parametrize(
    ("arguments", "given"),
    [
        ([], [str(scenarios.KNOWN), "--observer", "http://engine"]),
        (["--json", "o.json"], [str(scenarios.KNOWN), "--observer", "http://engine", "--json", "o.json"]),
        (["a.yaml", "--seed", "3"], ["--observer", "http://engine", "a.yaml", "--seed", "3"]),
        (["--all"], ["--observer", "http://engine"]),
    ],
)
def test_scenarios_are_run_against_the_engine_while_it_is_there(
    arguments: list[str], given: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    there: list[bool] = []
    run: list[list[str]] = []

    @contextmanager
    def fake(tokens: int, source: Path, *, large: bool) -> Iterator[Engine]:
        assert not large, "the model was trained with small pictures"
        there.append(True)
        yield Engine("http://engine", "secret")
        there.clear()

    def call(command: list[str], cwd: Path, env: dict[str, str]) -> int:
        run.append(command)
        return 1 if there and env["LOOKOUT_OBSERVER_KEY"] == "secret" else 3

    monkeypatch.setattr(scenarios, "engine", fake)
    monkeypatch.setattr(scenarios.subprocess, "call", call)
    assert scenarios.main(arguments) == 1 and not there
    assert run[0][1:] == ["app.py", "scenarios", *given]
