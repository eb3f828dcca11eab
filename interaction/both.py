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
FREE_SPACE = Both(
    "Free some space, or set LOOKOUT_DATA_DIR to a folder that can be written.",
    "请腾出一些空间，或把 LOOKOUT_DATA_DIR 设为可写的文件夹。",
)
STANDS_IN = Both("The built-in observer stands in.", "由内置的观察模型代替。")
DOCTOR = Both("Run `python app.py doctor`.", "请运行 `python app.py doctor`。")


def why(error: BaseException, zh: str = "{}") -> Both:
    """What an exception says. `zh`: a Chinese sentence around the words of one that speaks English only."""
    said = error.args[0] if error.args else None
    return said if isinstance(said, Both) else Both(str(error), zh.format(error))
