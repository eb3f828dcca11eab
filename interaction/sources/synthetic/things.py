"""Plain scenes: squares on a wall, nothing at all, the light going out, photographs pasted on a ground."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import cv2
import numpy as np

from interaction.sources.synthetic.boards import board
from interaction.sources.synthetic.scene import SIZE, Image, Scene, Truth, ordered, paste, scaled

_GROUND = (206, 210, 212)  # a light wall, BGR
_RED = (40, 40, 205)


def blobs(
    random: Random,
    seconds: float,
    times: Sequence[float] | None = None,
    stay: float = 2.0,
    first: float = 6.0,
    gap: tuple[float, float] = (5.0, 9.0),
) -> Scene:
    """Red squares appear one after the other at `times` (default: seeded gaps), each for `stay` seconds."""
    if times is None:
        drawn = [first]
        while (t := drawn[-1] + random.uniform(*gap)) + stay < seconds:
            drawn.append(t)
        times = [round(t, 1) for t in drawn]
    places = [(random.randrange(60, 480), random.randrange(60, 320)) for _ in times]

    def draw(t: float) -> Image:
        image = wall()
        for at, (x, y) in zip(times, places, strict=True):
            if at <= t < at + stay:
                cv2.rectangle(image, (x, y), (x + 110, y + 110), _RED, -1)
        return image

    happenings = [Truth(t, "appears", "square") for t in times] + [
        Truth(t + stay, "disappears", "square") for t in times
    ]
    return Scene(draw, ordered(happenings))


def sign(
    random: Random, seconds: float, text: str, appears: float = 0.0, disappears: float | None = None, height: int = 52
) -> Scene:
    """A board on a wall that carries `text`, from `appears` to `disappears` (None: to the end)."""
    until = seconds if disappears is None else disappears
    hung = board(text, (460, 170), height)

    def draw(t: float) -> Image:
        image = wall()
        if appears <= t < until:
            paste(image, hung, 90, 150)
        return image

    happenings = [Truth(appears, "text", text)] + ([Truth(until, "text", "")] if until < seconds else [])
    return Scene(draw, tuple(happenings))


def still(random: Random, seconds: float, photo: str | None = None) -> Scene:
    """Nothing happens: a wall, or a photograph (`photo`: a path); only the noise of the camera."""
    image = _fitted(photo) if photo else wall()
    return Scene(lambda t: image, ())


def darkness(
    random: Random, seconds: float, dark: float, light: float | None = None, photo: str | None = None
) -> Scene:
    """The light goes out at second `dark` and on again at `light` (None: never)."""
    bright = _fitted(photo) if photo else wall()
    dim = (bright * 0.02).astype(np.uint8)
    until = seconds if light is None else light
    happenings = [Truth(dark, "dark")] + ([Truth(until, "light")] if light is not None else [])
    return Scene(lambda t: dim if dark <= t < until else bright, tuple(happenings))


def collage(
    random: Random, seconds: float, pieces: Sequence[Mapping[str, Any]], background: str | None = None
) -> Scene:
    """Real photographs on a background: each piece has `photo` (a path), `appears`, `disappears`, `x`, `y`, `height`,
    and may have `crop` (x, y, width, height in the photograph) and `name`."""
    ground = _fitted(background) if background else wall()
    cut = [(piece, _piece(piece)) for piece in pieces]
    happenings = []
    for piece in pieces:
        name = str(piece.get("name", Path(piece["photo"]).stem))
        happenings.append(Truth(float(piece.get("appears", 0.0)), "appears", name))
        if "disappears" in piece:
            happenings.append(Truth(float(piece["disappears"]), "disappears", name))

    def draw(t: float) -> Image:
        image = ground.copy()
        for piece, picture in cut:
            if float(piece.get("appears", 0.0)) <= t < float(piece.get("disappears", seconds)):
                paste(image, picture, int(piece.get("x", 0)), int(piece.get("y", 0)))
        return image

    return Scene(draw, ordered(happenings))


def wall() -> Image:
    """A light wall: BGR [480, 640, 3]."""
    return np.full((SIZE[1], SIZE[0], 3), _GROUND, np.uint8)


def _fitted(path: str) -> Image:
    return scaled(_photo(path), *SIZE)


def _piece(piece: Mapping[str, Any]) -> Image:
    photo = _photo(str(piece["photo"]))
    if "crop" in piece:
        x, y, width, height = map(int, piece["crop"])
        photo = photo[y : y + height, x : x + width]
    tall = int(piece.get("height", photo.shape[0]))
    return scaled(photo, max(1, round(photo.shape[1] * tall / photo.shape[0])), tall)


def _photo(path: str) -> Image:
    image = cv2.imread(path, cv2.IMREAD_COLOR)
    if image is None:
        raise ValueError(f"no picture can be read from {path}")
    return np.asarray(image, np.uint8)
