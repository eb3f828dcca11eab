"""A person over the house's echo, with less of the echo: for the recogniser, which writes the louder voice or both.

Spectral subtraction (Boll 1979; power, over-subtracted, with a floor) of the echo that `own_voice.py` expects. Where no
echo is expected not a bit changes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from interaction.hearing.vad import CHUNK

Sound = NDArray[np.float32]
Levels = NDArray[np.float32]  # [FRAMES, BANDS], dB below full scale

FRAMES = 4  # that end within a chunk, each as long as a chunk: what follows is the layout of `own_voice.py` too
HOP = CHUNK // FRAMES
FIRST, BINS, BANDS = 4, 2, 64  # bands of two bins (62 Hz) from 125 to 4125 Hz: harmonics are told apart
TAPER = np.hanning(CHUNK + 1)[:-1].astype(np.float32)  # four of them, a hop apart, add up to 2
MORE = 2.0  # times the expected power: it is a guess, and a residue of words is worse than a thin voice
FLOOR = 10**-1.5  # of the power that is always left: holes in a spectrum are heard as tones
HIGH = 8  # bands by which what lies above them is treated


def less_echo(chunks: Sequence[Sound], echoes: Sequence[Levels | None]) -> Sound:
    """float32 [n] of `chunks` that follow one another, less the echo expected in the frames that end in each."""
    sound = np.concatenate(chunks)
    gone = np.zeros_like(sound)
    for number, echo in enumerate(echoes):
        if number and echo is not None:
            first = (number - 1) * CHUNK + HOP
            for at, part in zip(range(first, first + CHUNK, HOP), _parts(sound[first:], echo), strict=True):
                gone[at : at + CHUNK] += part
    return sound - gone


def _parts(sound: Sound, echo: Levels) -> Sound:
    """What of the first frames of `sound` is to go, [FRAMES, CHUNK]."""
    bins = np.fft.rfft(sound[np.arange(FRAMES)[:, None] * HOP + np.arange(CHUNK)] * TAPER)
    power = bins.real**2 + bins.imag**2
    bands = power[:, FIRST : FIRST + BANDS * BINS].reshape(FRAMES, BANDS, BINS).sum(2) / BINS * (16 / CHUNK**2)
    keep = np.sqrt(np.maximum(FLOOR, 1 - MORE * 10 ** (echo / 10) / np.maximum(bands, 1e-12)))
    low, high = keep[:, :1], keep[:, -HIGH:].mean(1, keepdims=True)
    above = bins.shape[1] - FIRST - BANDS * BINS
    keep = np.hstack([low.repeat(FIRST, 1), keep.repeat(BINS, 1), high.repeat(above, 1)])
    return np.asarray(np.fft.irfft((1 - keep) * bins) / 2, np.float32)
