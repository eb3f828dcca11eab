"""The contract between the house and a model of language: data in, a checked value out.

A model is asked off the tick, always: nothing waits for it, and what it says is only ever spoken, or taken as a request
of the person whose words it was given. What is read by the camera goes to it as data.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, TypeVar

from pydantic import BaseModel

Reply = TypeVar("Reply", bound=BaseModel)


class TextModelError(Exception):
    """No words came of it. The message says what happened, in one line.

    `is_down`: the server did not answer (it is left alone for a while); else only this reply was no good.
    """

    def __init__(self, message: str, is_down: bool = False) -> None:
        super().__init__(message)
        self.is_down = is_down


class TextModel(ABC):
    """`name`: as shown; `hosts`: hosts that receive text."""

    name: str
    hosts: tuple[str, ...] = ()

    @abstractmethod
    async def ask(self, task: str, data: dict[str, Any], reply: type[Reply]) -> Reply:
        """Do `task` (our words) on `data` (other people's). Raises `TextModelError`, also for a reply that is none."""

    async def aclose(self) -> None: ...
