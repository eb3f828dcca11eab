"""A place that a wish names and that no source and no zone is: "comes into the garage". For both languages. Pure.

With one source there is nothing to tell: what can be seen is the place. With several the wish holds for all of them,
and the person must hear that. Rather nothing is said than something wrong, so a place is only what the words of a place
say it is, at the end of what is waited for: "in the morning", "on the screen" and "comes in the door" are none, and
neither is what could be a game, a bed or a car.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from interaction.both import Both
from interaction.intents import AddWatch, Intent
from interaction.understanding.cameras import SCREEN, plain, which
from interaction.understanding.grammar import Situation, compiled
from interaction.understanding.vocabulary_en import ROOMS

_READ = ("text_says", "text_changes", "face")  # whose last words may be what is read, or looked at
_PAGE = ("camera", SCREEN)  # what a page shows is where the person is
# Beside a door somebody is there; "in the door" and "through the door" are ways to come in.
_DOORS = "door|doors|gate|window|entrance|entry|doorway|doorstep"
_EN = (
    rf"\b(?:(?:at|near|by|to|outside) (?:the|my|our) ((?:\w+ )?(?:{_DOORS}))"
    r"|(?:in|inside|into|within|to|at|on|near|by|outside|enters?|leaves?) (?:the|my|our) "
    rf"((?:[\w'-]+ )?(?:{ROOMS})))$"
)
_ROOMS_ZH = (
    "车库|厨房|客厅|餐厅|卧室|书房|浴室|卫生间|洗手间|厕所|阳台|露台|花园|院子|前院|后院|走廊|过道|门口|大门口?|前门"
    "|后门|侧门|车道|办公室|会议室|仓库|地下室|阁楼|楼梯间?|楼上|楼下|大厅|大堂|前台|教室|停车场|储藏室|婴儿房|儿童房|机房"
    "|温室|图书馆|食堂|电梯|屋顶|草坪"
)
_ZH = (
    rf"^(?:在|从)?({_ROOMS_ZH})(?:那里|那边|那儿|里面|里边|里|内|中|上|外面|外)?(?=有|来|进|没|出现|超过|的人)"
    rf"|(?:进|进入|进到|进了|来到|走进|走到|到|到了|离开|在)({_ROOMS_ZH})(?:里面|里边|里|内|中|上)?(?:了|来)?$"
)


def lost(made: list[Intent] | None, clause: str, situation: Situation) -> list[Intent] | None:
    """The wishes that came of a clause, the last one with the unknown place that the clause names, if it does."""
    if not made or len(situation.lanes) < 2 or all(lane in _PAGE for lane in situation.lanes):
        return made
    *before, wish = made
    if not isinstance(wish, AddWatch) or wish.source or not wish.condition or wish.condition.kind in _READ:
        return made
    if wish.condition.zone:
        return made
    found = compiled(_ZH if situation.language == "zh" else _EN).search(clause.strip(" ,"))
    place = next((name for name in found.groups() if name), "") if found else ""
    known = (*situation.lanes, *situation.zones, *situation.cameras)
    return [*before, replace(wish, nowhere=place)] if place and which(place, known) is None else made


def settled(
    made: list[Intent] | None, text: str, situation: Situation, again: Callable[[str], list[Intent] | None]
) -> list[Intent] | None:
    """With a place that is part of one name only ("the door": "front door") understood as that. `again`: understands a
    clause."""
    place = next((one.nowhere for one in made or () if isinstance(one, AddWatch) and one.nowhere), "")
    names = fitting(place, (*situation.lanes, *situation.zones))
    if len(names) != 1:
        return made
    for found in re.finditer(re.escape(place), text):  # one of them may be among words to be spoken
        bound = again(text[: found.start()] + names[0] + text[found.end() :])
        if bound and all(_is_at(one, names[0]) for one in bound):
            return bound
    return made


def _is_at(intent: Intent, name: str) -> bool:
    if not isinstance(intent, AddWatch):
        return False
    return intent.source == name or bool(intent.condition and intent.condition.zone == name)


def fitting(place: str, names: Sequence[str]) -> list[str]:
    """The names that the place is a part of, in whole words; Chinese has none."""
    if not place:
        return []
    if not place.isascii():
        part = place.removesuffix("口")
        return [name for name in dict.fromkeys(names) if part in plain(name)]
    return [name for name in dict.fromkeys(names) if f" {plain(place)} " in f" {plain(name)} "]


def told(place: str, names: Sequence[str]) -> Both:
    """That it is not known, and what is looked at instead. `names`: of sources and zones."""
    if fitting(place, names):
        return Both(f"More than one may be the {place}; I look at all sources.", f"{place}不止一个，所有来源我都看。")
    return Both(f"I know no {place}; I look at all sources.", f"没有叫{place}的来源或区域，所有来源我都看。")
