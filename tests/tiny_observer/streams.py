"""Streams for the tiny observer: what is to be seen once a second, what is asked, and what is right to say.

The rule that it learns: something that appears or disappears is told exactly if a standing watch covers it; a triangle
is always handed over, to have its corners counted; who asks is answered; everything else is silence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Literal

import numpy as np

from interaction.observers.dialects import Name
from interaction.sources.synthetic.scene import SIZE, Image
from interaction.sources.synthetic.shapes import COLOURS, Colour, Shape, drawn_ground, drawn_shape, picture

Act = Literal["appear", "disappear", "nothing", "delegate", "digit", "count", "asked", "told", "unwatched"]
CORE: tuple[Act, ...] = ("appear", "disappear", "nothing", "delegate")  # of which 95 % must be right

# Wordings as the house makes them of "tell me when …", by what they cover.
WATCHES: Mapping[str, tuple[str, ...]] = {
    "appears": ("Something appears", "A shape appears", "Something new appears", "A new thing shows up"),
    "disappears": ("Something disappears", "A shape disappears", "Something is gone", "Something goes away"),
    "other": ("The kettle boils", "Someone comes in", "The light goes out", "The door opens", "A dog barks"),
}
SCENE = ("What do you see", "What is in the picture", "What is there", "Describe what you see", "What is in view now")
COUNT = ("How many shapes are there", "How many shapes do you see", "Count the shapes")
READ = ("What does it say", "Read it", "What number is shown", "Read the number")
FOUND = ("A triangle has {} corners.", "{}", "It found {}.", "The answer is {}.", "I counted {} corners in it.")
LOST = ("It could not be done.", "Nothing was found.", "I cannot count that.", "There is no picture.")


@dataclass(frozen=True, slots=True)
class Tick:
    """One second: what is in view, what is said to the model, and what is right. `delegated`: the question."""

    t: float
    shapes: tuple[Shape, ...]
    watches: tuple[str, ...]
    act: Act
    text: str = ""
    delegated: str = ""
    watch: int | None = None  # the place of the watch that it serves, from 1
    question: str | None = None
    result: str | None = None

    def reply(self, dialect: Name) -> str:
        """What the model has to answer, to the letter."""
        if dialect == "joyai":
            spoken = f"</response> {self.text}" if self.text else "</silence>"
            return f"{spoken} </delegation> {self.delegated}" if self.delegated else spoken
        if self.delegated:
            return f"delegate: {self.text} | {self.delegated}"
        number = f" [{self.watch}]" if self.watch else ""
        return f"speak{number}: {self.text}" if self.text else "silence"


@dataclass(frozen=True)
class Stream:
    ticks: tuple[Tick, ...]
    ground: Colour
    seed: int

    def picture(self, index: int, size: tuple[int, int] = SIZE, noise: float = 6.0) -> Image:
        """What the camera sees at a tick, with grey levels of noise; the same every time."""
        image = picture(self.ticks[index].shapes, self.ground, size)
        grain = np.random.default_rng([self.seed, index]).normal(0, noise, image.shape) if noise else 0.0
        return np.asarray(np.clip(image + grain, 0, 255), np.uint8)


def stream(seed: int, length: int, kinds: Sequence[Literal["shape", "triangle", "digit", "group"]] = ()) -> Stream:
    """A stream of so many ticks; `kinds`: what comes into view, more of each that is named twice."""
    random = Random(f"tiny {seed}")
    kinds = kinds or ("shape", "shape", "shape", "triangle", "triangle", "digit", "group")
    return Stream(tuple(_ticks(random, length, kinds)), drawn_ground(random), seed)


def _ticks(random: Random, length: int, kinds: Sequence[str]) -> Iterator[Tick]:
    t = round(random.choice((0.0, random.uniform(0, 30), random.uniform(0, 4000))), 1)
    watches, shown = _watches(random), come(random, kinds) if random.random() < 0.4 else None
    for i in range(length):
        before = shown
        if i and random.random() < 0.5:
            shown = None if shown else come(random, kinds)
        elif shown and random.random() < 0.5:
            shown = replace(shown, x=shown.x + random.uniform(-0.01, 0.01), y=shown.y + random.uniform(-0.01, 0.01))
        if random.random() < 0.12:  # often enough that it is learned that the last statement counts
            watches = _watches(random)
        yield _judged(random, t, watches, before if i else shown, shown)
        t = round(t + (1.0 if random.random() < 0.7 else random.choice((0.2, 0.7, 1.3, 2.0, 20.0))), 1)


def come(random: Random, kinds: Sequence[str]) -> Shape:
    """Something of one of these kinds."""
    kind, colour = random.choice(kinds), random.choice(list(COLOURS))
    if kind == "digit":
        return drawn_shape(random, str(random.randrange(10)))
    if kind == "group":
        return drawn_shape(random, random.choice(("circle", "square")), colour, random.randrange(2, 5))
    return drawn_shape(random, "triangle" if kind == "triangle" else random.choice(("circle", "square")), colour)


def _watches(random: Random) -> tuple[str, ...]:
    """Both kinds of events, in any order, or one, or none, now and then beside something else. Only where one is
    watched for without the other is there anything to learn of what a watch covers."""
    both, either = (("appears", "disappears"),), (("appears",), ("disappears",))
    covered = random.choice((*both * 2, *either * 2, ()))
    names = [*covered, *(["other"] if random.random() < 0.25 else [])]
    random.shuffle(names)
    return tuple(random.choice(WATCHES[name]) for name in names)


def _judged(random: Random, t: float, watches: tuple[str, ...], before: Shape | None, now: Shape | None) -> Tick:
    """What is right to say of this second."""
    tick = Tick(t, (now,) if now else (), watches, "nothing")
    chance = random.random()
    if chance < 0.12:
        question, text = _asked(random, now)
        return replace(tick, act="asked", question=question + random.choice(("", "?")), text=text)
    if chance < 0.16:
        number = random.randrange(10)
        found = random.random() < 0.7
        result = random.choice(FOUND).format(number) if found else random.choice(LOST)
        return replace(
            tick, act="told", result=result, text=f"The agent says {number}." if found else "The agent is done."
        )
    if bool(before) == bool(now):
        return tick
    shape = now or before
    assert shape is not None
    act: Act = "digit" if shape.kind.isdigit() else "count" if shape.count > 1 else "appear" if now else "disappear"
    if now and shape.kind == "triangle":
        return replace(tick, act="delegate", text=appeared(shape), delegated=f"Count the corners of the {shape.name}.")
    event = "appears" if now else "disappears"
    place = next((n for n, wording in enumerate(watches, 1) if wording in WATCHES[event]), None)
    if place is None:
        return replace(tick, act="unwatched")
    return replace(tick, act=act, text=appeared(shape) if now else gone(shape), watch=place)


def appeared(shape: Shape) -> str:
    if shape.kind.isdigit():
        return f"It says {shape.kind}."
    return f"A {shape.name} appeared." if shape.count == 1 else f"{shape.count} shapes appeared."


def gone(shape: Shape) -> str:
    return f"The {shape.name} is gone." if shape.count == 1 else f"The {shape.count} shapes are gone."


def _asked(random: Random, shown: Shape | None) -> tuple[str, str]:
    """A question and its answer."""
    digit = bool(shown and shown.kind.isdigit())
    asked = random.choice((SCENE, SCENE, READ if digit or random.random() < 0.3 else COUNT))
    if asked is READ:
        return random.choice(READ), f"It says {shown.kind}." if shown and digit else "It says nothing."
    if asked is COUNT:
        count = shown.count if shown else 0
        return random.choice(COUNT), "There is 1 shape." if count == 1 else f"There are {count or 'no'} shapes."
    what = "nothing" if not shown else f"the number {shown.kind}" if digit else f"a {shown.name}"
    return random.choice(SCENE), f"I see {f'{shown.count} shapes' if shown and shown.count > 1 else what}."
