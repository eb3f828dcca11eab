"""A 4K camera at 30 pictures a second, by a real stream and a real decoder: what is decoded is counted, not timed."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Iterator
from typing import Any

import av
import numpy as np
import pytest

from config import Sources
from interaction.sources.address import parse
from interaction.sources.handover import Handover
from interaction.sources.reader import Reader

WIDTH, HEIGHT = 3840, 2160
RATE = 30
SECONDS = 4
KEY_EVERY = {"mjpeg": 1, "libx264": RATE}  # pictures; what IP cameras send


class Camera:
    """A live container that goes round a clip, a packet every 1/30 s; `decoded`, `converted`: how many were.

    `at`: the time, which passes while a packet is waited for, and `takes` seconds for each that is decoded.
    """

    fault = None

    def __init__(self, codec: str, *, takes: float) -> None:
        self.takes = takes
        self.at = 0.0
        self.decoded = self.converted = 0
        self._container = av.open(io.BytesIO(clip(codec)))
        self.streams, self.duration, self.format = self._container.streams, None, self._container.format

    def open(self, cancelled: Callable[[], bool]) -> Camera:
        return self

    def __enter__(self) -> Camera:
        return self

    def __exit__(self, *_: object) -> None:
        self._container.close()

    def now(self) -> float:
        return self.at

    def demux(self, stream: Any) -> Iterator[Counted]:
        packets = [packet for packet in self._container.demux(stream) if packet.size]
        for i in range(SECONDS * RATE):
            self.at = max(self.at, i / RATE)
            yield Counted(packets[i % len(packets)], self)


class Counted:
    def __init__(self, packet: Any, camera: Camera) -> None:
        self.size, self.is_keyframe = packet.size, packet.is_keyframe
        self._packet, self._camera = packet, camera

    def decode(self) -> list[Any]:
        self._camera.decoded += 1
        self._camera.at += self._camera.takes
        frames: list[Any] = self._packet.decode()
        return frames


def clip(codec: str) -> bytes:
    """From one key frame to the next, in 4K."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="matroska") as out:
        stream = out.add_stream(codec, rate=RATE)
        stream.width, stream.height = WIDTH, HEIGHT
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        if codec == "libx264":
            stream.options = {"preset": "ultrafast", "tune": "zerolatency"}
        picture = av.VideoFrame.from_ndarray(np.full((HEIGHT * 3 // 2, WIDTH), 90, np.uint8), format="yuv420p")
        for i in range(KEY_EVERY[codec]):
            picture.pts = i
            out.mux(stream.encode(picture))
        out.mux(stream.encode(None))
    return buffer.getvalue()


class Converting(Reader):
    def _image(self, frame: Any) -> Any:
        self._opener.converted += 1  # type: ignore[attr-defined]
        image = super()._image(frame)
        assert image.shape == (720, 1280, 3)
        return image


# Of H.264 half of each second cannot be left out: a picture is told as a change of the one before, so the one wanted at
# its half needs all from the key frame on. A decoder that is too slow for that goes by key frames.
@pytest.mark.parametrize(
    ("codec", "takes", "decoded"), [("mjpeg", 0.01, 0.1), ("libx264", 0.01, 0.66), ("libx264", 0.06, 0.45)]
)
async def test_4k_is_not_decoded_at_full_rate(codec: str, takes: float, decoded: float) -> None:
    camera = Camera(codec, takes=takes)
    address = parse("http://camera/4k", allow_files=False)
    reader = Converting(address, camera, Handover(), fps=lambda: 2.0, now=camera.now, limits=Sources())  # type: ignore[arg-type]
    await asyncio.to_thread(reader.run)
    assert reader.live and 0 < camera.decoded <= decoded * SECONDS * RATE
    assert SECONDS <= camera.converted <= 2 * SECONDS + 1, "no other is made a picture"
    assert camera.at <= SECONDS + 0.1, "fewer pictures, never older ones"
