"""What was found, as one honest sentence to be spoken: what happened, when, and how long ago. Pure, two languages."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from memory.counting import how_many, in_words, thing
from memory.periods import midnight
from memory.questions import Query
from memory.ranking import Found
from memory.record import Moment
from memory.summaries import summary

_EN_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_EN_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
              "November", "December")  # fmt: skip
_SIDES = (
    (r"\bleft\b(?! (?:the|at|in))|左", "on the left", "在左边"),
    (r"\bmiddle\b|中间", "in the middle", "在中间"),
    (r"\bright\b|右", "on the right", "在右边"),
)
_QUOTED_CHARS = 160  # spoken; longer ones are for the page


def answer(found: Found, now: datetime) -> str:
    """One answer in the question's language; says plainly when nothing is known."""
    query, zh = found.query, found.query.language == "zh"
    if query.form == "list" and not query.kinds:
        return summary(found.moments, found.period, now, query.language)
    if found.best is None:
        return nothing(found)
    if query.form == "count" and found.exact:
        return _count(found, now)
    said = _sentence(query, found.best, now)
    if query.form == "whether" and found.exact:
        return ("有：" if zh else "Yes: ") + (said if zh else _uncapital(said)) + _more(found)
    return said


def nothing(found: Found) -> str:
    """Nothing fits: no guess."""
    zh = found.query.language == "zh"
    when = found.period.zh if zh else found.period.en
    if found.query.structured:
        thing = _who(found.query.label, zh)
        came = "arrived" in found.query.events
        if zh:
            return f"我不记得{when}有{thing}{'来过' if came else '离开'}。"
        return (
            f"I have no memory of {_uncapital(thing)} {'coming in' if came else 'leaving'}{f' {when}' if when else ''}."
        )
    return f"我不记得{when}有这件事。" if zh else f"I have no memory of that{f' {when}' if when else ''}."


def clock(at: datetime, now: datetime, zh: bool) -> str:
    """ "14:03", "yesterday at 14:03", "on Friday 20 November at 14:03"."""
    at = at.astimezone(now.tzinfo)
    days = (midnight(now) - midnight(at)).days
    time = f"{at:%H:%M}"
    if days <= 0:
        return f"在{time}" if zh else f"at {time}"
    if days == 1:
        return f"昨天{time}" if zh else f"yesterday at {time}"
    if zh:
        return f"在{at.month}月{at.day}日{time}"
    return f"on {_EN_DAYS[at.weekday()]} {at.day} {_EN_MONTHS[at.month - 1]} at {time}"


def ago(at: datetime, now: datetime, zh: bool) -> str:
    """ "just now", "five minutes ago"; days are counted by the calendar and told by `clock`: ""."""
    gone = now - at
    if gone < timedelta(seconds=10):
        return "刚刚" if zh else "just now"
    if gone >= timedelta(hours=24):
        return ""
    return f"{length(gone, zh)}前" if zh else f"{length(gone, zh)} ago"


def length(span: timedelta, zh: bool) -> str:
    """A span in its largest fitting unit: "five minutes", "二十秒" as "20秒"."""
    seconds = max(0, round(span.total_seconds()))
    minutes = round(seconds / 60)
    if seconds < 60:
        count, en, cn = seconds, "second", "秒"
    elif minutes < 60:
        count, en, cn = minutes, "minute", "分钟"
    elif seconds < 86400:
        count, en, cn = max(1, round(seconds / 3600)), "hour", "小时"
    else:
        count, en, cn = round(seconds / 86400), "day", "天"
    if zh:
        return f"{in_words(count, zh)}{'个' if cn == '小时' else ''}{cn}"
    return f"{in_words(count, zh)} {en}{'' if count == 1 else 's'}"


def _sentence(query: Query, moment: Moment, now: datetime) -> str:
    zh = query.language == "zh"
    when, since = clock(moment.at, now, zh), ago(moment.at, now, zh)
    if query.form == "elapsed":
        return _elapsed(query, moment, now, when)
    if moment.kind == "seen" and moment.event in ("arrived", "left") and moment.label:
        said = _percept(moment, when, query.form == "where", zh)
    else:
        said = _quote(moment, when, zh)
    return _ended(said, since, zh)


def _percept(moment: Moment, when: str, where: bool, zh: bool) -> str:
    who, came = _who(moment.label, zh), moment.event == "arrived"
    lane = _lane(moment, zh)
    side = next((s for pattern, *s in _SIDES if re.search(pattern, moment.text)), None) if where else None
    place = side[zh] if side else ""
    if zh:
        if moment.label == "person":
            return f"有人{when}{place}{'进来' if came else '离开'}{lane}"
        return f"{when}看到{who}{place}{'出现' if came else '不见了'}{lane}"
    if moment.label == "person":
        return f"Someone {'came in' if came else 'left'}{_spaced(place)} {when}{lane}"
    return f"{who} {'came into view' if came else 'went out of view'}{_spaced(place)} {when}{lane}"


def _quote(moment: Moment, when: str, zh: bool) -> str:
    text = moment.text if len(moment.text) <= _QUOTED_CHARS else moment.text[:_QUOTED_CHARS].rstrip() + "…"
    text = text.rstrip("。.")
    lane = _lane(moment, zh)
    if zh:
        who = {"heard": "你说", "said": "我说", "answered": "我回答", "task": "后台任务的结果是", "decided": "我记下"}
        return f"{when}{lane}{who.get(moment.kind, '我看到')}：“{text}”"
    opening = {"heard": "You said", "said": "I said", "answered": "I answered", "task": "A task was finished"}
    if moment.kind in opening:
        return f"{opening[moment.kind]} {when}: “{text}”"
    return f"{when[0].upper()}{when[1:]}{lane}: {text}"


def _elapsed(query: Query, moment: Moment, now: datetime, when: str) -> str:
    zh = query.language == "zh"
    span = length(now - moment.at, zh)
    if moment.event in ("arrived", "left") and moment.label:
        who, came = _who(moment.label, zh), moment.event == "arrived"
        if zh:
            who = "有人" if moment.label == "person" else who
            return f"上次{who}{'进来' if came else '离开'}是{when}，已经过了{span}。"
        return f"It has been {span} since {_uncapital(who)} {'came in' if came else 'left'}, {when}."
    text = moment.text.rstrip("。.")
    return f"已经过了{span}：{when}，“{text}”。" if zh else f"It has been {span}: {when}, “{text}”."


def _count(found: Found, now: datetime) -> str:
    query, zh = found.query, found.query.language == "zh"
    assert found.best is not None
    number = sum(how_many(m) for m in found.moments)
    last = max(found.moments, key=lambda m: m.at)
    when = clock(last.at, now, zh)
    period = found.period.zh if zh else found.period.en
    if zh:
        came = "arrived" in query.events
        done = "来过" if came else "离开过"
        return f"{period}{done}{in_words(number, zh)}次，最近一次{when}。"
    times = {1: "Once", 2: "Twice"}.get(number, f"{in_words(number, zh).capitalize()} times")
    return f"{times}{_spaced(period)}; the last time was {when}."


def _more(found: Found) -> str:
    others = len(found.moments) - 1
    if others < 1:
        return ""
    if found.query.language == "zh":
        return f"这段时间里一共{len(found.moments)}次。" if found.period.zh else ""
    return f" In all {in_words(others + 1, False)} times." if found.period.en else ""


def _who(label: str, zh: bool) -> str:
    if label == "person":
        return "人" if zh else "Someone"
    name = thing(label, 1, zh)
    return name if zh else f"{'An' if name[0] in 'aeiou' else 'A'} {name}"


def _lane(moment: Moment, zh: bool) -> str:
    """The source, unless it is the only ordinary one."""
    if moment.lane in ("", "camera"):
        return ""
    return f"（{moment.lane}）" if zh else f" (seen by “{moment.lane}”)"


def _ended(said: str, since: str, zh: bool) -> str:
    if zh:
        return f"{said}，{since}。" if since else f"{said}。"
    return f"{said}, {since}." if since else f"{said}."


def _spaced(text: str) -> str:
    return f" {text}" if text else ""


def _uncapital(text: str) -> str:
    return text[:1].lower() + text[1:] if not text.startswith(("I ", "I'")) else text
