"""What is written becomes what can be said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interaction.speaking.normalise import plain, speakable

ENGLISH = {
    "It costs $1,234.50.": "It costs one thousand two hundred and thirty-four dollars and fifty cents.",
    "$5, €1, £0.50 and 20 USD": "five dollars, one euro, fifty pence and twenty dollars",
    "$3.5M or $2 million": "three point five million dollars or two million dollars",
    "-$5": "minus five dollars",
    "No. The answer is no. Platform No. 4": "No. The answer is no. Platform number four",
    "on 2026-11-23": "on November twenty-third, twenty twenty-six",
    "Nov 23, 2026 and 3 May": "November twenty-third, twenty twenty-six and May third",
    "11/23/2026 or 23/11/2026": (
        "November twenty-third, twenty twenty-six or November twenty-third, twenty twenty-six"
    ),
    "2026-11-23T14:30:00+01:00": "November twenty-third, twenty twenty-six at fourteen thirty",
    "at 14:30, 9:05 am, 3:00 and 9 pm": "at fourteen thirty, nine oh five A M, three o'clock and nine P M",
    "at 12:30:15": "at twelve thirty and fifteen seconds",
    "17% of 2,340 = 397.8": (
        "seventeen percent of two thousand three hundred and forty equals three hundred and ninety-seven point eight"
    ),
    "-5°C, 21 °F": "minus five degrees Celsius, twenty-one degrees Fahrenheit",
    "1 m, 5 ft, 60 km/h, 3.5GB": "one metre, five feet, sixty kilometres per hour, three point five gigabytes",
    "640x480 at 30 fps": "six hundred and forty by four hundred and eighty at thirty frames per second",
    "1st, 22nd, 3/4, 1/2": "first, twenty-second, three quarters, one half",
    "5-10 people in 1984": "five to ten people in nineteen eighty-four",
    "the 1990s, 2021–2022": "the nineteen nineties, twenty twenty-one to twenty twenty-two",
    "2+2=4, 3-2=1, 3 * 4": "two plus two equals four, three minus two equals one, three times four",
    "a score of 3:2": "a score of three to two",
    "v1.2.3": "v one point two point three",
    "call +491701234567 or 007": ("call four nine one seven zero one two three four five six seven or zero zero seven"),
    "1000000 people": "one million people",
    "mp3 and A4": "mp three and A four",
    "Dr. Smith, e.g. at 5 p.m.": "Doctor Smith, for example at five P M",
    "5'10\" tall": "five foot ten tall",
    "see https://www.example.com/a?b=c.": "see example dot com",
    "mail bob@x.org": "mail bob at x dot org",
    "open http://192.168.0.1:8000/x": "open a link",
    "**Bold**, _it_ and `code` 😀👍🏽": "Bold, it and code",
    "snake_case & a/b": "snake case and a or b",
    "[the page](https://a.com/b) ![cup](x.png)": "the page cup",
    "# Title\n- one\n- two": "Title. one. two",
    "| a | b |\n|---|---|\n| 1 | 2 |": "a, b. one, two",
    "```py\nprint(1)\n```\nDone.": "code. Done.",
    "<b>hi</b> &amp; bye": "hi and bye",
    "I'm here — really…": "I'm here, really…",
    "😀": "",
    "```\nx": "code",
    "": "",
}
CHINESE = {
    "2026-11-23 14:30": "二零二六年十一月二十三日十四点三十分",
    "2个人，12个，102，10010": "两个人，十二个，一百零二，一万零一十",
    "17%，$5，¥3.5，¥20万": "百分之十七，五美元，三点五元，二十万元",
    "9:05 见，2:30": "九点零五分见，两点三十分",
    "-5°C，60km/h，1.5kg": "负五摄氏度，六十公里每小时，一点五公斤",
    "5-10个，1/2": "五到十个，二分之一",
    "电话13800138000": "电话一三八零零一三八零零零",
    "100000001，100000000": "一零零零零零零零一，一亿",
    "3+4=7": "三加四等于七",
    "看https://a.com/b。": "看a点com。",
    "**好**😀": "好",
    "2026年": "二零二六年",
}


@pytest.mark.parametrize(("text", "words"), ENGLISH.items())
def test_english(text: str, words: str) -> None:
    assert speakable(text, "en") == words


@pytest.mark.parametrize(("text", "words"), CHINESE.items())
def test_chinese(text: str, words: str) -> None:
    assert speakable(text, "zh") == words


def test_the_plain_text_still_looks_as_it_was_written() -> None:
    assert plain("**It costs $5** at 14:30 👍") == "It costs $5 at 14:30"


@pytest.mark.parametrize("ordinary", ["Someone came in.", "Can you see Bob's dog? No, I can't!", "有人进来了。"])
def test_ordinary_sentences_are_left_alone(ordinary: str) -> None:
    assert speakable(ordinary, "zh" if "有" in ordinary else "en") == ordinary


@given(st.text(max_size=300), st.sampled_from(["en", "zh"]))
def test_anything_can_be_said(text: str, language: str) -> None:
    words = speakable(text, language)
    assert not set(words) & set("0123456789$%*_`#<>|\\")
    assert "\n" not in words


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "bit", ["*", "[a", "1,", "1-", " ", "<a ", "www.", "a@", "a.", "1", "**a ", "- - ", "|", "\n", "$"]
)
def test_hostile_text_takes_no_time(bit: str) -> None:
    assert isinstance(speakable(bit * (4000 // len(bit)), "en"), str)
