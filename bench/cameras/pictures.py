"""What the cameras show: H.264, H.265 or JPEG pictures as a file of access units, each after its length."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]


def encode(images: Iterable[Image], path: Path, *, fps: float = 15, codec: str = "h264", key_every: int = 30) -> Path:
    """`images`: uint8 [height, width, 3], BGR, all of one size. The first one is a key frame."""
    units = _jpeg(images) if codec == "jpeg" else _video(images, fps, codec, key_every)
    path.write_bytes(b"".join(struct.pack(">I", len(unit)) + unit for unit in units))
    return path


def _jpeg(images: Iterable[Image]) -> list[bytes]:
    return [cv2.imencode(".jpg", image)[1].tobytes() for image in images]


def _video(images: Iterable[Image], fps: float, codec: str, key_every: int) -> list[bytes]:
    import av

    encoder = None
    units: list[bytes] = []
    for i, image in enumerate(images):
        if encoder is None:
            encoder = av.CodecContext.create({"h264": "libx264", "h265": "libx265"}[codec], "w")
            encoder.height, encoder.width, encoder.pix_fmt = *image.shape[:2], "yuv420p"
            encoder.time_base, encoder.framerate = 1 / Fraction(fps), Fraction(fps)
            encoder.gop_size = key_every
            # A picture in slices is torn by GStreamer's `rtph264pay config-interval=-1`: it sends the parameter sets
            # before each slice of a key frame, and to a receiver they begin another picture.
            encoder.thread_count = 1
            quiet = {"x265-params": "log-level=error"} if codec == "h265" else {}
            encoder.options = {"preset": "ultrafast", "tune": "zerolatency", **quiet}
        frame = av.VideoFrame.from_ndarray(image, format="bgr24")
        frame.pts = i
        units += [bytes(packet) for packet in encoder.encode(frame)]
    return units + [bytes(packet) for packet in encoder.encode(None)] if encoder else units


def still(seconds: float = 4, fps: float = 15, *, size: tuple[int, int] = (640, 480), seed: int = 0) -> Iterable[Image]:
    """A room at rest, as a camera sees it: textured, with a trace of noise. `size`: width, height."""
    width, height = size
    noise = np.random.default_rng(seed)
    room = cv2.resize(noise.integers(60, 200, (height // 40, width // 40, 3), np.uint8), size)
    for _ in range(round(seconds * fps)):
        grain = noise.integers(0, 3, (height, width, 1), np.uint8)
        yield np.asarray(cv2.add(room, np.repeat(grain, 3, axis=2)), np.uint8)
