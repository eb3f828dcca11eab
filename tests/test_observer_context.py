"""What a model remembers of a lane, and what that costs: pure, and an hour of it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interaction.observers.budget import (
    CHUNK_TURNS,
    REPLY_TOKENS,
    ContextTooSmall,
    picture_size,
    plan,
    words,
)
from interaction.observers.context import Context, Picture, Turn

SYSTEM = "the rules"


def picture(number: int) -> Picture:
    return Picture(f"p-{number}", f"data:image/jpeg;base64,{number}")


def second(number: int, answer: str = "</silence>", after: str = "", note: str = "") -> Turn:
    return Turn(float(number), f"<{number:.1f} seconds>", picture(number), after, answer, note)


def grown(context: Context, count: int, tokens: int = 0) -> Context:
    for number in range(count):
        newest = second(number, note=f"note {number}" if number % 10 == 0 else "")
        context = (context if context.fits(newest) else context.renewed("standing\n")).kept(newest, tokens)
    return context


def pictures(messages: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    parts = [part for message in messages if message["role"] == "user" for part in message["content"]]
    return [part for part in parts if part["type"] == "image_url"]


def test_the_past_is_the_same_bytes_at_every_tick_and_only_the_newest_picture_is_sent() -> None:
    context = Context(plan(131_072, history=True), SYSTEM, by_id=True)
    sent: list[list[dict[str, Any]]] = []
    for number in range(50):
        sent.append(context.messages(second(number), "a suffix"))
        context = context.kept(second(number))
    for before, after in pairwise(sent):
        assert after[: len(before) - 1] == before[:-1]
        newest, kept = before[-1]["content"], after[len(before) - 1]["content"]
        assert [part["type"] for part in kept] == ["text", "image_url"], "a suffix is not kept"
        assert kept[0] == newest[0] and kept[1] == newest[1] | {"image_url": None}
    assert [part["image_url"] is not None for part in pictures(sent[-1])] == [False] * 49 + [True]
    assert all(part["image_url"] for part in pictures(context.messages(second(50), whole=True)))


def test_a_full_chunk_is_remembered_and_its_newest_turns_are_carried_over() -> None:
    room = plan(131_072, history=True)
    context = grown(Context(room, SYSTEM, by_id=True), CHUNK_TURNS + 1)
    assert [turn.t for turn in context.turns] == [float(n) for n in range(90, 101)], "no blind gap"
    first = context.messages(second(101))[1]["content"][0]["text"]
    assert first.startswith("What was asked and said before:\nnote 0\n") and first.endswith("standing\n<90.0 seconds>")
    assert "note 80" in first and "note 90" not in first, "what is still shown is not remembered yet"


def test_where_the_server_keeps_no_pictures_only_the_newest_is_shown() -> None:
    context = grown(Context(plan(8192, history=False), SYSTEM, by_id=False), 5)
    parts = [
        part for message in context.messages(second(5))[1:] for part in message["content"] if isinstance(part, dict)
    ]
    assert [part for part in parts if part["type"] == "image_url"] == [picture(5).plain]


@settings(max_examples=60, deadline=None)
@given(
    model=st.integers(2200, 140_000),
    turns=st.lists(st.tuples(st.integers(0, 900), st.integers(0, 600), st.booleans()), min_size=1, max_size=300),
    counted=st.booleans(),
)
def test_no_prompt_outgrows_the_context(model: int, turns: list[tuple[int, int, bool]], counted: bool) -> None:
    try:
        room = plan(model, history=True)
    except ContextTooSmall:
        assert model < 3000
        return
    context = Context(room, SYSTEM, by_id=True)
    for number, (asked, answered, worth) in enumerate(turns):
        newest = Turn(float(number), "x" * min(asked, room.limit // 4), picture(number))
        if not context.fits(newest):
            context = context.renewed("standing")
        prompt = _cost(context, newest, room.frame_tokens)
        assert prompt <= room.limit == model - REPLY_TOKENS
        note = "n" * 200 if worth else ""
        answered_turn = Turn(newest.t, newest.before, newest.picture, "", "y" * answered, note)
        context = context.kept(answered_turn, prompt if counted else 0)
        assert len(context.turns) <= room.turns and len(context.memory.head()) <= room.memory_chars


def _cost(context: Context, newest: Turn, frame: int) -> int:
    """Tokens of a prompt, with words as dear as they are ever counted."""
    said = [context.system, context.head, newest.before]
    said += [text for turn in context.turns for text in (turn.before, turn.after, turn.answer)]
    return sum(map(words, said)) + (len(context.turns) + 1) * (frame + 20)


@given(st.integers(1, 8000), st.integers(1, 8000), st.integers(64, 1024))
def test_a_picture_is_as_large_as_it_may_be(width: int, height: int, tokens: int) -> None:
    wide, high = picture_size(width, height, tokens)
    assert wide % 32 == high % 32 == 0 and wide * high <= tokens * 1024
    assert wide < width + 32 and high < height + 32, "never larger than it is"


def test_small_contexts_get_small_pictures_and_the_smallest_a_clear_word() -> None:
    assert (plan(131_072, history=True).frame_tokens, plan(131_072, history=True).turns) == (256, 100)
    assert plan(12_288, history=True).frame_tokens == 128
    assert plan(4096, history=True).frame_tokens == 64
    assert picture_size(640, 480, 256) == (576, 448) and picture_size(640, 480, 300) == (640, 480)
    with pytest.raises(ContextTooSmall, match="context of 512 tokens is too small"):
        plan(512, history=True)
