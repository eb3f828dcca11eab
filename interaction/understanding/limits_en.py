"""How often, how surely, at which hours: in English. Tables."""

from __future__ import annotations

from interaction.intents import Limits
from interaction.understanding.grammar import Situation
from interaction.understanding.limits import Row, at_most, at_night, cut, eager, hours, sure
from interaction.understanding.vocabulary_en import FRAGMENTS

_BUT = r"(?:\b(?:but|and|though|however),? )?"
_SURE = r"(?:\w+ly |quite |very |too |so |100 percent )?(?:sure|certain)(?: (?:about|of) (?:it|that))?"
_UNSURE = rf"you are (?:not {_SURE}|not 100 percent|unsure|uncertain|in doubt)"
_ALARM = r"(?:a )?false alarms?"
_MISS = r"(?:a miss|to miss (?:it|something|one)|miss(?:ing)? (?:it|something|one)|nothing)"
_RATHER = r"(?:i (?:would|do) )?(?:rather|better|prefer)(?: (?:have|get|hear))?"
_OFTEN = (
    r"(?:at (?:the )?most|(?:not|no) more (?:often )?than|max(?:imum)?"
    r"|do not (?:tell|alert|notify|bother) me more (?:often )?than)"
)
_OFTEN_AFTER = r"(?:at (?:the )?most|max(?:imum)?)"
_LONG = r"(?P<dur>{dur}|half an hour|{unit})(?![a-z])"
_NEVER = (
    r"(?:not|never|except(?: for)?|apart from|(?:do not|never) (?:tell|wake|disturb|bother|alert|notify) me"
    r"|do not speak|(?:be|stay|keep) (?:quiet|silent))"
)
_SPAN = r"(?:between|from) (?P<a>{clock}) (?:and|to|until|till|through) (?P<b>{clock})"

LIMITS: tuple[Row, ...] = (
    (rf"{_BUT}(?:even|also) (?:if|when|though) {_UNSURE}(?: yet)?", eager, ""),
    (rf"{_BUT}(?:if|when) in doubt,? (?:too|as well)?", eager, ""),
    (rf"{_BUT}{_RATHER} {_ALARM}(?: (?:than|over) {_MISS})?", eager, ""),
    (rf"{_BUT}false alarms are (?:fine|ok|okay|all right)", eager, ""),
    (rf"^only (?=(?:tell|alert|warn|notify|let) .*\bif you are {_SURE}$)", sure, ""),
    (
        rf"^only (?:tell|alert|warn|notify) me (?:if|when|once) you are {_SURE}(?: that| when| if| whenever)?(?= \w)",
        sure,
        "tell me when",
    ),
    (rf"{_BUT}only (?:if|when|once) you are {_SURE}(?= (?:when|if|whenever)\b|,|$)", sure, ""),
    (rf"{_BUT}only (?:if|when|once) you are {_SURE}(?: that)?(?= \w)", sure, "when"),
    (rf"{_BUT}(?:if|when|once) you are {_SURE}$", sure, ""),
    (rf"{_BUT}{_RATHER} {_MISS} (?:than|over) {_ALARM}|{_BUT}no false alarms", sure, ""),
    (
        rf"^do not (?:tell|alert|notify) me more (?:often )?than(?: once)? (?:every|each|per|an?|in) {_LONG}(?= \w)",
        at_most("en"),
        "tell me",
    ),
    (
        rf"{_BUT}{_OFTEN}(?: (?:once|one time|(?P<twice>twice)))?,? (?:in )?(?:every|each|per|an?|in) {_LONG}",
        at_most("en"),
        "",
    ),
    (rf"{_BUT}(?:once|(?P<twice>twice)) (?:every|each|per|an?|in) {_LONG} {_OFTEN_AFTER}", at_most("en"), ""),
    (rf"{_BUT}only (?:tell me )?{_SPAN}", hours("en", awake=True), ""),
    (rf"{_BUT}{_NEVER} {_SPAN}", hours("en"), ""),
    (rf"{_BUT}{_NEVER} (?:at|during the|in the|by|over) ?night(?:s|time)?|{_BUT}{_NEVER} overnight", at_night, ""),
    (rf"{_BUT}only (?:during the day|by day|in the daytime|during daytime)", at_night, ""),
)  # fmt: skip


def limits(text: str, situation: Situation) -> tuple[str, Limits]:
    """Take what is said about how often, how surely and when out of a clause."""
    return cut(text, LIMITS, FRAGMENTS, " ")
