"""Drawn scenes: what is in them is what `truth` says, a seed decides the looks and never the times."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import cv2
import numpy as np
import pytest

from bench import footage
from interaction.clock import Clock
from interaction.sources.base import Frame
from interaction.sources.synthetic import GENERATORS, SyntheticSource, cutouts, synthetic
from interaction.sources.synthetic.scene import SIZE, Image, Scene

VTEST = ("vtest.avi", "45cddc9490be69345cbdab64ca583be65987e864ca408038e648db99e10516cf", "Debian's opencv-doc")
SOMEBODY: dict[str, Any] = {"enters": 3, "leaves": 11}


def place(seed: int = 1, **options: Any) -> Scene:
    return GENERATORS["place"](Random(seed), 20.0, **options)


def differs(a: Image, b: Image) -> np.ndarray:
    """Columns in which two pictures differ."""
    return np.nonzero((cv2.absdiff(a, b).max(axis=2) > 12).any(axis=0))[0]


async def drawn(source: SyntheticSource) -> list[Frame]:
    clock = Clock()
    return [frame async for frame in source.frames(clock.now)]


async def test_squares_appear_when_the_truth_says_so() -> None:
    source = synthetic("blobs", seed=7, seconds=20, fps=5)
    seen = [frame.t for frame in await drawn(source) if _red(frame.image) > 5000]
    expected = [t.t for t in source.truth if t.kind == "appears"]
    starts = [t for t in seen if round(t - 0.2, 3) not in {round(s, 3) for s in seen}]
    assert len(expected) >= 2 and starts == pytest.approx(expected, abs=0.2)


def _red(image: np.ndarray) -> int:
    return int(((image[:, :, 2] > 150) & (image[:, :, 1] < 90)).sum())


async def test_a_seed_is_a_promise() -> None:
    first, again, other = [await drawn(synthetic("blobs", seed=s, seconds=7, fps=2)) for s in (1, 1, 2)]
    assert all(np.array_equal(a.image, b.image) for a, b in zip(first, again, strict=True))
    assert not all(np.array_equal(a.image, b.image) for a, b in zip(first, other, strict=True))


async def test_text_changes_in_both_languages() -> None:
    source = synthetic("slides", seconds=4, fps=1, noise=0.0, texts={0: "Step 1", 1: "下一步", 2: "", 3: "Done"})
    inks = [int((frame.image < 120).sum()) for frame in await drawn(source)]
    assert inks[0] > 300 and inks[1] > 300 and inks[2] == 0 and inks[3] > 300
    assert [t.detail for t in source.truth] == ["Step 1", "下一步", "", "Done"]


async def test_the_light_goes_out_and_on() -> None:
    frames = await drawn(synthetic("darkness", seconds=3, fps=1, dark=1, light=2))
    bright = [float(frame.image.mean()) > 100 for frame in frames]
    assert bright == [True, False, True]


async def test_photographs_come_and_go(tmp_path: object) -> None:
    path = f"{tmp_path}/piece.png"
    cv2.imwrite(path, np.full((50, 40, 3), (0, 200, 0), np.uint8))
    piece = {"photo": path, "appears": 1, "disappears": 2, "x": 600, "y": -10, "height": 100, "name": "plant"}
    source = synthetic("collage", seconds=3, fps=1, noise=0.0, pieces=[piece])
    green = [int((frame.image[:, :, 2] == 0).sum()) for frame in await drawn(source)]
    assert green == [0, 40 * 90, 0]
    assert [(t.t, t.kind) for t in source.truth] == [(1.0, "appears"), (2.0, "disappears")]


def test_unknown_generators_and_options_are_named() -> None:
    with pytest.raises(ValueError, match="no synthetic generator 'clouds'"):
        synthetic("clouds", seconds=1)
    with pytest.raises(ValueError, match="colour"):
        synthetic("still", seconds=1, colour="red")
    assert set(GENERATORS) == {"blobs", "slides", "sign", "still", "darkness", "collage", "place", "shapes"}


# ---------------------------------------------------------------- places


@pytest.mark.parametrize("ground", ["plain", "room", "desk", "street", "garden"])
@pytest.mark.parametrize("side", ["left", "right"])
def test_somebody_is_half_in_the_picture_when_they_arrive_and_when_they_leave(ground: str, side: str) -> None:
    empty, scene = (place(ground=ground, people=people) for people in ([], [{**SOMEBODY, "side": side}]))
    assert [(t.t, t.kind) for t in scene.truth] == [(3, "arrives"), (11, "leaves")]
    for t in (0.5, 13.5):
        assert differs(scene.draw(t), empty.draw(t)).size == 0
    for t, edge in ((3, side), (11, "right" if side == "left" else "left")):
        there = differs(scene.draw(t), empty.draw(t))
        half = there.max() - there.min()
        whole = np.ptp(differs(scene.draw(7.0), empty.draw(7.0)))
        assert 0.25 * whole < half < 1.1 * whole  # standing people are narrower than walking ones
        assert there.min() == 0 if edge == "left" else there.max() == SIZE[0] - 1


def test_a_seed_changes_looks_and_never_times() -> None:
    options: dict[str, Any] = {
        "people": [SOMEBODY, {"enters": 5, "side": "right"}],
        "cards": [{"text": "Ready", "shown": 6, "gone": 9}],
        "light": [{"kind": "lamp", "at": 12, "until": 14}],
    }
    one, other, again = (place(seed, **options) for seed in (1, 2, 1))
    assert one.truth == other.truth
    assert not np.array_equal(one.draw(7.0), other.draw(7.0)) and np.array_equal(one.draw(7.0), again.draw(7.0))


def test_a_hand_holds_up_a_card_and_takes_it_away() -> None:
    empty, scene = place(), place(cards=[{"text": "Ready", "shown": 4, "gone": 8}])
    assert [(t.t, t.detail) for t in scene.truth] == [(4, "Ready"), (8, "")]
    raised = [differs(scene.draw(t), empty.draw(t)).size for t in (3.5, 3.8, 4.0, 6.0, 8.2, 8.5)]
    assert raised[0] == raised[-1] == 0 and raised[2] == raised[3] > 50 and 0 < raised[1] <= raised[2]


def test_a_screen_turns_its_pages() -> None:
    scene = place(ground="desk", screen={2: "Build running", 9: "Build failed"})
    assert [(t.t, t.detail) for t in scene.truth] == [(2, "Build running"), (9, "Build failed")]
    pictures = [scene.draw(t) for t in (1, 3, 8, 10)]
    assert np.array_equal(pictures[1], pictures[2])
    assert not np.array_equal(pictures[0], pictures[1]) and not np.array_equal(pictures[2], pictures[3])


def test_light_falls_and_comes_back() -> None:
    scene = place(light=[{"kind": "cloud", "at": 3, "until": 7}, {"kind": "dark", "at": 12, "until": 14}])
    means = {t: float(scene.draw(t).mean()) for t in (2, 4, 6, 10, 13, 15)}
    assert means[2] == means[10] == means[15]
    assert 0.7 * means[2] < means[4] < means[2] and means[6] == pytest.approx(0.7 * means[2], rel=0.03)
    assert means[13] < 0.05 * means[2]
    assert [(t.t, t.kind) for t in scene.truth] == [(3, "dark"), (7, "light"), (12, "dark"), (14, "light")]
    assert float(place(night=True).draw(0).mean()) < 0.3 * means[2]


def test_leaves_move_in_the_wind_and_not_without() -> None:
    calm, windy = place(ground="garden"), place(ground="garden", wind=0.7)
    assert np.array_equal(calm.draw(1.0), calm.draw(2.3))
    assert differs(windy.draw(1.0), windy.draw(2.3)).size > 50


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"ground": "moon"}, "ground: 'moon' is none of plain"),
        ({"people": [{"enters": 1, "side": "up"}]}, "'up'"),
        ({"people": [{"leaves": 1}]}, "enters"),
        ({"people": [{"enters": 1, "hat": "red"}]}, "hat"),
        ({"light": [{"kind": "fire", "at": 1}]}, "light: 'fire' is none of cloud"),
        ({"cards": [{"text": "x"}]}, "shown"),
    ],
)
def test_places_that_cannot_be_are_named(options: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        synthetic("place", seconds=5, **options)


@pytest.mark.footage
def test_people_are_cut_out_of_real_footage() -> None:
    try:
        path = str(footage.find(*VTEST))
    except footage.NoFootage as missing:
        pytest.skip(str(missing))
    for steps in cutouts.people(path):
        for picture in steps.pictures:
            height, width = picture.shape[:2]
            assert 95 < height < 170 and 25 < width < 85, (steps.faces, picture.shape)
            assert 0.3 < float((picture[..., 3] > 128).mean()) < 0.9  # a body, not a box
    scene, empty = place(people=[SOMEBODY], footage=path), place()
    assert differs(scene.draw(7.0), empty.draw(7.0)).size > 30


def test_footage_with_nobody_in_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="too short to cut people out of it"):
        cutouts.people(str(tmp_path / "nothing.avi"))
