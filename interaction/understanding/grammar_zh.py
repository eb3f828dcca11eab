"""The Chinese grammar: its tables joined. See `grammar.Grammar`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from interaction.intents import Condition, Limits
from interaction.understanding.actions_zh import frames
from interaction.understanding.conditions_zh import conditions
from interaction.understanding.controls_zh import CONTROLS
from interaction.understanding.grammar import Frame, Grammar, Manner, Part, Reason, Situation, Table
from interaction.understanding.guidance_zh import guide, part
from interaction.understanding.limits_zh import limits
from interaction.understanding.orders_zh import ORDERS
from interaction.understanding.questions_zh import QUESTIONS
from interaction.understanding.refusals_zh import reason
from interaction.understanding.speech_zh import manner, tidy
from interaction.understanding.standing_zh import STANDING, WISHES
from interaction.understanding.tasks_zh import REMARKS, TASKS
from interaction.understanding.timers_zh import TIMERS
from interaction.understanding.vocabulary_zh import FRAGMENTS


class Chinese(Grammar):
    """Requests in Chinese, in either script."""

    language = "zh"
    joints = re.compile(
        r"[。!?;]+ ?|,(?:然后|再|同时|并且|并|还有|另外|也|接着|而且)?|(?:然后|并且|同时|接着|顺便|还有(?!多|几)"
        r"|另外)"
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
        return (
            re.search(
                r"吗$|呢$|什么|怎么|为什么|多少|几个|谁|哪|是不是|有没有|能不能|对不对|好不好|^(?:给我(?!们)|讲个|唱|画)",
                text,
            )
            is not None
        )


GRAMMAR = Chinese()
