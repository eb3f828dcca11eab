"""People cut out of a street scene (OpenCV's `vtest.avi`), step by step: real pixels for drawn places.

What differs from the empty street is the person: the street is the median of pictures far apart in time. The stretches
were chosen by eye: one person, nobody behind, some whole steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from interaction.sources.synthetic.scene import Image

APART = 60  # pictures between two from which the empty street is made
DIFFERS = 28  # grey levels by which a person differs from the street
SMALLEST = 900  # pixels of a person


@dataclass(frozen=True)
class _Stretch:
    """`first` … `last`: numbers of pictures; x, y: the middle of the person in the first; `faces`: where they walk."""

    first: int
    last: int
    x: int
    y: int
    faces: int  # -1: to the left


STRETCHES = (
    _Stretch(667, 684, 289, 387, -1),
    _Stretch(588, 602, 340, 330, 1),
    _Stretch(664, 676, 640, 325, -1),
)


@dataclass(frozen=True)
class Steps:
    """A person's pictures, one each tenth of a second: BGR with opacity, cut close; `faces`: -1 left, 1 right."""

    pictures: tuple[Image, ...]
    faces: int


@cache
def people(path: str) -> tuple[Steps, ...]:
    """Raises `ValueError` when the file shows nobody where they should be."""
    wanted = {n for stretch in STRETCHES for n in range(stretch.first, stretch.last + 1)}
    shown: dict[int, Image] = {}
    apart: list[Image] = []
    video = cv2.VideoCapture(path)
    number = 0
    while video.grab():
        if number in wanted or number % APART == 0:
            picture = np.asarray(video.retrieve()[1], np.uint8)
            shown[number] = picture
            apart += [picture] if number % APART == 0 else []
        number += 1
    video.release()
    if not wanted <= shown.keys():
        raise ValueError(f"{path} is too short to cut people out of it")
    street = np.median(np.stack(apart), 0).astype(np.uint8)
    return tuple(Steps(tuple(_cut(stretch, shown, street)), stretch.faces) for stretch in STRETCHES)


def _cut(stretch: _Stretch, shown: dict[int, Image], street: Image) -> Sequence[Image]:
    x, y = float(stretch.x), float(stretch.y)
    found = []
    for number in range(stretch.first, stretch.last + 1):
        picture = shown[number]
        _, labels, stats, centres = cv2.connectedComponentsWithStats(_differs(picture, street))
        large = [n for n in range(1, len(stats)) if stats[n, cv2.CC_STAT_AREA] > SMALLEST]
        if not large:
            raise ValueError(f"nobody to be cut out of picture {number}")
        best = min(large, key=lambda n: abs(centres[n][0] - x) + abs(centres[n][1] - y))
        x, y = map(float, centres[best])
        left, top, width, height = stats[best, :4]
        opacity = cv2.GaussianBlur((labels == best).astype(np.uint8) * 255, (3, 3), 0)
        found.append(np.dstack([picture, opacity])[top : top + height, left : left + width])
    return found


def _differs(picture: Image, street: Image) -> Image:
    difference = cv2.GaussianBlur(cv2.absdiff(picture, street).max(2), (5, 5), 0)
    mask = (difference > DIFFERS).astype(np.uint8)
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8)), np.uint8)
