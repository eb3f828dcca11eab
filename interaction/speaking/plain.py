"""Text as people write and models print it, without what cannot be read aloud: markup, code, addresses, emoji. Pure."""

from __future__ import annotations

import html
import re
import unicodedata

CODE = {"en": "(code)", "zh": "（代码）"}
LINK = {"en": "a link", "zh": "链接"}
DOT = {"en": " dot ", "zh": "点"}
AT = {"en": " at ", "zh": "艾特"}

_FENCE = re.compile(r"```[^\n]*\n?.*?(?:```|\Z)", re.S)
_IMAGE_OR_LINK = re.compile(r"!?\[([^\[\]]{0,500})\]\([^()\s]{0,2000}(?:\s+\"[^\"]{0,200}\")?\)")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,500}>")
_EMAIL = re.compile(r"(?<![A-Za-z0-9_.+-])([A-Za-z0-9_.+-]{1,64})@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,})\b")
_URL = re.compile(
    r"(?<![A-Za-z0-9])(?:https?://|www\.)(?:[^\s/@<>]{1,99}@)?([^\s/:?#<>()，。；！？]+)(?:[:/?#][^\s<>()，。；！？]*)?",
    re.I,
)
_LINE_MARK = re.compile(r"(?:#{1,6} |[> ]+|[-*+•] (?:\[[ xX]\] )?)")
_EMPHASIS = re.compile(r"(?<![\w*~])(\*{1,3}|_{1,3}|~~)(?=\S)([^\n]{1,500}?)(?<=\S)\1(?![\w*~])")
_END = ".!?:;,。！？：；，…"


def plain(text: str, language: str = "en") -> str:
    """Readable text on one line: markdown, HTML, code, addresses and emoji gone or put into words.

    What stays is still as it is written ("$5", "14:30"); `normalise.py` puts that into words. A list or a table
    becomes sentences.
    """
    text = html.unescape(text)
    text = _FENCE.sub(f"\n{CODE.get(language, CODE['en'])}\n", text)
    text = _IMAGE_OR_LINK.sub(r"\1", text)
    text = _TAG.sub(" ", text)
    text = _EMAIL.sub(lambda m: f"{m[1]}{AT.get(language, ' at ')}{_dotted(m[2], language)}", text)
    text = _URL.sub(lambda m: _address(m[1], language), text)
    text = "\n".join(_LINE_MARK.sub("", line, count=1) if _LINE_MARK.match(line) else line for line in _lines(text))
    text = _EMPHASIS.sub(r"\2", text)
    text = _EMPHASIS.sub(r"\2", text)  # **bold with _italics_**
    text = text.replace("`", "")
    text = "".join(_shown(char) for char in text)
    return _one_line(text.splitlines(), language)


def _address(host: str, language: str) -> str:
    host = host.rstrip(".,;:!?\"'").removeprefix("www.")
    readable = re.fullmatch(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}", host)
    return _dotted(host, language) if readable and len(host) <= 40 else LINK.get(language, LINK["en"])


def _dotted(host: str, language: str) -> str:
    return host.replace(".", DOT.get(language, DOT["en"]))


def _shown(char: str) -> str:
    """Emoji, pictograms, variation selectors and control characters are not read."""
    kind = unicodedata.category(char)
    if kind in ("Zs", "Zl", "Zp"):
        return " "
    if char in "\n\t°€£¥$%+−×÷=<>^|~©→←" or (kind == "Sm" and char in "≈≠≤≥±√"):
        return char
    return "" if kind in ("So", "Sk", "Cc", "Cf", "Cn", "Co", "Cs") or "\ufe00" <= char <= "\ufe0f" else char


def _lines(text: str) -> list[str]:
    """Lines without outer and repeated blanks, and without those that only draw a rule or a table's border."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return [line for line in lines if set(line) - set("-*_=|: ")]


def _one_line(lines: list[str], language: str) -> str:
    """Lines become sentences; the cells of a table are separated by commas."""
    stop, comma = ("。", "，") if language == "zh" else (".", ",")
    parts = []
    for line in lines:
        cells = [cell.strip() for cell in line.split("|")]
        line = f"{comma} ".join(cell for cell in cells if cell) if len(cells) > 2 else line.strip()
        line = " ".join(line.split())
        if re.search(r"\w", line):
            parts.append(line)
    joined = [p if p[-1] in _END or p is parts[-1] else p + stop for p in parts]
    return " ".join(joined)
