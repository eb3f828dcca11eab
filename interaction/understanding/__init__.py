"""What a person wants: `understand(text, …)` turns a sentence, spoken or typed, into intents. Pure.

A sentence is cut where a second request may begin; each clause goes through the stages of a grammar in a fixed
order; the first stage that takes it wins. The page's language is tried first, then the other one. What no
stage takes is a question for a model if it has the form of one, otherwise a remark that asks for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from interaction.clock import wall_now
from interaction.intents import UNLIMITED, AddWatch, Control, Intent, Question, Remark, Task, Unable
from interaction.understanding.grammar import Grammar, Situation, WatchRef
from interaction.understanding.grammar_en import GRAMMAR as ENGLISH
from interaction.understanding.grammar_zh import GRAMMAR as CHINESE
from interaction.understanding.guidance import guide
from interaction.understanding.nowhere import lost, settled
from interaction.understanding.places import wishes_at
from interaction.understanding.wishes import framed, refused
from interaction.understanding.wording import acknowledge

__all__ = [
    "WatchRef",
    "about_lane",
    "acknowledge",
    "as_watch",
    "beyond_models",
    "examples",
    "is_question",
    "language_of",
    "understand",
]

# A request is short; in a longer clause only its beginning is looked at. It bounds the work of the patterns.
CLAUSE_CHARS = 240
# Longer texts are refused upstream (`session.text_chars`); here the rest is dropped.
TEXT_CHARS = 2000
# Without one of these characters a text is not in the language.
_SCRIPT = {"en": re.compile(r"[A-Za-z0-9]"), "zh": re.compile(r"[㐀-鿿]")}
# More requests in one breath than this are a dictation.
MOST_REQUESTS = 6


def understand(
    text: str,
    language: str,
    *,
    now: datetime,
    watches: Sequence[WatchRef] = (),
    lanes: Sequence[str] = (),
    zones: Sequence[str] = (),
    capabilities: frozenset[str] = frozenset(),
    cameras: Sequence[str] = (),
) -> list[Intent]:
    """The intents of one utterance, in the order in which they were said; at least one (`Remark`: nothing asked).

    `language`: "en" or "zh", tried first. `now`: aware wall-clock time. `watches`: standing ones, oldest first, for
    "cancel that". `lanes`: names of sources, for "in the kitchen"; `zones`: names of places in their pictures, for
    "at the door". `capabilities`: "open-watches" when a model can judge wishes in words. `cameras`: names of configured
    sources, for "add the door camera". Never raises for any text.
    """
    text = text[:TEXT_CHARS].strip()
    first = "zh" if language.startswith("zh") else "en"
    situations = [
        Situation(name, now, tuple(watches), tuple(lanes), tuple(zones), capabilities, tuple(cameras))
        for name in (first, "en" if first == "zh" else "zh")
    ]
    for situation in situations:
        if not _SCRIPT[situation.language].search(text):
            continue
        if made := _utterance(text, GRAMMARS[situation.language], situation):
            return made
    return [_rest(text, GRAMMARS[language_of(text, first)])]


def _utterance(text: str, grammar: Grammar, situation: Situation) -> list[Intent] | None:
    whole, _ = grammar.tidy(text)
    if not whole:
        return None
    if made := guide(whole, grammar, situation):
        return made
    joints = list(grammar.joints.finditer(whole))[: MOST_REQUESTS - 1]
    made = _requests(
        whole, [0, *(joint.end() for joint in joints)], [joint.start() for joint in joints], grammar, situation
    )
    if made is None:
        return None
    wishes: list[Intent] = [intent for intent in made if not isinstance(intent, Remark)]
    return wishes or made[:1]


def _requests(
    text: str, starts: list[int], ends: list[int], grammar: Grammar, situation: Situation
) -> list[Intent] | None:
    """The text as one request, or cut at some of the joints into several of which each is understood by itself.

    From the last possible beginning to the first, so that every stretch is looked at once.
    """
    ends = [*ends, len(text)]
    following: dict[int, list[Intent] | None] = {}
    for first in reversed(range(len(starts))):
        made = None
        for last in range(first, len(ends)):
            rest = following.get(last + 1) if last + 1 < len(ends) else []
            if rest is None:
                continue
            clause, _ = grammar.tidy(text[starts[first] : ends[last]])
            if clause and (begin := _clause(clause, grammar, situation)):
                made = [*begin, *rest]
                break
        following[first] = made
    return following[0]


def _clause(text: str, grammar: Grammar, situation: Situation) -> list[Intent] | None:
    made = _request(text, grammar, situation)
    return settled(made, text, situation, lambda words: _request(words, grammar, situation))


def _request(text: str, grammar: Grammar, situation: Situation) -> list[Intent] | None:
    """One request; what is said beside a wish about how often, when and where in the picture is taken out first and put
    to it."""
    if len(text) > CLAUSE_CHARS:
        return _long(text, grammar, situation)
    if bound := wishes_at(text, situation, lambda words, anywhere: _clause(words, grammar, anywhere)):
        return bound
    plain, limits = grammar.limits(text, situation)
    if not plain:
        return None  # it goes with what was said before
    made = _stages(plain, grammar, situation) if limits != UNLIMITED else None
    if made and all(isinstance(intent, AddWatch | Unable | Control) for intent in made):
        return [replace(intent, limits=limits) if isinstance(intent, AddWatch) else intent for intent in made]
    return _stages(text, grammar, situation)


def _stages(text: str, grammar: Grammar, situation: Situation) -> list[Intent] | None:
    """The stages, in the order in which they win: control, timer, condition, question, task, unable, remark."""
    for table in (grammar.controls, grammar.requests):
        if made := table.read(text, situation):
            return made
    plain, manner = grammar.manner(text, situation)
    aimed = replace(situation, manner=manner)
    if plain != text and (made := grammar.requests.read(plain, aimed)):
        return made
    if made := lost(grammar.standing.read(plain, aimed), plain, aimed) or _framed(plain, grammar, aimed):
        return made
    if plain != text and (made := grammar.standing.read(text, situation)):
        return made  # what looked like a manner was the wish: "一直读"
    if made := grammar.questions.read(text, situation) or grammar.tasks.read(text, situation):
        return made
    return grammar.remarks.read(text, situation) or _refused(plain, grammar, aimed) or grammar.wishes.read(plain, aimed)


def _framed(text: str, grammar: Grammar, situation: Situation) -> list[Intent] | None:
    for frame in grammar.frames(text, situation):
        if found := grammar.conditions(frame.condition, situation):
            if frame.action.hands:
                return refused(frame, grammar.reason(frame.condition), situation, text)
            return lost(framed(frame, found, situation), frame.condition, situation)
    return None


def _refused(text: str, grammar: Grammar, situation: Situation) -> list[Intent] | None:
    for frame in grammar.frames(text, situation):
        if not frame.action.hands:
            return refused(frame, grammar.reason(frame.condition), situation, text)
    return None


def _long(text: str, grammar: Grammar, situation: Situation) -> list[Intent] | None:
    """A clause too long for the patterns: its beginning tells whether it is work for the agent."""
    made = grammar.tasks.read(text[:CLAUSE_CHARS], situation)
    return [Task(text)] if made else None


def _rest(text: str, grammar: Grammar) -> Intent:
    clause, addressed = grammar.tidy(text)
    if clause and (addressed or text.rstrip().endswith(("?", "？")) or grammar.asks(clause)):
        return Question("open", clause)
    return Remark(text)


def as_watch(
    wording: str,
    language: str,
    *,
    now: datetime,
    lanes: Sequence[str] = (),
    zones: Sequence[str] = (),
    capabilities: frozenset[str] = frozenset(),
) -> AddWatch | Unable:
    """A watch from the words of its list entry ("Someone comes in"), as typed into the page's list."""
    lead = "的时候告诉我" if language_of(wording, language) == "zh" else "tell me when "
    framed_ = wording.strip() + lead if lead.startswith("的") else lead + wording.strip()
    for text in (wording, framed_):
        for intent in understand(text, language, now=now, lanes=lanes, zones=zones, capabilities=capabilities):
            if isinstance(intent, (AddWatch, Unable)):
                return intent
    return Unable(wording, wording, "words that I understand as something to watch for")


def read_once() -> None:
    """The first sentence of a language compiles its patterns: half a second that nobody should wait for."""
    for text, language in (("what do you see?", "en"), ("你看到什么？", "zh")):
        understand(text, language, now=wall_now())


def beyond_models(text: str, language: str) -> str:
    """What answering would need, if no model that sees would help: who someone is, what they feel, a sound. Else ""."""
    grammar = GRAMMARS[language_of(text, language)]
    needs = grammar.reason(text).needs
    return "" if needs == grammar.reason("").needs else needs


def about_lane(text: str, lanes: Sequence[str], now: datetime) -> str | None:
    """The source that a question names ("what do you see in the kitchen?"), if it is one of these."""
    for language, grammar in GRAMMARS.items():
        found = grammar.manner(text, Situation(language, now, lanes=tuple(lanes)))[1].source
        if found:
            return found
    return None


def is_question(text: str) -> bool:
    """Whether a clause has the form of a question, courtesy aside: "could you mind the soup" has not."""
    return GRAMMARS[language_of(text)].asks(text)


def language_of(text: str, default: str = "en") -> str:
    """The language that a text is written in: "zh" if it has Chinese characters, "en" if it has Latin letters."""
    if _SCRIPT["zh"].search(text):
        return "zh"
    return "en" if re.search(r"[A-Za-z]", text) else ("zh" if default.startswith("zh") else "en")


def examples(language: str, capabilities: frozenset[str] = frozenset()) -> list[str]:
    """Short things to ask, each of which is really understood here."""
    zh = language.startswith("zh")
    return [
        *(_EXAMPLES_ZH if zh else _EXAMPLES_EN),
        *((_OPEN_ZH if zh else _OPEN_EN) if "open-watches" in capabilities else ()),
        *((_TRANSLATED_ZH if zh else _TRANSLATED_EN) if "translation" in capabilities else ()),
    ]


_EXAMPLES_EN = (
    "Tell me when someone comes in",
    "What do you see?",
    "Count people aloud",
    "Tell me if more than two people are here",
    "Read me what it says",
    "When it says Next, tell me step 2",
    "Remind me in ten minutes to take the tea out",
    "Say hello when someone comes in",
    "Comment on what happens",
    "Guide me: open the lid, then wait a minute, then close it",
    "Tell me when anything moves",
    "Work out 17 percent of 2,340",
    "Where did I put the cup?",
    "Did anyone come in while I was away?",
)
_OPEN_EN = ("Tell me when the pot boils over", "What colour is my shirt?")
_TRANSLATED_EN = ("Read it to me in Chinese", "Tell me in English whenever the text changes")
_EXAMPLES_ZH = (
    "有人进来的时候告诉我",
    "你看到了什么？",
    "大声数人数",
    "超过两个人就告诉我",
    "读一下上面的字",
    "显示“下一步”的时候告诉我第二步",
    "十分钟后提醒我把茶拿出来",
    "有人进来就说你好",
    "解说一下",
    "指导我：先打开盖子，然后等一分钟，然后合上",
    "有东西动了告诉我",
    "帮我算2340的百分之十七",
    "我把杯子放在哪里了？",
    "我不在的时候有人来过吗？",
)
_TRANSLATED_ZH = ("用英语读一下上面的字", "文字变了就用中文告诉我")
_OPEN_ZH = ("水开了的时候告诉我", "我的衬衫是什么颜色？")

GRAMMARS: dict[str, Grammar] = {"en": ENGLISH, "zh": CHINESE}
