"""How often, how surely, at which hours: in Chinese. Tables."""

from __future__ import annotations

import re

from interaction.intents import Limits
from interaction.understanding.grammar import Situation
from interaction.understanding.limits import Row, at_most, at_night, cut, eager, hours, sure
from interaction.understanding.vocabulary_zh import FRAGMENTS

_BUT = r"(?:但是|但|不过|而且|并且)?"
_TELL = r"(?:告诉|提醒|通知|叫|报告|说|打扰|吵|出声|讲话|说话|报警)"
_DONT = rf"(?:(?:不要|别|不用|勿)再?{_TELL}?我?|不{_TELL}我?|除外)"
_NOT = r"(?:不要|不能|不愿|别|不)"
_SURE = r"(?:非常|完全|十分|真的|很|百分之百)?(?:确定|肯定|有把握|确信)"
_UNSURE = r"(?:不太|不|没那么|还不|不完全|不是很|没有|没)(?:确定|肯定|有?把握|确信)"
_NIGHT = r"(?:在)?(?:晚上|夜里|夜间|半夜|晚间|深夜)(?:的?时候)?"
_SPAN = r"(?:在|从)?(?P<a>{clock})(?:到|至|和|-)(?P<b>{clock})(?:之间|期间|这段时间)?(?:里|内)?(?:的时候)?"
_ONCE = rf"(?:{_TELL}我?)?(?:一次|一回|1次)"
_LONG = r"(?P<dur>{dur}|小时|分钟|天)"

LIMITS: tuple[Row, ...] = (
    (rf"{_BUT}(?:即使|就算|哪怕)?你?{_UNSURE}(?:的时候|的话)?,?(?:也|都)(?:要|请|得|可以)?(?={_TELL}|$)", eager, ""),
    (rf"{_BUT}(?:即使|就算|哪怕)你?{_UNSURE}(?:的时候|的话)?", eager, ""),
    (rf"{_BUT}(?:宁可|宁愿)误报(?:,?也?{_NOT}(?:漏报|漏掉|错过))?", eager, ""),
    (rf"{_BUT}误报也?(?:没关系|可以|行|不要紧)", eager, ""),
    (rf"{_BUT}(?:宁可|宁愿)(?:漏报|漏掉|错过),?也?{_NOT}误报|{_BUT}(?:不要|别|不许)误报", sure, ""),
    (rf"^(?:只有)?(?:在)?你?{_SURE}(?:了)?(?:的时候|时|以后|后)?,?(?:才|再)(?={_TELL})", sure, ""),
    (rf"^(?:只有)?你?{_SURE}(?:是|了)?(?=.+(?:才|再){_TELL})", sure, ""),
    (rf"{_BUT},?(?:只有)?(?:要|在)?你?{_SURE}(?:了)?(?:的时候|时|以后|后)?,?(?:才|再)(?={_TELL})", sure, ""),
    (rf"{_BUT}(?:必须|要|得)你?{_SURE}(?:才行|了?才{_TELL}我?)", sure, ""),
    (rf"{_BUT}(?:不要超过|不超过|最多|至多|别超过)每?隔?{_LONG}之?内?{_ONCE}", at_most("zh"), ""),
    (rf"{_BUT}每?隔?{_LONG}之?内?(?:最多|至多|不超过|不要超过|只能){_ONCE}", at_most("zh"), ""),
    (rf"{_BUT}(?:只|仅)(?:在|限)?{_SPAN}", hours("zh", awake=True), ""),
    (rf"{_BUT}(?:除了|除){_SPAN}(?:以外|之外|外)?", hours("zh"), ""),
    (rf"{_BUT}{_SPAN}(?:就|都)?{_DONT}", hours("zh"), ""),
    (rf"{_BUT}{_NIGHT}(?:就|都)?{_DONT}|{_BUT}(?:除了|除){_NIGHT}(?:以外|之外|外)?", at_night, ""),
    (rf"{_BUT}(?:只|仅)在?白天", at_night, ""),
)  # fmt: skip

# What is left of "even if …" and "only then …" before the verb.
_LEFT = {
    "eager": re.compile(rf"(?:也|都)(?:要|请)?(?={_TELL})"),
    "sure": re.compile(rf"(?:了|的时候)?(?:才|再)(?={_TELL})"),
}


def limits(text: str, situation: Situation) -> tuple[str, Limits]:
    """Take what is said about how often, how surely and when out of a clause."""
    text, found = cut(text, LIMITS, FRAGMENTS, ",")
    if left := _LEFT.get(found.certainty):
        text = left.sub("", text)
    return text, found
