"""The ears: turns, early recognition, barge-in, echo, trouble. Virtual time, scripted recogniser."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from interaction.events import NothingSaid, PersonSpeaking, Problem, Recovered, TranscriptFinal
from interaction.hearing.vad import CHUNK
from tests.ears_room import Room
from tests.fakes_speech import broken, hiss, tone


async def test_a_turn_becomes_a_transcript() -> None:
    room = Room("what do you see")
    room.language = "zh"
    await room.hears(hiss(1.0), tone(1.0), hiss(1.0))
    assert room.speaking == [(True, 1.1), (False, 2.5)]
    assert room.texts == ["what do you see"]
    final = room.events.of(TranscriptFinal)[0]
    assert (final.origin, final.language, room.recognizer.languages) == ("voice", "zh", ["zh"])  # type: ignore[union-attr]
    await room.ears.aclose()


async def test_the_sound_before_the_vad_fired_is_kept() -> None:
    room = Room()
    await room.hears(hiss(1.0), tone(1.0), hiss(0.6))
    # 0.3 s before, 1 s of speech, 0.2 s of the silence at which recognition began
    assert room.recognizer.calls[0] == pytest.approx(1.5, abs=0.07)


async def test_recognition_starts_early_so_that_the_words_are_there_at_the_end() -> None:
    room = Room("hello", takes=0.25)
    await room.hears(hiss(0.5), tone(1.0), hiss(1.0))
    assert room.events.of(TranscriptFinal)[0].t == pytest.approx(2.02, abs=0.06)  # the end of the turn, not later


@pytest.mark.parametrize(
    ("text", "silence"), [("What time is it?", 0.35), ("Tell me when it rains.", 0.5), ("Tell me when the", 0.9)]
)
async def test_how_long_a_silence_is_waited_for_depends_on_what_was_said(text: str, silence: float) -> None:
    room = Room(text, takes=0.1)
    await room.hears(hiss(0.5), tone(1.0), hiss(1.5))
    assert room.events.of(TranscriptFinal)[0].t == pytest.approx(1.5 + silence, abs=0.06)


async def test_words_that_are_not_there_in_time_hold_nothing_up() -> None:
    room = Room("Tell me when the", takes=0.4)
    await room.hears(hiss(0.5), tone(1.0), hiss(1.5))
    assert room.speaking[-1][1] == pytest.approx(2.0, abs=0.1)


async def test_who_goes_on_after_a_whole_question_is_heard_to_the_end() -> None:
    room = Room("What is this?", "What is this thing here and", "What is this thing here and that?", takes=0.02)
    await room.hears(hiss(0.5), tone(0.6), hiss(0.3), tone(0.6), hiss(0.7), tone(0.6), hiss(1.0))
    assert room.texts == ["What is this thing here and that?"]


async def test_a_pause_within_a_sentence_does_not_part_it() -> None:
    room = Room("never given out", "one whole sentence", takes=0.2)
    await room.hears(hiss(0.5), tone(0.6), hiss(0.3), tone(0.6), hiss(1.0))
    assert len(room.recognizer.calls) == 2
    assert room.recognizer.calls[1] > 1.5, "the second attempt hears both parts"
    assert room.recognizer.done == 1, "the first attempt was thrown away"
    assert len(room.texts) == 1


@pytest.mark.parametrize("length", [7, 37, CHUNK, 960, 5000])
async def test_chunks_of_any_length_give_the_same_turn(length: int) -> None:
    room = Room("hi")
    sound = np.concatenate([hiss(0.5), tone(0.5), hiss(0.7)])
    for k in range(0, len(sound), length):
        room.ears.feed(sound[k : k + length])
    await asyncio.sleep(0.2)
    assert room.recognizer.calls == [pytest.approx(0.99, abs=0.04)]
    assert room.texts == ["hi"]


async def test_clicks_and_silence_are_no_turns() -> None:
    room = Room("you")
    await room.hears(hiss(0.5), tone(0.03), hiss(0.5), tone(0.03), hiss(3.0))
    assert room.events == []
    assert room.recognizer.calls == []


async def test_a_cough_is_announced_but_not_recognised() -> None:
    room = Room("you", shortest_s=0.3)
    await room.hears(hiss(0.5), tone(0.2), hiss(1.0))
    assert [active for active, _ in room.speaking] == [True, False]
    assert room.texts == []
    assert len(room.events.of(NothingSaid)) == 1


async def test_an_endless_turn_is_cut_and_frees_the_floor() -> None:
    room = Room("part", longest_turn_s=6.0)
    quiet = tone(0.1, 0.001)
    await room.hears(hiss(0.5), tone(5.0), quiet, tone(5.0), hiss(1.0))
    assert len(room.texts) == 2
    assert room.recognizer.calls[0] == pytest.approx(5.2, abs=0.2), "cut where it was quietest"
    assert room.speaking == [(True, 0.6), (False, 6.2)], "the second part does not take the floor again"


async def test_of_a_minute_without_a_pause_nothing_is_lost() -> None:
    room = Room("part", takes=0.4)
    sentence = [tone(6.3), tone(0.1, 0.001)]
    await room.hears(hiss(0.5), *sentence * 10, hiss(1.0))
    assert len(room.texts) >= 3
    assert sum(room.recognizer.calls) == pytest.approx(64 + 0.3 + 0.2, abs=0.3), "each sample is in one part"


async def test_bad_samples_do_no_harm() -> None:
    room = Room("fine")
    bad = tone(0.5)
    bad[::7] = np.nan
    bad[::11] = np.inf
    await room.hears(hiss(0.3), bad, hiss(0.7))
    assert room.texts == ["fine"]


async def test_a_microphone_that_goes_away_ends_the_turn() -> None:
    room = Room("tell me")
    await room.hears(hiss(0.3), tone(0.5))
    await asyncio.sleep(3)
    assert [active for active, _ in room.speaking] == [True, False]
    assert room.texts == ["tell me"]


async def test_switching_the_microphone_off_drops_the_turn() -> None:
    room = Room("secret")
    await room.hears(hiss(0.3), tone(0.5), hiss(0.25))
    room.ears.reset()
    await room.hears(hiss(2.0))
    assert [active for active, _ in room.speaking] == [True, False]
    assert room.texts == []


# While the house speaks.


async def test_a_short_or_faint_sound_does_not_stop_the_voice() -> None:
    room = Room("")
    room.saying = "I can see a red cup on the table."
    await room.hears(hiss(0.5), tone(0.2), hiss(0.8), tone(1.0, amplitude=0.008), hiss(1.0))
    assert room.speaking == []


async def test_sustained_speech_stops_the_voice_soon() -> None:
    room = Room("stop talking")
    room.saying = "I can see a red cup on the table."
    await room.hears(hiss(1.0), tone(1.0), hiss(1.0))
    assert room.events[0] == PersonSpeaking(t=pytest.approx(1.27, abs=0.04), active=True)
    assert room.texts == ["stop talking"]


async def test_a_word_too_short_to_interrupt_is_heard_all_the_same() -> None:
    room = Room("stop")
    room.saying = "I can see a red cup on the table."
    await room.hears(hiss(1.0), tone(0.2), hiss(1.0))
    assert room.texts == ["stop"]


async def test_own_voice_is_no_request() -> None:
    room = Room("I can see a red cup on the table", "A person came in", "what time is it")
    room.saying = "I can see a red cup on the table."
    await room.hears(hiss(0.5), tone(1.0), hiss(1.0))
    room.saying = "A person came in."
    await room.hears(tone(1.0), hiss(1.0))
    room.saying = ""
    await room.hears(tone(1.0), hiss(1.0))
    assert room.texts == ["what time is it"]
    warning = room.events.of(Problem)[0]
    assert (warning.where, warning.severity) == ("microphone", "warning")  # type: ignore[union-attr]


async def test_after_an_echo_more_is_needed_to_interrupt() -> None:
    room = Room("A person came in")
    room.saying = "A person came in."
    await room.hears(hiss(0.5), tone(0.4), hiss(1.0), tone(0.4), hiss(1.0))
    assert [active for active, _ in room.speaking] == [True, False], "the second one stays below the higher bar"


# Trouble.


async def test_digital_silence_is_reported_once_and_taken_back() -> None:
    room = Room()
    zeros = np.zeros(16000, np.float32)
    await room.hears(*[zeros] * 25)
    assert [(type(e), e.where) for e in room.events] == [(Problem, "microphone")]  # type: ignore[union-attr]
    assert room.events[0].t == pytest.approx(10, abs=0.1)
    await room.hears(hiss(0.1))
    assert room.events.names() == ["Problem", "Recovered"]


async def test_who_has_no_microphone_is_not_told_that_it_is_silent() -> None:
    room = Room()
    room.ears.microphone(False)
    await room.hears(np.zeros(16000 * 15, np.float32))
    assert room.events == []
    room.ears.microphone(True)
    await room.hears(np.zeros(16000 * 11, np.float32))
    assert room.events.names() == ["Problem"]


async def test_a_quiet_room_is_no_broken_microphone() -> None:
    room = Room()
    await room.hears(hiss(30))
    assert room.events == []


async def test_a_failing_recogniser_is_reported_once_until_it_works() -> None:
    room = Room(broken(), broken(), "hello")
    for _ in range(3):
        await room.hears(tone(0.5), hiss(1.0))
    assert [e.where for e in room.events.of(Problem)] == ["hearing"]  # type: ignore[union-attr]
    assert len(room.events.of(Recovered)) == 1
    assert room.texts == ["hello"]


async def test_a_recogniser_that_hangs_is_given_up() -> None:
    room = Room("late", takes=100.0, timeout_s=3.0)
    await room.hears(tone(0.5), hiss(5.0))
    assert "longer than 3 seconds" in room.events.of(Problem)[0].message  # type: ignore[union-attr]


async def test_an_unexpected_fault_is_reported_and_the_next_turn_heard() -> None:
    room = Room(ValueError("odd"), "hello")
    for _ in range(2):
        await room.hears(tone(0.5), hiss(1.0))
    assert "odd" in room.events.of(Problem)[0].message  # type: ignore[union-attr]
    assert room.texts == ["hello"]


async def test_turns_do_not_pile_up() -> None:
    room = Room("late", takes=60.0, turns=2, timeout_s=120)
    for _ in range(6):
        await room.hears(tone(0.3), hiss(0.7))
    assert "More was said" in room.events.of(Problem)[0].message  # type: ignore[union-attr]
    await asyncio.sleep(200)
    assert 1 <= len(room.texts) <= 3


async def test_closing_leaves_nothing_running() -> None:
    room = Room("late", takes=60.0)
    await room.hears(tone(0.5), hiss(0.8))
    await room.ears.aclose()
    await asyncio.sleep(100)
    assert room.texts == []
    others = [task.get_name() for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    assert others == []


async def test_a_clipped_microphone_is_reported_until_it_is_turned_down() -> None:
    room = Room("fine")
    loud = np.clip(tone(1.0, amplitude=5.0), -1, 1)
    for sound in (loud, loud, tone(1.0)):
        await room.hears(sound, hiss(1.0))
    told = [e for e in room.events if isinstance(e, Problem | Recovered)]
    assert [(type(e).__name__, e.where) for e in told] == [("Problem", "microphone"), ("Recovered", "microphone")]
    assert "distorted" in told[0].message
    assert room.texts == ["fine"] * 3, "it is heard all the same"


@pytest.mark.parametrize(
    "nothing", ["", "   ", "\n", "Ha, ha, ha!", "Hmm.", "Mm-hmm.", "Um, uh.", "哈哈哈哈", "嗯，嗯。"]
)
async def test_what_has_no_words_is_no_request(nothing: str) -> None:
    room = Room(nothing)
    await room.hears(tone(0.5), hiss(1.0))
    assert room.texts == []
    assert len(room.events.of(NothingSaid)) == 1


# The language of what is said.


async def test_the_language_follows_the_sound_only_where_that_is_sure() -> None:
    room = Room("hello", auto_language=True, language_floor=0.8)
    spoken = [(None, "en"), (("zh", 0.95), "zh"), (("en", 0.6), "zh"), (("en", 0.9), "en"), (("zh", 0.79), "en")]
    for sounds_like, _ in spoken:
        room.recognizer.sounds_like = sounds_like
        await room.hears(tone(0.5), hiss(1.0))
    assert room.recognizer.languages == [language for _, language in spoken]
    room.language = "zh"  # the person chooses: that counts from now on
    await room.hears(tone(0.5), hiss(1.0))
    assert room.recognizer.languages[-1] == "zh"


async def test_the_language_is_the_persons_unless_set_otherwise() -> None:
    room = Room("hello")
    room.recognizer.sounds_like = ("zh", 1.0)
    await room.hears(tone(0.5), hiss(1.0))
    assert room.recognizer.languages == ["en"]


@pytest.mark.parametrize(
    "word", ["Oh no.", "Him", "Home", "Hey.", "Uh, stop.", "好", "对", "嗯好", "Yes", "No", "Hamlet"]
)
async def test_short_words_are_words(word: str) -> None:
    room = Room(word)
    await room.hears(tone(0.5), hiss(1.0))
    assert room.texts == [word]
