"""Whisper on the CPU: CTranslate2 called directly, on a 10 s window where the turn fits.

Whisper's own window is 30 s, whatever the turn's length; a 10 s window costs a third of it. A short window sometimes
makes the model repeat itself, so each result passes a guard, and what fails is done again at 30 s.
"""

from __future__ import annotations

import asyncio
import os
import re
import threading
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from interaction.hearing.base import RATE, HearingError, Recognizer, Transcript
from interaction.worker import Worker

T = TypeVar("T")

SHORT_S, LONG_S = 10, 30  # windows in seconds
FITS_S = 9.0  # a turn longer than this does not leave the short window the silence it needs
SHORTEST_S = 0.1  # less than this is no word
BEAM = 5  # greedy search costs 0.1 CPU s less and misses short commands ("7F clubs")
# Of what is shown only until the final replaces it: greedy, and on half the window while that is enough. Together
# 0.2–0.5 CPU s an attempt instead of 0.4–0.65.
PARTIAL_BEAM, PARTIAL_S, PARTIAL_FITS_S = 1, 5, 4.0
TOKENS = 224  # of one result; Whisper's own limit
NO_SPEECH = 0.6  # Whisper's own threshold; noise scored 0.69–0.98, human speech below 0.3
UNLIKELY = -1.0  # mean log-probability below which a result is not believed at once
LOOPING = 2.0  # how often text may be compressed before it is taken for a loop; ordinary sentences stay below 1.5


@dataclass(frozen=True, slots=True)
class _Result:
    text: str
    tokens: int
    score: float
    no_speech: float

    @property
    def loops(self) -> bool:
        data = self.text.encode()
        return len(data) / max(1, len(zlib.compress(data))) > LOOPING

    def wrong(self, seconds: float) -> bool:
        """More text than can be said in `seconds`, a loop, or nothing that the model itself believes."""
        return self.tokens > 8 + 7 * seconds or self.loops or self.score < UNLIKELY

    @property
    def invented(self) -> bool:
        """Whisper makes up a sentence for noise, and half knows it."""
        return not re.search(r"\w", self.text) or (self.no_speech > NO_SPEECH and self.score < UNLIKELY / 2)


class WhisperRecognizer(Recognizer):
    """A multilingual model, and optionally an English one, on one thread of their own."""

    def __init__(self, folder: Path, threads: int = 1, english: Path | None = None) -> None:
        """`folder`: CTranslate2 model with tokenizer.json; `english`: one to use for English instead (tiny.en)."""
        self.name = folder.name
        self._folders = {"en": english or folder, "zh": folder}
        self._threads = threads
        self._models: dict[Path, _Model] = {}
        self._worker = Worker("whisper")
        self._partials = Worker("whisper partials")  # the final never waits behind one

    async def transcribe(self, audio: NDArray[np.float32], language: str) -> Transcript:
        gone = threading.Event()
        try:
            return await self._off_the_loop(self._worker, lambda: self._transcribe(audio, language, gone.is_set))
        except asyncio.CancelledError:
            gone.set()  # the person went on: what comes next need not wait for all of it
            raise

    async def partial(self, audio: NDArray[np.float32], language: str, stale: Callable[[], bool]) -> Transcript | None:
        return await self._off_the_loop(self._partials, lambda: self._partial(audio, language, stale))

    async def detect(self, audio: NDArray[np.float32]) -> tuple[str, float] | None:
        return await self._off_the_loop(self._worker, lambda: self._detect(audio))

    async def warm_up(self) -> None:
        silence = np.zeros(RATE, np.float32)
        await self._off_the_loop(self._worker, lambda: [self._transcribe(silence, lang) for lang in self._folders])

    async def aclose(self) -> None:
        self._worker.close()
        self._partials.close()

    async def _off_the_loop(self, worker: Worker, work: Callable[[], T]) -> T:
        try:
            return await worker.run(work)
        except HearingError:
            raise
        except Exception as error:  # ctranslate2 raises RuntimeError and ValueError as it likes
            raise HearingError(f"Speech could not be recognised ({self.name}): {error}") from error

    def _transcribe(
        self, audio: NDArray[np.float32], language: str, stale: Callable[[], bool] = lambda: False
    ) -> Transcript:
        model = self._model(language)
        seconds = len(audio) / RATE
        if seconds < SHORTEST_S:
            return Transcript("", language)
        short = seconds <= FITS_S
        heard = model.encode(audio, SHORT_S if short else LONG_S)
        if stale():
            return Transcript("", language)
        result = model.decode(heard, language)
        if short and not result.invented and result.wrong(seconds):
            result = model.decode(model.encode(audio, LONG_S), language)
        if result.invented or result.loops:
            return Transcript("", language, result.score)
        text = simplified(result.text) if language == "zh" else result.text
        return Transcript(text, language, result.score)

    def _partial(self, audio: NDArray[np.float32], language: str, stale: Callable[[], bool]) -> Transcript | None:
        model = self._models.get(self._folders.get(language, Path()))
        if model is None:  # the other thread loads it, for a final
            return None
        seconds = len(audio) / RATE
        heard = model.encode(audio, PARTIAL_S if seconds <= PARTIAL_FITS_S else SHORT_S)
        if stale():  # the final is at work: leave the processor to it
            return None
        result = model.decode(heard, language, PARTIAL_BEAM)
        if result.invented or result.wrong(seconds):
            return None
        text = simplified(result.text) if language == "zh" else result.text
        return Transcript(text, language, result.score)

    def _detect(self, audio: NDArray[np.float32]) -> tuple[str, float] | None:
        model = self._model("zh")  # the multilingual one
        return model.detect(model.encode(audio, SHORT_S)) if len(audio) >= SHORTEST_S * RATE else None

    def _model(self, language: str) -> _Model:
        folder = self._folders.get(language)
        if folder is None:
            raise HearingError(f"The language {language!r} is not understood; English (en) and Chinese (zh) are.")
        if folder not in self._models:
            self._models[folder] = _Model(folder, self._threads)
        return self._models[folder]


class _Model:
    """One loaded CTranslate2 model: two threads may use it at once, with weights in common."""

    def __init__(self, folder: Path, threads: int) -> None:
        missing = [name for name in ("model.bin", "config.json", "tokenizer.json") if not (folder / name).is_file()]
        if missing:
            raise HearingError(f"The Whisper model {folder.name} lacks {', '.join(missing)}. Run `make weights`.")
        os.environ.setdefault("KMP_BLOCKTIME", "0")  # OpenMP threads sleep between calls instead of spinning
        import ctranslate2
        import tokenizers
        from faster_whisper.feature_extractor import FeatureExtractor

        self._view = ctranslate2.StorageView.from_array
        self._model = ctranslate2.models.Whisper(
            str(folder), device="cpu", compute_type="int8", intra_threads=threads, inter_threads=2
        )
        self._tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._features = FeatureExtractor()

    def encode(self, audio: NDArray[np.float32], window: int) -> Any:
        """Half of the work: what the decoder hears of the sound, whatever the language. `audio`: float32 [n], 16 kHz;
        what exceeds `window` seconds is not heard."""
        samples = window * RATE
        padded = np.pad(audio[:samples], (0, max(0, samples - len(audio))))
        return self._model.encode(
            self._view(np.ascontiguousarray(self._features(padded, padding=0)[None, :, : window * 100]))
        )

    def decode(self, heard: Any, language: str, beam: int = BEAM) -> _Result:
        result = self._model.generate(
            heard,
            [self._prompt(language)],
            beam_size=beam,
            max_length=TOKENS,
            return_scores=True,
            return_no_speech_prob=True,
        )[0]
        tokens = result.sequences_ids[0]
        text = " ".join(self._tokenizer.decode(tokens).split())
        return _Result(text, len(tokens), result.scores[0], result.no_speech_prob)

    def detect(self, heard: Any) -> tuple[str, float] | None:
        """The likelier of English and Chinese, and how sure that is; None if the model knows English only."""
        if not self._model.is_multilingual:
            return None
        odds = {name.strip("<|>"): chance for name, chance in self._model.detect_language(heard)[0]}
        known = {language: odds.get(language, 0.0) for language in ("en", "zh")}
        best = max(known, key=lambda language: known[language])
        return best, known[best]

    def _prompt(self, language: str) -> list[int]:
        choice = [language, "transcribe"] if self._model.is_multilingual else []
        marks = [f"<|{mark}|>" for mark in ("startoftranscript", *choice, "notimestamps")]
        return [int(self._tokenizer.token_to_id(mark) or 0) for mark in marks]


def simplified(text: str) -> str:
    """Traditional characters as simplified ones: Whisper writes either, the grammar reads one."""
    return str(_converter().convert(re.sub(r"(?<=[一-鿿]) +(?=[一-鿿])", "", text)))


@cache
def _converter() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")
