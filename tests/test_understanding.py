"""What holds for every utterance, and what depends on more than the words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config import Settings
from interaction.clock import stopwatch
from interaction.intents import AddWatch, Condition, Control, Intent, Question, Remark, Schedule, Task, Unable
from interaction.understanding import WatchRef, acknowledge, as_watch, examples, language_of, understand
from tests import test_understanding_en, test_understanding_zh
from tests.expected_intents import LANES, NOW, WATCHES

OPEN = frozenset({"open-watches"})
INTENTS = (AddWatch, Question, Task, Control, Unable, Remark)

# Said near the microphone, not to the house: nothing may be armed, answered or sent to the agent.
NOT_REQUESTS = [
    "",
    " ",
    "mm",
    "hmm",
    "...",
    "?",
    "you",
    "okay",
    "no",
    "I told him to come in",
    "the cat is nice",
    "someone came in",
    # talk about watching, reading, timers
    "the timer is broken",
    "I forgot the timer",
    "stop by tomorrow",
    "what a day",
    "how nice",
    "read a lot of books",
    "count me in",
    "tell him when someone comes in",
    "let's set off in ten minutes",
    "Someone comes in every day",
    "when someone comes in, I get nervous",
    "I like it when someone comes in",
    "she said that two people were here",
    "we set a timer yesterday",
    "my reminder did not work",
    "stop signs are red",
    "I was counting people",
    "he never reads what it says",
    "they told me the time",
    "it was half past three",
    "the pot boils over all the time",
    "in ten minutes the train leaves",
    "every five minutes someone calls",
    "I'll call you in ten minutes",
    "tomorrow at nine I have a meeting",
    "thank God",
    "Anna came in",
    "good idea",
    "嗯",
    "啊",
    "好的",
    "有人进来了",
    "猫很可爱",
    "我叫他进来了",
    "他每天九点来",
    "我们昨天数了人",
    "会议三点开始",
    "十分钟后火车就开了",
    "她说有两个人",
    "我不喜欢有人进来",
    "今天天气很好",
    "昨天有人来了",
]


def heard(text: str, language: str = "en", **more: object) -> list[Intent]:
    return understand(text, language, now=NOW, watches=WATCHES, lanes=LANES, **more)  # type: ignore[arg-type]


def only(text: str, language: str = "en", **more: object) -> Intent:
    (intent,) = heard(text, language, **more)
    return intent


# ---------------------------------------------------------------- any text


WORDS = sorted({word for text, *_ in test_understanding_en.CASES for word in str(text).split()})
SIGNS = sorted({sign for text, *_ in test_understanding_zh.CASES for sign in str(text)})
SAID = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join),
    st.lists(st.sampled_from(SIGNS), max_size=24).map("".join),
    st.lists(st.sampled_from([*WORDS[::7], *SIGNS[::7]]), max_size=14).map(" ".join),
)


@settings(max_examples=150, deadline=None)
@given(SAID, st.sampled_from(["en", "zh"]))
def test_any_text_means_something_and_breaks_nothing(text: str, language: str) -> None:
    made = heard(text, language)
    assert made and all(isinstance(intent, INTENTS) for intent in made)
    assert all(acknowledge(intent, language, NOW) for intent in made if isinstance(intent, AddWatch))
    assert all(len(i.wording) <= 120 for i in made if isinstance(i, AddWatch))


@settings(max_examples=40, deadline=None)
@given(SAID, st.text(max_size=20), st.sampled_from(["en", "zh"]))
def test_names_of_sources_and_watches_break_nothing(text: str, name: str, language: str) -> None:
    refs = (*WATCHES, WatchRef("w9", name, None, None, say=name))
    assert understand(text, language, now=NOW, watches=refs, lanes=(name, "a(b", "[")) != []


@pytest.mark.parametrize(
    "piece",
    [
        "and ",
        "when ",
        "tell me when ",
        "the ",
        "in the ",
        "a",
        "1",
        "1,",
        "有人",
        "的",
        "告诉我",
        "每",
        "someone comes in ",
        "who that which ",
        "one hundred ",
        "half ",
        "一",
        "了",
        "在这里",
        "two and ",
        "读",
        "上面",
        "现在",
        "几",
        "，",
        '"',
        "（",
    ],
)
def test_a_long_text_takes_no_long_time(piece: str) -> None:
    limit = Settings().session.text_chars
    heard("warm up"), heard("热身")
    for length in (230, limit):
        took = stopwatch()
        assert heard((piece * limit)[:length])
        assert took() < 2.0  # about 0.05 s on a quiet machine; a pattern that explodes takes minutes


def test_a_long_task_is_kept_whole() -> None:
    text = "write a python program that " + "prints a number and then " * 40 + "stops"
    intent = only(text)
    assert isinstance(intent, Task) and intent.text.endswith("stops")


# ---------------------------------------------------------------- not everything is a request


@pytest.mark.parametrize("text", NOT_REQUESTS)
def test_talk_that_is_not_meant_for_the_house_does_nothing(text: str) -> None:
    for language in ("en", "zh"):
        (intent,) = heard(text, language)
        assert intent in (Remark(text.strip()), Remark(text))


def test_nothing_said_is_a_remark_without_a_reply() -> None:
    assert heard("") == [Remark("")]


# ---------------------------------------------------------------- what a model adds


@pytest.mark.parametrize(
    "text",
    [
        "tell me when the pot boils over",
        "tell me if she looks sad",
        "let me know when the door opens",
        "tell me when a red car shows up",
        "translate whatever appears on the screen into English",
        "一直翻译屏幕上的文字",
        "水开了告诉我",
        "有人摔倒了告诉我",
    ],
)
def test_with_a_model_a_wish_in_words_is_a_watch(text: str) -> None:
    assert isinstance(only(text), Unable)
    made = only(text, capabilities=OPEN)
    assert isinstance(made, AddWatch) and made.condition is None and made.schedule is None and made.wording


@pytest.mark.parametrize("text", ["tell me when the dog barks", "tell me when it smells burnt", "狗叫的时候告诉我"])
def test_what_no_picture_shows_stays_impossible(text: str) -> None:
    assert isinstance(only(text, capabilities=OPEN), Unable)


def test_a_model_keeps_the_manner_of_a_wish() -> None:
    made = only("for the next ten minutes tell me right away when the pot in the kitchen boils over", capabilities=OPEN)
    assert made == AddWatch("The pot boils over", source="kitchen", urgent=True, expires=600)


def test_a_model_changes_nothing_for_what_can_be_seen() -> None:
    assert only("tell me when someone comes in", capabilities=OPEN) == only("tell me when someone comes in")


def unable_cases() -> list[str]:
    cases = [*test_understanding_en.CASES, *test_understanding_zh.CASES]
    return [str(text) for text, *expected in cases if any(getattr(e, "type", None) is Unable for e in expected)]


@pytest.mark.parametrize("text", unable_cases())
def test_the_nearest_thing_can_really_be_watched(text: str) -> None:
    refusal = only(text, language_of(text))
    assert isinstance(refusal, Unable) and refusal.what and refusal.needs
    if refusal.nearest:
        offered = only(refusal.nearest, language_of(text))
        assert isinstance(offered, AddWatch) and offered.condition


# ---------------------------------------------------------------- what stands already


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("change that to step two", "en", "step two"),
        ("change it to 'Exit 7'", "en", "Exit 7"),
        ("改成第二步", "zh", "第二步"),
    ],
)
def test_a_watch_for_words_is_changed_to_other_words(text: str, language: str, words: str) -> None:
    ref = WatchRef("w7", "The text says “step one”", Condition("text_says", text="step one"), say="Now.")
    cancel, armed = understand(text, language, now=NOW, watches=[ref])
    assert isinstance(cancel, Control) and cancel.target == ("w7",)
    assert isinstance(armed, AddWatch) and armed.condition == Condition("text_says", text=words) and armed.say == "Now."
    (reply,) = understand("I meant something nice", "en", now=NOW, watches=[ref])
    assert isinstance(reply, Remark)  # only an order to change it is one


def test_a_change_keeps_what_was_said_beside_the_watch() -> None:
    ref = WatchRef("w7", "x", Condition("more_than", number=2), say="too many", source="kitchen", urgent=True)
    cancel, made = understand("change that to four people", "en", now=NOW, watches=[ref])
    assert cancel == Control("cancel_watch", ("w7",))
    assert isinstance(made, AddWatch)
    assert (made.condition, made.say, made.source, made.urgent) == (
        Condition("more_than", number=4), "too many", "kitchen", True,
    )  # fmt: skip


def test_at_least_stays_at_least_when_the_number_changes() -> None:
    armed = only("tell me when at least two people are here")
    assert isinstance(armed, AddWatch) and armed.condition
    ref = WatchRef("w1", armed.wording, armed.condition)
    _, made = understand("make it three", "en", now=NOW, watches=[ref])
    assert isinstance(made, AddWatch) and made.condition == Condition("more_than", number=2)


def test_an_interval_changed_stays_an_interval() -> None:
    ref = WatchRef("w1", "Every hour: the time", None, Schedule(every=3600.0), ask=Question("time", "the time"))
    _, made = understand("change that to every ten minutes", "en", now=NOW, watches=[ref])
    assert isinstance(made, AddWatch) and made.schedule == Schedule(every=600.0) and made.ask == ref.ask


@pytest.mark.parametrize(("text", "language"), [("change that to two people", "en"), ("改成两个人", "zh")])
def test_nothing_to_change_is_said(text: str, language: str) -> None:
    (intent,) = understand(text, language, now=NOW)
    assert isinstance(intent, Remark) and intent.reply


@pytest.mark.parametrize(
    "text", ["stop watching for cars", "forget about the dog", "cancel the second timer watch", "别看狗了"]
)
def test_what_is_not_watched_cannot_be_cancelled(text: str) -> None:
    (intent,) = understand(text, "en", now=NOW, watches=WATCHES[:1])
    assert isinstance(intent, Remark) and intent.reply


def test_a_source_is_named_as_the_house_names_it() -> None:
    for said, lane in (
        ("the Front Door", "front-door"),
        ("the front-door camera", "Front Door"),
        ("the kitchen", "Kitchen"),
    ):
        (made,) = understand(f"tell me when someone comes in at {said}", "en", now=NOW, lanes=[lane])
        assert isinstance(made, AddWatch) and made.source == lane


def test_a_place_that_is_no_source_binds_nothing() -> None:
    (made,) = understand("tell me when someone comes into the garage", "en", now=NOW, lanes=["kitchen"])
    assert isinstance(made, AddWatch) and made.source is None


# ---------------------------------------------------------------- words back


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("tell me when someone comes in", "en", "I'll tell you when someone comes in."),
        ("tell me the next time a cat appears", "en", "I'll tell you the next time a cat appears."),
        ("say hello when someone comes in", "en", "I'll say “Hello!” when someone comes in."),
        ("count aloud each time someone comes in", "en", "I'll count aloud each time someone comes in."),
        ("count the cups", "en", "I'll tell you when the number of cups changes."),
        ("remind me in ten minutes to take the tea out", "en", "I'll remind you in 10 minutes."),
        ("remind me tomorrow at nine to buy milk", "en", "I'll remind you tomorrow at 9:00 am."),
        ("set a timer for 90 seconds", "en", "Timer set for 1 minute 30 seconds."),
        ("every five minutes tell me the time", "en", "I'll tell you the time every 5 minutes."),
        ("read the text whenever it changes", "en", "I'll read the text when it changes."),
        (
            "for the next hour tell me if anything moves",
            "en",
            "I'll tell you when something moves, for the next hour.",
        ),
        ("有人进来的时候告诉我", "zh", "好，有人进来我就告诉你。"),
        ("十分钟后提醒我把茶拿出来", "zh", "好，10分钟后提醒你。"),
        ("每小时报时", "zh", "好，每小时报时间。"),
    ],
)
def test_an_acknowledgement_is_one_short_sentence(text: str, language: str, said: str) -> None:
    wish = only(text, language)
    assert isinstance(wish, AddWatch) and acknowledge(wish, language, NOW) == said


def test_the_wording_is_in_the_language_of_the_person() -> None:
    english, chinese = only("tell me when someone comes in", "zh"), only("有人进来就告诉我", "en")
    assert isinstance(english, AddWatch) and isinstance(chinese, AddWatch)
    assert (english.wording, chinese.wording) == ("Someone comes in", "有人进来")
    assert english.condition == chinese.condition


def watch_cases() -> list[tuple[str, AddWatch]]:
    cases = [*test_understanding_en.CASES, *test_understanding_zh.CASES]
    made = [(str(text), intent) for text, *_ in cases for intent in heard(str(text), language_of(str(text)))]
    return [(text, intent) for text, intent in made if isinstance(intent, AddWatch) and intent.condition]


def test_the_wording_of_a_watch_can_be_typed_as_a_watch() -> None:
    misread = {}
    for text, armed in watch_cases():
        plain = replace(armed, say=None, ask=None)
        if ":" in armed.wording or "：" in armed.wording:
            continue  # "Someone comes in: say …" shows more than the condition
        read = as_watch(armed.wording, language_of(text), now=NOW)
        if not isinstance(read, AddWatch) or read.condition != plain.condition:
            misread[armed.wording] = read
    assert misread == {}


def test_words_that_mean_no_watch_are_refused() -> None:
    assert isinstance(as_watch("blah blah", "en", now=NOW), Unable)
    assert isinstance(as_watch("what time is it", "en", now=NOW), Unable)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("capabilities", [frozenset[str](), OPEN])
def test_every_example_is_really_understood(language: str, capabilities: frozenset[str]) -> None:
    listed = examples(language, capabilities)
    assert len(listed) >= 10 and all(len(text) <= 60 for text in listed)
    for text in listed:
        for intent in understand(text, language, now=NOW, capabilities=capabilities):
            assert not isinstance(intent, Unable | Remark), text


def test_the_language_of_a_text_is_seen_in_its_script() -> None:
    assert [language_of(t, "en") for t in ("hello", "你好", "tell me 你好", "17", "")] == ["en", "zh", "zh", "en", "en"]
    assert language_of("17", "zh") == "zh"
