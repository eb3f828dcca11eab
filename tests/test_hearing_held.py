"""The button to talk: what is said while it is held is one turn, and nothing else is."""

from __future__ import annotations

import asyncio

import pytest

from interaction.events import NothingSaid, TranscriptFinal
from tests.ears_room import Room
from tests.fakes_speech import hiss, tone

SILENT_S = 0.25  # `release_s`


async def test_what_is_said_while_it_is_held_is_one_turn() -> None:
    room = Room("what do you see")
    room.ears.hold()
    await room.hears(tone(1.0), hiss(1.5), tone(1.0))
    room.ears.let_go()
    await room.hears(hiss(0.5))
    assert room.texts == ["what do you see"], "a pause of 1.5 s does not end it"
    assert room.recognizer.calls[-1] == pytest.approx(3.5 + SILENT_S, abs=0.07), "from the first sample to the last"
    assert not room.ears.held


async def test_the_end_comes_when_it_is_let_go_not_later() -> None:
    room = Room("stop", takes=0.1)
    room.ears.hold()
    await room.hears(tone(1.0))
    room.ears.let_go()
    await room.hears(hiss(1.0))
    assert room.events.of(TranscriptFinal)[0].t == pytest.approx(1.0 + SILENT_S + 0.1, abs=0.06)


async def test_a_last_word_on_its_way_is_kept() -> None:
    room = Room("every word")
    room.ears.hold()
    await room.hears(tone(0.8))
    room.ears.let_go()
    await room.hears(tone(0.2), hiss(1.0))
    assert room.recognizer.calls == [pytest.approx(0.8 + SILENT_S, abs=0.07)]


async def test_it_takes_the_floor_before_a_word_is_said_and_gives_it_back() -> None:
    room = Room()
    room.saying = "I can see a red cup on the table."
    room.ears.hold()
    await room.hears(hiss(2.1))
    room.ears.let_go()
    await room.hears(hiss(1.0))
    assert room.speaking == [(True, 0.3), (False, 2.3)]
    assert room.recognizer.calls == [], "silence is no request"
    assert len(room.events.of(NothingSaid)) == 1


async def test_a_click_is_no_turn() -> None:
    room = Room("you")
    room.saying = "I can see a red cup on the table."
    room.ears.hold()
    await room.hears(tone(0.2))
    room.ears.let_go()
    assert not room.ears.held
    await room.hears(hiss(1.0))
    assert (room.events, room.recognizer.calls) == ([], [])


async def test_a_long_hold_is_heard_in_parts_without_losing_the_floor() -> None:
    room = Room("part one", "part two", longest_turn_s=6.0)
    room.ears.hold()
    await room.hears(tone(5.0), tone(0.1, 0.001), tone(5.0))
    room.ears.let_go()
    await room.hears(hiss(1.0))
    assert room.texts == ["part one", "part two"]
    assert [active for active, _ in room.speaking] == [True, False, True, False]
    assert sum(room.recognizer.calls) == pytest.approx(10.1 + SILENT_S, abs=0.1), "nothing is lost at the cut"


async def test_a_page_that_never_lets_go_does_not_hold_for_ever() -> None:
    room = Room("hello", longest_hold_s=5.0)
    room.ears.hold()
    await room.hears(tone(1.0), hiss(6.0))
    assert not room.ears.held
    assert room.texts == ["hello"]


async def test_a_microphone_that_goes_away_ends_a_held_turn() -> None:
    room = Room("tell me")
    room.ears.hold()
    await room.hears(tone(0.8))
    await asyncio.sleep(3)
    assert room.texts == ["tell me"]
    assert [active for active, _ in room.speaking] == [True, False]
    assert not room.ears.held, "a page that comes back does not hold it any more"


async def test_a_page_that_dies_with_the_first_press_does_not_hold_it_either() -> None:
    room = Room()
    room.ears.hold()
    await asyncio.sleep(3)
    assert not room.ears.held


async def test_hands_free_goes_on_afterwards() -> None:
    room = Room("one", "two")
    room.ears.hold()
    await room.hears(tone(0.8))
    room.ears.let_go()
    await room.hears(hiss(1.0), tone(0.8), hiss(1.0))
    assert room.texts == ["one", "two"]
