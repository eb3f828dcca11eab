"""Cutting text into pieces for the voice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interaction.speaking.sentences import length, sentences, unheard

CASES: dict[str, list[str]] = {
    "Hi. I see a cup!": ["Hi.", "I see a cup!"],
    "Dr. Smith paid 3.5 dollars, e.g. in cash. Right?": ["Dr. Smith paid 3.5 dollars, e.g. in cash.", "Right?"],
    "Okay, I will tell you when someone comes in.": ["Okay, I will tell you when someone comes in."],
    "There are two people at the table, and one of them is reading a newspaper.": [
        "There are two people at the table,",
        "and one of them is reading a newspaper.",
    ],
    "There is a person standing at the door with a large brown box in both hands.": [
        "There is a person standing at the door",
        "with a large brown box in both hands.",
    ],
    "有人进来了。你好吗？好！": ["有人进来了。", "你好吗？", "好！"],
    "桌子上有一个红色的杯子和一台电脑，旁边坐着一个正在看书的人。": [
        "桌子上有一个红色的杯子和一台电脑，旁边坐着一个正在看书的人。",
    ],
    'He said "stop." Then he left.': ['He said "stop."', "Then he left."],
    "": [],
    "   ": [],
}


@pytest.mark.parametrize(("text", "pieces"), CASES.items())
def test_pieces(text: str, pieces: list[str]) -> None:
    assert sentences(text) == pieces


def test_a_long_sentence_is_parted_at_clauses() -> None:
    text = "The first person carries a box, " * 3 + "the second one holds the door open for everybody who comes."
    pieces = sentences(text)
    assert all(length(piece) <= 120 for piece in pieces)
    assert all(piece.endswith((",", ".")) for piece in pieces)


def test_text_without_any_gap_is_cut_hard() -> None:
    assert [len(piece) for piece in sentences("a" * 300)] == [120, 120, 60]


def test_chinese_counts_more() -> None:
    assert all(length(piece) <= 120 for piece in sentences("看" * 200))


@given(st.text(alphabet="ab .,!?;:。，！你好\n\"'-", max_size=400))
def test_nothing_is_lost_or_added(text: str) -> None:
    pieces = sentences(text)
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(piece.strip() and length(piece) <= 120 for piece in pieces)


@pytest.mark.parametrize(
    ("heard", "left"),
    [
        ("", "One is here. Two came in. Three left."),
        ("One is", "One is here. Two came in. Three left."),
        ("One is here. Two", "Two came in. Three left."),
        ("One is here. Two came in", "Three left."),
        ("One is here. Two came in. Three left", ""),
    ],
)
def test_what_was_cut_goes_on_at_the_beginning_of_its_sentence(heard: str, left: str) -> None:
    assert unheard("One is here. Two came in. Three left.", heard) == left


def test_what_was_cut_goes_on_in_chinese() -> None:
    assert unheard("有人来过。门还开着。现在没有人。", "有人来过。门") == "门还开着。现在没有人。"
