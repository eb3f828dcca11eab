"""Planning by a language model behind an OpenAI-compatible URL: it calls our tools until it has an answer.

The talk is kept in the task's state (OpenAI chat messages), so a crash between two turns loses nothing of it.
Pictures are not sent here; what the camera sees reaches the model as text of the `look` tool.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from agent.planner import RulePlanner, plan
from agent.prompts import system_prompt, task_prompt, untrusted
from agent.state import AgentError, Done, Move, Planner, Step, TaskState
from agent.tools.base import Tool
from agent.wording import pick
from interaction.both import Both
from interaction.clock import wall_now

if TYPE_CHECKING:
    from config import Agent as AgentSettings

log = logging.getLogger(__name__)
CALLS = 4  # tools in one turn; a model that wants more is in a loop
DOING = {
    "calculate": ("Working something out", "正在计算"),
    "convert": ("Converting units", "正在换算单位"),
    "clock": ("Looking at the calendar", "正在查日历"),
    "python": ("Running a small program", "正在运行一个小程序"),
    "recall": ("Looking back in memory", "正在回想"),
    "look": ("Looking at the picture", "正在看画面"),
}


class ModelPlanner(Planner):
    """Asks the model what to do next. Where it cannot be asked at all, rules do what they can."""

    carries_on = True

    def __init__(self, settings: AgentSettings, tools: Sequence[Tool], wall: Callable[[], datetime] = wall_now) -> None:
        self._settings, self._tools, self._wall = settings, {tool.name: tool for tool in tools}, wall
        self._rules = RulePlanner()
        self._chat: Any = None
        self._making = asyncio.Lock()

    async def next(self, state: TaskState) -> Move:
        turns, language = state.get("turns", []), state["language"]
        if state.get("steps") and not turns:
            return await self._rules.next(state)  # the rules began it, when the model was away
        if max(len(turns), len(state.get("steps", []))) >= self._settings.steps:
            count = self._settings.steps
            english = f"The language model came to no answer in {count} steps."
            return Move(answer=pick(language, english, f"语言模型走了{count}步也没有答案。"), ok=False)
        try:
            reply = await self._ask(self._messages(state), language)
        except AgentError as error:
            found = None if turns else await asyncio.to_thread(plan, state["question"], language)
            if found is None or not found.steps or found.undone:
                raise
            return Move(
                steps=found.steps,
                trouble=Both(
                    f"{error.detail} This task was done by rules instead.", f"{error.detail.zh}这项任务改按规则完成。"
                ),
            )
        return self._move(reply, len(state.get("steps", [])), language)

    # ---- the talk ----

    def _messages(self, state: TaskState) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = [
            {"role": "system", "content": system_prompt(state["language"], self._wall())},
            {"role": "user", "content": task_prompt(state["question"], state.get("foreground", ""))},
        ]
        results = iter(state.get("done", []))
        for turn in state.get("turns", []):
            messages.append(turn)
            for call in turn["tool_calls"]:
                result = next(results)
                messages.append({"role": "tool", "tool_call_id": call["id"], "content": _content(result)})
        return messages

    async def _ask(self, messages: list[dict[str, Any]], language: str) -> Any:
        chat = await self._ready()
        try:
            async with asyncio.timeout(self._settings.model_timeout_s):
                return await chat.ainvoke(messages)
        except Exception as error:  # a server may answer anything at all; each kind has its sentence
            raise self._explain(error, language) from error

    async def _ready(self) -> Any:
        async with self._making:
            if self._chat is None:
                self._chat = await asyncio.to_thread(self._make)  # seconds of imports
            return self._chat

    def _make(self) -> Any:
        from langchain_openai import ChatOpenAI
        from pydantic import SecretStr

        settings = self._settings
        key = settings.key if settings.key.get_secret_value() else SecretStr("none")  # else one from the environment
        chat = ChatOpenAI(
            base_url=settings.url, model=settings.model or "default", api_key=key, max_retries=0, temperature=0,
            timeout=settings.model_timeout_s, max_completion_tokens=1000,
        )  # fmt: skip
        return chat.bind_tools([_schema(tool) for tool in self._tools.values()])

    def _move(self, reply: Any, before: int, language: str) -> Move:
        calls = [(call["name"], call["args"], call["id"]) for call in reply.tool_calls]
        calls += [(call["name"], {}, call["id"]) for call in reply.invalid_tool_calls]  # the tool says what is missing
        calls = calls[: min(CALLS, self._settings.steps - before)]
        if not calls:
            answer = reply.text if isinstance(reply.text, str) else ""
            if answer.strip() and not reply.tool_calls:
                return Move(answer=answer.strip()[: 4 * self._settings.answer_chars])
            english = "The language model gave no answer."
            return Move(answer=pick(language, english, "语言模型没有给出答案。"), ok=False)
        named = [
            (str(name)[:64], args, str(id_ or f"call-{before + at}")[:64]) for at, (name, args, id_) in enumerate(calls)
        ]
        turn = {
            "role": "assistant",
            "content": str(reply.text)[:2000],
            "tool_calls": [
                {"id": id_, "type": "function", "function": {"name": name, "arguments": json.dumps(args)}}
                for name, args, id_ in named
            ],
        }
        steps = [
            Step(tool=name, args=args, doing=pick(language, *DOING.get(name, ("Working", "正在处理"))))
            for name, args, _ in named
        ]
        return Move(steps=steps, turns=[turn])

    def _explain(self, error: Exception, language: str) -> AgentError:
        import openai

        host = urlsplit(self._settings.url).netloc
        log.warning("the planning model at %s: %s: %s", host, type(error).__name__, str(error)[:300])
        status = getattr(error, "status_code", 0)
        if isinstance(error, TimeoutError | openai.APITimeoutError):
            told = (
                "The language model took too long to answer.",
                "语言模型太久没有回答。",
                Both("did not answer in time", "没有及时回应"),
            )
        elif isinstance(error, openai.APIConnectionError):
            told = ("The language model cannot be reached.", "连不上语言模型。", Both("cannot be reached", "连不上"))
        elif status in (401, 403):
            told = (
                "The language model did not accept my key.",
                "语言模型不接受我的密钥。",
                Both(f"refused the key ({status})", f"不接受密钥（{status}）"),
            )
        elif status == 429:
            told = (
                "The language model is too busy right now.",
                "语言模型现在太忙了。",
                Both("is too busy (429)", "太忙了（429）"),
            )
        elif status:
            told = (
                "The language model has a fault right now.",
                "语言模型出了故障。",
                Both(f"answered with error {status}", f"回应了错误 {status}"),
            )
        else:
            told = (
                "I could not read the language model's answer.",
                "语言模型的回答我看不懂。",
                Both("gave an unreadable answer", "的回答看不懂"),
            )
        advice = Both(
            "Check LOOKOUT_AGENT__URL, LOOKOUT_AGENT__MODEL and LOOKOUT_AGENT__KEY.",
            "请检查 LOOKOUT_AGENT__URL、LOOKOUT_AGENT__MODEL 和 LOOKOUT_AGENT__KEY。",
        )
        en, zh, how = told
        detail = Both(f"The agent's language model at {host} {how}.", f"后台助手的语言模型（{host}）{how.zh}。")
        return AgentError(pick(language, en, zh), detail, advice)


def _content(result: Done) -> str:
    """A tool's result for the model. What a program printed is somebody else's words too: it may have read them."""
    if result["untrusted"] or result["tool"] == "python":
        return untrusted(result["tool"], result["text"])
    return result["text"]


def _schema(tool: Tool) -> dict[str, Any]:
    parameters = tool.args.model_json_schema()
    return {
        "type": "function",
        "function": {"name": tool.name, "description": tool.description, "parameters": parameters},
    }
