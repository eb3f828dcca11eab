"""The task board: takes background work from a session, tells how it goes, and brings the result back as an event.

A session submits and goes on watching. Everything comes back through `emit`: `TaskSubmitted`, `TaskProgress`,
`TaskDone`, and `Problem` when something outside failed. In a process that lives, each task ends with one `TaskDone`;
a task that a crash interrupted is taken up by `resume`.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from agent.artefacts import find, prune
from agent.ledger import Entry, Ledger
from agent.probe import Sandbox
from agent.runner import Desk, Job, Runner
from agent.state import AgentError
from agent.wording import pick, sentence, shorten
from agent.workshop import ARTEFACTS, limits_of, make_runner
from interaction.both import NOTHING, Both
from interaction.clock import wall_now
from interaction.events import Event, Problem, Recovered, TaskDone, TaskProgress, TaskSubmitted
from interaction.streams import TaskScope

if TYPE_CHECKING:
    from config import Agent as AgentSettings
    from interaction.sources.base import Frame

log = logging.getLogger(__name__)
Status = Literal["running", "completed", "failed", "timeout", "cancelled"]
Ended = Literal["completed", "failed", "timeout", "cancelled"]


@dataclass(slots=True)
class _Record:
    """What the board knows of one task; `ended` only ever goes from "running" to one other word."""

    job: Job
    began: float
    step: str = ""
    fraction: float | None = None
    status: Status = "running"
    text: str = ""
    artefacts: tuple[str, ...] = ()
    entry: Entry | None = None  # its note on disk; None if it was refused


class TaskBoard:
    """Background work of one session. `folder` (private to the person) keeps checkpoints, notes and files."""

    def __init__(
        self,
        settings: AgentSettings,
        folder: Path,
        emit: Callable[[Event], None],
        now: Callable[[], float],
        recall: Callable[[str, str], Awaitable[str]] | None,
        look: Callable[[], Awaitable[str]] | None,
        *,
        sandbox: Sandbox | None = None,
        runner: Runner | None = None,
        wall: Callable[[], datetime] = wall_now,
        session: str = "",
    ) -> None:
        """`recall(question, language)` and `look()` return text for the person, or None where there is no such thing.

        `sandbox`: shared by all boards of the house (else an own one); `runner`: for tests; `wall`: the person's time
        of day; `session`: an id that an external agent is told. Needs a running loop.
        """
        self._settings, self._folder, self._emit, self._now, self._wall = settings, folder, emit, now, wall
        self._runner = runner or make_runner(
            settings, folder, recall, look, sandbox or Sandbox(limits_of(settings)), wall, session
        )
        self._ledger = Ledger(folder / "unfinished")
        self._scope = TaskScope(self._crashed)
        self._records: dict[str, _Record] = {}
        self._to_forget: set[str] = set()  # ended, but still with checkpoints and a note on disk
        self._closing = False
        self._troubled: float | None = None  # when something outside failed the last time, if that still stands

    @property
    def hosts(self) -> tuple[str, ...]:
        """Hosts that receive text (and, of an external agent, pictures) of tasks."""
        return self._runner.hosts

    # ---- what a session calls ----

    def submit(self, question: str, *, language: str = "en", foreground: str = "", frames: Sequence[Frame] = ()) -> str:
        """Take a task; returns its id at once. What cannot be taken ends at once, with a `TaskDone` that says why."""
        question, language = question.strip(), "zh" if language == "zh" else "en"
        bound = self._settings.question_chars
        newest = tuple(frames[-self._settings.frames :]) if self._settings.frames else ()
        job = Job(f"t-{uuid.uuid4().hex[:12]}", question[:bound], language, foreground[:bound], newest)
        refusal = self._refusal(question, language)
        record = self._take(job)
        if refusal or self._closing:
            self._end(record, "failed", refusal)
        else:
            record.entry = Entry(
                task=job.task, question=job.question, language="zh" if language == "zh" else "en",
                foreground=job.foreground, asked=self._wall(),
            )  # fmt: skip
            self._scope.spawn(job.task, self._work(record))
        return job.task

    def cancel(self, task: str) -> bool:
        """Stop a task; its `TaskDone` comes at once. False if there is no such task, or it has ended."""
        record = self._records.get(task)
        if record is None or record.status != "running":
            return False
        said = record.job.language
        self._end(record, "cancelled", pick(said, "I stopped working on that.", "那件事我不做了。"))
        self._scope.cancel(task)
        return True

    async def resume(self) -> list[str]:
        """Take up tasks that an earlier process left unfinished; returns their ids. Call once, after construction."""
        entries = await asyncio.to_thread(lambda: list(self._ledger.left_over()))
        for entry in entries:
            record = self._take(Job(entry.task, entry.question, entry.language, entry.foreground))
            record.entry = entry.model_copy(update={"attempts": entry.attempts + 1})
            refusal = self._too_late(entry) or self._refusal(entry.question, entry.language, already=1)
            if refusal:
                self._end(record, "failed", refusal)
            else:
                self._scope.spawn(entry.task, self._work(record))
        return [entry.task for entry in entries]

    def snapshot(self) -> list[dict[str, Any]]:
        """Running tasks and the newest ended ones, oldest first, JSON-ready."""
        return [
            {"task": task, "question": record.job.question, "step": record.step, "fraction": record.fraction,
             "status": record.status, "text": record.text, "artefacts": list(record.artefacts)}
            for task, record in self._records.items()
        ]  # fmt: skip

    def artefact(self, task: str, name: str) -> Path | None:
        """The file behind `/api/artefacts/{task}/{name}`; None unless a task left exactly that."""
        return find(self._folder / ARTEFACTS, task, name)

    async def aclose(self) -> None:
        """Stop working. Unfinished tasks stay on disk for `resume`; nothing more is emitted."""
        self._closing = True
        await self._scope.aclose()
        left = await asyncio.gather(*map(self._forget, self._to_forget), return_exceptions=True)
        for error in filter(None, left):
            log.error("what was kept of an ended task could not be removed", exc_info=error)
        running = {task for task, record in self._records.items() if record.status == "running"}
        await asyncio.to_thread(self._ledger.leave, running)
        await self._runner.aclose()

    # ---- the work ----

    async def _work(self, record: _Record) -> None:
        job = record.job
        ended: Ended = "failed"
        artefacts: tuple[str, ...] = ()
        desk = Desk(
            lambda step, fraction: self._progress(record, step, fraction), lambda what: self._trouble(what, NOTHING)
        )
        try:
            await self._note(record)
            async with asyncio.timeout(self._settings.timeout_s):
                outcome = await self._runner.run(job, desk)
            ended, text, artefacts = ("completed" if outcome.ok else "failed"), outcome.text, outcome.artefacts
        except TimeoutError:
            ended, text = "timeout", self._gave_up(job.language)
        except AgentError as error:
            text = str(error)
            self._trouble(error.detail or Both(text, text), error.advice)
        self._end(record, ended, text, artefacts)

    async def _note(self, record: _Record) -> None:
        """On disk before any work, so that a crash does not lose it; without a disk the work goes on unprotected."""
        if record.entry is not None:
            try:
                await asyncio.to_thread(self._ledger.open, record.entry)
            except OSError as error:
                reason = error.strerror
                noted = Both(f"A task could not be noted on disk: {reason}.", f"有一项任务没能记到磁盘上：{reason}。")
                self._trouble(noted, Both("Free some space.", "请腾出一些空间。"))

    async def _forget(self, task: str) -> None:
        await asyncio.to_thread(self._ledger.close, task)
        await self._runner.forget(task)
        await asyncio.to_thread(prune, self._folder / ARTEFACTS, self._settings.kept)
        self._to_forget.discard(task)

    # ---- what comes back ----

    def _tell(self, event: Event) -> None:
        if not self._closing:
            self._emit(event)

    def _take(self, job: Job) -> _Record:
        record = self._records[job.task] = _Record(job, self._now())
        self._tell(TaskSubmitted(t=self._now(), task=job.task, question=job.question))
        return record

    def _progress(self, record: _Record, step: str, fraction: float | None) -> None:
        if record.status == "running":
            record.step, record.fraction = step, fraction
            self._tell(TaskProgress(t=self._now(), task=record.job.task, step=step, fraction=fraction))

    def _end(self, record: _Record, status: Ended, text: str, artefacts: tuple[str, ...] = ()) -> None:
        """The one place where a task ends; what comes later is stale and dropped."""
        if record.status != "running":
            return
        record.status, record.artefacts, record.fraction = status, artefacts, None
        record.job = replace(record.job, frames=())  # megabytes, for as long as ended tasks are shown
        record.text = shorten(text, self._settings.answer_chars)
        self._tell(
            TaskDone(
                t=self._now(),
                task=record.job.task,
                question=record.job.question,
                status=status,
                text=record.text,
                seconds=round(self._now() - record.began, 3),
                artefacts=artefacts,
            )
        )
        if status == "completed" and self._troubled is not None and self._troubled < record.began:
            self._troubled = None
            self._tell(Recovered(t=self._now(), where="agent", message="The agent works again."))
        if record.entry is not None:
            self._to_forget.add(record.job.task)
            self._scope.spawn(f"forget {record.job.task}", self._forget(record.job.task))
        ended = [task for task, known in self._records.items() if known.status != "running"]
        for task in ended[: max(0, len(ended) - self._settings.kept)]:
            del self._records[task]

    def _trouble(self, message: Both, advice: Both) -> None:
        self._troubled = self._now()
        kept = Both("Watching goes on.", "观察照常。")
        self._tell(Problem(t=self._now(), where="agent", message=message, kept=kept, advice=advice, severity="warning"))

    def _crashed(self, name: str, error: BaseException) -> None:
        """A fault of ours: the person is told that, the log is told what."""
        log.error("task %s failed", name, exc_info=error)
        if name.startswith("forget "):
            return  # of a task that has ended; it is tried again at the end, and a disk's trouble was told by then
        if record := self._records.get(name):
            said = record.job.language
            english, chinese = "I could not do that because of a fault in me.", "我内部出错了，没做成。"
            self._end(record, "failed", pick(said, english, chinese))
        what = f"{type(error).__name__}: {error}"
        failed = Both(f"The agent failed: {what}"[:300], f"后台助手出错了：{what}"[:300])
        self._trouble(failed, Both("The log has the details.", "详情见日志。"))

    # ---- sentences ----

    def _refusal(self, question: str, language: str, already: int = 0) -> str:
        """Why a task is not taken; empty if it is. `already`: it is itself among those that run."""
        running = sum(record.status == "running" for record in self._records.values()) - already
        if not question:
            return pick(language, "There was nothing to do in that.", "这里面没有要做的事。")
        if len(question) > self._settings.question_chars:
            english = f"That is too long for me; {self._settings.question_chars} characters is the most."
            return pick(language, english, f"太长了，最多{self._settings.question_chars}个字。")
        if running >= self._settings.tasks:
            things = "one thing" if running == 1 else f"{running} things"
            english = f"I am already working on {things}. Ask me again when one of them is done."
            return pick(language, english, f"我手上已经有{running}件事在做了，等做完一件再叫我吧。")
        return ""

    def _too_late(self, entry: Entry) -> str:
        age = (self._wall() - entry.asked).total_seconds()
        if age <= self._settings.resume_s and entry.attempts < self._settings.attempts:
            return ""
        said = shorten(entry.question, 80)
        english = f"I was interrupted and did not finish this: {sentence(said)} Ask me again if you still want it."
        return pick(entry.language, english, f"这件事做到一半被打断了，没有做完：{said}。还需要的话请再说一次。")

    def _gave_up(self, language: str) -> str:
        seconds = max(1, round(self._settings.timeout_s))
        english = f"I gave up on that after {seconds} seconds." if seconds != 1 else "I gave up on that after a second."
        return pick(language, english, f"做了{seconds}秒还没做完，我放弃了。")
