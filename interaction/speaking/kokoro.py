"""Kokoro-82M (int8 ONNX) on the CPU: English and Chinese, 24 kHz.

It makes a whole sentence at a time, a little faster than it is spoken on one idle core; so the first piece of an
answer is kept short, and sentences that a watch will need are made ahead (`prepare`).
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
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
KEPT_S = 3.0  # of sound; a sentence that was said and is no longer may well be said again ("All right.")
Key = tuple[str, str, float, str]  # language, sentence, pace, speaker
LANGUAGES = {"a": "en", "b": "en", "z": "zh"}  # first letter of a speaker's name: American, British; Mandarin


class KokoroVoice(Voice):
    """A speaker for each language on one model, which runs on a thread of its own."""

    def __init__(
        self,
        model: Path,
        speaker: Path,
        *,
        speaker_zh: Path | None = None,
        others: Sequence[Path] = (),
        speed: float = 1.0,
        threads: int = 2,
        ready_s: float = 120.0,
    ) -> None:
        """`speaker`, `speaker_zh`: files of 510 style vectors (float32); `others`: more that may be chosen (the first
        letter of their names is their language); `ready_s`: seconds of prepared sound kept."""
        self.name = f"kokoro {speaker.stem}"
        self._model = model
        self._own = {"en": speaker.stem, **({"zh": speaker_zh.stem} if speaker_zh else {})}
        self.languages = frozenset(self._own)
        own = [file for file in (speaker, speaker_zh) if file]
        self._files = {file.stem: file for file in (*own, *others)}
        self._speed = speed
        self._threads = threads
        self._ready = Ready(ready_s)
        self._engine: _Engine | None = None
        self._worker = Worker("kokoro")
        self._wanted = 0  # sentences that somebody waits to hear; preparing waits for them
        self._preparing: dict[Key, asyncio.Task[Pcm]] = {}  # one at a time: a run cannot be interrupted
        self._waiting: list[asyncio.Future[None]] = []

    def speakers(self, language: str) -> tuple[str, ...]:
        own = self._own.get(language)
        others = sorted(name for name in self._files if LANGUAGES.get(name[0]) == language and name != own)
        return (own, *others) if own else ()

    def as_speaker(self, name: str) -> Voice:
        return _Speaker(self, name) if name in self._files else self

    async def synthesise(self, sentence: str, language: str, pace: float = 1.0) -> AsyncIterator[Pcm]:
        async for sound in self.spoken(self._key(sentence, language, pace)):
            yield sound

    async def prepare(self, sentence: str, language: str, pace: float = 1.0) -> None:
        await self.make_ready(self._key(sentence, language, pace))

    def _key(self, sentence: str, language: str, pace: float, speaker: str = "") -> Key:
        """`speaker`: if he speaks that language, else the voice's own."""
        chosen = speaker if LANGUAGES.get(speaker[:1]) == language else self._own.get(language, "")
        return language, sentence, pace, chosen

    async def spoken(self, key: Key) -> AsyncIterator[Pcm]:
        self._wanted += 1
        try:
            sound = await self._sound(key)
        finally:
            self._wanted -= 1
            self._wake()
        yield sound

    async def make_ready(self, key: Key) -> None:
        await asyncio.sleep(FIRST_S)
        while self._wanted or self._preparing:
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            await turn
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
        made = await self._make(key)
        if len(made) <= KEPT_S * RATE:
            self._ready.put(key, made)
        return made

    def _prepared(self, key: Key, made: asyncio.Task[Pcm]) -> None:
        del self._preparing[key]
        if not made.cancelled() and made.exception() is None:
            self._ready.put(key, made.result())
        self._wake()

    async def warm_up(self) -> None:
        await self._make(self._key("Okay.", "en", 1.0))

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
        if language not in self._own:
            raise SpeakingError(f"The voice {self.name} does not speak {language!r}.")
        try:
            return await self._worker.run(self._run, key)
        except SpeakingError:
            raise
        except Exception as error:  # onnxruntime and espeak raise what they like
            raise SpeakingError(f"The voice {self.name} failed: {error}") from error

    def _run(self, key: Key) -> Pcm:
        language, sentence, pace, speaker = key
        if self._engine is None:
            self._engine = _Engine(self._model, self._threads)
        # A Chinese speaker's English words, and an American's, are read in the American way.
        accent = "en-gb" if self._own["en"].startswith("b") or speaker.startswith("b") else "en-us"
        return self._engine.speak(sentence, language, accent, self._files[speaker], self._speed * pace)


class _Speaker(Voice):
    """A Kokoro that speaks as somebody else."""

    def __init__(self, kokoro: KokoroVoice, speaker: str) -> None:
        self.name = f"kokoro {speaker}"
        self.languages = kokoro.languages
        self._kokoro, self._speaker = kokoro, speaker

    def speakers(self, language: str) -> tuple[str, ...]:
        return self._kokoro.speakers(language)

    def as_speaker(self, name: str) -> Voice:
        return self._kokoro.as_speaker(name)

    async def synthesise(self, sentence: str, language: str, pace: float = 1.0) -> AsyncIterator[Pcm]:
        async for sound in self._kokoro.spoken(self._kokoro._key(sentence, language, pace, self._speaker)):
            yield sound

    async def prepare(self, sentence: str, language: str, pace: float = 1.0) -> None:
        await self._kokoro.make_ready(self._kokoro._key(sentence, language, pace, self._speaker))


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
    """The loaded model, the speakers that were needed so far, and its phonemes. Used by one thread."""

    def __init__(self, model: Path, threads: int) -> None:
        import onnxruntime

        from interaction.speaking.phonemes import Phonemes

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.enable_mem_pattern = False  # every sentence has another shape: plans for each kept 100 MB more
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # waiting must not burn a core
        if not model.is_file():
            raise SpeakingError(f"The voice model {model.name} is missing. Run `make weights`.")
        self._session: Any = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self._styles: dict[Path, np.ndarray[Any, np.dtype[np.float32]]] = {}
        self._phonemes = Phonemes()

    def speak(self, sentence: str, language: str, accent: str, speaker: Path, speed: float) -> Pcm:
        if speaker not in self._styles:
            self._styles[speaker] = _styles(speaker)
        tokens = self._phonemes.tokens(sentence, language, accent)
        if not tokens:
            return np.empty(0, np.int16)
        parts = [self._sound(part, self._styles[speaker], speed) for part in parted(tokens, self._phonemes.blank)]
        return np.concatenate(parts)

    def _sound(self, tokens: list[int], style: np.ndarray[Any, np.dtype[np.float32]], speed: float) -> Pcm:
        feed = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": style[len(tokens) - 1],
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
