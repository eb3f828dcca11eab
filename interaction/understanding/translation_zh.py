"""Reading in another language, in Chinese: once, or whenever the text changes. Tables."""

from __future__ import annotations

import re

from interaction.intents import Condition, Intent, Question
from interaction.understanding.grammar import Action, Build, Situation, compiled, expand, group
from interaction.understanding.languages import code_of
from interaction.understanding.vocabulary_zh import FRAGMENTS
from interaction.understanding.wishes import standing

_NAMED = compiled(expand(r"(?:成|为|到|用|以)(?P<into>{language})", FRAGMENTS))


def _once(match: re.Match[str], situation: Situation) -> list[Intent]:
    into = group(match, "into") or group(match, "into_")
    return [Question("translation", match.string, into=code_of(into))]


def _whenever(match: re.Match[str], situation: Situation) -> list[Intent]:
    named = _NAMED.search(match.string)
    ask = Question("translation", match.string, into=code_of(named["into"]) if named else None)
    return standing(Condition("text_changes"), situation, Action(ask=ask))


_READ = r"(?:大声)?(?:读|念|朗读|告诉我|说|讲|解释|翻译)(?:一下|一遍|出来|给我听|给我)*"

TRANSLATIONS: tuple[tuple[str, Build[list[Intent]]], ...] = (
    (
        r"{shown}?(?:给我|都|就)*(?:翻译|翻|译)(?:一下|下|出来|给我)*(?:(?:成|为|到)(?P<into>{language}))?(?:给我)?(?:听|看)?"
        r"{shown}?(?:(?:成|为|到)(?P<into_>{language}))?(?:给我)?(?:听|看)?",
        _once,
    ),
    (
        rf"(?:用|以)(?P<into>{{language}})(?:给我)?{_READ}{{shown}}?(?:上面)?(?:写(?:的|着|了)?(?:是)?(?:什么|啥)|是什么意思)?(?:给我听)?",
        _once,
    ),
    (rf"{{shown}}(?:用|以)(?P<into>{{language}})(?:给我)?{_READ}", _once),
    (r"{shown}(?:用)?(?P<into>{language})(?:是)?(?:什么意思|怎么说|是什么)", _once),
)

STANDING_TRANSLATIONS: tuple[tuple[str, Build[list[Intent]]], ...] = (
    (
        r"(?:一直|持续|不断|随时)地?(?:给我)?(?:把.{1,12})?翻译.*|(?:文字|字幕|内容|屏幕)一?(?:变|出现)(?:化|了)?就翻译.*"
        r"|翻译(?:所有|每)(?:出现)?.*|(?:一直|持续|不断)地?(?:用|以)(?:{language})(?:读|念|朗读).*",
        _whenever,
    ),
)
