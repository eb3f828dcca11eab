"""What a benchmark's visitor sends, encoded beforehand, so that sending it costs the client next to nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import av
import numpy as np
from aiortc import MediaStreamTrack
from numpy.typing import NDArray

from interaction.clock import Clock

SIZE = (640, 480)
FPS = 10
BITRATE = 1_200_000  # what Chromium settles on for 640×480 at 10 fps of a street
KEY_EVERY = 20  # frames; a receiver that begins in the middle sees something after two seconds
SOUND_RATE = 48_000
SOUND_FRAME = 960  # samples: 20 ms
NOISE = 0.001  # RMS (−60 dBFS) of a quiet room


def film(path: Path, seconds: float) -> list[bytes]:
    """The first seconds of a video file as VP8 frames, 640×480 at 10 fps; the first one is a key frame."""
    return filmed(_pictures(path, round(seconds * FPS)))


def drawn(images: Iterable[NDArray[np.uint8]]) -> list[bytes]:
    """BGR pictures of 640×480, ten a second, as VP8 frames."""
    return filmed(_numbered(av.VideoFrame.from_ndarray(image, format="bgr24") for image in images))


def filmed(pictures: Iterable[Any]) -> list[bytes]:
    """YUV pictures with their times as VP8 frames."""
    encoder: Any = av.CodecContext.create("libvpx", "w")
    encoder.width, encoder.height = SIZE
    encoder.pix_fmt, encoder.bit_rate, encoder.gop_size = "yuv420p", BITRATE, KEY_EVERY
    encoder.time_base, encoder.framerate = Fraction(1, FPS), Fraction(FPS)
    encoder.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
    packets = [bytes(packet) for picture in pictures for packet in encoder.encode(picture)]
    return packets + [bytes(packet) for packet in encoder.encode(None)]


def _pictures(path: Path, count: int) -> Iterator[Any]:
    """`count` pictures, ten a second."""
    with av.open(str(path)) as container:
        due = number = 0
        for frame in container.decode(video=0):
            if number == count:
                return
            if float(frame.time or 0.0) + 1e-3 < due / FPS:
                continue
            due, number = due + 1, number + 1
            yield from _numbered([frame], number - 1)


def _numbered(frames: Iterable[Any], first: int = 0) -> Iterator[Any]:
    for number, frame in enumerate(frames, first):
        small = frame.reformat(width=SIZE[0], height=SIZE[1], format="yuv420p")
        small.pts, small.time_base = number, Fraction(1, FPS)
        yield small


def sound(pcm: NDArray[np.float32]) -> list[bytes]:
    """Mono float32 −1…1 at 48 kHz as Opus packets of 20 ms; what does not fill the last one is left out."""
    encoder: Any = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = SOUND_RATE, "stereo", "s16"
    packets = []
    for start in range(0, len(pcm) - SOUND_FRAME + 1, SOUND_FRAME):
        both = np.repeat((pcm[start : start + SOUND_FRAME] * 32767).astype(np.int16), 2).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(both, format="s16", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, start, Fraction(1, SOUND_RATE)
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    return packets


def quiet_room(seconds: float = 10.0, noise: float = NOISE) -> list[bytes]:
    """Noise, faint unless told otherwise (RMS, 0…1)."""
    return sound(np.random.default_rng(0).normal(0, noise, round(seconds * SOUND_RATE)).astype(np.float32))


def speech(path: Path) -> list[bytes]:
    """A sound file, whatever its rate."""
    resampler = av.AudioResampler(format="flt", layout="mono", rate=SOUND_RATE)
    with av.open(str(path)) as container:
        frames = [part for frame in container.decode(audio=0) for part in resampler.resample(frame)]
    return sound(np.concatenate([part.to_ndarray().ravel() for part in frames]).astype(np.float32))


class Recorded(MediaStreamTrack):  # type: ignore[misc]
    """A track that sends encoded packets over and over at their pace. `play` slips others in, once; `sent` is called
    with the number of each packet, counted as in `packets`, when it goes out."""

    def __init__(self, kind: str, packets: Sequence[bytes], gap: float, first: int = 0) -> None:
        """`gap`: seconds between packets; `first`: the packet to begin with."""
        super().__init__()
        self.kind = kind
        self.sent: Callable[[int], None] = lambda number: None
        self._packets = islice(cycle(enumerate(packets)), first, None)
        self._slipped_in: Iterator[bytes] = iter(())
        self._gap = gap
        self._number = 0
        self._clock: Clock | None = None

    def play(self, packets: Sequence[bytes]) -> None:
        self._slipped_in = iter(packets)

    async def recv(self) -> Any:
        self._clock = self._clock or Clock()
        await self._clock.sleep_until(self._number * self._gap)
        content = next(self._slipped_in, None)
        if content is None:
            number, content = next(self._packets)
            self.sent(number)
        packet = av.Packet(content)
        packet.time_base = Fraction(1, 1000)
        packet.pts = round(self._number * self._gap * 1000)
        self._number += 1
        return packet

    @staticmethod
    def camera(packets: Sequence[bytes], first: int = 0) -> Recorded:
        return Recorded("video", packets, 1 / FPS, first)

    @staticmethod
    def microphone(packets: Sequence[bytes]) -> Recorded:
        return Recorded("audio", packets, SOUND_FRAME / SOUND_RATE)


async def encoded(path: Path, seconds: float) -> tuple[list[bytes], list[bytes]]:
    """A film and a quiet room, made off the event loop."""
    return await asyncio.to_thread(film, path, seconds), await asyncio.to_thread(quiet_room)
