"""What can be checked of a model's words: length, script, numbers, things, names. Pure.

A model may only put into other words what it was given. A check that fails costs the sentence, and the rule's is said.
"""

from __future__ import annotations

import re

from interaction.seeing.words import LABELS
from interaction.text_model.base import TextModelError
from interaction.understanding.languages import SCRIPTS
from interaction.understanding.numerals import NUMBER_EN, NUMBER_ZH, number
from interaction.wire import clean

_DIGITS = re.compile(r"\d+(?:[.,:]\d+)*", re.ASCII)
_LINK = re.compile(r"https?://\S+|\bwww\.\S+|\b[\w.+-]+@[\w-]+\.\w+", re.IGNORECASE)
_WORDS_EN = re.compile(rf"\b{NUMBER_EN}\b", re.IGNORECASE)
_WORDS_ZH = re.compile(NUMBER_ZH)
# Words that mean a number only now and then.
_NO_NUMBERS = frozenset(["a", "an", "no", "and", "of", "point", "oh", "半", "几"])
_HAN = re.compile(r"[㐀-鿿]")
# What nobody can see: who someone is, what they feel, want or look like.
_BEYOND = re.compile(
    r"\b(?:he|she|his|hers?|him|m[ae]n|wom[ae]n|boys?|girls?|child|children|lady|guys?|"
    r"(?:un)?happy|sad|angry|afraid|nervous|tired|bored|upset|excited|worried|smil\w+|frown\w*|curious\w*|"
    r"want\w*|tr(?:y|ies|ied|ying) to|intend\w*|about to|suspicious\w*|danger\w*|steal\w*|looking for|"
    r"friend\w*|famil(?:y|ies)|mother|father|burglar|thief|police\w*|"
    r"red|blue|green|yellow|orange|purple|pink|brown|black|white|grey|gray)\b"
    r"|[他她]|男|女|孩|高兴|开心|难过|生气|愤怒|害怕|紧张|无聊|想要|打算|准备|企图|可疑|危险|小偷|警察|朋友|家人|红色|蓝色|绿色|黄色|黑色|白色",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<![.!?:“\"] )(?<!^)\b[A-Z][a-z]+\b")


def plain(text: str, most: int) -> str:
    """One bounded line of words. Raises `TextModelError` for none, or for far too many."""
    text = " ".join(clean(text).split()).strip(' "“”「」')
    if not text:
        raise TextModelError("the text model said nothing")
    if len(text) > most:
        raise TextModelError(f"the text model said {len(text)} characters where {most} are enough")
    return text


def in_language(text: str, language: str) -> None:
    """Raises `TextModelError` when the letters of `text` are not those of `language` (a code)."""
    letters = [character for character in text if character.isalpha()]
    wanted = SCRIPTS.get(language)
    if not letters or wanted is None:
        return
    fitting = sum(bool(wanted.match(character)) for character in letters)
    if fitting < len(letters) / 2:
        raise TextModelError(f"the text model did not answer in the language asked for ({language})")


def translated(words: str, source: str) -> None:
    """A translation may bring no link and no long number that was not there. Raises `TextModelError`."""
    if links := set(_LINK.findall(words)) - set(_LINK.findall(source)):
        raise TextModelError(f"the text model brought an address of its own: {min(links)}"[:300])
    known = re.sub(r"\D", "", source)
    for found in _DIGITS.findall(words):
        digits = re.sub(r"\D", "", found)
        # two digits may be an hour (18:00, 6 pm) or a word ("twenty"); long ones are prices, codes, telephone numbers
        if len(digits) > 2 and digits not in known and not _spelled(digits, source):
            raise TextModelError(f"the text model brought a number of its own: {found}"[:300])


def nothing_new(words: str, facts: str, language: str) -> None:
    """A phrase may only say what the facts say: their numbers, things, names. Raises `TextModelError`."""
    wrong: set[object] = set(numbers(words, language) - numbers(facts, language))
    wrong |= labels(words) - labels(facts)
    wrong |= {w.lower() for w in _BEYOND.findall(words)} - {w.lower() for w in _BEYOND.findall(facts)}
    wrong |= {name for name in _NAME.findall(words) if name not in facts}
    if wrong:
        raise TextModelError(f"the text model said what was not seen: {', '.join(sorted(map(str, wrong)))}"[:300])


def numbers(text: str, language: str) -> set[float]:
    """Every number in digits or words; "a" and "someone" count as none."""
    found = {float(re.sub(r"\D", "", digits)) for digits in _DIGITS.findall(text)}
    pattern, code = (_WORDS_ZH, "zh") if _HAN.search(text) else (_WORDS_EN, "en")
    for words in pattern.findall(_DIGITS.sub(" ", text)):
        if words.lower().strip() not in _NO_NUMBERS and (value := number(words, code)) is not None:
            found.add(value)
    return found - {0.0, 1.0}  # "one of them", "一个": no count worth checking


def labels(text: str) -> set[str]:
    """Labels of the things that a text names, in either language."""
    lower = text.lower()
    english = set(re.findall(r"[a-z][a-z-]*", lower))
    return {
        label for word, label in LABELS.items() if (word in english if word.isascii() else word in _without_han(lower))
    }


def _without_han(text: str) -> str:
    """Chinese words that contain the name of a thing and mean another ("车站" is no car)."""
    return re.sub(r"车站|火车|脸色|谁|书桌上方|图书|人们|本人|工人", " ", text)


def _spelled(digits: str, source: str) -> bool:
    return float(digits) in numbers(source, "")
