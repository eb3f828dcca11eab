"""Timers, reminders and intervals in Chinese. Tables."""

from __future__ import annotations

import re
from dataclasses import replace

from interaction.intents import Intent, Schedule
from interaction.understanding.actions_zh import do, said
from interaction.understanding.grammar import Action, Build, Situation, group
from interaction.understanding.times import clock_time, duration
from interaction.understanding.vocabulary_zh import to_you
from interaction.understanding.wishes import at, hands, reply, scheduled


def _after(match: re.Match[str], situation: Situation) -> list[Intent] | None:
    seconds = duration(match["dur"], "zh")
    if seconds is None:
        return None
    return scheduled(Schedule(after=seconds), said(group(match, "say"), situation), situation, match.string)


def _at(match: re.Match[str], situation: Situation) -> list[Intent] | None:
    moment = clock_time(match["clock"], situation.now, "zh")
    return at(moment, said(group(match, "say"), situation), situation, match.string)


def _daily(match: re.Match[str], situation: Situation) -> list[Intent] | None:
    moment = clock_time(match["clock"], situation.now, "zh")
    return at(moment, said(group(match, "say"), situation), situation, match.string, every=86_400.0)


def _timer(match: re.Match[str], situation: Situation) -> list[Intent] | None:
    seconds = duration(match["dur"], "zh")
    if seconds is None:
        return None
    words = re.sub(r"^(?:去|用来|,)+", "", group(match, "say"))
    action = Action(say=to_you(words) or None)
    return scheduled(Schedule(after=seconds), action, situation, match.string, timer=not words)


def _interval(match: re.Match[str]) -> float | None:
    words = group(match, "every")
    return duration(words, "zh") or duration("一" + words, "zh")


def _every(match: re.Match[str], situation: Situation) -> list[Intent] | None:
    seconds = _interval(match)
    act = do(re.sub(r"(?:一次|一遍|一下)(?!时)", "", group(match, "action")), situation)
    if seconds is None or act is None:
        return None
    if act.hands:
        return hands(act.hands, situation, match.string)
    return scheduled(Schedule(every=seconds), replace(act, tally=False), situation, match.string)


def _remind_every(match: re.Match[str], situation: Situation) -> list[Intent] | None:
    seconds = _interval(match)
    if seconds is None:
        return None
    return scheduled(Schedule(every=seconds), said(group(match, "say"), situation), situation, match.string)


_REMIND = r"(?:就|再|请)?(?:提醒|叫|喊|告诉|通知|跟)(?:我|一下我|我们)(?:一声|一下|起床|说|一次)?"
_AFTER = r"(?:等|过|再过|在)?(?P<dur>{dur})(?:之后|以后|过后|后|到了|时间到了|到|(?<=[分钟秒时天]))"
_BODY = r"(?:,|:|：)?(?P<say>.{0,200}?)"
_EVERY = r"(?:每隔|每过|每|隔)(?:一)?(?P<every>{dur}|个?小时|分钟|秒钟?|半小时|个?钟头|天|半个小时|周|个?星期)"
_SET = r"(?:(?:定|设|设定|设置|开|来|订|开始|启动|弄|给我定|上|建)(?:一下)?)?(?:一个|个|一)?"
_CLOCK = r"(?:在|到了?|等到)?(?P<clock>{clock})(?:的?时候|时|钟)?"

TIMERS: tuple[tuple[str, Build[list[Intent]]], ...] = (
    (
        rf"每天(?:的)?{_CLOCK},?{_REMIND}{_BODY}|每天(?:的)?{_CLOCK.replace('clock>', 'clock_>')}",
        lambda m, s: _daily(m, s) if m["clock"] else None,
    ),
    (rf"{_REMIND}每天(?:的)?{_CLOCK}{_BODY}", _daily),
    (rf"{_AFTER},?{_REMIND}{_BODY}", _after),
    (rf"{_REMIND},?{_AFTER}{_BODY}", _after),
    (rf"{_AFTER},?说(?:一声|一句)?(?P<say>.{{1,80}})", _after),
    (rf"{_REMIND}(?P<say>.+?),?(?:在)?(?P<dur>{{dur}})(?:之后|以后|后)", _after),
    (rf"{_CLOCK},?{_REMIND}{_BODY}", _at),
    (rf"{_REMIND},?{_CLOCK}{_BODY}", _at),
    (
        rf"{_SET}(?P<dur>{{dur}})的?(?:闹钟|计时器|计时|倒计时|定时器|定时|提醒|后的闹钟)(?:,)?(?P<say>.{{0,60}}?)",
        _timer,
    ),
    (rf"{_SET}(?:倒计时|计时器|计时|定时器|定时|闹钟)(?:,|为|到|时间)*(?P<dur>{{dur}})(?:之后|以后|后)?", _timer),
    (rf"{_SET}(?P<clock>{{clock}})的?(?:闹钟|提醒)(?P<say>)", _at),
    (r"(?P<dur>{dur})(?:到了|过了|过去了)(?:就|,)?(?:告诉|提醒|叫|通知)我(?P<say>)", _timer),
    (rf"{_SET}(?:计时器|倒计时|定时器|计时)", lambda m, s: reply("how long", m.string, s.language)),
    (rf"{_EVERY}(?:,|就|都)?(?:提醒|叫|喊)(?:我)?(?:一次|一下)?{_BODY}", _remind_every),
    (rf"{_REMIND}{_EVERY}(?:,|就|都|要)?{_BODY}", _remind_every),
    (rf"{_EVERY}(?:,|就|都)?(?P<action>.+)", _every),
)
