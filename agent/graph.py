"""The agent's graph: plan → tools (one at a time) → plan … → answer, with a checkpoint on disk after every step.

Each node is one step; `durability="sync"` writes its result before the next begins. So a process that is killed between
two steps goes on with the second one in the next process. A step that was under way runs again (at least once), under
the same key (`ToolContext.key`).
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from agent.artefacts import keep
from agent.runner import Desk, Job, Outcome, Runner
from agent.state import AgentError, Done, Planner, Step, TaskState
from agent.tools.base import Tool, ToolContext, ToolError, ToolResult
from agent.wording import pick, say_number, shorten
from interaction.both import FREE_SPACE, Both
from interaction.clock import real_work, wall_now

log = logging.getLogger(__name__)
DATABASE = "checkpoints.sqlite"
ARTEFACTS = "artefacts"


class GraphRunner(Runner):
    """Runs jobs through the graph; `folder` keeps checkpoints and artefacts. Opened by the first job."""

    def __init__(
        self,
        planner: Planner,
        tools: Sequence[Tool],
        folder: Path,
        *,
        steps: int = 8,
        answer_chars: int = 700,
        wall: Callable[[], datetime] = wall_now,
        hosts: tuple[str, ...] = (),
    ) -> None:
        self._planner, self._tools = planner, {tool.name: tool for tool in tools}
        self._folder, self._steps, self._answer_chars, self._wall = folder, steps, answer_chars, wall
        self.hosts = hosts
        self._open = AsyncExitStack()
        self._opening = asyncio.Lock()
        self._graph: Any = None  # CompiledStateGraph; its generics are LangGraph's business
        self._saver: Any = None

    async def run(self, job: Job, desk: Desk) -> Outcome:
        with real_work(), _disk(job.language):
            try:
                return await self._run(await self._opened(), job, desk)
            except TimeoutError:
                raise
            except (sqlite3.Error, OSError) as error:
                log.warning("checkpoints cannot be written: %s", error)
                desk.trouble(
                    Both(
                        f"The agent's checkpoints cannot be written ({error}); a crash would lose what it works on."
                        f" {FREE_SPACE}",
                        f"后台助手的进度写不进磁盘（{error}），一旦崩溃，手头的工作就丢了。{FREE_SPACE.zh}",
                    )
                )
                return await self._run(await self._in_memory(), job, desk)

    async def _run(self, graph: Any, job: Job, desk: Desk) -> Outcome:
        config = {"configurable": {"thread_id": job.task}, "recursion_limit": 4 * self._steps + 8}
        known = await graph.aget_state(config)
        if known.values and not known.tasks:  # `next` leaves out what ran, though its checkpoint is still to be written
            return _outcome(known.values)  # it had ended; only the telling was lost
        if known.values:
            desk.progress(pick(job.language, "Going on where I was interrupted", "从中断的地方继续"), None)
        return _outcome(await self._stream(graph, None if known.values else _first(job), config, desk))

    async def _stream(self, graph: Any, given: TaskState | None, config: dict[str, Any], desk: Desk) -> TaskState:
        from langsmith import tracing_context

        state: TaskState = {}
        with tracing_context(enabled=False):  # nothing leaves the machine, whatever the environment says
            stream = graph.astream(given, config, stream_mode=["custom", "values"], durability="sync")
            async for kind, value in stream:
                if kind == "values":
                    state = value
                elif trouble := value.get("trouble"):
                    desk.trouble(trouble)
                else:
                    desk.progress(value["step"], value["fraction"])
        return state

    async def forget(self, task: str) -> None:
        with real_work():
            if self._saver is not None:
                await self._saver.adelete_thread(task)

    async def aclose(self) -> None:
        with real_work():
            async with self._opening:
                await self._open.aclose()
                self._graph = self._saver = None

    async def _opened(self) -> Any:
        async with self._opening:
            if self._graph is None:
                self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                saver, make = await asyncio.to_thread(libraries)  # seconds of imports: not on the tick's thread
                database = str(self._folder / DATABASE)
                self._saver = await self._open.enter_async_context(saver.from_conn_string(database))
                self._graph = self._build(make, self._saver)
            return self._graph

    async def _in_memory(self) -> Any:
        """The same graph without a disk: the work is done, though a crash would lose it."""
        from langgraph.checkpoint.memory import InMemorySaver

        _, make = await asyncio.to_thread(libraries)
        return self._build(make, InMemorySaver())

    # ---- the graph ----

    def _build(self, make: Any, saver: Any) -> Any:
        graph = make(TaskState)
        graph.add_node("plan", self._plan)
        graph.add_node("tools", self._use_tool)
        graph.add_node("answer", self._answer)
        graph.set_entry_point("plan")
        graph.add_conditional_edges("plan", self._after_plan, ["tools", "answer"])
        graph.add_conditional_edges("tools", self._after_tool, ["tools", "plan"])
        graph.set_finish_point("answer")
        return graph.compile(checkpointer=saver)

    async def _plan(self, state: TaskState) -> TaskState:
        doing = pick(state["language"], "Thinking about how to do it", "正在想怎么做")
        self._say(doing if not state.get("steps") else "", state)
        if len(state.get("done", [])) >= self._steps:
            return {"answer": self._too_many(state), "ok": False}
        move = await self._planner.next(state)
        if move.trouble:
            _writer()({"trouble": move.trouble})
        news: TaskState = {"steps": list(move.steps), "turns": list(move.turns)}
        if move.undone:
            news["undone"] = move.undone
        if move.answer is not None:
            news["answer"], news["ok"] = move.answer, move.ok
        return news

    def _too_many(self, state: TaskState) -> str:
        english = f"I stopped after {self._steps} steps without an answer."
        return pick(state["language"], english, f"走了{self._steps}步还没有答案，我停下了。")

    async def _use_tool(self, state: TaskState) -> TaskState:
        at = len(state.get("done", []))
        step = state["steps"][at]
        self._say(step["doing"], state)
        language = state["language"]
        context = ToolContext(f"{state['task']}:{at}", language, self._wall())
        try:
            result = await self._call(step, state, context)
        except ToolError as error:
            return {
                "done": [Done(tool=step["tool"], text=str(error), data={}, artefacts=[], ok=False, untrusted=False)]
            }
        names = await asyncio.to_thread(keep, self._folder / ARTEFACTS, state["task"], result.artefacts)
        done = Done(
            tool=step["tool"],
            text=result.text,
            data=dict(result.data),
            artefacts=list(names),
            ok=True,
            untrusted=self._tools[step["tool"]].untrusted,
        )
        return {"done": [done]}

    async def _call(self, step: Step, state: TaskState, context: ToolContext) -> ToolResult:
        tool = self._tools.get(step["tool"])
        if tool is None:
            raise ToolError(f"There is no tool named {step['tool'][:40]}. There are: {', '.join(self._tools)}.")
        before = state["done"][-1] if state.get("done") else None
        args = fill(step["args"], before, context.language) if tool.name != "python" else step["args"]
        try:
            return await tool.run(tool.parse(args), context)
        except ToolError:
            raise
        except Exception as error:  # a tool may be anybody's; its fault must cost this step, not the session
            log.exception("tool %s failed", tool.name)
            english = f"My tool {tool.name} failed unexpectedly: {type(error).__name__}."
            raise ToolError(
                pick(context.language, english, f"工具{tool.name}意外出错：{type(error).__name__}。")
            ) from error

    async def _answer(self, state: TaskState) -> TaskState:
        """What is told must be short enough to be heard."""
        return {"answer": shorten(state["answer"], self._answer_chars)}

    def _after_plan(self, state: TaskState) -> str:
        return "answer" if state.get("answer") is not None else "tools"

    def _after_tool(self, state: TaskState) -> str:
        """The next planned step, unless this one failed and the others hang on it; then the planner looks again."""
        left = len(state["steps"]) > len(state["done"])
        return "tools" if left and (state["done"][-1]["ok"] or self._planner.carries_on) else "plan"

    def _say(self, doing: str, state: TaskState) -> None:
        if doing:
            planned, done = len(state.get("steps", [])), len(state.get("done", []))
            _writer()({"step": doing, "fraction": round((done + 0.5) / (planned + 1), 2) if planned else None})


def fill(args: Mapping[str, Any], before: Done | None, language: str) -> dict[str, Any]:
    """Arguments with `$value`, `$unit` and `$said` taken from the step before. Raises `ToolError` if it gave none."""
    wanted = {name for name in ("$value", "$unit", "$said") if any(name in str(value) for value in args.values())}
    if not wanted:
        return dict(args)
    value, unit = (before["data"].get("value"), before["data"].get("unit")) if before else (None, None)
    if not value:
        raise ToolError(
            pick(language, "The step before gave no number to go on with.", "上一步没有给出可以接着算的数。")
        )
    if "$unit" in wanted and not unit:
        raise ToolError(
            pick(language, "That number has no unit, so I cannot convert it.", "这个数没有单位，没法换算。")
        )
    said, _ = say_number(Fraction(value), language)
    words = {"$value": f"({value})", "$unit": str(unit), "$said": said}
    filled = dict(args)
    for name, word in words.items():
        filled = {key: text.replace(name, word) if isinstance(text, str) else text for key, text in filled.items()}
    return filled


@contextmanager
def _disk(language: str) -> Iterator[None]:
    """A file that cannot be written, of a step or of what it made, ends the task with its own sentence."""
    try:
        yield
    except TimeoutError:
        raise
    except (sqlite3.Error, OSError) as error:
        english = "I could not keep my notes on disk, so I stopped working on that."
        detail = Both(
            f"The agent's checkpoints could not be written: {error}.", f"后台助手的进度没能写进磁盘：{error}。"
        )
        told = pick(language, english, "我的记录写不进磁盘，那件事没做成。")
        raise AgentError(told, detail, FREE_SPACE) from error


def _first(job: Job) -> TaskState:
    return {"task": job.task, "question": job.question, "language": job.language, "foreground": job.foreground}


def _outcome(state: Mapping[str, Any]) -> Outcome:
    names = dict.fromkeys(name for done in state.get("done", []) for name in done["artefacts"])
    return Outcome(bool(state["ok"]), state["answer"], tuple(names))


def libraries() -> tuple[Any, Any]:
    """What the graph is made of; all that a first task would have to load is loaded then."""
    import langsmith  # noqa: F401
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
    from langgraph.graph import StateGraph

    return AsyncSqliteSaver, StateGraph


def _writer() -> Callable[[dict[str, Any]], None]:
    from langgraph.config import get_stream_writer

    return get_stream_writer()
