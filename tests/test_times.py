"""Durations and times of day as people say them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interaction.understanding.times import (
    CLOCK_EN,
    CLOCK_ZH,
    DURATION_EN,
    DURATION_ZH,
    LONGEST_S,
    clock_time,
    duration,
    say_duration,
    say_time,
)

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=timezone(timedelta(hours=-5)))  # a Wednesday

ENGLISH = {
    "ten minutes": 600, "an hour and a half": 5400, "half an hour": 1800, "30 s": 30, "1 hour 30 minutes": 5400,
    "two and a half hours": 9000, "a quarter of an hour": 900, "three quarters of an hour": 2700, "90 secs": 90,
    "a minute": 60, "a couple of minutes": 120, "1h30m": 5400, "1 hour and 5 min": 3900, "twenty-five minutes": 1500,
    "30-second": 30, "half a minute": 30, "1.5 hours": 5400, "two days": 172_800, "one hour, ten minutes": 4200,
}  # fmt: skip
CHINESE = {
    "十分钟": 600, "半小时": 1800, "半个小时": 1800, "一个半小时": 5400, "一小时三十分钟": 5400, "两个钟头": 7200,
    "一刻钟": 900, "三刻钟": 2700, "九十秒": 90, "一分半": 90, "两分钟半": 150, "一小时半": 5400, "两天": 172_800,
    "1小时30分钟": 5400, "30秒": 30, "两个半钟头": 9000,
}  # fmt: skip
CLOCK_ENGLISH = {
    "half past three": (15, 30, 0), "quarter to five": (16, 45, 0), "ten past six": (18, 10, 0), "3": (15, 0, 0),
    "3:30": (15, 30, 0), "15:30": (15, 30, 0), "3 pm": (15, 0, 0), "3.30 p.m.": (15, 30, 0), "half three": (15, 30, 0),
    "noon": (12, 0, 0), "midnight": (0, 0, 1), "three o'clock": (15, 0, 0), "three thirty": (15, 30, 0),
    "five oh five": (17, 5, 0), "tomorrow at 9": (9, 0, 1), "9 tomorrow morning": (9, 0, 1), "tonight at 8": (20, 0, 0),
    "8 in the evening": (20, 0, 0), "friday at 3": (15, 0, 2), "tomorrow at noon": (12, 0, 1), "11": (11, 0, 0),
    "10": (22, 0, 0), "9 am": (9, 0, 1), "twenty to one": (12, 40, 0),
}  # fmt: skip
CLOCK_CHINESE = {
    "三点": (15, 0, 0), "三点半": (15, 30, 0), "三点一刻": (15, 15, 0), "下午三点": (15, 0, 0),
    "晚上八点二十": (20, 20, 0), "明天早上九点": (9, 0, 1), "明天中午": (12, 0, 1), "十五点三十": (15, 30, 0),
    "15:30": (15, 30, 0), "差五分三点": (14, 55, 0), "凌晨两点": (2, 0, 1), "今晚八点": (20, 0, 0), "午夜": (0, 0, 1),
    "中午十二点": (12, 0, 0), "下午3点半": (15, 30, 0), "三点零五分": (15, 5, 0), "后天上午十点": (10, 0, 2),
}  # fmt: skip


def moment(hour: int, minute: int, days: int) -> datetime:
    return NOW.replace(hour=hour, minute=minute) + timedelta(days=days)


@pytest.mark.parametrize(("text", "seconds"), ENGLISH.items())
def test_english_durations(text: str, seconds: float) -> None:
    assert duration(text) == seconds
    assert re.fullmatch(DURATION_EN, text), "the fragment finds what the function reads"


@pytest.mark.parametrize(("text", "seconds"), CHINESE.items())
def test_chinese_durations(text: str, seconds: float) -> None:
    assert duration(text, "zh") == seconds
    assert re.fullmatch(DURATION_ZH, text), "the fragment finds what the function reads"


@pytest.mark.parametrize(
    "text", ["", "minutes", "ten", "ten apples", "zero minutes", "0 s", "500 days", "十", "分钟", "零分钟"]
)
def test_what_is_no_duration(text: str) -> None:
    assert duration(text, "en") is None and duration(text, "zh") is None


@pytest.mark.parametrize(("text", "wanted"), CLOCK_ENGLISH.items())
def test_english_times_of_day(text: str, wanted: tuple[int, int, int]) -> None:
    assert clock_time(text, NOW) == moment(*wanted)
    assert re.fullmatch(CLOCK_EN, text), "the fragment finds what the function reads"


@pytest.mark.parametrize(("text", "wanted"), CLOCK_CHINESE.items())
def test_chinese_times_of_day(text: str, wanted: tuple[int, int, int]) -> None:
    assert clock_time(text, NOW, "zh") == moment(*wanted)
    assert re.fullmatch(CLOCK_ZH, text), "the fragment finds what the function reads"


@pytest.mark.parametrize("text", ["", "25", "13 pm o", "3:75", "soon", "half past", "二十五点", "三点七十分", "点"])
def test_what_is_no_time_of_day(text: str) -> None:
    assert clock_time(text, NOW, "en") is None and clock_time(text, NOW, "zh") is None


def test_small_hours_are_meant_only_when_they_are_near() -> None:
    evening = NOW.replace(hour=22)
    assert clock_time("3", evening) == NOW.replace(hour=3) + timedelta(days=1)  # five hours away
    assert clock_time("3", NOW.replace(hour=16)) == NOW.replace(hour=15) + timedelta(days=1)  # not in the night


@given(st.floats(1, LONGEST_S), st.sampled_from(["en", "zh"]))
def test_a_duration_that_is_said_is_read_back(seconds: float, language: str) -> None:
    whole = float(round(seconds))
    assert duration(say_duration(whole, language), language) == whole


@given(st.integers(0, 23), st.integers(0, 59), st.integers(1, 24 * 60 - 1))
def test_a_time_is_always_ahead_and_within_a_day(hour: int, minute: int, ahead: int) -> None:
    now = NOW.replace(hour=hour, minute=minute)
    then = now + timedelta(minutes=ahead)
    assert clock_time(f"{then:%H:%M}" if then.hour > 12 else f"{then.hour % 12 or 12}:{then:%M} {then:%p}", now) == then


@given(st.text(max_size=90), st.sampled_from(["en", "zh"]))
def test_no_text_breaks_it(text: str, language: str) -> None:
    seconds, time = duration(text, language), clock_time(text, NOW, language)
    assert seconds is None or 0 < seconds <= LONGEST_S
    assert time is None or NOW < time <= NOW + timedelta(days=9)


def test_times_are_said_with_the_day_when_it_is_another() -> None:
    assert say_time(moment(15, 30, 0), NOW, "en") == "3:30 pm"
    assert say_time(moment(9, 0, 1), NOW, "en") == "tomorrow at 9:00 am"
    assert say_time(moment(9, 0, 2), NOW, "en") == "Friday at 9:00 am"
    assert say_time(moment(15, 30, 1), NOW, "zh") == "明天15:30"
