"""What is said when something is seen, in both languages."""

from __future__ import annotations

import re
from typing import Any, get_args

import pytest

from interaction import phrases
from interaction.intents import Condition, ConditionKind
from interaction.observers.conditions import Firing
from interaction.seeing.base import PerceptEvent
from interaction.speaking.sentences import FIRST_OF_ALERT, sentences


@pytest.mark.parametrize(
    ("condition", "firing", "english", "chinese"),
    [
        (Condition("arrives"), Firing(0, side="left"), "Someone just came in, on the left.", "有人进来了，在左边。"),
        (Condition("arrives"), Firing(0, 2), "Two people just came in.", "两个人进来了。"),
        (Condition("arrives", "cat"), Firing(0), "A cat appeared.", "一只猫出现了。"),
        (Condition("leaves"), Firing(0, side="middle"), "Someone just left, in the middle.", "有人离开了，在中间。"),
        (Condition("leaves", "coffee cup"), Firing(0), "A cup is gone.", "一个杯子不见了。"),
        (Condition("leaves", "car"), Firing(0, 2), "Two cars are gone.", "两辆汽车不见了。"),
        (Condition("count", tally=True), Firing(0, 3), "Three.", "3。"),
        (Condition("count", tally=True), Firing(0, 12), "12.", "12。"),
        (Condition("count"), Firing(0, 2), "Two people now.", "现在有两个人。"),
        (Condition("count"), Firing(0, 0), "No people now.", "现在没有人。"),
        (Condition("more_than", number=2), Firing(0, 3), "There are three people now.", "现在有三个人。"),
        (Condition("fewer_than", number=2), Firing(0, 1), "There is one person now.", "现在有一个人。"),
        (Condition("fewer_than", number=1), Firing(0, 0), "There are no people now.", "现在没有人。"),
        (Condition("sees", "car"), Firing(0, side="right"), "I can see a car, on the right.", "看到一辆汽车，在右边。"),
        (Condition("sees", "stationary bicycle"), Firing(0), "I can see an exercise bike.", "看到一辆健身车。"),
        (Condition("face"), Firing(0, side="left"), "I can see a face, on the left.", "看到一张脸，在左边。"),
        (Condition("moves"), Firing(0), "Something is moving.", "有东西在动。"),
        (Condition("stops"), Firing(0), "The movement has stopped.", "不动了。"),
        (Condition("text_says", text="x"), Firing(0, text="Exit  7"), "It says: Exit 7", "上面写着：Exit 7"),
        (Condition("changes"), Firing(0, event="scene_cut"), "The whole picture just changed.", "整个画面变了。"),
        (Condition("changes"), Firing(0, event="motion_started"), "Something started to move.", "有东西动起来了。"),
        (Condition("changes"), Firing(0, event="text_changed", text="B"), "The text changed: B", "文字变了：B"),
        (Condition("changes"), Firing(0, event="text_changed"), "The text is gone.", "文字不见了。"),
        (Condition("changes"), Firing(0, event="left"), "Something left the picture.", "有东西不见了。"),
        (Condition("changes"), Firing(0, event="jumped"), "Something changed.", "有变化。"),
    ],
)  # fmt: skip
def test_a_firing_in_words(condition: Condition, firing: Firing, english: str, chinese: str) -> None:
    assert phrases.fired(condition, firing, "en") == english
    assert phrases.fired(condition, firing, "zh") == chinese


@pytest.mark.parametrize("kind", get_args(ConditionKind))
def test_chinese_sentences_have_no_english_and_english_none_of_chinese(kind: Any) -> None:
    for side in (None, "left", "middle", "right"):
        condition = Condition(kind, number=1, text="7")
        firing = Firing(0.0, 1, side, "7", "arrived")  # type: ignore[arg-type]
        assert not re.search("[A-Za-z]", phrases.fired(condition, firing, "zh"))
        assert phrases.fired(condition, firing, "en").isascii()


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("kind", get_args(ConditionKind))
def test_the_likely_sentence_is_the_one_that_will_be_said(kind: Any, language: str) -> None:
    condition = Condition(kind, number=1, text="7")
    likely = phrases.likely(condition, language)
    if kind in ("text_changes", "text_says"):
        assert likely == []
        return
    number = {"more_than": 2, "count": 2, "fewer_than": 0}.get(kind, 1)
    said = [phrases.fired(condition, Firing(5.0, number), language)]
    if kind in ("arrives", "leaves", "sees", "face"):
        said += [phrases.fired(condition, Firing(5.0, side=side), language) for side in ("left", "middle", "right")]
    if kind == "changes":
        said = [phrases.fired(condition, Firing(5.0, event="motion_started"), language)]
    assert set(said) <= set(likely)


def test_a_counting_watch_has_its_first_numbers_ready() -> None:
    assert phrases.likely(Condition("count", tally=True), "en") == ["One.", "Two.", "Three."]


@pytest.mark.parametrize(
    ("event", "english", "chinese"),
    [
        (PerceptEvent(1, "arrived", "person", "left"), "Someone just came in, on the left.", "有人进来了，在左边。"),
        (PerceptEvent(1, "left", "dog"), "A dog is gone.", "一只狗不见了。"),
        (PerceptEvent(1, "text_changed", text="B12\n18:40"), "The picture says: B12 18:40", "画面上写着：B12 18:40"),
        (PerceptEvent(1, "text_changed", text=" ", detail="Gate"), "", ""),
        (PerceptEvent(1, "scene_cut"), "The whole picture changed.", "整个画面变了。"),
        (PerceptEvent(1, "motion_started"), "", ""),
        (PerceptEvent(1, "count_changed", "person", count=2), "", ""),
    ],
)  # fmt: skip
def test_what_is_worth_remembering(event: PerceptEvent, english: str, chinese: str) -> None:
    assert (phrases.noticed(event, "en"), phrases.noticed(event, "zh")) == (english, chinese)


def test_a_page_of_text_is_not_read_to_the_end() -> None:
    long = "word " * 200
    assert len(phrases.shortened(long)) == phrases.READ_CHARS and phrases.shortened(long).endswith("word…")
    assert phrases.shortened(" a \n b ") == "a b"


def test_where_something_is_said_in_a_piece_of_its_own() -> None:
    for kind in ("arrives", "leaves", "sees", "face"):
        likely = phrases.likely(Condition(kind), "en")[:3]
        pieces = [sentences(text, FIRST_OF_ALERT) for text in likely]
        assert [second for _, second in pieces] == phrases.places("en")
        assert len({first for first, _ in pieces}) == 1, "which all share"
