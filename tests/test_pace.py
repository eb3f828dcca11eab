"""How long chunks are where a server is slow: pure, with servers whose time grows with what they are shown."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from interaction.observers.budget import CHUNK_TURNS, SMALLEST_FRAME, plan
from interaction.observers.pace import FEWEST, LEAST, SETTLED, SLOW_S, Pace

PLANNED = plan(131_072, history=True)


def watched(pace: Pace, ticks: int, base: float, each: float) -> list[float]:
    """Ticks that take `base` seconds and `each` more for every turn that is shown; what they took."""
    turns, took = 0, list[float]()
    for _ in range(ticks):
        full = turns >= pace.plan(PLANNED).turns
        if full:
            turns = pace.plan(PLANNED).carry
        took.append(base + each * turns)
        if not full:
            pace.silent(turns, took[-1])
        turns += 1
    return took


def test_a_server_that_keeps_up_is_shown_whole_chunks() -> None:
    pace = Pace()
    watched(pace, 500, base=0.2, each=0.002)
    assert pace.plan(PLANNED) == PLANNED


def test_chunks_are_as_long_as_a_server_keeps_up_with() -> None:
    pace = Pace()
    took = watched(pace, 600, base=0.1, each=0.01)  # slow from the 40th turn on
    assert 40 <= pace.plan(PLANNED).turns <= 52 and pace.plan(PLANNED).carry == pace.plan(PLANNED).turns // 10
    assert max(took) < 1.3 * SLOW_S, "it never came near a whole second, not even in the first chunk"
    watched(pace, 600, base=0.1, each=0.0)
    assert pace.plan(PLANNED) == PLANNED, "it has time again"


def test_a_server_that_is_too_slow_for_anything_is_shown_a_little_all_the_same() -> None:
    pace = Pace()
    watched(pace, 200, base=3.0, each=0.1)
    assert pace.plan(PLANNED) == replace(PLANNED, turns=FEWEST, carry=2, frame_tokens=int(LEAST * PLANNED.frame_tokens))
    few = replace(PLANNED, turns=8, carry=2)
    assert pace.plan(few).turns == 8, "never longer than planned"


def test_pictures_get_smaller_where_even_the_shortest_chunk_is_too_long_and_whole_again_first() -> None:
    pace = Pace()
    while pace.plan(PLANNED).turns > FEWEST:
        pace.silent(3, 2 * SLOW_S)
    assert pace.plan(PLANNED).frame_tokens == PLANNED.frame_tokens, "chunks get shorter before pictures get smaller"
    for _ in range(4):
        pace.silent(3, 2 * SLOW_S)
    assert pace.plan(PLANNED).frame_tokens == int(LEAST * PLANNED.frame_tokens)
    tiny = replace(PLANNED, frame_tokens=SMALLEST_FRAME + 6)
    assert pace.plan(tiny).frame_tokens == SMALLEST_FRAME, "never so small that nobody is seen any more"
    sizes = []
    for _ in range(8):
        watched(pace, SETTLED + 20, base=0.1, each=0.0)
        sizes.append((pace.plan(PLANNED).frame_tokens, pace.plan(PLANNED).turns))
    whole = next(number for number, (tokens, _) in enumerate(sizes) if tokens == PLANNED.frame_tokens)
    assert all(turns == FEWEST for _, turns in sizes[:whole]) and sizes[-1][1] > FEWEST
    busy = Pace()
    watched(busy, 100, base=3.0, each=0.0)
    watched(busy, 100, base=0.9 * SLOW_S, each=0.0)
    assert busy.plan(PLANNED).frame_tokens == int(LEAST * PLANNED.frame_tokens), "a larger one would be too slow again"


def test_all_who_ask_a_server_know_its_pace_and_nobody_else() -> None:
    first, second, other = Pace.of("http://a"), Pace.of("http://a"), Pace.of("http://b")
    watched(first, 100, base=3.0, each=0.0)
    assert second.plan(PLANNED).turns == FEWEST and other.plan(PLANNED) == PLANNED
    del first, second
    assert Pace.of("http://a").plan(PLANNED) == PLANNED, "it is forgotten with the last of them"


def test_a_year_of_quick_ticks_ends_at_what_was_planned() -> None:
    pace = Pace()
    watched(pace, 30, base=3.0, each=0.0)
    for _ in range(100 * SETTLED * 40):
        pace.silent(1, 0.01)
    assert pace.plan(PLANNED) == PLANNED


def test_one_slow_tick_is_nothing() -> None:
    pace = Pace()
    for number in range(300):
        pace.silent(number % CHUNK_TURNS, 30.0 if number % 10 == 0 else 0.2)
    assert pace.plan(PLANNED) == PLANNED


@given(st.lists(st.tuples(st.integers(0, 120), st.floats(0, 100)), max_size=200), st.integers(4, 120))
def test_whatever_it_takes_a_chunk_has_room_for_a_turn(ticks: list[tuple[int, float]], turns: int) -> None:
    pace, planned = Pace(), replace(PLANNED, turns=turns, carry=max(2, turns // 10))
    for shown, seconds in ticks:
        pace.silent(shown, seconds)
        found = pace.plan(planned)
        assert min(FEWEST, turns) <= found.turns <= turns and 2 <= found.carry < found.turns
