"""The mouth: order and times of what is said, and what of it was heard. Virtual time, scripted voice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest

from config import Speaking
from interaction.clock import Clock
from interaction.events import Problem, UtteranceEnded, UtteranceStarted
from interaction.speaking.base import RATE, AudioSink, Pcm, Voice
from interaction.speaking.mouth import Mouth
from interaction.speaking.sinks import EmptyRoom, NullSink
from tests.fakes_speech import Heard, ScriptedVoice

THREE = "First comes this. Second comes that. Third comes more."


class Stage:
    """A mouth, its events, and what it said."""

    def __init__(self, voice: Voice | None, sink: AudioSink | None = None, **settings: Any) -> None:
        self.clock = Clock()
        self.events = Heard()
        self.sink = sink or NullSink()
        self.mouth = Mouth(voice, self.sink, self.events.append, self.clock.now, Speaking(**settings))

    def begin(self, text: str, number: int = 1, language: str = "en") -> asyncio.Task[str]:
        return asyncio.create_task(self.mouth.say(number, text, "answer", language))

    async def stop_after(self, seconds: float, text: str, language: str = "en") -> str:
        said = self.begin(text, language=language)
        await asyncio.sleep(seconds)
        self.mouth.stop()
        return await said

    def times(self) -> list[tuple[str, float]]:
        return [(type(e).__name__, round(e.t, 2)) for e in self.events]


async def test_an_utterance_lasts_as_long_as_its_sound() -> None:
    stage = Stage(ScriptedVoice(takes=0.3, lasts=2.0))
    assert await stage.begin("I see a cup.") == "I see a cup."
    assert stage.times() == [("UtteranceStarted", 0.3), ("UtteranceEnded", 2.3)]
    assert stage.events[0] == UtteranceStarted(t=stage.events[0].t, utterance=1, text="I see a cup.", kind="answer")
    assert stage.events[1] == UtteranceEnded(t=stage.events[1].t, utterance=1, heard="I see a cup.")


async def test_one_sentence_is_made_ahead_and_no_more() -> None:
    voice = ScriptedVoice(takes=0.3, lasts=2.0)
    stage = Stage(voice)
    await stage.begin(THREE)
    asked = [(sentence.split()[0], t) for what, sentence, t in voice.log if what == "asked"]
    assert asked == [
        ("First", 0.0),
        ("Second", 0.3),  # while the first is played
        ("Third", pytest.approx(2.0, abs=0.02)),  # when the second is reached, 0.3 s before it sounds
    ]
    assert stage.times() == [("UtteranceStarted", 0.3), ("UtteranceEnded", 6.3)], "no gap between sentences"


async def test_the_sound_of_a_streaming_voice_is_played_as_it_comes() -> None:
    stage = Stage(ScriptedVoice(takes=0.1, lasts=2.0, chunk=0.25))
    await stage.begin("A long sentence.")
    assert stage.times() == [("UtteranceStarted", 0.1), ("UtteranceEnded", 2.1)]


async def test_numbers_are_spoken_in_words_and_shown_as_written() -> None:
    voice = ScriptedVoice()
    stage = Stage(voice)
    assert await stage.begin("**It costs $5.**") == "**It costs $5.**"
    assert voice.log[0][1] == "It costs five dollars."


@pytest.mark.parametrize(
    ("after", "heard"),
    [
        (0.2, ""),  # nothing was played yet
        (1.0, "First"),
        (2.35, "First comes this."),
        (3.6, "First comes this. Second comes"),
        (4.32, "First comes this. Second comes that."),
    ],
)
async def test_what_was_heard_before_the_stop(after: float, heard: str) -> None:
    stage = Stage(ScriptedVoice(takes=0.3, lasts=2.0))
    assert await stage.stop_after(after, THREE) == heard
    ended = stage.events[-1]
    assert ended == UtteranceEnded(t=pytest.approx(after), utterance=1, heard=heard, interrupted=True)


async def test_what_was_heard_of_chinese_is_cut_by_the_character() -> None:
    stage = Stage(ScriptedVoice(takes=0.0, lasts=2.0, languages=("zh",)))
    assert await stage.stop_after(1.0, "我看到一个红色杯子。", "zh") == "我看到一个"


class Recorder(NullSink):
    """Remembers when samples were taken, and whether any came after a clear."""

    def __init__(self) -> None:
        super().__init__()
        self.taken = 0
        self.cleared_at: int | None = None

    async def play(self, pcm: Pcm) -> None:
        await super().play(pcm)
        self.taken += len(pcm)

    def clear(self) -> float:
        self.cleared_at = self.taken
        return super().clear()


@pytest.mark.parametrize("after", [0.05, 0.15, 0.3, 0.31, 0.5, 1.0, 2.0, 2.31])
async def test_nothing_is_played_after_a_stop(after: float) -> None:
    sink = Recorder()
    voice = ScriptedVoice(takes=0.1, lasts=1.0, chunk=0.3)
    stage = Stage(voice, sink)
    await stage.stop_after(after, THREE)
    taken = sink.taken
    await asyncio.sleep(20)
    assert sink.taken == taken == (sink.cleared_at or 0)
    running = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
    assert running == [], "the voice was abandoned"


async def test_a_stop_between_the_decision_and_the_first_step_counts() -> None:
    stage = Stage(ScriptedVoice())
    said = stage.begin("Never heard.")
    stage.mouth.stop()
    assert await said == ""
    assert stage.events.names() == ["UtteranceEnded"]


async def test_a_new_utterance_after_a_stop_is_said() -> None:
    stage = Stage(ScriptedVoice(takes=0.1, lasts=1.0))
    old = stage.begin("The old one goes on and on.", 1)
    await asyncio.sleep(0.6)
    stage.mouth.stop()
    new = stage.begin("The new one.", 2)
    assert await new == "The new one."
    assert (await old).startswith("The old")
    assert [e.utterance for e in stage.events] == [1, 1, 2, 2]  # type: ignore[union-attr]


async def test_two_at_once_never_sound_together() -> None:
    stage = Stage(ScriptedVoice(takes=0.1, lasts=1.0))
    old = stage.begin("The old one goes on.", 1)
    await asyncio.sleep(0.5)
    assert await stage.begin("The new one.", 2) == "The new one."
    await old
    assert stage.events.names() == ["UtteranceStarted", "UtteranceEnded", "UtteranceStarted", "UtteranceEnded"]
    assert stage.events[1].interrupted  # type: ignore[union-attr]


async def test_a_cancelled_utterance_is_cut() -> None:
    sink = Recorder()
    stage = Stage(ScriptedVoice(takes=0.1, lasts=5.0), sink)
    said = stage.begin("A session that ends while speaking.")
    await asyncio.sleep(1.0)
    said.cancel()
    await asyncio.wait([said])
    assert stage.events.of(UtteranceEnded)[0].interrupted  # type: ignore[union-attr]
    assert sink.cleared_at is not None


# Captions.


@pytest.mark.parametrize("case", ["no voice", "muted", "language", "nothing to speak"])
async def test_a_caption_is_shown_for_as_long_as_reading_takes(case: str) -> None:
    stage = Stage(None if case == "no voice" else ScriptedVoice())
    stage.mouth.muted = case == "muted"
    text = "😀 🎉" if case == "nothing to speak" else "A person is standing at the door."
    assert await stage.begin(text, language="zh" if case == "language" else "en") == text
    started, ended = stage.events
    assert isinstance(started, UtteranceStarted) and not started.spoken
    assert ended.t - started.t == pytest.approx(1.0 if case == "nothing to speak" else 33 / 15, abs=0.1)


async def test_a_stopped_caption_was_read() -> None:
    stage = Stage(None)
    assert await stage.stop_after(0.5, "A person is standing at the door.") == "A person is standing at the door."
    assert stage.events[-1].interrupted  # type: ignore[union-attr]


# Trouble.


async def test_a_voice_that_fails_leaves_the_words_as_a_caption() -> None:
    stage = Stage(ScriptedVoice(fails=("I see a cup.",)))
    assert await stage.begin("I see a cup.") == "I see a cup."
    assert stage.events.names() == ["Problem", "UtteranceStarted", "UtteranceEnded"]
    problem, started, _ = stage.events
    assert isinstance(problem, Problem) and problem.where == "voice" and problem.kept and problem.advice
    assert isinstance(started, UtteranceStarted) and not started.spoken


async def test_a_voice_that_fails_midway_loses_no_words_and_is_reported_once() -> None:
    stage = Stage(ScriptedVoice(takes=0.1, lasts=1.0, fails=("Second comes that.",)))
    assert await stage.begin(THREE) == THREE
    await stage.begin(THREE)
    await stage.begin("It works.")
    assert stage.events.names() == [
        "UtteranceStarted", "Problem", "UtteranceEnded", "UtteranceStarted", "UtteranceEnded",
        "UtteranceStarted", "Recovered", "UtteranceEnded",
    ]  # fmt: skip


async def test_a_voice_that_hangs_is_given_up() -> None:
    stage = Stage(ScriptedVoice(takes=1000.0), timeout_s=5.0)
    assert await stage.begin("I see a cup.") == "I see a cup."
    assert stage.times()[0] == ("Problem", 5.0)


async def test_small_words_that_come_too_late_are_shown_and_the_voice_is_not_blamed() -> None:
    stage = Stage(ScriptedVoice(takes=8.0))
    await stage.mouth.say(1, "I'm on it.", "acknowledgement", "en")
    assert stage.times() == [("UtteranceStarted", 3.0), ("UtteranceEnded", 4.0)]
    assert not stage.events[0].spoken
    await stage.mouth.say(2, "Someone just came in.", "alert", "en")
    assert stage.events[2].spoken and stage.events[2].t == pytest.approx(12.0)


class Odd(Voice):
    """Somebody's voice with a fault in it."""

    name = "odd"
    languages = frozenset({"en"})

    async def synthesise(self, sentence: str, language: str, pace: float = 1.0) -> AsyncIterator[Pcm]:
        yield np.zeros(RATE // 10, np.int16)
        raise KeyError("odd")


async def test_any_fault_of_a_voice_ends_well() -> None:
    stage = Stage(Odd())
    assert await stage.begin("I see a cup.") == "I see a cup."
    assert "KeyError" in stage.events.of(Problem)[0].message  # type: ignore[union-attr]


class Stopping(ScriptedVoice):
    """Begins a sentence, and goes on with it after 15 seconds."""

    async def synthesise(self, sentence: str, language: str, pace: float = 1.0) -> AsyncIterator[Pcm]:
        yield np.zeros(RATE, np.int16)
        await asyncio.sleep(15.0)
        yield np.zeros(RATE, np.int16)


async def test_a_sentence_whose_rest_does_not_come_ends_as_a_caption() -> None:
    stage = Stage(Stopping())
    assert await stage.begin("I see a cup on the table.") == "I see a cup on the table."
    assert stage.events.names()[-1] == "UtteranceEnded" and stage.times()[-1][1] < 10.0


async def test_prepare_goes_through_the_same_steps_as_saying() -> None:
    voice = ScriptedVoice()
    stage = Stage(voice)
    await stage.mouth.prepare(["It costs $5. Right?", "😀"], "en")
    await stage.mouth.prepare(["有人来了。"], "zh")
    assert voice.prepared == ["It costs five dollars.", "Right?"]


async def test_a_headless_sink_is_a_little_ahead_and_knows_what_is_left() -> None:
    sink, clock = NullSink(), Clock()
    for _ in range(10):
        await sink.play(np.zeros(RATE // 10, np.int16))
    assert clock.now() == pytest.approx(0.7, abs=0.001)
    assert sink.clear() == pytest.approx(0.3, abs=0.001)
    assert sink.clear() == 0
    await sink.play(np.zeros(RATE, np.int16))
    await sink.drain()
    assert clock.now() == pytest.approx(1.7, abs=0.001)


# Saying less, not later.


async def test_the_rest_of_an_answer_is_shown_when_its_sound_would_come_too_late() -> None:
    voice = ScriptedVoice(takes=0.3, lasts=1.0)
    stage = Stage(voice)
    said = stage.begin(THREE)
    await asyncio.sleep(0.35)
    voice._takes = 20.0  # from the third piece on: the machine has become busy
    assert await said == THREE
    ended = stage.events[-1]
    assert isinstance(ended, UtteranceEnded) and not ended.interrupted
    assert ended.t < 12, "no silence of twenty seconds"
    assert stage.events.of(Problem) == [], "and nobody is to blame"


async def test_commentary_is_shown_while_the_voice_is_slower_than_speech_and_spoken_again_later() -> None:
    stage = Stage(ScriptedVoice(takes=2.5, lasts=1.0))

    async def spoken(number: int, kind: Any) -> bool:
        await stage.mouth.say(number, "A car goes by.", kind, "en")
        return bool(stage.events.of(UtteranceStarted)[-1].spoken)  # type: ignore[attr-defined]

    assert await spoken(1, "notice")
    assert not await spoken(2, "notice")
    assert await spoken(3, "answer"), "what was asked for is worth the wait"
    assert not await spoken(4, "notice")
    await asyncio.sleep(31)
    assert await spoken(5, "notice")


async def test_ten_thousand_characters_are_said_in_part_and_can_be_interrupted() -> None:
    voice = ScriptedVoice(takes=0.1, lasts=lambda sentence: len(sentence) / 15)
    stage = Stage(voice)
    text = " ".join(f"This is sentence number {number}, which nobody needs." for number in range(210))
    assert len(text) > 10_000
    assert await stage.begin(text) == text, "all of it is in the caption"
    assert 40 < stage.events[-1].t < 120
    assert voice.log[-1][1] == "The rest is on the page."
    assert (await stage.stop_after(5.0, text)).startswith("This is sentence number 0,")


async def test_one_word_of_ten_thousand_characters_and_nothing_at_all() -> None:
    stage = Stage(ScriptedVoice(takes=0.1, lasts=1.0))
    await stage.begin("x" * 10_000, 1)
    assert await stage.begin("", 2) == ""
    assert await stage.begin("   \n ", 3) == "   \n "
    assert stage.events.names().count("UtteranceEnded") == 3


class Choir(ScriptedVoice):
    """Several speakers."""

    def __init__(self) -> None:
        super().__init__(takes=0.0, lasts=0.5)
        self.sang: list[str] = []

    def as_speaker(self, name: str) -> Voice:
        self.sang.append(name)
        return self


async def test_the_chosen_speaker_says_it_and_prepares_it() -> None:
    choir = Choir()
    stage = Stage(choir)
    await stage.begin("One.")
    stage.mouth.speakers = {"en": "am_michael"}
    await stage.begin("Two.")
    await stage.mouth.prepare(["Three."], "en")
    assert choir.sang == ["", "am_michael", "am_michael"]


async def test_in_an_empty_room_no_sound_is_made_and_everything_else_is_as_ever() -> None:
    voice = ScriptedVoice(takes=0.5, lasts=2.0)
    stage = Stage(voice, EmptyRoom())
    assert await stage.begin(THREE) == THREE
    assert voice.log == [], "the voice was not asked"
    (started, begin), (ended, end) = stage.times()
    assert (started, ended, begin) == ("UtteranceStarted", "UtteranceEnded", 0.0) and 2.5 < end < 5.0
    assert stage.events[0].spoken and stage.events[1].heard == THREE  # type: ignore[union-attr]
    assert await stage.stop_after(1.5, THREE) in ("First comes this.", "First comes this. Second")
    assert stage.events[-1].interrupted  # type: ignore[union-attr]


async def test_who_comes_in_meanwhile_hears_from_the_next_sentence_on() -> None:
    voice, sink = ScriptedVoice(takes=0.1, lasts=2.0), Recorder()
    stage = Stage(voice, EmptyRoom())
    said = stage.begin("First comes this. Second comes that. Third comes more. Fourth comes most.")
    await asyncio.sleep(0.5)
    stage.mouth.sink = sink
    await said
    assert [sentence.split()[0] for what, sentence, _ in voice.log if what == "asked"] == ["Third", "Fourth"]
    assert sink.taken >= 4 * RATE


async def test_a_voice_that_failed_is_not_said_to_work_again_by_an_empty_room() -> None:
    stage = Stage(ScriptedVoice(fails=("One.",)))
    await stage.begin("One.")
    stage.mouth.sink = EmptyRoom()
    await stage.begin("Two.", 2)
    assert stage.events.names().count("Problem") == 1 and "Recovered" not in stage.events.names()
