"""Background work of a session: what is handed over, how it goes, and how its result comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from interaction import answers
from interaction.both import Both
from interaction.events import Decision, Problem, TaskDone, TaskProgress, TaskSubmitted
from interaction.sources.base import Frame

if TYPE_CHECKING:
    from interaction.lane import Lane
    from interaction.session import Session


# A task is about what was seen just now; what lies further back is in the question or nowhere.
SHOWN_S = 6.0

NO_AGENT = Both("No background agent is running.", "后台助手没有在运行。")


class Work:
    """The tasks of a session, newest last, bounded. `tasks`: by id, as the page shows them."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.tasks: dict[str, dict[str, Any]] = {}
        self._from: dict[str, str] = {}  # tasks that run, and the lanes whose observers wait for them

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
            session.publish(Problem(t=session.now(), where="agent", message=NO_AGENT))
            return
        frames = shown(lane, session.settings.agent.frames) if lane else []
        task = session.board.submit(question, language=language, foreground=note, frames=frames)
        if lane:
            self._from[task] = lane.name

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
        session = self._session
        lane = session.lanes.get(self._from.pop(done.task, ""))  # it knows what it asked
        lane = lane if lane and not lane.ended.is_set() else session.main_lane()
        if done.status == "cancelled":
            return
        self.tell(done.text, lane)

    def tell(self, text: str, lane: Lane | None) -> None:
        """Have what was found told by the observer of a lane, or by the house."""
        session = self._session
        if lane and not lane.ended.is_set() and not lane.paused and not session.paused:
            lane.tell(text)
        else:
            session.say(text, "result")


def shown(lane: Lane, count: int) -> list[Frame]:
    """The newest frames of a lane, oldest first, with their times: the very newest as it is, those before as the album
    has them (one a second, 640 pixels)."""
    latest = lane.latest.peek()
    if latest is None or count <= 0:
        return []
    kept = [picture for picture in lane.album.newest(count, latest.t - SHOWN_S) if picture.t < latest.t - 0.5]
    return [*(Frame(picture.t, _decoded(picture.jpeg)) for picture in kept[-count + 1 :] if count > 1), latest]


def _decoded(jpeg: bytes) -> NDArray[np.uint8]:
    import cv2  # only those need it who delegate

    return cast("NDArray[np.uint8]", cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR))
