"""An external agent behind `POST /v1/solve`, over real HTTP on loopback."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from agent.board import TaskBoard
from config import Agent
from interaction.clock import Clock
from interaction.events import Event, Problem, TaskDone
from interaction.sources.base import Frame
from tests.scripted_http import Reply, closed_port, serve

pytestmark = pytest.mark.real_time


class Bench:
    """A board whose tasks an external agent does."""

    def __init__(self, folder: Path, url: str, **bounds: Any) -> None:
        self.told: list[Event] = []
        self._ended = asyncio.Event()
        settings = Agent.model_validate({"solve_url": url, **bounds})
        self.board = TaskBoard(settings, folder, self._hear, Clock().now, None, None, session="s-1")

    def _hear(self, event: Event) -> None:
        self.told.append(event)
        if isinstance(event, TaskDone):
            self._ended.set()

    async def ask(self, question: str, **more: Any) -> TaskDone:
        self._ended.clear()
        self.board.submit(question, **more)
        await asyncio.wait_for(self._ended.wait(), 30)
        return next(event for event in reversed(self.told) if isinstance(event, TaskDone))


@asynccontextmanager
async def bench(folder: Path, url: str, **bounds: Any) -> AsyncIterator[Bench]:
    made = Bench(folder, url, **bounds)
    yield made
    await made.board.aclose()


async def test_a_task_goes_out_with_its_pictures_and_comes_back(tmp_path: Path) -> None:
    picture = np.full((960, 1280, 3), (0, 0, 255), np.uint8)
    frames = [Frame(float(second), picture) for second in range(6)]
    answer = {"status": "completed", "text": "The cup is red.", "usage": {"total_tokens": 9}, "duration_ms": 12}
    with serve(Reply(answer)) as server:
        async with bench(tmp_path, server.url, frames=2, key="k-1", timeout_s=30) as made:
            done = await made.ask("what colour is the cup", foreground="I see a cup.", frames=frames)
            assert (done.status, done.text) == ("completed", "The cup is red.")
            assert made.board.hosts == (server.url.removeprefix("http://"),)
    body = server.bodies[0]
    assert server.paths == ["/v1/solve"] and server.headers[0]["authorization"] == "Bearer k-1"
    assert (body["session_id"], body["task_id"], body["timeout_seconds"]) == ("s-1", done.task, 28)
    assert (body["question"], body["foreground_text"]) == ("what colour is the cup", "I see a cup.")
    assert [frame["timestamp"] for frame in body["frames"]] == [4, 5]
    kind, _, data = body["frames"][0]["image_url"].partition(",")
    assert kind == "data:image/jpeg;base64"
    seen = cv2.imdecode(np.frombuffer(base64.b64decode(data), np.uint8), cv2.IMREAD_COLOR)
    assert seen is not None and seen.shape == (480, 640, 3) and seen[0, 0, 2] > 240


@pytest.mark.parametrize("path", ["/v1/solve", "/v1", "/", ""])
async def test_the_url_may_be_given_at_any_depth(path: str, tmp_path: Path) -> None:
    with serve(Reply({"status": "completed", "text": "Yes."})) as server:
        async with bench(tmp_path, server.url + path) as made:
            assert (await made.ask("is it")).text == "Yes."
    assert server.paths == ["/v1/solve"]


@pytest.mark.parametrize(
    ("reply", "text", "problem"),
    [
        (Reply({"status": "failed", "text": "I found no cup."}), "I found no cup.", ""),
        (Reply({"status": "failed", "text": None, "error": {"code": 1}}), "The outside agent could not do it.", ""),
        (Reply({"status": "timeout"}), "The outside agent ran out of time.", ""),
        (Reply({"status": "completed", "text": " "}), "The outside agent finished without saying anything.", ""),
        (Reply({"status": "who knows"}), "I could not read the outside agent's answer.", "gave an unreadable answer"),
        (Reply(b"not json"), "I could not read the outside agent's answer.", "gave an unreadable answer"),
        (Reply(b"[" * 5000), "I could not read the outside agent's answer.", "gave an unreadable answer"),
        (
            Reply({"status": "completed", "text": "x" * 2000}),
            "I could not read the outside agent's answer.",
            "unreadable",
        ),
        (Reply({"error": "no"}, 500), "The outside agent could not take the task.", "answered with error 500"),
        (Reply({}, 404), "The outside agent could not take the task.", "answered with error 404"),
    ],
)
async def test_every_answer_has_its_sentence(reply: Reply, text: str, problem: str, tmp_path: Path) -> None:
    with serve(reply) as server:
        async with bench(tmp_path, server.url, reply_bytes=1500) as made:
            done = await made.ask("what colour is the cup")
            assert (done.status, done.text) == ("failed", text)
            problems = [event.message for event in made.told if isinstance(event, Problem)]
            assert len(problems) == bool(problem) and all(problem in message for message in problems)


async def test_a_long_answer_is_cut(tmp_path: Path) -> None:
    with serve(Reply({"status": "completed", "text": "Some words here. " * 900})) as server:
        async with bench(tmp_path, server.url) as made:
            done = await made.ask("talk")
            assert done.status == "completed" and len(done.text) <= 700 and done.text.endswith(".")


async def test_a_slow_agent_meets_the_deadline_of_the_task(tmp_path: Path) -> None:
    with serve(Reply(wait=True)) as server:
        async with bench(tmp_path, server.url, timeout_s=0.5) as made:
            done = await made.ask("think")
            assert (done.status in ("timeout", "failed")) and done.seconds < 5
            assert done.text in ("The outside agent took too long.", "I gave up on that after a second.")


async def test_a_dead_agent_is_said(tmp_path: Path) -> None:
    async with bench(tmp_path, f"http://127.0.0.1:{closed_port()}") as made:
        assert (await made.ask("think")).text == "The outside agent cannot be reached."
        assert (await made.ask("think", language="zh")).text == "连不上外部代理。"


async def test_cancelling_closes_the_request(tmp_path: Path) -> None:
    with serve(Reply(wait=True)) as server:
        async with bench(tmp_path, server.url) as made:
            task = made.board.submit("think")
            assert await asyncio.to_thread(server.wait_for, 1)
            assert made.board.cancel(task)
            assert [event.status for event in made.told if isinstance(event, TaskDone)] == ["cancelled"]
