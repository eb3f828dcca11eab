"""Which time a question means: "today", "in the last hour", "since three", "while I was away". Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta


@dataclass(frozen=True, slots=True)
class Period:
    """Aware wall-clock bounds (None: open), and how it is said in an answer. `away`: since the person's last words."""

    since: datetime | None = None
    until: datetime | None = None
    en: str = ""
    zh: str = ""
    away: bool = False


_WORDS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip
_NUMBERS: dict[str, float] = {word: n for n, word in enumerate(_WORDS)} | {
    "a": 1, "an": 1, "half an": 0.5, "couple of": 2, "few": 5, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60,
    "ninety": 90, "半": 0.5, "半个": 0.5, "两": 2, "几": 5,
}  # fmt: skip
_ZH_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")}
_UNITS = {
    "second": 1, "秒": 1, "minute": 60, "min": 60, "分": 60, "hour": 3600, "小时": 3600, "钟头": 3600,
    "day": 86400, "天": 86400, "week": 604800, "周": 604800, "星期": 604800,
}  # fmt: skip
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ZH_DAYS = "一二三四五六日"

_AMOUNT = r"(?P<n>\d{1,3}|half an|couple of|[a-z]+|[零一二两三四五六七八九十半几]+)"
_ZH_AMOUNT = r"(?P<n>\d{1,3}|[零一二两三四五六七八九十半几]+)"
_LAST = (
    r"\b(?:in|during|over|within|for)? ?(?:the )?(?:last|past) "
    rf"(?:(?:{_AMOUNT}) )?(?P<u>second|minute|min|hour|day|week)s?\b"
)
_ZH_LAST = (
    rf"(?:过去|最近|刚过去|近|前)的?{_ZH_AMOUNT}?(?:个)?"
    r"(?P<u>秒|分|小时|钟头|天|周|星期)钟?(?:里|内|之内|以来)?"
)
_SINCE = r"\b(?:since|after) (?P<h>\d{1,2}|[a-z]+)(?::(?P<m>\d\d))? ?(?P<half>o'clock|am|pm|a\.m\.|p\.m\.)?(?=\W|$)"
_ZH_SINCE = (
    r"(?:从|自)?(?P<part>上午|下午|早上|晚上|中午)?(?P<h>\d{1,2}|[零一二两三四五六七八九十]+)点"
    r"(?:(?P<half>半)|(?P<m>\d{1,2})分?)?(?:以后|之后|后|以来|起|开始)"
)
_AWAY = (
    r"\b(?:while|when|since|as) i (?:was |were |had |have )?(?:been )?"
    r"(?:away|gone|out|not (?:here|there|around)|left)\b|\bin my absence\b"
    r"|(?:我|在我)?(?:不在|离开|走开|出去|外出)(?:的时候|的期间|期间|时|以后|之后|的这段时间)"
)


def number(word: str | None) -> float | None:
    """A small spoken number, English or Chinese; None when it is none."""
    if not word:
        return None
    if word.isdigit():
        return float(word)
    if word in _NUMBERS:
        return float(_NUMBERS[word])
    tens, ten, ones = word.partition("十")
    if ten and all(c in _ZH_DIGITS for c in tens + ones):
        return (_ZH_DIGITS[tens] if tens else 1) * 10.0 + (_ZH_DIGITS[ones] if ones else 0)
    return float(_ZH_DIGITS[word]) if word in _ZH_DIGITS else None


def period_of(text: str, now: datetime) -> tuple[Period, str]:
    """The period that a question (lower case) names, and the question without it."""
    for pattern, build in _TABLE:
        for match in re.finditer(pattern, text):
            if period := build(match, now):
                return period, f"{text[: match.start()]} {text[match.end() :]}"
    return Period(), text


def midnight(day: datetime) -> datetime:
    """The beginning of that day."""
    return datetime.combine(day.date(), time.min, day.tzinfo)


def _part(days: int, first: int, last: int, en: str, zh: str) -> Callable[[re.Match[str], datetime], Period]:
    """From hour `first` to hour `last` of the day `days` ago."""

    def build(_: re.Match[str], now: datetime) -> Period:
        start = midnight(now) - timedelta(days=days)
        until = start + timedelta(hours=last)
        return Period(start + timedelta(hours=first), until if until < now else None, en, zh)

    return build


def _last(match: re.Match[str], now: datetime) -> Period | None:
    count = number(match["n"]) if match["n"] else 1.0
    if count is None:
        return None
    since = now - timedelta(seconds=count * _UNITS[match["u"]])
    return Period(since, None, "in that time", "在这段时间里")


def _since(match: re.Match[str], now: datetime) -> Period | None:
    hour, groups = number(match["h"]), match.groupdict()
    if hour is None or hour > 24 or hour % 1:
        return None
    minute = 30 if groups["half"] == "半" else int(groups["m"] or 0)
    afternoon = groups["half"] in ("pm", "p.m.") or groups.get("part") in ("下午", "晚上")
    morning = groups["half"] in ("am", "a.m.") or groups.get("part") in ("上午", "早上")
    base = midnight(now) + timedelta(hours=hour % 12 if afternoon or morning else hour, minutes=minute)
    since = base + timedelta(hours=12) if afternoon else base
    if not (afternoon or morning) and hour <= 12 and since + timedelta(hours=12) <= now:
        since += timedelta(hours=12)  # "since three", asked in the evening, means the afternoon
    if since > now:
        since -= timedelta(days=1)
    return Period(since, None, f"since {since:%H:%M}", f"{since:%H:%M}以后")


def _weekday(match: re.Match[str], now: datetime) -> Period:
    name = match["d"]
    index = _DAYS.index(name) if name in _DAYS else _ZH_DAYS.index(name.replace("天", "日"))
    start = midnight(now) - timedelta(days=(now.weekday() - index) % 7 or 7)
    return Period(start, start + timedelta(days=1), f"on {_DAYS[index].title()}", f"星期{_ZH_DAYS[index]}")


def _away(_: re.Match[str], now: datetime) -> Period:
    return Period(None, None, "while you were away", "你不在的时候", away=True)


_TABLE: tuple[tuple[str, Callable[[re.Match[str], datetime], Period | None]], ...] = (
    (_AWAY, _away),
    (_LAST, _last),
    (_ZH_LAST, _last),
    (r"\blast night\b|昨晚|昨天晚上|昨夜", _part(1, 18, 30, "last night", "昨晚")),
    (r"\bthis morning\b|今天?早上|今早|今天上午|上午", _part(0, 0, 12, "this morning", "今天上午")),
    (r"\bthis afternoon\b|今天?下午", _part(0, 12, 18, "this afternoon", "今天下午")),
    (r"\b(?:this evening|tonight)\b|今天?晚上?", _part(0, 18, 24, "this evening", "今天晚上")),
    (r"\bthe day before yesterday\b|前天", _part(2, 0, 24, "the day before yesterday", "前天")),
    (r"\byesterday\b|昨天", _part(1, 0, 24, "yesterday", "昨天")),
    (r"\btoday\b|今天", _part(0, 0, 24, "today", "今天")),
    (rf"\b(?:on |last )(?P<d>{'|'.join(_DAYS)})\b", _weekday),
    (r"(?:上个?)?(?:星期|周|礼拜)(?P<d>[一二三四五六日天])", _weekday),
    (_SINCE, _since),
    (_ZH_SINCE, _since),
)  # fmt: skip
