"""Cheap measures of pictures: how much changed, whether the scene was cut, whether there is anything to see. Pure."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from interaction.seeing.base import Box

Image = NDArray[np.uint8]
Grey = NDArray[np.uint8]
Cells = NDArray[np.bool_]

LONGEST = 960  # pixels; what the reader can use. Larger pictures cost time and show the detectors nothing more
DIM, BRIGHT, MOST_GAIN = 140, 230, 4.0  # grey levels of the brightest spots; more gain would show noise
CHANGED = 18  # a grey difference that is more than camera noise
CHANGED_DIM = 8  # the same at night: four times the noise of a cheap camera, once the picture is made small


def checked(image: Image) -> Image:
    """The picture itself; raises `ValueError` unless it is uint8 [height, width, 3] with at least one pixel."""
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or 0 in image.shape:
        raise ValueError(f"not a BGR picture of bytes: shape {image.shape}, {image.dtype}")
    return image


def shrunk(image: Image, longest: int = LONGEST) -> Image:
    """The picture with its longest side at most `longest` pixels."""
    height, width = image.shape[:2]
    scale = longest / max(height, width)
    if scale >= 1.0:
        return image
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def grey_of(image: Image, width: int, height: int) -> Grey:
    """The picture in grey at the given size, noise smoothed by a 3×3 blur: uint8 [height, width]."""
    small = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), (3, 3), 0), np.uint8)


def planes_of(image: Image, width: int, height: int) -> Grey:
    """Brightness, red and blue of the picture (YCrCb) at the given size, noise smoothed by a 3×3 blur, one below the
    other: uint8 [3 × height, width]."""
    small = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    return np.vstack(cv2.split(cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_BGR2YCrCb), (3, 3), 0)))


def brightened(image: Image, grey: Grey) -> Image:
    """A dim picture (`grey`: it, small) in ordinary light; others as they are. The detectors were trained by day: at a
    fifth of the light they find 60 of 90 people, so brightened 87, and still nobody in empty places."""
    brightest = float(np.percentile(grey, 98))
    if brightest >= DIM:
        return image
    return np.asarray(cv2.convertScaleAbs(image, alpha=min(MOST_GAIN, BRIGHT / max(1.0, brightest))), np.uint8)


def tile_change(a: Grey, b: Grey, tile: int = 16) -> float:
    """The mean absolute difference, 0…255, of the square of `tile` pixels that changed most. Sides: multiples of it."""
    height, width = a.shape
    difference = cv2.absdiff(a, b).astype(np.float32)
    return float(difference.reshape(height // tile, tile, width // tile, tile).mean(axis=(1, 3)).max())


def changed_cells(a: Grey, b: Grey) -> Cells:
    """Where the picture differs, apart from a change of light over all of it: bool, as large as they are."""
    difference = b.astype(np.int16) - a.astype(np.int16)
    return np.asarray(np.abs(difference - np.int16(np.median(difference))) > _noticeable(a))


def changed_share(a: Grey, b: Grey) -> float:
    """The part of the picture that differs, 0…1."""
    return float(changed_cells(a, b).mean())


def same_in(box: Box, a: Grey, b: Grey) -> bool:
    """Does the picture look the same inside `box`?"""
    height, width = a.shape
    rows = slice(int(box.y0 * height), max(int(box.y0 * height) + 1, round(box.y1 * height)))
    columns = slice(int(box.x0 * width), max(int(box.x0 * width) + 1, round(box.x1 * width)))
    inner = cv2.absdiff(a, b)[rows, columns]
    return inner.size == 0 or float((inner > _noticeable(a)).mean()) < 0.06


def _noticeable(grey: Grey) -> float:
    """The grey difference that is a change: in a dim picture less, because everything in it differs less."""
    return max(CHANGED_DIM, CHANGED * min(1.0, float(np.percentile(grey, 98)) / DIM))


def is_cut(a: Grey, b: Grey) -> bool:
    """Did the whole picture change at once? Most of it differs, and nothing of its structure is left."""
    if changed_share(a, b) < 0.4:
        return False
    x, y = (g.astype(np.float32) - g.mean() for g in (a, b))
    likeness = float((x * y).mean() / ((x.std() + 4) * (y.std() + 4)))
    return likeness < 0.35


def is_dark(grey: Grey) -> bool:
    """Is there nothing to see: no bright spot at all, or a dim picture without any structure (a covered lens)?"""
    return bool(np.percentile(grey, 98) < 40 or (grey.std() < 5 and grey.mean() < 90))
