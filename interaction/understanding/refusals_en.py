"""Why a wish in English cannot be judged from the picture here, and the nearest thing that can. Tables."""

from __future__ import annotations

import re

from interaction.seeing.words import NARROWER
from interaction.understanding.grammar import Reason
from interaction.understanding.questions_en import mentioned
from interaction.understanding.wording import some

MODEL = "a vision-language model as observer"

WHO = "someone who knows these people; I see that a person is there, not who it is"

_SOUND = (
    r"\b(?:barks?|barking|meows?|rings?|ringing|doorbell|knocks?|knocking|hear|sounds?|noise|loud|screams?"
    r"|screaming|shouts?|shouting|cries|crying|beeps?|beeping|sings?|singing|music|talks?|talking|speaks?"
    r"|speaking|says?|calls? (?:me|my)|whistles?|coughs?|snor\w+|laugh\w*|voice|voices|goes off|claps?)\b"
)
_SENSE = r"\b(?:smells?|burnt smell|hot|cold|warm|temperature|too hot|degrees|humid\w*|tastes?|heavy|weighs?)\b"
_EMOTION = (
    r"\b(?:sad|happy|angry|upset|bored|tired|nervous|scared|afraid|worried|excited|smil\w+|frown\w*|mood"
    r"|feel\w*|emotion\w*|depressed|stressed|anxious|lonely|surprised|annoyed|in pain|confused|attentive)\b"
)
_INTENT = (
    r"\b(?:wants?|going to|about to|tries|trying|plans?|intends?|suspicious\w*|steals?|stealing|lying|lies"
    r"|dangerous|threat\w*|dishonest|cheat\w*|sneaky|means? to|to steal)\b"
)
_COLOUR = r"\b(?:colou?rs?|red|blue|green|yellow|orange|purple|pink|brown|black|white|grey|gray)\b"
_ROLES = (
    r"(?:mum|mom|mother|dad|father|wife|husband|son|daughter|brother|sister|boss|friend|neighbou?r|postman"
    r"|mailman|courier|doctor|nurse|teacher|thief|burglar|intruder|stranger|partner|girlfriend|boyfriend"
    r"|colleague|plumber|driver|cleaner|grandma|grandpa|uncle|aunt|cousin|manager|student|child|kid|baby|boy"
    r"|girl|man|woman|guy|lady|children|kids|men|women|family)s?"
)
_KINDS = r"(?:child|kid|baby|boy|girl|man|woman|guy|lady|children|kids|men|women|babies|adult|toddler)s?"
_VERB = (
    r"(?:comes?|arrives?|leaves?|enters?|walks?|shows? up|is (?:here|back|home|there)|gets?|goes|returns?"
    r"|appears?|visits?|looks?|sits?|has)\b"
)
_NAME = (
    rf"(?:(?:you see |it is |there is )?(?!(?:the|an?|it|this|that|any|some|my|your|his|her|our|every\w*"
    rf"|no)\b)[a-z][\w'-]+(?: [a-z][\w'-]+)? {_VERB}|.*\b(?:recogni[sz]e|identify|named|called|whose"
    rf"|who it is)\b)"
)

_ACTIVITY = (
    r"\b(?:falls?|falling|sits?|sitting|stands? up|waves?|waving|push-?ups?|pull-?ups?|sit-?ups?|squats?"
    r"|jump\w*|danc\w+|sleep\w*|asleep|eats?|eating|drinks?|drinking|cook\w*|runs?|cleans?|writes?|reads? a"
    r"|points?|raises?|nods?|shakes?|fight\w*|hugs?|kiss\w*|faints?|reps?|steps|exercis\w+)\b"
)


def reason(text: str) -> Reason:
    """What judging `text` would need. The first cause that fits; the nearest wish by what the text mentions."""
    near = _nearest(text)
    if re.search(_SOUND, text, re.IGNORECASE):
        return Reason("a way to listen for sounds, and I only listen to requests", near, sense=True)
    if re.search(_SENSE, text, re.IGNORECASE):
        return Reason("a sensor other than a camera", near, sense=True)
    if re.search(_EMOTION, text, re.IGNORECASE):
        return Reason(f"{MODEL}, and no model knows what someone feels", near)
    if re.search(_INTENT, text, re.IGNORECASE):
        return Reason(f"{MODEL}, and no model knows what someone intends", near)
    if re.search(rf"\b{_KINDS}\b", text, re.IGNORECASE):
        return Reason(f"{MODEL}; I only see that it is a person", near)
    if re.search(rf"\b{_ROLES}\b", text, re.IGNORECASE) or re.match(_NAME, text, re.IGNORECASE):
        return Reason(WHO, near)
    if re.search(_COLOUR, text, re.IGNORECASE):
        return Reason(f"{MODEL}, because I do not judge colours", near)
    return Reason(MODEL, near)


def _nearest(text: str) -> str:
    narrower = next((NARROWER[word] for word in re.findall(r"[a-z-]+", text.lower()) if word in NARROWER), None)
    label = mentioned(text) or narrower
    if label and label != "person":
        return f"tell me when you see {some(label)}"
    person = (
        label
        or re.search(rf"\b(?:{_ROLES}|he|she|they|him|her)\b", text, re.IGNORECASE)
        or re.match(_NAME, text, re.IGNORECASE)
    )
    if re.search(r"\b(?:leaves?|leaving|goes out|goes away|goes home|left|gone)\b", text, re.IGNORECASE) and person:
        return "tell me when someone leaves"
    if re.search(r"\b(?:says?|reads?|written|screen|display)\b", text, re.IGNORECASE) and not person:
        return "tell me when the text changes"
    if re.search(_ACTIVITY, text, re.IGNORECASE):
        return "tell me when anything moves"
    if person:
        return "tell me when someone comes in"
    return "tell me when anything changes"
