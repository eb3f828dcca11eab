"""A place with people who come and go, cards, a screen, a sign, wind, and light that changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import cv2
import numpy as np

from interaction.sources.synthetic import cutouts
from interaction.sources.synthetic.boards import Card, Screen, Texts, board
from interaction.sources.synthetic.figures import figure, looks
from interaction.sources.synthetic.grounds import GROUNDS
from interaction.sources.synthetic.scene import SIZE, Image, Scene, Truth, ordered, paste, scaled

WIDTH, HEIGHT = SIZE
SIDES = ("left", "right")
NIGHT = 0.22  # part of the daylight that is left
LIGHTS: dict[str, tuple[float, float]] = {
    # (light that is left, seconds of the change)
    "cloud": (0.7, 2.0),
    "lamp": (0.55, 0.0),
    "dark": (0.02, 0.0),
}


def place(
    random: Random,
    seconds: float,
    ground: str = "room",
    people: Sequence[Mapping[str, Any]] = (),
    cards: Sequence[Mapping[str, Any]] = (),
    screen: Texts | None = None,
    sign: str = "",
    light: Sequence[Mapping[str, Any]] = (),
    night: bool = False,
    wind: float = 0.0,
    footage: str = "",
) -> Scene:
    """`ground`: plain, room, desk, street, garden. `people`: each `enters` and `leaves` (seconds), `side` they come
    from (left, right), `to` the side they leave by, `tall` in pixels, `stands` (where they stop, in pixels); cut out of
    `footage` if it is given, else drawn. `cards`: each `text`, `shown`, `gone`, held up by a hand. `screen`: pages of a
    monitor by second. `light`: each `kind` (cloud, lamp, dark), `at`, `until`. `wind`: 0…1. The seed decides looks and
    places, never times.
    """
    if ground not in GROUNDS:
        raise ValueError(f"ground: {ground!r} is none of {', '.join(GROUNDS)}")
    here = GROUNDS[ground](random, wind)
    somebody = cutouts.people(footage) if footage else ()
    walkers = [_Walker(random, somebody, seconds, **person) for person in people]
    hands = [Card(random, **card) for card in cards]
    monitor = Screen(screen) if screen else None
    hung = board(sign, (60 + 24 * len(sign), 80), 40) if sign else None
    at = (random.randrange(60, 160), random.randrange(40, 70))
    lights = [_Light(**change) for change in light]

    def draw(t: float) -> Image:
        image = here(t)
        if monitor:
            paste(image, monitor.at_time(t), *monitor.at)
        if hung is not None:
            paste(image, hung, *at)
        for walker in walkers:
            walker.paint(image, t)
        for hand in hands:
            if held := hand.at_time(t):
                paste(image, *held)
        return _lit(image, NIGHT if night else 1.0, [change.left(t) for change in lights])

    parts: list[_Walker | Card | _Light | Screen] = [*walkers, *hands, *lights, *([monitor] if monitor else [])]
    return Scene(draw, ordered([fact for part in parts for fact in part.truth]))


class _Walker:
    """Somebody who walks in, stops if there is time, and walks out: half of the body is in at `enters`, out at
    `leaves`."""

    def __init__(
        self,
        random: Random,
        somebody: Sequence[cutouts.Steps],
        seconds: float,
        enters: float,
        leaves: float | None = None,
        side: str = "left",
        to: str = "",
        tall: int = 0,
        stands: float | None = None,
    ) -> None:
        self._enters, self._leaves = float(enters), float("inf") if leaves is None else float(leaves)
        if side not in SIDES or to not in ("", *SIDES):
            raise ValueError(f"people: side, to: {side!r}, {to!r} are none of {', '.join(SIDES)}")
        self._edges = (0.0 if side == "left" else WIDTH, WIDTH if (to or _other(side)) == "right" else 0.0)
        self._tall = tall or random.randrange(170, 231)
        self._speed = self._tall * random.uniform(0.75, 0.9)  # pixels a second: people walk nearly a height a second
        self._feet = HEIGHT - random.randrange(20, 50)
        self._stands = float(stands) if stands is not None else random.uniform(0.35, 0.65) * WIDTH
        self._steps = random.choice(somebody) if somebody else None
        self._looks = looks(random)
        self._hue = random.randrange(180)
        if leaves is not None and self._leaves - self._enters < self._way(1.0) / self._speed - 1e-6:
            self._speed = self._way(1.0) / (self._leaves - self._enters)  # in a hurry
        self.truth = [Truth(self._enters, "arrives", "person")]
        if self._leaves < seconds:
            self.truth.append(Truth(self._leaves, "leaves", "person"))

    def _way(self, part: float) -> float:
        """Pixels from edge to the resting place and on to the edge."""
        return abs(self._stands - self._edges[0]) + part * abs(self._edges[1] - self._stands)

    def _where(self, t: float) -> tuple[float, int, bool]:
        """The middle of the body, the way it faces, whether it walks."""
        start, end = self._edges
        inward = 1 if self._stands > start else -1
        outward = 1 if end > self._stands else -1
        came = abs(self._stands - start) / self._speed + self._enters
        goes = self._leaves - abs(end - self._stands) / self._speed
        if t < came:
            return start + inward * self._speed * (t - self._enters), inward, True
        if t < goes:
            return self._stands, inward, False
        return end + outward * self._speed * (t - self._leaves), outward, True

    def paint(self, image: Image, t: float) -> None:
        if not self._enters - 2.0 < t < self._leaves + 2.0:
            return
        x, facing, walks = self._where(t)
        picture = self._picture(t, walks, facing)
        paste(image, picture, round(x - picture.shape[1] / 2), self._feet - picture.shape[0])

    def _picture(self, t: float, walks: bool, facing: int) -> Image:
        if self._steps is None:
            drawn = figure(self._looks, t, self._tall, walks)
            return drawn if facing > 0 else np.ascontiguousarray(drawn[:, ::-1])
        pictures = self._steps.pictures
        step = pictures[int(t * 10) % len(pictures) if walks else 0]
        scale = self._tall / pictures[0].shape[0]
        step = scaled(step, max(1, round(step.shape[1] * scale)), max(1, round(step.shape[0] * scale)))
        return step if facing == self._steps.faces else np.ascontiguousarray(step[:, ::-1])


class _Light:
    """The light falls at `at` and comes back at `until` (None: never)."""

    def __init__(self, kind: str, at: float, until: float | None = None) -> None:
        if kind not in LIGHTS:
            raise ValueError(f"light: {kind!r} is none of {', '.join(LIGHTS)}")
        self._left, self._takes = LIGHTS[kind]
        self._at, self._until = float(at), float("inf") if until is None else float(until)
        self.truth = [Truth(self._at, "dark", kind)] + ([Truth(self._until, "light", kind)] if until else [])

    def left(self, t: float) -> float:
        """The part of the light that is left, 0…1."""
        if not self._takes:
            return self._left if self._at <= t < self._until else 1.0
        fallen = min((t - self._at) / self._takes, (self._until + self._takes - t) / self._takes, 1.0)
        return 1.0 - (1.0 - self._left) * max(0.0, fallen)


def _lit(image: Image, day: float, lefts: list[float]) -> Image:
    light = day * float(np.prod(lefts)) if lefts else day
    return image if light == 1.0 else np.asarray(cv2.convertScaleAbs(image, alpha=light), np.uint8)


def _other(side: str) -> str:
    return "left" if side == "right" else "right"
