"""Wake words: what is meant for the house and what is not."""

from __future__ import annotations

import pytest

from interaction.events import ModeChanged, PersonSpeaking, TranscriptFinal, TranscriptPartial
from interaction.hearing.attention import after
from tests.ears_room import Room
from tests.fakes_speech import hiss, tone


@pytest.mark.parametrize(
    ("heard", "rest"),
    [
        ("Look out what do you see.", "What do you see."),  # as Whisper writes it
        ("Hey look out, tell me when someone comes in.", "Tell me when someone comes in."),
        ("Lookout!", ""),
        ("So, look-out: stop", "Stop"),
        ("Lookouts, stop.", "Stop."),
        ("Look at the door", None),
        ("Look out of the window", None),
        ("I said look out", None),
        ("look up the time", None),
        ("", None),
        ("。", None),
    ],
)
def test_the_name_as_a_recogniser_writes_it(heard: str, rest: str | None) -> None:
    assert after(heard, "lookout") == rest


@pytest.mark.parametrize(
    ("heard", "rest"),
    [
        ("观察员,你看到了什么?", "你看到了什么?"),
        ("观察园有人进来就告诉我", "有人进来就告诉我"),
        ("嘿，关茶员", ""),
        ("观察", None),
        ("我是观察员", None),
    ],
)
def test_chinese_names_are_compared_by_their_sounds(heard: str, rest: str | None) -> None:
    assert after(heard, "观察员") == rest


async def said(room: Room, *, pause: float = 1.0) -> None:
    await room.hears(tone(0.8), hiss(pause))


async def test_only_what_begins_with_the_name_is_a_request() -> None:
    room = Room("what is for dinner", "Look out, what do you see?", "观察员，有几个人？", wake=True, follow_s=0)
    for _ in range(3):
        await said(room)
    assert room.texts == ["What do you see?", "有几个人？"]
    assert room.overheard == ["what is for dinner"]


async def test_what_is_not_meant_for_the_house_takes_no_floor_and_no_captions() -> None:
    room = Room("what is for dinner", partials=("what", "what is"), wake=True)
    await room.hears(tone(3.0), hiss(1.0))
    assert (room.speaking, room.partials, room.recognizer.attempts) == ([], [], [])


async def test_after_an_answer_no_name_is_needed_for_a_while() -> None:
    room = Room("Lookout, how many people are there?", "and cups?", "who are you talking to", wake=True, follow_s=4)
    await said(room)
    room.saying = "There are two people."
    await room.hears(hiss(1.5))
    room.saying, room.replied = "", room.clock.now()
    await room.hears(hiss(1.0))
    await said(room, pause=6.0)
    await said(room)
    assert room.texts == ["How many people are there?", "and cups?"]
    assert room.overheard == ["who are you talking to"]
    shown = [e.value for e in room.events if isinstance(e, ModeChanged) and e.name == "attentive"]
    assert shown == [True, False, True, False], "open, closed while it speaks, open again, over"


async def test_the_name_alone_opens_the_ears() -> None:
    room = Room("Look out.", "stop that", wake=True)
    await said(room)
    await said(room)
    assert room.texts == ["stop that"]


async def test_a_sleep_word_ends_the_conversation() -> None:
    room = Room("Lookout, count people", "That's all.", "and then he said no", wake=True, follow_s=60)
    for _ in range(3):
        await said(room)
    assert room.texts == ["Count people"]
    assert room.overheard == ["and then he said no"]


async def test_while_the_house_speaks_others_do_not_stop_it() -> None:
    room = Room("did you see the game", wake=True, follow_s=60)
    room.saying = "I can see a red cup on the table."
    await room.hears(tone(2.0), hiss(1.0))
    assert room.speaking == []
    assert room.overheard == ["did you see the game"]


async def test_the_name_stops_the_house_as_soon_as_it_is_heard() -> None:
    room = Room("Lookout, stop talking please", partials=("Look out", "Look out stop"), wake=True)
    room.saying = "I can see a red cup on the table and a laptop beside it."
    await room.hears(hiss(1.0), tone(2.5), hiss(1.0))
    assert room.speaking[0] == (True, 1.6), "0.6 s after its beginning, while the person still talks"
    assert room.texts == ["Stop talking please"]
    assert room.partials, "captions follow"


async def test_without_captions_the_name_stops_the_house_when_it_is_recognised() -> None:
    room = Room("Lookout, stop", wake=True, partials_on=False)
    room.saying = "I can see a red cup on the table."
    await said(room)
    order = [type(event).__name__ for event in room.events.of(PersonSpeaking, TranscriptFinal)]
    assert order == ["PersonSpeaking", "TranscriptFinal", "PersonSpeaking"]


async def test_own_voice_saying_the_name_is_no_call() -> None:
    room = Room("I'll only listen when you say Lookout", partials=("Lookout will", "Lookout will"), wake=True)
    room.saying = "All right. I'll only listen when you say Lookout will you."
    await room.hears(tone(2.5), hiss(1.0))
    assert (room.speaking, room.texts) == ([], [])


async def test_with_the_button_no_name_is_needed() -> None:
    room = Room("what do you see", wake=True)
    room.ears.hold()
    await room.hears(tone(1.0))
    room.ears.let_go()
    await room.hears(hiss(1.0))
    assert room.texts == ["what do you see"]


async def test_switched_off_everything_is_a_request() -> None:
    room = Room("what do you see", wake=True)
    room.ears.attention.on = False
    await said(room)
    assert room.texts == ["what do you see"]
    assert room.events.of(TranscriptPartial) == []


async def test_names_of_ones_own() -> None:
    room = Room("Computer, lights", "Jarvis, what do you see?", wake=True, wake_words="Jarvis, Friday")
    await said(room)
    await said(room)
    assert room.texts == ["What do you see?"]
