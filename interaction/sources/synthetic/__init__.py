"""Drawn streams for scenarios: seeded, exact, with the times of everything that happens in them.

The same name, seed and options give the same pictures; another seed gives other looks. `truth` is what a perfect
observer would notice.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from interaction.sources.scripted import ScriptedSource
from interaction.sources.synthetic.boards import slides
from interaction.sources.synthetic.place import place
from interaction.sources.synthetic.scene import NOISE, Scene, pictures
from interaction.sources.synthetic.shapes import shapes
from interaction.sources.synthetic.things import blobs, collage, darkness, sign, still

GENERATORS: dict[str, Callable[..., Scene]] = {
    "blobs": blobs,
    "slides": slides,
    "sign": sign,
    "still": still,
    "darkness": darkness,
    "collage": collage,
    "place": place,
    "shapes": shapes,
}


class SyntheticSource(ScriptedSource):
    """A drawn scene as a source. `truth`: what happens in it, seconds from its start."""

    def __init__(self, scene: Scene, *, seed: int, seconds: float, fps: float, lane: str, noise: float) -> None:
        super().__init__(lambda: pictures(scene, seed, fps, noise), fps=fps, seconds=seconds, lane=lane)
        self.truth = scene.truth


def synthetic(
    generator: str,
    *,
    seed: int = 0,
    seconds: float,
    fps: float = 10.0,
    lane: str = "camera",
    noise: float = NOISE,
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
