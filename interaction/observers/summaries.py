"""A chunk in the model's own words, asked for while the ticks go on, about ten turns before the chunk ends.

The question follows everything that the model was shown of the chunk, unchanged, so that its server has nearly all of
it in its cache. What comes is the model's own and may come from text in the picture: it is cleaned, bounded, and only
ever remembered. What comes too late, not at all, or as nothing but a decision is left out.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any

from interaction.chat_server import ChatError
from interaction.clock import standstill
from interaction.observers.context import Context, Message, Turn
from interaction.observers.remembered import LONG_SHARE, SUMMARY_SHARE, Recap, Summary, bounded
from interaction.observers.reply import parse
from interaction.streams import TaskScope
from interaction.wire import clean

log = logging.getLogger(__name__)

LONGEST_S = 30.0  # an answer that takes longer keeps the server from the ticks; ten turns are ten seconds at least
SHORTEST = 20  # turns of a chunk; of shorter ones notes are enough, and every summary is a request
TOKENS = 150  # of an answer: three sentences, in any language
FEWEST_CHARS = 8  # "nothing" is no summary

ASK = {
    "en": "Summarise what the video showed so far in at most three short sentences, for your own memory: who and what "
    "was seen, and what changed. Say nothing else.",
    "zh": "请用最多三个短句概括到目前为止视频里的内容，供你自己记忆：看到了谁和什么，发生了什么变化。不要说别的。",
}
MERGE = {
    "en": "These are summaries of one video, oldest first. Put them together in at most five short sentences. "
    "Say nothing else.\n",
    "zh": "下面是同一段视频的概括，由早到晚。请用最多五个短句合并成一段。不要说别的。\n",
}
# What a model that decides puts before its words.
_SPOKEN = re.compile(r"speak\s*(?:\[\s*\d{1,3}\s*\])?\s*[:：]\s*", re.I)
_DECIDED = re.compile(r"[\W_]*(?:silence|silent)[\W_]*|delegate\s*[:：].*", re.I | re.S)

Ask = Callable[..., Awaitable[str]]


class Summaries:
    """One observer's. `ask(messages, **options)` returns the model's words or raises `ChatError`."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._asked: set[str] = set()  # lanes, since their last chunk began
        self._made: dict[str, Recap] = {}
        self._scope = TaskScope(lambda name, error: log.error("the %s failed", name, exc_info=error))

    def begin(self, lane: str, context: Context, language: str) -> None:
        """Have a chunk summarised as far as it goes; once, until `take`."""
        if lane not in self._asked and context.plan.turns >= SHORTEST:
            self._asked.add(lane)
            self._scope.spawn(f"summary of {lane}", self._make(lane, context, language))

    def take(self, lane: str) -> Recap | None:
        """The chunk ends: what was made of it by now. What is still under way is dropped."""
        self._asked.discard(lane)
        self._scope.cancel(f"summary of {lane}")
        return self._made.pop(lane, None)

    async def aclose(self) -> None:
        await self._scope.aclose()

    async def _make(self, lane: str, context: Context, language: str) -> None:
        chars, language = context.plan.memory_chars, language if language in ASK else "en"
        begin, end = context.turns[0].t, context.turns[-1].t
        try:
            with standstill():  # with `--fast` as soon as if no time had passed, as every answer of the server
                async with asyncio.timeout(LONGEST_S):
                    text = await self._words(context.messages(Turn(end, ASK[language], None)), chars // SUMMARY_SHARE)
                    if not text:
                        return
                    summary = Summary(begin, end, text)
                    self._made[lane] = Recap(summary)
                    if several := context.memory.to_merge(summary):
                        merged: list[Message] = [{"role": "user", "content": MERGE[language] + several}]
                        self._made[lane] = Recap(summary, await self._words(merged, chars // LONG_SHARE))
        except (ChatError, TimeoutError) as error:
            log.info("no summary of %s: %s", lane, error or "it took too long")

    async def _words(self, messages: list[Message], chars: int) -> str:
        options: dict[str, Any] = {"max_tokens": TOKENS, "temperature": 0.0, "skip_special_tokens": False}
        return told(await self._ask(messages, **options), chars)


def told(reply: str, chars: int) -> str:
    """What a reply says, in one line and whole sentences; "" for a decision, for too little and for too much."""
    read = parse(reply)
    if read.action != "speak" or _DECIDED.fullmatch(read.text):
        return ""
    text = _SPOKEN.sub("", clean(read.text), count=1)
    text = bounded(" ".join(re.sub(r"[<>|]", " ", text).split()), chars)  # nothing that looks like a mark of ours
    return text if len(text) >= FEWEST_CHARS else ""
