"""Chinese text in characters that are read as they stand: numbers, money, dates, times, units, signs. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable

LONGEST = 16  # digits read as one number; longer ones are read digit by digit …
MOST = 40  # … and no further than this
_DIGITS = "零一二三四五六七八九"
_PLACES = ("", "十", "百", "千")
_GROUPS = ("", "万", "亿", "万亿")
UNITS = {
    "km/h": "公里每小时", "m/s": "米每秒", "km": "公里", "cm": "厘米", "mm": "毫米", "m": "米", "kg": "公斤",
    "mg": "毫克", "g": "克", "ml": "毫升", "mL": "毫升", "l": "升", "L": "升", "ms": "毫秒", "s": "秒", "min": "分钟",
    "h": "小时", "kHz": "千赫", "MHz": "兆赫", "GHz": "吉赫", "Hz": "赫兹", "kWh": "千瓦时", "kW": "千瓦", "W": "瓦",
    "V": "伏", "MB": "兆字节", "GB": "吉字节", "TB": "太字节", "KB": "千字节", "kB": "千字节", "px": "像素",
    "dB": "分贝", "°C": "摄氏度", "℃": "摄氏度", "°F": "华氏度", "°": "度", "m²": "平方米",
}  # fmt: skip
MONEY = {"$": "美元", "US$": "美元", "€": "欧元", "£": "英镑", "¥": "元", "￥": "元", "USD": "美元", "EUR": "欧元",
         "CNY": "元", "RMB": "元"}  # fmt: skip
SIGNS = {
    "&": "和", "@": "艾特", "+": "加", "=": "等于", "×": "乘以", "*": "乘以", "÷": "除以", "−": "减", "≈": "约等于",
    "~": "大约", "≠": "不等于", "≤": "小于等于", "≥": "大于等于", "<": "小于", ">": "大于", "±": "正负", "→": "到",
    "%": "百分号", "#": "号", "/": "或", "°": "度", "_": " ", "|": "，", "\\": " ", "^": "的次方", "$": "美元",
}  # fmt: skip
# Words that count things: before them two is 两, not 二.
_COUNTED = "个位只条张件次辆分小时天周年块杯瓶本台种名头匹架页步遍"

_N = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_UNIT = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
_COIN = "|".join(sorted((re.escape(sign) for sign in MONEY), key=len, reverse=True))
Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]


def chinese(text: str) -> str:
    """The same text with every number and sign in characters; Latin words stay as they are."""
    text = re.sub(rf"\d{{{MOST},}}", lambda m: m[0][:MOST], text)
    for pattern, words_of in RULES:
        text = pattern.sub(words_of, text)
    for sign, word in SIGNS.items():
        text = text.replace(sign, word)
    text = re.sub(r"[()（）\[\]{}【】\"“”「」『』《》*]", " ", text)
    text = re.sub(r"(?<=[一-鿿，。！？；：、]) +| +(?=[一-鿿，。！？；：、])", "", text)
    return re.sub(r"\s+", " ", text).strip()


def number(digits: str) -> str:
    """ "2,340.5" → "二千三百四十点五"."""
    whole, _, part = digits.replace(",", "").partition(".")
    by_digit = len(whole) > LONGEST or (len(whole) > 1 and whole[0] == "0")
    words = spelt(whole) if by_digit else _integer(int(whole))
    return f"{words}点{spelt(part)}" if part else words


def spelt(digits: str) -> str:
    """Digit by digit, as years and telephone numbers are read."""
    return "".join(_DIGITS[int(d)] for d in digits[:MOST] if d.isdecimal())


def _integer(value: int) -> str:
    if value == 0:
        return "零"
    words, group = "", 0
    gap = False  # a smaller group follows that does not fill its thousands
    while value:
        value, low = divmod(value, 10_000)
        if low:
            words = _below_ten_thousand(low) + _GROUPS[group] + ("零" if gap and words else "") + words
        gap = low < 1000 if low else bool(words)
        group += 1
    return words[1:] if words.startswith("一十") else words


def _below_ten_thousand(value: int) -> str:
    words, zero = "", False
    for place in (3, 2, 1, 0):
        digit = value // 10**place % 10
        if digit:
            words += ("零" if zero and words else "") + _DIGITS[digit] + _PLACES[place]
            zero = False
        else:
            zero = True
    return words


def _time(m: re.Match[str]) -> str:
    hour, minute = int(m[1]), int(m[2])
    if hour > 24 or minute > 59:
        return f"{number(m[1])}比{number(m[2])}"
    words = ("两" if hour == 2 else _integer(hour)) + "点"
    if minute:
        words += ("零" if minute < 10 else "") + _integer(minute) + "分"
    return words + (f"{_integer(int(m[3]))}秒" if m[3] and int(m[3]) else "")


def _date(m: re.Match[str]) -> str:
    return f"{spelt(m[1])}年{_integer(int(m[2]))}月{_integer(int(m[3]))}日"


RULES: list[Rule] = [
    (re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:T(?=\d\d:)|(?!\d))"), _date),
    (re.compile(r"(?<=\d)(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)(?!\w)"), lambda m: ""),
    (re.compile(r"(?<!\d)(\d{4})(?=年)"), lambda m: spelt(m[1])),
    (re.compile(r"(?<![\d:])(\d{1,2})[:：](\d\d)(?:[:：](\d\d))?(?![\d:])"), _time),
    (re.compile(rf"({_COIN}) ?({_N}) ?([万亿]?)"), lambda m: number(m[2]) + m[3] + MONEY[m[1]]),
    (re.compile(rf"({_N}) ?({_COIN})(?!\d)"), lambda m: number(m[1]) + MONEY[m[2]]),
    (re.compile(rf"({_N}) ?[%％]"), lambda m: "百分之" + number(m[1])),
    (re.compile(r"(?<![\d.])(\d{1,3})/(\d{1,3})(?![\d/])"), lambda m: f"{number(m[2])}分之{number(m[1])}"),
    (re.compile(rf"(?<![\w-])({_N}) ?[-–—~～至] ?(?=\d)"), lambda m: number(m[1]) + "到"),
    (re.compile(r"(?:(?<=^)|(?<=[\s(（=,，:：是为]))[-−](?=\d)"), lambda m: "负"),
    (re.compile(r"(?<=\d) ?- ?(?=\d)"), lambda m: "减"),
    (re.compile(rf"({_N}) ?({_UNIT})(?![A-Za-z/])"), lambda m: number(m[1]) + UNITS[m[2]]),
    (re.compile(r"(?<!\d)(\d+(?:\.\d+){2,})"), lambda m: "点".join(map(spelt, m[1].split(".")))),
    (re.compile(rf"(?<![\d.,])2(?= ?[{_COUNTED}])"), lambda m: "两"),
    (re.compile(r"(?<![\d.,])((?![1-9]\d{0,3}0{4,}(?!\d))\d{7,})(?![\d.,]*[\d万亿])"), lambda m: spelt(m[1])),
    (re.compile(_N), lambda m: number(m[0])),
]
