"""What the embedded eyes cost and how well they see: `python -m bench.seeing`.

Footage with times noted by eye (Debian's opencv-doc), played at the pace that the seer wants, reading included; and
a 640×480 stream at a fixed 2 looks a second. CPU seconds of the whole process per second of stream; decoding included.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import cv2
import numpy as np

import assets
from interaction.clock import run_virtual, stopwatch
from interaction.seeing.embedded import EmbeddedSeer
from interaction.seeing.models import Models
from interaction.sources.base import Frame
from tests import footage

CLIPS = ("strip", "grass", "path", "path-later", "tree", "cup", "box")


async def clips(models: Models) -> None:
    print(f"{'clip':12}{'recall':>8}{'precision':>11}{'delay s':>9}{'looks/s':>9}{'CPU/s':>8}   missed, false")
    total = footage.Score()
    for name in CLIPS:
        clip, seer = footage.clip(name), EmbeddedSeer(models)
        begin = time.process_time()
        said = await footage.play(clip, seer)
        cpu, seconds = time.process_time() - begin, said[-1].t - said[0].t
        scored = footage.score(clip, said)
        total += scored
        rates = f"{len(said) / seconds:9.1f}{cpu / seconds:8.1%}"
        print(f"{name:12}{marks(scored)}{rates}   {scored.missed or ''} {scored.false or ''}")
    print(f"{'all':12}{marks(total)}")


def marks(scored: footage.Score) -> str:
    if not sum(scored.noted.values()):
        return f"{'–':>8}{'–' if not scored.false else 'false!':>11}{'–':>9}"
    return f"{scored.recall:8.2f}{scored.precision:11.2f}{np.median(scored.delays):9.2f}"


async def steady(models: Models) -> list[tuple[str, float, float]]:
    """640×480, two looks a second, whatever moves: (name, CPU seconds a second, median seconds of a look)."""
    rows = []
    for name, frames in (("street (vtest)", street()), ("page that changes", page()), ("empty room", room())):
        seer, walls = EmbeddedSeer(models), []
        begin = time.process_time()
        for frame in frames:
            passed = stopwatch()
            await seer.look(frame)
            walls.append(passed())
        rows.append((name, (time.process_time() - begin) / (len(walls) / 2), float(np.median(walls))))
    return rows


async def loaded_and_steady() -> list[tuple[str, float, float]]:
    """`steady` with models of its own."""
    models = Models(assets.find)
    models.load()
    try:
        return await steady(models)
    finally:
        models.close()


def street() -> Iterator[Frame]:
    video = cv2.VideoCapture(str(footage.clip("strip").path))
    for index in range(300):
        image = video.read()[1]
        if index % 5 == 0:
            yield Frame(index / 10, np.asarray(cv2.resize(image, (640, 480)), np.uint8))


def page() -> Iterator[Frame]:
    for index in range(60):
        image = np.full((480, 640, 3), 235, np.uint8)
        cv2.putText(image, f"Step {index // 10} of 6", (60, 200), cv2.FONT_HERSHEY_SIMPLEX, 2, (30, 20, 20), 3)
        yield Frame(index / 2, image)


def room() -> Iterator[Frame]:
    noise = np.random.default_rng(0)
    coarse = noise.integers(60, 200, (6, 8, 3), np.uint8)
    picture = np.kron(coarse, np.ones((80, 80, 1), np.uint8)).astype(np.float32)
    for index in range(60):
        yield Frame(index / 2, np.clip(picture + noise.normal(0, 4, picture.shape), 0, 255).astype(np.uint8))


async def main() -> None:
    models = Models(assets.find)
    models.load()
    await clips(models)
    print(f"\n{'640×480, 2 looks/s':24}{'CPU/s':>8}{'median look':>13}")
    for name, share, wall in await steady(models):
        print(f"{name:24}{share:8.1%}{wall * 1e3:10.0f} ms")
    models.close()


if __name__ == "__main__":
    try:
        run_virtual(main())
    except footage.NoFootage as missing:
        raise SystemExit(str(missing)) from missing
