"""What the eyes believe, how they debounce, and when they read: pure rules on made-up detections and pictures."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from interaction.seeing.base import Box, Detection, Line
from interaction.seeing.belief import weigh
from interaction.seeing.boxes import TILE, best_of_each, join_tiles, tiles
from interaction.seeing.motion import Lasting, Motion
from interaction.seeing.pictures import brightened, changed_share, checked, grey_of, is_cut, is_dark, same_in, shrunk
from interaction.seeing.presence import Presences
from interaction.seeing.text import Reading, normalised


def seen(label: str, score: float, *corners: float) -> Detection:
    return Detection(label, score, Box(*corners))


# Tiles


@pytest.mark.parametrize(("width", "height"), [(640, 480), (120, 376), (1, 1), (1920, 1080)])
def test_two_tiles_cover_the_picture_and_overlap(width: int, height: int) -> None:
    first, second = tiles(width, height)
    assert first[:2] == (0, 0)
    assert second[2:] == (width, height)
    assert first[2] > second[0] and first[3] > second[1]


def test_a_cat_that_both_tiles_cut_is_one_cat() -> None:
    left, right = seen("cat", 0.8, 0.1, 0.2, TILE, 0.9), seen("cat", 0.9, 1 - TILE, 0.25, 0.9, 0.95)
    assert join_tiles([left], [right], upright=False) == [seen("cat", 0.9, 0.1, 0.2, 0.9, 0.95)]


def test_the_half_of_a_person_that_the_other_tile_saw_whole_is_dropped() -> None:
    whole, piece = seen("person", 0.5, 0.5, 0.2, 0.7, 0.9), seen("person", 0.6, 0.5, 0.2, TILE, 0.9)
    assert join_tiles([piece], [whole], upright=False) == [whole]


def test_two_people_beside_each_other_stay_two() -> None:
    people = [seen("person", 0.6, 0.1, 0.2, 0.2, 0.9)], [seen("person", 0.6, 0.7, 0.2, 0.8, 0.9)]
    assert len(join_tiles(*people, upright=False)) == 2


def test_the_best_of_overlapping_boxes_is_kept_for_each_label() -> None:
    boxes = [seen("cat", 0.5, 0, 0, 0.5, 0.5), seen("cat", 0.7, 0, 0, 0.5, 0.55), seen("dog", 0.4, 0, 0, 0.5, 0.5)]
    assert [(d.label, d.score) for d in best_of_each(boxes, 0.4)] == [("cat", 0.7), ("dog", 0.4)]


# Belief


def test_an_arm_that_reaches_in_is_nobody_and_a_body_with_a_face_is_somebody() -> None:
    arm = seen("person", 0.64, 0.52, 0.16, 1.0, 0.88)
    assert [c.sure for c in weigh([arm], 4 / 3).people] == [False]
    face = seen("face", 0.9, 0.7, 0.2, 0.8, 0.35)
    assert [c.sure for c in weigh([arm, face], 4 / 3).people] == [True]


def test_a_face_implies_a_person_but_an_apple_does_not() -> None:
    assert [c.sure for c in weigh([seen("face", 0.9, 0.4, 0.2, 0.5, 0.4)], 1.0).people] == [True]
    assert weigh([seen("face", 0.6, 0.2, 0.3, 0.9, 0.9)], 1.0).people == ()


def test_the_face_of_a_cat_is_not_a_face() -> None:
    sight = weigh([seen("cat", 0.8, 0.1, 0.1, 0.9, 0.9), seen("face", 0.9, 0.3, 0.2, 0.5, 0.4)], 1.0)
    assert (sight.faces, sight.people) == ((), ())


def test_a_distant_upright_figure_is_a_person_and_a_faint_one_only_goes_on_being_one() -> None:
    figures = [seen("person", score, 0.5, 0.2, 0.55, 0.45) for score in (0.55, 0.4, 0.3)]
    assert [c.sure for f in figures for c in weigh([f], 4 / 3).people] == [True, False]


def test_classes_known_by_name_only_must_be_surer() -> None:
    box = (0.1, 0.1, 0.3, 0.3)
    assert [d.label for d in weigh([seen("cat", 0.55, *box), seen("book", 0.55, *box)], 1.0).things] == ["cat"]


# Presence


def always(_box: Box, _then: Any, _now: Any) -> bool:
    return True


def never(_box: Box, _then: Any, _now: Any) -> bool:
    return False


CAR = seen("car", 0.7, 0.4, 0.4, 0.6, 0.6)
CAR_2 = seen("car", 0.7, 0.1, 0.4, 0.3, 0.6)


def numbers(presences: Presences, passes: list[list[Detection]], step: float = 0.5) -> list[int]:
    """The number of cars after each pass."""
    out = []
    for i, now in enumerate(passes):
        presences.update(i * step, now, None)
        out.append(presences.counts.get("car", 0))
    return out


def test_a_thing_appears_with_the_second_of_three_passes() -> None:
    assert numbers(Presences(never), [[], [CAR], [], [CAR], [CAR]]) == [0, 0, 0, 1, 1]


def test_one_false_pass_is_nothing() -> None:
    assert numbers(Presences(never), [[], [CAR], [], [], []]) == [0] * 5


def test_a_flickering_car_stays_and_one_that_drove_off_is_gone_after_three_seconds() -> None:
    passes = [[CAR], [CAR], [], [], [], [CAR], [], [], [], [], [], [], []]
    assert numbers(Presences(never), passes) == [0, *[1] * 10, 0, 0]


def test_a_thing_is_kept_while_the_picture_has_not_changed_where_it_was() -> None:
    parked = [[CAR], [CAR], *[[]] * 20]
    assert numbers(Presences(always), parked)[-1] == 1
    assert numbers(Presences(always), [[CAR], [CAR], *[[]] * 130])[-1] == 0, "but not for ever"


def test_one_of_two_leaves() -> None:
    both, one = [CAR, CAR_2], [CAR_2]
    presences = Presences(never)
    assert numbers(presences, [both, both, *[one] * 8]) == [0, 2, 2, 2, 2, 2, 2, 1, 1, 1]
    changes = [c for t in (5.0, 9.0) for c in presences.update(t, [], None)]
    assert [(c.label, c.before, c.now) for c in changes] == [("car", 1, 0)]


# Motion, darkness, pictures


def test_motion_starts_with_two_of_three_looks_and_ends_after_a_calm_second() -> None:
    motion = Motion()
    shares = [0, 0.01, 0, 0.01, 0.01, 0, 0, 0, 0, 0, 0, 0]
    said = [motion.update(i * 0.2, share) for i, share in enumerate(shares)]
    assert [(i, s) for i, s in enumerate(said) if s] == [(3, "motion_started"), (9, "motion_stopped")]


def test_a_lasting_state_ignores_a_single_look() -> None:
    state = Lasting()
    assert [state.update(look) for look in (True, False, True, True, False, True)] == [
        False,
        False,
        True,
        True,
        True,
        True,
    ]


def picture(seed: int) -> np.ndarray:
    """A structured picture, another one for another seed."""
    coarse = np.random.default_rng(seed).integers(0, 255, (6, 8, 3), np.uint8)
    return np.kron(coarse, np.ones((80, 80, 1), np.uint8))


def test_a_cut_is_another_picture_not_a_change_of_light_nor_something_that_moves() -> None:
    before, after = grey_of(picture(1), 160, 120), grey_of(picture(2), 160, 120)
    brighter = np.clip(before.astype(int) + 60, 0, 255).astype(np.uint8)
    moved = before.copy()
    moved[30:100, 40:100] = 255
    assert is_cut(before, after)
    assert not any(is_cut(before, other) for other in (before, brighter, moved))


def test_a_change_of_light_is_no_motion() -> None:
    grey = np.clip(grey_of(picture(1), 160, 120), 0, 200)
    assert changed_share(grey, grey + np.uint8(40)) == 0
    assert changed_share(grey, np.roll(grey, 8, axis=1)) > 0.05


def test_darkness_is_no_light_or_a_covered_lens_but_not_a_white_wall() -> None:
    def even(level: int) -> np.ndarray:
        return np.full((120, 160), level, np.uint8)

    assert is_dark(even(3)) and is_dark(even(60))
    assert not is_dark(even(230))
    assert not is_dark(grey_of(picture(1), 160, 120))


def test_only_dim_pictures_are_brightened() -> None:
    day = picture(1)
    assert brightened(day, grey_of(day, 160, 120)) is day
    night = (day * 0.22).astype(np.uint8)
    seen = brightened(night, grey_of(night, 160, 120))
    assert 0.6 * day.mean() < seen.mean() < 1.1 * day.mean()
    black = np.zeros_like(day)
    assert not brightened(black, grey_of(black, 160, 120)).any()


def test_same_in_looks_inside_the_box_only() -> None:
    a = grey_of(picture(1), 160, 120)
    b = a.copy()
    b[:, :40] = 255 - b[:, :40]
    assert same_in(Box(0.5, 0, 1, 1), a, b)
    assert not same_in(Box(0, 0, 0.3, 1), a, b)
    assert same_in(Box(1, 1, 1, 1), a, b), "an empty box at the edge"


def test_pictures_are_checked_and_shrunk() -> None:
    assert shrunk(np.zeros((1080, 1920, 3), np.uint8)).shape == (540, 960, 3)
    assert shrunk(np.zeros((1, 4000, 3), np.uint8)).shape == (1, 960, 3)
    for bad in (np.zeros((0, 5, 3), np.uint8), np.zeros((5, 5), np.uint8), np.zeros((5, 5, 3), np.float32)):
        with pytest.raises(ValueError, match="not a BGR picture"):
            checked(bad)  # type: ignore[arg-type]


# Text


def page(word: int) -> np.ndarray:
    """A grey page, 320×240, with a block whose place stands for what is written."""
    grey = np.full((240, 320), 230, np.uint8)
    grey[96:112, 16 * word : 16 * word + 16] = 20
    return grey


def lines(*texts: str) -> tuple[Line, ...]:
    return tuple(Line(text, Box(0.1, 0.1, 0.5, 0.2)) for text in texts)


def test_a_page_is_read_once_it_holds_still_and_not_again_until_it_changes() -> None:
    reading = Reading()
    assert [reading.wants(t, page(1)) for t in (0.0, 0.5, 1.0, 5.0)] == [False, True, False, False]
    reading.take(lines("one"))
    assert [reading.wants(t, page(2)) for t in (5.5, 6.0, 6.5)] == [False, True, False]


def test_readings_are_apart_and_further_apart_where_there_is_nothing_to_read() -> None:
    reading = Reading()
    times = [i * 0.2 for i in range(40)]
    shown = [page(1 + int(t / 0.6) % 9) for t in times]  # changes all the time, holds still in between
    first = [t for t, grey in zip(times, shown, strict=True) if reading.wants(t, grey)]
    assert min(b - a for a, b in pairwise(first)) >= 3.0


def test_a_picture_that_never_holds_still_is_read_at_last() -> None:
    reading = Reading()
    read = [t for t in range(12) if reading.wants(float(t), page(1 + t % 9))]
    assert read == [4, 9]


def test_a_change_is_an_exact_difference_of_letters_and_digits() -> None:
    reading = Reading()
    assert reading.take(lines("Disk is 91 percent")) == ("Disk is 91 percent", "")
    assert reading.take(lines("Disk is  91 percent.")) is None
    assert reading.take(lines("Disk is 95 percent")) == ("Disk is 95 percent", "Disk is  91 percent.")
    assert reading.take(()) == ("", "Disk is 95 percent")


def test_signs_before_digits_count() -> None:
    assert normalised(("3.5",)) != normalised(("35",))
    assert normalised(("−5 °C",)) == normalised(("-5 ℃",)) != normalised(("5 °C",))
    assert normalised(("Ｈello,", "world!")) == normalised(("hello world",))
    assert normalised(("温度 95 度",)) == normalised(("温度95度",))
