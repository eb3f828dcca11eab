"""Where in the picture: "at the door", where a zone of that name is drawn. For both languages. Pure.

The place is taken out of a clause, which is then understood as if it were about the whole picture ("someone is here"),
and is put to what came of it. So any wish that can be watched for anywhere can be watched for there, whatever a person
calls the place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from interaction.intents import AddWatch, Condition, Intent, Unable
from interaction.understanding.grammar import Situation, compiled
from interaction.understanding.vocabulary_zh import simplify
from interaction.understanding.wishes import OPEN_WATCHES
from interaction.understanding.wording import describe, sentence, watch_wording

# What the eyes can tell of a part of the picture; movement and text they tell of the whole.
ZONED = frozenset({"arrives", "leaves", "count", "more_than", "fewer_than", "sees", "face"})
_MODEL = ("a vision-language model that watches (LOOKOUT_OBSERVER)", "一个能看画面的视觉语言模型（LOOKOUT_OBSERVER）")

HERE = ("here", "这里")
_BEFORE = "in|into|inside|within|at|on|onto|by|near|to|from|around|through|beside|outside|behind|under"
_SAID = {"into": "in", "inside": "in", "within": "in", "through": "in", "onto": "on", "to": "at", "from": "at"}
_VERBS = ("enters", "enter", "entering", "leaves", "leave", "leaving", "reaches", "crosses", "approaches")


@dataclass(frozen=True, slots=True)
class There:
    """A clause about a zone. `text`: it, said of the whole picture; `place`: where, in the person's words."""

    text: str
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
    return There(f"{text[:start]}here{text[found.end() :]}", zone, place)


def _zh(text: str, zone: str) -> There | None:
    name = _pattern(simplify(zone.strip()))
    found = compiled(
        rf"(?P<name>{name})(?:的?区域|里面|里边|那里|那边|那儿|里|内|中|上)?(?!的?(?:摄像头|镜头|画面|相机|视频))"
    ).search(text)
    return There(f"{text[: found.start()]}这里{text[found.end() :]}", zone, found[0]) if found else None


def _pattern(name: str) -> str:
    return re.sub(r"(?:\\?[-_ ])+", "[-_ ]?", re.escape(name))


def placed(anywhere: Sequence[Intent], there: There, text: str, situation: Situation) -> list[Intent]:
    """The wishes bound to the zone. What the eyes cannot tell of a part of the picture is for a model to judge, or is
    declined; [] for what is no wish to watch for something."""
    wishes = [intent for intent in anywhere if isinstance(intent, AddWatch) and _is_about_a_place(intent, text)]
    return [_bound(wish, there, text, situation) for wish in wishes] if len(wishes) == len(anywhere) else []


def _is_about_a_place(wish: AddWatch, text: str) -> bool:
    """Not words that are to be read ("when it says meet at the door") or spoken ("… say look at the door")."""
    spoken = bool(wish.say) and any(word in str(wish.say) and word not in text for word in HERE)
    return wish.condition is not None and wish.condition.kind != "text_says" and not spoken


def _bound(wish: AddWatch, there: There, text: str, situation: Situation) -> Intent:
    language = situation.language
    condition = replace(wish.condition or Condition("sees"), zone=there.zone, place=there.place)
    if condition.kind in ZONED:
        return replace(wish, condition=condition, wording=watch_wording(condition, wish.say, wish.ask, language))
    what = describe(condition, language)
    if OPEN_WATCHES in situation.capabilities:
        return replace(wish, condition=None, wording=sentence(what))
    whole = describe(replace(condition, zone=""), language)
    nearest = f"{whole}的时候告诉我" if language == "zh" else f"tell me when {whole}"
    return Unable(text, f"是不是{what}" if language == "zh" else f"whether {what}", _MODEL[language == "zh"], nearest)
