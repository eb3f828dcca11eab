"""From text to words that a voice can read. Pure.

Two steps, because the first is shown and the second is only spoken: `plain` takes away markup, code, addresses and
emoji; `spoken` puts one sentence's numbers, dates, money, units and signs into words.
"""

from __future__ import annotations

from interaction.speaking.chinese import chinese
from interaction.speaking.english import english
from interaction.speaking.plain import plain

__all__ = ["plain", "speakable", "spoken"]


def spoken(sentence: str, language: str) -> str:
    """A plain sentence in words only; "" when there is nothing to say in it. `language`: "en" or "zh"."""
    words = chinese(sentence) if language == "zh" else english(sentence)
    return words if any(char.isalnum() for char in words) else ""


def speakable(text: str, language: str) -> str:
    """Both steps at once."""
    return spoken(plain(text, language), language)
