"""Numbers and names of things in answers from memory. Pure."""

from __future__ import annotations

import re

from memory.record import Moment

EN = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
# What the seeing room calls a thing → one, many, Chinese.
THINGS = {
    "person": ("person", "people", "人"),
    "cat": ("cat", "cats", "猫"),
    "dog": ("dog", "dogs", "狗"),
    "coffee cup": ("cup", "cups", "杯子"),
    "car": ("car", "cars", "汽车"),
    "bicycle": ("bicycle", "bicycles", "自行车"),
    "laptop": ("laptop", "laptops", "笔记本电脑"),
    "chair": ("chair", "chairs", "椅子"),
    "box": ("box", "boxes", "箱子"),
    "bottle": ("bottle", "bottles", "瓶子"),
    "book": ("book", "books", "书"),
    "table": ("table", "tables", "桌子"),
}
ZH = ("零", "一", "两", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")


def how_many(moment: Moment) -> int:
    """How many came or went in one moment: "Two people just came in" is two; 1 when it does not say."""
    found = re.match(r"(\d+|[a-z]+)\s", moment.text.lower()) or re.match(r"(\d+|[一两三四五六七八九十]+)", moment.text)
    word = found.group(1) if found else ""
    if word.isdigit():
        return max(1, int(word))
    return EN.index(word) if word in EN[1:] else ZH.index(word) if word in ZH[1:] else 1


def in_words(number: int, zh: bool) -> str:
    """ "five", "五"; digits above twelve."""
    words = ZH if zh else EN
    return words[number] if number < len(words) else str(number)


def thing(label: str, number: int, zh: bool) -> str:
    """ "cup", "cups", "杯子"; an unknown label as it is."""
    one, many, chinese = THINGS.get(label, (label, f"{label}s", label))
    return chinese if zh else one if number == 1 else many
