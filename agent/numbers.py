"""Numbers as people say them, turned into digits inside a sentence.

English by `text2num`, Chinese by `cn2an`; here stands only what they leave: halves and quarters, dozens, years said in
two parts, "five million" with a digit in front, and a sentence that must stay a sentence.
"""

from __future__ import annotations

import contextlib
import re
import warnings

_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_SCALE = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12}


def digits(text: str, language: str) -> str:
    """`seventeen percent of two thousand three hundred and forty` → `17 percent of 2340`; `百分之十七` → `17%`.

    Lower case, one space between words. For sentences already known to be about numbers: "no one" would become "no 1".
    """
    text = _written(text)
    return _chinese(text) if language == "zh" else _english(text)


def _written(text: str) -> str:
    """Digits as written: no separators inside numbers, plain signs, full-width characters narrowed."""
    text = text.translate({code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}).replace("\u3000", " ")
    text = text.replace("−", "-").replace("×", "*").replace("÷", "/").replace("²", " squared").replace("³", " cubed")
    text = text.replace("½", ".5").replace("¼", ".25").replace("¾", ".75")
    text = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text)
    return " ".join(text.lower().split())


def _english(text: str) -> str:
    from text_to_num import alpha2digit  # type: ignore[import-untyped]

    text = re.sub(r"\b(?:a|an) (?=(?:hundred|thousand|million|billion|trillion|dozen)\b)", "one ", text)
    text = re.sub(rf"\b(\d+(?:\.\d+)?) ({'|'.join(_SCALE)})\b", _scaled, text)
    text = re.sub(r"(?<=[a-z])-(?=[a-z])", " ", text)
    # No numbers: "which one", the unit "second", "the first 20".
    text = re.sub(r"\b(that|this|which|every|no|any|each) one\b", r"\1 qqone", text)
    text = re.sub(r"\b(seconds?|first)\b", r"qq\1", text)
    text = re.sub(r"\b(a|one|two|three) (thirds?|fifths?)\b", _part, text)
    text = alpha2digit(text, "en", 0).replace("qq", "")
    text = re.sub(r"\b(?:(\d+) )?dozen\b", lambda match: str(12 * int(match[1] or 1)), text)
    text = re.sub(r"\b(?:3 quarters|three quarters) of\b", "0.75 of", text)
    text = re.sub(r"\b(\d+) and (?:a |1 )?half\b", r"\1.5", text)
    text = re.sub(r"\b(\d+) and (?:a |1 )?quarter\b", r"\1.25", text)
    text = re.sub(r"\b(\d+) ([a-z]+) and (?:a|1) half\b", r"\1.5 \2", text)
    text = re.sub(r"\ban? ([a-z]+) and (?:a|1) half\b", r"1.5 \1s", text)
    text = re.sub(r"\b(?:a |1 )?half an? (?=[a-z])|\bhalf (?=hours?\b)", "0.5 ", text)
    text = re.sub(r"\b(?:a |1 )half\b(?! of)", "0.5", text)
    text = re.sub(rf"\b((?:{_MONTHS})[a-z0-9 ,]*?|in |year )\b(19|20) (\d\d)\b", r"\1\2\3", text)
    return re.sub(r"\bnegative (?=\d)", "-", text)


def _part(match: re.Match[str]) -> str:
    top = {"a": 1, "one": 1, "two": 2, "three": 3}[match[1]]
    return f"{top}/{3 if 'third' in match[2] else 5}"


def _scaled(match: re.Match[str]) -> str:
    value = float(match[1]) * _SCALE[match[2]]
    return str(int(value)) if value.is_integer() else str(value)


def _chinese(text: str) -> str:
    import cn2an  # type: ignore[import-untyped]

    warnings.filterwarnings("ignore", module="cn2an")  # it tells the terminal about every word that is no number
    text = re.sub(r"(\d+(?:\.\d+)?)([万亿])", lambda m: _plain(float(m[1]) * {"万": 1e4, "亿": 1e8}[m[2]]), text)
    text = re.sub(r"([零一二两三四五六七八九十百千万\d]+)个半(?=[小分])", r"\1点五", text)
    text = (
        text.replace("半个小时", "0.5小时")
        .replace("半小时", "0.5小时")
        .replace("半天", "0.5天")
        .replace("一刻钟", "15分钟")
    )
    # Words in which a numeral is no number: keep them from the library.
    kept = {
        "星期一": "㊀",
        "一下": "㊁",
        "一起": "㊂",
        "一样": "㊃",
        "一半": "㊄",
        "万一": "㊅",
        "一共": "㊆",
        "三八节": "㊇",
    }
    for word, mark in kept.items():
        text = text.replace(word, mark)
    with contextlib.suppress(ValueError):  # no number to the library: the planner sees the words, and says so
        text = str(cn2an.transform(text, "cn2an"))
    for word, mark in kept.items():
        text = text.replace(mark, word)
    return " ".join(text.split())


def _plain(value: float) -> str:
    return str(int(value)) if value.is_integer() else str(value)
