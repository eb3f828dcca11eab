"""From the understood parts of a wish to intents: arm, schedule, cancel, change, refuse. For both languages. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from interaction.intents import AddWatch, Condition, Control, Intent, Remark, Schedule, Unable
from interaction.understanding.grammar import Action, Frame, Manner, Reason, Situation, WatchRef, compare
from interaction.understanding.wording import schedule_wording, sentence, time_up, watch_wording

TEXT_CHARS = 200  # of words that are to be read in the picture

# The shortest interval that can be kept: an answer takes about this long to speak.
SHORTEST_INTERVAL_S = 5.0
# A model that judges wishes in words, and one that translates what was read.
OPEN_WATCHES, TRANSLATION = "open-watches", "translation"
_TEXT_MODEL = ("a language model (LOOKOUT_LLM_URL)", "一个语言模型（LOOKOUT_LLM_URL）")
_AS_IT_IS = ("tell me when the text changes", "文字变了就告诉我")

_REPLIES = {
    "no watch": ("I'm not watching for that.", "我没有在看这个。"),
    "nothing": ("There is nothing to change.", "没有可以改的。"),
    "change": ("Change it to what? Please say the whole wish again.", "我没听懂要改成什么，请再说一遍。"),
    "when": ("When? Say, for example, “in ten minutes” or “at half past three”.", "什么时候？例如“十分钟后”。"),
    "how long": ("For how long? Say, for example, “for five minutes”.", "多长时间？比如“五分钟”。"),
    "no guide": ("I'm not guiding you through anything.", "现在没有在一步一步指导你。"),
    "steps": (
        "Tell me the steps: “guide me: when it says Next tell me step 2, then wait a minute, then tell me …”.",
        "请说出步骤，例如“指导我：显示下一步的时候告诉我第二步，然后等一分钟，再告诉我……”。",
    ),
    "interval": ("Five seconds is the shortest interval I can keep.", "最短只能每五秒一次。"),
}  # fmt: skip


def reply(key: str, text: str, language: str) -> list[Intent]:
    """A remark with one of the fixed answers."""
    return [Remark(text, _REPLIES[key][language == "zh"])]


def watch(condition: Condition, action: Action, manner: Manner, once: bool, language: str) -> AddWatch:
    """Arm a condition with what to do when it comes true."""
    ask = action.ask
    if action.tally:
        condition = (
            Condition("count", condition.label, tally=True)
            if condition.kind == "arrives"
            else replace(condition, tally=True)
        )
    if ask and ask.kind in ("text", "translation") and condition.kind == "changes":
        condition = Condition("text_changes")  # "read the text whenever it changes"
    if ask and ask.kind == "commentary" and condition.kind != "changes":
        ask = None  # what came true is told anyway
    if ask and ask.kind == "text" and condition.kind in ("text_changes", "text_says"):
        ask = None  # the text is read anyway
    if ask and ask.kind == "count" and not ask.label:
        ask = replace(ask, label=condition.label)
    return AddWatch(
        watch_wording(condition, action.say, ask, language),
        condition,
        say=action.say,
        source=manner.source,
        once=once or manner.once,
        urgent=action.urgent or manner.urgent,
        expires=manner.expires,
        ask=ask,
    )


def standing(condition: Condition, situation: Situation, action: Action | None = None) -> list[Intent]:
    """A watch that was asked for without "tell me when"."""
    if action and (refusal := untranslated(action, situation, condition)):
        return refusal
    return [watch(condition, action or Action(), situation.manner, False, situation.language)]


def scheduled(schedule: Schedule, action: Action, situation: Situation, text: str, timer: bool = False) -> list[Intent]:
    """Arm a timer, reminder or interval."""
    language, say = situation.language, action.say
    if schedule.every is not None and schedule.every < SHORTEST_INTERVAL_S:
        return reply("interval", text, language)
    if refusal := untranslated(action, situation):
        return refusal
    if timer and schedule.after and not say:
        say = time_up(schedule.after, language)
    elif not say and not action.ask:
        say = "时间到了。" if language == "zh" else "It is time."
    if say and not timer:
        say = sentence(say)
    return [
        AddWatch(
            schedule_wording(schedule, say, action.ask, timer, language),
            schedule=schedule,
            say=say,
            source=situation.manner.source if action.ask else None,
            once=schedule.every is None,
            urgent=situation.manner.urgent or action.urgent,
            expires=situation.manner.expires,
            ask=action.ask,
        )
    ]


def at(
    moment: datetime | None, action: Action, situation: Situation, text: str, every: float | None = None
) -> list[Intent] | None:
    """A reminder at a wall-clock time."""
    return scheduled(Schedule(at=moment.isoformat(), every=every), action, situation, text) if moment else None


def framed(frame: Frame, conditions: Sequence[Condition], situation: Situation) -> list[Intent]:
    """Watches for the conditions of one frame."""
    if refusal := untranslated(frame.action, situation, *conditions):
        return refusal
    return [watch(c, frame.action, situation.manner, frame.once, situation.language) for c in conditions]


def refused(frame: Frame, why: Reason, situation: Situation, text: str) -> list[Intent]:
    """A wish whose condition is not one that can be checked: a model judges it, or it is declined honestly."""
    if frame.action.hands:
        return hands(frame.action.hands, situation, text)
    if OPEN_WATCHES in situation.capabilities and not why.sense:
        m, a = situation.manner, frame.action
        return [
            AddWatch(
                sentence(frame.condition), say=a.say, source=m.source, once=frame.once or m.once,
                urgent=a.urgent or m.urgent, expires=m.expires, ask=a.ask,
            )
        ]  # fmt: skip
    return [Unable(text, frame.doubt or _whether(frame.condition, situation.language), why.needs, why.nearest)]


def untranslated(action: Action, situation: Situation, *conditions: Condition) -> list[Intent]:
    """A wish to translate without a text model: a model that sees is asked, or it is declined; [] for other wishes."""
    if action.ask is None or action.ask.kind != "translation" or TRANSLATION in situation.capabilities:
        return []
    zh = situation.language == "zh"
    text = action.ask.text
    if OPEN_WATCHES in situation.capabilities:
        said = [watch(c, Action(), situation.manner, False, situation.language) for c in conditions]
        return [replace(one, condition=None, wording=sentence(f"{one.wording}: {text}")) for one in said] or [
            AddWatch(sentence(text), source=situation.manner.source)
        ]
    return [no_translation(text, "怎么翻译" if zh else "how to translate that", situation.language)]


def no_translation(text: str, doubt: str, language: str) -> Unable:
    """What it would need to translate what is read, and that it can be read as it is."""
    return Unable(text, doubt, _TEXT_MODEL[language == "zh"], _AS_IT_IS[language == "zh"])


def _whether(condition: str, language: str) -> str:
    """What cannot be told, after "I can't tell …"."""
    return f"是不是{condition}" if language == "zh" else f"whether {condition}"


def hands(what: str, situation: Situation, text: str) -> list[Intent]:
    needs = "能操作它的设备，而我只能看和说" if situation.language == "zh" else "hands, and I can only watch and speak"
    doubt = f"怎么去{what}" if situation.language == "zh" else f"how to {what}"
    return [Unable(text, doubt, needs)]


def open_wish(wish: str, doubt: str, why: Reason, situation: Situation, text: str) -> list[Intent]:
    """A standing wish in words ("count my push-ups"). `doubt`: what cannot be told, after "I can't tell …"."""
    return refused(Frame(wish, doubt=doubt), why, situation, text)


def noteworthy(what: str, doubt: str, why: Reason, situation: Situation, text: str) -> list[Intent]:
    """ "Keep an eye on the stove": a model tells what is worth telling of it."""
    zh = situation.language == "zh"
    wish = f"{what}有什么值得注意的情况" if zh else f"anything noteworthy happens with {what}"
    return open_wish(wish, doubt, why, situation, text)


def changed(new: Condition | Schedule, latest: WatchRef, situation: Situation, text: str) -> list[Intent]:
    """Replace the latest watch by one with another condition or schedule; what was said beside it stays."""
    language = situation.language
    cancel = Control("cancel_watch", (latest.id,))
    if isinstance(new, Schedule):
        timer = bool(latest.schedule and latest.schedule.after and not latest.ask and _is_timer(latest))
        action = Action(say=None if timer else latest.say or latest.wording, ask=latest.ask)
        changed_ = scheduled(new, action, situation, text, timer)
        return [cancel, *(replace(one, limits=latest.limits) if isinstance(one, AddWatch) else one for one in changed_)]
    kept = Manner(latest.once, latest.urgent, source=latest.source)
    if latest.condition and latest.condition.zone:
        new = replace(new, zone=latest.condition.zone, place=latest.condition.place)
    return [
        cancel,
        replace(watch(new, Action(latest.say, latest.ask), kept, False, language), limits=latest.limits),
    ]


def _is_timer(ref: WatchRef) -> bool:
    return ref.wording.startswith(("Timer", "计时"))


def with_number(latest: WatchRef, count: int, label: str | None) -> Condition | None:
    """The latest condition with another number ("change that to two people")."""
    old = latest.condition
    if old is None:
        return None
    if old.kind in ("more_than", "fewer_than"):
        relation = "more" if old.kind == "more_than" else "fewer"
        # "at least three", kept as "more than two", becomes "at least two".
        relation = "least" if old.kind == "more_than" and "at least" in latest.wording.lower() else relation
        return compare(relation, count, label or old.label)
    return compare("least", count, label or old.label)


def with_text(latest: WatchRef, words: str) -> Condition | None:
    """The latest condition with other words to read ("change that to step two")."""
    reads = latest.condition is not None and latest.condition.kind == "text_says"
    return Condition("text_says", text=words.strip(" \"'“”‘’")) if reads and len(words) <= TEXT_CHARS else None


def with_label(latest: WatchRef, label: str) -> Condition | None:
    """The latest condition with another thing ("change that to cats")."""
    if latest.condition is None:
        return None
    kinds = ("arrives", "leaves", "count", "more_than", "fewer_than", "sees")
    return replace(latest.condition, label=label) if latest.condition.kind in kinds else Condition("sees", label)
