"""Cancelling, pausing and changing watches by name, in Chinese. Tables."""

from __future__ import annotations

import re

from interaction.intents import Condition, Control, Intent, Schedule
from interaction.understanding.actions_zh import frames
from interaction.understanding.conditions_zh import conditions
from interaction.understanding.grammar import Build, Situation, Verb, WatchRef, compiled, expand, meant, words_of
from interaction.understanding.numerals import whole
from interaction.understanding.times import clock_time, duration
from interaction.understanding.vocabulary_zh import FRAGMENTS, count_of, label_of
from interaction.understanding.wishes import changed, reply, with_label, with_number, with_text

_TOPICS = (("text", "字|文|读|念"), ("motion", "动|变化"), ("face", "脸"))


def _which(words: str, situation: Situation) -> tuple[str, ...]:
    """Ids of the watches that are meant by "杯子", "有人进来", "闹钟", "第一个"."""
    words = re.sub(r"^(?:关于|那个|这个|我的|所有的?|全部的?|对)+", "", words.strip(" ,"))
    words = re.sub(r"(?<=.)(?:的?(?:提醒|监控|监视|观察|要求|那个|事情|事|时候|通知|任务))+$", "", words) or words
    watches = situation.watches
    if match := re.fullmatch(r"第([一二三四五六七八九十\d]{1,2})个?|最后一?个", words):
        place = (whole(match[1], "zh") or 0) - 1 if match[1] else -1
        return (watches[place].id,) if watches and (not match[1] or 0 <= place < len(watches)) else ()
    if re.fullmatch(r"(?:闹钟|提醒|计时器?|定时器?|倒计时)", words):
        timed = tuple(w.id for w in watches if w.schedule)[-1:]
        return timed or (tuple(w.id for w in watches)[-1:] if words == "提醒" else ())  # 提醒 is any alert, too
    if re.fullmatch(r"(?:这个|那个)?(?:门口?|房间|屋子|店|家|院子|入口)", words):
        words = "人"  # who watches the door waits for people
    label = label_of(words) or next((topic for topic, pattern in _TOPICS if re.search(pattern, words)), None)
    found = conditions(words, situation) if not label_of(words) else []
    return meant(watches, found[0] if found else label, words_of(words))


def _by_name(verb: Verb, must: bool) -> Build[list[Intent]]:
    """`must`: the words can only mean a watch; without one that fits, say so."""

    def build(match: re.Match[str], situation: Situation) -> list[Intent] | None:
        if ids := _which(match["what"], situation):
            return [Control(verb, ids)]
        return reply("no watch", match.string, situation.language) if must else None

    return build


def _counting(match: re.Match[str], situation: Situation) -> list[Intent]:
    ids = tuple(w.id for w in situation.watches if w.condition and (w.condition.kind == "count" or w.condition.tally))
    return [Control("cancel_watch", ids)] if ids else reply("no watch", match.string, situation.language)


def _greeting(match: re.Match[str], situation: Situation) -> list[Intent]:
    ids = tuple(w.id for w in situation.watches if re.search("你好|欢迎|早上好", f"{w.wording} {w.say}"))
    return [Control("cancel_watch", ids)] if ids else reply("no watch", match.string, situation.language)


def _change(match: re.Match[str], situation: Situation) -> list[Intent]:
    new = match["new"].strip(" ,")
    latest: WatchRef | None = situation.watches[-1] if situation.watches else None
    if latest is None:
        return reply("nothing", match.string, situation.language)
    if latest.condition and (condition := _condition(new, latest, situation)):
        return changed(condition, latest, situation, match.string)
    # "改成五分钟" means the timer, also if something else was armed since
    timed = next((w for w in reversed(situation.watches) if w.schedule), None)
    if timed and (schedule := _schedule(new, timed, situation)):
        return changed(schedule, timed, situation, match.string)
    if re.search("改|换", match.string) and (text := with_text(latest, new)):
        return changed(text, latest, situation, match.string)
    return reply("change", match.string, situation.language)


def _schedule(words: str, timed: WatchRef, situation: Situation) -> Schedule | None:
    words = re.sub(r"^(?:每隔?|在|到)|(?:之后|以后|后)$", "", words)
    if seconds := duration(words, "zh"):
        return Schedule(every=seconds) if timed.schedule and timed.schedule.every else Schedule(after=seconds)
    moment = clock_time(words, situation.now, "zh")
    return Schedule(at=moment.isoformat()) if moment else None


def _condition(words: str, latest: WatchRef, situation: Situation) -> Condition | None:
    for frame in frames(words, situation):
        if found := conditions(frame.condition, situation):
            return found[0]
    match = compiled(expand(r"(?P<n>{number}){measure}?(?P<who>{noun})?", FRAGMENTS)).fullmatch(words)
    if match and (count := count_of(match["n"])):
        return with_number(latest, count, label_of(match["who"]) if match["who"] else None)
    if label := label_of(words):
        return with_label(latest, label)
    found = conditions(re.sub(r"(?:的?时候|的?时|了)$", "", words), situation)
    return found[0] if found else None


_NOT = r"(?:别|不要|不用|不必|无需|停止|不)(?:再|继续)?"
_LOOK = r"(?:看着?|盯着?|管|留意|等着?|找|监视|监控|观察|注意|关注|守着?|提醒我?|告诉我?|通知我?|叫我?|报告|念|读)"

ORDERS: tuple[tuple[str, Build[list[Intent]]], ...] = (
    (rf"{_NOT}(?:数|计数)(?:人数?|数)?(?:了)?", _counting),
    (rf"{_NOT}(?:打招呼|问好|欢迎)(?:了)?", _greeting),
    (rf"{_NOT}{_LOOK}(?:着)?(?P<what>.+?)(?:了)?", _by_name("cancel_watch", True)),
    (r"(?:忘了|忘掉|忘记|别管|不管)(?P<what>.+?)(?:的事)?(?:吧|了)?", _by_name("cancel_watch", True)),
    (
        r"(?P<what>.+?)(?:就)?(?:不用|不必|别|不要)(?:再)?(?:看|管|提醒|留意|说|盯|告诉我|通知)(?:了|我了)?",
        _by_name("cancel_watch", False),
    ),
    (r"取消(?:掉)?(?:对)?(?P<what>.+?)", _by_name("cancel_watch", True)),
    (r"(?:关掉|删掉|删除|去掉|撤销|停掉|关闭|停止)(?P<what>.+?)", _by_name("cancel_watch", False)),
    (r"把(?P<what>.+?)(?:取消|关|删|停|去)(?:掉)?(?:了)?", _by_name("cancel_watch", False)),
    (r"暂停(?:看|留意)?(?P<what>.+)", _by_name("pause_watch", True)),
    (r"(?:恢复|继续|重新)(?:看着?|留意|盯着?|等|数)?(?P<what>.+)", _by_name("resume_watch", True)),
    (
        r"(?:把)?(?:它|那个|这个|刚才的?那?个?|提醒|计时器?|闹钟|时间|数量|人数)?(?:改成|改为|换成|变成|改到|调成"
        r"|换为|调整为)(?P<new>.+)",
        _change,
    ),
    (r"(?:不是,?|不,)?(?:我(?:是)?(?:说|指|的意思)(?:的)?是|应该是|我想说的是)(?P<new>.+)", _change),
)
