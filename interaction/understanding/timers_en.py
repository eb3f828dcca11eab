"""Timers, reminders and intervals in English. Tables."""

from __future__ import annotations

import re
from dataclasses import replace

from interaction.intents import Intent, Schedule
from interaction.understanding.actions_en import commented, do, said
from interaction.understanding.grammar import Action, Build, Situation, group
from interaction.understanding.times import clock_time, duration
from interaction.understanding.vocabulary_en import to_you
from interaction.understanding.wishes import at, hands, reply, scheduled

_TO = re.compile(r"^(?:(?:that|about|to|for|because|and|then|it is time|:|,) )+", re.IGNORECASE)


def _body(match: re.Match[str], situation: Situation) -> Action:
    words = _TO.sub("", (match.groupdict().get("say") or "").strip(" ,"))
    if re.match(r"(?:remind|wake|set|give|create)", match["remind"], re.IGNORECASE) and words:
        return Action(say=to_you(words))
    return said(words, situation) or Action()


def _after(match: re.Match[str], situation: Situation) -> list[Intent] | None:
    seconds = duration(match["dur"])
    if seconds is None:
        return None
    return scheduled(Schedule(after=seconds), _body(match, situation), situation, match.string)


def _at(match: re.Match[str], situation: Situation) -> list[Intent] | None:
    return at(clock_time(match["clock"], situation.now), _body(match, situation), situation, match.string)


def _daily(match: re.Match[str], situation: Situation) -> list[Intent] | None:
    moment = clock_time(match["clock"] + _PART_OF_DAY.get((match["part"] or "").lower(), ""), situation.now)
    return at(moment, _body(match, situation), situation, match.string, every=86_400.0)


_PART_OF_DAY = {"morning": " in the morning", "evening": " in the evening", "afternoon": " in the afternoon"}


def _timer(match: re.Match[str], situation: Situation) -> list[Intent] | None:
    seconds = duration(match["dur"].replace("-", " "))
    if seconds is None:
        return None
    words = _TO.sub("", group(match, "say"))
    return scheduled(
        Schedule(after=seconds), Action(say=to_you(words) or None), situation, match.string, timer=not words
    )


def _every(match: re.Match[str], situation: Situation) -> list[Intent] | None:
    seconds = _interval(match)
    words = group(match, "action")
    act = do(words, situation) if words else Action()
    if seconds is None or act is None:
        return None
    if act.hands:
        return hands(act.hands, situation, match.string)
    return scheduled(Schedule(every=seconds), replace(act, tally=False), situation, match.string)


def _remind_every(match: re.Match[str], situation: Situation) -> list[Intent] | None:
    seconds = _interval(match)
    action = commented(f"tell me {group(match, 'say')}") or _body(match, situation)
    return scheduled(Schedule(every=seconds), action, situation, match.string) if seconds else None


def _interval(match: re.Match[str]) -> float | None:
    if match["hourly"]:
        return 3_600.0
    if match["per"]:
        return (duration("a " + match["unit"]) or 0) / (2 if match["per"].lower() == "twice" else 1) or None
    words = (match["every"] or match["each"]).lower()
    if words.startswith("half"):
        return duration(words if " a" in words else words.replace("half ", "half an "))
    if words.startswith("other "):
        return duration("two " + words.removeprefix("other ") + "s")
    return duration(words) or duration("a " + words.removeprefix("single "))


_BODY = r"(?:,? (?P<say>.+))?"
_REMIND = r"(?P<remind>{remind})"
_IN = r"(?:in|after) (?:about |exactly )?(?P<dur>{dur})(?: from now| time)?"
_AT = (
    r"(?:(?:at|for|by|around|before) (?P<clock>{clock})|(?=today|tomorrow|tonight|on |next |monday|tuesday"
    r"|wednesday|thursday|friday|saturday|sunday)(?P<clock_>{clock}))"
)
_SET = (
    r"(?:(?:set|start|make|create|give me|run|put on|begin|i need|i want|add|do)(?: me)? )?(?:an? |the "
    r"|another |one |up a )?"
)
_DAILY = r"(?:every (?:day|(?P<part>morning|evening|afternoon|night))|daily|each day)"


def _rows(pattern: str, build: Build[list[Intent]]) -> list[tuple[str, Build[list[Intent]]]]:
    """One row for "at …" and one for "tomorrow at …", as a group name may occur only once in a pattern."""
    if _AT not in pattern:
        return [(pattern, build)]
    at_, day = _AT[3:-1].split("|(?=", 1)
    return [(pattern.replace(_AT, at_), build), (pattern.replace(_AT, "(?=" + day.replace("clock_", "clock")), build)]


TIMERS: tuple[tuple[str, Build[list[Intent]]], ...] = (
    *_rows(rf"{_REMIND} {_DAILY} {_AT}{_BODY}", _daily),
    *_rows(rf"{_REMIND}(?P<say> .+?),? {_DAILY} {_AT}", _daily),
    *_rows(rf"{_DAILY} {_AT},? {_REMIND}{_BODY}", _daily),
    (rf"{_REMIND} (?:again )?{_IN}{_BODY}", _after),
    (rf"{_IN},? {_REMIND}{_BODY}", _after),
    (rf"wait (?:for )?(?:about )?(?P<dur>{{dur}}),? (?:and )?(?:then )?{_REMIND}{_BODY}", _after),
    (rf"{_REMIND}(?P<say> .+?),? {_IN}", _after),
    (rf"{_REMIND} (?P<dur>{{dur}}) from now{_BODY}", _after),
    *_rows(rf"{_REMIND} {_AT}{_BODY}", _at),
    *_rows(rf"{_AT},? {_REMIND}{_BODY}", _at),
    *_rows(rf"{_REMIND}(?P<say> .+?),? {_AT}", _at),
    (
        rf"{_SET}(?:timer|countdown|alarm|stopwatch|count down)(?: for| of| to| in"
        rf"| at)? (?P<dur>{{dur}})(?: from now)?(?P<say> (?:for|to|called|named) .+)?",
        _timer,
    ),
    (rf"{_SET}(?P<dur>{{dur}})[ -](?:\w+ )?(?:timer|countdown|alarm|reminder)(?P<say> (?:for|to) .+)?", _timer),
    (r"(?:time|count down)(?: me)?(?: for| from)? (?P<dur>{dur})", _timer),
    (
        r"{tell} (?:when|after|once) (?P<dur>{dur}) (?:has |have |is |are )?(?:passed|up|over|gone by|elapsed|gone"
        r"|pass|passes)",
        _timer,
    ),
    (rf"{_SET}(?:timer|countdown)", lambda m, s: reply("how long", m.string, s.language)),
    (rf"{_REMIND} {{every}}{_BODY}", _remind_every),
    (rf"{{every}},? {_REMIND}{_BODY}", _remind_every),
    (rf"{_REMIND}(?P<say> .+?),? {{every}}", _remind_every),
    (r"{every},? (?P<action>.+)", _every),
    (r"(?P<action>.+?),? {every}", _every),
)
