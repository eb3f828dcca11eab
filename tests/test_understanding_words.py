"""Guides, translation and commentary as people ask for them, in English and Chinese."""

from __future__ import annotations

from typing import Any

import pytest

from interaction.clock import stopwatch
from interaction.intents import AddWatch, Condition, Control, Intent, Question, Remark, Schedule, Step, Task, Unable
from interaction.understanding import WatchRef, acknowledge, understand
from interaction.understanding.guidance import MOST_STEPS
from tests.expected_intents import NOW

TRANSLATES = frozenset({"translation"})


def heard(text: str, language: str = "", **known: Any) -> list[Intent]:
    zh = any("一" <= character <= "鿿" for character in text)
    return understand(text, language or ("zh" if zh else "en"), now=NOW, **known)


def only(text: str, language: str = "", **known: Any) -> Intent:
    (intent,) = heard(text, language, **known)
    return intent


# ---------------------------------------------------------------- guides

BY_HAND = "by hand"


def says(text: str) -> Condition:
    return Condition("text_says", text=text)


GUIDES: list[tuple[str, list[tuple[object, str | None]]]] = [
    (
        "guide me: when it says Next tell me step 2, then when it says Done tell me to close the lid",
        [(says("Next"), "Step 2"), (says("Done"), "Close the lid")],
    ),
    (
        "Guide me: when it says Next, tell me step 2: unplug the cable, then wait two minutes, then tell me to turn it",
        [(says("Next"), "Step 2: unplug the cable"), (120.0, "Turn it")],
    ),
    (
        "Please guide me. First open the lid, then pour in the water, and finally close it.",
        [(BY_HAND, "Open the lid"), (BY_HAND, "Pour in the water"), (BY_HAND, "Close it")],
    ),
    (
        "walk me through making tea: boil the water, then wait three minutes, then tell me to take my bag out",
        [(BY_HAND, "Boil the water"), (180.0, "Take your bag out")],
    ),
    (
        "guide me: wait until it says Done, then tell me to close the lid, then when someone comes in say hello",
        [(says("Done"), "Close the lid"), (Condition("arrives"), "Hello!")],
    ),
    (
        "guide me step by step: 1. open the box 2. take out the cable 3. plug it in",
        [(BY_HAND, "Open the box"), (BY_HAND, "Take out the cable"), (BY_HAND, "Plug it in")],
    ),
    (
        "guide me: tell me when it says Next, then tell me to turn it after half a minute",
        [(says("Next"), None), (30.0, "Turn it")],
    ),
    (
        "Guide me: when it says Done, open the lid. After that, when nobody is here, tell me to lock up.",
        [(says("Done"), "Open the lid"), (Condition("fewer_than", number=1), "Lock up")],
    ),
    ("guide me: pour it in, then wait a minute", [(BY_HAND, "Pour it in"), (60.0, "It is time.")]),
    ("here are the steps: first mix it, then bake it for me", [(BY_HAND, "Mix it"), (BY_HAND, "Bake it")]),
    (
        "指导我：显示“下一步”的时候告诉我第二步，然后显示“完成”的时候告诉我合上盖子",
        [(says("下一步"), "第二步"), (says("完成"), "合上盖子")],
    ),
    (
        "一步一步带我做：先打开盖子，然后倒水，最后合上盖子",
        [(BY_HAND, "打开盖子"), (BY_HAND, "倒水"), (BY_HAND, "合上盖子")],
    ),
    (
        "指导我：等两分钟，再告诉我翻面，然后有人进来的时候告诉我关火",
        [(120.0, "翻面"), (Condition("arrives"), "关火")],
    ),
    ("教我泡茶：把水烧开，然后等三分钟，然后提醒我把茶包拿出来", [(BY_HAND, "把水烧开"), (180.0, "把茶包拿出来")]),
    ("請指導我：顯示「完成」的時候告訴我關火，然後等一分鐘，再告訴我開門", [(says("完成"), "关火"), (60.0, "开门")]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "steps"), GUIDES, ids=[text[:40] for text, _ in GUIDES])
def test_a_guide_is_one_watch_with_ordered_steps(text: str, steps: list[tuple[object, str | None]]) -> None:
    for language in ("en", "zh"):
        made = only(text, language)
        assert isinstance(made, AddWatch)
        assert [(BY_HAND if s.by_hand else s.condition or s.after, s.say) for s in made.steps] == steps
        first = made.steps[0]
        schedule = Schedule(after=first.after) if first.after else None
        assert (made.condition, made.say, made.wording, made.schedule) == (
            first.condition, first.say, first.wording, schedule,
        )  # fmt: skip


def test_the_list_shows_where_a_guide_is() -> None:
    english, chinese = only(GUIDES[1][0]), only(GUIDES[10][0])
    assert isinstance(english, AddWatch) and isinstance(chinese, AddWatch)
    assert [step.wording for step in english.steps] == [
        "Step 1 of 2, when the text says “Next”: “Step 2: unplug the cable”",
        "Step 2 of 2, after 2 minutes: “Turn it”",
    ]
    assert chinese.steps[1].wording == "第2步（共2步），出现文字“完成”的时候：“合上盖子”"
    assert acknowledge(english, "en").startswith("I'll guide you through 2 steps. Step 1 of 2, when the text says")
    assert acknowledge(only(GUIDES[11][0]), "zh") == "好，共3步，说“下一步”就继续。"


@pytest.mark.parametrize(
    "text",
    ["guide me: when the water boils tell me to pour it, then close it", "指导我：水开了的时候告诉我倒水，然后关火"],
)
def test_a_step_that_cannot_be_seen_is_said_to_be_one(text: str) -> None:
    refusal = only(text)
    assert isinstance(refusal, Unable) and refusal.nearest


@pytest.mark.parametrize("text", ["guide me", "walk me through the installation", "指导我", "一步一步教我做"])
def test_a_guide_without_steps_is_asked_for_them(text: str) -> None:
    asked = only(text)
    assert isinstance(asked, Remark) and asked.reply and any(word in asked.reply for word in ("steps", "步骤"))


@pytest.mark.parametrize(
    "text", ["he guided me through the museum", "take me with you", "带我回家", "她一步一步走过来", "they walk me home"]
)
def test_talk_about_guiding_asks_for_none(text: str) -> None:
    assert only(text) == Remark(text)


def test_a_guide_has_bounds() -> None:
    made = only("guide me: " + ", then ".join(f"do thing {n}" for n in range(80)))
    assert isinstance(made, AddWatch) and len(made.steps) == MOST_STEPS
    long = only("guide me: " + "x" * 900 + ", then " + "y" * 900)
    assert isinstance(long, AddWatch) and all(len(step.say or "") <= 400 for step in long.steps)


GUIDE = WatchRef("w9", "Step 1 of 2", steps=2)
STEPS = [
    ("next step", "step_next", True),
    ("skip this step", "step_next", True),
    ("skip", "step_next", False),
    ("next", "step_next", False),
    ("I'm done", "step_next", False),
    ("done", "step_next", False),
    ("go back", "step_back", False),
    ("previous step", "step_back", True),
    ("go back one step", "step_back", True),
    ("repeat the step", "step_again", True),
    ("say that step again", "step_again", True),
    ("跳过这一步", "step_next", True),
    ("下一步", "step_next", False),
    ("做完了", "step_next", False),
    ("上一步", "step_back", True),
    ("再说一遍这一步", "step_again", True),
]


@pytest.mark.parametrize(("text", "verb", "plain"), STEPS)
def test_a_person_goes_through_the_steps_by_words(text: str, verb: Any, plain: bool) -> None:
    assert only(text, watches=[GUIDE]) == Control(verb)
    without = only(text)
    assert not isinstance(without, Control) and bool(getattr(without, "reply", None)) == plain


@pytest.mark.parametrize(
    "text",
    ["what's the next step?", "which step are we on?", "how many steps are left?", "what now?", "what's next?",
     "下一步是什么？", "现在到第几步了", "还有几步", "接下来做什么"],
)  # fmt: skip
def test_where_a_guide_is_can_be_asked(text: str) -> None:
    asked = only(text, watches=[GUIDE])
    assert isinstance(asked, Question) and asked.kind == "step"


# ---------------------------------------------------------------- translation

ONCE = [
    ("translate what you see into Chinese", "zh"),
    ("read the sign to me in English", "en"),
    ("read it to me in Chinese", "zh"),
    ("tell me what it says in English", "en"),
    ("what does the sign say in German?", "de"),
    ("translate this", None),
    ("can you translate the text on the screen for me?", None),
    ("translate the menu into English please", "en"),
    ("what is that in French?", "fr"),
    ("translate the text on the poster to Spanish", "es"),
    ("翻译一下上面的字", None),
    ("把你看到的翻译成中文", "zh"),
    ("用英语读一下牌子上的字", "en"),
    ("把屏幕上的字翻译成英文", "en"),
    ("这个用英语怎么说", "en"),
    ("请用中文告诉我上面写着什么", "zh"),
]
WHENEVER = [
    ("tell me in English whenever the text changes", "en"),
    ("translate whatever it says into English, each time it changes.", "en"),
    ("whenever the text changes, translate it into Chinese", "zh"),
    ("translate the text whenever it changes", None),
    ("keep translating into English", "en"),
    ("read everything in Chinese", "zh"),
    ("文字变了就用英语告诉我", "en"),
    ("一直翻译屏幕上的文字", None),
    ("每次文字变化都翻译成英文", "en"),
]


@pytest.mark.parametrize(("text", "into"), ONCE)
def test_what_is_read_is_translated_once(text: str, into: str | None) -> None:
    asked = only(text, capabilities=TRANSLATES)
    assert isinstance(asked, Question) and (asked.kind, asked.into) == ("translation", into)


@pytest.mark.parametrize(("text", "into"), WHENEVER)
def test_what_is_read_is_translated_whenever_it_changes(text: str, into: str | None) -> None:
    made = only(text, capabilities=TRANSLATES)
    assert isinstance(made, AddWatch) and made.ask and made.condition == Condition("text_changes")
    assert (made.ask.kind, made.ask.into) == ("translation", into)


@pytest.mark.parametrize("text", [text for text, _ in WHENEVER])
def test_without_a_text_model_it_is_said_what_would_be_needed(text: str) -> None:
    refusal = only(text)
    assert isinstance(refusal, Unable) and "LOOKOUT_LLM_URL" in refusal.needs and refusal.nearest
    nearest = only(refusal.nearest)
    assert isinstance(nearest, AddWatch) and nearest.condition == Condition("text_changes")
    open_ = only(text, capabilities=frozenset({"open-watches"}))
    assert isinstance(open_, AddWatch) and open_.condition is None and open_.ask is None


@pytest.mark.parametrize("text", ["translate hello into French", "翻译good morning"])
def test_words_that_are_said_are_translated_by_the_agent(text: str) -> None:
    assert only(text, capabilities=TRANSLATES) == Task(text)


@pytest.mark.parametrize(
    ("text", "condition", "schedule"),
    [
        ("when it says 出口, translate it into English", says("出口"), None),
        ("every minute translate what you see into Chinese", None, Schedule(every=60.0)),
        ("每分钟翻译一下屏幕上的字", None, Schedule(every=60.0)),
    ],
)
def test_translating_is_something_that_a_watch_can_do(
    text: str, condition: Condition | None, schedule: Schedule | None
) -> None:
    made = only(text, capabilities=TRANSLATES)
    assert isinstance(made, AddWatch) and made.ask and made.ask.kind == "translation"
    assert (made.condition, made.schedule) == (condition, schedule)


def test_it_is_acknowledged_with_its_language() -> None:
    said = acknowledge(only("tell me in English whenever the text changes", capabilities=TRANSLATES), "en")
    assert said == "I'll tell you the translation into English when the text changes."
    assert acknowledge(only("文字变了就用英语告诉我", capabilities=TRANSLATES), "zh") == "好，文字变了我就翻译成英语。"


# ---------------------------------------------------------------- commentary


@pytest.mark.parametrize(
    "text",
    ["commentate", "comment on what happens", "narrate", "describe everything that happens", "give me live commentary",
     "keep me posted about everything that happens", "tell me what happens", "解说一下", "实时解说", "描述发生的一切"],
)  # fmt: skip
def test_commentary_is_a_watch_on_every_change(text: str) -> None:
    made = only(text)
    assert isinstance(made, AddWatch) and made.ask and made.ask.kind == "commentary"
    assert made.condition == Condition("changes") and made.schedule is None
    assert made.wording in ("Comment on what happens", "解说发生的事")
    assert acknowledge(made, "en") == "I'll comment on what happens."


@pytest.mark.parametrize(
    "text",
    ["describe what happens every ten seconds", "every ten seconds tell me what happened", "每十秒描述一下发生了什么"],
)
def test_commentary_may_come_at_intervals(text: str) -> None:
    made = only(text)
    assert isinstance(made, AddWatch) and made.ask and made.ask.kind == "commentary"
    assert made.schedule == Schedule(every=10.0)


def test_a_step_keeps_what_it_needs() -> None:
    made = only(GUIDES[4][0])
    assert isinstance(made, AddWatch)
    assert made.steps[1] == Step(made.steps[1].wording, Condition("arrives"), say="Hello!")


@pytest.mark.parametrize(
    ("lead", "piece"),
    [
        ("translate the text ", "on the ab "),
        ("read the text ", "in the on the "),
        ("tell me what it says ", "in my a "),
        ("guide me: ", "wait two minutes, then "),
        ("guide me: ", "1. a 2. then "),
        ("guide me: ", "when it says a then "),
        ("把上面的字", "翻译给我"),
        ("指导我：", "再等两分钟，然后"),
    ],
)
def test_long_words_take_no_long_time(lead: str, piece: str) -> None:
    heard("translate this"), heard("翻译这个")
    for length in (235, 2000):
        took = stopwatch()
        assert heard((lead + piece * 400)[:length] + "#", capabilities=TRANSLATES)
        assert took() < 2.0  # about 0.01 s on a quiet machine; a pattern that explodes takes minutes
