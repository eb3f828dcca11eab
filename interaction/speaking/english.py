"""English text in words: numbers, money, dates, times, units, signs. Pure; espeak reads what comes out."""

from __future__ import annotations

import re
from collections.abc import Callable

from num2words import num2words

LONGEST = 15  # digits read as one number; longer ones are read digit by digit …
MOST = 40  # … and no further than this
MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October"]
MONTHS += ["November", "December"]
_MONTH = "|".join([*MONTHS, *(month[:3] for month in MONTHS), "Sept"])
_DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
# Singular and plural of the units that follow a number.
UNITS = {
    "km": "kilometre", "m": "metre", "cm": "centimetre", "mm": "millimetre", "mi": "mile", "ft": "foot/feet",
    "yd": "yard", "kg": "kilogram", "g": "gram", "mg": "milligram", "lb": "pound", "lbs": "pound", "oz": "ounce",
    "l": "litre", "L": "litre", "ml": "millilitre", "mL": "millilitre", "cl": "centilitre",
    "ms": "millisecond", "s": "second", "sec": "second", "min": "minute", "mins": "minute", "h": "hour", "hr": "hour",
    "hrs": "hour", "Hz": "hertz/hertz", "kHz": "kilohertz/kilohertz", "MHz": "megahertz/megahertz",
    "GHz": "gigahertz/gigahertz", "W": "watt", "kW": "kilowatt", "kWh": "kilowatt hour", "V": "volt", "mA": "milliamp",
    "B": "byte", "kB": "kilobyte", "KB": "kilobyte", "MB": "megabyte", "GB": "gigabyte", "TB": "terabyte",
    "px": "pixel", "fps": "frame per second/frames per second", "dB": "decibel", "kcal": "kilocalorie",
    "km/h": "kilometre per hour/kilometres per hour", "kph": "kilometre per hour/kilometres per hour",
    "mph": "mile per hour/miles per hour", "m/s": "metre per second/metres per second",
    "m²": "square metre", "m2": "square metre", "km²": "square kilometre", "°": "degree",
    "°C": "degree Celsius/degrees Celsius", "°F": "degree Fahrenheit/degrees Fahrenheit", "%": "percent/percent",
}  # fmt: skip
MONEY = {
    "$": ("dollar", "cent"), "€": ("euro", "cent"), "£": ("pound/pounds", "penny/pence"), "¥": ("yen/yen", ""),
    "USD": ("dollar", "cent"), "EUR": ("euro", "cent"), "GBP": ("pound/pounds", "penny/pence"),
    "CNY": ("yuan/yuan", "fen/fen"), "RMB": ("yuan/yuan", "fen/fen"), "JPY": ("yen/yen", ""),
}  # fmt: skip
SCALES = {"k": "thousand", "K": "thousand", "M": "million", "m": "million", "B": "billion", "bn": "billion"}
ABBREVIATIONS = {
    "e.g.": "for example", "i.e.": "that is", "etc.": "and so on", "vs.": "versus", "approx.": "about",
    "Mr.": "Mister", "Mrs.": "Missus", "Ms.": "Miz", "Dr.": "Doctor", "Prof.": "Professor", "St.": "Saint",
    "Fig.": "figure", "fig.": "figure", "a.m.": "A M", "p.m.": "P M",
    "w/o": "without", "w/": "with", "FAQ": "F A Q", "AI": "A I", "TV": "T V", "OK": "okay",
}  # fmt: skip
SIGNS = {
    "&": " and ", "@": " at ", "+": " plus ", "=": " equals ", "×": " times ", "÷": " divided by ", "−": " minus ",
    "≈": " about ", "~": " about ", "≠": " is not ", "≤": " at most ", "≥": " at least ", "<": " less than ",
    ">": " more than ", "±": " plus or minus ", "→": " to ", "←": " from ", "°": " degrees ", "and/or": "and or",
    "/": " or ", " - ": ", ", "–": ", ", "%": " percent ", "#": " number ", "$": " dollars ", "€": " euros ",
    "£": " pounds ", "¥": " yen ", "√": " root of ", "^": " to the power of ", "©": " copyright ", "_": " ", "*": " ",
    "|": ", ", "\\": " ",
}  # fmt: skip

_N = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_EDGE = r"(?<![\w.])"
_UNIT = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
_COIN = "|".join(re.escape(sign) for sign in MONEY if len(sign) == 1)
_CODE = "|".join(sign for sign in MONEY if len(sign) == 3)
Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]


def english(text: str) -> str:
    """The same text with nothing left to interpret: letters, apostrophes, hyphens and punctuation."""
    text = text.replace("’", "'").replace("“", '"').replace("”", '"').replace("—", ", ")
    text = re.sub(rf"\d{{{MOST},}}", lambda m: m[0][:MOST], text)
    text = re.sub(r"\b[Nn]o\. ?(?=\d)", "number ", text)  # not the answer "No."
    for short, words in ABBREVIATIONS.items():
        text = re.sub(rf"(?<![\w.]){re.escape(short)}(?!\w)", words, text)
    for pattern, words_of in RULES:
        text = pattern.sub(words_of, text)
    for sign, word in SIGNS.items():
        text = text.replace(sign, word)
    text = re.sub(r"[()\[\]{}\"]", " ", text)
    text = re.sub(r"\s+([,.;:!?])", r"\1", re.sub(r"\s+", " ", text))
    return re.sub(r"([,;:])(?=[,.;:!?])", "", text).strip()


def cardinal(number: str) -> str:
    """ "2,340.50" → "two thousand three hundred and forty point five zero"."""
    whole, _, part = number.replace(",", "").partition(".")
    if len(whole) > LONGEST or (len(whole) > 1 and whole[0] == "0"):
        words = _spelt(whole)
    else:
        words = num2words(int(whole)).replace(",", "")
    return f"{words} point {_spelt(part)}" if part else words


def _spelt(digits: str) -> str:
    return " ".join(_DIGITS[int(d)] for d in digits[:MOST] if d.isdecimal())


def _ordinal(number: str) -> str:
    return str(num2words(int(number), to="ordinal")).replace(",", "")


def _year(number: str) -> str:
    return str(num2words(int(number), to="year")).replace(",", "")


def _counted(number: str, names: str) -> str:
    """ "1", "metre" → "one metre"; "5", "foot/feet" → "five feet"."""
    one, _, many = names.partition("/")
    return f"{cardinal(number)} {one if number == '1' else many or one + 's'}"


def _money(sign: str, number: str, scale: str) -> str:
    whole_name, part_name = MONEY[sign]
    if scale:
        return _counted(number, whole_name).replace(cardinal(number), f"{cardinal(number)} {SCALES.get(scale, scale)}")
    whole, _, part = number.partition(".")
    if not part or len(part) != 2 or not part_name:
        return _counted(number, whole_name)
    cents = _counted(str(int(part)), part_name)
    if not int(part):
        return _counted(whole, whole_name)
    return cents if not int(whole.replace(",", "")) else f"{_counted(whole, whole_name)} and {cents}"


def _date(year: str, month: int, day: int) -> str:
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return " ".join(cardinal(str(n)) for n in (int(year or 0), month, day) if n)
    words = f"{MONTHS[month - 1]} {_ordinal(str(day))}"
    return f"{words}, {_year(year)}" if year else words


def _slashed(m: re.Match[str]) -> str:
    """11/23/2026 or 23/11/2026: the one that can be; the American order if both can."""
    first, second = int(m[1]), int(m[2])
    return _date(m[3], second, first) if first > 12 else _date(m[3], first, second)


def _time(m: re.Match[str]) -> str:
    hour, minute, second = int(m[1]), int(m[2]), m[3]
    if hour > 24 or minute > 59:
        return f"{cardinal(m[1])} to {cardinal(m[2])}"  # a score or a ratio
    half = f" {m[4][0].upper()} M" if m[4] else ""
    if minute:
        words = f"{cardinal(str(hour))} {'oh ' if minute < 10 else ''}{cardinal(str(minute))}"
    else:
        words = cardinal(str(hour)) + ("" if half else " o'clock" if hour <= 12 else " hundred")
    seconds = f" and {_counted(str(int(second)), 'second')}" if second and int(second) else ""
    return words + half + seconds


def _fraction(m: re.Match[str]) -> str:
    over, under = int(m[1]), int(m[2])
    name = {2: "half/halves", 4: "quarter"}.get(under) or (_ordinal(m[2]) if 3 <= under <= 20 else "")
    return _counted(str(over), name) if name and 0 < over < under else f"{cardinal(m[1])} over {cardinal(m[2])}"


def _version(dotted: str) -> str:
    return " point ".join(cardinal(part) for part in dotted.split("."))


def _month_name(name: str) -> str:
    return next(month for month in MONTHS if month.startswith(name[:3]))


RULES: list[Rule] = [
    (
        re.compile(r"\b(\d{4})-(\d\d)-(\d\d)(?:T(?=\d\d:)|\b)"),
        lambda m: _date(m[1], int(m[2]), int(m[3])) + (" at " if m[0].endswith("T") else ""),
    ),
    (re.compile(r"(?<=\d)(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)\b"), lambda m: ""),
    (re.compile(r"\b(\d{1,2})/(\d{1,2})/(\d{4})\b"), _slashed),
    (
        re.compile(rf"\b({_MONTH})\b\.? (\d{{1,2}})(?:st|nd|rd|th)?(?:,? (\d{{4}}))?(?![\d:.]*\d)"),
        lambda m: _date(m[3] or "", MONTHS.index(_month_name(m[1])) + 1, int(m[2])),
    ),
    (
        re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)? (?:of )?({_MONTH})\b\.?(?:,? (\d{{4}}))?(?!\d)"),
        lambda m: _date(m[3] or "", MONTHS.index(_month_name(m[2])) + 1, int(m[1])),
    ),
    (re.compile(rf"{_EDGE}(\d{{1,2}}):(\d\d)(?::(\d\d))?(?: ?([AaPp])\.?[Mm]\b\.?)?(?![\d:])"), _time),
    (re.compile(r"\b(\d{1,2}) ?([AaPp])\.?[Mm]\b"), lambda m: f"{cardinal(m[1])} {m[2].upper()} M"),
    (
        re.compile(rf"-?({_COIN}) ?({_N})(?: ?(thousand|million|billion|k|K|M|bn|B)\b)?"),
        lambda m: ("minus " if m[0][0] == "-" else "") + _money(m[1], m[2], m[3] or ""),
    ),
    (re.compile(rf"{_EDGE}({_N}) ?({_CODE}|€|£)(?![\w])"), lambda m: _money(m[2], m[1], "")),
    (re.compile(rf"\b({_CODE}) ?({_N})"), lambda m: _money(m[1], m[2], "")),
    (re.compile(r"\b(\d{1,5})(st|nd|rd|th)\b"), lambda m: _ordinal(m[1])),
    (re.compile(r"\b(1[1-9]|20)(\d0)'?s\b"), lambda m: _year(m[1] + m[2]).removesuffix("y") + "ies"),
    (re.compile(r"(?<![\w.:/])(\d{1,3})/(\d{1,3})(?![\w/:])"), _fraction),
    (
        re.compile(rf"{_EDGE}({_N}) ?(?:x|×) ?(?={_N})"),
        lambda m: f"{cardinal(m[1])} by " if len(m[1]) > 1 else f"{cardinal(m[1])} times ",
    ),
    (
        re.compile(r"(?<![\w.,])((?:19|20)\d\d) ?[-–] ?((?:19|20)\d\d)(?![\w-])"),
        lambda m: f"{_year(m[1])} to {_year(m[2])}",
    ),
    (re.compile(rf"{_EDGE}({_N})(?:-| ?– ?)(?=(?:{_N})(?![\w-]| ?=))"), lambda m: f"{cardinal(m[1])} to "),
    (re.compile(rf"{_EDGE}({_N}) ?[-−] ?(?=\d)"), lambda m: f"{cardinal(m[1])} minus "),
    (re.compile(r"(?<![\w.:])(\d{1,4}) ?: ?(\d{1,4})(?![\w:])"), lambda m: f"{cardinal(m[1])} to {cardinal(m[2])}"),
    (re.compile(r"\b(\d)'(\d{1,2})(?:\"|'')"), lambda m: f"{cardinal(m[1])} foot {cardinal(m[2])}"),
    (re.compile(r"(?:(?<=^)|(?<=[\s(=,:]))[-−](?=\d)"), lambda m: "minus "),
    (re.compile(rf"{_EDGE}({_N}) ?({_UNIT})(?![\w²/])"), lambda m: _counted(m[1], UNITS[m[2]])),
    (
        re.compile(r"(?<![\d.])(\d+(?:\.\d+){2,})(?!\w)"),
        lambda m: f" {' point '.join(map(cardinal, m[1].split('.')))} ",
    ),
    (
        re.compile(
            r"\b((?:[Ii]n|[Ss]ince|[Uu]ntil|[Bb]efore|[Aa]fter|[Yy]ear|[Oo]f|[Ff]rom) )(1[1-9]\d\d|20\d\d)(?![\d,.]*\d)"
        ),
        lambda m: m[1] + _year(m[2]),
    ),
    (re.compile(r"(?<!\w)\+?((?![1-9]\d{0,3}0{4,}\b)\d{7,}|0\d{3,})(?![\d.,]*\d)"), lambda m: f" {_spelt(m[1])} "),
    (re.compile(r"(?<=\d) ?\* ?(?=\d)"), lambda m: " times "),
    (re.compile(_N), lambda m: f" {cardinal(m[0])} " if _touches(m) else cardinal(m[0])),
]


def _touches(m: re.Match[str]) -> bool:
    """A number inside a word: "mp3", "4K"."""
    before, after = m.string[m.start() - 1 : m.start()], m.string[m.end() : m.end() + 1]
    return before.isalpha() or after.isalpha()
