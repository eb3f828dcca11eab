"""What a person is told, in both languages: it may be read long after it was made, on a page whose language is another
by then, so whoever makes it says it in English and in Chinese."""

from __future__ import annotations

from typing import Any


class Both(str):
    """The English text, to whoever only reads or logs it; `zh`: the same in Chinese."""

    zh: str

    def __new__(cls, en: str, zh: str) -> Both:
        text = super().__new__(cls, en)
        text.zh = zh
        return text

    def __reduce__(self) -> tuple[Any, ...]:
        return Both, (str(self), self.zh)

    def told(self, language: str) -> str:
        """In "en" or "zh"."""
        return self.zh if language.startswith("zh") else str(self)


NOTHING = Both("", "")


def why(error: BaseException, zh: str = "{}") -> Both:
    """What an exception says. `zh`: a Chinese sentence around the words of one that speaks English only."""
    said = error.args[0] if error.args else None
    return said if isinstance(said, Both) else Both(str(error), zh.format(error))
