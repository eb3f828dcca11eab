"""English words and word groups as fragments of patterns, and what they mean. Pure tables."""

from __future__ import annotations

import re

from interaction.seeing.words import LABELS
from interaction.understanding.languages import LANGUAGE_EN
from interaction.understanding.numerals import NUMBER_EN, whole
from interaction.understanding.times import CLOCK_EN, DURATION_EN, UNIT_EN


def _any(words: list[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_NOUNS = [word for word, label in LABELS.items() if word.isascii() and label != "face"]
_PRONOUNS = (
    "anybody else|someone else|somebody else|anyone else|nobody else|another one|one of us|one of them"
    "|either of us"
    "|someone|somebody|anyone|anybody|whoever|everyone|everybody|people|he|she|they|i|we|me|us|them|him"
    "|us all|everyone"
)
_DETERMINER = (
    r"(?:one of the|any of the|some of the|a new|another|the|my|our|your|his|her|their|any|some|all the|all"
    r"|every|each|that|this|these|those|an|a) "
)
_SPOT = r"(?:see|sees|spot|spots|notice|notices|detect|detects|find|finds|recogni[sz]es?|catch|observe)"
# Places that are a room, or a piece of land, by themselves.
ROOMS = (
    "garage|kitchen|bath|garden|yard|driveway|hall|hallway|corridor|basement|cellar|attic|loft|office|nursery|porch"
    "|terrace|balcony|patio|veranda|shed|barn|stable|greenhouse|warehouse|carport|parking lot|car park|park|street|road"
    "|alley|lobby|foyer|reception|stairs|staircase|stairway|stairwell|landing|pantry|laundry|library|gym|playground"
    "|cafeteria|canteen|roof|workshop|lawn|conservatory|study|closet|elevator|lift|cabin|sauna|pool|school|church"
    "|(?:back|front|court|farm|school|church)yard"
    "|(?:bath|bed|board|class|cloak|court|guest|play|rest|show|stock|store|sun|work)room"
    r"|(?!whole|same|other|next|entire|this)\w+ room"
)
_PLACES = (
    "room|house|building|shop|store|picture|frame|view|scene|shot|desk|place|bed|lab|home|apartment|flat|area|screen"
    "|door|entrance|gate|counter|window|studio|premises|camera|image|video|stage"
    rf"|{ROOMS}"
)
_DROPPED_PREPOSITION = (
    "(?:in|into|inside|to|through|at|on|onto|from|by|near|outside|around|of|in front of|up to|out of|off"
    "|under|behind|within)"
)
_GO = (
    "comes?|coming|walks?|walking|gets?|getting|steps?|stepping|runs?|running|goes|go|going|drives?|driving"
    "|moves?"
    "|moving|rides?|riding|flies|flying|jumps?|jumping|climbs?|strolls?|sneaks?|drops?|pulls?|passes|stops?"
    "|bursts?"
)

FRAGMENTS: dict[str, str] = {
    "number": NUMBER_EN,
    "dur": DURATION_EN,
    "clock": CLOCK_EN,
    "unit": UNIT_EN,
    "noun": rf"(?:{_any(_NOUNS)})(?: of (?:coffee|tea|water))?",
    "det": _DETERMINER,
    "subject": rf"(?:{_PRONOUNS}|(?:{_DETERMINER})?(?:other |new |second |single )?{{noun}}(?: or more)?)",
    "place_noun": rf"(?:(?:front|back|main|living|dining|meeting|waiting|class|server|whole|side) ?)?(?:{_PLACES})",
    "place": (
        rf" {_DROPPED_PREPOSITION} (?:(?:the|my|our|your|this|that|a|his|her) (?:[\w'-]+ )?[\w'-]+|{{place_noun}}"
        rf"|sight|front|work|here|it)"
        r"| (?:here|there|nearby|around|again|inside|outside|home|in view|in sight|upstairs|downstairs|now|at all"
        r"|by)"
    ),
    "tail": r"(?:{place}){0,3}",
    "aux": r"(?:(?:who|that|which|is|are|am|has|have|will|just|even|also|to|starts?|begins?|does|do) )*",
    "see": rf"(?:(?:you|the camera|camera|it|lookout|we|i) )?(?:can |could |ever )?{_SPOT} |there (?:is|are|will be) ",
    "arrive": (
        r"{aux}(?:"
        rf"(?:{_GO}) (?:back )?(?:in|inside|into|through|along|over|up|by|past|here|home|back|around|near|closer"
        rf"|close|toward|towards)\b(?: (?:the|my|our|this|your|a) {{place_noun}})?"
        r"|comes?|coming|(?:enters?|entering|visits?|visiting|approach(?:es|ing)?|reach(?:es|ing)?)(?: (?:the|my"
        r"|our|this|your) {place_noun})?"
        r"|arrives?|arriving|appears?|appearing|returns?|returning|(?:shows?|showing|turns?|turning|pops?"
        r"|popping) up"
        r"|pass(?:es|ing)?(?: by| through| past)?(?: (?:the|my|our|this|your) {place_noun})?)"
        r"|(?:has|have) (?:just )?(?:come(?: in| back| here)?|entered|arrived|appeared|shown up|turned up"
        r"|walked in|returned)"
        r"(?: (?:the|my|our|this) {place_noun})?"
    ),
    "leave": (
        r"{aux}(?:(?:leaves?|leaving|exits?|exiting)(?: (?:the|my|our|this|your) {place_noun}| home)?"
        rf"|(?:{_GO}) (?:out|away|off|outside|out of view)\b|goes home|goes|disappears?|disappearing|vanish(?:es"
        rf"|ing)?|departs?"
        r"|departing|(?:is |are )?gone|(?:is |are )?(?:missing|taken|stolen|removed)(?: away)?|takes? off"
        r"|no longer (?:here|there|visible|in view)"
        r"|not (?:here|there|visible|in view) any ?more)"
        r"|(?:has|have|is|are) (?:just )?(?:left|gone(?: out| away)?|disappeared|vanished|walked (?:out|away|off)"
        r"|departed)"
        r"(?: (?:the|my|our|this) {place_noun})?"
    ),
    "present": (
        r"(?:who |that )?(?:is |are |is now |are now |am )?(?:here|there|in view|in sight|visible|present|around"
        r"|inside|seen|detected|found|left)"
        r"|(?:is|are|am)(?: sitting| standing| waiting)?(?={place})|is|are"
    ),
    "relation": (
        r"(?P<more>more than|over|above|greater than|upwards of)|(?P<fewer>fewer than|less than|under|below)"
        r"|(?P<most>at most|no more than|not more than|up to|a maximum of|maximum)"
        r"|(?P<least>at least|no fewer than|no less than|not less than|a minimum of|minimum|exactly)"
    ),
    "screen": (
        r"(?:it|that|this|(?:the|my|a|any|some|your) (?:computer |phone |tv )?(?:screen|display|sign|text|monitor"
        r"|page|slide|board|poster|label|note"
        r"|paper|picture|window|message|subtitles?|captions?|terminal|phone|tv|television|whiteboard|printer"
        r"|counter|clock|dial|card|laptop))"
    ),
    "texty": (
        r"(?:text|texts|words?|writing|captions?|subtitles?|sign|slide|letters?|label|message|page|title|heading"
        r"|number|numbers|line|note|poster)"
    ),
    "language": LANGUAGE_EN,
    # what can be read, to be translated or read in another language
    "shown": (
        r"(?:what(?:ever)? (?:it|this|that|you(?: can)?|{screen}) (?:says?|sees?|reads?|shows?|displays?)"
        r"|what is (?:written|printed|shown|there|(?=on|in))|all (?:of )?it|everything|{screen}"
        r"|(?:all |any )?(?:of )?(?:the|this|that|these|those|my) (?:[\w-]+ )?(?:{texty}|menu|notice|document|leaflet"
        r"|package|packet|instructions|recipe|book|banner|board|poster|paper|screen))"
        r"(?: (?:there|here|now|(?:on|in|at) (?:the|my|this|that) [\w-]{2,20}(?: [\w-]{2,20})?)){0,2}"
    ),
    "when": (
        r"(?:when(?:ever)?|if|as soon as|once|after|the (?:very )?(?:moment|minute|second|instant)(?: that)?"
        r"|in case"
        r"|(?:every|each|any) ?(?:single )?time(?: that)?|the (?:very )?(?:next|first) time(?: that)?|next time"
        r"|first time)"
    ),
    "tell": (
        r"(?:(?:tell|warn|alert|notify|inform|ping|buzz|interrupt|call|wake|text) (?:me|us)(?: up)?(?: about it"
        r"| so| know)?"
        r"|let (?:me|us) know(?: about it)?|give (?:me|us) (?:a|an) (?:shout|heads.?up|signal|sign|alert|alarm"
        r"|warning|call|nudge)"
        r"|say (?:something|so|it)|speak up|shout(?: out)?|call out|announce(?: it)?|make a (?:noise|sound)|beep"
        r"|(?:sound|raise) (?:the|an) alarm|i (?:want|need|would like|wish) to (?:know|be told|be warned"
        r"|be notified|hear about it|hear))"
    ),
    "remind": (
        r"(?:(?:remind|remember|tell|notify|alert|ping|call|warn|wake) me(?: up)?|let me know|say(?: something)?"
        r"|(?:give|set|make|create|schedule|add)(?: me)? (?:a|an|the|another) (?:reminder|alarm|alert)"
        r"|i need a reminder)"
    ),
    "every": (
        r"(?:every (?P<every>{dur}|(?:other |single )?{unit}|half (?:an? )?hour)|(?P<per>once|twice) (?:an?|every"
        r"|per|each) (?P<unit>{unit})"
        r"|each (?P<each>{unit})|(?P<hourly>hourly))"
    ),
    "askme": (
        r"(?:(?:(?:please )?(?:tell|show|remind) me|let me know|do you know|i (?:want|would like|need) to know|say"
        r"|any idea"
        r"|give me|remember) (?:again )?)"
    ),
    "past": (
        r"(?:came|come|left|entered|arrived|appeared|was|were|went|did|put|walked|showed up|happened|changed|moved"
        r"|stopped|said|saw|been|had)"
    ),
}

# What a commentary answers.
HAPPENED = "what has happened"

_PERSONAL = frozenset(_PRONOUNS.split("|"))
_STRIP = re.compile(rf"^(?:{_DETERMINER})?(?:other |new |second |single )?", re.IGNORECASE)


def label_of(words: str) -> str | None:
    """The label that a noun phrase asks for: "someone" → "person", "my mug" → "coffee cup"; None: not one we know."""
    words = " ".join(words.lower().split()).removesuffix(" or more")
    if words in _PERSONAL or words in ("of us", "of them"):
        return "person"
    words = _STRIP.sub("", words)
    return LABELS.get(words) or LABELS.get(re.sub(r" of (?:coffee|tea|water)$", "", words))


def count_of(words: str) -> int | None:
    """A whole number of things: "two", "a couple of", "no"."""
    return whole(words.removesuffix(" of"), "en")


_TO_YOU = {
    "i am": "you are", "i was": "you were", "am i": "are you", "i": "you", "me": "you", "my": "your", "mine": "yours",
    "myself": "yourself", "our": "your", "we": "you", "us": "you",
}  # fmt: skip
_TO_YOU_RE = re.compile(r"\b(" + "|".join(sorted(_TO_YOU, key=len, reverse=True)) + r")\b", re.IGNORECASE)


def to_you(text: str) -> str:
    """Turn the person's words around for saying them back: "call my mother" → "call your mother"."""
    return _TO_YOU_RE.sub(lambda m: _TO_YOU[m[1].lower()], text)
