"""Whether a sentence says again what was said: the same things in the same order, the same numbers.

A word that was not said before is news, and so is one that is left out: “there is fire” after “there is a fire truck”,
“smoke” after “the smoke is gone”, “it boils” after “it may boil”. Only how somebody is placed may go. What is compared
are words, not their meaning: a model of meaning finds “on the chair” and “under the chair” as alike as two ways to say
the same (docs/observers.md).
"""

from __future__ import annotations

import re
import unicodedata

from interaction.understanding.numerals import NUMBER_EN, NUMBER_ZH, number

Gist = tuple[str, ...]

# More of a long text than this is not compared; two that begin so alike are the same.
GIST_CHARS = 1000

_HAN = r"[㐀-鿿]"
_PIECE = re.compile(
    rf"(?P<digits>\d+(?:[.,:]\d+)*)|(?P<english>\b{NUMBER_EN}\b)|(?P<chinese>{NUMBER_ZH})|(?P<han>{_HAN})"
    r"|(?P<word>[^\W\d_㐀-鿿]+)",
    re.IGNORECASE,
)


def _these(words: str) -> frozenset[str]:
    return frozenset(words.split())


# What was read: of that every word counts.
_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"|「[^」]*」|(?:\bsays?\b|写着):?.*")
# Numbers that are none ("a cup", "no one", "half open", "一下"), and words that say nothing of what is seen.
_NO_NUMBERS = _these("a an no of and point oh half quarter third single few couple 半 几")
_FILLERS = _these(
    "a an the there here is am be been being has have had do does did now just currently presently"
    " it that this these those of and i you we can could see sees seen seeing notice me my your"
)
_FILLERS_ZH = frozenset("了的在是有着这那个位呢啊吧呀哦地得我你正刚已经现")
_SET_PHRASES = (
    (re.compile(r"\b(?:right now|at the moment|at this moment|it looks like|i can see that)\b"), " "),
    (re.compile(r"\b(?:no one|nobody)\b"), " nobody "),
    (re.compile(r"\b(?:some(?:one|body)|a person|an? individual)\b"), " someone "),
    (re.compile(r"n't\b"), " not"),
    (re.compile(r"'s\b|’s\b"), " "),
    # "一个人" is somebody, as "a person" is
    (re.compile(r"(?<![\d.零一二三四五六七八九十百千万])[一1](?=[个只位名条辆张件杯台])"), " "),
    (re.compile("一下|一直|一起|一样|一些|一点|看到|看见|现在|目前|此时"), " "),
)
# Of a number of people or things it says nothing; of "dogs" it says that there is more than one.
_SEVERAL = "are"
# What a sentence may leave out and still say the same.
_PLACED = _these("stand sit sitt wait 站 坐 等")

_STEMS = {"came": "com", "fell": "fall", "fallen": "fall", "went": "go", "gone": "go", "goes": "go", "stood": "stand"}


def gist(text: str) -> Gist:
    """What is said, in order: numbers as digits, stems of words, Chinese characters; without what says nothing."""
    text = unicodedata.normalize("NFKC", text[:GIST_CHARS]).casefold()
    for pattern, instead in _SET_PHRASES:
        text = pattern.sub(instead, text)
    read = {place for quotation in _QUOTED.finditer(text) for place in range(*quotation.span())}
    found: list[str] = []
    for piece in _PIECE.finditer(text):
        found += [f"“{token}" if piece.start() in read else token for token in _tokens(piece)]
    counted = any(token[:1].isdigit() for token in found)
    return tuple(token for token in found if not (counted and token == _SEVERAL))


def repeats(new: Gist, old: Gist) -> bool:
    """Whether `new` says what `old` did."""
    return bool(new) and _bare(new) == _bare(old) and set(new) <= set(old)


def _bare(of: Gist) -> Gist:
    return tuple(token for token in of if token not in _PLACED)


def _tokens(piece: re.Match[str]) -> list[str]:
    text = piece[0].strip()
    kind = piece.lastgroup
    if kind == "digits":
        value = number(text)
        return [f"{value:g}" if value is not None else text]
    if kind in ("english", "chinese"):
        value = None if text in _NO_NUMBERS else number(text, "zh" if kind == "chinese" else "en")
        if value is not None:
            return [f"{value:g}"]
        tokens = [_stem(word) for word in re.findall(r"[a-z]+", text)] if kind == "english" else list(text)
        return [token for token in tokens if token not in _FILLERS]
    if kind == "han":
        return [] if text in _FILLERS_ZH else [text]
    return [] if text in _FILLERS else [_stem(text)]


def _stem(word: str) -> str:
    """Without the endings that a sentence may change and mean the same: "boils", "boiling"."""
    if not word.isascii():
        return word
    if word in _STEMS:
        return _STEMS[word]
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending).rstrip("e")
    return word.rstrip("e") if len(word) > 3 else word
