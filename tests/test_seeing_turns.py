"""Whose turn it is on the one seeing worker: nobody starves, the busy get more, one lane gets all."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from config import Seeing
from interaction.seeing.turns import Order, Turns

LOOK_S = 0.07
BOUNDS = Seeing()
BOUNDED = settings(deadline=None, max_examples=25)  # each plays a minute of looks
# Of one look: were the networks asked, and does something move there?
LOOKS = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=12)


def crowd(
    order: Order, lanes: int, seconds: float, look: Callable[[int, int], tuple[bool, bool]]
) -> list[tuple[float, int]]:
    """All lanes want to look all the time; (when, which lane) of every look. `look(lane, n)`: deep, lively."""
    taken: list[tuple[float, int]] = []
    had = Counter[int]()
    now = 0.0
    for every in range(lanes):
        order.ask(every, now)
    while now < seconds:
        lane = order.pick(now)
        assert isinstance(lane, int)
        taken.append((now, lane))
        deep, lively = look(lane, had[lane])
        had[lane] += 1
        now += LOOK_S
        order.looked(lane, now, deep=deep, lively=lively)
        order.ask(lane, now)
    return taken


def shares(taken: Sequence[tuple[float, int]]) -> Counter[int]:
    return Counter(lane for _, lane in taken)


@BOUNDED
@given(st.lists(LOOKS, min_size=1, max_size=10))
def test_no_lane_waits_longer_than_the_bound_and_one_round(patterns: list[list[tuple[bool, bool]]]) -> None:
    taken = crowd(Order(BOUNDS), len(patterns), 20.0, lambda lane, n: patterns[lane][n % len(patterns[lane])])
    for lane in range(len(patterns)):
        times = [0.0, *(t for t, who in taken if who == lane), 20.0]
        longest = max(b - a for a, b in pairwise(times))
        assert longest <= BOUNDS.longest_s + (len(patterns) + 1) * LOOK_S


@BOUNDED
@given(st.integers(33, 60))
def test_more_lanes_than_have_looks_in_that_time_take_turns_one_after_the_other(lanes: int) -> None:
    taken = crowd(Order(BOUNDS), lanes, 12.0, lambda lane, _: (True, lane % 3 == 0))
    late = [lane for t, lane in taken if t > BOUNDS.longest_s + lanes * LOOK_S]
    assert all(len(set(late[i : i + lanes])) == lanes for i in range(len(late) - lanes))


@BOUNDED
@given(st.integers(2, 8), st.floats(1, 8))
def test_a_lively_lane_gets_as_many_times_more_looks_as_is_set(still: int, busier: float) -> None:
    order = Order(Seeing(busier=busier, longest_s=60))
    crowd(order, still + 1, 30.0, lambda lane, _: (True, lane == 0))  # until it is known to be lively
    counted = shares(crowd(order, still + 1, 60.0, lambda lane, _: (True, lane == 0)))
    others = [counted[lane] for lane in range(1, still + 1)]
    assert max(others) - min(others) <= 2
    assert abs(counted[0] - busier * sum(others) / still) <= 0.1 * counted[0] + 3


@BOUNDED
@given(st.integers(1, 8), st.booleans())
def test_lanes_that_are_alike_get_the_same_and_one_alone_gets_all(lanes: int, lively: bool) -> None:
    counted = shares(crowd(Order(BOUNDS), lanes, 20.0, lambda *_: (True, lively)))
    assert max(counted.values()) - min(counted.values()) <= 1
    assert len(counted) == lanes


@BOUNDED
@given(st.integers(1, 7), st.floats(5.0, 10.0))
def test_who_rested_is_next_at_once_and_has_saved_one_look_up(busy: int, rest: float) -> None:
    order = Order(Seeing(longest_s=60))
    order.ask("quiet", 0.0)
    assert order.pick(0.0) == "quiet"
    order.looked("quiet", 0.0, deep=False, lively=False)
    crowd(order, busy, rest, lambda *_: (True, True))
    order.ask("quiet", rest)
    assert order.pick(rest) == "quiet"
    order.looked("quiet", rest, deep=True, lively=True)
    later = []
    now = rest
    for lane in ("quiet", *range(busy)):
        order.ask(lane, now)
    for _ in range(4 * (busy + 1)):
        lane = order.pick(now)
        now += LOOK_S
        order.looked(lane, now, deep=True, lively=True)
        order.ask(lane, now)
        later.append(lane)
    assert later.count("quiet") <= 5 + BOUNDS.busier, "a look of a still lane is so many of a lively one"


def test_glances_cost_next_to_nothing() -> None:
    """A lane that only compares pictures may do so as often as it likes beside one that asks the networks."""
    counted = shares(crowd(Order(BOUNDS), 2, 20.0, lambda lane, _: (lane == 0, False)))
    assert counted[1] > 15 * counted[0]


def test_who_withdrew_or_left_is_not_picked() -> None:
    order = Order(BOUNDS)
    for lane in "abc":
        order.ask(lane, 0.0)
    order.withdraw("a")
    order.forget("b")
    order.withdraw("nobody")
    order.looked("nobody", 0.0, deep=True, lively=True)
    assert (order.pick(0.0), order.pick(0.0), len(order)) == ("c", None, 2)


async def test_one_looks_at_a_time_and_a_lane_alone_does_not_even_wait() -> None:
    turns, at_once = Turns(BOUNDS), 0
    order: list[str] = []

    async def look(lane: str) -> None:
        nonlocal at_once
        await turns.take(lane)
        at_once += 1
        assert at_once == 1
        order.append(lane)
        await asyncio.sleep(LOOK_S)
        at_once -= 1
        turns.give(lane, deep=True, lively=False)

    alone = look("a")
    alone.send(None)  # runs up to its sleep: no other task had to go on before
    assert order == ["a"]
    alone.close()
    at_once = 0
    turns.give("a", deep=True, lively=False)
    await asyncio.gather(*(look(lane) for lane in "abcd"))
    assert sorted(order[1:]) == ["a", "b", "c", "d"]


async def test_a_wish_that_is_taken_back_holds_up_nobody() -> None:
    turns = Turns(BOUNDS)
    await turns.take("a")
    waiting = [asyncio.create_task(turns.take(lane)) for lane in "bcd"]
    await asyncio.sleep(0)
    waiting[1].cancel()
    await asyncio.sleep(0)
    turns.give("a", deep=True, lively=False)
    waiting[0].cancel()  # as its turn had just come
    done, pending = await asyncio.wait(waiting, timeout=1.0)
    assert not pending
    assert [task.cancelled() for task in waiting] == [True, True, False]
    turns.give("d", deep=True, lively=False)
    await turns.take("b")
    assert done


async def test_a_turn_that_falls_to_one_who_is_leaving_is_passed_on() -> None:
    turns = Turns(BOUNDS)
    await turns.take("a")
    leaving, staying = (asyncio.create_task(turns.take(lane)) for lane in "bc")
    await asyncio.sleep(0)
    leaving.cancel()  # and before it hears of that, the turn is free
    turns.give("a", deep=True, lively=False)
    _, pending = await asyncio.wait([leaving, staying], timeout=1.0)
    assert leaving.cancelled() and not pending and staying.result() is None
