"""What is expected of an echo is taken away, and nothing else."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from interaction.hearing.base import RATE
from interaction.hearing.subtraction import BANDS, FRAMES, less_echo
from interaction.hearing.vad import CHUNK

CHUNKS = 20
SILENT = np.full((FRAMES, BANDS), -90.0, np.float32)


def tone(hertz: float) -> NDArray[np.float32]:
    t = np.arange(CHUNKS * CHUNK) / RATE
    return (0.1 * np.sin(2 * np.pi * hertz * t)).astype(np.float32)


def at(hertz: float) -> NDArray[np.float32]:
    """What a tone is expected to be: of ±1 it is 0 dB."""
    echo = SILENT.copy()
    band = round((hertz - 125) / 62.5)
    echo[:, band - 2 : band + 3] = -18.0
    return echo


def level(sound: NDArray[np.float32], hertz: float) -> float:
    """dB of a tone, but for the beginning and the end."""
    inner = sound[2 * CHUNK : -2 * CHUNK]
    wave = np.exp(2j * np.pi * hertz * np.arange(inner.size) / RATE)
    return float(20 * np.log10(2 * abs(np.mean(inner * wave)) + 1e-9))


def test_where_no_echo_is_expected_not_a_bit_changes() -> None:
    chunks = list(tone(440).reshape(CHUNKS, CHUNK))
    assert np.array_equal(less_echo(chunks, [None] * CHUNKS), tone(440))
    assert np.array_equal(less_echo(chunks, [*[None] * 10, at(440), *[None] * 9])[: 9 * CHUNK], tone(440)[: 9 * CHUNK])


def test_the_house_goes_and_the_person_stays() -> None:
    house, person = tone(1000), tone(2500)
    left = less_echo(list((house + person).reshape(CHUNKS, CHUNK)), [at(1000)] * CHUNKS)
    assert level(left, 1000) < level(house, 1000) - 12
    assert abs(level(left, 2500) - level(person, 2500)) < 0.2
    assert np.allclose(less_echo(list(person.reshape(CHUNKS, CHUNK)), [SILENT] * CHUNKS), person, atol=1e-4)
