"""What a task's graph carries from step to step, and what survives a crash. JSON-ready values only."""

from __future__ import annotations

import operator
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypedDict

from interaction.both import NOTHING, Both


class Step(TypedDict):
    """A tool to use, its arguments, and what that is in the person's words.

    In arguments `$value`, `$unit` and `$said` stand for what the step before gave.
    """

    tool: str
    args: dict[str, Any]
    doing: str


class Done(TypedDict):
    """A step that was taken. `ok` False: `text` says why not. `untrusted`: `text` is somebody else's words."""

    tool: str
    text: str
    data: dict[str, Any]
    artefacts: list[str]
    ok: bool
    untrusted: bool


class TaskState(TypedDict, total=False):
    """`steps`: all that were planned so far; `done`: those taken, in order; `turns`: the talk with a planning model
    (OpenAI chat messages); `undone`: what the plan leaves out, as a sentence; `answer`, `ok`: how it ended."""

    task: str
    question: str
    language: str
    foreground: str
    steps: Annotated[list[Step], operator.add]
    done: Annotated[list[Done], operator.add]
    turns: Annotated[list[dict[str, Any]], operator.add]
    undone: str
    answer: str
    ok: bool


@dataclass(frozen=True, slots=True)
class Move:
    """What a planner wants next: more `steps`, or (None to go on) the `answer` that ends the task.

    `turns`: to remember of the talk with a model; `undone`: what the plan leaves out; `trouble`: what went wrong
    on the way and was got round.
    """

    steps: Sequence[Step] = ()
    turns: Sequence[dict[str, Any]] = ()
    undone: str = ""
    answer: str | None = None
    ok: bool = True
    trouble: Both = NOTHING


class Planner(ABC):
    """Decides what to do next from what is known so far. Keeps nothing between calls: the state is all there is."""

    carries_on: bool = False  # after a step that failed, take the others that were planned?

    @abstractmethod
    async def next(self, state: TaskState) -> Move:
        """Raises `AgentError` when it cannot decide."""


class AgentError(Exception):
    """The task cannot go on. The message is a plain sentence for the person, in their language.

    `detail`: what happened, for the page and the log; `advice`: what to do.
    """

    def __init__(self, message: str, detail: Both = NOTHING, advice: Both = NOTHING) -> None:
        super().__init__(message)
        self.detail, self.advice = detail, advice
