"""Where in the picture: "at the door", where a zone of that name is drawn. For both languages. Pure.

The place is taken out of a clause, which is then understood as if it were about the whole picture ("someone is here"),
and is put to what came of it. So any wish that can be watched for anywhere can be watched for there, whatever a person
calls the place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from interaction.intents import AddWatch, Condition, Intent
from interaction.understanding.grammar import Grammar, Situation, compiled
from interaction.understanding.vocabulary_zh import simplify
from interaction.understanding.wording import watch_wording

HERE = ("here", "这里")
_CLOSING = ("”", '"', "’", "»", "」")
_BEFORE = "in|into|inside|within|at|on|onto|by|near|to|from|around|through|beside|outside|behind|under"
_SAID = {"into": "in", "inside": "in", "within": "in", "through": "in", "onto": "on", "to": "at", "from": "at"}
_VERBS = ("enters", "enter", "entering", "leaves", "leave", "leaving", "reaches", "crosses", "approaches")


@dataclass(frozen=True, slots=True)
class There:
    """A clause about a zone. `texts`: it, said of the whole picture, with "here" and then without any place; `place`:
    where, in the person's words."""

    texts: tuple[str, ...]
    zone: str
    place: str


def located(text: str, zones: Sequence[str], language: str) -> There | None:
    """The one of these zones that a clause names; None: none."""
    for zone in sorted(zones, key=len, reverse=True):
        if there := (_zh if language == "zh" else _en)(text, zone):
            return there
    return None


def _en(text: str, zone: str) -> There | None:
    name = _pattern(re.sub(r"^(?:the|my|our) ", "", zone.strip(), flags=re.IGNORECASE))
    after = "|".join(f"(?<=\\b{verb}) " for verb in _VERBS)
    found = compiled(
        rf"(?:\b(?P<before>{_BEFORE}) |{after})(?:(?P<whose>the|my|our|this) )?(?P<name>{name})"
        r"(?: (?:zone|area|region))?(?![\w'-])(?! (?:camera|cam|source|view|feed|stream)\b)"
    ).search(text)
    if found is None:
        return None
    before = (found["before"] or "at").lower()
    whose = {"my": "your ", "our": "your ", "the": "the ", "this": "the "}.get((found["whose"] or "").lower(), "")
    place = f"{_SAID.get(before, before)} {whose}{found['name']}"
    start = found.start() + (found[0].startswith(" "))
    return There(_texts(text[:start], "here", text[found.end() :]), zone, place)


def _zh(text: str, zone: str) -> There | None:
    name = _pattern(simplify(zone.strip()))
    found = compiled(
        rf"(?P<name>{name})(?:的?区域|里面|里边|那里|那边|那儿|里|内|中|上)?(?!的?(?:摄像头|镜头|画面|相机|视频))"
    ).search(text)
    if found is None:
        return None
    return There(_texts(text[: found.start()], "这里", text[found.end() :]), zone, found[0])


def _texts(before: str, here: str, after: str) -> tuple[str, ...]:
    """Words to be read end with their quotes: “open” here would be read as one."""
    without = " ".join(f"{before.removesuffix('在')}{after.removeprefix('的')}".split())
    return (without,) if before.rstrip().endswith(_CLOSING) else (f"{before}{here}{after}", without)


def _pattern(name: str) -> str:
    return re.sub(r"(?:\\?[-_ ])+", "[-_ ]?", re.escape(name))


def wishes_at(
    text: str, situation: Situation, anywhere: Callable[[str, Situation], list[Intent] | None]
) -> list[Intent]:
    """The wishes in a clause that are about a zone, bound to it; [] for none. `anywhere`: understands a clause."""
    there = located(text, situation.zones, situation.language)
    for words in there.texts if there else ():
        made = anywhere(words, replace(situation, zones=())) or []
        wishes = [intent for intent in made if isinstance(intent, AddWatch) and intent.condition]
        if not there or not wishes or len(wishes) < len(made):
            continue
        about = not any(_read_or_spoken(text, wish.condition, wish.say) for wish in wishes)
        return [_bound(wish, there, situation.language) for wish in wishes] if about else []
    return []


def at_place(wish: AddWatch, said: str, situation: Situation) -> AddWatch:
    """A wish that somebody else understood, bound to the zone that its words name, if they do."""
    there = located(said, situation.zones, situation.language)
    spoken = f"{wish.condition.text if wish.condition else ''} {wish.say or ''}"
    return _bound(wish, there, situation.language) if there and wish.condition and there.zone not in spoken else wish


def conditions_at(text: str, grammar: Grammar, situation: Situation) -> list[Condition]:
    """The conditions in a clause that only says what is waited for, bound to the zone if it names one."""
    there = located(text, situation.zones, situation.language)
    for words in there.texts if there else ():
        found = grammar.conditions(words, situation)
        if there and found and not any(_read_or_spoken(text, condition) for condition in found):
            return [replace(condition, zone=there.zone, place=there.place) for condition in found]
        if found:
            break
    return grammar.conditions(text, situation)


def _read_or_spoken(text: str, condition: Condition | None, say: str | None = None) -> bool:
    """Whether the place is among words that are to be read ("when it says meet at the door") or spoken."""
    words = f"{condition.text if condition else ''} {say or ''}"
    return any(here in words and here not in text for here in HERE)


def _bound(wish: AddWatch, there: There, language: str) -> AddWatch:
    condition = replace(wish.condition or Condition("sees"), zone=there.zone, place=there.place)
    return replace(wish, condition=condition, wording=watch_wording(condition, wish.say, wish.ask, language))
