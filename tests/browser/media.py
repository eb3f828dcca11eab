"""The camera and the microphone of a story: real footage and a human-like voice, as files that Chromium plays."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

import assets
from interaction.hearing.whisper import WhisperRecognizer
from interaction.speaking.base import RATE as VOICE_RATE
from interaction.speaking.kokoro import KokoroVoice
from tests.footage import clip

MICROPHONE_RATE = 48_000
NOISE = 0.001  # RMS, −60 dB: a microphone in a quiet room is never digitally silent
STRANGER = "voices/am_michael"  # another speaker than the assistant's
PICTURES_PER_S = 10  # of the footage
REPEATED = 3  # Chromium plays an MJPEG file at 30 pictures a second
# A lawn of 4:3 at the right edge of the clip "grass". Nobody is on it in EMPTY (see tests/footage/grass.yaml, also
# for 34.6–36.7 and 47.0–48.1); in VISIT a man and a woman come in from the right at 52.4 and walk about, he goes out
# at 60.1, she at 71.0.
LAWN = (112, 300, 368, 276)
EMPTY, VISIT = (37.5, 46.0), (52.0, 71.6)


def film(path: Path, *, empty_s: float = 16.0) -> Path:
    """Motion JPEG, 640×480: an empty lawn (17 s at most), then two people for 20 s. Chromium begins again at its end.

    Raises `tests.footage.NoFootage`.
    """
    pictures = dict(_pictures())
    still = [t for t in pictures if EMPTY[0] <= t < EMPTY[1]]
    there_and_back = (still + still[::-1])[: int(empty_s * PICTURES_PER_S)]
    visit = [t for t in pictures if VISIT[0] <= t < VISIT[1]]
    with path.open("wb") as out:
        for t in there_and_back + visit:
            out.write(pictures[t] * REPEATED)
    return path


def _pictures() -> Iterator[tuple[float, bytes]]:
    x, y, width, height = LAWN
    video = cv2.VideoCapture(str(clip("grass").path))
    n = 0
    while video.grab():
        t = n / PICTURES_PER_S
        n += 1
        if EMPTY[0] <= t < EMPTY[1] or VISIT[0] <= t < VISIT[1]:
            _, image = video.retrieve()
            large = cv2.resize(image[y : y + height, x : x + width], (640, 480), interpolation=cv2.INTER_CUBIC)
            yield t, cv2.imencode(".jpg", large, [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes()


def recording(path: Path, sentence: str, *, before_s: float, after_s: float = 150.0) -> Path:
    """A WAV file: a quiet room, a sentence in it (or none), and the room again."""
    said = _said(sentence) if sentence else np.empty(0, np.float32)
    lead, tail = (np.zeros(int(seconds * MICROPHONE_RATE), np.float32) for seconds in (before_s, after_s))
    sound = np.concatenate([lead, said, tail])
    sound += np.random.default_rng(1).normal(0, NOISE, len(sound)).astype(np.float32)
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(MICROPHONE_RATE)
        out.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
    return path


def _said(sentence: str) -> NDArray[np.float32]:
    async def synthesise() -> NDArray[np.int16]:
        voice = KokoroVoice(assets.find("kokoro"), assets.find(STRANGER))
        try:
            return np.concatenate([part async for part in voice.synthesise(sentence, "en")])
        finally:
            await voice.aclose()

    sound = _elsewhere(synthesise()).astype(np.float32) / 32768
    n = len(sound) * MICROPHONE_RATE // VOICE_RATE
    finer: NDArray[np.float64] = np.interp(np.arange(n) * VOICE_RATE / MICROPHONE_RATE, np.arange(len(sound)), sound)
    return finer.astype(np.float32)


def understood(sound: NDArray[np.float32]) -> str:
    """What our own recogniser hears in `sound` (float32 [n], 16 kHz), in small letters."""

    async def transcribe() -> str:
        recognizer = WhisperRecognizer(assets.find("whisper-base"))
        try:
            return (await recognizer.transcribe(sound, "en")).text.lower()
        finally:
            await recognizer.aclose()

    return str(_elsewhere(transcribe()))


def _elsewhere(work: Any) -> Any:
    """Run a coroutine on a thread of its own: Playwright's event loop holds this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
