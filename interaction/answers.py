"""Answers that need neither eyes nor memory: clock, watches, tasks, abilities. Pure, in two languages."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from interaction.intents import Step, Unable
from interaction.policy import normalised
from interaction.understanding.guidance import until
from interaction.understanding.times import say_duration, say_time
from interaction.understanding.wording import limited
from interaction.watches import Watch
from interaction.whereabouts import called

# Who asks with one of these words asks for the day, not for the hour.
_DAY = re.compile(r"\b(?:day|date|month|year|weekday|week)\b|几号|几月|星期|礼拜|周几|哪天|日期|日子", re.IGNORECASE)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_WEEKDAYS_ZH = "一二三四五六日"


def clock(now: datetime, language: str, question: str = "") -> str:
    """The time of day; the date if that is what was asked."""
    if _DAY.search(question):
        if language == "zh":
            return f"今天是{now.year}年{now.month}月{now.day}日，星期{_WEEKDAYS_ZH[now.weekday()]}。"
        return f"It is {_DAYS[now.weekday()]}, {now.day} {_MONTHS[now.month - 1]} {now.year}."
    if language == "zh":
        return f"现在是{now:%H点%M分}。"
    return f"It is {now:%H:%M}."


def watching(watches: Sequence[Watch], paused: int, language: str, now: datetime, sources: Collection[str]) -> str:
    """What stands, in one breath; of a timer also how long it still takes, and of what is bound to none of these
    `sources` for which one it waits."""
    if not watches:
        return (
            "现在没有在留意什么。"
            if language == "zh"
            else "I'm not watching for anything yet. Tell me what to look out for."
        )
    wordings = [
        watch.wording + _limits(watch, language) + _left(watch, language, now) + _away(watch, language, sources)
        for watch in watches[:6]
    ]
    more = len(watches) - len(wordings)
    if language == "zh":
        return f"我在留意：{'；'.join(wordings)}" + (f"；还有{more}项" if more else "") + "。"
    listed = "; ".join(wordings) + (f"; and {more} more" if more else "")
    return f"I'm watching for this: {listed}." + (f" {paused} more paused." if paused else "")


def _limits(watch: Watch, language: str) -> str:
    said = limited(watch.limits, language)
    return (("，" if language == "zh" else ", ") + said) if said else ""


def _away(watch: Watch, language: str, sources: Collection[str]) -> str:
    if watch.source is None or watch.source in sources:
        return ""
    name = called(watch.source, language)
    return f"（在等来源“{name}”）" if language == "zh" else f" (waits for the {name})"


def _left(watch: Watch, language: str, now: datetime) -> str:
    if not watch.next_due:
        return ""
    left = max(1.0, (watch.next_due - now).total_seconds())
    if language == "zh":
        return (
            f"（还有{say_duration(left, language)}）"
            if left < 3600
            else f"（{say_time(watch.next_due, now, language)}）"
        )
    soon = f"{say_duration(left, language)} left"
    return f" ({soon if left < 3600 else say_time(watch.next_due, now, language)})"


def next_step(watch: Watch, now: datetime) -> str:
    """Where a guide is: the step that comes next, and when."""
    step, zh = watch.steps[watch.step], watch.language == "zh"
    when = until(step, watch.language)
    if step.after is not None and watch.next_due:
        left = say_duration(max(1.0, (watch.next_due - now).total_seconds()), watch.language)
        when = f"{left}后" if zh else f"in {left}"
    number, count = watch.step + 1, len(watch.steps)
    told = (step.say or "").rstrip(".。")
    if zh:
        return f"接下来是第{number}步，共{count}步，{when}" + (f"：{told}。" if told else "。")
    return f"Next is step {number} of {count}, {when}" + (f": {told}." if told else ".")


def step(told: Step, language: str) -> str:
    """What a step tells when the person asks for it."""
    return told.say or (f"该做这一步了：{until(told, 'zh')}。" if language == "zh" else f"Now {until(told, 'en')}.")


def no_guide(language: str) -> str:
    return "现在没有在一步一步指导你。" if language == "zh" else "I'm not guiding you through anything."


def tally(counts: Sequence[tuple[str, int]], language: str) -> str:
    """How many were counted so far, by watch."""
    if not counts:
        return "我还没有开始计数。" if language == "zh" else "I'm not counting anything yet."
    if language == "zh":
        return "；".join(f"{wording}：到现在{number}次" for wording, number in counts) + "。"
    return "; ".join(f"{number} so far ({wording})" for wording, number in counts) + "."


def tasks(running: Sequence[dict[str, Any]], language: str) -> str:
    if not running:
        return "后台没有任务。" if language == "zh" else "No work is going on in the background."
    steps = [f"{task['question'][:60]}: {task.get('step') or '…'}" for task in running[:3]]
    return ("正在处理：" + "；".join(steps) + "。") if language == "zh" else "Working on " + "; ".join(steps) + "."


def abilities(examples: Sequence[str], sees: str, language: str) -> str:
    listed = examples[:4]
    if language == "zh":
        return f"我是 Lookout，能看到{sees}。你可以说：" + "；".join(f"“{text}”" for text in listed) + "。"
    return f"I'm Lookout. I can see {sees}. Try: " + "; ".join(f'"{text}"' for text in listed) + "."


def unable(wish: Unable, language: str) -> str:
    """What cannot be seen, what it would need, and the nearest thing that can be watched."""
    if language == "zh":
        nearest = f"要不要我改为留意：{wish.nearest}？" if wish.nearest else ""
        return f"我看不出{wish.what}，这需要{wish.needs}。{nearest}"
    nearest = f' The nearest I can do: "{wish.nearest}". Shall I?' if wish.nearest else ""
    if wish.what.startswith("how to "):
        return f"I can't {wish.what.removeprefix('how to ')}: that needs {wish.needs}.{nearest}"
    return f"I can't tell {wish.what}: that needs {wish.needs}.{nearest}"


def working(note: str, language: str) -> str:
    """Said when work was handed over."""
    return note or ("好的，我来处理。" if language == "zh" else "I'm on it.")


def no_agent(language: str) -> str:
    if language == "zh":
        return "后台助手现在用不了，这件事我做不了。"
    return "I can't work on that: the background agent could not be started here."


# A reminder that comes later than this was due while nothing ran.
LATE_S = 60.0


def reminder(watch: Watch, now: datetime) -> str:
    """What a schedule says when it is due; with a word about it where that was long ago."""
    zh = watch.language == "zh"
    text = watch.say or (f"提醒：{watch.wording}。" if zh else f"Reminder: {watch.wording}.")
    repeats = watch.schedule and watch.schedule.every and not watch.schedule.at
    if repeats or not watch.next_due or (now - watch.next_due).total_seconds() < LATE_S:
        return text
    due = say_time(watch.next_due, now, watch.language)
    if zh:
        return f"{text.rstrip('。！.!')}。本来应该在{due}提醒你，那时我没在运行。"
    today = "at " if watch.next_due.date() == now.date() else ""
    return f"{text.rstrip('.!')}. This was due {today}{due}, when I was not running."


def agrees(text: str) -> bool:
    """Whether an utterance accepts an offer ("Shall I?")."""
    return normalised(text) in {  # a recogniser writes "Yes, please."
        "yes", "yes please", "yeah", "yep", "sure", "ok", "okay", "please do", "do that", "go ahead", "please",
        "好", "好的", "好啊", "可以", "行", "是的", "要", "嗯", "对",
    }  # fmt: skip


def follows(text: str) -> bool:
    """Whether an utterance only shows that the person is listening: no reason to stop talking."""
    words = "".join(c for c in text.casefold() if c.isalnum() or "一" <= c <= "鿿")
    return words in {
        "mhm", "mm", "mmm", "mmhm", "mmhmm", "hm", "hmm", "uhhuh", "uh", "um", "oh", "ah", "aha", "yeah", "yes", "yep",
        "ok", "okay", "right", "sure", "isee", "wow", "nice", "good", "great", "really",
        "嗯", "嗯嗯", "哦", "噢", "啊", "对", "对对", "对对对", "是", "是的", "好", "好的", "哇", "真的", "这样啊",
    }  # fmt: skip


def declines(text: str) -> bool:
    """Whether an utterance only says no."""
    return normalised(text) in {
        "no", "nope", "nah", "no thanks", "not now", "never mind", "maybe", "later", "fine", "all right", "alright",
        "不", "不用", "不要", "不了", "算了", "没事", "以后再说",
    }  # fmt: skip


def all_right(language: str) -> str:
    return "好的。" if language == "zh" else "All right."


def likely(language: str) -> list[str]:
    """Short replies that are needed often, to be synthesised ahead."""
    return [working("", language), all_right(language), done("cancel_all", language), done("nothing", language)]


def no_picture(paused: bool, language: str) -> str:
    if language == "zh":
        return "我现在暂停了，说“继续”我再看。" if paused else "我现在看不到画面。"
    if paused:
        return 'I am paused and not looking. Say "continue" and ask me again.'
    return "I have no picture right now. Turn the camera on, or add a source, and ask me again."


def no_memory(language: str) -> str:
    return "长期记忆没有打开。" if language == "zh" else "Long-term memory is switched off here, so I can't look back."


def not_understood(example: str, language: str) -> str:
    """Said to typed words that ask for nothing that is known here."""
    if language == "zh":
        return f"这个我没听懂。可以试试：“{example}”。"
    return f'I didn\'t understand that. Try, for example: "{example}".'


def no_certainty(language: str) -> str:
    """Said to "only if you are certain" where nothing tells how certain it is."""
    if language == "zh":
        return "要多确定才说，得有视觉语言模型才能定。"
    return "How sure I have to be can only be set with a vision-language model."


def too_many(watches: int, language: str) -> str:
    """Said when no further watch fits."""
    if language == "zh":
        return f"我已经在留意{watches}项了，请先取消一项。"
    return f"I am watching for {watches} things already. Cancel one first."


def beyond(needs: str, language: str) -> str:
    """Said to a question that nothing here can answer."""
    return f"这个我回答不了，需要{needs}。" if language == "zh" else f"I can't answer that: it needs {needs}."


def silent_already(language: str) -> str:
    """Said to a typed "stop" when nothing was being said."""
    if language == "zh":
        return "我没在说话。要结束一项留意，请说“取消”。"
    return 'I am not saying anything. To end a watch, say "cancel that".'


def fault(language: str) -> str:
    """Said when something of ours broke over a request, so that it is never met by nothing."""
    if language == "zh":
        return "我内部出错了，没能做到。请换个说法再试一次。"
    return "Something went wrong in me with that. Please say it again in other words."


def done(verb: str, language: str, wordings: Sequence[str] = ()) -> str:
    """What was done at a direct order; empty where a word would only disturb."""
    named = "；".join(wordings) if language == "zh" else "; ".join(wordings)
    zh, en = {
        "cancel_watch": (f"不再留意：{named}。", f"I've stopped watching for this: {named}."),
        "cancel_last": (f"已取消：{named}。", f"Cancelled: {named}."),
        "cancel_all": ("全部取消了。", "Everything is cancelled."),
        "pause_watch": (f"暂停留意：{named}。", f"Paused: {named}."),
        "resume_watch": (f"继续留意：{named}。", f"Watching again: {named}."),
        "cancel_task": ("任务取消了。", "I've stopped working on it."),
        "pause": (f"暂停{named}。", f"Paused for {named}.")
        if named
        else ("暂停了。", "Paused. Say continue when you want me back."),
        "resume": ("继续看着。", "I'm watching again."),
        "voice": ("我会出声回答。", "I'll speak again."),
        "quiet": (f"好，{named}内只用字幕。", f"All right, captions only for {named}.")
        if named
        else ("好，只用字幕。", "All right, captions only."),
        "brief": ("好，我少说点。", "I'll keep it short."),
        "normal": ("好，照平常那样说。", "All right, as usual."),
        "other_voice": ("好，换成了这个声音。", "All right, now I sound like this."),
        "only_voice": ("这里只有这一个声音。", "This is the only voice I have here."),
        "slower": ("好，我说慢一点。", "All right, I'll speak more slowly."),
        "faster": ("好，我说快一点。", "All right, I'll speak faster."),
        "slowest": ("已经是最慢了。", "This is as slow as I can speak."),
        "fastest": ("已经是最快了。", "This is as fast as I can speak."),
        "wake_words": (f"好，我只听以“{named}”开头的话。", f"All right. I'll only listen when you say {named}."),
        "no_wake_words": ("好，您说的话我都会听。", "All right, I'm listening to everything you say again."),
        "nothing": ("没有可以取消的。", "There is nothing to cancel."),
        "forget": ("要忘掉一切，请在“记忆”里确认。", "To forget everything, confirm it in the Memory panel."),
    }.get(verb, ("", ""))
    return zh if language == "zh" else en
