"""Coloured shapes, digits and groups of shapes that come and go: scenes that a very small model understands whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import cv2
import numpy as np

from interaction.sources.synthetic.scene import SIZE, Image, Scene, Truth, ordered

Colour = tuple[int, int, int]  # BGR
COLOURS: Mapping[str, Colour] = {
    "red": (40, 40, 215), "green": (60, 185, 40), "blue": (220, 80, 40), "yellow": (40, 215, 240),
}  # fmt: skip
KINDS = ("circle", "square", "triangle")


@dataclass(frozen=True, slots=True)
class Shape:
    """`kind`: of `KINDS`, or a digit, which is black or white; `colour`: of `COLOURS`, "" for a digit; `count`: so many
    of it side by side; `x`, `y`: the centre, and `size`: half the height, in parts of the picture."""

    kind: str
    colour: str
    x: float
    y: float
    size: float
    count: int = 1

    @property
    def name(self) -> str:
        one = f"{self.colour} {self.kind}".strip()
        return one if self.count == 1 else f"{self.count} {one}s"


def drawn_shape(random: Random, kind: str, colour: str = "", count: int = 1) -> Shape:
    """Near one of three places, in about one size; digits and groups are in the middle."""
    single = count == 1 and not kind.isdigit()
    x, size = random.choice((0.25, 0.5, 0.75)) if single else 0.5, 0.2 if single else 0.12 if count > 1 else 0.27
    x, y = x + random.uniform(-0.02, 0.02), 0.5 + random.uniform(-0.02, 0.02)
    return Shape(kind, colour, x, y, size * random.uniform(0.95, 1.05), count)


def drawn_ground(random: Random) -> Colour:
    """A light wall or a dark one."""
    level = random.randrange(190, 226) if random.random() < 0.5 else random.randrange(25, 60)
    blue, green, red = (level + random.randrange(-8, 9) for _ in range(3))
    return blue, green, red


def picture(shapes: Sequence[Shape], ground: Colour, size: tuple[int, int] = SIZE) -> Image:
    """BGR [height, width, 3]; `size`: width and height."""
    image = np.full((size[1], size[0], 3), ground, np.uint8)
    for shape in shapes:
        for i in range(shape.count):
            _put(image, shape, shape.x + (i - (shape.count - 1) / 2) * 0.21, ground)
    return image


def _put(image: Image, shape: Shape, middle: float, ground: Colour) -> None:
    height, width = image.shape[:2]
    x, y, r = round(middle * width), round(shape.y * height), round(shape.size * height)
    if shape.kind.isdigit():
        ink = (20, 20, 20) if sum(ground) > 380 else (240, 240, 240)
        scale, thick = 2 * r / 22, max(1, round(r / 3.5))
        (wide, _), _ = cv2.getTextSize(shape.kind, cv2.FONT_HERSHEY_SIMPLEX, scale, thick)
        cv2.putText(image, shape.kind, (x - wide // 2, y + r), cv2.FONT_HERSHEY_SIMPLEX, scale, ink, thick, cv2.LINE_AA)
        return
    colour = COLOURS[shape.colour]
    if shape.kind == "circle":
        cv2.circle(image, (x, y), r, colour, -1, cv2.LINE_AA)
    elif shape.kind == "square":
        cv2.rectangle(
            image, (x - round(0.9 * r), y - round(0.9 * r)), (x + round(0.9 * r), y + round(0.9 * r)), colour, -1
        )
    else:
        corners = np.array([(x, y - r), (x - r, y + round(0.85 * r)), (x + r, y + round(0.85 * r))], np.int32)
        cv2.fillPoly(image, [corners], colour, cv2.LINE_AA)


def shapes(random: Random, seconds: float, shown: Sequence[Mapping[str, Any]]) -> Scene:
    """Each of `shown` has `kind`, and may have `colour`, `count`, `appears` and `disappears` (seconds)."""
    ground = drawn_ground(random)
    timed, happenings = [], []
    for entry in shown:
        kind, colour = str(entry["kind"]), str(entry.get("colour", ""))
        if not (kind in KINDS and colour in COLOURS) and not (kind.isdigit() and len(kind) == 1):
            raise ValueError(f"there is no shape {colour} {kind}; kinds are {', '.join(KINDS)} and digits")
        shape = drawn_shape(random, kind, colour, int(entry.get("count", 1)))
        since, until = float(entry.get("appears", 0.0)), float(entry.get("disappears", seconds))
        timed.append((since, until, shape))
        happenings += [Truth(since, "appears", shape.name)] if since > 0 else []
        happenings += [Truth(until, "disappears", shape.name)] if until < seconds else []

    def draw(t: float) -> Image:
        return picture([shape for since, until, shape in timed if since <= t + 1e-6 < until], ground)

    return Scene(draw, ordered(happenings))
