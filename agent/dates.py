"""Days as people name them, in English and Chinese: `3 march 2027`, `christmas`, `next friday`, `农历新年`.

Works on text that `numbers.digits` has prepared.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from datetime import date, timedelta

from dateutil.easter import easter
from dateutil.relativedelta import relativedelta

MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
MONTHS |= {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name} | {"sept": 9}
WEEKDAYS = {name.lower(): number for number, name in enumerate(calendar.day_name)}
WEEKDAYS_ZH = {mark: number for number, mark in enumerate("一二三四五六日")} | {"天": 6}
# The lunar new year follows the moon; this table (Hong Kong Observatory) ends where it ends, and then we say so.
LUNAR = {2026: (2, 17), 2027: (2, 6), 2028: (1, 26), 2029: (2, 13), 2030: (2, 3), 2031: (1, 23), 2032: (2, 11)}


def _lunar(year: int) -> date | None:
    return date(year, *LUNAR[year]) if year in LUNAR else None


def _nth(year: int, month: int, weekday: int, n: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))


def _fixed(month: int, day: int) -> Callable[[int], date | None]:
    return lambda year: date(year, month, day)


NAMED: dict[str, Callable[[int], date | None]] = {
    "christmas eve|平安夜": _fixed(12, 24),
    "christmas(?: day)?|xmas|圣诞节?": _fixed(12, 25),
    "boxing day|节礼日": _fixed(12, 26),
    "new year'?s? eve|除夕夜|跨年": _fixed(12, 31),
    "(?:the )?new year(?:'?s)?(?: day)?|元旦|新年": _fixed(1, 1),
    "valentine'?s?(?: day)?|情人节": _fixed(2, 14),
    "halloween|万圣节": _fixed(10, 31),
    "国庆节?": _fixed(10, 1),
    "劳动节|may day": _fixed(5, 1),
    "儿童节": _fixed(6, 1),
    "independence day|the fourth of july": _fixed(7, 4),
    "thanksgiving(?: day)?|感恩节": lambda year: _nth(year, 11, 3, 4),
    "easter(?: sunday)?|复活节": easter,
    "(?:chinese|lunar) new year|the spring festival|春节|农历新年|大年初一": _lunar,
}


def find_date(phrase: str, today: date, *, past: bool = False) -> date | None:
    """The day a phrase names, None if it names none. Without a year: the next one from `today` on, or with `past`
    the last one up to it."""
    phrase = phrase.strip(" .,?!。，？").removeprefix("the ")
    return _relative(phrase, today, past) or _named(phrase, today, past) or _calendar(phrase, today, past)


def _relative(phrase: str, today: date, past: bool) -> date | None:
    plain = {"today": 0, "now": 0, "tomorrow": 1, "the day after tomorrow": 2, "yesterday": -1, "今天": 0, "现在": 0}
    plain |= {"明天": 1, "后天": 2, "大后天": 3, "昨天": -1, "前天": -2, "day after tomorrow": 2}
    if phrase in plain:
        return today + timedelta(days=plain[phrase])
    if match := re.fullmatch(rf"(next |last |this |on )?({'|'.join(WEEKDAYS)})", phrase):
        return _weekday(WEEKDAYS[match[2]], today, past or match[1] == "last ")
    if match := re.fullmatch(r"(下|上|这|本)?(?:个)?(?:周|星期|礼拜)([一二三四五六日天])", phrase):
        monday = today - timedelta(days=today.weekday())
        weeks = {"下": 1, "上": -1}.get(match[1] or "", 0)
        day = monday + timedelta(days=WEEKDAYS_ZH[match[2]], weeks=weeks)
        return day if match[1] or day >= today else day + timedelta(weeks=1)
    return None


def _weekday(number: int, today: date, past: bool) -> date:
    if past:
        return today - timedelta(days=(today.weekday() - number) % 7 or 7)
    return today + timedelta(days=(number - today.weekday()) % 7 or 7)


def _named(phrase: str, today: date, past: bool) -> date | None:
    year_said = re.search(r" ?(?:in )?(\d{4})年?的?$|^(\d{4})年的?", phrase)
    name = (phrase.replace(year_said[0], "") if year_said else phrase).removeprefix("next ").strip()
    for pattern, on in NAMED.items():
        if re.fullmatch(pattern, name):
            if year_said:
                return on(int(year_said[1] or year_said[2]))
            days = [day for year in range(today.year - 1, today.year + 2) if (day := on(year))]
            return _nearest(days, today, past)
    return None


def _nearest(days: list[date], today: date, past: bool) -> date | None:
    fitting = [day for day in days if (day <= today if past else day >= today)]
    return (max(fitting) if past else min(fitting)) if fitting else None


def _calendar(phrase: str, today: date, past: bool) -> date | None:
    month = "|".join(sorted(MONTHS, key=len, reverse=True))
    ordinal = r"(\d{1,2})(?:st|nd|rd|th)?"
    if match := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})|(\d{4})年(\d{1,2})月(\d{1,2})[日号]?", phrase):
        return _day(*(int(part) for part in match.groups() if part))
    if match := re.fullmatch(r"(\d{1,2})月(\d{1,2})[日号]?", phrase):
        return _without_year(int(match[1]), int(match[2]), today, past)
    if match := re.fullmatch(rf"(?:the )?{ordinal}(?: of)? ({month})\.?,?(?: (\d{{4}}))?", phrase):
        day, number, year = int(match[1]), MONTHS[match[2]], match[3]
    elif match := re.fullmatch(rf"({month})\.? (?:the )?{ordinal}(?:,? (\d{{4}}))?", phrase):
        day, number, year = int(match[2]), MONTHS[match[1]], match[3]
    else:
        return None
    return _day(int(year), number, day) if year else _without_year(number, day, today, past)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:  # 30 February: not a day, and the planner says that it found none
        return None


def _without_year(month: int, day: int, today: date, past: bool) -> date | None:
    days = [found for year in range(today.year - 8, today.year + 9) if (found := _day(year, month, day))]
    return _nearest(days, today, past)


def shift(day: date, amount: int, unit: str) -> date:
    """`amount` days, weeks, months or years later (earlier if negative). Raises `OverflowError` past year 9999."""
    try:
        if unit == "day":
            return day + timedelta(days=amount)
        if unit == "week":
            return day + timedelta(weeks=amount)
        return day + (relativedelta(months=amount) if unit == "month" else relativedelta(years=amount))
    except ValueError as error:
        raise OverflowError(str(error)) from error


def say_date(day: date, language: str, *, weekday: bool = False) -> str:
    """`3 March 2027`, `Wednesday, 3 March 2027`, `2027年3月3日星期三`."""
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日" + (say_weekday(day, "zh") if weekday else "")
    plain = f"{day.day} {calendar.month_name[day.month]} {day.year}"
    return f"{say_weekday(day, 'en')}, {plain}" if weekday else plain


def say_weekday(day: date, language: str) -> str:
    return "星期" + "一二三四五六日"[day.weekday()] if language == "zh" else calendar.day_name[day.weekday()]
