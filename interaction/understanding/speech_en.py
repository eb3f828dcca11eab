"""English speech as it comes from a recogniser or a keyboard: fillers, courtesy, the manner of a wish."""

from __future__ import annotations

import re
import unicodedata

from interaction.understanding.cameras import SCREEN, SCREEN_EN
from interaction.understanding.grammar import Manner, Situation, compiled, expand
from interaction.understanding.times import clock_time, duration
from interaction.understanding.vocabulary_en import FRAGMENTS

# ---------------------------------------------------------------- courtesy, fillers, contractions

_CONTRACTIONS = (
    (r"\b(?:won't|wont)\b", "will not"),
    (r"\b(?:can't|cannot|cant)\b", "can not"),
    (r"\b(do|does|did|is|are|was|were|has|have|had|would|could|should)n'?t\b", r"\1 not"),
    (r"\bi'?m\b(?!-)", "i am"),
    (r"\b(you|we|they)'?re\b(?<!were)", r"\1 are"),
    (r"\b(i|you|we|they)'ve\b", r"\1 have"),
    (r"\b(i|you|he|she|it|we|they|that|there)'ll\b", r"\1 will"),
    (r"\b(i|you|he|she|we|they)'d\b", r"\1 would"),
    (r"\b(what|where|who|how|when|that|there|here|it|he|she)'s\b", r"\1 is"),
    (r"\b(what|where|who|how|that|there)s\b(?= )", r"\1 is"),
    (
        r"\b(someone|somebody|anyone|anybody|nobody|everyone|everybody|no one|something|anything"
        r"|nothing)'s\b(?! (?:human )?face)",
        r"\1 is",
    ),
    (r"\blet's\b", "let us"),
    (r"\b(?:gonna)\b", "going to"),
    (r"\b(?:wanna)\b", "want to"),
    (r"\b(?:gimme)\b", "give me"),
    (r"\b(?:lemme)\b", "let me"),
    (r"\bo clock\b", "o'clock"),
    (r"\b(\d+) ?% ", r"\1 percent "),
)
# What Whisper base makes of them, seen in its transcripts; nobody says these in such a place.
_MISHEARD = (
    (r"\bworkout (?=[^.?!]*(?:\d|percent|times|plus|minus|divided|half)|the |a |an |how |what )", "work out "),
    (r"\bhalf pass(?= \w)", "half past"),
    (r"^(?:see|set) that again(?=\W*$)", "say that again"),
)
_CALL = r"(?:(?:hey|hi|hello|ok|okay|yo|oh)[, ]+look ?out|look ?out(?=[,!.:]))[,.!:]?"
_POLITE = (
    r"(?:please|kindly|(?:can|could|would|will|might) you(?: please| kindly| maybe| just| mind)?(?! (?:see"
    r"|hear|do|read|recogni[sz]e|help|watch|find|spot|detect|count|tell apart)\b)"
    r"|can you(?: please)?(?= (?:read|count|watch|help me |find out))|could you(?: please)?(?= (?:read|count"
    r"|watch|help me |see if|find))"
    r"|i (?:want|need|would like) you to|would you mind|if you (?:can|could|would)(?=,)"
    r"|do me a favou?r(?: and)?|go ahead and|be so kind(?: as to)?(?: and)?|you should|you must"
    r"|make sure (?:to|you)|try to)"
)
_FILLER = (
    r"(?:um+|uh+|er+|erm|ah+|oh|hmm+|mhm|mm+|well|so|okay|ok|alright|all right|right(?=,)|now(?=[, ])(?! and)"
    r"|and|then|also|but|yes|yeah|yep|actually|listen(?=,)|excuse me|sorry(?=,| \w+ \w+)|look(?=,)|just|maybe|i guess"
    r"|i think(?=,)|you know|hey|like(?=,)|no(?=,)|next(?=,)|one more thing|by the way)"
)
_LEAD = re.compile(rf"(?:(?P<call>{_CALL})|(?P<polite>{_POLITE})\b|(?P<filler>{_FILLER})\b)[,.:;!… -]*", re.IGNORECASE)
_TAIL = re.compile(
    r"(?:[,.;:!? ]*\b(?:please|thanks|thank you(?: very much)?|will you|would you|could you|can you"
    r"|if you (?:can|could|would|don't mind|do not mind)|if possible|look ?out|for me|um+|uh+)"
    r"|[,.;:!?] ?(?:okay|ok|alright|right|you know|got it|then))[,.;:!? ]*$",
    re.IGNORECASE,
)
# "… when the page shows Thank you": courtesy after these words is what is to be read.
_QUOTING = re.compile(r"\b(?:says?|shows?|reads?|displays?|words?|text|say)$", re.IGNORECASE)
_HESITATION = re.compile(r",? \b(?:um+|uh+|erm*)\b,?(?= )", re.IGNORECASE)

# ---------------------------------------------------------------- manner

_URGENT = (
    r"(?:right away|immediately|at once|straight away|straightaway|urgently|asap|as soon as possible"
    r"|without delay|(?:it|this) is urgent|urgent(?=[,:])|even if (?:i am|you are|someone is) (?:talking"
    r"|speaking)|instantly|with (?:high )?priority|and interrupt me)"
)
_ONCE = (
    r"(?:(?:just|only) (?:once|one time|this once|the first time)|one time only|once only|and then stop"
    r"|but only once|(?<=[a-z]),? once(?=$)|once(?= (?:when|if)\b))"
)
_ALWAYS = (
    r"(?:(?:again and again|repeatedly|over and over(?: again)?|always|every single time|every time"
    r"|each time)(?=$|,)|(?<=^)always)"
)
_SPAN = (
    r"(?:^for (?:about )?(?P<lead>{dur})(?=,| )|"
    r"(?:for|during|within|in|over) the (?:next|coming|following) (?P<next>{dur}|{unit}|half hour)"
    r"|for (?:about )?(?P<for>{dur})(?=$|,)"
    r"|(?:until|till|up to|up until) (?P<until>{clock})(?=$|,| ))"
)


def manner(text: str, situation: Situation) -> tuple[str, Manner]:
    expires = source = None
    flags = []
    for pattern in (_URGENT, _ONCE, _ALWAYS):
        text, found = _cut(text, rf"\b{pattern}")
        flags.append(found is not None)
    rest, span = _cut(text, expand(_SPAN, FRAGMENTS))
    if span is not None:
        expires = _expiry(span, situation)
        text = rest if expires else text
    for lane in sorted(situation.lanes, key=len, reverse=True):
        rest, found = _cut(text, _lane_pattern(lane))
        if found is not None:
            text, source = rest, lane
            break
    if source is None and SCREEN in situation.lanes and compiled(_THE_SCREEN).search(text):
        source = SCREEN
    return text, Manner(flags[1], flags[0], expires, source)


def _cut(text: str, pattern: str) -> tuple[str, re.Match[str] | None]:
    match = compiled(pattern).search(text)
    if match is None:
        return text, None
    left, right = text[: match.start()].rstrip(" ,:"), text[match.end() :].lstrip(" ,:")
    return f"{left} {right}".strip(" ,"), match


def _expiry(span: re.Match[str], situation: Situation) -> float | None:
    if span["until"]:
        end = clock_time(span["until"], situation.now)
        return (end - situation.now).total_seconds() if end else None
    words = span["next"] or span["for"] or span["lead"]
    return duration(words) or duration("a " + words) or duration("half an hour" if words == "half hour" else "")


# What happens "on the screen" is cut out as "in the kitchen" is. Who looks at it is elsewhere.
_THE_SCREEN = (
    rf"(?:^|\b(?:when|whenever|if|once|until|as soon as|does|of|on|watch|watching) )(?:the|my|our|this) {SCREEN_EN}\b"
)


def _lane_pattern(lane: str) -> str:
    if lane == SCREEN:
        return rf"\b(?:on|in|from)(?: the| my| our| your)? {SCREEN_EN}\b"
    name = re.sub(r"(?:\\?[-_ ])+", "[-_ ]?", re.escape(lane.strip()))
    before = r"(?:in|into|at|on|by|from|with|using|through|inside|near|to)(?: the| my| our)?"
    camera = r"(?:camera|cam|source|view|feed|stream)"
    entered = "|".join(
        f"(?<={verb})" for verb in ("enters", "enter", "entering", "leaves", "leave", "leaving", "reaches")
    )
    return (
        rf"(?:\b{before} {name}(?: {camera}| door)?|\b(?:the|my) {name} {camera}|(?:{entered}) (?:the |my )?{name})\b"
    )


def tidy(text: str) -> tuple[str, bool]:
    """The text without fillers and courtesy; and whether it addresses somebody ("please", "hey Lookout")."""
    text = unicodedata.normalize("NFKC", text).translate(str.maketrans("‘’´`", "''''"))
    text = " ".join(text.split())
    for pattern, words in (*_CONTRACTIONS, *_MISHEARD):
        text = compiled(pattern).sub(words, text)
    text = _HESITATION.sub("", text)
    addressed = False
    while text and (match := _LEAD.match(text)) and match.end() < len(text):
        addressed = addressed or not match["filler"]
        text = text[match.end() :]
    while text and (tail := _TAIL.search(text)) and tail.start() > 0 and not _QUOTING.search(text[: tail.start()]):
        addressed = addressed or "please" in tail[0].lower()
        text = text[: tail.start()]
    return text.strip(" ,.;:!?…-"), addressed
