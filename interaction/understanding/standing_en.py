"""Wishes in English that stand without "tell me when", and those that nobody here can fulfil. Tables."""

from __future__ import annotations

import re

from interaction.intents import Condition, Intent, Question
from interaction.understanding.conditions_en import conditions
from interaction.understanding.grammar import Action, Reason, Situation, Table
from interaction.understanding.refusals_en import WHO, reason
from interaction.understanding.translation_en import STANDING_TRANSLATIONS
from interaction.understanding.vocabulary_en import FRAGMENTS, HAPPENED, label_of
from interaction.understanding.wishes import OPEN_WATCHES, hands, noteworthy, open_wish, reply, standing

_EVERYONE = re.compile(r"^every(?:one|body)\b", re.IGNORECASE)


def _count(match: re.Match[str], situation: Situation) -> list[Intent] | None:
    label = label_of(match["who"])
    return standing(Condition("count", label), situation) if label else None


def _look_for(match: re.Match[str], situation: Situation) -> list[Intent] | None:
    what = _EVERYONE.sub("someone", match["what"])
    label = label_of(what)
    if label:
        return standing(Condition("arrives" if label == "person" else "sees", label), situation)
    made = conditions(what, situation)
    return [intent for c in made for intent in standing(c, situation)] or None


def _tally(match: re.Match[str], situation: Situation) -> list[Intent] | None:
    # "everyone who leaves" is each one of them here, not all of them
    made = conditions(_EVERYONE.sub("someone", match["what"]), situation)
    return standing(made[0], situation, Action(tally=True)) if made and made[0].kind in ("arrives", "leaves") else None


def _guard(match: re.Match[str], situation: Situation) -> list[Intent] | None:
    if OPEN_WATCHES in situation.capabilities and not re.match("guard|protect", match.string, re.IGNORECASE):
        return _mind(match, situation)  # a model sees more of it than whether it is there
    label = label_of(match["who"])
    return standing(Condition("leaves", label), situation) if label and label != "person" else None


def _mind(match: re.Match[str], situation: Situation) -> list[Intent]:
    what, text = match.groupdict().get("what") or match["who"], match.string
    doubt, why = f"what happens with {what}", reason(what)
    if re.match(r"(?:watch|look|wait|scan)(?: out)? for|keep an eye out", text, re.IGNORECASE):
        return open_wish(what, doubt, why, situation, text)
    return noteworthy(what, doubt, why, situation, text)


def _greet(match: re.Match[str], situation: Situation) -> list[Intent] | None:
    welcome = match.string.lower().startswith("welcome")
    made = conditions(match["what"], situation) if match["what"] else []
    condition = made[0] if made else Condition("arrives", label_of(match["who"] or "someone") or "person")
    return standing(condition, situation, Action(say="Welcome!" if welcome else "Hello!"))


STANDING: Table[list[Intent]] = Table(
    FRAGMENTS,
    *STANDING_TRANSLATIONS,
    (
        r"(?:keep |start )?(?:count|counting)(?: up| aloud| out loud| for me)* (?:how many |(?:all |each of "
        r"|every |each )?(?:of )?)?(?P<what>(?:the )?{subject} (?:who |that |as they |as it |as he )?(?:{arrive}"
        r"|{leave}){tail})(?: aloud| out loud)?",
        _tally,
    ),
    (
        r"(?:keep |start )?(?:count|counting|tally|keep (?:a )?(?:count|track) of|track) ?(?:up|aloud|out loud"
        r"|for me)? ?(?:how many |the number of |all |all the )?(?P<who>{subject})(?: (?:{present}|there are"
        r"|are there|you see|you can see|that you see|aloud|out loud|for me|passing|moving))*{tail}(?: aloud"
        r"| out loud)?",
        _count,
    ),
    (
        r"(?:(?:keep|stay) )?(?:watch|watching|look|looking|wait|waiting|scan|check|be on the lookout"
        r"|keep (?:an eye out|a lookout|a look out|watch|an eye))(?: out)? (?:for|until)(?: when"
        r"| if)? (?P<what>.+)",
        _look_for,
    ),
    (r"(?:{tell} (?:of|about)|announce|report|call out|point out|show me) (?P<what>.+)", _look_for),
    (
        r"(?:watch|guard|monitor|observe|keep an eye on|look after|survey|keep watch on|keep watching)(?: over"
        r"| out)? (?:(?:the|my|this|our) {place_noun}|here|this place|everything here)",
        lambda m, s: standing(Condition("arrives"), s),
    ),
    (
        r"(?:watch|guard|keep an eye on|look after|watch over|protect|monitor) (?P<who>(?:my|the|our|this"
        r"|that) {noun})",
        _guard,
    ),
    (
        r"(?:greet|welcome|say (?:hello|hi) to) (?:(?P<what>(?:every|any)(?:one|body)(?: who| that)? .+|(?:people"
        r"|visitors|guests|customers)(?: who| that| as they| when they)? .+|whoever .+)|(?P<who>everyone|everybody"
        r"|people|anyone|anybody|visitors|guests|customers|whoever))",
        _greet,
    ),
    (
        r"(?:keep |start |continue )?read(?:ing)?(?: out| aloud| out loud| me| to me)* (?:everything"
        r"|all (?:the )?text|any (?:new )?text|whatever|anything|each new (?:text|line)|every new (?:text|line"
        r"|slide|page)|all new text|new text)(?: .*)?|keep reading(?: .*)?|read along",
        lambda m, s: standing(Condition("text_changes"), s),
    ),
    (
        r"(?:narrate|comment on|commentate(?: on)?|describe|tell me|report|keep me (?:posted|updated|informed) (?:on"
        r"|about|of))(?: me)? (?:(?:everything|anything|all|whatever)(?: that| which)? (?:happens|changes|is happening"
        r"|is going on|you see)|what (?:happens|changes|goes on))(?: .*)?|comment on what (?:is happening|you see)"
        r"|keep (?:describing|commenting|talking|narrating|me posted|me updated|me informed)(?: .*)?|narrate(?: .*)?"
        r"|(?:give|do) (?:me )?(?:a |some )?(?:live )?commentary(?: .*)?|commentate",
        lambda m, s: standing(Condition("changes"), s, Action(ask=Question("commentary", HAPPENED))),
    ),
    (r"(?:motion|movement) (?:alarm|detector|alert|detection)(?: on)?", lambda m, s: standing(Condition("moves"), s)),
)

# ---------------------------------------------------------------- recognised, but not to be fulfilled

WISHES: Table[list[Intent]] = Table(
    FRAGMENTS,
    (
        r"(?:{tell}|say) who (?:comes|enters|arrives|leaves|is|goes|walks|it is)\b.*|(?:recogni[sz]e|identify) .+",
        lambda m, s: open_wish(m.string, "who someone is", Reason(WHO, "tell me when someone comes in"), s, m.string),
    ),
    (
        r"(?:remind|wake) me(?: up)?(?P<say> .+)?|set (?:a|an) (?:alarm|reminder)(?: .*)?",
        lambda m, s: reply("when", m.string, s.language),
    ),
    (
        r"(?:keep |start )?(?:count|counting) (?:my |the |how many |our |his |her |aloud )*(?P<what>(?!to\b|from\b"
        r"|on\b|me\b|down\b|up\b)[\w' -]{2,60}?)(?: (?:i|he|she|we|they) (?:do|did|does|make|take"
        r"|have done))?(?: aloud| out loud)?",
        lambda m, s: open_wish(m["what"], f"how many {m['what']} there are", reason(m["what"]), s, m.string),
    ),
    (
        r"(?:(?:watch|look|wait|scan)(?: out)? for|keep an eye (?:out for|on)|watch over|guard|look after|monitor"
        r"|keep watch on|watch) (?P<what>.{2,80})",
        _mind,
    ),
    (
        r"(?:turn|switch) (?:on|off) (?:the|my|all) .+|(?:turn|switch) (?:the|my) .+ (?:on|off)|(?:open|close|lock"
        r"|unlock) (?:the|my) (?:door|window|gate|garage|curtains?|blinds?).*|(?:call|phone|text|email"
        r"|message) (?:the |my )?(?:police|ambulance|fire brigade|doctor|mum|mom|dad|mother|father|wife|husband"
        r"|emergency|911|999|112)\b.*|(?:take|make) (?:a |some )?(?:picture|photo|photograph|snapshot|screenshot"
        r"|video|recording)s?(?: .*)?|play (?:some |a |the )?(?:music|song|movie|radio)\b.*",
        lambda m, s: hands(m.string, s, m.string),
    ),
)
