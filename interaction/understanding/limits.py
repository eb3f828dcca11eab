"""What is said beside a wish about how often, how surely and at which hours it may speak. For both languages. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from interaction.intents import Limits
from interaction.understanding.grammar import compiled, expand
from interaction.understanding.times import LONGEST_S, clock_time, duration

Row = tuple[str, Callable[[re.Match[str], Limits], Limits | None], str]

DAY_MIN = 24 * 60
# "At night", where no hours are named.
NIGHT = (22 * 60, 7 * 60)
LATE_MIN, EARLY_MIN = 23 * 60 + 59, 11 * 60 + 59
# Who names two hours without saying which half of the day means the shorter way from one to the other; a stretch of so
# many minutes that is to be quiet is a night, a shorter one lies in the day.
LONG_MIN = 5 * 60


def cut(text: str, rows: tuple[Row, ...], fragments: dict[str, str], between: str) -> tuple[str, Limits]:
    """The text without its limits, and these. `between`: what stands where something was cut out."""
    limits = Limits()
    for pattern, build, instead in rows:
        match = compiled(expand(pattern, fragments)).search(text)
        if match is None or (made := build(match, limits)) is None:
            continue
        left, right = text[: match.start()].rstrip(" ,:，"), text[match.end() :].lstrip(" ,:，")
        text, limits = between.join(part for part in (left, instead, right) if part), made
    return text, limits


def eager(match: re.Match[str], limits: Limits) -> Limits:
    return replace(limits, certainty="eager")


def sure(match: re.Match[str], limits: Limits) -> Limits:
    return replace(limits, certainty="sure")


def at_night(match: re.Match[str], limits: Limits) -> Limits:
    return replace(limits, quiet=NIGHT)


def at_most(language: str) -> Callable[[re.Match[str], Limits], Limits | None]:
    """Of a group `dur`: "ten minutes", "hour"; a group `twice` halves it."""

    def build(match: re.Match[str], limits: Limits) -> Limits | None:
        words = match["dur"]
        seconds = duration(words, language) or duration(("一" if language == "zh" else "a ") + words, language)
        if seconds is None or seconds > LONGEST_S:
            return None
        return replace(limits, at_most=seconds / (2 if match.groupdict().get("twice") else 1))

    return build


def hours(language: str, awake: bool = False) -> Callable[[re.Match[str], Limits], Limits | None]:
    """Of groups `a` and `b`: to be quiet from one to the other; `awake`: to be quiet the rest of the day."""

    def build(match: re.Match[str], limits: Limits) -> Limits | None:
        span = between(match["a"], match["b"], language, awake)
        if span is None:
            return None
        return replace(limits, quiet=(span[1], span[0]) if awake else span)

    return build


def between(first: str, last: str, language: str, awake: bool) -> tuple[int, int] | None:
    """Minutes of the day from `first` to `last` ("ten at night", "seven"); `awake`: hours of the day are meant."""
    spans = [(a, b) for a in _minutes(first, language) for b in _minutes(last, language) if a != b]

    def unlikely(span: tuple[int, int]) -> tuple[bool, bool, int]:
        length = (span[1] - span[0]) % DAY_MIN
        at_night = (3 * 60 - span[0]) % DAY_MIN < length or span[0] < NIGHT[1]
        return length > DAY_MIN // 2, at_night == (awake or length < LONG_MIN), length

    return min(spans, key=unlikely, default=None)


def _minutes(words: str, language: str) -> set[int]:
    """The minutes of the day that a time of day may mean: two where it does not say which half."""
    found = set()
    for minute in (EARLY_MIN, LATE_MIN):
        moment = clock_time(words, datetime(2026, 1, 5, minute // 60, minute % 60, tzinfo=UTC), language)
        if moment is not None:
            found.add(moment.hour * 60 + moment.minute)
    return found
