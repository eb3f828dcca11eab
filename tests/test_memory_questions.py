"""How a question to memory is understood: form, period, what it is about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from memory.answers import ago, clock, length
from memory.concepts import concepts, names, shared
from memory.periods import number
from memory.questions import parse

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=timezone(timedelta(hours=8)))  # a Friday


@pytest.mark.parametrize(
    ("text", "form", "label", "events"),
    [
        ("when did someone come in?", "when", "person", ("arrived",)),
        ("What time did the last visitor arrive", "when", "person", ("arrived",)),
        ("has anybody been here today?", "whether", "person", ("arrived",)),
        ("did the cat leave?", "whether", "cat", ("left",)),
        ("how long ago did a car drive off?", "elapsed", "car", ("left",)),
        ("how many people came in?", "count", "person", ("arrived",)),
        ("how often did the dog show up this morning", "count", "dog", ("arrived",)),
        ("where did I leave my cup?", "where", "coffee cup", ()),
        ("where is my bike", "where", "bicycle", ()),
        ("when did I leave the cup here?", "when", "coffee cup", ("arrived",)),
        ("有人什么时候来的", "when", "person", ("arrived",)),
        ("刚才有没有人进来？", "whether", "person", ("arrived",)),
        ("上次有人离开是多久以前？", "elapsed", "person", ("left",)),
        ("今天来过几次客人？", "count", "person", ("arrived",)),
        ("猫什么时候不见了？", "when", "cat", ("left",)),
        ("我的杯子在哪儿", "where", "coffee cup", ()),
        ("what happened in the last hour?", "list", "", ()),
        ("今天发生了什么？", "list", "", ()),
        ("what did I miss?", "list", "", ()),
        ("", "what", "", ()),
    ],
)
def test_forms(text: str, form: str, label: str, events: tuple[str, ...]) -> None:
    query = parse(text, "en", NOW)
    assert (query.form, query.label, query.events) == (form, label, events)


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("what happened today?", "2026-11-20 00:00", None),
        ("who came yesterday?", "2026-11-19 00:00", "2026-11-20 00:00"),
        ("what happened this morning?", "2026-11-20 00:00", "2026-11-20 12:00"),
        ("last night?", "2026-11-19 18:00", "2026-11-20 06:00"),
        ("in the last hour", "2026-11-20 14:00", None),
        ("during the past 20 minutes", "2026-11-20 14:40", None),
        ("in the last half an hour", "2026-11-20 14:30", None),
        ("over the last two days", "2026-11-18 15:00", None),
        ("since 2 pm", "2026-11-20 14:00", None),
        ("after 9:30 am", "2026-11-20 09:30", None),
        ("since two o'clock", "2026-11-20 14:00", None),
        ("since 11 pm", "2026-11-19 23:00", None),
        ("on monday", "2026-11-16 00:00", "2026-11-17 00:00"),
        ("on friday", "2026-11-13 00:00", "2026-11-14 00:00"),
        ("昨天有人来过吗", "2026-11-19 00:00", "2026-11-20 00:00"),
        ("今天上午", "2026-11-20 00:00", "2026-11-20 12:00"),
        ("昨天晚上", "2026-11-19 18:00", "2026-11-20 06:00"),
        ("过去一小时", "2026-11-20 14:00", None),
        ("最近十五分钟里", "2026-11-20 14:45", None),
        ("过去半个小时", "2026-11-20 14:30", None),
        ("下午两点以后", "2026-11-20 14:00", None),
        ("从九点半开始", "2026-11-20 09:30", None),
        ("星期一有人来吗", "2026-11-16 00:00", "2026-11-17 00:00"),
        ("when did someone come in?", None, None),
        ("since something o'clock", None, None),
    ],
)
def test_periods(text: str, since: str | None, until: str | None) -> None:
    period = parse(text, "en", NOW).period
    shown = [at and f"{at:%Y-%m-%d %H:%M}" for at in (period.since, period.until)]
    assert shown == [since, until] and not period.away


@pytest.mark.parametrize(
    "text",
    ["did anyone come in while I was away?", "what happened when I was out", "我不在的时候有人来过吗？", "我离开以后"],
)
def test_while_i_was_away(text: str) -> None:
    assert parse(text, "en", NOW).period.away


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("what did you say about the oven?", ("said", "answered", "task")),
        ("what have you told me?", ("said", "answered", "task")),
        ("你刚才说了什么？", ("said", "answered", "task")),
        ("what did I ask you?", ("heard",)),
        ("what was my last question?", ("heard",)),
        ("我说过什么？", ("heard",)),
        ("where is the cup?", ()),
    ],
)
def test_whose_words(text: str, kinds: tuple[str, ...]) -> None:
    assert parse(text, "en", NOW).kinds == kinds


@pytest.mark.parametrize(
    ("question", "moment", "common"),
    [
        ("where is my mug?", "A cup appeared on the left.", {"cup"}),
        ("我的杯子在哪里？", "A cup appeared on the left.", {"cup"}),
        ("any instrument?", "a guitar on the sofa", {"instrument"}),
        ("where is my violin?", "a guitar on the sofa", set()),
        ("did my son come?", "a child came in", {"child"}),
        ("who left the keys?", "the key hangs there", {"key"}),
        ("where did I put it?", "I put it there", set()),
        ("批次号是多少？", "批次号写在箱子上", {"批次", "次号"}),
    ],
)
def test_what_question_and_moment_share(question: str, moment: str, common: set[str]) -> None:
    assert shared(concepts(question), concepts(moment)) == common


def test_names_of_a_thing_in_both_languages() -> None:
    found = names(concepts("where is my mug?"))
    assert {"cup", "mug", "杯子"} <= set(found) and len(found) <= 40
    assert names(frozenset({"zebra"})) == ["zebra"]


@pytest.mark.parametrize(
    ("word", "value"),
    [("7", 7), ("twelve", 12), ("十五", 15), ("三十", 30), ("二十五", 25), ("半", 0.5), ("xx", None), ("", None)],
)
def test_spoken_numbers(word: str, value: float | None) -> None:
    assert number(word) == value


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [(3, "just now", "刚刚"), (40, "40 seconds ago", "40秒前"), (60, "one minute ago", "一分钟前"),
     (7200, "two hours ago", "两个小时前"), (86399, "24 hours ago", "24个小时前"), (90000, "", "")],
)  # fmt: skip
def test_how_long_ago(seconds: int, english: str, chinese: str) -> None:
    at = NOW - timedelta(seconds=seconds)
    assert (ago(at, NOW, False), ago(at, NOW, True)) == (english, chinese)


def test_times_are_told_in_the_zone_of_the_person() -> None:
    utc = datetime(2026, 11, 20, 6, 3, tzinfo=UTC)
    assert clock(utc, NOW, False) == "at 14:03" and clock(utc, NOW, True) == "在14:03"
    assert clock(utc - timedelta(days=1), NOW, False) == "yesterday at 14:03"
    assert clock(utc - timedelta(days=30), NOW, False) == "on Wednesday 21 October at 14:03"
    assert length(timedelta(days=3), True) == "三天"
