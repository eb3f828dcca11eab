"""What a task's graph carries from step to step, and what survives a crash. JSON-ready values only."""

from __future__ import annotations

import operator
from typing import Annotated, Any, TypedDict


class Step(TypedDict):
    """A tool to use, its arguments, and what that is in the person's words. `call`: a model's id for it.

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
