"""The echo guard: own words are taken away, a person's are not."""

from __future__ import annotations

import pytest

from interaction.hearing.echo import without_echo

SAID = "I can see a red cup on the table in front of you, next to a laptop."


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        ("I can see a red cup on the table.", SAID),
        ("I can see a red cap on the tabled", SAID),
        ("next to a laptop", SAID),
        ("red cup", SAID),
        ("in front of you next to our laptop", SAID),
        ("Someone came in.", "Someone came in."),
        ("The result is 397.8.", "The result is three hundred and ninety-seven point eight."),
        ("The last person left at 9.30.", "The last person left at nine thirty."),
        ("it costs 5 dollars", "It costs five dollars."),
        ("有人刚刚走进了房间", "有人刚刚走进了房间。"),
        ("有人刚刚走进房间", "有人刚刚走进了房间。"),
        ("Okay.", "Okay."),
    ],
)
def test_an_echo_is_nothing(heard: str, said: str) -> None:
    assert without_echo(heard, said) == ""


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        ("what do you see", "I can see a person at the door."),
        ("is there a person at the door", "There is a person at the door."),
        ("tell me when someone comes in", "Someone came in."),
        ("stop", SAID),
        ("who came in", "Someone came in."),
        ("Say goodbye when someone leaves.", "I'll say “Welcome!” when someone comes in."),
        ("停", "有人刚刚走进了房间。"),
        ("你看到什么", "我看到桌子上有一个红色的杯子。"),
        ("what time is it", ""),
        ("...", SAID),
        ("", SAID),
    ],
)
def test_a_person_is_heard(heard: str, said: str) -> None:
    assert without_echo(heard, said) == heard


@pytest.mark.parametrize(
    ("heard", "left"),
    [
        ("on the table in front stop", "stop"),
        ("I can see a red cup, what time is it?", "what time is it"),
        ("red cup on the table never mind", "never mind"),
        ("I can see a red cup umm", ""),
    ],
)
def test_what_a_person_says_over_the_end_is_kept(heard: str, left: str) -> None:
    assert without_echo(heard, SAID) == left


def test_chinese_over_the_end() -> None:
    assert without_echo("我看到桌子上有一个停", "我看到桌子上有一个红色的杯子。") == "停"


def test_long_texts_are_compared_in_bounded_time() -> None:
    said = " ".join(f"word{k}" for k in range(5000))
    assert without_echo("something else entirely " * 200, said).startswith("something")
