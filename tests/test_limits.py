"""How often, how surely and at which hours a watch may speak: from words to a rule that holds."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interaction.intents import AddWatch, Condition, Control, Limits, Schedule, Unable
from interaction.understanding import WatchRef, acknowledge, understand
from interaction.watch_rules import forbidden, quiet_until
from interaction.watches import Watch, Watches, restore_all

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
NIGHT = (22 * 60, 7 * 60)
SEES = frozenset({"open-watches", "open-questions"})
OFTEN, QUIET = Limits(at_most=600.0), Limits(quiet=NIGHT)
EAGER, SURE = Limits("eager"), Limits("sure")


@pytest.mark.parametrize(
    ("said", "wording", "limits"),
    [
        ("tell me when someone comes in, at most every ten minutes", "Someone comes in", OFTEN),
        ("tell me at most once every ten minutes when anything moves", "Something moves", OFTEN),
        ("don't tell me more than once in ten minutes when anything moves", "Something moves", OFTEN),
        ("tell me when someone comes in, but at most twice an hour", "Someone comes in", Limits(at_most=1800.0)),
        ("count people aloud, once an hour at most", "The number of people changes", Limits(at_most=3600.0)),
        ("tell me when someone comes in but not between ten at night and seven", "Someone comes in", QUIET),
        ("let me know if someone comes in, except at night", "Someone comes in", QUIET),
        ("tell me when anything moves, but don't wake me between 22:00 and 07:00", "Something moves", QUIET),
        ("watch the door, but only during the day", "Someone comes in", QUIET),
        ("every hour tell me the time, except from ten pm to seven am", "Every hour: the time", QUIET),
        ("tell me if a cup is here, only between nine and five", "A cup is in view", Limits(quiet=(17 * 60, 9 * 60))),
        ("tell me when a cat comes in, not between one and three", "A cat appears", Limits(quiet=(13 * 60, 15 * 60))),
        ("tell me even if you are not sure when someone falls", "Someone falls", EAGER),
        ("tell me when someone falls, rather a false alarm than a miss", "Someone falls", EAGER),
        ("only tell me if you are certain that a cup is here", "A cup is in view", SURE),
        ("tell me when someone comes in, but only if you're really sure", "Someone comes in", SURE),
        (
            "tell me right away when someone comes in, at most every ten minutes, but not at night",
            "Someone comes in",
            Limits(at_most=600.0, quiet=NIGHT),
        ),
        ("有人进来告诉我，不要超过每十分钟一次", "有人进来", OFTEN),
        ("有人进来的时候告诉我，每十分钟最多一次", "有人进来", OFTEN),
        ("大声数人数，最多一小时一次", "人的数量变了", Limits(at_most=3600.0)),
        ("有人进来告诉我，但晚上十点到早上七点之间不要", "有人进来", QUIET),
        ("除了晚上，有人进来告诉我", "有人进来", QUIET),
        ("每小时告诉我时间，晚上别打扰我", "每小时：报时间", QUIET),
        ("只在早上八点到晚上六点告诉我有人进来", "有人进来", Limits(quiet=(18 * 60, 8 * 60))),
        ("有人摔倒的时候，不确定也要告诉我", "有人摔倒", EAGER),
        ("有人摔倒就告诉我，宁可误报也不要漏报", "有人摔倒", EAGER),
        ("有人进来，确定了再告诉我", "有人进来", SURE),
        ("确定有人进来了再告诉我", "有人进来", SURE),
    ],
)  # fmt: skip
def test_what_is_said_beside_a_wish_goes_to_its_limits(said: str, wording: str, limits: Limits) -> None:
    (wish,) = understand(said, "en", now=NOW, capabilities=SEES)
    assert isinstance(wish, AddWatch)
    assert (wish.wording, wish.limits) == (wording, limits)


@pytest.mark.parametrize(
    ("said", "wording"),
    [
        ("tell me if at most two people are here", "Fewer than 3 people are here"),
        ("every ten minutes tell me the time", "Every 10 minutes: the time"),
        ("tell me when it is not between the cars", "It is not between the cars"),
        ("晚上有人进来告诉我", None),
    ],
)
def test_what_only_sounds_like_a_limit_is_none(said: str, wording: str | None) -> None:
    for wish in understand(said, "en", now=NOW, capabilities=SEES):
        assert getattr(wish, "limits", Limits()) == Limits()
        assert wording is None or (isinstance(wish, AddWatch) and wish.wording == wording)


def test_limits_alone_ask_for_nothing_and_help_nothing_that_cannot_be_seen() -> None:
    assert not [i for i in understand("at most every ten minutes", "en", now=NOW) if isinstance(i, AddWatch)]
    assert isinstance(understand("tell me when mum is sad, but not at night", "en", now=NOW)[0], Unable)


def test_limits_stay_when_the_watch_is_changed() -> None:
    old = WatchRef("w1", "More than 2 people are here", Condition("more_than", number=2), limits=OFTEN)
    cancel, wish = understand("change that to three people", "en", now=NOW, watches=[old])
    assert cancel == Control("cancel_watch", ("w1",))
    assert isinstance(wish, AddWatch) and wish.condition != old.condition and wish.limits == OFTEN


@pytest.mark.parametrize(
    ("limits", "english", "chinese"),
    [
        (OFTEN, "I'll tell you when someone comes in, at most once every 10 minutes.", "每10分钟最多一次"),
        (QUIET, "I'll tell you when someone comes in, but not between 10 pm and 7 am.", "22点到7点不出声"),
        (EAGER, "I'll tell you when someone comes in, even if I am not sure.", "不确定也会说"),
        (SURE, "I'll tell you when someone comes in, only when I am certain.", "确定了才说"),
        (Limits(), "I'll tell you when someone comes in.", "好，有人进来我就告诉你。"),
    ],
)
def test_the_person_hears_what_was_understood(limits: Limits, english: str, chinese: str) -> None:
    wish = AddWatch("Someone comes in", Condition("arrives"), limits=limits)
    assert acknowledge(wish, "en") == english
    assert chinese in acknowledge(wish, "zh") and acknowledge(wish, "zh").endswith("。")


@settings(deadline=None)
@given(st.integers(0, 1439), st.integers(0, 1439), st.integers(0, 1439))
def test_quiet_hours_are_those_from_the_first_to_the_second_over_midnight_or_not(start: int, end: int, at: int) -> None:
    now = NOW.replace(hour=at // 60, minute=at % 60, second=30)
    over = quiet_until(Limits(quiet=(start, end)), now)
    inside = start <= at < end if start <= end else at >= start or at < end
    assert (over is not None) == inside
    if over:
        assert timedelta(0) < over - now <= timedelta(days=1) and over.hour * 60 + over.minute == end
        assert quiet_until(Limits(quiet=(start, end)), over) is None


def at(hour: int, **limits: object) -> tuple[Watch, datetime]:
    now = NOW.replace(hour=hour)
    return Watch("w1", "Someone comes in", NOW, limits=Limits(**limits), last_fired=now - timedelta(minutes=5)), now  # type: ignore[arg-type]


def test_urgency_breaks_the_quiet_hours_but_not_what_was_said_of_how_often() -> None:
    watch, now = at(23, quiet=NIGHT)
    assert forbidden(watch, now) == "quiet hours until 07:00" and not forbidden(replace(watch, urgent=True), now)
    watch, now = at(12, quiet=NIGHT, at_most=600.0)
    assert forbidden(watch, now) == "asked for at most every 600 s, and told 300 s ago" != ""
    assert forbidden(replace(watch, urgent=True), now)
    assert not forbidden(watch, now + timedelta(minutes=5))
    assert not forbidden(watch, now - timedelta(hours=1)), "the clock was set back"
    assert not forbidden(replace(watch, last_fired=None), now)


def test_limits_outlive_a_restart_and_a_list_without_them_still_loads() -> None:
    watches = Watches(5)
    watches.add(AddWatch("a", Condition("arrives"), limits=Limits("sure", 600.0, NIGHT)), "en", NOW)
    watches.add(AddWatch("b", schedule=Schedule(every=60)), "en", NOW)
    bodies = json.loads(json.dumps(watches.snapshot()))
    assert restore_all(bodies) == (list(watches), 0)
    old = [{name: value for name, value in body.items() if name != "limits"} for body in bodies]
    restored, broken = restore_all(old)
    assert broken == 0 and [watch.limits for watch in restored] == [Limits(), Limits()]
    for wrong in ({"certainty": "very"}, {"at_most": -1}, {"at_most": "x"}, {"quiet": [5, 5]}, {"quiet": [0, 9999]}, 7):
        assert restore_all([bodies[0] | {"limits": wrong}]) == ([], 1), wrong


def test_the_same_wish_again_takes_its_new_limits() -> None:
    watches = Watches(5)
    wish = AddWatch("a", Condition("arrives"))
    watches.add(wish, "en", NOW)
    watch, new = watches.add(replace(wish, limits=OFTEN), "en", NOW)
    assert not new and watch.limits == OFTEN
