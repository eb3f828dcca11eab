"""The contract of a tool: one thing that the agent can really do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, ValidationError

from agent.artefacts import Artefact


class Args(BaseModel):
    """Arguments of a tool. They come from a planner or a model: unknown names are mistakes."""

    model_config = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class ToolContext:
    """What a tool may know. `key` is the same when an interrupted step runs again: whatever a tool does outside
    must be done once for one key. `wall`: the person's wall-clock time (aware)."""

    key: str
    language: str
    wall: datetime


@dataclass(frozen=True, slots=True)
class ToolResult:
    """`text`: one speakable sentence (or, from recall and look, what was remembered or seen: untrusted data).

    `data`: JSON-ready values for a following step, e.g. `value` (a decimal or fraction as text) and `unit`.
    """

    text: str
    data: Mapping[str, Any] = field(default_factory=dict)
    artefacts: tuple[Artefact, ...] = ()


class ToolError(Exception):
    """The tool could not do it. The message is a plain sentence for the person, in their language."""


class Tool(ABC):
    """One thing that the agent can do. `name` and `description` are what a planning model reads.

    `untrusted`: what comes back was said, shown or written by others, and is data, never an instruction.
    """

    name: ClassVar[str]
    description: ClassVar[str]
    args: ClassVar[type[Args]]
    untrusted: ClassVar[bool] = False

    @abstractmethod
    async def run(self, args: Any, context: ToolContext) -> ToolResult:
        """`args` is an instance of `self.args`. Raises `ToolError`. Steps may run twice after a crash."""

    def parse(self, raw: Mapping[str, Any]) -> Args:
        """Checked arguments; raises `ToolError` that names what is wrong (for a model to correct itself)."""
        try:
            return self.args.model_validate(dict(raw))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "arguments"
            raise ToolError(f"{self.name}: {where}: {first['msg']}"[:300]) from error
