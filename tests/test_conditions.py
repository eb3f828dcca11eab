"""Conditions over percepts that are made up: when each kind fires, and when it must not."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interaction.intents import Condition, ConditionKind
from interaction.observers.conditions import Checker, Firing, contains
from interaction.seeing.base import PerceptEvent, Percepts

LOOK_S = 0.5


def event(kind: str, label: str = "person", **fields: Any) -> PerceptEvent:
    return PerceptEvent(0.0, kind, label, **fields)  # type: ignore[arg-type]


def looks(*seen: dict[str, Any]) -> list[Percepts]:
    """One look every half second; `n` is short for the number of people, `events` for kinds of people's events."""
    made = []
    for number, fields in enumerate(seen):
        fields = dict(fields)
        if "n" in fields:
            fields["counts"] = {"person": fields.pop("n")}
        happened = tuple(event(e) if isinstance(e, str) else e for e in fields.pop("events", ()))
        made.append(Percepts(number * LOOK_S, events=happened, **fields))
    return made


def fired(condition: Condition, seen: Sequence[Percepts]) -> list[tuple[int, Firing]]:
    """Which looks made it fire."""
    checker = Checker(condition)
    return [(n, firing) for n, percepts in enumerate(seen) if (firing := checker.check(percepts))]


def numbers(condition: Condition, *seen: dict[str, Any]) -> list[int]:
    return [n for n, _ in fired(condition, looks(*seen))]


NOTHING: dict[str, Any] = {}
ONE, TWO, THREE, NONE = ({"n": n} for n in (1, 2, 3, 0))


def test_an_arrival_fires_when_it_happens_and_only_for_its_label() -> None:
    cat = {"events": [event("arrived", "cat")]}
    came = {"events": ["arrived"]}
    assert numbers(Condition("arrives"), came, NOTHING, cat, came) == [0, 3]
    assert numbers(Condition("arrives", "cat"), came, cat) == [1]
    assert numbers(Condition("leaves"), came, {"events": ["left"]}) == [1]


def test_two_who_come_at_once_are_two_and_the_first_says_where() -> None:
    both = {"events": [event("arrived", side="left"), event("arrived", side="right")]}
    ((_, firing),) = fired(Condition("arrives"), looks(both))
    assert (firing.number, firing.side) == (2, "left")


def test_a_tally_goes_on_counting_and_ignores_departures() -> None:
    came, both = {"events": ["arrived"]}, {"events": ["arrived", "arrived"]}
    told = fired(Condition("count", tally=True), looks(came, {"events": ["left"]}, both, came))
    assert [(n, firing.number) for n, firing in told] == [(0, 1), (2, 3), (3, 4)]
    departures = fired(Condition("leaves", tally=True), looks(came, {"events": ["left"]}, {"events": ["left"]}))
    assert [firing.number for _, firing in departures] == [1, 2]


def test_the_number_in_view_is_told_when_it_changed_and_stands() -> None:
    seen = looks(ONE, ONE, ONE, TWO, TWO, TWO, TWO, ONE, ONE, ONE)
    assert [(n, f.number) for n, f in fired(Condition("count"), seen)] == [(5, 2), (9, 1)]


def test_a_number_that_flickers_is_not_told() -> None:
    assert numbers(Condition("count"), ONE, ONE, ONE, TWO, ONE, TWO, ONE, THREE, ONE, ONE) == []
    # one leaves while another comes: for a moment there seem to be two
    assert numbers(Condition("more_than", number=1), ONE, TWO, TWO, ONE, ONE) == []


def test_a_state_fires_when_it_becomes_true_and_again_after_it_was_false() -> None:
    more = Condition("more_than", number=2)
    assert numbers(more, THREE, THREE, THREE, THREE, TWO, THREE, THREE, THREE) == [2, 7]
    few = Condition("fewer_than", number=1)
    assert numbers(few, NONE, NONE, NONE, ONE, NONE, NONE, NONE) == [2, 6]


def test_whether_there_is_one_at_all_needs_no_waiting() -> None:
    assert numbers(Condition("more_than", number=0), NONE, ONE, ONE) == [1]
    assert numbers(Condition("sees", "cat"), {"counts": {"cat": 1}}, {"counts": {"cat": 2}}) == [0]


def test_nobody_is_not_believed_in_the_first_look() -> None:
    """The seer needs two passes to be sure of a person."""
    assert numbers(Condition("fewer_than", number=1), NONE, ONE, ONE, ONE) == []


def test_the_dark_proves_nothing() -> None:
    dark = {"n": 0, "dark": True}
    assert numbers(Condition("fewer_than", number=1), ONE, dark, dark, dark, dark) == []
    assert numbers(Condition("count"), ONE, ONE, ONE, dark, dark, dark, dark, ONE) == []
    lit = {"n": 1, "faces": 1}
    assert numbers(Condition("face"), lit, {"dark": True}, lit) == [0]


def test_faces_movement_and_rest() -> None:
    moving, started, stopped = (
        {"moving": True},
        {"moving": True, "events": ["motion_started"]},
        {"events": ["motion_stopped"]},
    )
    assert numbers(Condition("face"), NOTHING, {"faces": 1}, {"faces": 2}, NOTHING, {"faces": 1}) == [1, 4]
    assert numbers(Condition("moves"), NOTHING, started, moving, stopped, started) == [1, 4]
    assert numbers(Condition("stops"), started, moving, stopped) == [2]


def test_a_change_is_any_change_and_the_most_telling_one_is_told() -> None:
    seen = {"events": ["motion_started", event("text_changed", text="Gate B"), event("left", "cat"), "scene_cut"]}
    ((_, firing),) = fired(Condition("changes"), looks(seen))
    assert firing.event == "scene_cut"
    for kind in ("motion_started", "scene_cut", "text_changed", "arrived", "left"):
        assert numbers(Condition("changes"), {"events": [kind]}) == [0]
    assert numbers(Condition("changes"), {"events": ["motion_stopped", "face_appeared", "count_changed"]}) == []


def test_a_thing_that_is_suddenly_there_and_stays_is_a_change_once() -> None:
    jump, calm = {"motion": 0.04}, {"motion": 0.001}
    assert numbers(Condition("changes"), calm, jump, jump, calm, calm, jump) == [1, 5]
    assert numbers(Condition("changes"), calm, {"motion": 0.04, "moving": True}) == []  # its beginning was told
    assert numbers(Condition("moves"), calm, jump) == []


def test_text_that_changes_is_told_unless_it_went_away() -> None:
    new, gone = event("text_changed", "", text="Gate B"), event("text_changed", "", text=" ", detail="Gate B")
    assert numbers(Condition("text_changes"), {"events": [new]}, {"events": [gone]}) == [0]
    assert numbers(Condition("changes"), {"events": [gone]}) == [0]


def test_text_that_says_something_fires_once_while_it_stands() -> None:
    step = Condition("text_says", text="next")
    seen = looks(
        {"text": ("Back",)}, {"text": ("Press Next",)}, {"text": ("Press Next", "now")}, NOTHING, {"text": ("NEXT",)}
    )
    assert [(n, f.text) for n, f in fired(step, seen)] == [(1, "Press Next"), (4, "NEXT")]


@pytest.mark.parametrize(
    ("lines", "wanted", "found"),
    [
        (("Press Next",), "next", "Press Next"),
        (("PressNext",), "next", "PressNext"),  # a reader that loses spaces
        (("P r e s s  n e x t",), "press next", "P r e s s  n e x t"),
        (("Gate", "B12"), "gate b12", "Gate B12"),
        (("Next!",), "Next", "Next!"),
        (("100%",), "100%", "100%"),
        (("下一步：拔线",), "下一步", "下一步：拔线"),
        (("请按下一步",), "下一步", "请按下一步"),
        (("Straße",), "STRASSE", None),
        (("in context",), "next", None),
        (("Step two",), "step 2", "Step two"),  # a recogniser writes either
        (("Step 2",), "step two", "Step 2"),
        (("第二步",), "第2步", "第二步"),
        (("Step 12",), "step two", None),
        (("第十二步",), "第2步", None),
        (("context",), "text", None),
        (("office",), "off", None),
        (("Score 15",), "5", None),
        (("Score 15",), "1", None),
        (("Score 1.5",), "5", None),
        (("18:45",), "45", None),
        (("Score 5.",), "5", "Score 5."),
        (("Gate12",), "12", "Gate12"),
        (("Step 11",), "step 1", None),
        (("Step 1",), "step 1", "Step 1"),
        (("Step 1",), " ", None),
        ((), "next", None),
        (("a+b",), "a+b", "a+b"),
    ],
)
def test_words_are_found_as_whole_words(lines: tuple[str, ...], wanted: str, found: str | None) -> None:
    assert contains(lines, wanted) == found


@given(st.lists(st.text(max_size=30), max_size=5), st.text(max_size=10))
def test_any_text_can_be_looked_for(lines: list[str], wanted: str) -> None:
    found = contains(tuple(lines), wanted)
    assert found is None or found in (*lines, " ".join(lines))


@given(
    st.sampled_from(get_args(ConditionKind)),
    st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.booleans()), max_size=20),
    st.booleans(),
)
def test_every_kind_takes_any_percepts(kind: Any, seen: list[tuple[int, bool, bool]], tally: bool) -> None:
    checker = Checker(Condition(kind, number=1, text="x", tally=tally))
    told = [checker.check(p) for p in looks(*({"n": n, "moving": m, "dark": d} for n, m, d in seen))]
    assert all(firing is None or firing.number >= 0 for firing in told)
    assert not any(a and b for a, b in pairwise(told))  # a state must end before it begins again
