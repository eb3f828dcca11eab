"""The threads of the models: one that is lost is told of, and opened anew."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from interaction.hearing.base import HearingError, Transcript
from interaction.hearing.whisper import WhisperRecognizer
from interaction.seeing.base import Percepts
from interaction.seeing.embedded import EmbeddedSeer
from interaction.speaking.base import SpeakingError
from interaction.speaking.kokoro import KokoroVoice
from interaction.worker import Worker, WorkerLost
from tests.test_seeing_embedded import Scripted, moving, still


async def test_after_a_lost_thread_the_next_job_has_a_new_one() -> None:
    worker = Worker("eyes")
    worker.kill()
    with pytest.raises(WorkerLost, match="the thread for eyes was lost"):
        await worker.run(len, "abc")
    assert await worker.run(len, "abc") == 3
    worker.close()


async def test_a_job_that_waited_for_a_lost_thread_fails_and_is_not_cancelled() -> None:
    worker, gate = Worker("eyes"), threading.Event()
    busy = asyncio.create_task(worker.run(gate.wait))
    waiting = asyncio.create_task(worker.run(len, "abc"))
    await asyncio.sleep(0)
    worker.kill()
    gate.set()
    assert await busy is True
    with pytest.raises(WorkerLost):
        await waiting
    assert await worker.run(len, "abc") == 3
    worker.close()


async def test_who_stops_waiting_is_cancelled_and_one_that_was_closed_stays_closed() -> None:
    worker, gate = Worker("eyes"), threading.Event()
    busy = asyncio.create_task(worker.run(gate.wait))
    waiting = asyncio.create_task(worker.run(len, "abc"))
    await asyncio.sleep(0)
    waiting.cancel()
    gate.set()
    await busy
    with pytest.raises(asyncio.CancelledError):
        await waiting
    worker.close()
    for _ in range(2):
        with pytest.raises(WorkerLost):
            await worker.run(len, "abc")


async def test_the_eyes_see_again_after_a_look_and_a_reading_without_a_thread() -> None:
    models = Scripted(lines=("EXIT",))
    eyes = EmbeddedSeer(models)
    models.seeing.kill()
    with pytest.raises(WorkerLost):
        await eyes.look(still(0.0))
    gate = threading.Event()
    models.reading.submit(gate.wait)
    t = 0.5
    while eyes._reading is None:  # it asks for a reading, which waits for its turn
        await eyes.look(still(t))
        t += 0.5
    await asyncio.sleep(0)
    models.reading.kill()
    gate.set()
    with pytest.raises(WorkerLost):
        await _until_read(eyes, t)
    eyes = EmbeddedSeer(models)  # as the lane does
    assert (await _until_read(eyes, 0.0)).text == ("EXIT",)
    eyes.close()
    models.close()


async def _until_read(eyes: EmbeddedSeer, t: float) -> Percepts:
    for n in range(40):
        percepts = await eyes.look(moving(t + n / 4) if n % 8 == 0 else still(t + n / 4))
        if percepts.text:
            break
    return percepts


async def test_speech_is_recognised_again_after_the_thread_was_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    whisper = WhisperRecognizer(Path("whisper"))
    monkeypatch.setattr(whisper, "_transcribe", lambda *given: Transcript("hello", given[1]))
    whisper._worker.kill()
    with pytest.raises(HearingError, match="the thread for whisper was lost"):
        await whisper.transcribe(np.zeros(16000, np.float32), "en")
    assert (await whisper.transcribe(np.zeros(16000, np.float32), "en")).text == "hello"
    await whisper.aclose()


async def test_the_voice_speaks_again_after_the_thread_was_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    voice = KokoroVoice(Path("kokoro"), Path("af_heart"))

    def run(key: Any, begun: Any) -> np.ndarray:
        return np.ones(240, np.int16)

    monkeypatch.setattr(voice, "_run", run)
    voice._worker.kill()
    with pytest.raises(SpeakingError, match="the thread for kokoro was lost"):
        await anext(voice.synthesise("Hello.", "en"))
    assert (await anext(voice.synthesise("Hello.", "en"))).size == 240
    await voice.aclose()
