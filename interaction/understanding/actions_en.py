"""What to do when a watch fires, in English; and how a clause is cut into condition and action."""

from __future__ import annotations

import re
from collections.abc import Iterator

from interaction.intents import Question
from interaction.understanding.conditions_en import TEXT_CHARS
from interaction.understanding.grammar import Action, Frame, Situation, Table, compiled, expand
from interaction.understanding.questions_en import QUESTIONS
from interaction.understanding.vocabulary_en import FRAGMENTS, HAPPENED, to_you

# A clause with more places to cut it than this is prose, not a request.
MOST_CUTS = 12

_HANDS = (
    r"(?:turn|switch|open|close|lock|unlock|play|phone|dial|email|e-?mail|message|post|buy|order|record|film"
    r"|take|save|send"
    r"|text|call|ring|start|launch|press|push|feed|water|clean|print|draw)\b.+"
)


def _say(match: re.Match[str], situation: Situation) -> Action | None:
    words = match["say"].strip(" \"'“”‘’,.")
    if not words or len(words) > TEXT_CHARS:
        return None
    return Action(say=words)


def _say_to_you(match: re.Match[str], situation: Situation) -> Action | None:
    if re.match(r"(?:what|how|who|whom|where|whether|why|if|when)\b", match["say"], re.IGNORECASE):
        return None
    made = _say(match, situation)
    return Action(say=to_you(made.say)) if made and made.say else None


def _greeting(match: re.Match[str], situation: Situation) -> Action:
    words = (match.groupdict().get("words") or "hello").strip()
    return Action(say=words[:1].upper() + words[1:].lower() + "!")


_SOMEONE = (
    r"(?:them|him|her|it|me|us|people|visitors|guests|customers|the (?:person|visitor|guest|customer|cat"
    r"|dog)s?|whoever.*|everyone.*|everybody.*|anyone.*|that person|the people)"
)

ACTIONS: Table[Action] = Table(
    FRAGMENTS,
    (r"interrupt me|(?:sound|raise) (?:the|an) alarm", lambda m, s: Action(urgent=True)),
    (r"{tell}|say|shout|beep|ring", lambda m, s: Action()),
    (
        rf"(?:say|tell {_SOMEONE}|wish {_SOMEONE}) (?P<words>hello|hi|hey|good (?:morning|afternoon|evening|day"
        rf"|night)|welcome|goodbye|bye(?: bye)?)(?: to {_SOMEONE})?",
        _greeting,
    ),
    (rf"(?:greet|say hello to|give a greeting to) {_SOMEONE}|greet", _greeting),
    (rf"welcome(?: {_SOMEONE})?", lambda m, s: Action(say="Welcome!")),
    (
        r"(?:keep )?(?:count|counting|tally)(?: (?:it|them|aloud|out loud|up|that|out|each one|one|for me))*"
        r"|keep (?:a )?(?:count|tally|score)(?: aloud| out loud)?|say the (?:number|count)",
        lambda m, s: Action(tally=True),
    ),
    (rf"(?:say|call out|shout|announce|speak)(?: the words?| that|:|,)? (?P<say>.+?)(?: to {_SOMEONE})?", _say),
    (r"(?:(?:tell|remind|warn|wake) (?:me|us)(?: up)?|let me know)(?: to| that| about|:|,)? (?P<say>.+)", _say_to_you),
    (_HANDS, lambda m, s: Action(hands=m.string)),
)

# Where an action may begin inside a longer clause.
ACT = compiled(
    expand(
        r"(?:^|(?<=[ ,]))(?:then |please |just |can you |could you |you should |i want you to |you can |also )*"
        r"(?=(?:{tell}|say|tell|greet|welcome|read|count|keep count|remind|describe|shout|announce|call out|let"
        r"|give|warn"
        r"|look|what|how many|wish|show|speak|translate|comment|narrate)\b)",
        FRAGMENTS,
    )
)


def said(words: str, situation: Situation, personal: bool = True) -> Action | None:
    """What to say or answer: the words after "remind me to …" or a whole "tell me the time"."""
    words = words.strip(" ,.")
    if not words:
        return Action()
    asked = QUESTIONS.read(words, situation) or QUESTIONS.read(f"tell me {words}", situation)
    if asked and isinstance(asked[0], Question):
        return Action(ask=asked[0])
    return Action(say=to_you(words) if personal else words)


_COMMENTED = re.compile(
    r"(?:describe|report|tell me|comment on|narrate|sum up|summari[sz]e|say)(?: me)? (?:what|everything|whatever"
    r"|anything|all)(?: that| which)?(?: has| have)? ?(?:happens|happened|changes|changed|goes on|went on|is new)"
    r"(?: .{1,40})?"
    r"|commentate|comment|narrate|give (?:me )?a commentary",
    re.IGNORECASE,
)


def commented(words: str) -> Action | None:
    """ "describe what happens": a commentary."""
    return Action(ask=Question("commentary", HAPPENED)) if _COMMENTED.fullmatch(words) else None


def do(words: str, situation: Situation) -> Action | None:
    """An action of a wish: "tell me", "say hello", "tell me how many people are here", "describe what you see"."""
    words = words.strip(" ,")
    words = re.sub(
        r"^(?:(?:then|please|just|can you|could you|you should|i want you to|you can|also|to) )+", "", words, flags=re.I
    )
    words = re.sub(r"^(?:check|look|see|find out|report) (?=how many|what)", "", words, flags=re.I)
    if comments := commented(words):
        return comments
    asked = QUESTIONS.read(re.sub(r"^count (?:all )?(?:the )?(?=\w)", "how many ", words, flags=re.I), situation)
    if asked and isinstance(asked[0], Question) and asked[0].kind not in ("memory", "ability"):
        return Action(ask=asked[0])
    return ACTIONS.read(words, situation)


_WHEN_LEAD = compiled(expand(r"(?:then )?(?P<when>{when}) ", FRAGMENTS))
_WHEN_INSIDE = compiled(expand(r",? (?P<when>{when}) ", FRAGMENTS))
_ONE_TIME = re.compile(r"\b(?:next|first) time", re.IGNORECASE)


def frames(text: str, situation: Situation) -> Iterator[Frame]:
    if lead := _WHEN_LEAD.match(text):
        rest, once = text[lead.end() :], bool(_ONE_TIME.search(lead["when"]))
        starts = [m.start() for m in ACT.finditer(rest) if m.start()]
        commas = [m.end() for m in re.finditer(r",(?: then)? ", rest)]
        for start in sorted({*starts, *commas})[:MOST_CUTS]:
            action = do(rest[start:], situation)
            if action is not None:
                yield Frame(rest[:start].strip(" ,"), action, once)
    for inside in list(_WHEN_INSIDE.finditer(text))[:MOST_CUTS]:
        action = do(text[: inside.start()], situation)
        if action is not None:
            yield Frame(text[inside.end() :].strip(" ,"), action, bool(_ONE_TIME.search(inside["when"])))
