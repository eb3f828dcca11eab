"""Geometry of what is drawn on a picture: what an area holds, what a mask leaves, what is no area at all."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import config
from interaction.seeing.base import Box
from interaction.zones import GREY, GRID, Area, LaneAreas, holds, named, normalised, painted, read, share, stands_in

BOUNDS = config.Areas()
TRIANGLE = [[0.1, 0.1], [0.9, 0.2], [0.4, 0.8]]
CELL = 2 / GRID  # what a measure may be off by at an edge

parts = st.floats(0, 1)
points = st.tuples(parts, parts)


@st.composite
def boxes(draw: st.DrawFn, least: float = 0.05) -> Box:
    x, y = draw(st.floats(0, 1 - least)), draw(st.floats(0, 1 - least))
    return Box(x, y, draw(st.floats(x + least, 1)), draw(st.floats(y + least, 1)))


def rectangle(box: Box) -> Area:
    return Area(((box.x0, box.y0), (box.x1, box.y0), (box.x1, box.y1), (box.x0, box.y1)))


def star() -> Area:
    """A pentagram: its line crosses itself, and goes round its middle twice."""
    turns = [i * 4 * math.pi / 5 for i in range(5)]
    return Area(tuple((0.5 + 0.4 * math.sin(turn), 0.5 - 0.4 * math.cos(turn)) for turn in turns))


@given(box=boxes(), area=boxes())
def test_the_share_of_a_box_in_a_rectangle_is_what_arithmetic_says(box: Box, area: Box) -> None:
    wide = max(0.0, min(box.x1, area.x1) - max(box.x0, area.x0))
    high = max(0.0, min(box.y1, area.y1) - max(box.y0, area.y0))
    exact = wide * high / ((box.x1 - box.x0) * (box.y1 - box.y0))
    slack = CELL / (box.x1 - box.x0) + CELL / (box.y1 - box.y0)
    assert abs(share(box, rectangle(area)) - exact) <= slack


@given(box=boxes(), corners=st.lists(points, min_size=3, max_size=12))
def test_a_share_is_a_share_and_grows_with_the_area(box: Box, corners: list[tuple[float, float]]) -> None:
    area, whole = Area(tuple(corners)), rectangle(Box(0.0, 0.0, 1.0, 1.0))
    assert 0.0 <= share(box, area) <= share(box, whole) == 1.0


@given(corners=st.lists(points, min_size=3, max_size=12), size=st.sampled_from([(64, 48), (33, 70), (3, 3), (1, 1)]))
def test_every_corner_and_line_of_a_mask_is_painted(corners: list[tuple[float, float]], size: tuple[int, int]) -> None:
    image = np.full((size[1], size[0], 3), 200, np.uint8)
    masked = painted(image, [Area(tuple(corners))])
    for (x, y), (x1, y1) in zip(corners, [*corners[1:], corners[0]], strict=True):
        for part in (0.0, 0.3, 0.7):
            column, row = (x + (x1 - x) * part) * (size[0] - 1), (y + (y1 - y) * part) * (size[1] - 1)
            assert tuple(masked[round(row), round(column)]) == GREY
    assert (image == 200).all()


@settings(max_examples=60)
@given(corners=st.lists(points, min_size=3, max_size=8), point=points)
def test_what_an_area_holds_is_what_its_mask_hides(corners: list[tuple[float, float]], point: Any) -> None:
    """Whatever lies in an area by any measure here is grey under a mask of it, at any size of the picture."""
    area = Area(tuple(corners))
    masked = painted(np.zeros((480, 640, 3), np.uint8), [area])
    if holds(point, area):
        x, y = point
        around = masked[
            max(0, round(y * 479) - 2) : round(y * 479) + 3, max(0, round(x * 639) - 3) : round(x * 639) + 4
        ]
        assert (around == GREY[0]).any()


def test_a_line_that_crosses_itself_leaves_no_hole() -> None:
    masked = painted(np.zeros((300, 400, 3), np.uint8), [star()])
    assert tuple(masked[150, 200]) == GREY and tuple(masked[5, 5]) == (0, 0, 0)
    assert holds((0.5, 0.5), star()) and not holds((0.02, 0.02), star())


def test_masks_that_overlap_leave_no_hole_and_masks_around_a_place_leave_it() -> None:
    overlapping = [rectangle(Box(0.1, 0.1, 0.6, 0.6)), rectangle(Box(0.3, 0.3, 0.8, 0.8))]
    masked = painted(np.zeros((100, 100, 3), np.uint8), overlapping)
    assert tuple(masked[45, 45]) == GREY
    sides = [(0.1, 0.1, 0.9, 0.2), (0.1, 0.8, 0.9, 0.9), (0.1, 0.1, 0.2, 0.9), (0.8, 0.1, 0.9, 0.9)]
    masked = painted(np.zeros((100, 100, 3), np.uint8), [rectangle(Box(*side)) for side in sides])
    assert tuple(masked[50, 50]) == (0, 0, 0)


def test_a_mask_reaches_over_its_line_by_the_margin_of_a_codec() -> None:
    masked = painted(np.zeros((720, 1280, 3), np.uint8), [rectangle(Box(0.25, 0.25, 0.5, 0.5))])
    columns = np.flatnonzero(masked[300, :, 0])
    assert 320 - 8 <= columns[0] <= 320 - 5 and 640 + 5 <= columns[-1] <= 640 + 8


def test_without_a_mask_the_picture_is_not_copied() -> None:
    image = np.zeros((4, 4, 3), np.uint8)
    assert painted(image, []) is image


def test_who_stands_in_an_area_is_told_by_the_foot_or_by_half_of_the_box() -> None:
    mat = rectangle(Box(0.4, 0.85, 0.6, 0.95))  # of the ground: smaller than who stands on it
    door = rectangle(Box(0.3, 0.1, 0.6, 0.7))  # of the wall: the feet are below it
    assert stands_in(Box(0.45, 0.2, 0.58, 0.9), mat) and share(Box(0.45, 0.2, 0.58, 0.9), mat) < 0.3
    assert stands_in(Box(0.35, 0.2, 0.55, 0.9), door) and not stands_in(Box(0.55, 0.2, 0.95, 0.9), door)
    assert not stands_in(Box(0.1, 0.2, 0.25, 0.9), mat)
    assert stands_in(Box(0.35, 0.5, 0.55, 1.4), rectangle(Box(0.3, 0.9, 0.6, 1.0)))  # beyond the picture's edge


def test_areas_are_read_back_as_they_were_written() -> None:
    areas = read([{"name": " front  door ", "points": TRIANGLE}], [TRIANGLE, star().to_json()], BOUNDS)
    assert areas.zones[0].name == "front door"
    again = areas.to_json()
    assert read(again["zones"], again["masks"], BOUNDS) == areas
    assert areas.hides_more_than(LaneAreas()) and not LaneAreas().hides_more_than(areas)


BAD = [
    ([], "masks"), ({}, []), ([], [[[0, 0], [1, 1]]]), ([], [[[0, 0], [1, 1], [0.5, 0.5]]]),
    ([], [[[0, 0], [0, 1], [1.01, 1]]]), ([], [[[0, 0], [0, 1], [math.nan, 1]]]),
    ([], [[[0, 0], [0, 1], [math.inf, 1]]]),
    ([], [[[0, 0], [0, 1], [True, 1]]]), ([], [[[0, 0], [0, 1], ["1", 1]]]), ([], [[[0, 0], [0, 1], [1]]]),
    ([], [[[0, 0], [0, 1], [1, 1, 1]]]), ([], [[[0.5, 0.5]] * 4]), ([], [[[0, 0.5], [1, 0.5], [1, 0.502]]]),
    ([], [TRIANGLE * 11]), ([], [TRIANGLE] * 17), ([], [None]), (["door"], []), ([{"name": "door"}], []),
    ([{"name": "", "points": TRIANGLE}], []), ([{"name": "--", "points": TRIANGLE}], []),
    ([{"name": "d" * 41, "points": TRIANGLE}], []), ([{"name": 3, "points": TRIANGLE}], []),
    ([{"name": "a\u202eb", "points": TRIANGLE}], []),
    ([{"name": "Door", "points": TRIANGLE}, {"name": "the door", "points": TRIANGLE}], []),
]  # fmt: skip


@pytest.mark.parametrize(("zones", "masks"), BAD)
def test_what_is_no_area_is_refused_in_words(zones: Any, masks: Any) -> None:
    with pytest.raises(ValueError, match=r"^[A-Z1][^{}\[\]]{5,}\.$"):
        read(zones, masks, BOUNDS)


@settings(max_examples=40)
@given(zones=st.recursive(st.none() | st.floats() | st.text(), st.lists), masks=st.recursive(st.floats(), st.lists))
def test_anything_else_is_refused_and_breaks_nothing(zones: Any, masks: Any) -> None:
    try:
        areas = read(zones, masks, BOUNDS)
    except ValueError:
        return
    assert areas.zones == ()


def test_names_are_compared_without_case_signs_and_article() -> None:
    areas = read([{"name": "Front-Door", "points": TRIANGLE}, {"name": "门口", "points": TRIANGLE}], [], BOUNDS)
    assert named("the front door", areas.zones) is areas.zones[0] and named("门口", areas.zones) is areas.zones[1]
    assert named("door", areas.zones) is None and normalised("ＤＯＯＲ ") == "door" and normalised("the") == "the"
