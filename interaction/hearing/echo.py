"""Own voice through the microphone is never taken for a request. Pure.

The browser cancels most of the echo; what is left over is recognised as words, and words can be compared with what
the house was saying. Heard words are aligned with the best passage of the said ones; a word that only sounds alike
costs less than a missing one, because that is how an echo is misheard, while a person who repeats some of the
words asks with other ones around them.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from functools import lru_cache

from num2words import num2words

TOLERANCE = 0.25  # cost a word up to which heard words are an echo; Whisper mishears 5 % of Kokoro's, echoes more
LEAVING = 0.5  # cost of a word that is left to the person: less than a strange word, more than a misheard one
EXACT_UP_TO = 3  # so few words are an echo only if they are the said ones exactly
WORDS = 150  # of either side that are compared: a minute of speech
# What a person says over the house's voice in one word; any other single word left over is a misheard end.
LONE = {"stop", "quiet", "cancel", "wait", "no", "yes", "pause", "hush", "enough", "silence", "okay", "ok", "help"}
LONE_ZH = set("停不别好对行等")
# How people begin a question or an order. Where the house did not say the first two words so, it is a person's turn,
# even if it repeats the rest ("There is someone at the door." – "Is there someone at the door?").
OPENERS = {"is", "are", "was", "were", "do", "does", "did", "can", "could", "will", "would", "what", "who", "where"}
OPENERS |= {"when", "why", "how", "which", "tell", "show", "count", "watch", "read", "remind", "stop", "please", "let"}
OPENERS |= set("是谁哪几怎什为你告帮请数看提别停")


def without_echo(heard: str, said: str) -> str:
    """What is left of a transcript when the house's own words (`said`) are taken away; "" if it was all echo.

    Only a leading echo is taken away: a person who barges in talks over its end.
    """
    ears, mouth = _words(heard)[-WORDS:], _words(said)[-WORDS:]
    if not ears or not mouth:
        return heard
    heard_words, said_words = [word for word, _ in ears], [word for word, _ in mouth]
    if heard_words[0] in OPENERS and not _follow(heard_words[:2], said_words):
        return heard
    costs = _costs(heard_words, said_words)
    echoes = [k for k in range(1, len(ears) + 1) if _echo(costs[k], k)]
    if not echoes:
        return heard
    longest = min(echoes, key=lambda k: (costs[k] + LEAVING * (len(ears) - k), -k))
    left = ears[longest:]
    if len({place for _, place in left}) >= 2 or (left and left[0][0] in LONE | LONE_ZH):
        return heard[left[0][1] :].strip(" ,.;:!?，。；：！？")
    if left and costs[longest] >= 1.0 and costs[longest] + 1.0 > TOLERANCE * (longest + 1):
        return heard  # a strange word within and one at the end: an order much like the one that is acknowledged
    return ""


def _follow(pair: list[str], words: list[str]) -> bool:
    """Whether the words of `pair` stand next to each other in `words`."""
    return any(words[k : k + len(pair)] == pair for k in range(len(words)))


def _echo(cost: float, words: int) -> bool:
    return cost == 0 if words <= EXACT_UP_TO else cost <= TOLERANCE * words


def _costs(heard: list[str], said: list[str]) -> list[float]:
    """For each number of leading heard words: the cost of aligning them with any passage of what was said."""
    row = [0.0] * (len(said) + 1)  # the passage may begin anywhere
    best = [0.0]
    for word in heard:
        above, row = row, [row[0] + 1.0]
        for j, other in enumerate(said, 1):
            row.append(min(above[j - 1] + _difference(word, other), above[j] + 1.0, row[j - 1] + 1.0))
        best.append(min(row))
    return best


@lru_cache(4096)
def _difference(one: str, other: str) -> float:
    """0 for the same word, 1 for another, between for one that is spelt alike."""
    if one == other:
        return 0.0
    if 2 * min(len(one), len(other)) < max(len(one), len(other)):
        return 1.0  # spares the comparison, which is what costs time
    alike = SequenceMatcher(None, one, other, autojunk=False).ratio()
    return 1.0 - alike if alike >= 0.5 else 1.0


def _words(text: str) -> list[tuple[str, int]]:
    """Words in lower case with their place in `text`: numbers in words, Chinese by the character."""
    words: list[tuple[str, int]] = []
    for match in re.finditer(r"\d[\d,]*(?:\.\d+)?|[一-鿿]|[^\W\d_一-鿿]+(?:['’][^\W\d_一-鿿]+)*", text.lower()):
        word = match[0].replace("’", "'")
        parts = _number(word) if word[0].isdecimal() else [word]
        words += [(part, match.start()) for part in parts]
    return words


def _number(digits: str) -> list[str]:
    """In words; what stands before and after a point as two numbers, because "9.30" may be a time."""
    words: list[str] = []
    for part in digits.replace(",", "").split("."):
        words += list(part) if len(part) > 15 else re.findall(r"[a-z]+", num2words(int(part)))
    return words
