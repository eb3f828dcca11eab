"""What the cameras of the benchmark show: six places at rest, and the same places when somebody comes in."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from random import Random

from bench.cameras.pictures import Image, encode
from bench.cameras.rtsp import Camera
from interaction.sources.synthetic.place import place
from interaction.sources.synthetic.scene import pictures

FPS = 15.0  # what surveillance cameras send by default
NOISE = 3.0  # grey levels, of a camera by day
ENTERS_S, LEAVES_S, VISIT_S = (
    2.0,
    9.0,
    11.0,
)  # of a visit: half of the body is in, or out; its end
STILL_S = 6.0  # it goes round
PLACES = {"door": "street", "kitchen": "room", "garden": "garden", "office": "desk", "hall": "room", "garage": "plain"}


def cameras(folder: Path) -> dict[str, Camera]:
    """Six cameras of 640×480 H.264 with the clips "still" and "visit", whose files are put into `folder`."""
    return {name: Camera(_clips(folder, name, seed), fps=FPS) for seed, name in enumerate(PLACES)}


def _clips(folder: Path, name: str, seed: int) -> dict[str, Path]:
    lengths = {"still": STILL_S, "visit": VISIT_S}
    return {
        clip: encode(_scene(name, seed, clip, seconds), folder / f"{name}-{clip}.au", fps=FPS)
        for clip, seconds in lengths.items()
    }


def _scene(name: str, seed: int, clip: str, seconds: float) -> Iterator[Image]:
    people = [{"enters": ENTERS_S, "leaves": LEAVES_S, "tall": 220}] if clip == "visit" else []
    scene = place(Random(seed), seconds, ground=PLACES[name], people=people)
    return islice(pictures(scene, seed, FPS, NOISE), round(seconds * FPS))
