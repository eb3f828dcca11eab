"""Whether what was said so far is a whole request: how long a silence then ends the turn. Pure.

Only a question that is asked to its end counts as whole. A wish does not: "remind me in ten minutes" goes on after a
pause as often as not, and what is cut there is a wrong watch, not a second's delay. A full stop tells nothing either: a
recogniser writes one after whatever it heard.
"""

from __future__ import annotations

import re
from typing import Literal

Completeness = Literal["whole", "unknown", "open"]

LEAST_WORDS = 3  # "What is?" may be the beginning of any question
LEAST_HAN = 4  # characters: 几点了？ waits as long as others
# Words after which English goes on. Not "that", "there", "in", "on", "so", "please": "come in", "I think so".
_JOINS = re.compile(
    r"\b(?:a|an|the|and|or|but|nor|because|if|when|whenever|while|until|till|unless|than|then|which|whose|whether|into"
    r"|onto|between|as|my|your|our|their|every|very|what|whatever|uh+|um+|er+m*|hmm*)$",
    re.I,
)
# A question may end in these: "what are you watching for", "what can you do", "where am I from".
_PREPOSITION = re.compile(r"\b(?:of|to|for|from|with|without|behind|under|at|by|about)$", re.I)
_VERB = re.compile(
    r"\b(?P<of>\w+) (?:is|are|was|were|am|be|been|do|does|did|has|have|had|will|would|can|could|should|may|might"
    r"|must)$",
    re.I,
)
_PRONOUNS = {"i", "you", "he", "she", "it", "we", "they", "this", "that", "there", "these", "those"}
_OPENS = re.compile(r"^(?:please )?(?:tell me|remind me|let me know|(?:can|could|will|would) you(?: please)?)$", re.I)
# A wish put as a question: what is wished for may come after a pause.
_WISH = re.compile(
    r"^(?:\W|(?:and|so|okay|ok|please|hey|well|now)\b)*(?:can|could|will|would) you\b(?! (?:see|hear)\b)"
    r"|(?:能|可以|可不可以|能不能|会)(?:你|您)?(?:请|帮|告诉|提醒|给我|留意)|[你您]能(?!看见|看到|听见|听到)",
    re.I,
)
# "What is 25?", "What is the time in?", "What did I?": Whisper writes a question mark at any pause.
_BROKEN_OFF = re.compile(r"(?:\d|\b(?:in|on|off|up|put)|\b(?:do|does|did|if) (?:i|you|we|they|he|she))$", re.I)
_WORD_OF_QUESTION = re.compile(r"\b(?:what|who|where|when|why|how|which)\b", re.I)
# First words of a question: "you can see it?" may be anything.
_ASKS = re.compile(
    r"^(?:\W|(?:and|so|okay|ok|now|please|hey|well|um|uh|lookout|look out)\b)*"
    r"(?:what|who|whose|where|when|why|how|which|is|are|was|were|am|do|does|did|can|could|will|would|has|have|had"
    r"|should)(?:\b|')",
    re.I,
)
_JOINS_ZH = re.compile(
    r"(?:的话|和|跟|与|或者?|还有|但是?|可是|因为|所以|如果|要是|假如|当|的时候|然后|以后|之后|之前|把|被|从|向|往|让|比|请|嗯|呃)$"
    r"|^(?:请|帮我|我想|我要|告诉我|提醒我)$"
)
_ASKS_ZH = re.compile(r"什么|谁|哪|几|多少|怎么|为何|吗|呢|是不是|有没有|能不能|多久|多远|多大")
_GOES_ON = (",", "，", "、", ":", "：", "-", "–", "—", "…", "...")


def completeness(text: str) -> Completeness:
    """Of what a recogniser wrote, in English or Chinese. "whole": nothing is missing; "open": it surely goes on."""
    text = text.strip()
    bare = re.sub(r"[\W_]+$", "", text)
    if not bare:
        return "unknown"
    if text.endswith(_GOES_ON):
        return "open"
    asked = bool(re.search(r"[?？]\W*$", text))
    return _of_chinese(bare, asked) if re.search("[一-鿿]$", bare) else _of_english(bare, asked)


def _of_english(bare: str, asked: bool) -> Completeness:
    words = len(re.findall(r"[A-Za-z0-9]+(?:'[a-z]+)?", bare))
    if words == 1:  # "No", "What": an answer, or a question of its own
        return "unknown"
    if _JOINS.search(bare) or _OPENS.search(bare):
        return "open"
    if _PREPOSITION.search(bare) and not _WORD_OF_QUESTION.search(bare):
        return "open"
    verb = _VERB.search(bare)
    if verb and verb["of"].lower() not in _PRONOUNS:  # "what time is"
        return "open"
    if _WISH.search(bare) or _BROKEN_OFF.search(bare):
        return "unknown"
    return "whole" if asked and words >= LEAST_WORDS and _ASKS.search(bare) else "unknown"


def _of_chinese(bare: str, asked: bool) -> Completeness:
    if _JOINS_ZH.search(bare):
        return "open"
    if _WISH.search(bare) or re.search(r"[在\d]$", bare):
        return "unknown"
    whole = asked and len(re.findall("[一-鿿]", bare)) >= LEAST_HAN and _ASKS_ZH.search(bare)
    return "whole" if whole else "unknown"
