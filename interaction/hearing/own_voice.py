"""The house's own voice is not taken for a person, before there are words to compare (`echo.py` does that).

What was played is known. For each chunk in which the detector finds speech while the house is audible, the spectrum of
the last half second at the microphone is laid beside that of what was played: at the delay at which both are most alike
(it hardly changes within a session), with the loudness between them measured band by band. If that explains the sound,
it is an echo. A person has energy where the house has none, so talking over it is heard: speech is sparse in spectra.
Levels are compared, not samples: a codec, a jitter buffer, a room and a cheap loudspeaker leave them as they are.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from config import Hearing
from interaction.hearing.endpointing import SPEECH
from interaction.hearing.subtraction import BANDS, BINS, FIRST, FRAMES, Levels, Sound
from interaction.hearing.vad import CHUNK, CHUNK_S

Between = Callable[[float, int], Sound | None]

HOP_S = CHUNK_S / FRAMES
PLAYED_CHUNK = CHUNK * 3 // 2  # samples of a chunk at the voice's 24 kHz: the same bins without resampling
GROUPS = 8  # of bands with one loudness each
WINDOW = 16 * FRAMES  # frames that are compared: half a second
LATEST = 4 * FRAMES  # frames that are judged: long enough for an unlucky sound, short enough for a prompt interruption
DEEPEST = 45.0  # dB under the loudest that count for likeness: noise lies below
AUDIBLE = 35.0  # dB under the loudest from which loudness is measured
SILENT = -70.0  # dB of a band: less is the noise of a quiet room
QUANTILE = 0.35  # of the differences in level that is the loudness: a person only adds
FEW = 24  # cells by which the loudness of a group cannot be told
MARGIN = 6.0  # dB that an echo may be louder than expected: reflections
FOLDED = 6.0  # dB less by which hisses above the bands come back within them: cheap converters, cheap loudspeakers
FADING = (0.0, 0.5, 1.5, 3.0, 4.0)  # dB that an echo has fallen after so many frames: a room rings
EVERY = 2  # chunks of speech between two comparisons, which are dear
BLOCK = 32  # rows multiplied at once: for more, the library wakes threads of its own, which cost more than they spare
CLEAN_S = 1.2  # of the house being audible and the microphone not: nothing comes back (headphones, a canceller)
SURE, BELIEVED = 4, 8  # chunks in a row with a person in them, after which the next so many are taken for one too
LATE_S = 0.2  # sound that comes later than its turn by more: the microphone was away …
EARLY_S = 0.1  # … or earlier: packets hold several chunks
NOTHING = np.float32(10 ** (SILENT / 10))


def _framed(chunk: int) -> tuple[NDArray[np.int64], Sound]:
    """Where the frames that end within the second of two chunks lie, [FRAMES, chunk], and their taper."""
    ends = np.arange(1, FRAMES + 1) * (chunk // FRAMES)
    return ends[:, None] + np.arange(chunk), np.hanning(chunk).astype(np.float32)


FRAMED = {chunk: _framed(chunk) for chunk in (CHUNK, PLAYED_CHUNK)}


class OwnVoice:
    """Tells whose voice a microphone hears. `played(second, samples)`: what sounds from then on, float32 at 24 kHz, or
    None for silence; `now`: the clock of both.

    `echo`: what of the last chunk is expected to be the house's, [FRAMES, BANDS]; None: nothing, or it is not known."""

    def __init__(self, played: Between, now: Callable[[], float], settings: Hearing | None = None) -> None:
        settings = settings or Hearing()
        self._played = played
        self._now = now
        self._like, self._share = settings.own_like, settings.own_share
        self._lags = round(settings.own_delay_s / HOP_S)
        self._warm_up = round(settings.own_warm_up_s / CHUNK_S)  # chunks
        self._audible = self._lags + WINDOW  # frames after its last sound in which an echo of it matters
        self._since = self._audible + 1  # that last sound
        self._clean = 0  # chunks in a row
        self.echo: Levels | None = None
        self._chunk_end = now()
        self.reset()

    def explains(self, chunk: NDArray[np.float32], odds: float) -> bool:
        """Whether `chunk` (float32 [512], 16 kHz, the one that follows the last), in which speech was found with these
        odds, is only the house's own voice."""
        self.echo = None
        due, now = self._chunk_end + CHUNK_S, self._now()
        self._chunk_end = due if now - LATE_S <= due <= now + EARLY_S else now
        played = self._played(self._chunk_end - CHUNK_S, PLAYED_CHUNK)
        if played is not None:
            if self._since > self._audible:
                self._silence()
            self._since = 0
            self._clean += 1
            if odds >= SPEECH:
                self._clean = 0
            elif self._clean * CHUNK_S >= CLEAN_S:
                self._unsure = 0  # there is no echo to be learnt
        elif self._since > self._audible:
            return False
        else:
            self._since += FRAMES
            played = np.zeros(PLAYED_CHUNK, np.float32)
        self._take(chunk, played)
        if self._learnt is not None and not self._unsure:
            self.echo = self._expected(self._learnt, FRAMES)
        return odds >= SPEECH and not self._person()

    def reset(self) -> None:
        """Another microphone, or the same after a pause: how the house comes back to it is to be learnt anew."""
        self._lag: int | None = None  # frames from played to heard
        self._loudness: Levels | None = None  # None: what was heard last is not like what was played
        self._learnt: Levels | None = None  # when it last was
        self.echo = None
        self._unsure = self._warm_up
        self._clean = 0
        self._silence()

    def _silence(self) -> None:
        self._before = np.zeros(CHUNK, np.float32), np.zeros(PLAYED_CHUNK, np.float32)
        self._heard = np.full((WINDOW, BANDS), SILENT, np.float32)
        self._said = np.full((WINDOW + self._lags, BANDS), SILENT, np.float32)
        self._folded = np.full((WINDOW + self._lags, 1), SILENT, np.float32)
        self._age = EVERY
        self._foreign = self._believed = 0  # chunks

    def _take(self, heard: Sound, said: Sound) -> None:
        before, self._before = self._before, (heard, said)
        self._heard = np.concatenate([self._heard[FRAMES:], _levels(before[0], heard)[0]])
        levels, folded = _levels(before[1], said)
        self._said = np.concatenate([self._said[FRAMES:], levels])
        self._folded = np.concatenate([self._folded[FRAMES:], folded])

    def _person(self) -> bool:
        """Whether what was heard last is not all the house's. Someone who surely talks is believed for a while: over
        an echo, a person's voice comes and goes."""
        self._age += 1
        if self._age > EVERY:
            self._age = 1
            self._compare()
        if self._unsure:
            self._unsure -= 1
            return False
        foreign = self._loudness is None or self._unexplained(self._loudness) >= self._share
        self._foreign = self._foreign + 1 if foreign else 0
        self._believed = BELIEVED if self._foreign >= SURE else self._believed - 1
        return foreign or self._believed > 0

    def _compare(self) -> None:
        """By how many frames heard and played are most alike, and how loud the one is in the other."""
        lag = None if self._unsure else self._lag  # two beginnings are alike at many delays
        near = lag is not None and self._find(max(0, lag - 1), min(self._lags, lag + 1))
        alike = near or self._find(0, self._lags)
        self._loudness = _loudness(self._heard, self._at_the_time(self._said)) if alike else None
        self._learnt = self._learnt if self._loudness is None else self._loudness

    def _find(self, first: int, last: int) -> bool:
        """Look for the delay among `first` to `last` frames."""
        alike = _likeness(self._heard, self._said[self._lags - last : len(self._said) - first])
        best = int(alike.argmax())
        if alike[best] < self._like:
            return False
        self._lag = last - best
        return True

    def _at_the_time(self, levels: Levels) -> Levels:
        """Of what was played, that which is heard now."""
        assert self._lag is not None
        return levels[self._lags - self._lag :][:WINDOW]

    def _expected(self, loudness: Levels, frames: int) -> Levels:
        """The house's own voice in the latest frames, if it comes back so loud."""
        said = np.maximum(self._at_the_time(self._said), self._at_the_time(self._folded))
        echo = said[-frames - len(FADING) + 1 :] + loudness
        last = len(FADING) - 1
        faded = [echo[last - k : len(echo) - k] - fallen for k, fallen in enumerate(FADING)]
        return np.asarray(np.max(faded, axis=0), np.float32)

    def _unexplained(self, loudness: Levels) -> float:
        """The share of the latest sound's energy that the echo cannot have, 0…1."""
        echo = self._expected(loudness, LATEST)
        heard = _power(self._heard[-LATEST:])
        return float(np.maximum(0, heard - _power(echo + MARGIN) - 4 * NOTHING).sum() / heard.sum())


def _levels(before: Sound, chunk: Sound) -> tuple[Levels, Levels]:
    """Of the frames that end within `chunk`, and how much of what is higher may come back lower, [FRAMES, 1]."""
    places, taper = FRAMED[len(chunk)]
    bins = np.fft.rfft(np.concatenate([before, chunk])[places] * taper)
    powers = bins.real**2 + bins.imag**2
    power = powers[:, FIRST : FIRST + BANDS * BINS].reshape(FRAMES, BANDS, BINS).sum(2) / BINS
    high = powers[:, FIRST + BANDS * BINS :].sum(1, keepdims=True) / (powers.shape[1] - FIRST - BANDS * BINS)
    scale = np.float32(16 / len(chunk) ** 2)
    return _decibels(power * scale), _decibels(high * scale) - FOLDED


def _likeness(heard: Levels, said: Levels) -> NDArray[np.float32]:
    """Correlation, −1…1, of `heard` with each passage of `said` that is as long, band by band around its mean."""
    heard = np.maximum(heard, heard.max() - DEEPEST)
    heard = heard - heard.mean(0)
    said = np.maximum(said, said.max() - DEEPEST) + DEEPEST
    products = np.concatenate([said[k : k + BLOCK] @ heard.T for k in range(0, len(said), BLOCK)])
    places, (row, column) = len(said) - WINDOW + 1, products.strides
    common = np.lib.stride_tricks.as_strided(products, (places, WINDOW), (row, row + column)).sum(1)
    sums = _sums(said)
    energy = _sums((said * said).sum(1)) - (sums * sums).sum(1) / WINDOW
    energy = np.maximum(energy, 1e-3 * energy.max() + 1e-3)
    return np.asarray(common / np.sqrt(energy * max(1e-3, float((heard * heard).sum()))), np.float32)


def _sums(rows: NDArray[np.float32]) -> NDArray[np.float64]:
    """Of each `WINDOW` rows that follow one another."""
    total = np.cumsum(np.concatenate([np.zeros_like(rows[:1]), rows]), axis=0, dtype=np.float64)
    return np.asarray(total[WINDOW:] - total[:-WINDOW])


def _loudness(heard: Levels, said: Levels) -> Levels:
    """dB to add to what was said to have its echo, [BANDS]."""
    audible = said > max(float(said.max()) - AUDIBLE, SILENT + 10)
    above = np.where(audible, heard - said, np.inf)
    groups = np.sort(above.reshape(WINDOW, GROUPS, -1).swapaxes(0, 1).reshape(GROUPS, -1))
    counts = audible.reshape(WINDOW, GROUPS, -1).sum((0, 2))
    if not counts.any():
        return np.full(BANDS, SILENT, np.float32)
    overall = np.sort(above, axis=None)[int(QUANTILE * counts.sum())]
    found = groups[np.arange(GROUPS), (QUANTILE * counts).astype(int)]
    return np.repeat(np.where(counts < FEW, overall, found), BANDS // GROUPS).astype(np.float32)


def _decibels(power: NDArray[np.float32]) -> Levels:
    return np.asarray(10 * np.log10(power + NOTHING), np.float32)


def _power(level: NDArray[np.float32] | float) -> NDArray[np.float32]:
    return np.asarray(10 ** (np.asarray(level) / 10), np.float32)
