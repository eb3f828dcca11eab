"""Going through the steps of a guide by words, in both languages: next, back, again, where are we. Tables.

Short words ("next", "back", "done") mean a step only while a guide stands; without one nobody is asked for anything.
"""

from __future__ import annotations

import re

from interaction.intents import Control, Intent, Question
from interaction.understanding.grammar import Build, Situation, Verb
from interaction.understanding.wishes import reply


def _guided(situation: Situation) -> bool:
    return any(watch.steps for watch in situation.watches)


def _go(verb: Verb, plainly: bool) -> Build[list[Intent]]:
    """`plainly`: the words can only mean a step; without a guide, say so."""

    def build(match: re.Match[str], situation: Situation) -> list[Intent] | None:
        if _guided(situation):
            return [Control(verb)]
        return reply("no guide", match.string, situation.language) if plainly else None

    return build


def _where(plainly: bool) -> Build[list[Intent]]:
    def build(match: re.Match[str], situation: Situation) -> list[Intent] | None:
        return [Question("step", match.string)] if plainly or _guided(situation) else None

    return build


_AGAIN_EN = (
    r"(?:repeat|say|tell me|read) (?:me )?(?:the|this|that) (?:last |current )?step(?: again)?|what (?:was|is) (?:the "
    r"current|this|that) step(?: again)?"
)
STEP_CONTROLS_EN: tuple[tuple[str, Build[list[Intent]]], ...] = (
    (
        r"(?:skip|next)(?: (?:this|that|the|one))? step|(?:go|move)(?: on)? to (?:the )?next step"
        r"|one step (?:on|further)",
        _go("step_next", True),
    ),
    (
        r"skip(?: it| this| that| this one| that one)?|next(?: one)?|(?:go|move)(?: on)? to (?:the )?next(?: one)?"
        r"|(?:i am |it is |that is |all )?(?:done|finished|ready)(?: with (?:it|that|this))?"
        r"|i (?:have|did) (?:done )?(?:it|that)",
        _go("step_next", False),
    ),
    (
        r"(?:go |take me )?(?:back )?(?:to )?(?:the )?(?:previous|last) step"
        r"|(?:go )?(?:back (?:one|a) step|(?:one|a) step back)",
        _go("step_back", True),
    ),
    (r"(?:go )?back(?: one)?|the one before", _go("step_back", False)),
    (_AGAIN_EN, _go("step_again", True)),
)
STEP_QUESTIONS_EN: tuple[tuple[str, Build[list[Intent]]], ...] = (
    (
        r"{askme}?(?:(?:what|which)(?: is| comes)? (?:the )?next step|(?:which|what) step (?:am i|are we|is it|is this)"
        r"(?: at| on| in)?|how many steps(?: (?:are|do i have|is))?(?: there| left| to go)*)(?: now)?",
        _where(True),
    ),
    (
        r"{askme}?what (?:is|comes|do i do|should i do|now|must i do|shall i do) ?(?:next|now)?"
        r"|where (?:are we|am i)(?: now)?",
        _where(False),
    ),
)
STEP_CONTROLS_ZH: tuple[tuple[str, Build[list[Intent]]], ...] = (
    (r"跳过(?:这一步|这步|这个步骤)|(?:进入|到|去|做|继续)下一步", _go("step_next", True)),
    (r"下一步|跳过|下一个|(?:我)?(?:做完|做好|弄好|完成|准备好)了", _go("step_next", False)),
    (r"(?:回到|返回|退回|退到|再说)?(?:上一步|前一步)|退一步", _go("step_back", True)),
    (r"(?:退|返)回(?:去)?|上一个", _go("step_back", False)),
    (
        r"(?:重复|再说一遍|再说|再念一遍)(?:一下|一遍)?(?:这一步|这步|刚才那步)|(?:这一步|这步)(?:再说|再念|重复)(?:一遍|一次|一下)",
        _go("step_again", True),
    ),
)
STEP_QUESTIONS_ZH: tuple[tuple[str, Build[list[Intent]]], ...] = (
    (
        r"{ask}?下一步(?:是|要|该|做|应该)*(?:做|干)?(?:什么|啥|怎么做)|{ask}?(?:现在)?(?:到|在|是)(?:了)?(?:第几步|哪一?步)(?:了)?"
        r"|{ask}?(?:还有|还剩|一共|总共)(?:有)?(?:几|多少)(?:个)?步(?:骤)?",
        _where(True),
    ),
    (r"(?:接下来|然后|现在)(?:我)?(?:要|该|应该)?(?:做|干)?(?:什么|啥|怎么做|怎么办)(?:呢)?", _where(False)),
)
