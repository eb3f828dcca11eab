"""Numbers as people say and type them, in English and Chinese. Pure.

"two hundred and fifty", "2,340", "a couple", "one and a half", "两百五", "三点一四", "半".
"""

from __future__ import annotations

import re

# A number longer than this is not one that somebody says.
NUMBER_CHARS = 120
# Beyond this a float no longer counts exactly.
LARGEST = 1e15

_SMALL = {
    "zero": 0, "oh": 0, "nought": 0, "no": 0, "one": 1, "a": 1, "an": 1, "single": 1, "two": 2, "three": 3, "four": 4,
    "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13,
    "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20,
    "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    "couple": 2, "few": 3,
}  # fmt: skip
_SCALES = {"dozen": 12, "hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_PARTS = {"half": 0.5, "quarter": 0.25, "quarters": 0.25, "third": 1 / 3, "thirds": 1 / 3}
_FIRST_WORD = "|".join(sorted([*_SMALL, *_SCALES, *_PARTS, "and", "point", "of"], key=len, reverse=True))

_DIGITS_EN = r"\d[\d,]*+(?:\.\d++)?"
# Where a number may stand in an English sentence; `number` decides whether it is one.
NUMBER_EN = rf"(?:(?:{_DIGITS_EN}|(?:{_FIRST_WORD})\b)(?:[ -](?:{_DIGITS_EN}|(?:{_FIRST_WORD})\b)){{0,9}})"

_DIGIT_ZH = {
    **{c: i for i, c in enumerate("零一二三四五六七八九")},
    **{c: i for i, c in enumerate("〇壹贰叁肆伍陆柒捌玖")},
    "两": 2, "俩": 2, "仨": 3,
}  # fmt: skip
_UNIT_ZH = {"十": 10, "百": 100, "千": 1_000, "拾": 10, "佰": 100, "仟": 1_000}
_BIG_ZH = {"万": 10_000, "亿": 100_000_000}
_TRADITIONAL = str.maketrans("兩萬億貳參陸點負个", "两万亿贰叁陆点负个")
# Where a number may stand in a Chinese sentence.
NUMBER_ZH = (
    r"(?:\d[\d,]*+(?:\.\d++)?[万亿百千]?|[零〇一二两俩三四五六七八九十百千万亿]++"
    r"(?:点[零一二三四五六七八九]++)?|半|几)"
)


def number(text: str, language: str = "en") -> float | None:
    """The number that `text` (nothing but a number) says, or None. Never negative, at most 1e15."""
    text = text.strip()
    if not text or len(text) > NUMBER_CHARS:
        return None
    value = _digits(text)
    if value is None:
        value = _chinese(text) if language == "zh" else _english(text.lower())
    return value if value is not None and value <= LARGEST else None


def whole(text: str, language: str = "en") -> int | None:
    """Like `number`, but only whole numbers."""
    value = number(text, language)
    return int(value) if value is not None and value == int(value) else None


def _digits(text: str) -> float | None:
    if re.fullmatch(r"\d{1,3}(?:[,，]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?", text, re.ASCII):
        return float(re.sub("[,，]", "", text))
    return None


def _english(text: str) -> float | None:
    words = [word for word in re.split(r"[\s,-]+", text) if word]
    if "point" in words:
        return _decimal(words)
    for i, word in enumerate(words):
        if word in _PARTS:
            return _with_part(words[:i], word, words[i + 1 :])
    if words and words[-1] == "of":
        words = words[:-1]
    return _integer(words)


def _decimal(words: list[str]) -> float | None:
    at = words.index("point")
    before = _integer(words[:at]) if at else 0.0
    digits = [_SMALL.get(word, int(word) if word.isdecimal() and word.isascii() else None) for word in words[at + 1 :]]
    if before is None or not digits or any(d is None or d > 9 for d in digits):
        return None
    return before + float("0." + "".join(str(d) for d in digits))


def _with_part(before: list[str], part: str, after: list[str]) -> float | None:
    """ "half a dozen", "one and a half", "three quarters", "half"."""
    if after and after[0] == "of":
        after = after[1:]
    scale = _integer(after) if after else 1.0
    if scale is None or (after and after[0] not in ("a", "an", "one")):
        return None
    if not before or before in (["a"], ["one"]):
        return _PARTS[part] * scale
    if before[-1] in ("a", "one") and len(before) > 2 and before[-2] == "and":
        count = _integer(before[:-2])
        return None if count is None else (count + _PARTS[part]) * scale
    if part.endswith("s"):
        count = _integer(before)
        return None if count is None or count > 9 else count * _PARTS[part] * scale
    return None


def _integer(words: list[str]) -> float | None:
    if not words or words[0] == "and" or words[-1] == "and":
        return None
    total = current = 0.0
    last = ""
    for word in words:
        if word == "and":
            if last not in ("hundred", "thousand", "million", "billion"):
                return None
        elif word in _SCALES:
            current = max(current, 1.0) * _SCALES[word]
            if word not in ("dozen", "hundred"):
                total, current = total + current, 0.0
        else:
            value = _digits(word) if word[0].isdigit() else _SMALL.get(word)
            if value is None or not _may_follow(value, word, last):
                return None
            current = value if last in ("a", "an") else current + value
        last = word
    return total + current


def _may_follow(value: float, word: str, last: str) -> bool:
    """Whether a small number may stand after `last`: "twenty five" but not "five twenty"."""
    if not last or last in _SCALES or last == "and":
        return word not in ("a", "an") or not last
    if last in ("a", "an"):
        return word in ("couple", "few", "single")
    tens = _SMALL.get(last, 0)
    return 20 <= tens <= 90 and 0 < value < 10


def _chinese(text: str) -> float | None:
    text = text.translate(_TRADITIONAL).replace(" ", "")
    if text == "半":
        return 0.5
    if text == "几":
        return 3.0
    if match := re.fullmatch(r"(\d+(?:\.\d+)?)([百千万亿])", text, re.ASCII):
        return float(match[1]) * {**_UNIT_ZH, **_BIG_ZH}[match[2]]
    if "点" in text:
        before, _, after = text.partition("点")
        base = _chinese(before)
        digits = [_DIGIT_ZH.get(c) for c in after]
        if base is None or not digits or any(d is None for d in digits):
            return None
        return base + float("0." + "".join(str(d) for d in digits))
    if text and all(c in _DIGIT_ZH for c in text):
        return float("".join(str(_DIGIT_ZH[c]) for c in text))
    return _sections(text)


def _sections(text: str) -> float | None:
    """Split at 亿 and 万, read each section: 两亿三千万零五."""
    total = section = 0.0
    digit: int | None = None
    last_unit = 0
    for char in text:
        if char in _DIGIT_ZH:
            if digit not in (None, 0):
                return None
            digit = _DIGIT_ZH[char]
            if digit == 0:
                last_unit = 0  # 两百零五: a zero ends the ellipsis of 两百五
        elif char in _UNIT_ZH:
            last_unit = _UNIT_ZH[char]
            section += (1 if digit in (None, 0) else digit or 0) * last_unit
            digit = None
        elif char in _BIG_ZH:
            last_unit = _BIG_ZH[char]
            section += digit or 0
            total = (total + section) * last_unit if last_unit > total else total + section * last_unit
            section, digit = 0.0, None
        else:
            return None
    ending = digit or 0
    return total + section + ending * (last_unit // 10 if ending and last_unit >= 100 else 1)
