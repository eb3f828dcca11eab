"""The watches as a state machine: add, change, pause, cancel, expire, fire in any order."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from interaction.intents import AddWatch, Condition, Question, Schedule
from interaction.watches import WatchError, Watches, restore_all

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ARRIVES = AddWatch("Someone comes in", Condition("arrives"))


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def test_the_same_wish_twice_keeps_one_watch_and_resumes_it() -> None:
    watches = Watches(5)
    first, new = watches.add(ARRIVES, "en", START)
    watches.pause(first.id)
    again, new_again = watches.add(ARRIVES, "en", after(1))
    assert (new, new_again, again.id, again.state, len(watches)) == (True, False, first.id, "active", 1)


def test_two_reminders_with_the_same_words_are_two() -> None:
    watches = Watches(5)
    for _ in range(2):
        watches.add(AddWatch("tea", schedule=Schedule(after=60)), "en", START)
    assert len(watches) == 2


def test_a_reminder_is_due_once_and_then_gone() -> None:
    watches = Watches(5)
    watch, _ = watches.add(AddWatch("tea", schedule=Schedule(after=60)), "en", START)
    assert watches.due(after(59.9)) == []
    assert watches.due(after(60)) == [watch]
    assert watches.fire(watch.id, after(60)).state == "done"
    assert watches.next_time() is None


def test_an_interval_that_slept_through_fires_once_and_keeps_its_beat() -> None:
    watches = Watches(5)
    watch, _ = watches.add(AddWatch("time", schedule=Schedule(every=60)), "en", START)
    fired = watches.fire(watch.id, after(200))
    assert fired.next_due == after(240)


def test_resuming_a_schedule_that_came_due_meanwhile_starts_it_anew() -> None:
    watches = Watches(5)
    watch, _ = watches.add(AddWatch("tea", schedule=Schedule(after=60)), "en", START)
    watches.pause(watch.id)
    assert watches.due(after(100)) == []
    assert watches.resume(watch.id, after(100)).next_due == after(160)


def test_a_watch_bound_to_one_lane_stands_on_that_lane_only() -> None:
    watches = Watches(5)
    watches.add(AddWatch("Door", Condition("arrives"), source="door"), "en", START)
    watches.add(ARRIVES, "en", START)
    assert [w.wording for w in watches.standing("door")] == ["Door", "Someone comes in"]
    assert [w.wording for w in watches.standing("desk")] == ["Someone comes in"]


def test_what_was_kept_comes_back_and_what_cannot_be_read_is_counted() -> None:
    watches = Watches(5)
    watches.add(AddWatch("time", schedule=Schedule(every=60), ask=Question("time", "what time is it?")), "zh", START)
    watches.add(AddWatch("two", Condition("more_than", number=2), expires=600, urgent=True), "en", START)
    bodies = json.loads(json.dumps(watches.snapshot()))
    restored, broken = restore_all([*bodies, {"id": "w9"}, {}])
    assert (restored, broken) == (list(watches), 2)
    more, _ = Watches(5, restored).add(ARRIVES, "en", START)
    assert more.id == "w3"  # ids are not given twice


def test_too_many_and_unknown_watches_are_refused() -> None:
    watches = Watches(1)
    watches.add(ARRIVES, "en", START)
    with pytest.raises(WatchError, match="1 watches stand already"):
        watches.add(AddWatch("cup", Condition("sees", "cup")), "en", START)
    with pytest.raises(WatchError, match="no watch"):
        watches.pause("w7")


WISHES = st.builds(
    AddWatch,
    wording=st.sampled_from(["a", "b", "c"]),
    condition=st.sampled_from([None, Condition("arrives"), Condition("more_than", number=2), Condition("moves")]),
    schedule=st.sampled_from([None, Schedule(after=30), Schedule(every=45), Schedule(at=after(300).isoformat())]),
    once=st.booleans(),
    expires=st.sampled_from([None, 20.0, 500.0]),
)


class WatchList(RuleBasedStateMachine):
    """Any order of everything; the model is a plain dict of what must stand."""

    ids = Bundle("ids")

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.watches = Watches(6)
        self.ended: set[str] = set()

    @rule(target=ids, wish=WISHES)
    def add(self, wish: AddWatch):  # type: ignore[no-untyped-def]
        try:
            watch, new = self.watches.add(wish, "en", self.now)
        except WatchError:
            assert len(self.watches) == 6
            return multiple()
        assert watch.state == "active" and watch.id not in self.ended
        return watch.id if new else multiple()

    @rule(watch=ids)
    def pause(self, watch: str) -> None:
        if watch in self.ended:
            with pytest.raises(WatchError):
                self.watches.pause(watch)
        else:
            assert self.watches.pause(watch).state == "paused"

    @rule(watch=ids)
    def resume(self, watch: str) -> None:
        if watch not in self.ended:
            resumed = self.watches.resume(watch, self.now)
            assert resumed.state == "active"
            absolute = resumed.schedule and resumed.schedule.at
            assert not resumed.next_due or resumed.next_due > self.now or absolute

    @rule(watch=ids)
    def fire(self, watch: str) -> None:
        if watch in self.ended:
            return
        before = self.watches.get(watch)
        if before.state == "paused":
            with pytest.raises(WatchError, match="paused"):
                self.watches.fire(watch, self.now)
            return
        fired = self.watches.fire(watch, self.now)
        assert fired.fired == before.fired + 1 and fired.last_fired == self.now
        if before.once:
            assert fired.state == "done"
            self.ended.add(watch)

    @rule(watch=consumes(ids))
    def cancel(self, watch: str) -> None:
        if watch not in self.ended:
            assert self.watches.cancel(watch).state == "cancelled"
            self.ended.add(watch)

    @rule(seconds=st.floats(0.5, 400))
    def time_passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        for watch in self.watches.expire(self.now):
            assert watch.expires is not None and watch.expires <= self.now
            self.ended.add(watch.id)

    @invariant()
    def what_is_due_is_active_and_what_ended_is_gone(self) -> None:
        assert all(w.state == "active" and w.next_due and w.next_due <= self.now for w in self.watches.due(self.now))
        assert not self.ended & {w.id for w in self.watches}
        next_time = self.watches.next_time()
        if self.watches.due(self.now):
            assert next_time is not None and next_time <= self.now
        restored, broken = restore_all(self.watches.snapshot())
        assert (restored, broken) == (list(self.watches), 0)


TestWatchList = WatchList.TestCase
TestWatchList.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
