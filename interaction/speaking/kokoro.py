"""Kokoro-82M (int8 ONNX) on the CPU: English and Chinese, 24 kHz.

It makes a whole sentence at a time, a little faster than it is spoken on one idle core; so the first piece of an
answer is kept short, and sentences that a watch will need are made ahead (`prepare`).
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np

from interaction.speaking.base import RATE, Pcm, SpeakingError, Voice
from interaction.worker import Worker

STYLES, STYLE = 510, 256  # a speaker has one style vector for each length in tokens
MOST_TOKENS = 500  # of one run; the model ends at 510, and the last ones are rushed
AUDIBLE = 0.01  # amplitude below which the model's lead-in and fade-out count as silence
FIRST_S = 0.05  # what is to be said now asks for its sound within this; only then sentences are made ahead
LEAD_S, TAIL_S = 0.03, 0.12  # of silence left around a sentence; the model makes 0.3 s before and 0.45 s after
Key = tuple[str, str, float]  # language, sentence, pace
ENGLISH, CHINESE = "ab", "z"  # first letters of the speakers' names: American, British; Mandarin


class KokoroVoice(Voice):
    """A speaker for each language on one model, which runs on a thread of its own."""

    def __init__(
        self,
        model: Path,
        speaker: Path,
        *,
        speaker_zh: Path | None = None,
        speed: float = 1.0,
        threads: int = 2,
        ready_s: float = 120.0,
    ) -> None:
        """`speaker`, `speaker_zh`: files of 510 style vectors (float32); `ready_s`: seconds of prepared sound kept."""
        self.name = f"kokoro {speaker.stem}"
        self._model = model
        self._files = {"en": speaker, **({"zh": speaker_zh} if speaker_zh else {})}
        self.languages = frozenset(self._files)
        self._accent = "en-gb" if speaker.stem.startswith("b") else "en-us"
        self._speed = speed
        self._threads = threads
        self._ready = Ready(ready_s)
        self._engine: _Engine | None = None
        self._worker = Worker("kokoro")
        self._wanted = 0  # sentences that somebody waits to hear; preparing waits for them
        self._preparing: dict[Key, asyncio.Task[Pcm]] = {}  # one at a time: a run cannot be interrupted
        self._waiting: list[asyncio.Future[None]] = []

    async def synthesise(self, sentence: str, language: str, pace: float = 1.0) -> AsyncIterator[Pcm]:
        self._wanted += 1
        try:
            sound = await self._sound((language, sentence, pace))
        finally:
            self._wanted -= 1
            self._wake()
        yield sound

    async def prepare(self, sentence: str, language: str, pace: float = 1.0) -> None:
        await asyncio.sleep(FIRST_S)
        while self._wanted or self._preparing:
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            await turn
        key = language, sentence, pace
        if key not in self._ready:
            making = self._preparing[key] = asyncio.ensure_future(self._make(key))
            making.add_done_callback(lambda _: self._prepared(key, making))
            await asyncio.shield(making)  # somebody may wait to hear it by now

    async def _sound(self, key: Key) -> Pcm:
        """What is ready, what is just being prepared, or made now."""
        if (sound := self._ready.get(key)) is not None:
            return sound
        if making := self._preparing.get(key):
            return await asyncio.shield(making)
        return await self._make(key)

    def _prepared(self, key: Key, made: asyncio.Task[Pcm]) -> None:
        del self._preparing[key]
        if not made.cancelled() and made.exception() is None:
            self._ready.put(key, made.result())
        self._wake()

    async def warm_up(self) -> None:
        await self._make(("en", "Okay.", 1.0))

    async def aclose(self) -> None:
        self._worker.close()

    def _wake(self) -> None:
        if self._wanted:
            return
        for turn in self._waiting:
            if not turn.done():
                turn.set_result(None)
        self._waiting.clear()

    async def _make(self, key: Key) -> Pcm:
        """Cancelled before its turn on the worker, it never runs."""
        language = key[0]
        if language not in self._files:
            raise SpeakingError(f"The voice {self.name} does not speak {language!r}.")
        try:
            return await self._worker.run(self._run, key)
        except SpeakingError:
            raise
        except Exception as error:  # onnxruntime and espeak raise what they like
            raise SpeakingError(f"The voice {self.name} failed: {error}") from error

    def _run(self, key: Key) -> Pcm:
        language, sentence, pace = key
        if self._engine is None:
            self._engine = _Engine(self._model, self._files, self._threads)
        return self._engine.speak(sentence, language, self._accent, self._speed * pace)


class Ready:
    """Prepared sound, least recently used out first; bounded by seconds of sound."""

    def __init__(self, seconds: float) -> None:
        self._most = int(seconds * RATE)
        self._kept: OrderedDict[Key, Pcm] = OrderedDict()
        self.samples = 0

    def __contains__(self, key: Key) -> bool:
        return key in self._kept

    def get(self, key: Key) -> Pcm | None:
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def put(self, key: Key, sound: Pcm) -> None:
        self.samples += len(sound) - len(self._kept.pop(key, np.empty(0, np.int16)))
        self._kept[key] = sound
        while self.samples > self._most:
            self.samples -= len(self._kept.popitem(last=False)[1])


class _Engine:
    """The loaded model, its speakers and its phonemes. Used by one thread."""

    def __init__(self, model: Path, speakers: dict[str, Path], threads: int) -> None:
        import onnxruntime

        from interaction.speaking.phonemes import Phonemes

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # waiting must not burn a core
        if not model.is_file():
            raise SpeakingError(f"The voice model {model.name} is missing. Run `make weights`.")
        self._session: Any = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self._styles = {language: _styles(file) for language, file in speakers.items()}
        self._phonemes = Phonemes()

    def speak(self, sentence: str, language: str, accent: str, speed: float) -> Pcm:
        tokens = self._phonemes.tokens(sentence, language, accent)
        if not tokens:
            return np.empty(0, np.int16)
        parts = [self._sound(part, language, speed) for part in parted(tokens, self._phonemes.blank)]
        return np.concatenate(parts)

    def _sound(self, tokens: list[int], language: str, speed: float) -> Pcm:
        feed = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": self._styles[language][len(tokens) - 1],
            "speed": np.array([speed], np.float32),
        }
        return trimmed(self._session.run(None, feed)[0])


def _styles(file: Path) -> np.ndarray[Any, np.dtype[np.float32]]:
    data = np.fromfile(file, np.float32)
    if data.size != STYLES * STYLE:
        raise SpeakingError(f"The speaker {file.name} is damaged: {data.size} numbers instead of {STYLES * STYLE}.")
    return data.reshape(STYLES, 1, STYLE)


def parted(tokens: list[int], blank: int, most: int = MOST_TOKENS) -> list[list[int]]:
    """At most `most` tokens a run, parted at the last blank if there is one."""
    parts = []
    while len(tokens) > most:
        at = next((k for k in range(most, most // 2, -1) if tokens[k] == blank), most)
        parts.append(tokens[:at])
        tokens = tokens[at:]
    return [*parts, tokens]


def trimmed(sound: np.ndarray[Any, np.dtype[np.float32]]) -> Pcm:
    """Float sound −1…1 as int16, with little silence around it: each second of it would be waited for."""
    sound = sound.ravel()
    loud = np.flatnonzero(np.abs(sound) > AUDIBLE)
    if not loud.size:
        return np.empty(0, np.int16)
    begin, end = max(0, loud[0] - int(LEAD_S * RATE)), loud[-1] + int(TAIL_S * RATE)
    return (np.clip(sound[begin:end], -1.0, 1.0) * 32767).astype(np.int16)
