"""How a wish is put back into words: on the page, and aloud in one sentence when it is armed. Pure."""

from __future__ import annotations

import re
from datetime import datetime

from interaction.intents import AddWatch, Condition, Limits, Question, Schedule, Step
from interaction.understanding.languages import name_of
from interaction.understanding.times import say_duration, say_time

# A wording is a line in a list, not a paragraph.
WORDING_CHARS = 120

_ASKED = {
    "en": {"time": "the time", "scene": "what I see", "count": "how many there are", "text": "what the text says",
           "translation": "the translation", "commentary": "what happened"},
    "zh": {"time": "报时间", "scene": "说我看到什么", "count": "报数量", "text": "念文字", "translation": "翻译",
           "commentary": "说发生了什么"},
}  # fmt: skip
_TIMER = {"en": "Timer: ", "zh": "计时："}


def sentence(clause: str) -> str:
    """A clause as a display line: capitalised, bounded."""
    clause = " ".join(clause.split())
    if len(clause) > WORDING_CHARS:
        clause = clause[: WORDING_CHARS - 1].rstrip() + "…"
    return clause[:1].upper() + clause[1:]


def describe(condition: Condition, language: str) -> str:
    """The condition as a clause: "someone comes in", "有人进来"; with its place: "someone is at the door"."""
    if condition.zone:
        return _placed_zh(condition) if language == "zh" else _placed_en(condition)
    return _describe_zh(condition) if language == "zh" else _describe_en(condition)


def _describe_en(c: Condition) -> str:
    from interaction.seeing.words import name

    person, one, many = c.label == "person", some(c.label), name(c.label, 2, "en")
    match c.kind:
        case "arrives":
            return "someone comes in" if person else f"{one} appears"
        case "leaves":
            return "someone leaves" if person else f"{one} leaves the picture"
        case "count":
            return ("someone comes in" if person else f"{one} appears") if c.tally else f"the number of {many} changes"
        case "more_than" if not c.number:
            return "at least 1 person is here" if person else f"at least 1 {name(c.label, 1, 'en')} is here"
        case "more_than":
            # "more than one" is said as "at least two"
            return f"{'at least 2' if c.number == 1 else f'more than {c.number}'} {many} are here"
        case "fewer_than" if (c.number or 0) <= 1:
            return "nobody is here" if person else f"no {name(c.label, 1, 'en')} is in view"
        case "fewer_than":
            return f"fewer than {c.number} {many} are here"
        case "sees":
            return "someone is in view" if person else f"{one} is in view"
        case "text_says":
            return f"the text says “{c.text}”"
        case _:
            return {
                "face": "a face is in view",
                "moves": "something moves",
                "stops": "the movement stops",
                "changes": "something changes",
                "text_changes": "the text changes",
            }[c.kind]


def _describe_zh(c: Condition) -> str:
    from interaction.seeing.words import BY_LABEL, name

    person, thing = c.label == "person", name(c.label, 1, "zh")
    measured = (BY_LABEL[c.label].measure if c.label in BY_LABEL else "个") + thing
    match c.kind:
        case "arrives":
            return "有人进来" if person else f"有{thing}出现"
        case "leaves":
            return "有人离开" if person else f"{thing}不见了"
        case "count":
            return ("有人进来" if person else f"有{thing}出现") if c.tally else f"{thing}的数量变了"
        case "more_than":
            return f"超过{c.number}{measured}" if (c.number or 0) > 1 else f"至少{(c.number or 0) + 1}{measured}"
        case "fewer_than":
            return f"没有{thing}了" if (c.number or 0) <= 1 else f"少于{c.number}{measured}"
        case "sees":
            return f"看到{thing}"
        case "text_says":
            return f"出现文字“{c.text}”"
        case _:
            return {
                "face": "看到脸",
                "moves": "有东西动",
                "stops": "不动了",
                "changes": "画面有变化",
                "text_changes": "文字变了",
            }[c.kind]


def _placed_en(c: Condition) -> str:
    clause = _describe_en(c).replace("someone comes in", "someone arrives")
    if c.kind == "leaves":
        return f"{'someone' if c.label == 'person' else some(c.label)} is no longer {c.place}"
    if clause.startswith("the text "):
        return clause.replace("the text", f"the text {c.place}", 1)
    return f"{re.sub(' (?:here|in view)$', '', clause)} {c.place}"


def _placed_zh(c: Condition) -> str:
    clause = _describe_zh(c).replace("看到", "有")
    if c.kind == "leaves":
        return f"{clause.removesuffix('不见了').removesuffix('离开')}离开{c.place}"
    if c.kind == "text_changes":
        return f"{c.place}的{clause}"
    return c.place + clause.replace("有人进来", "有人出现").replace("画面有变化", "有变化")


def some(label: str) -> str:
    """One of them in English: "a cat", "an exercise bike"."""
    from interaction.seeing.words import name

    thing = name(label, 1, "en")
    return f"{'an' if thing[0] in 'aeiou' else 'a'} {thing}"


def asked(ask: Question, language: str) -> str:
    """What a watch answers when it fires, as a few words."""
    if ask.kind == "translation" and ask.into:
        return (
            f"翻译成{name_of(ask.into, 'zh')}"
            if language == "zh"
            else f"the translation into {name_of(ask.into, 'en')}"
        )
    return _ASKED[language].get(ask.kind, ask.text)


def watch_wording(condition: Condition, say: str | None, ask: Question | None, language: str) -> str:
    """The display line of a watch with a condition."""
    zh = language == "zh"
    if ask and ask.kind == "commentary":
        line = f"解说{condition.place}发生的事" if zh else f"comment on what happens {condition.place}".rstrip()
        ask = None
    elif condition.kind == "count" and not condition.tally:
        line = describe(condition, language)
    elif condition.tally:
        line = ("数：" if zh else "count: ") + describe(condition, language)
    else:
        line = describe(condition, language)
    if say:
        line += f"：说“{say}”" if zh else f": say “{say}”"
    elif ask:
        line += ("：" if zh else ": ") + asked(ask, language)
    return sentence(line)


def schedule_wording(schedule: Schedule, say: str | None, ask: Question | None, timer: bool, language: str) -> str:
    """The display line of a timer, a reminder or an interval."""
    if timer and schedule.after:
        return _TIMER[language] + say_duration(schedule.after, language)
    what = asked(ask, language) if ask else (say or ("提醒" if language == "zh" else "Reminder")).rstrip(".。")
    return sentence(f"{interval(schedule.every, language)}{'：' if language == 'zh' else ': '}{what}") if (
        schedule.every
    ) else sentence(what)  # fmt: skip


def interval(seconds: float, language: str) -> str:
    """ "every 5 minutes", "每5分钟"; a single unit without its number."""
    length = _without_one(say_duration(seconds, language))
    return f"每{length}" if language == "zh" else f"every {length}"


def _without_one(length: str) -> str:
    """ "1 hour" → "hour", "1小时" → "小时"; longer ones stay: "every hour", "for the next hour"."""
    return re.sub(r"^1 ?(?=[^\d\s]+$)", "", length)


def time_up(seconds: float, language: str) -> str:
    """What a timer says when it ends."""
    return (
        f"{say_duration(seconds, language)}到了。"
        if language == "zh"
        else f"Time is up: {say_duration(seconds, language)}."
    )


def acknowledge(wish: AddWatch, language: str, now: datetime | None = None) -> str:
    """The one short sentence spoken when a watch is armed. `now`: lets a reminder say "tomorrow"."""
    zh = language == "zh"
    if wish.steps:
        return _guiding(wish, wish.steps[0], zh)
    watching = _watching_zh if zh else _watching_en
    said = _scheduled(wish, language, now) if wish.schedule else watching(wish)
    limits = limited(wish.limits, language)
    return said[:-1] + ("，" if zh else ", ") + limits + ("。" if zh else ".") if limits else said


def limited(limits: Limits, language: str) -> str:
    """What was understood of how often, how surely and when, to be heard after what is watched for; "" for nothing."""
    zh, parts = language == "zh", []
    if limits.certainty == "eager":
        parts.append("不确定也会说" if zh else "even if I am not sure")
    if limits.certainty == "sure":
        parts.append("确定了才说" if zh else "only when I am certain")
    if limits.at_most:
        length = _without_one(say_duration(limits.at_most, language))
        parts.append(f"每{length}最多一次" if zh else f"at most once every {length}")
    if limits.quiet:
        start, end = (_hour(minute, zh) for minute in limits.quiet)
        parts.append(f"{start}到{end}不出声" if zh else f"but not between {start} and {end}")
    return "，".join(parts) if zh else ", ".join(parts)


def _hour(minute: int, zh: bool) -> str:
    hour, rest = divmod(minute, 60)
    if zh:
        return f"{hour}点" + (f"{rest}分" if rest else "")
    return f"{hour % 12 or 12}" + (f":{rest:02d}" if rest else "") + (" am" if hour < 12 else " pm")


def _guiding(watch: AddWatch, first: Step, zh: bool) -> str:
    count = len(watch.steps)
    if first.by_hand:
        return f"好，共{count}步，说“下一步”就继续。" if zh else f"{count} steps; say “next” to go on."
    return f"好，共{count}步。{first.wording}。" if zh else f"I'll guide you through {count} steps. {first.wording}."


def _scheduled(watch: AddWatch, language: str, now: datetime | None) -> str:
    zh, schedule = language == "zh", watch.schedule or Schedule()
    if schedule.every:
        every, what = interval(schedule.every, language), asked(watch.ask, language) if watch.ask else ""
        if zh:
            return f"好，{every}{what or '提醒你一次'}。"
        return f"I'll tell you {what} {every}." if what else f"I'll remind you {every}."
    if schedule.at:
        at = datetime.fromisoformat(schedule.at)
        when = say_time(at, now or at, language)
        return f"好，{when}提醒你。" if zh else f"I'll remind you {'' if when.startswith('tomorrow') else 'at '}{when}."
    length = say_duration(schedule.after or 0.0, language)
    if watch.wording.startswith(_TIMER[language]):
        return f"好，{length}，开始计时。" if zh else f"Timer set for {length}."
    return f"好，{length}后提醒你。" if zh else f"I'll remind you in {length}."


def _watching_en(watch: AddWatch) -> str:
    tail = f" on “{watch.source}”" if watch.source else ""
    tail += f", for the next {_without_one(say_duration(watch.expires, 'en'))}" if watch.expires else ""
    tail += ", right away" if watch.urgent else ""
    if watch.condition is None:
        return f"I'll watch for that{tail}."
    when, condition = "the next time" if watch.once else "when", describe(watch.condition, "en")
    if watch.condition.tally:
        what = f"I'll count aloud each time {condition}"
    elif watch.say:
        what = f"I'll say “{watch.say.rstrip('.')}” {when} {condition}"
    elif watch.ask and watch.ask.kind == "commentary":
        what = f"I'll comment on what happens {watch.condition.place}".rstrip()
    elif watch.ask:
        what = f"I'll tell you {asked(watch.ask, 'en')} {when} {condition}"
    elif watch.condition.kind == "text_changes":
        text = f"the text {watch.condition.place}".rstrip()
        what = f"I'll read {text} {when} it changes"
    else:
        what = f"I'll tell you {when} {condition}"
    return f"{what}{tail}."


def _watching_zh(watch: AddWatch) -> str:
    head = f"接下来{say_duration(watch.expires, 'zh')}，" if watch.expires else ""
    head += f"在“{watch.source}”，" if watch.source else ""
    if watch.condition is None:
        return f"好，{head}我来留意。"
    condition = describe(watch.condition, "zh")
    condition = f"下一次{condition}" if watch.once else condition
    if watch.condition.tally:
        return f"好，{head}每次{condition}我就数出来。"
    soon = "马上" if watch.urgent else ""
    if watch.say:
        return f"好，{head}{condition}我就{soon}说“{watch.say.rstrip('。')}”。"
    if watch.ask and watch.ask.kind == "commentary":
        return f"好，{head}{watch.condition.place}有变化我就解说。"
    if watch.ask:
        return f"好，{head}{condition}我就{soon}{asked(watch.ask, 'zh')}。"
    if watch.condition.kind == "text_changes":
        return f"好，{head}{describe(watch.condition, 'zh')}我就念出来。"
    return f"好，{head}{condition}我就{soon}告诉你。"
