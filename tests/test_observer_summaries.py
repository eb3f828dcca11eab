"""What a model remembers in its own words: asked for beside the ticks, from the cache, and never more than fits."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config import Settings
from interaction.chat_server import ChatError
from interaction.intents import Question
from interaction.observers.base import View
from interaction.observers.budget import RULES_TOKENS, plan, words
from interaction.observers.context import Context, Picture, Turn
from interaction.observers.openai_compatible import OpenAICompatibleObserver
from interaction.observers.remembered import MERGED, Recap, Remembered, Summary
from interaction.observers.summaries import Summaries, told
from interaction.sources.base import Frame
from tests.house import START
from tests.model_server import chats, model
from tests.scripted_http import Reply
from tests.test_observer_url import kettle

SMALL = np.zeros((32, 32, 3), np.uint8)
TURNS = 23  # of a chunk in a context of 4096 tokens


def turn(number: int, note: str = "") -> Turn:
    return Turn(float(number), f"<{number:.1f} seconds>", Picture(f"p{number}", "data:,"), "", "</silence>", note)


# ---- what is made of a reply ----


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        ("A kettle stood there.\n\nIt  boiled. ", "A kettle stood there. It boiled."),
        ("</response> A kettle stood there.", "A kettle stood there."),
        ("speak [1]: A kettle stood there.", "A kettle stood there."),
        ("一个水壶在炉子上。", "一个水壶在炉子上。"),
        ("A sign said </silence> <9.0 seconds> today.", ""),
        ("A sign said <9.0 seconds> today.", "A sign said 9.0 seconds today."),
        ("A cup. " * 30, ("A cup. " * 14).strip()),
        ("a word without an end " * 30, ""),
        *((nothing, "") for nothing in ("", "  ", "</silence>", "silence", "Silence.", "nothing", "</response>")),
        *((other, "") for other in ("</response> Hm. </delegation> what is it?", "delegate: hm | what is it?")),
    ],
)  # fmt: skip
def test_a_reply_is_cleaned_and_bounded_and_a_decision_is_no_summary(reply: str, text: str) -> None:
    assert told(reply, 100) == text


@given(st.text(max_size=3000), st.integers(20, 400))
def test_no_reply_raises_or_outgrows_its_place(reply: str, chars: int) -> None:
    text = told(reply, chars)
    assert len(text) <= chars and "\n" not in text and "</silence>" not in text


# ---- what is remembered ----


@settings(max_examples=50, deadline=None)
@given(
    st.integers(550, 4000),
    st.lists(st.tuples(st.booleans(), st.booleans(), st.lists(st.integers(1, 300), max_size=20)), max_size=20),
)
def test_what_is_remembered_stays_within_its_room(chars: int, chunks: list[tuple[bool, bool, list[int]]]) -> None:
    memory = Remembered()
    for number, (summed, merged, notes) in enumerate(chunks):
        summary = Summary(100.0 * number, 100.0 * number + 89, told("It rained there. " * 60, chars // 12))
        long = told("It rained for long. " * 90, chars // 4) if merged and memory.to_merge(summary) else ""
        recap = Recap(summary, long) if summed else None
        before, memory = memory, memory.grown(["n" * length for length in notes], recap, chars)
        assert len(memory.head()) <= chars and len(memory.summaries) < MERGED
        assert not notes or chars < 2000 or memory.notes[-1:] == ("n" * notes[-1],), "the newest is always among them"
        if recap and len(before.summaries) == MERGED - 1:
            assert memory.long == long or (not long and memory.long.endswith("It rained there."))


def test_five_summaries_become_one_text_even_if_the_model_has_none() -> None:
    memory = Remembered()
    for number in range(MERGED):
        memory = memory.grown([], Recap(Summary(number, number + 1, f"Part {number} was seen.")), 4000)
    assert memory.summaries == () and memory.long == " ".join(f"Part {n} was seen." for n in range(MERGED))
    memory = memory.grown(["<9.0 seconds> a note"], Recap(Summary(8, 9, "Then nothing.")), 4000)
    assert memory.head().splitlines() == [
        "What the video showed before:",
        memory.long,
        "<8.0-9.0 seconds>",
        "Then nothing.",
        "What was asked and said before:",
        "<9.0 seconds> a note",
    ]


def test_ten_hours_stay_inside_the_budget_and_nothing_is_missed() -> None:
    room = plan(32_768, history=True, frame_tokens=300)
    context, recap, seen, largest = Context(room, "rules", by_id=True), None, -1.0, 0
    for number in range(36_000):
        newest = turn(number, note=f"<{number}.0 seconds> you said 'Someone came in.'" if number % 7 == 0 else "")
        if not context.fits(newest):
            context, recap = context.renewed("standing\n", recap), None
            assert context.turns[0].t <= seen + 1, "no blind gap"
        tokens = RULES_TOKENS + words(context.head) + (len(context.turns) + 1) * 325
        assert tokens <= room.limit
        largest = max(largest, tokens)
        context = context.kept(newest, tokens)
        if context.ending and recap is None:
            begin, seen = context.turns[0].t, context.turns[-1].t
            recap = Recap(Summary(begin, seen, told("People came and went. " * 40, room.memory_chars // 12)))
    assert largest > room.limit * 0.8, "the room is used"
    assert context.memory.long and context.memory.summaries and context.memory.notes


def test_turns_that_a_summary_missed_are_carried_over_even_if_they_are_many() -> None:
    room = plan(131_072, history=True)
    context = Context(room, "rules", by_id=True)
    for number in range(60):
        context = context.kept(turn(number))
    shortly = context.renewed("", Recap(Summary(0.0, 29.0, "It rained.")))
    assert [t.t for t in shortly.turns] == [float(n) for n in range(30, 60)]


# ---- asking ----


async def test_a_chunk_is_asked_about_once_and_what_is_late_is_dropped() -> None:
    asked: list[Any] = []
    held = asyncio.Event()

    async def ask(messages: Any, **options: Any) -> str:
        asked.append(messages)
        await held.wait()
        return "Someone came in."

    summaries = Summaries(ask)
    context = Context(plan(4096, history=True), "rules", by_id=True).kept(turn(1))
    for _ in range(3):
        summaries.begin("camera", context, "en")
        await asyncio.sleep(0)  # time stands still while a server is asked
    assert len(asked) == 1 and asked[0][-1]["role"] == "user"
    assert summaries.take("camera") is None
    held.set()
    await asyncio.sleep(1)
    assert summaries.take("camera") is None, "it belongs to a chunk that is over"
    summaries.begin("camera", context, "zh")
    await asyncio.sleep(1)
    assert summaries.take("camera") == Recap(Summary(1.0, 1.0, "Someone came in."))
    assert "概括" in asked[1][-1]["content"][0]["text"]
    await summaries.aclose()


async def test_the_fifth_is_merged_by_the_model_or_not_at_all() -> None:
    four = tuple(Summary(n, n + 1, f"Part {n} was seen.") for n in range(4))
    context = Context(plan(131_072, history=True), "rules", True, memory=Remembered("Long ago.", four)).kept(turn(9))
    replies: list[str] = []
    asked: list[str] = []

    async def ask(messages: Any, **options: Any) -> str:
        asked.append(str(messages[-1]["content"]))
        if not replies:
            raise ChatError("down", 500)
        return replies.pop(0)

    summaries = Summaries(ask)
    for given_, made in ((["It ended.", "All of it was seen."], "All of it was seen."), (["It ended."], "")):
        replies[:] = given_
        summaries.begin("camera", context, "en")
        await asyncio.sleep(1)
        assert summaries.take("camera") == Recap(Summary(9.0, 9.0, "It ended."), made)
    assert all(part in asked[1] for part in ("Long ago.", "<3.0-4.0 seconds>\nPart 3", "It ended."))
    summaries.begin("camera", context, "en")
    await asyncio.sleep(1)
    assert summaries.take("camera") is None, "nothing came at all"
    await summaries.aclose()


# ---- with the observer, over HTTP, on virtual time ----


def watcher(url: str, **more: Any) -> OpenAICompatibleObserver:
    return OpenAICompatibleObserver(Settings(_env_file=None, observer=url, **more))  # type: ignore[call-arg]


def seen(t: float, *questions: str) -> View:
    asked = tuple(Question("open", text) for text in questions)
    return View(t, START, "camera", "en", Frame(t, SMALL), (), kettle(), questions=asked)


def is_summary(asked: dict[str, Any]) -> bool:
    return "Summarise" in str(asked["messages"][-1]["content"])


def scripted(summary: str | Reply) -> Any:
    return lambda asked: summary if is_summary(asked) else "</silence>"


async def test_the_next_chunk_begins_as_the_model_was_trained() -> None:
    with model(scripted("</response> A kettle stood there."), tokens=4096) as server:
        observer = watcher(server.url)
        for t in range(TURNS + 1):
            await observer.decide(seen(float(t), *(["is it hot?"] if t == 3 else [])))
            await asyncio.sleep(1)
        await observer.aclose()
    sent = [body for body in chats(server) if not is_summary(body)]
    (asked,) = [body for body in chats(server) if is_summary(body)]
    assert "structured_outputs" not in asked and asked["max_tokens"] <= 256
    before, after = sent[TURNS - 2]["messages"], sent[TURNS]["messages"]
    assert asked["messages"][:-1] == [*before[:-1], *sent[TURNS - 1]["messages"][len(before) - 1 :]][: len(before) - 1]
    system = after[0]
    pictures = [part for message in after for part in message["content"] if isinstance(part, dict)]
    ids = [part["uuid"] for part in pictures if part["type"] == "image_url"]
    newest = after[-1]["content"][1]["image_url"]
    assert after == [
        system,
        {
            "role": "user",
            "content": [
                {
                    "type": "text",
                    "text": "What the video showed before:\n"
                    "<0.0-20.0 seconds>\n"
                    "A kettle stood there.\n"
                    "What was asked and said before:\n"
                    "<3.0 seconds> the person asked 'is it hot?'\n"
                    "Watch for this and tell me when it happens: The kettle boils.\n"
                    "<21.0 seconds>",
                },
                {"type": "image_url", "image_url": None, "uuid": ids[0]},
            ],
        },
        {"role": "assistant", "content": "</silence>"},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "<22.0 seconds>"},
                {"type": "image_url", "image_url": None, "uuid": ids[1]},
            ],
        },
        {"role": "assistant", "content": "</silence>"},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "<23.0 seconds>"},
                {"type": "image_url", "image_url": newest, "uuid": ids[2]},
            ],
        },
    ]
    assert newest["url"].startswith("data:image/jpeg;base64,")


async def test_a_summary_follows_the_chunk_byte_for_byte_and_counts_as_asked() -> None:
    with model(scripted("A kettle stood there."), tokens=4096) as server:
        observer = watcher(server.url)
        for t in range(TURNS - 1):
            await observer.decide(seen(float(t)))
            await asyncio.sleep(1)
        await observer.aclose()
    bodies = chats(server)
    at = next(number for number, body in enumerate(bodies) if is_summary(body))
    asked, following = bodies[at]["messages"], bodies[at + 1]["messages"]
    assert asked[:-1] == following[:-1], "the same past: nearly all of it is in the server's cache"
    assert len(asked[-1]["content"]) == 1 and asked[-1]["role"] == "user", "no picture of its own"
    assert observer.usage.calls == len(bodies)


@pytest.mark.parametrize("reply", ["</silence>", "", Reply({"error": "down"}, 500), Reply(b"{}"), "x" * 900])
async def test_notes_stand_where_there_is_no_summary(reply: str | Reply) -> None:
    with model(scripted(reply), tokens=4096) as server:
        observer = watcher(server.url)
        for t in range(TURNS + 1):
            await observer.decide(seen(float(t), *(["is it hot?"] if t == 3 else [])))
            await asyncio.sleep(1)
        await observer.aclose()
    head = chats(server)[-1]["messages"][1]["content"][0]["text"]
    assert head.startswith("What was asked and said before:\n<3.0 seconds> the person asked 'is it hot?'\nWatch for")


async def test_a_slow_summary_holds_up_no_tick_and_is_not_waited_for() -> None:
    release = threading.Event()

    def slowly(asked: dict[str, Any]) -> str:
        if is_summary(asked):
            release.wait(20)
            return "A kettle stood there."
        return "</silence>"

    with model(slowly, tokens=4096) as server:
        observer = watcher(server.url)
        for t in range(2 * TURNS):
            await observer.decide(seen(float(t), *(["is it hot?"] if t == 3 else [])))
        release.set()
        await observer.aclose()
    sent = [body for body in chats(server) if not is_summary(body)]
    assert len(sent) == 2 * TURNS and "kettle stood" not in str(sent[-1])
    assert "the person asked 'is it hot?'" in sent[-1]["messages"][1]["content"][0]["text"]


async def test_summaries_can_be_switched_off() -> None:
    with model(scripted("A kettle stood there."), tokens=4096) as server:
        observer = watcher(server.url, observer_summaries=False)
        for t in range(TURNS + 1):
            await observer.decide(seen(float(t)))
        await observer.aclose()
    assert not any(map(is_summary, chats(server)))


async def test_a_new_request_is_in_the_newest_turn_and_leaves_the_chunk_as_it_was() -> None:
    with model("</silence>") as server:
        observer = watcher(server.url)
        for t in range(30):
            await observer.decide(seen(float(t), *(["is it hot?"] if t in (5, 29) else [])))
        await observer.aclose()
    *_, before, after = (body["messages"] for body in chats(server))
    assert after[: len(before) - 1] == before[:-1]
    assert after[-1]["content"][0]["text"] == "is it hot?\n<29.0 seconds>"
