"""Partial captions: what is stable stays, a long turn goes on piece by piece, and no final waits for one."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from interaction.events import TranscriptFinal, TranscriptPartial
from interaction.hearing.partials import Agreement
from interaction.hearing.recognition import words_in
from tests.ears_room import Room
from tests.fakes_speech import hiss, tone


@pytest.mark.parametrize(
    ("attempts", "shown"),
    [
        (["Tell me", "Tell me when", "Tell me when some", "tell me, when someone comes"],
         ["|Tell me", "Tell me| when", "Tell me when| some", "Tell me when| someone comes"]),
        (["有人", "有人进来", "有人近来的时候"], ["|有人", "有人|进来", "有人|近来的时候"]),
        (["What do you", "What to", "What do you see"], ["|What do you", "What| to", "What| do you see"]),
        (["Read me what", "Read me what it", "Read"], ["|Read me what", "Read me what| it", "Read me what|"]),
        (["Hello there", "", "Hello there"], ["|Hello there", "|", "|Hello there"]),
    ],
)  # fmt: skip
def test_what_two_attempts_agree_on_is_stable(attempts: list[str], shown: list[str]) -> None:
    agreement, seen = Agreement(), []
    for attempt in attempts:
        agreement.hear(attempt)
        seen.append(f"{agreement.stable}|{agreement.text[len(agreement.stable) :]}")
    assert seen == shown


def test_pieces_follow_each_other() -> None:
    agreement = Agreement()
    agreement.hear("one two three")
    agreement.hear("one two tree")
    agreement.close("one two three four,")
    assert (agreement.stable, agreement.rest) == ("one two three four,", "")
    agreement.hear("five six")
    assert agreement.text == "one two three four, five six"
    agreement.hear("five seven")
    assert (agreement.stable, agreement.rest.strip()) == ("one two three four, five", "seven")


async def test_the_caption_grows_and_the_final_has_the_last_word() -> None:
    room = Room("Tell me when someone comes in.", partials=("Tell me", "Tell me when", "Tell me when someone come"))
    await room.hears(hiss(0.5), tone(3.2), hiss(1.0))
    assert room.partials == [("", "Tell me"), ("Tell me", "when"), ("Tell me when", "someone come")]
    stable = [stable for stable, _ in room.partials]
    assert all(after.startswith(before) for before, after in pairwise(stable))
    kinds = [type(e) for e in room.events.of(TranscriptPartial, TranscriptFinal)]
    assert kinds == [TranscriptPartial] * 3 + [TranscriptFinal]


async def test_attempts_come_about_once_a_second_of_speech() -> None:
    room = Room(partials=tuple(str(k) for k in range(20)), partial_s=0.9)
    await room.hears(hiss(0.5), tone(6.0), hiss(1.0))
    assert len(room.recognizer.attempts) == 6
    gaps = [later - earlier for earlier, later in pairwise(room.recognizer.attempts)]
    assert all(0.85 <= gap <= 1.1 for gap in gaps), gaps


async def test_a_slow_machine_is_asked_more_rarely() -> None:
    room = Room(partials=tuple(str(k) for k in range(20)), partial_takes=2.0)
    await room.hears(hiss(0.5), tone(12.0), hiss(1.0))
    assert 2 <= len(room.recognizer.attempts) <= 4, "half of the time at most"


async def test_a_final_waits_for_no_attempt() -> None:
    heard_at = []
    for partials in (True, False):
        room = Room("hello", takes=0.25, partials=("hel",) * 9, partial_takes=5.0, partials_on=partials)
        await room.hears(hiss(0.5), tone(1.5), hiss(1.0))
        heard_at.append(room.events.of(TranscriptFinal)[0].t)
        assert room.partials == [], "what comes after the final has begun is not shown"
        await room.ears.aclose()
    assert heard_at[0] == heard_at[1]


async def test_nothing_is_attempted_while_a_final_is_made() -> None:
    room = Room("one", "two", takes=3.0, partials=("a",) * 9)
    await room.hears(hiss(0.5), tone(0.4), hiss(0.7), tone(1.9), hiss(0.6))
    assert room.recognizer.attempts == []
    await asyncio.sleep(9)


async def test_a_long_turn_is_attempted_piece_by_piece() -> None:
    words = tuple(f"part {k // 9}" for k in range(40))
    room = Room("all of it", partials=words)
    await room.hears(hiss(0.5), tone(25.0), hiss(1.0))
    assert max(room.recognizer.attempts) <= 9.0, "what fits Whisper's short window"
    stable = [stable for stable, _ in room.partials]
    assert all(after.startswith(before) for before, after in pairwise(stable))
    assert "part 0" in stable[-1] and "part 1" in stable[-1]


async def test_partials_can_be_switched_off() -> None:
    room = Room("hello", partials=("hel",) * 9, partials_on=False)
    await room.hears(hiss(0.5), tone(3.0), hiss(1.0))
    assert (room.recognizer.attempts, room.texts) == ([], ["hello"])


async def test_own_voice_is_not_captioned() -> None:
    room = Room("I can see a red cup", partials=("I can see", "I can see a red"))
    room.saying = "I can see a red cup on the table."
    await room.hears(hiss(0.5), tone(2.4), hiss(1.0))
    assert room.partials == []


@pytest.mark.parametrize(
    "text", ["[Music]", "(coughs)", "♪ ♪", "*sighs*", "（咳嗽）", "...", "[Music] (applause)", "Mhm."]
)
def test_a_mark_of_what_is_no_speech_is_no_request(text: str) -> None:
    assert words_in(text) == ""


@pytest.mark.parametrize("text", ["Tell me (quietly) who it is.", "[Music] Who is there?", "5", "(a) stop (b)", "好。"])
def test_words_beside_such_a_mark_are_kept(text: str) -> None:
    assert words_in(text) == text
