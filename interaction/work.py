"""Background work of a session: what is handed over, how it goes, and how its result comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from interaction import answers
from interaction.events import Decision, Problem, TaskDone, TaskProgress, TaskSubmitted

if TYPE_CHECKING:
    from interaction.lane import Lane
    from interaction.session import Session


class Work:
    """The tasks of a session, newest last, bounded. `tasks`: by id, as the page shows them."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.tasks: dict[str, dict[str, Any]] = {}

    @property
    def running(self) -> list[dict[str, Any]]:
        return [task for task in self.tasks.values() if task["status"] == "running"]

    def delegate(self, question: str, language: str) -> None:
        """The person asked for work: a decision, an acknowledgement, and a task."""
        session = self._session
        lane = session.main_lane()
        if session.board is None:
            session.say(answers.no_agent(language), "answer", language)
            return
        if len(self.running) >= session.settings.agent.tasks:
            self.hand_over(question, "", lane, language)  # the board refuses, and says why
            return
        note = answers.working("", language)
        where, reason = lane.name if lane else "", "the person asked for work"
        session.publish(Decision(t=session.now(), lane=where, action="delegate", text=note, reason=reason))
        session.talk.say(note, "acknowledgement", language)
        self.hand_over(question, note, lane, language)

    def hand_over(self, question: str, note: str, lane: Lane | None, language: str) -> None:
        session = self._session
        if session.board is None:
            session.publish(Problem(t=session.now(), where="agent", message="No background agent is running."))
            return
        frame = lane.latest.peek() if lane else None
        session.board.submit(question, language=language, foreground=note, frames=[frame] if frame else [])

    def note(self, event: TaskSubmitted | TaskProgress | TaskDone) -> None:
        """Keep what happened to a task."""
        task = self.tasks.setdefault(event.task, {"task": event.task, "question": "", "status": "running"})
        match event:
            case TaskSubmitted():
                task |= {"question": event.question}
            case TaskProgress():
                task |= {"step": event.step, "fraction": event.fraction}
            case TaskDone():
                done = {"status": event.status, "text": event.text, "artefacts": list(event.artefacts)}
                task |= {"question": event.question, **done}
        if len(self.tasks) > self._session.settings.session.tasks_kept:
            self.tasks.pop(next(iter(self.tasks)))

    def forget(self) -> None:
        """Drop the tasks that ended."""
        self.tasks = {name: task for name, task in self.tasks.items() if task["status"] == "running"}

    def weave_back(self, done: TaskDone) -> None:
        """A result wakes the next tick and the observer says it; without a lane the house does."""
        lane = self._session.main_lane()
        if done.status == "cancelled":
            return
        if lane and not lane.ended.is_set() and not lane.paused and not self._session.paused:
            lane.tell(done.text)
        else:
            self._session.say(done.text, "result")
