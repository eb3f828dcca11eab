"""What is asked of memory: form, period, and what it is about. English and Chinese. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from memory.concepts import concepts
from memory.periods import Period, midnight, period_of
from memory.record import MomentKind

Form = Literal["when", "elapsed", "count", "whether", "where", "list", "what"]

# What the seeing room writes into `Moment.label`, by concept.
LABELS = {
    "person": "person", "child": "person", "cat": "cat", "dog": "dog", "cup": "coffee cup", "car": "car",
    "bicycle": "bicycle", "laptop": "laptop", "chair": "chair", "box": "box", "bottle": "bottle", "book": "book",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Query:
    """A question that was understood. `about`: its concepts; `events` and `label` name percepts where it asks for
    one; `kinds`: whose words are asked for; `first`: the earliest instead of the latest."""

    text: str
    language: str
    form: Form
    about: frozenset[str]
    period: Period
    label: str = ""
    events: tuple[str, ...] = ()
    kinds: tuple[MomentKind, ...] = ()
    first: bool = False

    @property
    def structured(self) -> bool:
        """It asks for a percept, which is found by what it is and not by its words."""
        return bool(self.events and self.label)


_FORMS: tuple[tuple[Form, str], ...] = (
    (
        "list",
        r"\bwhat(?:'s| has| have| had| did)? (?:i |else |all )*"
        r"(?:happen|happened|been happening|went on|been going on|miss(?:ed)?)\b"
        r"|\banything (?:new|happen|interesting)|\bdid i miss|\bsumm?ar|\bcatch me up|\brecap\b"
        r"|发生了?(?:什么|哪些)|(?:什么|啥)(?:事|情况)?(?:发生|新鲜)|错过了?什么|总结|概括",
    ),
    (
        "elapsed",
        r"\bhow long (?:is it |has it been |ago |since)|\bhow long ago|\bsince when"
        r"|多久(?:了|以前|之前|没)?|多长时间",
    ),
    ("count", r"\bhow (?:many|often)\b|\bnumber of times|几次|多少次|(?:多少|几)个?(?:人|只|辆|个|客人|访客)"),
    ("where", r"\bwhere\b|哪里|哪儿|在哪|什么地方"),
    ("when", r"\bwhen\b|\b(?:what|which) (?:time|day)\b|什么时候|何时|几点|哪天|啥时候"),
    ("whether", r"^(?:and |so |ok |hey )?(?:did|has|have|was|were|is|are)\b|有没有|是否|[吗嘛][？?]?$"),
)
_ARRIVE = (
    r"\b(?:come|came)s? (?:in|by|over|into|to|here|along|back|home|through)\b|\bcame\b|\bhere\b"
    r"|\barriv|\benter|\bappear|\bvisit|\bdelivered\b|\bshow(?:ed|s|n)? up"
    r"|\b(?:walk|step|stopp?|pull|drop|turn)(?:ed|s|ped)? (?:in|by|up)\b"
    r"|进来|进门|来过|来了|到了|到访|出现|进屋|进入|到达|停在|送来|送到|来$|来[的吗？?]|经过"
)
_LEAVE = (
    r"\b(?:go(?:es)?|went|gone|walk(?:ed)?|ran|drove|drive) (?:away|out|off|home)\b|\bgone\b"
    r"|\bdisappear|\bvanish|\bexit|\bdepart|离开|走了|走的|出去|不见了|消失|走掉|开走"
)
_LEFT = r"\b(?:leaves?|left|leaving)\b"  # leaving a place, unless the person left a thing somewhere
_I = r"\b(?:i|we)\b|我"
_WORDS_OF_HOUSE = (
    r"\b(?:did|have|had) you (?:just |already |ever )?"
    r"(?:say|said|tell|told|answer|announce|mention|count|warn|reply|report)"
    r"|\byou (?:just )?(?:said|told|answered|mentioned|announced|counted)"
    r"|\byour (?:last |previous )?(?:answer|words|reply)"
    r"|你(?:刚才|刚刚|之前|都)?(?:跟我|对我|和我)?(?:说|讲|回答|告诉|提到|数|报)"
)
_WORDS_OF_PERSON = (
    r"\b(?:did|have|had) i (?:just |already |ever )?(?:say|said|tell|told|ask|asked|mention|want|complain|request)"
    r"|\bi (?:just )?(?:said|told|asked|mentioned|complained)|\bmy (?:last |previous )?(?:question|request|words)"
    r"|我(?:刚才|刚刚|之前|都)?(?:跟你|对你|和你)?(?:说|讲|问|告诉|提到|要求)"
)


def parse(text: str, language: str, now: datetime) -> Query:
    """Understand a question. `now`: aware wall-clock time; what cannot be understood is a plain "what"."""
    lowered = " ".join(text.lower().replace("’", "'").split())
    period, rest = period_of(lowered, now)
    form: Form = next((name for name, pattern in _FORMS if re.search(pattern, lowered)), "what")
    about = concepts(rest)
    kinds = _kinds(lowered)
    label = next((LABELS[c] for c in ("cat", "dog", *sorted(about)) if c in about and c in LABELS), "")
    events = () if kinds or form == "where" else _events(rest, label)
    if form == "what" and events:
        form = "whether" if "person" in about else "when"
    if len(about) > 1 and not events:
        about -= {"person"}  # "who": almost every moment has a person in it
    first = bool(re.search(r"\bfirst\b|第一次|最早|最先", lowered))
    if first and period == Period():
        period = Period(midnight(now), None, "today", "今天")  # of all time is never meant, and costs reading all of it
    return Query(text, language, form, about, period, label, events, kinds, first)


def _kinds(lowered: str) -> tuple[MomentKind, ...]:
    if re.search(_WORDS_OF_HOUSE, lowered):
        return ("said", "answered", "task")
    if re.search(_WORDS_OF_PERSON, lowered):
        return ("heard",)
    return ()


def _events(rest: str, label: str) -> tuple[str, ...]:
    if not label:
        return ()
    leaving = re.search(_LEAVE, rest) or (re.search(_LEFT, rest) and not re.search(_I, rest))
    if leaving:
        return ("left",)
    return ("arrived",) if re.search(_ARRIVE, rest) else ()
