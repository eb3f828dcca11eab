"""What hearing and speaking cost on this machine: `python -m bench.voice`.

Medians of several runs; CPU seconds are of the whole process and fair on a busy machine, wall seconds are not. Human
speech is Debian's pocketsphinx-testdata (read by a LibriVox volunteer), 3.0 s and 7.1 s long.
"""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray

import assets
from interaction.clock import stopwatch
from interaction.hearing.base import RATE as HEARING_RATE
from interaction.hearing.vad import CHUNK, CHUNK_S, Silero, load_silero
from interaction.hearing.whisper import WhisperRecognizer
from interaction.speaking.base import RATE
from interaction.speaking.kokoro import KokoroVoice
from interaction.speaking.normalise import plain, spoken
from interaction.speaking.sentences import sentences

HUMAN = Path("/usr/share/pocketsphinx/test/data/librivox")
CLIPS = {"3 s": "0880", "7 s": "0870"}
RUNS = 5
SAID = {
    "en": ["Sure.", "Someone just came in.", "I can see a red cup on the table in front of you, next to a laptop."],
    "zh": ["好的。", "有人刚刚走进了房间。", "我看到桌子上有一个红色的杯子，旁边放着一台电脑。"],
}


async def main() -> None:
    clips = {name: human(number) for name, number in CLIPS.items()}
    detector(next(iter(clips.values())))
    await recognition(clips)
    await voices()
    print(f"\nlargest memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def human(number: str) -> NDArray[np.float32]:
    import soundfile

    sound, _ = soundfile.read(HUMAN / f"sense_and_sensibility_01_austen_64kb-{number}.wav", dtype="float32")
    return np.asarray(sound, np.float32)


def detector(sound: NDArray[np.float32]) -> None:
    vad = Silero(load_silero(assets.find("silero-vad")))
    chunks = sound[: len(sound) // CHUNK * CHUNK].reshape(-1, CHUNK)
    begin = cpu_seconds()
    for chunk in chunks:
        vad(chunk)
    each = (cpu_seconds() - begin) / len(chunks)
    print(f"VAD: {each * 1e3:.2f} ms CPU a {CHUNK_S * 1e3:.0f} ms chunk ({each / CHUNK_S:.1%} of a core)")


async def recognition(clips: dict[str, NDArray[np.float32]]) -> None:
    print(f"\n{'recognition':28}{'CPU s':>8}{'wall s':>8}")
    tiny = assets.find("whisper-tiny-en")
    for name, english in (("base", None), ("tiny.en", tiny)):
        for threads in (1, 2):
            recognizer = WhisperRecognizer(assets.find("whisper-base"), threads, english)
            await recognizer.transcribe(np.zeros(HEARING_RATE, np.float32), "en")
            for length, clip in clips.items():
                cpu, wall = await cost(lambda r=recognizer, c=clip: r.transcribe(c, "en"))  # type: ignore[misc]
                print(f"{f'{name}, {threads} thread(s), {length}':28}{cpu:8.2f}{wall:8.2f}")
            await recognizer.aclose()


async def voices() -> None:
    print(f"\n{'voice':28}{'CPU s':>8}{'wall s':>8}{'sound s':>9}{'first piece':>13}")
    for threads in (1, 2):
        voice = KokoroVoice(
            assets.find("kokoro"),
            assets.find("voices/af_heart"),
            speaker_zh=assets.find("voices/zf_xiaoxiao"),
            threads=threads,
        )
        for language, texts in SAID.items():
            await say(voice, texts[0], language)  # loads the model and the phonemes
            for text in texts:
                await synthesis(voice, text, language, threads)
        await voice.aclose()


async def synthesis(voice: KokoroVoice, text: str, language: str, threads: int) -> None:
    """The whole text, and its first piece alone: what the person waits for."""
    pieces = [spoken(piece, language) for piece in sentences(plain(text, language))]
    seconds = sum([await say(voice, piece, language) for piece in pieces])
    cpu, wall = await cost(lambda: say(voice, spoken(text, language), language))
    _, first = await cost(lambda: say(voice, pieces[0], language))
    print(f"{f'{language}, {threads} thread(s), {len(text)} chars':28}{cpu:8.2f}{wall:8.2f}{seconds:9.2f}{first:13.2f}")


async def say(voice: KokoroVoice, words: str, language: str) -> float:
    """Seconds of sound."""
    return sum([len(pcm) / RATE async for pcm in voice.synthesise(words, language)])


def cpu_seconds() -> float:
    """Spent by this process so far, all threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def cost(work: Callable[[], Awaitable[object]]) -> tuple[float, float]:
    """Median CPU and wall seconds."""
    runs = []
    for _ in range(RUNS):
        cpu, wall = cpu_seconds(), stopwatch()
        await work()
        runs.append((cpu_seconds() - cpu, wall()))
    return median(cpu for cpu, _ in runs), median(wall for _, wall in runs)


if __name__ == "__main__":
    asyncio.run(main())
