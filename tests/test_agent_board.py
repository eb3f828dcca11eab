"""The task board on virtual time, with a scripted runner: what is told, when, and once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from agent.board import TaskBoard
from agent.ledger import Entry, Ledger
from agent.runner import Desk, Job, Outcome, Runner
from agent.state import AgentError
from config import Agent
from interaction.clock import Clock, wall_now
from interaction.events import Event, Problem, TaskDone, TaskProgress, TaskSubmitted
from interaction.wire import to_json


class Scripted(Runner):
    """Takes as many seconds as the question says, after one report; "fail …" and "break …" do that."""

    hosts = ("agent.example",)

    def __init__(self) -> None:
        self.jobs: list[Job] = []
        self.forgotten: list[str] = []
        self.stopped = 0

    async def run(self, job: Job, desk: Desk) -> Outcome:
        self.jobs.append(job)
        desk.progress("Working on it", 0.5)
        word, _, rest = job.question.partition(" ")
        try:
            await asyncio.sleep(float(rest or 1))
        except asyncio.CancelledError:
            self.stopped += 1
            raise
        if word == "fail":
            raise AgentError("The outside agent cannot be reached.", "nobody at agent.example", "Look there.")
        if word == "break":
            raise RuntimeError("a fault")
        desk.progress("Almost done", 0.9)
        return Outcome(word != "refuse", f"Done: {job.question}.", ("a.txt",))

    async def forget(self, task: str) -> None:
        self.forgotten.append(task)


@dataclass
class Desktop:
    """A board and everything that it told."""

    board: TaskBoard
    runner: Scripted
    clock: Clock
    told: list[Event] = field(default_factory=list)

    def of(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.told if isinstance(event, kind)]

    @property
    def done(self) -> list[TaskDone]:
        return [event for event in self.told if isinstance(event, TaskDone)]


@asynccontextmanager
async def desktop(folder: Path, wall: Callable[[], datetime] = wall_now, **bounds: object) -> AsyncIterator[Desktop]:
    clock, runner, told = Clock(), Scripted(), []
    settings = Agent.model_validate({"timeout_s": 60, **bounds})
    board = TaskBoard(settings, folder, told.append, clock.now, None, None, runner=runner, wall=wall)
    yield Desktop(board, runner, clock, told)
    await board.aclose()


def left_over(folder: Path) -> list[str]:
    return [path.stem for path in (folder / "unfinished").glob("*.json")]


async def test_a_task_is_told_from_beginning_to_end(tmp_path: Path) -> None:
    async with desktop(tmp_path) as desk:
        task = desk.board.submit("work 10", language="en")
        assert [type(event) for event in desk.told] == [TaskSubmitted]
        await asyncio.sleep(5)
        assert desk.board.snapshot()[0]["step"] == "Working on it" and desk.board.snapshot()[0]["status"] == "running"
        assert left_over(tmp_path) == [task]
        await asyncio.sleep(6)
        kinds = [type(event) for event in desk.told]
        assert kinds == [TaskSubmitted, TaskProgress, TaskProgress, TaskDone]
        done = desk.done[0]
        assert (done.task, done.question, done.status, done.text) == (task, "work 10", "completed", "Done: work 10.")
        assert done.seconds == pytest.approx(10, abs=0.1) and done.t == pytest.approx(10, abs=0.1)
        assert done.artefacts == ("a.txt",)
        assert desk.runner.forgotten == [task] and left_over(tmp_path) == []
        assert to_json(done, 1)["type"] == "task_done"


async def test_tasks_run_side_by_side_up_to_the_bound_and_more_are_refused_kindly(tmp_path: Path) -> None:
    async with desktop(tmp_path, tasks=2) as desk:
        desk.board.submit("work 10"), desk.board.submit("work 20")
        refused = desk.board.submit("work 5")
        assert [(done.task, done.status) for done in desk.done] == [(refused, "failed")]
        assert desk.done[0].text == "I am already working on 2 things. Ask me again when one of them is done."
        desk.board.submit("work 5", language="zh")
        assert desk.done[1].text == "我手上已经有2件事在做了，等做完一件再叫我吧。"
        await asyncio.sleep(11)
        later = desk.board.submit("work 1")
        await asyncio.sleep(2)
        assert desk.done[-1].task == later and desk.done[-1].status == "completed"


@pytest.mark.parametrize(
    ("question", "text"),
    [("  ", "There was nothing to do in that."), ("x" * 4001, "That is too long for me; 4000 characters is the most.")],
)
async def test_what_is_no_task_is_refused(question: str, text: str, tmp_path: Path) -> None:
    async with desktop(tmp_path) as desk:
        desk.board.submit(question)
        assert [(done.status, done.text) for done in desk.done] == [("failed", text)]
        assert len(desk.done[0].question) <= 4000 and not desk.runner.jobs


async def test_the_deadline_ends_a_task(tmp_path: Path) -> None:
    async with desktop(tmp_path, timeout_s=30) as desk:
        desk.board.submit("work 500"), desk.board.submit("work 500", language="zh")
        await asyncio.sleep(31)
        assert [done.status for done in desk.done] == ["timeout", "timeout"] and desk.runner.stopped == 2
        assert desk.done[0].text == "I gave up on that after 30 seconds."
        assert desk.done[1].text == "做了30秒还没做完，我放弃了。"
        assert desk.done[0].t == pytest.approx(30, abs=0.2)


async def test_cancelling_is_told_at_once_and_what_comes_later_is_dropped(tmp_path: Path) -> None:
    async with desktop(tmp_path) as desk:
        task = desk.board.submit("work 10")
        await asyncio.sleep(3)
        assert desk.board.cancel(task)
        assert [(done.status, done.text, done.t) for done in desk.done] == [
            ("cancelled", "I stopped working on that.", pytest.approx(3, abs=0.1))
        ]
        assert not desk.board.cancel(task) and not desk.board.cancel("t-nothing")
        await asyncio.sleep(20)
        assert len(desk.done) == 1 and desk.runner.stopped == 1
        assert desk.runner.forgotten == [task] and left_over(tmp_path) == []


async def test_cancelling_before_it_began_leaves_nothing_on_disk(tmp_path: Path) -> None:
    async with desktop(tmp_path) as desk:
        desk.board.cancel(desk.board.submit("work 10"))
        await asyncio.sleep(1)
        assert [done.status for done in desk.done] == ["cancelled"] and left_over(tmp_path) == []
        assert not desk.runner.jobs


async def test_failures_outside_are_told_to_the_person_and_to_the_page(tmp_path: Path) -> None:
    async with desktop(tmp_path) as desk:
        desk.board.submit("fail 1")
        await asyncio.sleep(2)
        assert (desk.done[0].status, desk.done[0].text) == ("failed", "The outside agent cannot be reached.")
        problem = desk.of(Problem)[0]
        assert isinstance(problem, Problem)
        assert (problem.where, problem.message, problem.advice) == ("agent", "nobody at agent.example", "Look there.")


async def test_a_fault_of_ours_is_no_silence(tmp_path: Path) -> None:
    async with desktop(tmp_path) as desk:
        task = desk.board.submit("break 1")
        await asyncio.sleep(2)
        assert (desk.done[0].status, desk.done[0].text) == ("failed", "I could not do that because of a fault in me.")
        assert len(desk.of(Problem)) == 1
        await asyncio.sleep(1)
        assert desk.runner.forgotten == [task] and left_over(tmp_path) == []


async def test_an_honest_no_is_a_failed_task_with_its_words(tmp_path: Path) -> None:
    async with desktop(tmp_path) as desk:
        desk.board.submit("refuse 1")
        await asyncio.sleep(2)
        assert (desk.done[0].status, desk.done[0].text) == ("failed", "Done: refuse 1.") and not desk.of(Problem)


async def test_a_full_disk_costs_the_safety_net_not_the_task(tmp_path: Path) -> None:
    (tmp_path / "unfinished").write_text("in the way of the folder")
    async with desktop(tmp_path) as desk:
        desk.board.submit("work 1")
        await asyncio.sleep(2)
        assert desk.done[0].status == "completed"
        assert "could not be noted on disk" in desk.of(Problem)[0].message  # type: ignore[union-attr]


async def test_ended_tasks_are_kept_up_to_a_bound(tmp_path: Path) -> None:
    async with desktop(tmp_path, kept=3) as desk:
        for _ in range(6):
            desk.board.submit("work 1")
            await asyncio.sleep(2)
        assert len(desk.board.snapshot()) == 3 and len(desk.done) == 6


async def test_frames_and_foreground_reach_the_runner_bounded(tmp_path: Path) -> None:
    async with desktop(tmp_path, frames=2) as desk:
        desk.board.submit("work 1", foreground="y" * 9000, frames=["a", "b", "c"])  # type: ignore[list-item]
        await asyncio.sleep(2)
        assert desk.runner.jobs[0].frames == ("b", "c") and len(desk.runner.jobs[0].foreground) == 4000
        assert desk.board.hosts == ("agent.example",)


# ---- after a crash ----


async def test_what_was_unfinished_is_taken_up_by_the_next_board(tmp_path: Path) -> None:
    async with desktop(tmp_path) as before:
        task = before.board.submit("work 10", foreground="a cup", language="zh")
        await asyncio.sleep(3)
    assert not before.done and left_over(tmp_path) == [task]
    async with desktop(tmp_path) as after:
        assert await after.board.resume() == [task]
        await asyncio.sleep(11)
        assert after.runner.jobs == [Job(task, "work 10", "zh", "a cup")]
        assert [(done.task, done.status) for done in after.done] == [(task, "completed")]
        assert left_over(tmp_path) == [] and await after.board.resume() == []


async def test_two_boards_on_one_folder_never_work_on_the_same_task(tmp_path: Path) -> None:
    async with desktop(tmp_path) as one, desktop(tmp_path) as other:
        one.board.submit("work 10")
        await asyncio.sleep(1)
        assert await other.board.resume() == []
        await asyncio.sleep(10)
        assert len(one.done) == 1 and not other.told


async def test_a_task_that_is_too_old_or_crashed_too_often_is_told_as_such(tmp_path: Path) -> None:
    asked = wall_now()
    ledger = Ledger(tmp_path / "unfinished")
    ledger.open(Entry(task="t-old", question="count sheep", language="en", asked=asked - timedelta(days=2)))
    ledger.open(Entry(task="t-crash", question="数羊", language="zh", asked=asked, attempts=3))
    ledger.leave({"t-old", "t-crash"})
    async with desktop(tmp_path, wall=lambda: asked) as desk:
        assert set(await desk.board.resume()) == {"t-old", "t-crash"}
        await asyncio.sleep(1)
        told = {done.task: (done.status, done.text) for done in desk.done}
        assert told["t-old"] == (
            "failed",
            "I was interrupted and did not finish this: Count sheep. Ask me again if you still want it.",
        )
        assert told["t-crash"] == ("failed", "这件事做到一半被打断了，没有做完：数羊。还需要的话请再说一次。")
        assert not desk.runner.jobs and left_over(tmp_path) == []


async def test_attempts_are_counted(tmp_path: Path) -> None:
    for attempt in (1, 2, 3):
        async with desktop(tmp_path) as desk:
            if attempt == 1:
                desk.board.submit("work 10")
            else:
                await desk.board.resume()
            await asyncio.sleep(2)
        entry = Entry.model_validate_json(next((tmp_path / "unfinished").glob("*.json")).read_bytes())
        assert entry.attempts == attempt


@pytest.mark.parametrize(
    "content",
    ["", "{", '{"task": "../x", "question": "q", "language": "en", "asked": "2026-11-23T00:00:00Z"}', "\0" * 50],
)
async def test_damaged_notes_are_dropped(content: str, tmp_path: Path) -> None:
    (tmp_path / "unfinished").mkdir()
    (tmp_path / "unfinished" / "t-torn.json").write_text(content)
    async with desktop(tmp_path) as desk:
        assert await desk.board.resume() == [] and left_over(tmp_path) == []


async def test_after_closing_nothing_is_told(tmp_path: Path) -> None:
    async with desktop(tmp_path) as desk:
        desk.board.submit("work 10")
        await asyncio.sleep(1)
        told = len(desk.told)
        await desk.board.aclose()
        desk.board.submit("work 1")
        await asyncio.sleep(20)
        assert len(desk.told) == told
