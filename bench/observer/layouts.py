"""One stream, asked about once a second in several layouts: what each makes the engine compute, and us spend.

Ours are the observer as it is, in both dialects. Beside them stand two that come to mind first, as far as pictures go:
the last eight frames in one turn, and a window of turns that slides by one. They are asked for fewer ticks, since each
costs the same.
"""

from __future__ import annotations

import asyncio
import base64
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import cycle
from typing import Any
from unittest.mock import patch

import httpx
import numpy as np

from bench import seeing
from bench.observer.engine import Counters, Engine
from config import Settings
from interaction.chat_server import ChatServer
from interaction.gate import Gate
from interaction.intents import AddWatch, Condition, Question
from interaction.observers.base import ObserverError, View
from interaction.observers.dialects import Dialect, Instructed, Joyai
from interaction.observers.openai_compatible import OpenAICompatibleObserver
from interaction.policy import Policy
from interaction.seeing.base import jpeg
from interaction.sources.base import Frame
from interaction.watches import Watches
from tests.footage import NoFootage

FRAME_TOKENS = 300  # 640×480: what the target is stated for
ANSWER_TOKENS = 24
CONTEXT = 40_960  # tokens: a chunk of 100 such turns fits
SETTLED = 10  # turns of a chunk from which on the prefix should be found
SHOWN, WINDOW = 8, 16
NONE = Counters(0, 0)
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@dataclass
class Course:
    """What a layout cost, tick by tick. `computed`: prompt tokens, by the engine's own count, summaries included;
    `sent`: bytes; `cpu`: milliseconds of ours; `settled`: prompt tokens from turn 10 of a chunk on; `turns`: of the
    longest chunk."""

    name: str
    computed: list[float] = field(default_factory=list)
    sent: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    settled: Counters = NONE
    failed: int = 0
    requests: int = 0
    turns: int = 0
    picture: int = FRAME_TOKENS

    @property
    def missed(self) -> float:
        """Percent of the settled prompt tokens that the prefix cache did not have."""
        whole = self.settled.computed + self.settled.cached
        return 100 * self.settled.computed / whole if whole else 100.0

    @property
    def half(self) -> float:
        """Prompt tokens of half a chunk."""
        return self.turns / 2 * (self.picture + 2 + 13)


@cache
def pictures() -> list[np.ndarray[Any, Any]]:
    """640×480: a street where there is the footage, else a grainy room. Decoded once: that is no part of what is
    measured."""
    try:
        return [frame.image for frame in seeing.street()]
    except NoFootage:
        return [frame.image for frame in seeing.room()]


def views(ticks: int) -> Iterator[View]:
    """One a second, with a watch that stands, a request at the beginning and another half-way."""
    watches = Watches(5)
    watches.add(AddWatch("The kettle boils", Condition("moves")), "en", NOW)
    for number, image in zip(range(ticks), cycle(pictures()), strict=False):
        asked = {1: "what is there to be seen?", ticks // 2: "is it still the same?"}.get(number)
        t = float(number)
        yield View(
            t=t, wall=NOW + timedelta(seconds=t), lane="camera", language="en", frame=Frame(t, image), percepts=(),
            watches=watches.standing(), questions=(Question("open", asked),) if asked else (),
        )  # fmt: skip


def observer(engine: Engine, dialect: str, sent: list[float] | None = None) -> OpenAICompatibleObserver:
    """`sent`: gets the bytes of every request for a decision or a summary."""
    named = {
        "observer": engine.url,
        "observer_key": engine.key,
        "observer_dialect": dialect,
        "observer_frame_tokens": FRAME_TOKENS,
    }
    made = OpenAICompatibleObserver(Settings(_env_file=None, **named))  # type: ignore[arg-type]

    async def note(request: httpx.Request) -> None:
        if sent is not None and request.url.path.endswith("/chat/completions"):
            sent.append(float(request.headers["content-length"]))

    made._server._client.event_hooks = {"request": [note]}
    return made


@contextmanager
def held_to_silence() -> Iterator[None]:
    """Every decision is a silence, as nearly all are: the tiny model never saw a street. As with one that is sure of
    itself it is a single token where that is known: under a grammar vLLM would spell it out, in five. The
    probabilities, which vLLM tells as they were without it, are not looked at."""

    def held(options: Callable[[Any, bool], dict[str, Any]]) -> Callable[[Any, bool], dict[str, Any]]:
        def silent(self: Dialect, vllm: bool) -> dict[str, Any]:
            found = options(self, vllm)
            if token := found.get("stop_token_ids"):
                return found | {"allowed_token_ids": token}
            return found | {"structured_outputs": {"regex": re.escape(self.quiet)}}

        return silent

    unsure = patch.object(Dialect, "p_speak", lambda self, first: None)
    joyai = patch.object(Joyai, "options", held(Joyai.options))
    instructed = patch.object(Instructed, "options", held(Instructed.options))
    with unsure, joyai, instructed:
        yield


async def ours(engine: Engine, dialect: str, ticks: int) -> Course:
    """The observer as it is."""
    course, sent = Course(f"ours, {dialect}"), list[float]()
    watching, gate, policy = observer(engine, dialect, sent), Gate(), Policy(cooldown_s=2.0, repeat_s=10.0)
    since, turns = 0, 0
    with held_to_silence():
        for view in views(ticks):
            counted, requests = await engine.counters(), len(sent)
            begin = time.process_time()
            gate.check(view.frame, view.t, asked=False, percepts_changed=False)
            try:
                for proposal in await watching.decide(view):
                    policy.rule(proposal, view.t)
            except ObserverError:
                course.failed += 1
            course.cpu.append(1000 * (time.process_time() - begin))
            await _summarised()
            cost = await engine.counters() - counted
            kept = len(watching._lanes["camera"].context.turns)
            since, turns = (since + 1 if kept > turns else 0), kept
            course.turns = max(course.turns, kept)
            course.computed.append(cost.computed)
            course.sent.append(sum(sent[requests:]))
            course.requests += len(sent) - requests
            if since >= SETTLED:
                course.settled += cost
    course.picture = watching._lanes["camera"].context.plan.frame_tokens
    await watching.aclose()
    return course


async def _summarised() -> None:
    """Ticks follow each other faster here than once a second: a summary gets the ten seconds that it would have."""
    while any(task.get_name().startswith("summary of") for task in asyncio.all_tasks()):  # noqa: ASYNC110
        await asyncio.sleep(0.02)


async def naive(engine: Engine, ticks: int, *, sliding: bool) -> Course:
    """Everything is sent at every tick: the last frames in one turn, or a turn each in a window that slides."""
    course = Course(f"sliding by one, {WINDOW} turns" if sliding else f"last {SHOWN} frames in one turn")
    server = ChatServer(engine.url, "", engine.key, 60.0, 200_000)
    shown: list[tuple[dict[str, Any], dict[str, Any]]] = []
    system = {"role": "system", "content": Joyai().system("en")}
    for view in views(ticks):
        counted, begin = await engine.counters(), time.process_time()
        assert view.frame is not None
        url = f"data:image/jpeg;base64,{base64.b64encode(jpeg(view.frame.image)).decode()}"
        time_of = {"type": "text", "text": f"<{view.t:.1f} seconds>"}
        shown = [*shown, (time_of, {"type": "image_url", "image_url": {"url": url}})][-(WINDOW if sliding else SHOWN) :]
        await server.choice([system, *_turns(shown, sliding)], max_tokens=ANSWER_TOKENS, temperature=0.0)
        spent, cost = 1000 * (time.process_time() - begin), await engine.counters() - counted
        if len(shown) < (WINDOW if sliding else SHOWN):
            continue  # it is cheap only at the beginning
        course.cpu.append(spent)
        course.sent.append(float(sum(len(picture["image_url"]["url"]) for _, picture in shown)))
        course.computed.append(cost.computed)
        course.requests += 1
        course.settled += cost
    await server.aclose()
    return course


def _turns(shown: Sequence[tuple[dict[str, Any], dict[str, Any]]], sliding: bool) -> list[dict[str, Any]]:
    if not sliding:
        return [{"role": "user", "content": [part for pair in shown for part in pair]}]
    silence = {"role": "assistant", "content": "</silence>"}
    turns = [({"role": "user", "content": list(pair)}, silence) for pair in shown]
    return [message for turn in turns for message in turn][:-1]
