"""What of a live stream is decoded, and what becomes of its clock."""

from __future__ import annotations

from itertools import pairwise

import pytest

from interaction.sources.thrift import Thrift
from interaction.sources.timeline import Timeline


def run(
    *, fps: float | None, gop: float, rate: int = 30, seconds: int = 20, waited: bool = True
) -> tuple[list[float], float]:
    """The times of the pictures handed on, and the share of the packets decoded, of a steady camera."""
    thrift = Thrift()
    given, decoded = [], 0
    for i in range(seconds * rate):
        at, key = i / rate, i % round(gop * rate) == 0
        if thrift.decodes(at, key=key, fps=fps, waited=waited):
            decoded += 1
            if thrift.gives(at, key=key, fps=fps):
                given.append(at)
    return given, decoded / (seconds * rate)


@pytest.mark.parametrize(
    ("fps", "gop", "share"),
    [(2, 1 / 30, 0.07), (2, 0.5, 0.1), (2, 1, 0.56), (2, 2, 0.8), (1, 1, 0.1), (0.5, 1, 0.1), (5, 4, 0.97)],
)
def test_no_more_is_decoded_than_the_wanted_pictures_need(fps: float, gop: float, share: float) -> None:
    given, decoded = run(fps=fps, gop=gop)
    assert decoded <= share
    assert len(given) == pytest.approx(20 * fps, abs=2)
    assert max(b - a for a, b in pairwise(given)) <= 1.3 / fps


def test_who_wants_everything_gets_everything() -> None:
    given, decoded = run(fps=None, gop=1)
    assert decoded == 1 and len(given) == 600


def test_a_decoder_that_is_behind_goes_by_key_frames() -> None:
    given, decoded = run(fps=5, gop=1, waited=False)
    assert decoded < 0.15 and len(given) >= 18  # a second was decoded before it was noticed
    assert max(b - a for a, b in pairwise(given[5:])) == pytest.approx(1, abs=0.05)


def test_a_key_frame_that_does_not_come_is_not_waited_for() -> None:
    thrift = Thrift()
    decoded = []
    for i in range(600):
        at = i / 30
        if thrift.decodes(at, key=at < 4 and i % 30 == 0, fps=1):
            decoded.append(at)
            thrift.gives(at, fps=1)
    assert 4 < next(at for at in decoded if at > 3.5) <= 5.2 and decoded[-1] > 19.9


def test_times_rise_through_every_jump_of_a_camera_clock() -> None:
    line = Timeline(0.04, live=True)
    stamps = [None, 100.0, 100.04, 100.03, 100.2, 7.0, 7.04, 5000.0, 5000.04, None]
    times = [line.at(stamp) for stamp in stamps]
    assert times == pytest.approx([0, 0.04, 0.08, 0.12, 0.24, 0.28, 0.32, 0.36, 0.4, 0.44])


def test_a_file_may_rest() -> None:
    line = Timeline(0.04, live=False)
    assert [line.at(stamp) for stamp in (3.0, 63.0, 2.0)] == pytest.approx([0, 60, 60.04])
