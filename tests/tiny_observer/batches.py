"""Batches of conversations and of single pictures, drawn from seeds, as tensors."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

import cv2
import numpy as np

from interaction.observers.dialects import DIALECTS, Dialect, Name
from interaction.sources.synthetic.scene import Image
from interaction.sources.synthetic.shapes import COLOURS, KINDS, Shape, drawn_ground
from tests.tiny_observer.conversation import conversation
from tests.tiny_observer.make import SIDES
from tests.tiny_observer.packing import Encode, Packed, pack
from tests.tiny_observer.streams import WATCHES, Act, Stream, Tick, come, stream

if TYPE_CHECKING:
    from torch import Tensor

_DRAWN = (2 * SIDES[0], 2 * SIDES[1])  # as large as it takes to be as smooth as a camera's picture made small
_NOISE = 2.0  # grey levels that are left of a camera's noise in a picture made small
# What the eyes are asked in their first lessons: how many answers each question has.
LESSONS = (len(KINDS) + 2, len(COLOURS), 10, 5)
MOMENTS = (3, 2, 2)  # and a whole second: nothing, came or went; is coming watched for; is going


@dataclass(frozen=True)
class Batch:
    """`streams` conversations, padded. `pictures`: uint8 [n, 96, 128, 3] RGB in the order of their tokens; `facts`:
    [n, 4] of what each shows (-1: does not apply); `causal`: `may` is no more than who comes first; `acts`, `moments`
    [n, 3]: of each decision, in the order of `first`."""

    ids: Tensor
    positions: Tensor
    may: Tensor
    weights: Tensor
    first: Tensor
    pictures: Tensor
    facts: Tensor
    causal: bool
    acts: tuple[Act, ...]
    moments: Tensor


def seen(stream: Stream, index: int) -> Image:
    """A tick's picture as the model's processor would hand it on, RGB."""
    small = cv2.resize(stream.picture(index, _DRAWN, noise=0.0), SIDES, interpolation=cv2.INTER_AREA)
    grain = np.random.default_rng([stream.seed, index]).normal(0, _NOISE, small.shape)
    return np.ascontiguousarray(np.clip(small + grain, 0, 255).astype(np.uint8)[..., ::-1])


def facts(shapes: Sequence[Shape]) -> tuple[int, int, int, int]:
    """Kind, colour, digit and number of what is in view; -1 where there is none."""
    if not shapes:
        return 0, -1, -1, 0
    (shape,) = shapes
    if shape.kind.isdigit():
        return len(KINDS) + 1, -1, int(shape.kind), 1
    return KINDS.index(shape.kind) + 1, list(COLOURS).index(shape.colour), -1, shape.count


def moment(stream: Stream, index: int) -> tuple[int, ...]:
    """Whether something came or went in a second, and what is watched for."""
    before, now = (bool(stream.ticks[at].shapes) for at in (max(0, index - 1), index))
    watches = stream.ticks[index].watches
    return int(now > before) + 2 * int(now < before), *(
        int(any(wording in WATCHES[event] for wording in watches)) for event in ("appears", "disappears")
    )


def rules(dialect: Dialect, random: Random) -> str:
    """The system text; often only some of its sentences, so that nothing depends on its wording."""
    whole = dialect.system("en")
    if random.random() < 0.15:
        return whole
    sentences = re.split(r"(?<=[.:]) |\n", whole)
    return " ".join(random.sample(sentences, random.randrange(1, 4)))


def batch(seeds: Sequence[int], name: Name, length: int, encode: Encode, plain: bool = False) -> Batch:
    """`length`: ticks of each; `plain`: whole conversations under the system text itself, for the examination."""
    rows: list[Packed] = []
    streams: list[Stream] = []
    dialect = DIALECTS[name]()
    for seed in seeds:
        random = Random(f"batch {seed}")
        again = not plain and random.random() < 0.3  # the chunk is not the first one
        made = stream(seed, length + 4 if again else length)
        system = dialect.system("en") if plain else rules(dialect, random)
        talk = conversation(made, dialect, system, length // 2 + 3 if again else 1000)
        rows.append(pack(talk, encode, random, 1000 if plain else 5 + length // 3))
        streams.append(made)
    return _stacked(rows, streams)


def _stacked(rows: Sequence[Packed], streams: Sequence[Stream]) -> Batch:
    import torch

    n = max(len(row.ids) for row in rows)
    ids, positions = np.zeros((len(rows), n), np.int64), np.zeros((3, len(rows), n), np.int64)
    may, weights = np.zeros((len(rows), n, n), bool), np.zeros((len(rows), n), np.float32)
    first = np.zeros((len(rows), n), bool)
    may[:, np.arange(n), np.arange(n)] = True  # padding looks at itself: a row without anything is not a number
    for i, row in enumerate(rows):
        k = len(row.ids)
        ids[i, :k], positions[:, i, :k], may[i, :k, :k] = row.ids, row.positions, row.may
        weights[i, :k], first[i, :k] = row.weights, row.first
    shown = [(of, index) for of, row in zip(streams, rows, strict=True) for index in row.pictures]
    pictures = np.stack([seen(of, index) for of, index in shown])
    known = np.array([facts(of.ticks[index].shapes) for of, index in shown])
    decided = [(of, index) for of, row in zip(streams, rows, strict=True) for index in row.learned]
    moments = np.array([moment(of, index) for of, index in decided])
    arrays = (ids, positions, may, weights, first, pictures, known, moments)
    a, b, c, d, e, f, g, h = (torch.from_numpy(array) for array in arrays)
    causal = not any(row.branched for row in rows)
    return Batch(a, b, c, d, e, f, g, causal, tuple(of.ticks[index].act for of, index in decided), h)


def lesson(seed: int, count: int) -> tuple[Tensor, Tensor]:
    """Single pictures with what they show, for the eyes alone; digits are the hardest and come most often."""
    import torch

    random = Random(f"lesson {seed}")
    pictures, shown = [], []
    for number in range(count):
        kind = random.choice(("shape", "shape", "triangle", "digit", "digit", "group"))
        shapes = (come(random, [kind]),) if random.random() < 0.9 else ()
        still = Stream((Tick(0.0, shapes, (), "nothing"),), drawn_ground(random), seed * count + number)
        pictures.append(seen(still, 0))
        shown.append(facts(shapes))
    return torch.from_numpy(np.stack(pictures)), torch.from_numpy(np.array(shown))
