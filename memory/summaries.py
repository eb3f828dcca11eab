"""What happened in a while, counted and quoted, in one or two sentences. No language model: nothing is made up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from memory.counting import how_many, thing
from memory.periods import Period
from memory.record import Moment

_QUOTES = 2  # of the person's words: a summary is listened to
_QUOTE_CHARS = 60


def summary(moments: Sequence[Moment], period: Period, now: datetime, language: str) -> str:
    """ "Between 14:00 and 15:00: 4 people came in, 3 people left; you asked …". Honest when there is nothing."""
    zh = language == "zh"
    if not moments:
        when = period.zh if zh else period.en
        if zh:
            return f"我不记得{when}发生过什么。"
        return f"I have no memory of anything happening{f' {when}' if when else ''}."
    inside = sorted(moments, key=lambda m: m.at)
    parts = [*_percepts(inside, zh), *_texts(inside, zh), *_tasks(inside, zh), *_words(inside, zh)]
    if not parts:
        parts = ["没有别的事" if zh else "nothing else of note"]
    first, last = (m.at.astimezone(now.tzinfo) for m in (inside[0], inside[-1]))
    if zh:
        return f"{first:%H:%M}到{last:%H:%M}之间：{'；'.join(parts)}。"
    return f"Between {first:%H:%M} and {last:%H:%M}: {'; '.join(parts)}."


def _percepts(moments: Iterable[Moment], zh: bool) -> list[str]:
    counts: Counter[tuple[str, str]] = Counter()
    for moment in moments:
        if moment.event in ("arrived", "left") and moment.label:
            counts[moment.label, moment.event] += how_many(moment)
    return [_percept(label, event, number, zh) for (label, event), number in counts.most_common(6)]


def _percept(label: str, event: str, number: int, zh: bool) -> str:
    came = event == "arrived"
    if zh:
        return f"{thing(label, number, zh)}{'出现' if came else '离开'}{number}次"
    done = ("came in" if came else "left") if label == "person" else ("appeared" if came else "went out of view")
    return f"{number} {thing(label, number, zh)} {done}"


def _texts(moments: Iterable[Moment], zh: bool) -> list[str]:
    number = sum(m.event == "text_changed" for m in moments)
    if not number:
        return []
    return [f"画面上的文字变了{number}次" if zh else f"the text in the picture changed {_times(number)}"]


def _tasks(moments: Iterable[Moment], zh: bool) -> list[str]:
    number = sum(m.kind == "task" for m in moments)
    if not number:
        return []
    return [f"完成了{number}个后台任务" if zh else f"{number} task{'s were' if number > 1 else ' was'} finished"]


def _words(moments: Iterable[Moment], zh: bool) -> list[str]:
    heard = [m.text.rstrip("。.") for m in moments if m.kind == "heard"]
    quotes = [text if len(text) <= _QUOTE_CHARS else text[:_QUOTE_CHARS].rstrip() + "…" for text in heard[-_QUOTES:]]
    if not quotes:
        return []
    said = "、".join(f"“{q}”" for q in quotes) if zh else " and ".join(f"“{q}”" for q in quotes)
    rest = len(heard) - len(quotes)
    if zh:
        return [f"你说了{said}" + (f"，还有另外{rest}句" if rest else "")]
    return [f"you said {said}" + (f", and {rest} more" if rest else "")]


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number} times")
