"""What is spoken arrives as what was meant: a synthetic voice, real ears, the grammar."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

import assets
from bench.person import resampled
from config import Hearing
from interaction.clock import Clock, wall_now
from interaction.events import TranscriptFinal
from interaction.hearing.ears import Ears
from interaction.hearing.vad import Silero, load_silero
from interaction.hearing.whisper import WhisperRecognizer
from interaction.intents import AddWatch, Condition
from interaction.speaking.kokoro import KokoroVoice
from interaction.speaking.normalise import spoken
from interaction.understanding import understand
from tests.fakes_speech import Heard, hiss

pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def voice() -> Iterator[KokoroVoice]:
    voice = KokoroVoice(
        assets.find("kokoro"), assets.find("voices/am_michael"), speaker_zh=assets.find("voices/zm_yunxi"), threads=1
    )
    yield voice
    asyncio.run(voice.aclose())


@pytest.fixture(scope="module")
def whisper() -> Iterator[WhisperRecognizer]:
    recognizer = WhisperRecognizer(assets.find("whisper-base"))
    yield recognizer
    asyncio.run(recognizer.aclose())


async def heard(voice: KokoroVoice, whisper: WhisperRecognizer, text: str, language: str, wake: bool) -> list[str]:
    """What real ears make of `text`, said by the voice."""
    events = Heard()
    ears = Ears(
        whisper, Silero(load_silero(assets.find("silero-vad"))), events.append, Clock().now, lambda: language,
        lambda: "", Hearing(partials=False, wake=wake),
    )  # fmt: skip
    pcm = np.concatenate([part async for part in voice.synthesise(spoken(text, language), language)])
    sound: NDArray[np.float32] = np.concatenate([hiss(0.6), resampled(pcm), hiss(1.5)])
    for k in range(0, len(sound), 960):
        ears.feed(sound[k : k + 960])
        await asyncio.sleep(0.06)
    await ears.aclose()
    return [event.text for event in events if isinstance(event, TranscriptFinal)]


@pytest.mark.parametrize(
    ("text", "language", "condition", "at"),
    [
        ("Lookout, tell me if more than two people are here.", "en", Condition("more_than", number=2), None),
        ("Remind me at half past three to call.", "en", None, ":30"),
        ("观察员，超过两个人就告诉我。", "zh", Condition("more_than", number=2), None),
    ],
)
async def test_numbers_and_times_survive_being_spoken(
    voice: KokoroVoice,
    whisper: WhisperRecognizer,
    text: str,
    language: str,
    condition: Condition | None,
    at: str | None,
) -> None:
    wake = text.startswith(("Lookout", "观察员"))
    (said,) = await heard(voice, whisper, text, language, wake)
    (intent,) = understand(said, language, now=wall_now())
    assert isinstance(intent, AddWatch), said
    assert intent.condition == condition
    if at:
        assert intent.schedule and intent.schedule.at and at in intent.schedule.at
