"""Kokoro-82M (int8 ONNX) on the CPU: English and Chinese, 24 kHz.

It makes a sentence in two stretches (`engine.py`), a little faster than it is spoken on one idle core: the first is to
be heard while the other is made. Sentences that a watch will need are made ahead (`prepare`).
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from pathlib import Path

import numpy as np

from interaction.speaking.base import RATE, Pcm, SpeakingError, Voice
from interaction.speaking.engine import Begun, Engine
from interaction.worker import Worker

FIRST_S = 0.05  # what is to be said now asks for its sound within this; only then sentences are made ahead
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
        self._engine: Engine | None = None
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
        async with aclosing(self.spoken(self._key(sentence, language, pace))) as sounds:
            async for sound in sounds:
                yield sound

    async def prepare(self, sentence: str, language: str, pace: float = 1.0) -> None:
        await self.make_ready(self._key(sentence, language, pace))

    def _key(self, sentence: str, language: str, pace: float, speaker: str = "") -> Key:
        """`speaker`: if he speaks that language, else the voice's own."""
        chosen = speaker if LANGUAGES.get(speaker[:1]) == language else self._own.get(language, "")
        return language, sentence, pace, chosen

    async def spoken(self, key: Key) -> AsyncGenerator[Pcm, None]:
        self._wanted += 1
        try:
            async with aclosing(self._sounds(key)) as sounds:
                async for sound in sounds:
                    yield sound
        finally:
            self._wanted -= 1
            self._wake()

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

    async def _sounds(self, key: Key) -> AsyncGenerator[Pcm, None]:
        """What is ready, what is just being prepared, or made now: then its beginning comes first."""
        if (sound := self._ready.get(key)) is not None:
            yield sound
        elif making := self._preparing.get(key):
            yield await asyncio.shield(making)
        else:
            async with aclosing(self._made_now(key)) as sounds:
                async for sound in sounds:
                    yield sound

    async def _made_now(self, key: Key) -> AsyncGenerator[Pcm, None]:
        """The first stretch as soon as the other will be there when it was heard, as fast as this machine is now."""
        loop = asyncio.get_running_loop()
        begun: asyncio.Future[tuple[Pcm, float]] = loop.create_future()

        def note(stretch: Pcm, wait_s: float) -> None:
            loop.call_soon_threadsafe(settle, (stretch, wait_s))

        def settle(result: tuple[Pcm, float]) -> None:
            if not begun.done():
                begun.set_result(result)

        whole, heard = asyncio.ensure_future(self._make(key, note)), 0
        try:
            await asyncio.wait((whole, begun), return_when=asyncio.FIRST_COMPLETED)
            if not whole.done():
                stretch, wait_s = begun.result()
                await asyncio.wait((whole,), timeout=wait_s)
                heard = len(stretch)
                yield stretch
            made = await whole
        finally:
            whole.cancel()
            begun.cancel()
        if len(made) <= KEPT_S * RATE:
            self._ready.put(key, made)
        yield made[heard:]

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

    async def _make(self, key: Key, begun: Begun | None = None) -> Pcm:
        """Cancelled before its turn on the worker, it never runs. `begun`, called on the worker: see `Engine.speak`."""
        language = key[0]
        if language not in self._own:
            raise SpeakingError(f"The voice {self.name} does not speak {language!r}.")
        try:
            return await self._worker.run(self._run, key, begun)
        except SpeakingError:
            raise
        except Exception as error:  # onnxruntime and espeak raise what they like
            raise SpeakingError(f"The voice {self.name} failed: {error}") from error

    def _run(self, key: Key, begun: Begun | None = None) -> Pcm:
        language, sentence, pace, speaker = key
        if self._engine is None:
            self._engine = Engine(self._model, self._threads)
        # A Chinese speaker's English words, and an American's, are read in the American way.
        accent = "en-gb" if self._own["en"].startswith("b") or speaker.startswith("b") else "en-us"
        return self._engine.speak(sentence, language, accent, self._files[speaker], self._speed * pace, begun)


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
        async with aclosing(self._kokoro.spoken(self._kokoro._key(sentence, language, pace, self._speaker))) as sounds:
            async for sound in sounds:
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
