"""What a drawn scene is, and how it becomes a stream of pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Draw = Callable[[float], Image]

SIZE = (640, 480)
NOISE = 6.0  # grey levels; a webcam in ordinary light
_PATTERNS = 8  # of noise that take turns: noise that is drawn anew for every frame costs more than the scene


@dataclass(frozen=True, slots=True)
class Truth:
    """Something that happens at second `t`; `detail`: what.

    "appears", "disappears"; "arrives", "leaves" of people: half of the body is in the picture; "text"; "dark", "light".
    """

    t: float
    kind: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """`draw(t)`: uint8 [480, 640, 3] BGR at second `t`, before noise; `truth`: in order of time."""

    draw: Draw
    truth: tuple[Truth, ...]


def ordered(happenings: Sequence[Truth]) -> tuple[Truth, ...]:
    return tuple(sorted(happenings, key=lambda truth: truth.t))


def pictures(scene: Scene, seed: int, fps: float, noise: float) -> Iterator[Image]:
    """The scene as a camera with `noise` (grey levels) sees it, without end."""
    generator = np.random.default_rng(seed)
    shape = (SIZE[1], SIZE[0], 3)
    patterns = [generator.normal(0, noise, shape).astype(np.int16) for _ in range(_PATTERNS if noise else 0)]
    i = 0
    while True:
        image = scene.draw(i / fps)
        if patterns:
            image = np.asarray(cv2.add(image, patterns[generator.integers(_PATTERNS)], dtype=cv2.CV_8U), np.uint8)
        yield image
        i += 1


def paste(image: Image, picture: Image, x: int, y: int) -> None:
    """Put `picture` (BGR, or BGR with opacity) into `image`, its upper left corner at x, y, as far as it fits."""
    x0, y0 = max(0, x), max(0, y)
    x1, y1 = min(image.shape[1], x + picture.shape[1]), min(image.shape[0], y + picture.shape[0])
    if x1 <= x0 or y1 <= y0:
        return
    part = picture[y0 - y : y1 - y, x0 - x : x1 - x]
    if part.shape[2] == 3:
        image[y0:y1, x0:x1] = part
        return
    opacity = part[..., 3:].astype(np.float32) / 255
    below = image[y0:y1, x0:x1]
    image[y0:y1, x0:x1] = (part[..., :3] * opacity + below * (1 - opacity)).astype(np.uint8)


def scaled(image: Image, width: int, height: int) -> Image:
    way = cv2.INTER_AREA if width < image.shape[1] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, (width, height), interpolation=way), np.uint8)
