"""Writing in the picture: slides, signs, a screen on a desk, a card in a hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

import cv2
import numpy as np

from interaction.sources.synthetic.scene import SIZE, Image, Scene, Truth

INK = (40, 36, 32)
Texts = Mapping[float, str | Sequence[str]]


def write(image: Image, text: str, at: tuple[int, int], height: int, colour: tuple[int, int, int] = INK) -> None:
    """OpenCV's own Unicode font: it has Latin and Chinese letters, and no font has to be installed."""
    cv2.putText(image, text, at, colour, cv2.FontFace("uni"), height)


def page(lines: Sequence[str], height: int, size: tuple[int, int] = SIZE, paper: int = 248) -> Image:
    """A page with lines of text, letters `height` pixels high."""
    image = np.full((size[1], size[0], 3), paper, np.uint8)
    for i, line in enumerate(lines):
        write(image, line, (round(size[0] / 16), 2 * height + int(i * height * 1.7)), height)
    return image


def pages(texts: Texts) -> list[tuple[float, list[str]]]:
    """From which second on which lines are to be read."""
    return sorted((float(t), [text] if isinstance(text, str) else list(text)) for t, text in texts.items())


def slides(random: Random, seconds: float, texts: Texts, height: int = 44) -> Scene:
    """A screen that shows other text from each given second on; "" is an empty screen. English and Chinese."""
    turned = pages(texts)
    screens = [(t, page(lines, height)) for t, lines in turned]

    def draw(t: float) -> Image:
        shown = [image for at, image in screens if at <= t + 1e-6]
        return shown[-1] if shown else page([], height)

    return Scene(draw, tuple(Truth(t, "text", "\n".join(lines)) for t, lines in turned))


def board(text: str, size: tuple[int, int], height: int) -> Image:
    """A board with a frame: BGR [height, width, 3]."""
    width, tall = size
    image = np.full((tall, width, 3), 250, np.uint8)
    cv2.rectangle(image, (3, 3), (width - 4, tall - 4), INK, 3)
    write(image, text, (24, tall // 2 + round(0.36 * height)), height)
    return image


class Screen:
    """A monitor whose pages turn. Stands with its upper left corner at `at`."""

    def __init__(self, texts: Texts, at: tuple[int, int] = (150, 60), size: tuple[int, int] = (340, 210)) -> None:
        self._pages = [(t, self._framed(page(lines, 30, size, 235))) for t, lines in pages(texts)]
        self._blank = self._framed(np.full((size[1], size[0], 3), 30, np.uint8))
        self.at = at
        self.truth = [Truth(t, "text", "\n".join(lines)) for t, lines in pages(texts)]

    def at_time(self, t: float) -> Image:
        shown = [image for since, image in self._pages if since <= t + 1e-6]
        return shown[-1] if shown else self._blank

    @staticmethod
    def _framed(content: Image) -> Image:
        bezel = cv2.copyMakeBorder(content, 12, 18, 12, 12, cv2.BORDER_CONSTANT, value=(28, 28, 30))
        return np.asarray(bezel, np.uint8)


class Card:
    """A hand holds a card with `text` into the picture from second `shown` to `gone`; raising it takes a moment."""

    RAISE_S = 0.4

    def __init__(self, random: Random, text: str, shown: float, gone: float, height: int = 40) -> None:
        skin = np.array((125, 160, 205)) * random.uniform(0.6, 1.1)
        tone = tuple(int(min(255, c)) for c in skin)
        self._x = random.randrange(120, 240)
        self._shown, self._gone = shown, gone
        width = 60 + int(len(text) * height * (0.62 if text.isascii() else 1.0))
        card = page([text], height, (width, int(2.6 * height)), 252)
        self._picture = np.zeros((360, width, 4), np.uint8)
        middle = width // 2
        cv2.rectangle(self._picture, (middle - 26, card.shape[0]), (middle + 26, 360), (*tone, 255), -1)
        self._picture[: card.shape[0], :, :3] = card
        self._picture[: card.shape[0], :, 3] = 255
        for finger in (-30, -10, 10, 30):
            root = (middle + finger, card.shape[0] + 6)
            cv2.ellipse(self._picture, root, (9, 24), 0, 0, 360, (*tone, 255), -1, cv2.LINE_AA)
        self.truth = [Truth(shown, "text", text), Truth(gone, "text", "")]

    def at_time(self, t: float) -> tuple[Image, int, int] | None:
        """The picture with opacity and where it is; None while it is not there."""
        if not self._shown - self.RAISE_S < t < self._gone + self.RAISE_S:
            return None
        up = min(1.0, 1 - (self._shown - t) / self.RAISE_S, 1 - (t - self._gone) / self.RAISE_S)
        return self._picture, self._x, round(SIZE[1] - 340 * up)
