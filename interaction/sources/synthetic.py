"""Drawn streams for scenarios: seeded, exact, with the times of everything that happens in them.

The same name, seed and options give the same pictures. `truth` is what a perfect observer would notice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from interaction.sources.scripted import ScriptedSource

Image = NDArray[np.uint8]
Draw = Callable[[float], Image]

SIZE = (640, 480)
_GROUND = (206, 210, 212)  # a light wall, BGR
_INK = (40, 36, 32)
_RED = (40, 40, 205)
_NOISE = 6.0  # grey levels; a webcam in ordinary light
_PATTERNS = 8  # of noise that take turns: noise that is drawn anew for every frame costs more than the scene


@dataclass(frozen=True, slots=True)
class Truth:
    """Something that happens at second `t`: "appears", "disappears", "text", "dark", "light"; `detail`: what."""

    t: float
    kind: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """`draw(t)`: uint8 [480, 640, 3] BGR at second `t`, before noise; `truth`: in order of time."""

    draw: Draw
    truth: tuple[Truth, ...]


class SyntheticSource(ScriptedSource):
    """A drawn scene as a source. `truth`: what happens in it, seconds from its start."""

    def __init__(self, scene: Scene, *, seed: int, seconds: float, fps: float, lane: str, noise: float) -> None:
        super().__init__(self.pictures, fps=fps, seconds=seconds, lane=lane)
        self.truth = scene.truth
        self._drawing = (scene, seed, fps, noise)

    def pictures(self) -> Iterator[Image]:
        """The pictures one after the other, for ever."""
        return _pictures(*self._drawing)


def synthetic(
    generator: str,
    *,
    seed: int = 0,
    seconds: float,
    fps: float = 10.0,
    lane: str = "camera",
    noise: float = _NOISE,
    **options: Any,
) -> SyntheticSource:
    """The stream that `generator` draws. Raises `ValueError` for an unknown one or unknown options."""
    if generator not in GENERATORS:
        raise ValueError(f"no synthetic generator {generator!r}; there are {', '.join(sorted(GENERATORS))}")
    try:
        scene = GENERATORS[generator](Random(seed), seconds, **options)
    except TypeError as error:
        raise ValueError(f"synthetic {generator}: {error}") from None
    return SyntheticSource(scene, seed=seed, seconds=seconds, fps=fps, lane=lane, noise=noise)


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
        image = _ground()
        for at, (x, y) in zip(times, places, strict=True):
            if at <= t < at + stay:
                cv2.rectangle(image, (x, y), (x + 110, y + 110), _RED, -1)
        return image

    happenings = [Truth(t, "appears", "square") for t in times] + [
        Truth(t + stay, "disappears", "square") for t in times
    ]
    return Scene(draw, _ordered(happenings))


def slides(random: Random, seconds: float, texts: Mapping[float, str | Sequence[str]], height: int = 44) -> Scene:
    """A screen that shows other text from each given second on; "" is an empty screen. English and Chinese."""
    pages = sorted((float(t), [text] if isinstance(text, str) else list(text)) for t, text in texts.items())
    screens = [(t, _page(lines, height)) for t, lines in pages]

    def draw(t: float) -> Image:
        shown = [image for at, image in screens if at <= t + 1e-6]
        return shown[-1] if shown else _page([], height)

    return Scene(draw, tuple(Truth(t, "text", "\n".join(lines)) for t, lines in pages))


def sign(
    random: Random, seconds: float, text: str, appears: float = 0.0, disappears: float | None = None, height: int = 52
) -> Scene:
    """A board on a wall that carries `text`, from `appears` to `disappears` (None: to the end)."""
    until = seconds if disappears is None else disappears
    board = np.full((170, 460, 3), 250, np.uint8)
    cv2.rectangle(board, (3, 3), (456, 166), _INK, 3)
    _write(board, text, (24, 104), height)

    def draw(t: float) -> Image:
        image = _ground()
        if appears <= t < until:
            image[150:320, 90:550] = board
        return image

    happenings = [Truth(appears, "text", text)] + ([Truth(until, "text", "")] if until < seconds else [])
    return Scene(draw, tuple(happenings))


def still(random: Random, seconds: float, photo: str | None = None) -> Scene:
    """Nothing happens: a wall, or a photograph (`photo`: a path); only the noise of the camera."""
    image = _fitted(photo) if photo else _ground()
    return Scene(lambda t: image, ())


def darkness(
    random: Random, seconds: float, dark: float, light: float | None = None, photo: str | None = None
) -> Scene:
    """The light goes out at second `dark` and on again at `light` (None: never)."""
    bright = _fitted(photo) if photo else _ground()
    dim = (bright * 0.02).astype(np.uint8)
    until = seconds if light is None else light
    happenings = [Truth(dark, "dark")] + ([Truth(until, "light")] if light is not None else [])
    return Scene(lambda t: dim if dark <= t < until else bright, tuple(happenings))


def collage(
    random: Random, seconds: float, pieces: Sequence[Mapping[str, Any]], background: str | None = None
) -> Scene:
    """Real photographs on a background: each piece has `photo` (a path), `appears`, `disappears`, `x`, `y`, `height`,
    and may have `crop` (x, y, width, height in the photograph) and `name`."""
    ground = _fitted(background) if background else _ground()
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
                _paste(image, picture, int(piece.get("x", 0)), int(piece.get("y", 0)))
        return image

    return Scene(draw, _ordered(happenings))


GENERATORS: dict[str, Callable[..., Scene]] = {
    "blobs": blobs,
    "slides": slides,
    "sign": sign,
    "still": still,
    "darkness": darkness,
    "collage": collage,
}


def _pictures(scene: Scene, seed: int, fps: float, noise: float) -> Iterator[Image]:
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


def _ground() -> Image:
    return np.full((SIZE[1], SIZE[0], 3), _GROUND, np.uint8)


def _page(lines: Sequence[str], height: int) -> Image:
    image = np.full((SIZE[1], SIZE[0], 3), 248, np.uint8)
    for i, line in enumerate(lines):
        _write(image, line, (40, 90 + int(i * height * 1.7)), height)
    return image


def _write(image: Image, text: str, at: tuple[int, int], height: int) -> None:
    """OpenCV's own Unicode font: it has Latin and Chinese letters, and no font has to be installed."""
    cv2.putText(image, text, at, _INK, cv2.FontFace("uni"), height)


def _fitted(path: str) -> Image:
    return _scaled(_photo(path), *SIZE)


def _piece(piece: Mapping[str, Any]) -> Image:
    photo = _photo(str(piece["photo"]))
    if "crop" in piece:
        x, y, width, height = map(int, piece["crop"])
        photo = photo[y : y + height, x : x + width]
    tall = int(piece.get("height", photo.shape[0]))
    return _scaled(photo, max(1, round(photo.shape[1] * tall / photo.shape[0])), tall)


def _photo(path: str) -> Image:
    image = cv2.imread(path, cv2.IMREAD_COLOR)
    if image is None:
        raise ValueError(f"no picture can be read from {path}")
    photo: Image = np.asarray(image, np.uint8)
    return photo


def _scaled(image: Image, width: int, height: int) -> Image:
    scaled: Image = np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    return scaled


def _paste(image: Image, picture: Image, x: int, y: int) -> None:
    """What lies outside is cut off."""
    x0, y0 = max(0, x), max(0, y)
    x1, y1 = min(SIZE[0], x + picture.shape[1]), min(SIZE[1], y + picture.shape[0])
    if x1 > x0 and y1 > y0:
        image[y0:y1, x0:x1] = picture[y0 - y : y1 - y, x0 - x : x1 - x]


def _ordered(happenings: Sequence[Truth]) -> tuple[Truth, ...]:
    return tuple(sorted(happenings, key=lambda truth: truth.t))
