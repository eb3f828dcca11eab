"""Kokoro's model at work: phonemes to sound, in stretches, so that the first can be heard while the rest is made.

The work is in the waveform (0.75 CPU seconds a second of it, 0.75 s of it are silence around the sentence), which can
be made of a part. Each part is normalised by itself, so a stretch keeps the silence at its end of the sentence: with
that its spectrum is 2 to 4 dB off the whole's, without it 4 to 5. They meet where the sentence is quiet.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from interaction.clock import stopwatch
from interaction.speaking.base import RATE, Pcm, SpeakingError
from interaction.speaking.halves import FEATURES, LOUDNESS, PITCH, SEAM, SOUND, halves

STYLES, STYLE = 510, 256  # a speaker has one style vector for each length in tokens
MOST_TOKENS = 500  # of one run; the model ends at 510, and the last ones are rushed
AUDIBLE = 0.01  # amplitude below which the model's lead-in and fade-out count as silence
LEAD_S, TAIL_S = 0.03, 0.12  # of silence left around a sentence; the model makes 0.3 s before and 0.45 s after
FRAME = 600  # samples
QUIET = 2.0  # a seam in louder sound might be heard; Chinese mostly has none that is quieter and is made in one piece
SILENT = -5.0  # loudness in the model's own measure: its silence is -8 to -10, speech mostly 4 to 8
FIRST_FRAMES = (20, 40)  # of speech in the first stretch: long enough to be heard while as much and more is made
REST_FRAMES = 16  # of speech after it; less is not worth a run of its own
SHARED = 4  # frames beyond the seam, so that what is about to come is known there
FADE = 240  # samples in which one stretch goes over into the other
LEVEL = 1.15  # the first stretch, with less speech in it, comes out at 0.81 to 0.97, the rest at 1.01 to 1.08
CAUTION = 1.15  # the rest is expected to take so much longer than the first stretch, frame by frame

Float = NDArray[np.float32]
# The first stretch, and how many seconds later it may be heard so that the rest follows without a gap.
Begun = Callable[[Pcm, float], None]


class Plan(NamedTuple):
    """What the first half of the model says of a sentence: float32 [1, 512, T], [1, 2 T], [1, 2 T]; T frames."""

    features: Float
    pitch: Float
    loudness: Float

    def part(self, begin: int, end: int) -> dict[str, Float]:
        two = slice(2 * begin, 2 * end)
        return {
            FEATURES: self.features[:, :, begin:end],
            PITCH: self.pitch[:, two],
            LOUDNESS: self.loudness[:, two],
        }

    @property
    def frames(self) -> int:
        return int(self.features.shape[2])


class Engine:
    """The loaded model, the speakers that were needed so far, and its phonemes. Used by one thread."""

    def __init__(self, model: Path, threads: int) -> None:
        import onnxruntime

        from interaction.speaking.phonemes import Phonemes

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.enable_mem_pattern = False  # every sentence has another shape: plans for each kept 100 MB more
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # waiting must not burn a core
        if not model.is_file():
            raise SpeakingError(f"The voice model {model.name} is missing. Run `make weights`.")
        self._planner, self._sounder = (
            onnxruntime.InferenceSession(half, options, providers=["CPUExecutionProvider"])
            for half in halves(model.read_bytes())
        )
        self._styles: dict[Path, Float] = {}
        self._phonemes = Phonemes()

    def speak(
        self, sentence: str, language: str, accent: str, speaker: Path, speed: float, begun: Begun | None = None
    ) -> Pcm:
        """All of it; `begun` is told of its beginning before, if it is long enough."""
        if speaker not in self._styles:
            self._styles[speaker] = _styles(speaker)
        tokens = self._phonemes.tokens(sentence, language, accent)
        if not tokens:
            return np.empty(0, np.int16)
        sounds: list[Pcm] = []
        for part in parted(tokens, self._phonemes.blank):
            sounds.append(self._sound(part, self._styles[speaker], speed, None if sounds else begun))
        return np.concatenate(sounds)

    def _sound(self, tokens: list[int], styles: Float, speed: float, begun: Begun | None) -> Pcm:
        style = styles[len(tokens) - 1]
        feed: dict[str, Any] = {"tokens": np.array([[0, *tokens, 0]], np.int64), "style": style}
        plan = Plan(*self._planner.run(list(SEAM), {**feed, "speed": np.array([speed], np.float32)}))
        seam = seam_of(plan.loudness)
        if begun is None or not seam:
            return trimmed(self._wave(plan, style, 0, plan.frames))
        took = stopwatch()
        start = self._wave(plan, style, 0, seam + SHARED) * np.float32(LEVEL)
        first, end = trimmed(start[: seam * FRAME - FADE // 2], end=False), start[seam * FRAME - FADE // 2 :][:FADE]
        left = plan.frames - seam + SHARED
        begun(first, max(0.0, CAUTION * took() * left / (seam + SHARED) - len(first) / RATE))
        rest = self._wave(plan, style, seam - SHARED, plan.frames)[SHARED * FRAME - FADE // 2 :]
        rise = np.linspace(0, 1, FADE, dtype=np.float32)
        rest[:FADE] = end * (1 - rise) + rest[:FADE] * rise
        return np.concatenate([first, trimmed(rest, begin=False)])

    def _wave(self, plan: Plan, style: Float, begin: int, end: int) -> Float:
        """The frames from `begin` to `end`: float32 [n], 24 kHz."""
        return np.asarray(self._sounder.run([SOUND], {**plan.part(begin, end), "style": style})[0]).ravel()


def _styles(file: Path) -> Float:
    data = np.fromfile(file, np.float32)
    if data.size != STYLES * STYLE:
        raise SpeakingError(f"The speaker {file.name} is damaged: {data.size} numbers instead of {STYLES * STYLE}.")
    return data.reshape(STYLES, 1, STYLE)


def seam_of(loudness: Float) -> int:
    """The frame at which a sentence is parted: the quietest of those where it may be; 0: none is, or it is too short.

    `loudness`: float32 [1, 2 T], as the model gives it.
    """
    level = loudness.reshape(-1, 2).mean(1)
    speech = np.flatnonzero(level > SILENT)
    if not speech.size:
        return 0
    least, most = (int(speech[0]) + frames for frames in FIRST_FRAMES)
    most = min(most, int(speech[-1]) - REST_FRAMES)
    if most <= least:
        return 0
    seam = least + int(np.argmin(level[least:most]))
    return seam if level[seam] <= QUIET else 0


def parted(tokens: list[int], blank: int, most: int = MOST_TOKENS) -> list[list[int]]:
    """At most `most` tokens a run, parted at the last blank if there is one."""
    parts = []
    while len(tokens) > most:
        at = next((k for k in range(most, most // 2, -1) if tokens[k] == blank), most)
        parts.append(tokens[:at])
        tokens = tokens[at:]
    return [*parts, tokens]


def trimmed(sound: Float, begin: bool = True, end: bool = True) -> Pcm:
    """Float sound −1…1 as int16, with little silence at its ends: each second of it would be waited for."""
    sound = sound.ravel()
    loud = np.flatnonzero(np.abs(sound) > AUDIBLE)
    if not loud.size:
        return np.empty(0, np.int16)
    first = max(0, loud[0] - int(LEAD_S * RATE)) if begin else 0
    last = loud[-1] + int(TAIL_S * RATE) if end else len(sound)
    return (np.clip(sound[first:last], -1.0, 1.0) * 32767).astype(np.int16)
