"""Sound on its way in and out of the speech server: files to samples, samples to files, long recordings in parts."""

from __future__ import annotations

import io
import itertools
import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interaction.hearing.base import RATE
from interaction.speaking.base import Pcm

# First bytes → the one format that a file is read as. Never left to guessing: some formats are lists of other files.
FORMATS = {b"RIFF": "wav", b"fLaC": "flac", b"OggS": "ogg", b"ID3": "mp3", b"\x1a\x45\xdf\xa3": "matroska"}
PART_S = 28.0  # Whisper hears 30 s at once
SEARCH_S = 6.0  # before the end of a part, for the quietest place to part it
QUIET_S = 0.2
ENDLESS = 0x7FFFFFFF  # bytes of a WAV file whose length is not known when it begins


class BadSound(Exception):
    """The client's file is not sound that can be heard; the message says why."""


def decoded(data: bytes, longest_s: float) -> NDArray[np.float32]:
    """A file's sound: float32 [n], 16 kHz, −1…1. Blocks. Raises `BadSound`, also for more than `longest_s`."""
    import av

    kind = format_of(data)
    if kind is None:
        raise BadSound("The file is no WAV, FLAC, Ogg, MP3, WebM or MP4 sound.")
    parts: list[NDArray[np.float32]] = []
    try:
        with av.open(io.BytesIO(data), format=kind) as container:
            if not container.streams.audio:
                raise BadSound("There is no sound in the file.")
            resampler = av.AudioResampler("flt", "mono", RATE)
            for frame in itertools.chain(_frames(container, longest_s), [None]):
                for ours in resampler.resample(frame):
                    parts.append(ours.to_ndarray().ravel().astype(np.float32))
    except (av.FFmpegError, ValueError, IndexError) as error:
        raise BadSound(f"The {kind} file is damaged ({type(error).__name__}).") from error
    sound = np.concatenate(parts) if parts else np.empty(0, np.float32)
    return np.clip(np.nan_to_num(sound), -1.0, 1.0)


def format_of(data: bytes) -> str | None:
    """What FFmpeg calls the format of a file; None for one that is not taken."""
    if data[4:8] == b"ftyp":
        return "mp4"
    if len(data) > 1 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0:
        return "mp3"  # without a tag before its first frame
    return next((kind for mark, kind in FORMATS.items() if data.startswith(mark)), None)


def _frames(container: Any, longest_s: float) -> Iterator[Any]:
    """Checked before they are resampled: a file of some bytes may say that each of its samples lasts a second."""
    seconds = 0.0
    for frame in container.decode(audio=0):
        seconds += frame.samples / max(1, frame.sample_rate)
        if seconds > longest_s:
            raise BadSound(f"The sound is longer than {longest_s:.0f} seconds.")
        yield frame


def parted(sound: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Parts that a recogniser can hear at once, cut at the quietest place towards their ends."""
    parts = []
    while sound.size > PART_S * RATE:
        begin, end = int((PART_S - SEARCH_S) * RATE), int(PART_S * RATE)
        window = int(QUIET_S * RATE)
        energy = np.cumsum(sound[begin:end].astype(np.float64) ** 2)
        at = begin + int(np.argmin(energy[window:] - energy[:-window])) + window // 2
        parts.append(sound[:at])
        sound = sound[at:]
    return [*parts, sound]


def wav_header(rate: int) -> bytes:
    """Of 16-bit mono sound whose end is not known yet; players read on until the stream ends."""
    head = b"RIFF" + struct.pack("<I", ENDLESS) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, rate, 2 * rate, 2, 16)
    return head + b"data" + struct.pack("<I", ENDLESS - 36)


def little_endian(pcm: Pcm) -> bytes:
    return pcm.astype("<i2").tobytes()
