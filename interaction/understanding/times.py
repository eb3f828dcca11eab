"""Durations and times of day as people say and type them, in English and Chinese. Pure.

Durations are seconds; times of day become the next aware `datetime` after `now` that fits.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from interaction.understanding.numerals import NUMBER_EN, NUMBER_ZH, number

# A reminder further away than a year is a calendar's business.
LONGEST_S = 366 * 86_400.0

_UNITS_EN = (
    ("seconds?|secs?|s", 1.0),
    ("minutes?|mins?|m", 60.0),
    ("hours?|hrs?|hr|h", 3_600.0),
    ("days?|d", 86_400.0),
    ("weeks?", 604_800.0),
)
_UNIT_EN = "(?:" + "|".join(pattern for pattern, _ in _UNITS_EN) + r")(?![a-z])"
_PART_EN = rf"(?:{NUMBER_EN} ?-?{_UNIT_EN})"
_MORE_EN = rf"(?:,? ?(?:and )?(?:a half|a quarter|(?:half|quarter|three quarters) of an? hour|{_PART_EN}))"
# Where a duration may stand in a sentence; `duration` decides whether it is one.
DURATION_EN = rf"(?:half an? {_UNIT_EN}|{_PART_EN}{_MORE_EN}{{0,3}})"
UNIT_EN = r"(?:second|minute|hour|day|week)"

_UNITS_ZH = (
    ("秒钟?", 1.0),
    ("分钟?", 60.0),
    ("个?小时|个?钟头|个钟", 3_600.0),
    ("刻钟?", 900.0),
    ("天|日", 86_400.0),
    ("个?星期|个?礼拜|周", 604_800.0),
)
_UNIT_ZH = "(?:" + "|".join(pattern for pattern, _ in _UNITS_ZH) + ")"
_PART_ZH = rf"(?:{NUMBER_ZH}(?:个半(?:小时|钟头|星期)|{_UNIT_ZH}))"
DURATION_ZH = rf"(?:{_PART_ZH}(?:[零又]?{_PART_ZH}){{0,3}}半?钟?)"

_HOURS = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_HOUR_EN = rf"(?:\d{{1,2}}|(?:{_HOURS})\b)"
_MINUTE_WORD = (
    r"(?:(?:oh|o) (?:one|two|three|four|five|six|seven|eight|nine)|(?:twenty|thirty|forty|fifty)(?:[ -](?:one"
    r"|two|three|four|five|six|seven|eight|nine))?|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen"
    r"|seventeen|eighteen|nineteen)"
)
_HALF_EN = r"(?:a\.?m\.?|p\.?m\.?)(?![a-z])"
_PERIOD_EN = r"(?:in the (?:morning|afternoon|evening)|at night|tonight|this (?:morning|afternoon|evening))"
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY_EN = (
    rf"(?:today|tonight|tomorrow(?: (?:morning|afternoon|evening|night))?"
    rf"|(?:on )?(?:next )?(?:{'|'.join(_WEEKDAYS)}))"
)
_OF_DAY_EN = (
    rf"(?:noon|midday|midnight|(?:half past|half|(?:a )?quarter (?:past|to|after)|(?:\d{{1,2}}|five|ten|twenty"
    rf"|twenty[ -]five)"
    rf"(?: minutes?)? (?:past|to|after)) {_HOUR_EN}|{_HOUR_EN} {_MINUTE_WORD}|{_HOUR_EN}(?:[:.h]\d\d)?)"
)
CLOCK_EN = (
    rf"(?:(?:{_DAY_EN},? )?(?:at )?{_OF_DAY_EN}(?: o'?clock)?(?: ?{_HALF_EN})?(?: {_PERIOD_EN})?(?:,? "
    rf"{_DAY_EN})?)"
)

_DAY_ZH = r"(?:今天|明天|后天|今晚|明晚|今早|明早)"
_PERIOD_ZH = r"(?:凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜里|半夜)"
_NUM_ZH = r"(?:\d{1,2}|[零〇一二两三四五六七八九十]{1,3})"
CLOCK_ZH = (
    rf"(?:{_DAY_ZH}?的?{_PERIOD_ZH}?(?:(?:差{_NUM_ZH}分(?:钟)?)?{_NUM_ZH}点钟?(?:半|整|[一三]刻"
    rf"|零?{_NUM_ZH}分?(?!钟))?"
    rf"|\d{{1,2}}[:：]\d\d)|{_DAY_ZH}?(?:正午|午夜)|{_DAY_ZH}中午)"
)


def duration(text: str, language: str = "en") -> float | None:
    """Seconds of a duration ("an hour and a half", "一个半小时"), or None; more than 0, at most a year."""
    text = text.strip().lower()
    if not text or len(text) > 120:
        return None
    seconds = _duration_zh(text) if language == "zh" else _duration_en(text)
    return seconds if seconds is not None and 0 < seconds <= LONGEST_S else None


def _duration_en(text: str) -> float | None:
    text = re.sub(r"^((?:an?|the)? ?(?:good|full|whole) )", "a ", text)
    if match := re.fullmatch(rf"half an? ({_UNIT_EN})", text):
        return _unit_en(match[1]) / 2
    if match := re.fullmatch(rf"(?:a )?(quarter|three quarters) of an? ({_UNIT_EN})", text):
        return _unit_en(match[2]) * (0.25 if match[1] == "quarter" else 0.75)
    total, unit, at = 0.0, 0.0, 0
    piece = re.compile(rf"(?:,? ?(?:and )?)(?:(?P<half>a half|a quarter)$|(?P<n>{NUMBER_EN}) ?-?(?P<unit>{_UNIT_EN}))")
    while at < len(text):
        match = piece.match(text, at)
        if match is None:
            return None
        if match["half"]:
            if not unit:
                return None
            total += unit * (0.5 if match["half"] == "a half" else 0.25)
        else:
            count, unit = number(match["n"].removesuffix(" of"), "en"), _unit_en(match["unit"])
            if count is None:
                return None
            total += count * unit
        at = match.end()
    return total


def _unit_en(unit: str) -> float:
    return next(seconds for pattern, seconds in _UNITS_EN if re.fullmatch(pattern, unit))


def _duration_zh(text: str) -> float | None:
    text = re.sub(r"\s", "", text)
    total, unit, at = 0.0, 0.0, 0
    piece = re.compile(
        rf"[零又]?(?P<n>{NUMBER_ZH})(?:个半(?P<long>小时|钟头|星期)|个?半(?P<short>分钟?)|(?P<unit>{_UNIT_ZH}))"
    )
    while at < len(text):
        if unit and text[at:] in ("半", "半钟"):
            return total + unit / 2
        match = piece.match(text, at)
        if match is None:
            return None
        unit = _unit_zh(match["unit"] or match["long"] or match["short"])
        count = number(match["n"], "zh")
        if count is None:
            return None
        total += (count + (0 if match["unit"] else 0.5)) * unit
        at = match.end()
    return total


def _unit_zh(unit: str) -> float:
    return next(
        seconds for pattern, seconds in _UNITS_ZH if re.fullmatch(pattern, unit) or re.fullmatch(pattern, "个" + unit)
    )


def clock_time(text: str, now: datetime, language: str = "en") -> datetime | None:
    """The next moment after `now` (aware) that a time of day names ("half past three", "明天下午三点"), or None.

    Without "am" or "pm" the next of the two is taken, but not one that lies in the small hours more than six
    hours away: who says "at three" at ten in the evening means the afternoon.
    """
    text = text.strip().lower()
    if not text or len(text) > 80:
        return None
    return _clock_zh(re.sub(r"\s", "", text), now) if language == "zh" else _clock_en(text, now)


def _clock_en(text: str, now: datetime) -> datetime | None:
    days, weekday = 0 if re.search(r"\b(?:today|tonight|this)\b", text) else None, None
    night = bool(re.search(r"\b(?:tonight|at night|evening|afternoon)\b|tomorrow night", text))
    morning = "morning" in text
    if "tomorrow" in text:
        days = 1
    for i, name in enumerate(_WEEKDAYS):
        if name in text:
            weekday = i
    rest = re.sub(rf",? ?(?:{_PERIOD_EN}|{_DAY_EN}),? ?(?:at )?", " ", text)
    rest = re.sub(r"^at | o'?clock", "", rest.strip()).strip()
    half = None
    if match := re.search(rf" ?({_HALF_EN})$", rest):
        half, rest = match[1][0], rest[: match.start()].strip()
    half = half or ("p" if night else "a" if morning else None)
    parsed = _of_day_en(rest)
    return None if parsed is None else _next(now, *parsed, half, days, weekday)


def _of_day_en(text: str) -> tuple[int, int] | None:
    if text in ("noon", "midday"):
        return 12, -1
    if text == "midnight":
        return 24, -1
    if match := re.fullmatch(r"(\d{1,2})(?:[:.h](\d\d))?", text, re.ASCII):
        return int(match[1]), int(match[2] or 0) if match[2] else 0
    if match := re.fullmatch(r"(half past|half|(?:a )?quarter (?:past|to|after)|.+ (?:past|to|after)) (\S+)", text):
        hour = number(match[2])
        minutes = _offset_en(match[1])
        if hour is None or minutes is None:
            return None
        return (int(hour), minutes) if minutes >= 0 else ((int(hour) - 1) or 12, 60 + minutes)
    hour_word, _, minute_words = text.partition(" ")
    hour = number(hour_word)
    if hour is None or hour != int(hour):
        return None
    minute = number(re.sub(r"^(?:oh|o) ", "", minute_words)) if minute_words else 0.0
    return None if minute is None else (int(hour), int(minute))


def _offset_en(words: str) -> int | None:
    if words in ("half past", "half"):
        return 30
    sign = -1 if words.endswith(" to") else 1
    count = words.rsplit(" ", 1)[0].removesuffix(" minutes").removesuffix(" minute")
    minutes = 15.0 if count.endswith("quarter") else number(count)
    return sign * int(minutes) if minutes is not None and 0 < minutes < 60 else None


def _clock_zh(text: str, now: datetime) -> datetime | None:
    match = re.fullmatch(
        rf"(?P<day>{_DAY_ZH})?的?(?P<period>{_PERIOD_ZH})?(?:(?:差(?P<lack>{_NUM_ZH})分钟?)?(?:"
        rf"(?P<hour>{_NUM_ZH})点钟?"
        rf"(?:(?P<part>半|整|[一三]刻)|零?(?P<minute>{_NUM_ZH})分?)?|(?P<h>\d{{1,2}})[:：](?P<m>\d\d))"
        rf"|(?P<word>正午|午夜))?",
        text,
    )
    if match is None or not text:
        return None
    day, period = match["day"] or "", match["period"] or ""
    days = {"今": 0, "明": 1, "后": 2}.get(day[:1])
    if match["word"] or (period == "中午" and not (match["hour"] or match["h"])):
        return _next(now, 24 if match["word"] == "午夜" else 12, -1, None, days, None)
    if not (match["hour"] or match["h"]):
        return None
    hour = number(match["hour"] or match["h"], "zh")
    minute = {"半": 30, "整": 0, "一刻": 15, "三刻": 45}.get(match["part"] or "")
    if minute is None:
        minute = int(number(match["minute"] or match["m"] or "0", "zh") or 0)
    if hour is None:
        return None
    half = None
    if period in ("下午", "傍晚", "晚上", "夜里", "中午") or day.endswith("晚"):
        half = "a" if period == "夜里" and hour < 6 else "p"
        if period == "中午" and hour >= 11:
            half = "a" if hour == 11 else "p"
    elif period or day.endswith("早"):
        half = "a"
    if match["lack"]:
        lack = int(number(match["lack"], "zh") or 0)
        hour, minute = (hour - 1) or 12, 60 - lack
    return _next(now, int(hour), minute, half, days, None)


def _next(
    now: datetime, hour: int, minute: int, half: str | None, days: int | None, weekday: int | None
) -> datetime | None:
    """The next moment with this hour and minute; `minute` −1: noon (12) or midnight (24); `half`: "a", "p", None."""
    exact = minute < 0 or hour == 0 or hour > 12
    minute = max(0, minute)
    if not (0 <= hour <= 24 and 0 <= minute <= 59) or (hour == 24 and minute):
        return None
    hours = (
        [hour % 24] if exact else [h for h in (hour % 12, hour % 12 + 12) if half is None or (h >= 12) == (half == "p")]
    )
    start = now.replace(hour=0, minute=0, second=0, microsecond=0)
    moments = [start + timedelta(days=d, hours=h, minutes=minute) for d in range(9) for h in hours]
    fitting = [m for m in moments if m > now and _on_day(m, start, days, weekday)]
    if not fitting and days == 0:
        fitting = [m for m in moments if m > now]
    if half is None and len(hours) == 2:
        near = timedelta(hours=6)
        fitting = [m for m in fitting if m.hour >= 6 or (m - now <= near and days is None)] or fitting
    return _on_the_wall(fitting[0], now) if fitting else None


def _on_the_wall(moment: datetime, now: datetime) -> datetime:
    """The moment that a clock on the wall here shows so: between now and then summer time may begin or end."""
    is_local = now.astimezone().utcoffset() == now.utcoffset()
    return moment.replace(tzinfo=None).astimezone() if is_local else moment


def _on_day(moment: datetime, start: datetime, days: int | None, weekday: int | None) -> bool:
    if weekday is not None:
        return moment.weekday() == weekday
    return days is None or (moment - start).days == days


def say_duration(seconds: float, language: str) -> str:
    """A duration for people: "1 hour 30 minutes", "1小时30分钟"."""
    names = ("天", "小时", "分钟", "秒") if language == "zh" else ("day", "hour", "minute", "second")
    left, parts = round(seconds), []
    for name, size in zip(names, (86_400, 3_600, 60, 1), strict=True):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{name}" if language == "zh" else f"{count} {name}{'' if count == 1 else 's'}")
    if not parts:
        return f"{seconds:g}秒" if language == "zh" else f"{seconds:g} seconds"
    return "".join(parts) if language == "zh" else " ".join(parts)


def say_time(moment: datetime, now: datetime, language: str) -> str:
    """A time of day for people, with the day if it is not today: "3:30 pm", "tomorrow at 9:00 am", "明天15:30"."""
    away = (moment.date() - now.date()).days
    if language == "zh":
        day = "" if away == 0 else "明天" if away == 1 else f"{moment.month}月{moment.day}日"
        return f"{day}{moment.hour}:{moment.minute:02d}"
    clock = f"{moment.hour % 12 or 12}:{moment.minute:02d} {'am' if moment.hour < 12 else 'pm'}"
    day = "" if away == 0 else "tomorrow at " if away == 1 else f"{moment:%A} at "
    return day + clock
