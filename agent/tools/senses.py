"""The two tools that look at the person's own world: long-term memory, and what is in the picture now.

Both return what others said, showed or wrote. It is data: to be told, never to be obeyed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar

from pydantic import Field

from agent.tools.base import Args, Tool, ToolContext, ToolError, ToolResult
from agent.wording import pick, shorten

LookUp = Callable[[str, str], Awaitable[str]]
Look = Callable[[], Awaitable[str]]


class RecallArgs(Args):
    """What to look for, in the person's words."""

    question: str = Field(min_length=1, max_length=500)


class Recall(Tool):
    """Long-term memory."""

    name: ClassVar[str] = "recall"
    description: ClassVar[str] = "Searches what was seen, said and done earlier: when, where, who, how often."
    args: ClassVar[type[Args]] = RecallArgs
    untrusted: ClassVar[bool] = True

    def __init__(self, look_up: LookUp | None, bound: int) -> None:
        self._look_up, self._bound = look_up, bound

    async def run(self, args: RecallArgs, context: ToolContext) -> ToolResult:
        if self._look_up is None:
            raise ToolError(
                pick(
                    context.language,
                    "Long-term memory is off, so I cannot look back.",
                    "长期记忆没有打开，我没法回想。",
                )
            )
        found = shorten(await self._look_up(args.question, context.language), self._bound)
        nothing = pick(context.language, "I remember nothing about that.", "我不记得这件事。")
        return ToolResult(found or nothing)


class LookArgs(Args):
    """Nothing to say: it looks at the newest picture."""


class LookNow(Tool):
    """The newest picture."""

    name: ClassVar[str] = "look"
    description: ClassVar[str] = "Describes what the camera sees now: people and things with their number, and text."
    args: ClassVar[type[Args]] = LookArgs
    untrusted: ClassVar[bool] = True

    def __init__(self, look: Look | None, bound: int) -> None:
        self._look, self._bound = look, bound

    async def run(self, args: LookArgs, context: ToolContext) -> ToolResult:
        if self._look is None:
            raise ToolError(pick(context.language, "There is no picture to look at.", "现在没有画面可看。"))
        seen = shorten(await self._look(), self._bound)
        nothing = pick(context.language, "There is no picture to look at just now.", "现在没有画面可看。")
        return ToolResult(seen or nothing)
