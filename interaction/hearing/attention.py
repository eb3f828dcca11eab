"""Whether what is said is meant for the house: wake words, sleep words, and the time after an answer.

Off, everything said is a request. On, only what begins with a wake word is, or what is said soon after an answer,
while nothing is being said aloud; while the house speaks, only the wake word interrupts it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import SequenceMatcher
from functools import lru_cache

from config import Hearing

ALIKE = 0.85  # of a wake word's letters: "look out", "lookouts" and "look-out" are, "look at" (0.77) is not
LONGEST = 3  # words that a recogniser may make of one wake word
# Said before a name, or heard into the breath before it.
OPENINGS = {"hey", "hi", "hello", "ok", "okay", "oh", "so", "and", "um", "uh", "yo", "please"}
OPENINGS_ZH = re.compile(r"^[嗨喂嘿哎诶欸，,。!！\s]+")
GO_ON = {"of", "for", "over"}  # "look out of the window" is no call


class Attention:
    """`on`: wake words are needed. `reply_since`: since when (session seconds) the person may reply to what was said
    to them, None while something is being said."""

    def __init__(
        self, settings: Hearing, now: Callable[[], float], reply_since: Callable[[], float | None] = lambda: None
    ) -> None:
        self.on = settings.wake
        self._now = now
        self._reply_since = reply_since
        self._follow_s = settings.follow_s
        self._wake = [*_listed(settings.wake_words), *_listed(settings.wake_words_zh)]
        self._sleep = {_bare(word) for word in (*_listed(settings.sleep_words), *_listed(settings.sleep_words_zh))}
        self._called = self._ended = float("-inf")

    def open(self) -> bool:
        """Whether what begins to be said now is meant for the house, however it begins."""
        if not self.on:
            return True
        replied = self._reply_since()
        if replied is None:
            return False
        since = max(self._called, replied)
        return since > self._ended and self._now() - since < self._follow_s

    def called(self, text: str) -> bool:
        """Whether it begins with a wake word."""
        return any(after(text, word) is not None for word in self._wake)

    def judge(self, text: str, addressed: bool) -> str | None:
        """What of a finished turn is a request: "" if it only woke the house or sent it to sleep, None if it was not
        meant for the house. `addressed`: it began while `open`, or with the button held."""
        if not self.on:
            return text
        rest = next((rest for word in self._wake if (rest := after(text, word)) is not None), None)
        if rest is None and not addressed:
            return None
        request = text if rest is None else rest
        if _bare(request) in self._sleep:
            self._ended = self._now()
            return ""
        self._called = self._now()
        return request


def after(text: str, wake: str) -> str | None:
    """What follows a leading wake word, as a sentence of its own; None if there is none."""
    rest = _after_sounds(text, wake) if re.search("[一-鿿]", wake) else _after_letters(text, wake)
    if rest is None:
        return None
    rest = rest.lstrip(" ,.;:!?…-，。；：！？、")
    return rest[:1].upper() + rest[1:]


def _after_letters(text: str, wake: str) -> str | None:
    words = list(re.finditer(r"[^\W\d_一-鿿]+(?:['’][^\W\d_]+)*", text.casefold()))
    while words and words[0][0] in OPENINGS and not _alike(words[0][0], wake):
        words.pop(0)
    wanted = re.sub(r"\W", "", wake.casefold())
    for count in range(1, min(LONGEST, len(words)) + 1):
        if _alike("".join(word[0] for word in words[:count]), wanted):
            follows = words[count][0] if len(words) > count else ""
            return None if follows in GO_ON else text[words[count - 1].end() :]
    return None


def _after_sounds(text: str, wake: str) -> str | None:
    """Chinese by its sounds: a recogniser writes a name with whatever characters sound like it."""
    text = OPENINGS_ZH.sub("", text)
    places = [match.start() for match in re.finditer("[一-鿿]", text)][: len(wake)]
    if len(places) < len(wake) or _sounds("".join(text[at] for at in places)) != _sounds(wake):
        return None
    return text[places[-1] + 1 :]


@lru_cache(4096)
def _alike(one: str, other: str) -> bool:
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= ALIKE


@lru_cache(4096)
def _sounds(characters: str) -> tuple[str, ...]:
    """Syllables without tones, and without what speakers and recognisers mix up (zh/z, n/l, ang/an)."""
    from pypinyin import lazy_pinyin

    return tuple(re.sub("g$", "", re.sub("^(zh|ch|sh)", lambda m: m[0][0], s)) for s in lazy_pinyin(characters))


def _bare(text: str) -> str:
    return re.sub(r"\W", "", text).casefold()


def _listed(words: str) -> list[str]:
    return [word.strip() for word in re.split("[,，]", words) if word.strip()]
