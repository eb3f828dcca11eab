"""Drawn people: jointed figures with clothes that walk. Side view; a step takes half a second."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, radians, sin
from random import Random

import cv2
import numpy as np

from interaction.sources.synthetic.scene import Image, scaled

STEPS_A_S = 2.0
_TALL = 400  # pixels in which a figure is drawn before it is made as large as wanted
_WIDE = 240

Point = tuple[int, int]
Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Looks:
    """What a figure wears, BGR."""

    skin: Colour
    hair: Colour
    coat: Colour
    trousers: Colour
    shoes: Colour
    long_hair: bool
    long_coat: bool


def looks(random: Random) -> Looks:
    """Somebody."""
    skin = random.choice(((150, 185, 230), (120, 160, 210), (80, 120, 170), (50, 80, 120)))
    hair = random.choice(((30, 30, 35), (40, 60, 90), (90, 150, 190), (150, 150, 150)))
    coat = random.choice(((40, 40, 45), (110, 60, 40), (50, 50, 160), (150, 100, 60), (70, 110, 70), (170, 170, 175)))
    trousers = random.choice(((90, 60, 40), (40, 40, 45), (110, 120, 130), (80, 95, 115)))
    return Looks(skin, hair, coat, trousers, (35, 35, 40), random.random() < 0.4, random.random() < 0.4)


def figure(worn: Looks, t: float, tall: int, walking: bool) -> Image:
    """A person who faces right, `t` seconds into the walk: BGR with opacity, `tall` pixels high."""
    swing = sin(pi * STEPS_A_S * t) if walking else 0.12
    bob = abs(cos(pi * STEPS_A_S * t)) * 3 if walking else 0.0
    image = np.zeros((_TALL, _WIDE, 4), np.uint8)
    hip, shoulder = _at(120, 205 - bob), _at(122, 90 - bob)
    _arm(image, shoulder, -swing, worn, 0.75)
    _leg(image, hip, -swing, worn, 0.75)
    _leg(image, hip, swing, worn, 1.0)
    _body(image, shoulder, hip, worn)
    _head(image, shoulder, worn)
    _arm(image, shoulder, swing, worn, 1.0)
    soft = np.asarray(cv2.GaussianBlur(image, (5, 5), 0), np.uint8)
    return scaled(soft, max(1, round(_WIDE * tall / _TALL)), tall)


def _leg(image: Image, hip: Point, swing: float, worn: Looks, light: float) -> None:
    thigh = radians(26 * swing)
    shin = radians(26 * swing - (38 * max(0.0, -swing) + 4))
    knee = _from(hip, thigh, 88)
    ankle = _from(knee, shin, 84)
    cv2.line(image, hip, knee, _solid(worn.trousers, light), 40, cv2.LINE_AA)
    cv2.line(image, knee, ankle, _solid(worn.trousers, light * 0.95), 30, cv2.LINE_AA)
    toe = (ankle[0] + 24, ankle[1] + 10)
    cv2.line(image, (ankle[0] - 4, ankle[1] + 8), toe, _solid(worn.shoes, light), 17, cv2.LINE_AA)


def _arm(image: Image, shoulder: Point, swing: float, worn: Looks, light: float) -> None:
    elbow = _from((shoulder[0], shoulder[1] + 12), radians(-30 * swing), 62)
    hand = _from(elbow, radians(-30 * swing + 22), 54)
    cv2.line(image, (shoulder[0], shoulder[1] + 12), elbow, _solid(worn.coat, light * 0.9), 27, cv2.LINE_AA)
    cv2.line(image, elbow, hand, _solid(worn.coat, light * 0.85), 22, cv2.LINE_AA)
    cv2.circle(image, hand, 11, _solid(worn.skin, light), -1, cv2.LINE_AA)


def _body(image: Image, shoulder: Point, hip: Point, worn: Looks) -> None:
    hem = hip[1] + (55 if worn.long_coat else 14)
    x, y = shoulder
    outline = [(x - 26, y - 2), (x + 22, y), (x + 34, y + 45), (hip[0] + 30, hem), (hip[0] - 34, hem), (x - 38, y + 40)]
    cv2.fillPoly(image, [np.array(outline, np.int32)], _solid(worn.coat, 1.0), cv2.LINE_AA)
    back = [(x - 26, y - 2), (x - 8, y), (hip[0] - 12, hem), (hip[0] - 34, hem), (x - 38, y + 40)]
    cv2.fillPoly(image, [np.array(back, np.int32)], _solid(worn.coat, 0.75), cv2.LINE_AA)


def _head(image: Image, shoulder: Point, worn: Looks) -> None:
    x, y = shoulder[0] + 5, shoulder[1] - 40
    cv2.line(image, (x - 2, y + 26), (x - 4, shoulder[1] + 4), _solid(worn.skin, 0.8), 22, cv2.LINE_AA)
    cv2.ellipse(image, (x, y), (25, 31), 0, 0, 360, _solid(worn.skin, 1.0), -1, cv2.LINE_AA)
    cv2.circle(image, (x + 25, y + 4), 5, _solid(worn.skin, 0.95), -1, cv2.LINE_AA)
    cv2.ellipse(image, (x - 5, y - 8), (26, 27), 0, 150, 330, _solid(worn.hair, 1.0), -1, cv2.LINE_AA)
    if worn.long_hair:
        cv2.ellipse(image, (x - 16, y + 10), (13, 36), 0, 0, 360, _solid(worn.hair, 0.9), -1, cv2.LINE_AA)
    cv2.circle(image, (x + 13, y - 1), 3, _solid((30, 30, 30), 1.0), -1, cv2.LINE_AA)


def _at(x: float, y: float) -> Point:
    return round(x), round(y)


def _from(point: Point, angle: float, length: float) -> Point:
    return round(point[0] + length * sin(angle)), round(point[1] + length * cos(angle))


def _solid(colour: Colour, light: float) -> tuple[int, int, int, int]:
    blue, green, red = (int(min(255, part * light)) for part in colour)
    return blue, green, red, 255
