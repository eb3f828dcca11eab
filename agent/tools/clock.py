"""The clock and the calendar: what time and day it is, and how far it is to another."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field

from agent.dates import find_date, say_date, say_weekday, shift
from agent.numbers import digits
from agent.tools.base import Args, Tool, ToolContext, ToolError, ToolResult
from agent.wording import pick, sentence

CITIES_ZH = {"北京": "Shanghai", "上海": "Shanghai", "东京": "Tokyo", "纽约": "New York", "伦敦": "London",
             "巴黎": "Paris", "柏林": "Berlin", "悉尼": "Sydney", "莫斯科": "Moscow", "洛杉矶": "Los Angeles",
             "香港": "Hong Kong", "台北": "Taipei", "新加坡": "Singapore", "首尔": "Seoul"}  # fmt: skip
CITIES = {"beijing": "Shanghai", "san francisco": "Los Angeles", "boston": "New York", "washington": "New York",
          "munich": "Berlin", "mumbai": "Kolkata", "delhi": "Kolkata", "seattle": "Los Angeles"}  # fmt: skip


class ClockArgs(Args):
    """Which question of the clock. Days as words ("christmas", "3 march 2027") or ISO dates."""

    ask: Literal["time", "today", "until", "since", "weekday", "shift", "between"] = Field(
        description="time: what time is it (place: a city); today: which day; until/since: days to/from `day`;"
        " weekday: of `day`; shift: the day `amount` `unit`s after `day`; between: days from `day` to `other`"
    )
    day: str = Field("", max_length=60)
    other: str = Field("", max_length=60)
    amount: int = Field(0, ge=-1_000_000, le=1_000_000)
    unit: Literal["day", "week", "month", "year"] = "day"
    place: str = Field("", max_length=60)


class Clock(Tool):
    """Time and dates, in the person's own zone."""

    name: ClassVar[str] = "clock"
    description: ClassVar[str] = "The present time and date, weekdays, and how many days lie between dates."
    args: ClassVar[type[Args]] = ClockArgs

    async def run(self, args: ClockArgs, context: ToolContext) -> ToolResult:
        today, language = context.wall.date(), context.language
        match args.ask:
            case "time":
                return ToolResult(_time(args.place, context.wall, language))
            case "today":
                said = say_date(today, language, weekday=True)
                return ToolResult(pick(language, f"Today is {said}.", f"今天是{said}。"))
            case "until":
                return _until(args.day, today, language)
            case "since":
                return _since(args.day, today, language)
            case "weekday":
                day = _find(args.day, today, language)
                return ToolResult(_weekday(day, today, language))
            case "shift":
                return _shift(args, today, language)
            case "between":
                return _between(_find(args.day, today, language), _find(args.other, today, language), language)


def _find(phrase: str, today: date, language: str, *, past: bool = False) -> date:
    day = find_date(digits(phrase, "zh" if any("一" <= mark <= "鿿" for mark in phrase) else "en"), today, past=past)
    if day is None:
        english = sentence(f"I do not know which day {phrase} is")
        raise ToolError(pick(language, english, f"我不知道“{phrase}”是哪一天。"))
    return day


def _time(place: str, wall: datetime, language: str) -> str:
    if not place:
        return pick(language, f"It is {wall:%H:%M}.", f"现在是{wall:%H:%M}。")
    zone = find_zone(place)
    if zone is None:
        english = sentence(f"I do not know the time zone of {place}")
        raise ToolError(pick(language, english, f"我不知道{place}的时区。"))
    there = wall.astimezone(zone)
    english = f"In {place.title()} it is {there:%H:%M} on {say_weekday(there.date(), 'en')}."
    return pick(language, english, f"{place}现在是{say_weekday(there.date(), 'zh')}{there:%H:%M}。")


def find_zone(place: str) -> ZoneInfo | None:
    """The time zone named after a city ("new york", "东京"), None if there is none."""
    city = CITIES_ZH.get(place, CITIES.get(place.lower(), place)).replace(" ", "_").lower()
    for name in sorted(available_timezones()):
        if name.rpartition("/")[2].lower() == city and "/" in name:
            return ZoneInfo(name)
    return None


def _days(count: int, language: str) -> str:
    return pick(language, f"{count:,} day{'' if count == 1 else 's'}", f"{count}天")


def _until(phrase: str, today: date, language: str) -> ToolResult:
    day = _find(phrase, today, language)
    count = (day - today).days
    if count < 0:
        return _since(phrase, today, language)
    said = _said(phrase, day, language)
    if count == 0:
        return ToolResult(
            pick(language, sentence(f"{said} is today"), f"{said}就是今天。"), {"value": "0", "unit": "day"}
        )
    verb = "is" if count == 1 else "are"
    english = f"There {verb} {_days(count, 'en')} until {said}."
    return ToolResult(pick(language, english, f"距离{said}还有{count}天。"), {"value": str(count), "unit": "day"})


def _since(phrase: str, today: date, language: str) -> ToolResult:
    day = _find(phrase, today, language, past=True)
    count = (today - day).days
    if count < 0:
        return _until(phrase, today, language)
    said = _said(phrase, day, language)
    english = f"{sentence(said)[:-1]} was {_days(count, 'en')} ago."
    return ToolResult(pick(language, english, f"{said}是{count}天前。"), {"value": str(count), "unit": "day"})


def _said(phrase: str, day: date, language: str) -> str:
    """Named days by their name, others in full."""
    if any(mark.isdigit() for mark in phrase):
        return say_date(day, language)
    return (
        phrase
        if language == "zh"
        else " ".join(word.capitalize() if word != "the" else word for word in phrase.split())
    )


def _weekday(day: date, today: date, language: str) -> str:
    said, name = say_date(day, language), say_weekday(day, language)
    return pick(language, f"{said} {'was' if day < today else 'is'} a {name}.", f"{said}是{name}。")


def _shift(args: ClockArgs, today: date, language: str) -> ToolResult:
    start = _find(args.day, today, language) if args.day else today
    try:
        day = shift(start, args.amount, args.unit)
    except OverflowError as error:
        raise ToolError(pick(language, "That is beyond my calendar.", "这超出了我的日历范围。")) from error
    count, said = abs(args.amount), say_date(day, language, weekday=True)
    span = f"{count} {args.unit}{'' if count == 1 else 's'}"
    where = "" if not args.day else f" {'after' if args.amount >= 0 else 'before'} {say_date(start, 'en')}"
    english = (
        f"{span}{where or (' from now' if args.amount >= 0 else ' ago')} {'is' if day >= today else 'was'} {said}."
    )
    unit = {"day": "天", "week": "周", "month": "个月", "year": "年"}[args.unit]
    since = "" if not args.day else say_date(start, "zh") + "的"
    return ToolResult(pick(language, english, f"{since}{count}{unit}{'后' if args.amount >= 0 else '前'}是{said}。"))


def _between(first: date, last: date, language: str) -> ToolResult:
    count = abs((last - first).days)
    one, other = say_date(first, language), say_date(last, language)
    verb = "is" if count == 1 else "are"
    english = f"There {verb} {_days(count, 'en')} between {one} and {other}."
    return ToolResult(pick(language, english, f"{one}和{other}之间有{count}天。"), {"value": str(count), "unit": "day"})
