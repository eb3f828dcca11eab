"""English clauses that name something to be seen. Tables."""

from __future__ import annotations

import re

from interaction.intents import Condition
from interaction.understanding.grammar import Build, Situation, Table, compare, ellipses, group, is_
from interaction.understanding.vocabulary_en import FRAGMENTS, count_of, label_of

# A sentence that is to be read in the picture or spoken is at most this long.
TEXT_CHARS = 200


def _about(kind: str) -> Build[Condition]:
    def build(match: re.Match[str], situation: Situation) -> Condition | None:
        label = label_of(match["who"])
        return Condition(kind, label) if label else None  # type: ignore[arg-type]

    return build


def _number(match: re.Match[str], situation: Situation) -> Condition | None:
    relation = next((name for name in ("more", "fewer", "most", "least") if match[name]), "least")
    if match["extra"]:
        relation = "least" if match["extra"].endswith("more") else "most"
    who = group(match, "who")
    count = count_of(match["n"])
    if not any(match[name] for name in ("more", "fewer", "most", "least")) and (
        not who or match["n"].lower() in ("a", "an")
    ):
        return None
    if count == 0 and relation == "least":
        relation = "most"
    return compare(relation, count, label_of(who) if who else "person")


def _none(match: re.Match[str], situation: Situation) -> Condition | None:
    label = label_of(group(match, "who") or "person")
    return Condition("fewer_than", label, 1) if label else None


def _says(match: re.Match[str], situation: Situation) -> Condition | None:
    text = match["text"].strip()
    if re.fullmatch(r"(?:something|anything) (?:new|else|different)|something|anything", text, re.IGNORECASE):
        return Condition("text_changes")
    label = label_of(text) if re.match(r"(?:a|an|my) ", text, re.IGNORECASE) else None
    if label:
        return Condition("sees", label)
    text = re.sub(r"^(?:the )?(?:word|words|text|message|number|letters?) ", "", text, flags=re.IGNORECASE)
    text = re.sub(r"^an? ", "", text, flags=re.IGNORECASE).strip(" \"'“”‘’")
    return Condition("text_says", text=text) if 0 < len(text) <= TEXT_CHARS else None


_WHO = "(?P<who>{subject})"
_THING = (
    "(?:anything|something|someone|somebody|anyone|anybody|it|that|this|things|everything|people|a person"
    "|the (?:picture|image|scene|screen|view|video|room))"
)
_MOTION = "(?:any |some |a )?(?:motion|movement|moving|activity|movements)"

CONDITIONS: Table[Condition] = Table(
    FRAGMENTS,
    # text
    (
        r"(?:{screen}|you) (?:says?|reads?|shows?|displays?) (?:something|anything) (?:new|else|different)",
        is_(Condition("text_changes")),
    ),
    (
        r"(?:{see})?(?:the |any |some |this |that |my |on-?screen )*{texty}(?: on .+| in .+| there"
        r"| here)?{aux} ?(?:changes?|changing|is updated|is different|turns? into something else)",
        is_(Condition("text_changes")),
    ),
    (
        r"(?:{see})?(?:any |some |a )?(?:new|other|different) {texty}{tail}(?: {arrive}| {present})?{tail}",
        is_(Condition("text_changes")),
    ),
    (r"(?:what (?:it|{screen}) says|what is written(?:{tail})) changes?", is_(Condition("text_changes"))),
    (
        r"(?:{see})?(?:any |some |the )?(?:text|writing|words)(?: {arrive}| {present})?{tail}",
        is_(Condition("text_changes")),
    ),
    (
        r"{screen} (?:says?|shows?|reads?|displays?|contains?|has|is showing|changes? to|turns? to"
        r"|turns? into) (?P<text>.+)",
        _says,
    ),
    (
        r"(?:you (?:can )?(?:see|read)|there (?:is|appears)|you see on {screen}) (?:the )(?:words?|text|message"
        r"|number|letters?) (?P<text>.+?)(?: (?:appear|appears|on {screen}))?",
        _says,
    ),
    (
        r"the (?:words?|text|message|number|letters?) (?P<text>.+?) (?:appears?|appear|shows? up|comes? up"
        r"|pops? up|is (?:shown|displayed|visible|there)){tail}",
        _says,
    ),
    (
        r"(?:{see})?[\"'“‘](?P<text>[^\"“”]+)[\"'”’](?: (?:appears?|shows? up|comes? up|pops? up|is (?:shown"
        r"|displayed|visible|there)){tail})?",
        _says,
    ),
    # face
    (
        r"(?:{see})?(?:(?:my|a|any|the|his|her|their|some|our|(?:someone|somebody|anyone|a person)(?:'s"
        r"| is)?) )?(?:human )?faces?(?: {arrive}| {present})?{tail}",
        is_(Condition("face")),
    ),
    (
        r"(?:i|someone|anyone|somebody|he|she|a person) (?:looks?|am looking|is looking) (?:at you|at the camera"
        r"|into the camera|at the screen)",
        is_(Condition("face")),
    ),
    # movement and change
    (rf"{_THING} {{aux}}(?:moves?|moving|to move|stirs?|starts moving|in motion){{tail}}", is_(Condition("moves"))),
    (rf"(?:{{see}}){_MOTION}{{tail}}|(?:{{see}}){_THING} (?:moves?|moving|stirring){{tail}}", is_(Condition("moves"))),
    (rf"{_MOTION} {{aux}}(?:starts?|begins?|is detected|is seen|happens){{tail}}|{_MOTION}", is_(Condition("moves"))),
    (
        rf"(?:{_THING}|the movement|the motion|all movement|movement|motion) {{aux}}(?:stops?|stopped|ends?|ended"
        rf"|ceases?|stands? still|still|comes? to rest|quiet|calm)(?: moving| to move)?{{tail}}",
        is_(Condition("stops")),
    ),
    (
        r"(?:nothing|nobody|no one) (?:is )?(?:moves|moving)(?: any ?more| any longer)?{tail}"
        r"|there is no (?:more )?(?:movement|motion){tail}",
        is_(Condition("stops")),
    ),
    (
        rf"(?:{{see}})?(?:{_THING}|the (?:scene|picture|view|image|screen|light|camera)) {{aux}}(?:changes?"
        rf"|changing|different|happens?|happening){{tail}}|(?:{{see}})?(?:any |a |some )?changes?{{tail}}",
        is_(Condition("changes")),
    ),
    # nobody, everybody
    (
        r"(?:there (?:is|are) )?(?:nobody|no one|noone|no people|none)(?: else)?(?: (?:is"
        r"|are))?(?: left)?(?: {present})?{tail}",
        is_(Condition("fewer_than", "person", 1)),
    ),
    (
        r"(?:everyone|everybody|all of them|all of us|they all|they are all|all (?:the )?people|the last (?:person"
        r"|one|visitor|customer)) {leave}{tail}",
        is_(Condition("fewer_than", "person", 1)),
    ),
    (
        r"(?:the|my|this|our) {place_noun} (?:is|becomes|gets) (?:empty|vacant|clear|deserted)(?: again)?",
        is_(Condition("fewer_than", "person", 1)),
    ),
    (r"there (?:is|are) (?:no|not any|no more) (?P<who>{noun})(?: left)?{tail}", _none),
    (
        r"(?:you|the camera) (?:no longer|do not|cannot|can not) (?:see"
        r"|find) (?P<who>{subject})(?: any ?more)?{tail}",
        _none,
    ),
    (r"i am (?:all )?alone(?: here)?{tail}", is_(Condition("fewer_than", "person", 2))),
    # coming and going
    (r"(?:{see})?" + _WHO + r" (?:{arrive}){tail}", _about("arrives")),
    (r"(?:{see})?" + _WHO + r" (?:{leave}){tail}", _about("leaves")),
    (r"(?:any )?(?:new )?(?:arrivals?|visitors?|comers)", is_(Condition("arrives"))),
    (r"(?:any )?departures?", is_(Condition("leaves"))),
    # numbers
    (
        r"(?:{see}|(?:we|you|i|(?:the|this|my) {place_noun}) (?:has|have|are|count|get|contains?) |it is "
        r"|there get to be )?(?:(?:{relation}) )?"
        r"(?P<n>{number}) ?(?P<extra>or more|or fewer|or less)?(?: (?:other |different )?(?P<who>{noun}|of us"
        r"|of them))?(?: (?P<extra_>or more|or fewer|or less))?(?: (?:{present}|{arrive}|are|is|at once"
        r"|at the same time))?{tail}",
        _number,
    ),
    (
        r"the (?:number|count|amount) of (?P<who>{noun}){tail} (?:is|are|goes|gets|rises|climbs|falls|drops"
        r"|becomes|exceeds|reaches)(?: to)?(?: (?:{relation}))? ?(?P<n>{number}) ?(?P<extra>or more|or fewer"
        r"|or less)?",
        _number,
    ),
    (r"the (?:number|count|amount) of (?P<who>{noun}){tail} {aux}changes", _about("count")),
    # in view
    (r"(?:{see})" + _WHO + r"(?: {present})?{tail}", _about("sees")),
    (_WHO + r" {present}{tail}", _about("sees")),
)

_JOINT = re.compile(r",? (?:or|and)(?: also)?(?: (?:when|if|whenever))? ", re.IGNORECASE)


def conditions(text: str, situation: Situation) -> list[Condition]:
    """The conditions that a clause names ("someone comes in or leaves": two); empty: none that we know."""
    text = text.strip(" ,")
    if (one := CONDITIONS.read(text, situation)) is not None:
        return [one]
    for lefts, rights in ellipses(text, _JOINT, spaced=True):
        left = _first(lefts, situation)
        right = _first(rights, situation)
        if left and right:
            return [left, right]
    return []


def _first(candidates: list[str], situation: Situation) -> Condition | None:
    return next((c for text in candidates if (c := CONDITIONS.read(text, situation)) is not None), None)
