"""Sounds that are no speech, for whoever wants to know what the ears make of them. Seeded: the same every time.

float32 [n], 16 kHz, −1…1. None of them is a recording: each is made of the noise, tones and envelopes that the real
thing consists of.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from interaction.hearing.base import RATE

Sound = NDArray[np.float32]
_Floats = NDArray[np.float64]
_Random = np.random.Generator
SCALE = (262.0, 294.0, 330.0, 392.0, 440.0, 523.0)  # Hz: C D E G A c


def sounds(seconds: float, seed: int = 0) -> dict[str, Sound]:
    """Each kind, `seconds` long, at the loudness it has in a room."""
    found = {}
    for number, (name, (make, loudness)) in enumerate(KINDS.items()):
        random = np.random.default_rng([seed, number])
        sound = make(random, round(seconds * RATE))
        found[name] = (sound / max(1e-9, float(np.abs(sound).max())) * loudness).astype(np.float32)
    return found


def mixed(seconds: float, seed: int = 0, piece_s: float = 10.0) -> Sound:
    """A long stretch of them, one after the other over a quiet room, each time other ones."""
    random = np.random.default_rng(seed)
    room = random.normal(0, 0.0008, round(seconds * RATE))
    at, turn = 0, 0
    while at < len(room):
        for sound in sounds(piece_s, seed + 1000 * turn).values():
            part = room[at : at + len(sound)]
            part += sound[: len(part)] * random.uniform(0.3, 1.0)
            at += len(sound) + round(random.uniform(0.5, 2.0) * RATE)
        turn += 1
    return room.clip(-1, 1).astype(np.float32)


def _white(random: _Random, n: int) -> _Floats:
    return random.normal(0, 1, n)


def _pink(random: _Random, n: int) -> _Floats:
    spectrum = np.fft.rfft(_white(random, n))
    return np.asarray(np.fft.irfft(spectrum / np.sqrt(np.arange(1, len(spectrum) + 1)), n))


def _fan(random: _Random, n: int) -> _Floats:
    t = np.arange(n) / RATE
    blades = sum(np.sin(2 * np.pi * 46 * k * t) / k for k in range(1, 8))
    return _band(random, n, 80, 900) + 0.3 * blades * (1 + 0.2 * np.sin(2 * np.pi * 0.7 * t))


def _keyboard(random: _Random, n: int) -> _Floats:
    """Key strokes of a fast typist: a click down, a softer one up."""
    sound = np.zeros(n)
    for at in _times(random, n, 0.09, 0.3):
        _put(sound, at, _burst(random, 0.012, 2000, 7000, 400) * random.uniform(0.5, 1))
        _put(sound, at + round(random.uniform(0.05, 0.09) * RATE), _burst(random, 0.008, 1500, 6000, 500) * 0.4)
    return sound


def _coughs(random: _Random, n: int) -> _Floats:
    """A burst of breath and a short voiced end, one to three in a row."""
    sound = np.zeros(n)
    for at in _times(random, n, 1.5, 4.0):
        for k in range(int(random.integers(1, 4))):
            start = at + round(k * random.uniform(0.3, 0.45) * RATE)
            _put(sound, start, _burst(random, 0.22, 300, 3500, 14))
            _put(sound, start + round(0.08 * RATE), 0.4 * _hum(random, 0.12, random.uniform(110, 220)))
    return sound


def _knocks(random: _Random, n: int) -> _Floats:
    sound = np.zeros(n)
    for at in _times(random, n, 0.2, 0.7):
        _put(sound, at, _burst(random, 0.15, 80, 700, 35))
    return sound


def _claps(random: _Random, n: int) -> _Floats:
    sound = np.zeros(n)
    for at in _times(random, n, 0.05, 0.4):
        _put(sound, at, _burst(random, 0.06, 700, 4000, 70) * random.uniform(0.3, 1))
    return sound


def _dishes(random: _Random, n: int) -> _Floats:
    """Plates and glasses: high, ringing partials that belong to no voice."""
    sound = np.zeros(n)
    for at in _times(random, n, 0.2, 1.2):
        t = np.arange(round(0.4 * RATE)) / RATE
        rings = np.sum([np.sin(2 * np.pi * random.uniform(1500, 6500) * t) for _ in range(4)], axis=0)
        _put(sound, at, rings * np.exp(-t * random.uniform(8, 25)))
    return sound


def _chords(random: _Random, n: int) -> _Floats:
    """An organ that changes its chord every second or so."""
    sound = np.zeros(n)
    for at in _times(random, n, 0.8, 1.6):
        for pitch in random.choice(SCALE, 2):
            for step in (0.5, 1, 1.5):
                _put(sound, at, _note(pitch * step, 1.4, 3.0))
    return sound


def _melody(random: _Random, n: int) -> _Floats:
    """A plucked tune with vibrato."""
    sound = np.zeros(n)
    for at in _times(random, n, 0.15, 0.5):
        _put(sound, at, _note(float(random.choice(SCALE)) * float(random.choice((1, 2))), 0.6, 6.0, vibrato=0.004))
    return sound


def _drums(random: _Random, n: int) -> _Floats:
    """Bass drum, snare, hi-hat at 120 beats a minute."""
    sound = np.zeros(n)
    for beat, at in enumerate(range(0, n, RATE // 4)):
        t = np.arange(round(0.2 * RATE)) / RATE
        if beat % 4 == 0:
            _put(sound, at, np.asarray(np.sin(2 * np.pi * (50 + 80 * np.exp(-30 * t)) * t) * np.exp(-12 * t)))
        if beat % 4 == 2:
            _put(sound, at, 0.7 * _burst(random, 0.15, 300, 6000, 25))
        _put(sound, at, 0.25 * _burst(random, 0.04, 4000, 7800, 90))
    return sound


def _band_music(random: _Random, n: int) -> _Floats:
    """All of it together: what a radio plays between the talking."""
    return 1.2 * _drums(random, n) + _chords(random, n) / 3 + _melody(random, n)


def _humming(random: _Random, n: int) -> _Floats:
    """Somebody hums a tune, mouth closed: a voice without words."""
    sound = np.zeros(n)
    for at in _times(random, n, 0.5, 1.1):
        note = _hum(random, 0.7, float(random.choice(SCALE)) / 2)
        _put(sound, at, _formants(note, ((280, 90), (1050, 200))))
    return sound


def _laughs(random: _Random, n: int) -> _Floats:
    """Ha ha ha: breath and open vowels, five a second."""
    sound = np.zeros(n)
    for at in _times(random, n, 2.0, 5.0):
        pitch = random.uniform(150, 320)
        for k in range(int(random.integers(3, 7))):
            start = at + round(0.21 * k * RATE)
            _put(sound, start, 0.3 * _burst(random, 0.07, 500, 4000, 20))
            vowel = _hum(random, 0.13, pitch * 0.95**k)
            _put(sound, start + round(0.05 * RATE), _formants(vowel, ((750, 120), (1250, 150), (2600, 250))))
    return sound


def _siren(random: _Random, n: int) -> _Floats:
    t = np.arange(n) / RATE
    pitch = 650 + 250 * np.sin(2 * np.pi * 0.25 * t + random.uniform(0, 6))
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    return np.sin(phase) + 0.4 * np.sin(2 * phase)


def _dog(random: _Random, n: int) -> _Floats:
    """Barks: a short harmonic tone that falls."""
    sound = np.zeros(n)
    for at in _times(random, n, 0.4, 1.5):
        t = np.arange(round(0.18 * RATE)) / RATE
        phase = 2 * np.pi * np.cumsum(random.uniform(380, 520) * np.exp(-3 * t)) / RATE
        bark = sum(np.sin(k * phase) / k for k in range(1, 9)) + 0.5 * random.normal(0, 1, len(t))
        _put(sound, at, bark * np.sin(np.pi * t / t[-1]))
    return sound


def _traffic(random: _Random, n: int) -> _Floats:
    """Cars that pass."""
    t = np.arange(n) / RATE
    return _band(random, n, 40, 600) * (0.2 + np.abs(np.sin(2 * np.pi * 0.12 * t + random.uniform(0, 6))) ** 3)


KINDS: dict[str, tuple[Callable[[_Random, int], _Floats], float]] = {
    "white noise": (_white, 0.2),
    "pink noise": (_pink, 0.5),
    "fan": (_fan, 0.3),
    "traffic": (_traffic, 0.5),
    "keyboard": (_keyboard, 0.5),
    "knocks": (_knocks, 0.8),
    "claps": (_claps, 0.8),
    "dishes": (_dishes, 0.5),
    "coughs": (_coughs, 0.7),
    "laughs": (_laughs, 0.7),
    "humming": (_humming, 0.4),
    "chords": (_chords, 0.5),
    "melody": (_melody, 0.5),
    "drums": (_drums, 0.7),
    "music": (_band_music, 0.6),
    "siren": (_siren, 0.4),
    "dog": (_dog, 0.7),
}


def _times(random: _Random, n: int, least_s: float, most_s: float) -> list[int]:
    """Samples at which something begins, so far apart."""
    steps = random.uniform(least_s, most_s, max(1, int(n / RATE / least_s) + 1))
    times = (np.cumsum(steps) * RATE).astype(int)
    return [int(at) for at in times if at < n]


def _put(sound: _Floats, at: int, part: _Floats) -> None:
    room = sound[at : at + len(part)]
    room += part[: len(room)]


def _band(random: _Random, n: int, low: float, high: float) -> _Floats:
    """Noise between two frequencies, largest value 1."""
    spectrum = np.fft.rfft(_white(random, n))
    pitch = np.fft.rfftfreq(n, 1 / RATE)
    band: _Floats = np.fft.irfft(np.where((pitch > low) & (pitch < high), spectrum, 0), n)
    return np.asarray(band / max(1e-9, float(np.abs(band).max())))


def _formants(sound: _Floats, formants: tuple[tuple[float, float], ...]) -> _Floats:
    """`sound` through a mouth with resonances of (pitch, width) in Hz; largest value 1."""
    pitch = np.fft.rfftfreq(len(sound), 1 / RATE)
    mouth = np.full(len(pitch), 0.02)
    for centre, width in formants:
        mouth += 1 / (1 + ((pitch - centre) / width) ** 2)
    heard: _Floats = np.fft.irfft(np.fft.rfft(sound) * mouth, len(sound))
    return heard / max(1e-9, float(np.abs(heard).max()))


def _burst(random: _Random, seconds: float, low: float, high: float, decay: float) -> _Floats:
    n = max(16, round(seconds * RATE))
    return np.asarray(_band(random, n, low, high) * np.exp(-decay * np.arange(n) / RATE))


def _hum(random: _Random, seconds: float, pitch: float) -> _Floats:
    t = np.arange(round(seconds * RATE)) / RATE
    voice = np.sum([np.sin(2 * np.pi * pitch * k * t + random.uniform(0, 6)) / k for k in range(1, 20)], axis=0)
    return np.asarray(voice * np.sin(np.pi * t / t[-1]))


def _note(pitch: float, seconds: float, decay: float, vibrato: float = 0.0) -> _Floats:
    t = np.arange(round(seconds * RATE)) / RATE
    phase = 2 * np.pi * pitch * t * (1 + vibrato * np.sin(2 * np.pi * 5 * t))
    tone = np.sum([np.sin(k * phase) / k**1.5 for k in range(1, 6)], axis=0)
    return np.asarray(tone * np.exp(-decay * t) * np.minimum(1, 200 * t))
