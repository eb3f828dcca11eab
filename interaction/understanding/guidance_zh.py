"""The parts of a guide in Chinese. Tables."""

from __future__ import annotations

import re

from interaction.understanding.actions_zh import do, frames
from interaction.understanding.conditions_zh import conditions
from interaction.understanding.grammar import Action, Part, Situation, compiled, expand
from interaction.understanding.guidance import split
from interaction.understanding.times import duration
from interaction.understanding.vocabulary_zh import FRAGMENTS, to_you

# A recogniser writes 直到我, 叫我 and 待我 for 指导我, 教我 and 带我, and no colon after it.
_LEAD = re.compile(
    r"(?:直到我(?=[:,]|先|首先|显示|第一步)|一步一?步地?(?:直到|叫|待)我(?:做)?"
    r"|(?:一步一?步地?|分步骤?)?(?:指导|引导|指引|带着?|教|领着?)我(?:一步一?步地?|分步骤?)?(?:地)?"
    r"(?:做|操作|完成|走一遍|来)?(?:[^:,;。]{1,12}(?=:))?|(?:步骤|步骤如下|(?:按照?|跟着?)(?:这些|以下|下面的?)步骤(?:来|指导我|带我)?))"
    r"(?:[:,;。]\s*|(?=先|首先|显示|第一步)|$)"
)
_JOINTS = re.compile(
    r"[,;。]?\s*(?:然后|接着|接下来|随后|最后|(?:在)?(?:这|那)之后)[,:]?|[;。]|[,;。](?:之后|再)(?=.)"
    r"|(?:^|[,;。])\s*(?:首先|第[一二三四五六七八九十]步[,:])[,:]?"
)
_WAIT = compiled(
    expand(
        r"(?:(?:再)?(?:等待?|过|放|静置|停)(?:上)?(?P<dur>{dur})(?:钟)?(?:之后|以后|后)?|(?P<dur_>{dur})(?:之后|以后|后))"
        r"(?:,?(?:再|就)?(?P<do>.+))?",
        FRAGMENTS,
    )
)
_WHEN = re.compile(
    r"(?:等到?|当|如果|一旦|看到)(?P<condition>.+?)(?:的?时候|的?时|之后|以后|后|了)*|(?P<bare>.+?)(?:的时候|时|之后|以后)"
)
_MARKED = re.compile(r"时候|如果|要是|一旦|^等|^当|时[,:]?[告提]")
_TELL = re.compile(r"^(?:再|请|就)*(?:告诉|提醒|叫)我(?:一下|要|去|说)*[,:]?(?=.)")


def guide(text: str) -> list[str] | None:
    lead = _LEAD.match(text)
    return None if lead is None else split(text[lead.end() :], _JOINTS)


def part(text: str, situation: Situation) -> Part:
    match = _WAIT.fullmatch(text)
    if match and (seconds := duration(match["dur"] or match["dur_"], "zh")) is not None:
        return Part(after=seconds, action=_action(match["do"], situation) if match["do"] else None)
    text = re.sub(r"^(?:首?先|请|就|你)+(?=..)", "", text)
    read = [frame for frame in frames(text, situation) if frame.condition]
    marked = read[:1] if _MARKED.search(text) else []
    known = next((frame for frame in read if conditions(frame.condition, situation)), marked[0] if marked else None)
    if known:
        action = known.action
        return Part(known.condition, action=Action(say=to_you(action.hands)) if action.hands else action)
    if (match := _WHEN.fullmatch(text)) and conditions(match["condition"] or match["bare"], situation):
        return Part(match["condition"] or match["bare"])
    return Part(action=_action(text, situation))


def _action(words: str, situation: Situation) -> Action:
    """What to tell: "告诉我合上盖子", or the instruction itself."""
    action = do(words, situation)
    if action and (action.say or action.ask) and not action.hands:
        return action
    return Action(say=to_you(_TELL.sub("", words)))
