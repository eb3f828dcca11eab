"""Where something was seen, said with it where there is more than one source: "…, in the kitchen". Pure.

An alert tells it last: the beginning of likely alerts is synthesised ahead, and is heard sooner. What quotes a text,
or has several sentences, is introduced by it.
"""

from __future__ import annotations

import re

_ROOM = (
    "room|kitchen|garage|hall|hallway|corridor|lobby|office|garden|yard|backyard|cellar|basement|attic|bathroom|bedroom"
    "|nursery|shed|workshop|shop|store|lab|warehouse|stable|car park|parking lot|driveway|stairwell|porch|barn|studio"
)
_SPOT = "door|gate|entrance|exit|window|counter|desk|till|checkout|reception|fence|bridge|pool|stairs|letterbox|dock"
_KNOWN = (("in", re.compile(rf"(?:.* )?(?:{_ROOM})s?", re.I)), ("at", re.compile(rf"(?:.* )?(?:{_SPOT})s?", re.I)))
# The lanes of the page's own camera and of the screen that it shares.
_OWN = {"camera": ("on your camera", "你的摄像头"), "screen": ("on your screen", "你的屏幕")}


def called(lane: str, language: str) -> str:
    """The page's own have a name in each language."""
    return {"camera": "摄像头", "screen": "屏幕"}.get(lane, lane) if language == "zh" else lane


def place(lane: str, language: str) -> str:
    """ "in the kitchen", "at the front door", "on Studio 4"; Chinese: the name."""
    if lane in _OWN:
        return _OWN[lane][language == "zh"]
    name = " ".join(re.split(r"[-_ ]+", lane.strip()))
    if language == "zh":
        return name
    for preposition, known in _KNOWN:
        if known.fullmatch(name):
            return f"{preposition} the {name.lower()}"
    return f"on {name}"


def placed(text: str, lane: str, language: str, *, last: bool = False) -> str:
    """The text with its place; `last`: behind it, where that can be said."""
    where = place(lane, language)
    if language == "zh":
        return f"{where}：{text}"
    if last and re.fullmatch(r"[^.:;!?“\"]{3,120}\.", text):
        return f"{text[:-1]}, {where}."
    return f"{where[0].upper()}{where[1:]}: {text}"
