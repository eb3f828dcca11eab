"""Places to be in: a room, an office, a garden in the wind, a street. Their looks come from a seed."""

from __future__ import annotations

from collections.abc import Callable
from math import sin
from random import Random

import cv2
import numpy as np

from interaction.sources.synthetic.scene import SIZE, Draw, Image
from interaction.sources.synthetic.things import wall

WIDTH, HEIGHT = SIZE
Colour = tuple[int, int, int]


def room(random: Random, wind: float = 0.0) -> Draw:
    """A wall with a window and a door, a floor, a cupboard. Indoors there is no wind."""
    image = _shaded(_tint(random, (205, 210, 214), 18), 0.9)
    image[330:] = _tint(random, (110, 140, 170), 25)
    cv2.rectangle(image, (0, 324), (WIDTH, 332), _tint(random, (230, 232, 235), 5), -1)
    window, door = random.choice(((60, 440), (400, 90)))
    cv2.rectangle(image, (window, 50), (window + 150, 190), _tint(random, (235, 215, 190), 12), -1)
    for x0, x1 in ((window, window + 75), (window + 75, window + 150)):
        cv2.rectangle(image, (x0, 50), (x1, 190), (245, 245, 245), 5)
    cv2.rectangle(image, (door, 60), (door + 120, 326), _tint(random, (120, 150, 180), 25), -1)
    cv2.rectangle(image, (door, 60), (door + 120, 326), (90, 110, 130), 4)
    cv2.circle(image, (door + 106, 200), 5, (60, 160, 190), -1, cv2.LINE_AA)
    left = random.randrange(240, 300)
    cv2.rectangle(image, (left, 250), (left + 130, 345), _tint(random, (80, 105, 140), 30), -1)
    cv2.line(image, (left + 65, 255), (left + 65, 340), (50, 70, 95), 2)
    return lambda t: image.copy()


def desk(random: Random, wind: float = 0.0) -> Draw:
    """A desk before a wall, with a lamp and a mug, and room for a screen."""
    image = _shaded(_tint(random, (196, 204, 208), 18), 0.9)
    image[345:] = _tint(random, (90, 130, 170), 25)
    x = random.choice((60, 570))
    cv2.line(image, (x, 345), (x, 170), (60, 60, 65), 7, cv2.LINE_AA)
    shade = np.array([(x - 38, 190), (x + 38, 190), (x + 20, 140), (x - 20, 140)], np.int32)
    cv2.fillPoly(image, [shade], _tint(random, (120, 190, 215), 25), cv2.LINE_AA)
    cv2.rectangle(image, (290, 290), (350, 348), (40, 40, 42), -1)
    cv2.rectangle(image, (250, 345), (390, 356), (45, 45, 48), -1)
    return lambda t: image.copy()


def street(random: Random, wind: float = 0.0) -> Draw:
    """Houses, a pavement, a road."""
    image = np.full((HEIGHT, WIDTH, 3), _tint(random, (225, 205, 180), 12), np.uint8)
    x = 0
    while x < WIDTH:
        width = random.randrange(120, 220)
        front = _tint(random, (110, 125, 165), 40)
        cv2.rectangle(image, (x, random.randrange(20, 70)), (x + width, 270), front, -1)
        for floor in (90, 170):
            for pane in range(x + 22, x + width - 40, 56):
                cv2.rectangle(image, (pane, floor), (pane + 28, floor + 42), (90, 80, 70), -1)
        x += width
    image[270:390] = _tint(random, (165, 168, 170), 10)
    image[390:] = _tint(random, (90, 92, 95), 8)
    cv2.line(image, (0, 390), (WIDTH, 390), (190, 192, 195), 4)
    return lambda t: image.copy()


def garden(random: Random, wind: float = 0.0) -> Draw:
    """A lawn with trees. `wind`, 0…1: how far their leaves swing."""
    image = np.full((HEIGHT, WIDTH, 3), _tint(random, (230, 205, 170), 12), np.uint8)
    image[230:] = _speckled(random, _tint(random, (60, 120, 80), 15), HEIGHT - 230)
    trees = [(x + random.randrange(-30, 30), random.randrange(90, 130)) for x in (110, 330, 550)]
    for x, y in trees:
        cv2.line(image, (x, y + 30), (x, 265), _tint(random, (45, 70, 95), 12), 18, cv2.LINE_AA)
    leaves = [
        (x + random.gauss(0, 34), y + random.gauss(0, 26), random.uniform(0, 6.3), _tint(random, (45, 110, 60), 35))
        for x, y in trees
        for _ in range(70)
    ]
    if not wind:
        _leaves(image, leaves, 0.0, 0.0)
        return lambda t: image.copy()

    def draw(t: float) -> Image:
        blown = image.copy()
        _leaves(blown, leaves, t, wind)
        return blown

    return draw


def plain(random: Random, wind: float = 0.0) -> Draw:
    """A light wall."""
    return lambda t: wall()


GROUNDS: dict[str, Callable[[Random, float], Draw]] = {
    "plain": plain,
    "room": room,
    "desk": desk,
    "street": street,
    "garden": garden,
}


def _leaves(image: Image, leaves: list[tuple[float, float, float, Colour]], t: float, wind: float) -> None:
    gust = wind * (0.6 + 0.4 * sin(0.7 * t))
    for x, y, phase, colour in leaves:
        dx, dy = 14 * gust * sin(2.3 * t + phase), 6 * gust * sin(3.1 * t + 2 * phase)
        cv2.ellipse(image, (round(x + dx), round(y + dy)), (13, 8), 57 * phase, 0, 360, colour, -1)


def _tint(random: Random, colour: Colour, spread: int) -> Colour:
    blue, green, red = (max(0, min(255, part + random.randint(-spread, spread))) for part in colour)
    return blue, green, red


def _shaded(colour: Colour, edge: float) -> Image:
    """A wall on which the light falls off to the sides."""
    fall = 1 - (1 - edge) * np.abs(np.linspace(-1, 1, WIDTH)) ** 2
    row = np.asarray(colour)[None, :] * fall[:, None]
    return np.repeat(row[None].astype(np.uint8), HEIGHT, 0)


def _speckled(random: Random, colour: Colour, rows: int) -> Image:
    grain = np.random.default_rng(random.randrange(1 << 30)).normal(0, 9, (rows, WIDTH, 1))
    return np.asarray(np.clip(np.asarray(colour) + grain, 0, 255), np.uint8)
