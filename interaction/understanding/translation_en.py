"""Reading in another language, in English: once, or whenever the text changes. Tables."""

from __future__ import annotations

import re

from interaction.intents import Condition, Intent, Question
from interaction.understanding.grammar import Action, Build, Situation, compiled, expand, group
from interaction.understanding.languages import code_of
from interaction.understanding.vocabulary_en import FRAGMENTS
from interaction.understanding.wishes import standing

_TO = r"(?:in|into|to) (?P<into>{language})"
_ME = r"(?: (?:out loud|out|aloud|to me|for me|me))*"
_NAMED = compiled(expand(r"\b(?:in|into|to) (?P<into>{language})\b", FRAGMENTS))


def _once(match: re.Match[str], situation: Situation) -> list[Intent]:
    return [Question("translation", match.string, into=code_of(group(match, "into")))]


def _whenever(match: re.Match[str], situation: Situation) -> list[Intent]:
    named = _NAMED.search(match.string)
    ask = Question("translation", match.string, into=code_of(named["into"]) if named else None)
    return standing(Condition("text_changes"), situation, Action(ask=ask))


TRANSLATIONS: tuple[tuple[str, Build[list[Intent]]], ...] = (
    (rf"(?:translate|interpret){_ME}(?: {{shown}})?{_ME}(?:,? {_TO})?{_ME}", _once),
    (rf"(?:read|tell|say|give|show|explain){_ME}(?: {{shown}})?{_ME},? in (?P<into>{{language}}){_ME}", _once),
    (r"what (?:does|do|did) {shown} (?:say|mean|read),? in (?P<into>{language})", _once),
    (r"what (?:is|are) {shown} in (?P<into>{language})", _once),
)

STANDING_TRANSLATIONS: tuple[tuple[str, Build[list[Intent]]], ...] = (
    (
        r"(?:keep |start )?(?:translat(?:e|ing)|interpret(?:ing)?)(?: for me)? (?:everything|whatever|anything|all|any"
        r"|each|every|new|the (?:text|subtitles|captions) (?:when|as))\b.*"
        r"|(?:keep|start) (?:translat|interpret)ing(?: .*)?",
        _whenever,
    ),
    (
        rf"(?:keep )?read(?:ing)?{_ME} (?:everything|whatever|all|any|anything|new|each|every)\b.* in {{language}}"
        rf"{_ME}",
        _whenever,
    ),
)
