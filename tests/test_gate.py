"""The gate: when is a model asked?"""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest

import config
from interaction.gate import Gate
from interaction.sources.base import Frame


def frame(t: float = 0.0, *, block: int = 0, level: int = 100, size: tuple[int, int] = (480, 640)) -> Frame:
    """An even grey picture with, if asked for, a white square of `block` pixels at a place that tiles do not know."""
    image = np.full((*size, 3), level, np.uint8)
    image[201 : 201 + block, 303 : 303 + block] = 255
    return Frame(t, image)


def quiet(gate: Gate, shown: Frame | None, now: float) -> str | None:
    return gate.check(shown, now, asked=False, percepts_changed=False)


def test_the_first_frame_is_sent_and_the_same_picture_is_not_sent_again() -> None:
    gate = Gate()
    assert quiet(gate, frame(), 0.0) == "first"
    assert [quiet(gate, frame(), now) for now in (1.0, 2.0, 19.0)] == [None, None, None]


def test_a_small_change_is_seen_and_then_taken_as_sent() -> None:
    gate = Gate()
    quiet(gate, frame(), 0.0)
    assert quiet(gate, frame(block=40), 1.0) == "changed"
    assert quiet(gate, frame(block=40), 2.0) is None
    assert quiet(gate, frame(), 3.0) == "changed", "the square went away again"


def test_noise_is_no_change() -> None:
    gate = Gate()
    random = np.random.default_rng(1)
    quiet(gate, frame(), 0.0)
    for now in range(1, 10):
        noisy = frame().image.astype(np.float64) + random.normal(0, 8, (480, 640, 3))
        assert quiet(gate, Frame(now, np.clip(noisy, 0, 255).astype(np.uint8)), now) is None


def test_what_creeps_is_compared_with_the_frame_that_was_sent_not_with_the_one_before() -> None:
    gate = Gate()
    quiet(gate, frame(level=100), 0.0)
    reasons = [quiet(gate, frame(level=100 + step), step) for step in range(1, 13)]
    assert reasons == [None] * 11 + ["changed"]


def test_a_busy_scene_is_shown_twice_a_second_and_nothing_that_happened_is_forgotten() -> None:
    gate = Gate()
    times = [n / 5 for n in range(26)]  # a wake-up every 0.2 s
    reasons = [quiet(gate, frame(block=40 * (n % 2)), t) for n, t in enumerate(times)]
    shown = [t for t, reason in zip(times, reasons, strict=True) if reason]
    assert min(b - a for a, b in pairwise(shown)) >= 0.5 and len(shown) >= 8
    gate = Gate()
    quiet(gate, frame(), 0.0)
    assert gate.check(frame(), 0.2, asked=False, percepts_changed=True) is None, "too soon"
    assert quiet(gate, frame(), 0.4) is None
    assert quiet(gate, frame(), 0.6) == "seen", "what the eyes saw is shown late, not lost"
    assert quiet(gate, frame(), 1.2) is None
    assert gate.check(frame(), 1.3, asked=True, percepts_changed=False) == "asked", "a person never waits"


def test_the_person_and_the_eyes_open_the_gate_on_an_unchanged_picture() -> None:
    gate = Gate()
    quiet(gate, frame(), 0.0)
    assert gate.check(frame(), 1.0, asked=True, percepts_changed=False) == "asked"
    assert gate.check(frame(), 2.0, asked=False, percepts_changed=True) == "seen"


def test_the_heartbeat_counts_from_the_last_time_it_was_asked() -> None:
    gate = Gate(config.Gate(heartbeat_s=20))
    quiet(gate, frame(), 0.0)
    gate.check(frame(), 15.0, asked=True, percepts_changed=False)
    assert quiet(gate, frame(), 34.0) is None
    assert quiet(gate, frame(), 35.0) == "heartbeat"


def test_without_a_frame_only_a_question_opens_it() -> None:
    gate = Gate()
    assert quiet(gate, None, 0.0) is None
    assert gate.check(None, 1.0, asked=False, percepts_changed=True) is None
    assert gate.check(None, 2.0, asked=True, percepts_changed=False) == "asked"
    assert quiet(gate, frame(), 3.0) == "first", "nothing was sent yet"


def test_another_size_of_picture_is_compared_all_the_same() -> None:
    gate = Gate()
    quiet(gate, frame(), 0.0)
    assert quiet(gate, frame(size=(1080, 1920)), 1.0) is None
    assert quiet(gate, frame(size=(120, 90), level=200), 2.0) == "changed"


def test_a_gate_that_is_off_and_one_that_forgot_always_ask() -> None:
    off = Gate(config.Gate(enabled=False))
    assert [quiet(off, frame(), now) for now in (0.0, 1.0)] == ["always", "always"]
    gate = Gate()
    quiet(gate, frame(), 0.0)
    gate.forget()
    assert quiet(gate, frame(), 1.0) == "first"


@pytest.mark.parametrize("shape", [(0, 0, 3), (10, 10), (10, 10, 4)])
def test_what_is_no_picture_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="not a BGR picture"):
        quiet(Gate(), Frame(0.0, np.zeros(shape, np.uint8)), 0.0)


def test_what_differs_in_colour_alone_is_a_change() -> None:
    """A yellow patch as bright as the grey wall behind it."""
    gate = Gate()
    wall = frame(level=200)
    patch = wall.image.copy()
    patch[201:241, 303:343] = (60, 225, 208)
    assert abs(int(cv2.cvtColor(patch, cv2.COLOR_BGR2GRAY)[220, 320]) - 200) <= 2
    quiet(gate, wall, 0.0)
    assert quiet(gate, Frame(1.0, patch), 1.0) == "changed"
