"""Who comes and who goes: people followed over made-up detector passes, without any picture."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from interaction.seeing.base import Box, PerceptEvent
from interaction.seeing.belief import Candidate
from interaction.seeing.tracks import People

Show = Callable[[float], Iterable[Candidate]]


def changing(_box: Box, _then: Any, _now: Any) -> bool:
    return False


def frozen(_box: Box, _then: Any, _now: Any) -> bool:
    return True


def somebody(x: float, y: float = 0.5, *, sure: bool = True, tall: float = 0.4) -> Candidate:
    """A person with centre x, y; the box ends at the picture's edges, as a detector's does."""
    half = tall / 8
    box = Box(max(0.0, x - half), max(0.0, y - tall / 2), min(1.0, x + half), min(1.0, y + tall / 2))
    return Candidate(box, 0.6 if sure else 0.4, sure)


def watch(
    show: Show, seconds: float, *, same: Any = changing, fps: float = 5, people: People | None = None
) -> list[str]:
    """What is told: "0.6 arrived" and so on; counts left out."""
    people = people or People(same)
    events: list[PerceptEvent] = []
    for i in range(round(seconds * fps)):
        t = i / fps
        events += people.update(t, show(t), 4 / 3, None)
    return [f"{e.t:.1f} {e.kind}" for e in events if e.kind != "count_changed"]


def crossing(begin: float, seconds: float = 4.0, *, back: bool = False, y: float = 0.5) -> Show:
    """One person walks from edge to edge."""

    def show(t: float) -> list[Candidate]:
        part = (t - begin) / seconds
        return [somebody(1 - part if back else part, y)] if 0 <= part <= 1 else []

    return show


def both(*shows: Show) -> Show:
    return lambda t: [c for show in shows for c in show(t)]


def test_a_person_who_walks_through_arrives_once_and_leaves_once() -> None:
    assert watch(crossing(2.0), 10) == ["2.2 arrived", "6.8 left"]


def test_two_who_cross_each_other_are_two_arrivals_and_two_departures() -> None:
    told = watch(both(crossing(2.0, y=0.45), crossing(2.0, back=True, y=0.55)), 10)
    assert [line.split()[1] for line in told] == ["arrived", "arrived", "left", "left"]


def test_who_comes_in_where_another_just_went_out_is_somebody_else() -> None:
    told = watch(both(crossing(2.0), crossing(6.2, back=True)), 14)
    assert [line.split()[1] for line in told] == ["arrived", "arrived", "left", "left"]


def test_who_comes_in_over_an_edge_in_the_first_moments_arrives() -> None:
    assert watch(crossing(0.4), 3) == ["0.6 arrived"]


def test_who_is_there_at_the_start_did_not_arrive_but_can_leave() -> None:
    assert watch(lambda t: [somebody(0.5)] if t < 4 else [], 10) == ["6.4 left"]


def test_one_pass_is_nobody() -> None:
    assert watch(lambda t: [somebody(0.5)] if t in (2.0, 4.0, 6.0) else [], 8) == []


def test_a_faint_figure_becomes_a_person_only_with_one_sure_look() -> None:
    assert watch(lambda t: [somebody(0.5, sure=False)] if t >= 2 else [], 6) == []
    told = watch(lambda t: [somebody(0.5, sure=t == 3.0)] if t >= 2 else [], 6)
    assert told == ["3.0 arrived"]


def test_the_detector_may_lose_a_person_for_two_seconds_in_the_middle_of_the_picture() -> None:
    told = watch(lambda t: [] if t < 2 or 4 < t < 6 else [somebody(0.5)], 10)
    assert told == ["2.2 arrived"]


def test_who_stands_still_is_kept_while_the_picture_does_not_change_there() -> None:
    start = {"view": 0}

    def same(_box: Box, then: Any, now: Any) -> bool:
        return bool(then == now)

    people = People(same)
    events: list[PerceptEvent] = []
    for i in range(100):
        t = i / 5
        start["view"] = 0 if t < 2 else 1
        shown = [somebody(0.5)] if 2 <= t < 4 else []
        events += people.update(t, shown, 4 / 3, start["view"])
    assert [e.kind for e in events if e.kind != "count_changed"] == ["arrived"]
    events = people.update(20.2, [], 4 / 3, 2)
    assert [e.kind for e in events if e.kind != "count_changed"] == ["left"], "the picture changed: nobody there now"


def test_something_detected_late_in_an_unchanged_picture_is_counted_but_did_not_arrive() -> None:
    people = People(frozen)
    assert watch(lambda t: [somebody(0.5)] if t >= 3 else [], 6, people=people) == []
    assert len(people.present) == 1


def test_a_second_person_in_the_middle_is_believed_after_a_while() -> None:
    told = watch(lambda t: [somebody(0.2), *([somebody(0.7)] if t >= 3 else [])], 8)
    assert told == ["4.2 arrived"]


def test_a_person_who_reappears_beside_a_post_did_not_arrive_again() -> None:
    def behind_a_post(t: float) -> list[Candidate]:
        x = (t - 2) / 8
        return [somebody(0.2, 0.8, tall=0.3), *([somebody(x)] if 0 <= x <= 1 and not 0.45 < x < 0.6 else [])]

    told = watch(behind_a_post, 14)
    assert told == ["2.2 arrived", "10.8 left"]


def test_after_a_cut_nobody_comes_or_goes_when_there_is_one_person_before_and_after() -> None:
    people = People(changing)
    events: list[PerceptEvent] = []
    for i in range(40):
        if i == 20:
            people.cut()
        events += people.update(i / 5, [somebody(0.1 if i < 20 else 0.9)], 4 / 3, None)
    assert [e.kind for e in events] == ["count_changed"]


def test_a_cut_to_an_empty_picture_is_a_departure() -> None:
    people = People(changing)
    events: list[PerceptEvent] = []
    for i in range(40):
        if i == 20:
            people.cut()
        events += people.update(i / 5, [somebody(0.5)] if i < 20 else [], 4 / 3, None)
    assert [e.kind for e in events] == ["count_changed", "left", "count_changed"]


def test_a_stalled_source_loses_nobody_on_the_first_frame_after_it() -> None:
    people = People(changing)
    for i in range(10):
        people.update(i / 5, [somebody(0.5)], 4 / 3, None)
    assert people.update(32.0, [], 4 / 3, None) == []
    assert people.unsettled, "more passes are wanted"
    assert people.update(32.2, [somebody(0.55)], 4 / 3, None) == []


def test_the_number_of_people_follows_and_is_told_once() -> None:
    people = People(changing)
    show = both(crossing(1.0), crossing(2.0, back=True))
    counts = [
        e.count for i in range(50) for e in people.update(i / 5, show(i / 5), 4 / 3, None) if e.kind == "count_changed"
    ]
    assert counts == [1, 2, 1, 0]


def test_a_hundred_boxes_that_jump_about_leave_nothing_behind() -> None:
    people = People(changing)
    for i in range(100):
        shown = [somebody((i * 37 + j * 13) % 100 / 100, (j * 7 + i) % 10 / 10, tall=0.1) for j in range(20)]
        people.update(i / 5, shown, 4 / 3, None)
    for i in range(100, 150):
        people.update(i / 5, [], 4 / 3, None)
    assert people.present == []
