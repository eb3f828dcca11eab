"""Languages that text can be translated into, as people name them. Tables."""

from __future__ import annotations

import re

# Code → English names, Chinese names; the first of each is said.
LANGUAGES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "en": (("English",), ("英语", "英文")),
    "zh": (("Chinese", "Mandarin"), ("中文", "汉语", "普通话", "国语", "华语")),
    "es": (("Spanish",), ("西班牙语", "西班牙文", "西语")),
    "fr": (("French",), ("法语", "法文")),
    "de": (("German",), ("德语", "德文")),
    "it": (("Italian",), ("意大利语", "意大利文")),
    "pt": (("Portuguese",), ("葡萄牙语", "葡语")),
    "nl": (("Dutch",), ("荷兰语",)),
    "pl": (("Polish",), ("波兰语",)),
    "tr": (("Turkish",), ("土耳其语",)),
    "vi": (("Vietnamese",), ("越南语",)),
    "id": (("Indonesian",), ("印尼语", "印度尼西亚语")),
    "ru": (("Russian",), ("俄语", "俄文")),
    "uk": (("Ukrainian",), ("乌克兰语",)),
    "ja": (("Japanese",), ("日语", "日文")),
    "ko": (("Korean",), ("韩语", "韩文", "朝鲜语")),
    "ar": (("Arabic",), ("阿拉伯语", "阿语")),
    "hi": (("Hindi",), ("印地语",)),
    "th": (("Thai",), ("泰语", "泰文")),
}

_LATIN = re.compile(r"[A-Za-zÀ-ɏḀ-ỿ]")
# Letters of a language; a Japanese text may be all Kanji.
SCRIPTS: dict[str, re.Pattern[str]] = {
    **dict.fromkeys(("en", "es", "fr", "de", "it", "pt", "nl", "pl", "tr", "vi", "id"), _LATIN),
    "zh": re.compile(r"[㐀-鿿]"),
    "ru": re.compile(r"[Ѐ-ӿ]"),
    "uk": re.compile(r"[Ѐ-ӿ]"),
    "ja": re.compile(r"[぀-ヿ㐀-鿿]"),
    "ko": re.compile(r"[가-힣ᄀ-ᇿ]"),
    "ar": re.compile(r"[؀-ۿ]"),
    "hi": re.compile(r"[ऀ-ॿ]"),
    "th": re.compile(r"[฀-๿]"),
}

LANGUAGE_EN = "|".join(name for english, _ in LANGUAGES.values() for name in english)
LANGUAGE_ZH = "|".join(name for _, chinese in LANGUAGES.values() for name in chinese)

_BY_NAME = {name.lower(): code for code, names in LANGUAGES.items() for part in names for name in part}


# What stands in the picture is quoted as it is, whatever is spoken.
_QUOTED = re.compile(
    r"“[^”]{1,300}”|\"[^\"]{1,300}\"|「[^」]{1,300}」|『[^』]{1,300}』|《[^》]{1,300}》|‘[^’]{1,300}’"
    r"|(?:\b(?:says?|reads?|saying|reading)\b|写着|写的是|显示)[:：]?.*",
    re.IGNORECASE | re.DOTALL,
)
_HAN = SCRIPTS["zh"]
_WORD = re.compile(r"[^\W\d_㐀-鿿]+")
# A word or two of another language ("OK", a name) make no sentence; four characters do.
FEW_WORDS, FEW_CHARACTERS = 2, 3


def is_foreign(text: str, language: str) -> bool:
    """Whether a sentence is written in another script than that of `language` ("en", "zh"), its quotations, names and
    numbers aside: whether who speaks only that language would not understand it."""
    text = _QUOTED.sub(" ", text)
    words, characters = _WORD.findall(text), len(_HAN.findall(text))
    if language == "zh":
        # Capitals may be names, but for the one that a sentence begins with.
        words = words[:1] + [word for word in words[1:] if word[0].islower() or not _LATIN.match(word)]
        return len(words) > max(FEW_WORDS, characters)
    latin = [word for word in words if _LATIN.match(word)]
    others = len(words) - len(latin)
    return characters + others > max(FEW_CHARACTERS, 2 * len(latin))


def code_of(name: str) -> str | None:
    """ "French", "法语" → "fr"; None: not one that is known here."""
    return _BY_NAME.get(name.strip().lower())


def name_of(code: str, language: str) -> str:
    """The name of a language in English or Chinese; an unknown code: itself."""
    names = LANGUAGES.get(code, ((code,), (code,)))
    return names[language == "zh"][0]
