"""The real LangGraph with its real SQLite checkpoints: progress, chains, failures, and going on after kill −9."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest

from agent.board import TaskBoard
from agent.graph import DATABASE, GraphRunner, fill
from agent.planner import RulePlanner
from agent.probe import Probe, Sandbox
from agent.runner import Desk, Job
from agent.state import Done, Move, Planner, Step, TaskState
from agent.tools.base import Args, Tool, ToolContext, ToolError, ToolResult
from agent.tools.calculate import Calculate
from config import Agent
from interaction.clock import Clock
from interaction.events import Event, Problem, TaskDone, TaskProgress

ROOT = Path(__file__).resolve().parents[1]


class Bench:
    """A board with real rules, real graph and real sandbox; `ask` waits for the end of a task."""

    def __init__(self, folder: Path, **bounds: Any) -> None:
        self.told: list[Event] = []
        self._ended = asyncio.Event()
        self.look_text, self.recall_text = "I see 3 people.", "Someone came in at 9:42."
        self.board = TaskBoard(Agent.model_validate(bounds), folder, self._hear, Clock().now, self._recall, self._look)

    def _hear(self, event: Event) -> None:
        self.told.append(event)
        if isinstance(event, TaskDone):
            self._ended.set()

    async def _look(self) -> str:
        return self.look_text

    async def _recall(self, question: str, language: str) -> str:
        if not self.recall_text:
            raise RuntimeError("memory is broken")
        return self.recall_text

    async def ask(self, question: str, language: str = "en") -> TaskDone:
        self._ended.clear()
        self.board.submit(question, language=language)
        await asyncio.wait_for(self._ended.wait(), 60)
        return next(event for event in reversed(self.told) if isinstance(event, TaskDone))


@asynccontextmanager
async def bench(folder: Path, **bounds: Any) -> AsyncIterator[Bench]:
    made = Bench(folder, **bounds)
    yield made
    await made.board.aclose()


async def test_the_story_of_the_product_on_virtual_time(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        done = await made.ask("work out 17 percent of 2,340 for me")
        assert (done.status, done.text) == ("completed", "17 percent of 2,340 is 397.8.")
        steps = [event.step for event in made.told if isinstance(event, TaskProgress)]
        assert steps == ["Thinking about how to do it", "Working out 17 percent of 2,340"]


STORIES = [
    (
        "work out 12 times 14 and then take 20 percent of it",
        "completed",
        "12 times 14 is 168. 20 percent of 168 is 33.6.",
    ),
    ("十二乘以十四，再取百分之二十", "completed", "12乘以14是168。168的20%是33.6。"),
    ("list the first 5 primes", "completed", "The first 5 primes are 2, 3, 5, 7, 11."),
    ("run this python: 1/0", "failed", "The program failed: ZeroDivisionError: division by zero (line 1)."),
    (
        "look at the picture and then tell me when someone last came in",
        "completed",
        "I see 3 people. Someone came in at 9:42.",
    ),
    (
        "add 5 and 6, then divide it by zero, then double it",
        "failed",
        "5 plus 6 is 11. That divides by zero, so it has no answer.",
    ),
    ("book a flight to Paris", "failed", "I cannot do this: book a flight to Paris. It needs the web"),
    ("2 plus 2 and write a poem about it", "failed", "2 plus 2 is 4. I cannot do this: write a poem about it."),
]


@pytest.mark.real_time
async def test_several_kinds_of_tasks_end_as_they_should(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        for question, status, text in STORIES:
            done = await made.ask(question, "zh" if question[0] > "一" else "en")
            assert (done.status, done.text[: len(text)]) == (status, text)
        fractions = [event.fraction for event in made.told if isinstance(event, TaskProgress) and event.fraction]
        assert all(0 < fraction < 1 for fraction in fractions) and fractions
        assert not [event for event in made.told if isinstance(event, Problem)]


@pytest.mark.real_time
async def test_files_of_a_program_are_kept_for_the_page(tmp_path: Path) -> None:
    async with bench(tmp_path, kept=1) as made:
        done = await made.ask("run this python: open('a.csv', 'w').write('1'); print('x ' * 500)")
        assert done.artefacts == ("a.csv", "output.txt") and len(done.text) < 200 and "Saved: a.csv" in done.text
        kept = made.board.artefact(done.task, "a.csv")
        assert kept is not None and kept.read_text() == "1"
        assert made.board.artefact(done.task, "../../checkpoints.sqlite") is None
        assert made.board.snapshot()[-1]["artefacts"] == ["a.csv", "output.txt"]
        await made.ask("run this python: open('b.csv', 'w')")
        await made.board.aclose()
        assert made.board.artefact(done.task, "a.csv") is None  # only the newest task's files stay


@pytest.mark.real_time
async def test_nothing_of_an_ended_task_stays_in_the_database(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        await made.ask("add 5 and 6")
    import sqlite3

    with sqlite3.connect(tmp_path / DATABASE) as database:
        assert database.execute("select count(*) from checkpoints").fetchone() == (0,)
        assert database.execute("select count(*) from writes").fetchone() == (0,)


@pytest.mark.real_time
async def test_a_sense_that_breaks_costs_the_task_only(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        made.recall_text = ""
        done = await made.ask("when did someone last come in")
        assert (done.status, done.text) == ("failed", "My tool recall failed unexpectedly: RuntimeError.")
        assert (await made.ask("add 5 and 6")).text == "5 plus 6 is 11."


@pytest.mark.real_time
async def test_without_a_working_sandbox_programs_are_refused_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(limits: object) -> Probe:
        return Probe(False, "this kernel has no Landlock")

    monkeypatch.setattr("agent.probe.probe", fails)
    async with bench(tmp_path) as made:
        done = await made.ask("run this python: print(1)")
        assert (done.status, done.text) == ("failed", "Programs are off on this machine: this kernel has no Landlock.")
        assert (await made.ask("add 5 and 6")).status == "completed"
    async with bench(tmp_path, python=False) as made:
        assert (await made.ask("list the first 3 primes")).text == "Programs are switched off in the settings."


@pytest.mark.real_time
async def test_without_notes_on_disk_the_work_is_done_all_the_same_and_that_is_said(tmp_path: Path) -> None:
    (tmp_path / DATABASE).mkdir()
    async with bench(tmp_path) as made:
        done = await made.ask("add 5 and 6")
        assert done.status == "completed" and "11" in done.text
        told = [event.message for event in made.told if isinstance(event, Problem)]
        assert len(told) == 1 and "a crash would lose" in told[0] and "Free some space" in told[0]


@pytest.mark.real_time
async def test_a_slow_tool_meets_the_deadline_and_its_program_is_stopped(tmp_path: Path) -> None:
    async with bench(tmp_path, timeout_s=1.5) as made:
        await made.ask("add 5 and 6")  # the libraries are loaded now
        done = await made.ask("run this python: import time; time.sleep(60)")
        assert done.status == "timeout" and done.seconds < 4


# ---- the runner by itself ----


class Endless(Planner):
    """Wants one more step, for ever."""

    async def next(self, state: TaskState) -> Move:
        return Move(steps=[Step(tool="note", args={"text": str(len(state.get("done", [])))}, doing="Again")])


class NoteArgs(Args):
    text: str


class Note(Tool):
    name: ClassVar[str] = "note"
    description: ClassVar[str] = "notes a text"
    args: ClassVar[type[Args]] = NoteArgs

    def __init__(self) -> None:
        self.noted: list[tuple[str, str]] = []

    async def run(self, args: NoteArgs, context: ToolContext) -> ToolResult:
        self.noted.append((context.key, args.text))
        return ToolResult(args.text)


@pytest.mark.real_time
async def test_a_planner_that_never_ends_is_ended(tmp_path: Path) -> None:
    note = Note()
    runner = GraphRunner(Endless(), [note], tmp_path, steps=3)
    outcome = await runner.run(Job("t-loop", "go on", "en"), Desk(lambda *_: None, lambda _: None))
    await runner.aclose()
    assert not outcome.ok and outcome.text == "I stopped after 3 steps without an answer."
    assert [key for key, _ in note.noted] == ["t-loop:0", "t-loop:1", "t-loop:2"]


@pytest.mark.real_time
async def test_an_end_that_was_not_told_is_told_without_working_again(tmp_path: Path) -> None:
    quiet = Desk(lambda *_: None, lambda _: None)
    first = GraphRunner(RulePlanner(), [], tmp_path)
    outcome = await first.run(Job("t-1", "book a flight", "en"), quiet)
    await first.aclose()
    again = GraphRunner(Endless(), [], tmp_path)  # would never answer: the answer must come from disk
    assert await again.run(Job("t-1", "book a flight", "en"), quiet) == outcome
    await again.aclose()


@pytest.mark.parametrize("checkpoint", range(1, 6))  # the question, the start, the plan, the tool, the answer
@pytest.mark.real_time
async def test_stopped_between_a_step_and_its_checkpoint_it_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, checkpoint: int
) -> None:
    """What the step wrote is on disk then, and `next` is empty all the same."""
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    keep, kept = AsyncSqliteSaver.aput, 0

    async def dying(self: Any, *args: Any) -> Any:
        nonlocal kept
        kept += 1
        if kept == checkpoint:
            raise asyncio.CancelledError
        return await keep(self, *args)

    quiet = Desk(lambda *_: None, lambda _: None)
    first = GraphRunner(RulePlanner(), [Calculate()], tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(AsyncSqliteSaver, "aput", dying)
        with pytest.raises(asyncio.CancelledError):
            await first.run(Job("t-1", "calculate 2 + 3", "en"), quiet)
    await first.aclose()
    again = GraphRunner(RulePlanner(), [Calculate()], tmp_path)
    outcome = await again.run(Job("t-1", "calculate 2 + 3", "en"), quiet)
    await again.aclose()
    assert outcome.ok and "5" in outcome.text


@pytest.mark.parametrize(
    ("args", "before", "filled"),
    [
        ({"expression": "2*$value"}, {"value": "1989/5"}, {"expression": "2*(1989/5)"}),
        ({"said": "$said twice"}, {"value": "1989/5"}, {"said": "397.8 twice"}),
        ({"amount": "$value", "source": "$unit"}, {"value": "32", "unit": "day"}, {"amount": "(32)", "source": "day"}),
        ({"amount": "$value", "source": "$unit"}, {"value": "32", "unit": ""}, "no unit"),
        ({"expression": "$value"}, {"value": ""}, "no number"),
        ({"expression": "$value"}, None, "no number"),
        ({"expression": "5"}, None, {"expression": "5"}),
    ],
)  # fmt: skip
def test_results_are_handed_on(
    args: dict[str, str], before: dict[str, str] | None, filled: dict[str, str] | str
) -> None:
    done = None if before is None else Done(tool="t", text="", data=before, artefacts=[], ok=True, untrusted=False)
    if isinstance(filled, dict):
        assert fill(args, done, "en") == filled
    else:
        with pytest.raises(ToolError, match=filled):
            fill(args, done, "en")


# ---- kill −9 between two steps ----

CHILD = """
import asyncio, json, os, sys
from pathlib import Path
from agent.board import TaskBoard
from config import Agent
from interaction.clock import Clock
from interaction.events import TaskDone

folder, part = Path(sys.argv[1]), sys.argv[2]

def note(what):
    with (folder / "log").open("a") as log:
        log.write(f"{part} {what}\\n")

async def look():
    note("look")
    return "I see 3 people."

async def recall(question, language):
    note("recall")
    if part == "first":
        print("between", flush=True)
        await asyncio.Event().wait()
    return "Someone came in at 9:42."

async def main():
    ended = asyncio.Event()
    def hear(event):
        if isinstance(event, TaskDone):
            print(json.dumps({"task": event.task, "status": event.status, "text": event.text}), flush=True)
            ended.set()
    board = TaskBoard(Agent(), folder / "agent", hear, Clock().now, recall, look)
    if part == "first":
        print(board.submit("look at the picture and then tell me when someone last came in"), flush=True)
    else:
        print(json.dumps(await board.resume()), flush=True)
    await ended.wait()
    await board.aclose()

asyncio.run(main())
"""


@pytest.mark.real_time
async def test_killed_between_two_steps_it_goes_on_in_a_new_process(tmp_path: Path) -> None:
    def start(part: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", CHILD, str(tmp_path), part]
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ})

    first = await asyncio.to_thread(start, "first")
    assert first.stdout
    task = (await asyncio.to_thread(first.stdout.readline)).strip()
    assert await asyncio.to_thread(first.stdout.readline) == "between\n"
    first.send_signal(signal.SIGKILL)
    await asyncio.to_thread(first.communicate)

    second = await asyncio.to_thread(start, "second")
    output, _ = await asyncio.to_thread(second.communicate, None, 60)
    resumed, done = (json.loads(line) for line in output.splitlines())
    assert resumed == [task]
    assert done == {"task": task, "status": "completed", "text": "I see 3 people. Someone came in at 9:42."}
    # The step that had ended is not repeated; the one under way is.
    assert (tmp_path / "log").read_text().splitlines() == ["first look", "first recall", "second recall"]


@pytest.mark.real_time
async def test_the_sandbox_is_shared_when_it_is_given(tmp_path: Path) -> None:
    sandbox = Sandbox()
    ended = asyncio.Event()
    told: list[TaskDone] = []

    def hear(event: Event) -> None:
        if isinstance(event, TaskDone):
            told.append(event)
            ended.set()

    board = TaskBoard(Agent(), tmp_path, hear, Clock().now, None, None, sandbox=sandbox)
    board.submit("run this python: print(6 * 7)")
    await ended.wait()
    await board.aclose()
    assert told[0].text == "The program printed: 42." and (await sandbox.ready()).ok
