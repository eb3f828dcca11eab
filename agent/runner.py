"""Whoever does a task for the board: the own graph, or an agent elsewhere."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from interaction.both import Both

if TYPE_CHECKING:
    from interaction.sources.base import Frame


@dataclass(frozen=True, slots=True)
class Job:
    """One task. `foreground`: what the observer just said or saw (untrusted). `frames`: newest last, maybe none."""

    task: str
    question: str
    language: str
    foreground: str = ""
    frames: tuple[Frame, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a job: `text` to tell the person, names of files that were kept."""

    ok: bool
    text: str
    artefacts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a runner reports while it works: `progress(step, fraction)` in plain words, `trouble(what happened)`."""

    progress: Callable[[str, float | None], None]
    trouble: Callable[[Both], None]


class Runner(ABC):
    """Does jobs, several at a time."""

    hosts: tuple[str, ...] = ()  # that receive text (and pictures) of a task

    @abstractmethod
    async def run(self, job: Job, desk: Desk) -> Outcome:
        """Do it, or go on with it where an earlier process was stopped. Raises `AgentError`; can be cancelled."""

    async def forget(self, task: str) -> None:
        """Drop what was kept in order to go on with a task."""

    async def aclose(self) -> None: ...
