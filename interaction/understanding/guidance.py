"""Guides: "guide me: when it says Next tell me step 2, then wait two minutes, then tell me to turn it". Pure.

The parts of the sentence are understood one by one; one that only says what to wait for belongs to what is told next.
What is told with nothing to wait for comes when the person says "next".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from interaction.intents import AddWatch, Condition, Intent, Schedule, Step
from interaction.understanding.grammar import Action, Frame, Grammar, Part, Situation
from interaction.understanding.places import conditions_at
from interaction.understanding.times import say_duration
from interaction.understanding.wishes import refused, reply, untranslated
from interaction.understanding.wording import asked, describe, sentence

# A longer list is read, not heard.
MOST_STEPS = 20
# Of what one step tells: half a minute of speech.
SAY_CHARS = 400


def guide(text: str, grammar: Grammar, situation: Situation) -> list[Intent] | None:
    """The guide that a whole utterance asks for, as one watch with steps; None: it asks for none."""
    pieces = grammar.guide(text)
    if pieces is None:
        return None
    if not pieces:
        return reply("steps", text, situation.language)
    parts = [grammar.part(piece, situation) for piece in pieces[: 2 * MOST_STEPS]]
    waits: list[tuple[Part, list[Condition]]] = []
    for part in _joined(parts):
        found = conditions_at(part.condition, grammar, situation) if part.condition else []
        if part.condition and not found:
            return refused(Frame(part.condition), grammar.reason(part.condition), situation, text)
        waits.append((part, found))
    if len(waits) < 2:
        return None
    return _watch(waits[:MOST_STEPS], situation)


def _joined(parts: list[Part]) -> Iterator[Part]:
    """What is waited for and what is told then, of parts that may name only one of the two."""
    waiting = Part()
    for part in parts:
        waiting = Part(
            part.condition or waiting.condition,
            part.after if part.after is not None else waiting.after if not part.condition else None,
            part.action,
        )
        if part.action is not None:
            yield waiting
            waiting = Part()
    if waiting.condition or waiting.after is not None:
        yield replace(waiting, action=Action())  # "… then when it says Done": that it says so is told


def _watch(waits: list[tuple[Part, list[Condition]]], situation: Situation) -> list[Intent]:
    steps = []
    for number, (part, found) in enumerate(waits, 1):
        action = part.action or Action()
        if refusal := untranslated(action, situation, *found):
            return refusal
        condition = found[0] if found else None
        say = _told(action, part.after, situation.language)
        step = Step("", condition, part.after, say, action.ask, condition is None and part.after is None)
        steps.append(replace(step, wording=_wording(step, number, len(waits), situation.language)))
    first, manner = steps[0], situation.manner
    return [
        AddWatch(
            first.wording,
            first.condition,
            Schedule(after=first.after) if first.after is not None else None,
            first.say,
            source=manner.source,
            urgent=manner.urgent,
            expires=manner.expires,
            ask=first.ask,
            steps=tuple(steps),
        )
    ]


def _told(action: Action, after: float | None, language: str) -> str | None:
    words = (action.say or "").strip()[:SAY_CHARS]
    if not words and after is not None and not action.ask:
        return "时间到了。" if language == "zh" else "It is time."
    return words[:1].upper() + words[1:] or None


def _wording(step: Step, number: int, count: int, language: str) -> str:
    """The line in the list: "Step 2 of 4: when the text says “Done”: say “Close the lid”"."""
    zh = language == "zh"
    told = f"“{step.say}”" if step.say else asked(step.ask, language) if step.ask else ""
    told = f"{'：' if zh else ': '}{told}" if told else ""
    return sentence(f"第{number}步（共{count}步），{until(step, 'zh')}{told}") if zh else sentence(
        f"Step {number} of {count}, {until(step, 'en')}{told}"
    )  # fmt: skip


def until(step: Step, language: str) -> str:
    """When a step is told, as a few words."""
    if step.condition:
        what = describe(step.condition, language)
        return f"{what}的时候" if language == "zh" else f"when {what}"
    if step.after is not None:
        length = say_duration(step.after, language)
        return f"{length}后" if language == "zh" else f"after {length}"
    return "你说“下一步”的时候" if language == "zh" else "when you say “next”"


def split(text: str, joints: re.Pattern[str]) -> list[str]:
    """The pieces between the joints, tidied; none empty."""
    return [piece for part in joints.split(text) if (piece := part.strip(" ,.;:，。；："))]
