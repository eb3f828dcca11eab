"""The English grammar: its tables joined. See `grammar.Grammar`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from interaction.intents import Condition, Limits
from interaction.understanding.actions_en import frames
from interaction.understanding.conditions_en import conditions
from interaction.understanding.controls_en import CONTROLS
from interaction.understanding.grammar import Frame, Grammar, Manner, Part, Reason, Situation, Table
from interaction.understanding.guidance_en import guide, part
from interaction.understanding.limits_en import limits
from interaction.understanding.orders_en import ORDERS
from interaction.understanding.questions_en import QUESTIONS
from interaction.understanding.refusals_en import reason
from interaction.understanding.speech_en import manner, tidy
from interaction.understanding.standing_en import STANDING, WISHES
from interaction.understanding.tasks_en import REMARKS, TASKS
from interaction.understanding.timers_en import TIMERS
from interaction.understanding.vocabulary_en import FRAGMENTS

_AUXILIARY = r"(?:is|are|am|was|were|do|does|did|can|could|has|have|will|would|should)\b"


class English(Grammar):
    """Requests in English."""

    language = "en"
    joints = re.compile(
        r"(?:[.!?;:]+|,? (?:and (?:then |also |please )?|then |also |but |plus |as well as )"
        r"|,)\s*(?=\w)(?<![\d,.:]\b)",
        re.IGNORECASE,
    )
    controls = CONTROLS
    requests = Table(FRAGMENTS, *ORDERS, *TIMERS)
    standing = STANDING
    questions = QUESTIONS
    tasks = TASKS
    wishes = WISHES
    remarks = REMARKS

    def tidy(self, text: str) -> tuple[str, bool]:
        return tidy(text)

    def manner(self, text: str, situation: Situation) -> tuple[str, Manner]:
        return manner(text, situation)

    def limits(self, text: str, situation: Situation) -> tuple[str, Limits]:
        return limits(text, situation)

    def frames(self, text: str, situation: Situation) -> Iterator[Frame]:
        return frames(text, situation)

    def conditions(self, text: str, situation: Situation) -> list[Condition]:
        return conditions(text, situation)

    def reason(self, text: str) -> Reason:
        return reason(text)

    def guide(self, text: str) -> list[str] | None:
        return guide(text)

    def part(self, text: str, situation: Situation) -> Part:
        return part(text, situation)

    def asks(self, text: str) -> bool:
        return re.match(
            rf"(?:what|which|whose|how)\b(?: \w+){{0,3}}? {_AUXILIARY}|(?:who|whom|where|when|why) {_AUXILIARY}"
            r"|(?:is|are|am|was|were|do|does|did|can|could|will|would|should|has|have)"
            r" (?:i|you|he|she|it|we|they|the|this|that|there|my|your|any|a|an|those|these)\b"
            r"|how (?:much|many|far|old|tall|big|long)\b|(?:tell|show|give|teach|ask|help) (?:me|us)\b"
            r"|(?:write|draw|sing|order|book|buy|guess|check|zoom|turn|switch) (?:\w+ )?\w+|count (?:to|from) ",
            text,
            re.IGNORECASE,
        ) is not None  # fmt: skip


GRAMMAR = English()
