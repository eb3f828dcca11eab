"""From words to the phonemes that Kokoro was trained on: espeak for English, pinyin for Chinese.

espeak-ng and phonemizer are GPL-3 (see NOTICE). Both load on first use and are not safe for several threads at once.
"""

from __future__ import annotations

import logging
import re

_HAN = re.compile(r"([一-鿿]+)")
_PUNCTUATION = str.maketrans("，。！？；：、…—", ",.!?;:,.,")
# Kokoro writes tones as arrows; the two syllabic consonants of si and shi are one sign.
_TONES = {"˧˩˧": "↓", "˧˥": "↗", "˥˩": "↘", "˥": "→", "ɻ̩": "ɨ", "ɹ̩": "ɨ", "\u032f": ""}


class Phonemes:
    """Grapheme to phoneme, and phoneme to Kokoro's token numbers."""

    def __init__(self) -> None:
        from kokoro_onnx.tokenizer import Tokenizer

        logging.getLogger("phonemizer").setLevel(logging.ERROR)  # it warns whenever two words are spoken as one
        self._espeak = Tokenizer()

    def tokens(self, words: str, language: str, accent: str) -> list[int]:
        """Token numbers of words (already normalised). `accent`: espeak's "en-us" or "en-gb"."""
        phonemes = self._chinese(words, accent) if language == "zh" else self._english(words, accent)
        return list(self._espeak.tokenize(phonemes, limit=None))

    @property
    def blank(self) -> int:
        """The token of a space: a place where a long list may be parted."""
        return int(self._espeak.vocab[" "])

    def _english(self, words: str, accent: str) -> str:
        return str(self._espeak.phonemize(words, accent))

    def _chinese(self, words: str, accent: str) -> str:
        """Latin words within Chinese are read as English."""
        parts = []
        for part in _HAN.split(words.translate(_PUNCTUATION)):
            if _HAN.match(part):
                parts.append(pinyin_phonemes(part))
            elif re.search(r"[A-Za-z]", part):
                parts.append(f" {self._english(part, accent)} ")
            else:
                parts.append(part)
        return re.sub(r"([,.!?;:])(?=\S)", r"\1 ", "".join(parts)).strip()


def pinyin_phonemes(han: str) -> str:
    """Chinese characters in Kokoro's phonemes, words parted by spaces, tones as they change in context."""
    from misaki.transcription import pinyin_to_ipa
    from pypinyin import Style, lazy_pinyin
    from pypinyin.seg.mmseg import seg

    def sound(syllable: str) -> str:
        try:
            ipa = "".join(pinyin_to_ipa(syllable)[0])
        except ValueError:
            return ""  # a character without a known reading
        for sign, kokoro in _TONES.items():
            ipa = ipa.replace(sign, kokoro)
        return ipa

    def unknown(run: str) -> list[str]:
        return [""] * len(run)

    pinyin = lazy_pinyin(
        han,
        style=Style.TONE3,
        errors=unknown,  # type: ignore[arg-type]  # a list keeps one entry a character; the stubs know only text
        neutral_tone_with_five=True,
        tone_sandhi=True,
    )
    syllables = iter(pinyin)
    return " ".join("".join(sound(next(syllables, "")) for _ in word) for word in seg.cut(han))
