"""The arithmetic of `make bench-voice`, and the pieces of it that cost no time."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from bench.voices import __main__ as voices
from bench.voices.accuracy import errors_in
from bench.voices.air import noises
from bench.voices.speaker import Loudspeaker
from bench.voices.turns import _ends
from interaction.clock import Clock
from interaction.hearing.base import RATE
from interaction.speaking.base import RATE as VOICE_RATE


@pytest.mark.parametrize(
    ("said", "heard", "language", "errors"),
    [
        ("The answer is 340.", "the answer is three hundred and forty", "en", (0, 7)),
        ("A red cup.", "A bread cup.", "en", (1, 3)),
        ("A red cup.", "", "en", (3, 3)),
        ("A cup.", "a big red cup", "en", (2, 2)),
        ("现在是3点。", "现在是三点", "zh", (0, 5)),
        ("门口有人。", "门口没人", "zh", (1, 4)),
    ],
)
def test_wrong_words_and_characters(said: str, heard: str, language: str, errors: tuple[int, int]) -> None:
    assert errors_in(said, heard, language) == errors


async def test_a_loudspeaker_plays_in_real_time_and_what_was_cleared_was_never_in_the_air() -> None:
    speaker = Loudspeaker(Clock())
    tone = (10_000 * np.sin(np.arange(VOICE_RATE) / 10)).astype(np.int16)
    await asyncio.sleep(1.0)
    await speaker.play(tone)
    await speaker.play(tone)
    await asyncio.sleep(0.7)  # `play` gave back at 1.8 s, when 0.2 s were left of the first second
    assert speaker.clock.now() == pytest.approx(2.5)
    assert speaker.clear() == pytest.approx(0.5)
    air = np.abs(speaker.heard(0.0, 4 * RATE))
    assert (
        air[: RATE - 30].max() == 0 and air[RATE + 10 : 2 * RATE].max() > 0.2 and air[round(2.51 * RATE) :].max() == 0
    )
    assert np.array_equal(speaker.heard(-0.5, RATE)[RATE // 2 :], speaker.heard(0.0, RATE // 2))


def test_noises_are_the_same_each_time_and_never_clip() -> None:
    first, again = dict(noises(6.0)), dict(noises(6.0))
    assert list(first) == ["white noise", "pink noise", "hum", "music", "keyboard", "drums"]
    for name, sound in first.items():
        assert sound.dtype == np.float32 and sound.size == RATE and 0.005 < np.abs(sound).max() <= 1.0
        assert np.array_equal(sound, again[name])


def test_where_a_sentence_begins_and_ends() -> None:
    pcm = np.zeros(48_000, np.float32)
    pcm[9600:19_200] = 0.3
    assert _ends(pcm) == (10, 19)


def test_an_unknown_part_is_refused() -> None:
    with pytest.raises(SystemExit):
        voices.main(["nonsense"])
