"""What a recogniser wrote until a pause: whether it is whole, goes on, or cannot be told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interaction.hearing.completeness import completeness

WHOLE = [
    "What time is it?", "What day is it today?", "How many so far?", "What are you watching for?", "What can you do?",
    "What do you see?", "Is anybody at the door?", "Who is there?", "Where am I?", "Okay, what is this?",
    "Hey Lookout, how many people are there?", "What's on the table?", "Which of them is it?", "Where have you been?",
    "现在几点了？", "你看到什么？", "门口有人吗？", "一共有多少人？", "你在看什么呢?",
]  # fmt: skip
OPEN = [
    "Tell me when the", "Tell me if", "Watch the door and", "Remind me to", "Tell me.", "What time is?", "Could you?",
    "Look for,", "I want to know whether.", "Is there a?", "How many people are?", "Watch for", "uh um",
    "What is the...", "What is?",
    "如果有人来的话，", "有人进来的时候", "请", "看着门口，", "提醒我", "我想看电视和",
]  # fmt: skip
UNKNOWN = [
    "", "?", "No.", "What?", "Stop.", "Yes, please.", "Tell me when someone comes in.", "Remind me in ten minutes.",
    "Watch the door.", "If anyone comes, let me know.", "Read that to me, please.", "You can see it?", "Come in.",
    "Turn it on.", "I think so.", "Stop that.",
    "Can you remind me?", "Could you let me know?", "Okay, can you watch?", "Can you remind me in ten minutes?",
    "What is the time in?", "How much is 20?", "What is 25?", "Where did I put?", "What did I?",
    "能告诉我吗？", "你能不能告诉我？", "能不能提醒我在？",
    "几点了？", "有人来了就告诉我。", "十分钟后提醒我。", "看看这个。", "不用了。",
]  # fmt: skip


@pytest.mark.parametrize("text", WHOLE)
def test_a_question_to_its_end_is_whole(text: str) -> None:
    assert completeness(text) == "whole"


@pytest.mark.parametrize("text", OPEN)
def test_what_is_cut_within_goes_on(text: str) -> None:
    assert completeness(text) == "open"


@pytest.mark.parametrize("text", UNKNOWN)
def test_wishes_answers_and_single_words_wait_as_ever(text: str) -> None:
    assert completeness(text) == "unknown"


@given(st.text(max_size=80))
def test_any_text_is_judged(text: str) -> None:
    assert completeness(text) in ("whole", "unknown", "open")


@given(st.lists(st.sampled_from(["what", "is", "the", "door", "open", "and", "when", "you", "see", "to"]), max_size=8))
def test_without_a_question_mark_nothing_is_whole(words: list[str]) -> None:
    assert completeness(" ".join(words)) != "whole"


@pytest.mark.parametrize("text", [text for text in WHOLE if text.isascii()])
def test_no_beginning_of_a_question_before_its_verb_is_whole(text: str) -> None:
    for count in (1, 2):
        assert completeness(" ".join(text.split()[:count]) + "?") != "whole"
