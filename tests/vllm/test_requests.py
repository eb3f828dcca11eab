"""What the observer asks of the real server, and what it makes of everything that the server answers."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import cv2
import httpx
import numpy as np
import pytest
from pydantic import SecretStr

from config import Settings
from interaction.chat_server import ChatError, ChatServer
from interaction.events import Decision, Event, Problem, Recovered
from interaction.intents import Question
from interaction.observers import openai_compatible
from interaction.observers.base import ObserverError, View
from interaction.observers.engine import Engine
from interaction.observers.openai_compatible import OpenAICompatibleObserver
from interaction.sources.base import Frame
from rooms import Rooms
from tests.visits import visit

pytestmark = [pytest.mark.vllm, pytest.mark.real_time(300), pytest.mark.timeout(900)]
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DARK = np.full((240, 320, 3), 40, np.uint8)
LIGHT = cv2.circle(DARK.copy(), (160, 120), 60, (60, 60, 230), -1)
PICTURE = {"type": "image_url", "image_url": {"url": openai_compatible._data_url(Frame(0.0, DARK), 64, 26_000)}}
SILENCE, RESPONSE = "</silence>", "</response>"


def view(t: float, image: Any = DARK, **changes: Any) -> View:
    fields: dict[str, Any] = {
        "t": t, "wall": NOW, "lane": "camera", "language": "en", "percepts": (), "watches": (), "frame": Frame(t, image)
    }  # fmt: skip
    return View(**(fields | changes))


class Wire:
    """What went over it: the bodies of requests for a decision, and the status of each answer."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.sent: list[dict[str, Any]] = []
        self.status: list[int] = []
        client.event_hooks = {"response": [self._note]}

    async def _note(self, response: httpx.Response) -> None:
        if response.request.url.path.endswith("/chat/completions"):
            self.sent.append(json.loads(response.request.content))
            self.status.append(response.status_code)

    def pictures(self, request: int) -> tuple[int, int]:
        """In one prompt: how many with their bytes, and how many by their id alone."""
        contents = [message["content"] for message in self.sent[request]["messages"]]
        lists = [content for content in contents if isinstance(content, list)]
        parts = [part for content in lists for part in content if part["type"] == "image_url"]
        return sum(part["image_url"] is not None for part in parts), sum(part["image_url"] is None for part in parts)


@asynccontextmanager
async def observer(
    served: Engine, settings: Settings, **changes: Any
) -> AsyncIterator[tuple[OpenAICompatibleObserver, Wire]]:
    named = {"observer": served.url, "observer_model": served.name, "observer_key": SecretStr(served.key)}
    made = OpenAICompatibleObserver(settings.model_copy(update=named | changes))
    try:
        yield made, Wire(made._server._client)
    finally:
        await made.aclose()


@asynccontextmanager
async def server(served: Engine) -> AsyncIterator[ChatServer]:
    made = ChatServer(served.url, served.name, served.key, 60, 1_000_000)
    try:
        yield made
    finally:
        await made.aclose()


async def running(served: Engine) -> int:
    """Requests that the engine works on or has waiting, by its own count."""
    async with httpx.AsyncClient(trust_env=False) as client:
        text = (await client.get(f"{served.url}/metrics")).text
    return sum(int(float(n)) for n in re.findall(r"^vllm:num_requests_(?:running|waiting)\{[^}]*\} (\S+)", text, re.M))


async def test_each_marker_is_one_token_and_the_trained_layout_is_chosen(served: Engine, settings: Settings) -> None:
    async with server(served) as chat:
        for marker in (SILENCE, RESPONSE, "</delegation>"):
            assert len(await chat.tokens(marker) or ()) == 1, marker
        assert len(await chat.tokens("</no-such-marker>") or ()) > 1
    for dialect, asked in (("auto", "</silence>"), ("instructed", "silence")):
        async with observer(served, settings, observer_dialect=dialect) as (watcher, wire):
            await watcher.decide(view(1.0))
            system = wire.sent[0]["messages"][0]["content"]
            assert asked in system and (SILENCE in system) == (dialect == "auto")


async def test_the_past_is_in_the_cache_and_a_picture_goes_out_once(served: Engine, settings: Settings) -> None:
    cached = []
    async with observer(served, settings) as (watcher, wire):
        for n in range(12):
            before = watcher.usage.cached_tokens, watcher.usage.prompt_tokens
            await watcher.decide(view(1.0 + n, LIGHT if n % 5 == 3 else DARK))
            cached.append((watcher.usage.cached_tokens - before[0]) / (watcher.usage.prompt_tokens - before[1]))
        last = [status for status in wire.status if status != 200]
        assert last == [], "no picture had to be sent again"
        assert wire.pictures(-1) == (1, 11)
    assert cached[-1] > 0.8 and cached[-1] > cached[3] > 0, cached


async def test_forgotten_pictures_are_sent_again(served: Engine, settings: Settings) -> None:
    async with observer(served, settings) as (watcher, wire):
        for n in range(3):
            await watcher.decide(view(1.0 + n))
        async with httpx.AsyncClient(trust_env=False) as client:
            assert (await client.post(f"{served.url}/reset_mm_cache")).status_code == 200
        await watcher.decide(view(4.0))
        assert wire.status == [200, 200, 200, 400, 200]
        assert wire.pictures(3) == (1, 3) and wire.pictures(4) == (4, 0)
        await watcher.decide(view(5.0))
        assert wire.status[5:] == [200] and wire.pictures(5) == (1, 4)


async def test_the_threshold_decides_by_the_models_own_probability(served: Engine, settings: Settings) -> None:
    """Of an empty picture: at its own measure it is silent; where any probability will do, it is made to speak."""
    said = {}
    for threshold in (0.0, 0.5):
        async with observer(served, settings, observer_threshold=threshold) as (watcher, wire):
            (said[threshold],) = await watcher.decide(view(1.0))
            assert len(wire.sent) == (2 if threshold == 0.0 else 1), "asked again, with a grammar that has words only"
    assert said[0.0].action in ("speak", "delegate") and said[0.5].action == "silence"
    assert said[0.5].p_speak is not None and 0 <= said[0.5].p_speak < 0.5
    assert said[0.0].p_speak == pytest.approx(said[0.5].p_speak, abs=1e-3), "the same picture, the same doubt"


async def test_whoever_hangs_up_ends_the_work(served: Engine) -> None:
    async with server(served) as chat, asyncio.timeout(120):
        ask = [{"role": "user", "content": [PICTURE, {"type": "text", "text": "<1.0 seconds>"}]}]
        asking = asyncio.ensure_future(chat.choice(ask, max_tokens=15_000, min_tokens=15_000, ignore_eos=True))
        while not await running(served):
            assert not asking.done()
        asking.cancel()
        while await running(served):
            pass
        assert asking.cancelled()
        assert (await chat.choice(ask, max_tokens=1))["message"]


async def test_too_many_pictures_are_refused_in_words(served: Engine) -> None:
    async with server(served) as chat:
        with pytest.raises(ChatError, match="At most 128 image") as refused:
            await chat.choice([{"role": "user", "content": [PICTURE] * 129}], max_tokens=1)
    assert refused.value.status == 400


async def test_a_corrupt_picture_costs_one_tick_and_leaves_no_trace(
    served: Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with observer(served, settings) as (watcher, wire):
        await watcher.decide(view(1.0))
        with monkeypatch.context() as patch:
            patch.setattr(openai_compatible, "_data_url", lambda *_: "data:image/jpeg;base64,AAAA")
            with pytest.raises(ObserverError, match="400"):
                await watcher.decide(view(2.0))
        await watcher.decide(view(3.0))
        assert wire.status == [200, 400, 200]
        assert wire.pictures(2) == (1, 1)
        assert "<2.0 seconds>" not in json.dumps(wire.sent[2])


async def test_a_prompt_that_is_too_long_is_not_sent_a_second_time(served: Engine, settings: Settings) -> None:
    async with observer(served, settings) as (watcher, wire):
        await watcher.decide(view(1.0))
        with pytest.raises(ObserverError, match="400"):
            await watcher.decide(view(2.0, questions=(Question("open", "why? " * 20_000),)))
        await watcher.decide(view(3.0))
        assert wire.status == [200, 400, 200]
        assert len(json.dumps(wire.sent[2])) < 60_000


async def test_a_wrong_key_names_the_setting(served: Engine, settings: Settings) -> None:
    async with observer(served, settings, observer_key=SecretStr("wrong")) as (watcher, _):
        with pytest.raises(ObserverError, match="LOOKOUT_OBSERVER_KEY"):
            await watcher.decide(view(1.0))


async def test_a_server_that_becomes_slow_is_stood_in_for_until_it_is_quick_again(
    served: Engine, settings: Settings
) -> None:
    def of_model(event: Event) -> bool:
        return isinstance(event, Decision) and event.p_speak is not None

    bounds = settings.session.model_copy(update={"observer_deadline_s": 10.0})
    rooms = Rooms(settings.model_copy(update={"session": bounds}), voice=False, hearing=False, engine=served)
    assert served.child is not None
    try:
        async with visit(rooms, 200) as here:
            await here.until(of_model)
            os.killpg(served.child.pid, signal.SIGSTOP)
            try:
                problem = await here.until(lambda event: isinstance(event, Problem))
                await here.until(lambda event: isinstance(event, Decision) and not of_model(event))
            finally:
                os.killpg(served.child.pid, signal.SIGCONT)
            assert isinstance(problem, Problem) and (problem.where, problem.kept) == (
                "observer", "The built-in observer stands in.",
            )  # fmt: skip
            await here.until(lambda event: isinstance(event, Recovered) and event.where == "observer")
            await here.until(of_model)
    finally:
        await rooms.aclose()
