"""A speech server that fails: nothing that was said or is to be said is lost, and it is used again when it is well."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import assets
from config import Fallback, Settings
from interaction.events import Event, Problem, Recovered, UtteranceEnded, UtteranceStarted
from interaction.hearing.base import HearingError, Recognizer, Transcript
from interaction.hearing.openai_compatible import OpenAIRecognizer
from interaction.hearing.standby import StandbyRecognizer
from interaction.speaking.base import RATE, Pcm, SpeakingError
from interaction.speaking.mouth import Mouth
from interaction.speaking.openai_compatible import OpenAIVoice
from interaction.speaking.sinks import NullSink
from interaction.speaking.standby import StandbyVoice
from rooms import Rooms
from tests.fakes_speech import Heard, ScriptedRecognizer, ScriptedVoice, tone
from tests.speech_server import Reply, dead_url, serving, speech_server

QUICK = Fallback(hearing_s=2, voice_s=1, probe_first_s=3, probe_longest_s=12)


class Moody(Recognizer):
    """A server that does what `mood` says: a text, an error, or seconds that it takes."""

    name = "the server"

    def __init__(self, mood: Any) -> None:
        self.mood = mood
        self.asked: list[float] = []

    async def transcribe(self, audio: Any, language: str) -> Transcript:
        self.asked.append(round(asyncio.get_running_loop().time() - 1000, 1))
        if isinstance(self.mood, float):
            await asyncio.sleep(self.mood)
        if isinstance(self.mood, Exception):
            raise self.mood
        return Transcript("from the server", language)


class MoodyVoice(ScriptedVoice):
    """A server that breaks off after its first sound, or says nothing, while it is `ill`."""

    def __init__(self, ill: str) -> None:
        super().__init__(takes=0.1, lasts=1.0, chunk=0.4)
        self.ill = ill

    async def synthesise(self, sentence: str, language: str, pace: float = 1.0) -> AsyncIterator[Pcm]:
        if self.ill == "silent":
            await asyncio.sleep(1000)
        if self.ill == "cut":
            yield np.zeros(RATE // 4, np.int16)
            raise SpeakingError("The connection broke.")
        async for pcm in super().synthesise(sentence, language, pace):
            yield pcm


def house_of(main: Recognizer, told: Heard, opened: list[str]) -> StandbyRecognizer:
    def open() -> Recognizer:
        opened.append("whisper")
        return ScriptedRecognizer("from whisper")

    return StandbyRecognizer(main, open, told.append, QUICK)


@pytest.mark.parametrize("ill", [HearingError("It broke."), 1000.0])
async def test_a_turn_that_the_server_cannot_recognise_is_recognised_here(ill: Any) -> None:
    told, opened, main = Heard(), [], Moody("well")
    ears = house_of(main, told, opened)
    assert (await ears.transcribe(tone(1.0), "en")).text == "from the server"
    assert opened == [], "not opened before it is needed"
    main.mood = ill
    for _ in range(3):
        assert (await ears.transcribe(tone(1.0), "en")).text == "from whisper"
    assert told.names() == ["Problem"] and opened == ["whisper"]
    assert len(main.asked) == 2, "while it rests, only the probes ask it"
    problem = told[0]
    assert isinstance(problem, Problem) and "Nothing is lost" in problem.kept and problem.severity == "warning"
    await ears.aclose()


async def test_a_server_is_probed_ever_more_slowly_and_used_again_when_it_is_well() -> None:
    told, main = Heard(), Moody(HearingError("It broke."))
    ears = house_of(main, told, [])
    await ears.transcribe(tone(1.0), "en")
    await asyncio.sleep(40)
    assert main.asked == [0.0, 3.0, 9.0, 21.0, 33.0], "after 3, 6, 12 and 12 seconds"
    main.mood = "well"
    await asyncio.sleep(12)
    assert told.names() == ["Problem", "Recovered"]
    assert (await ears.transcribe(tone(1.0), "en")).text == "from the server"
    main.mood = HearingError("Again.")
    assert (await ears.transcribe(tone(1.0), "en")).text == "from whisper"
    assert told.names() == ["Problem", "Recovered", "Problem"]
    await ears.aclose()


async def test_without_weights_it_says_what_is_missing_and_what_goes_on() -> None:
    def none() -> Recognizer:
        raise assets.MissingAsset(assets.manifest()["whisper-base"], "The weight whisper-base is not on this machine.")

    told = Heard()
    ears = StandbyRecognizer(Moody(HearingError("It broke.")), none, told.append, QUICK)
    with pytest.raises(HearingError, match="whisper-base is not on this machine"):
        await ears.transcribe(tone(1.0), "en")
    assert "whisper-base" in told.of(Problem)[-1].message  # type: ignore[attr-defined]
    await ears.aclose()


@pytest.mark.parametrize("ill", ["cut", "silent"])
async def test_every_sentence_is_heard_when_the_server_breaks_off(ill: str) -> None:
    told, main, kokoro = Heard(), MoodyVoice(""), ScriptedVoice(takes=0.1, lasts=1.0)
    voice = StandbyVoice(main, lambda: kokoro, told.append, QUICK)
    mouth = Mouth(voice, NullSink(), told.append, asyncio.get_running_loop().time)
    await mouth.say(1, "One is here. Two is there.", "answer", "en")
    assert [sentence for what, sentence, _ in main.log if what == "made"] == ["One is here.", "Two is there."]
    main.ill = ill
    assert await mouth.say(2, "Three is far. Four is near.", "answer", "en") == "Three is far. Four is near."
    assert [sentence for what, sentence, _ in kokoro.log if what == "made"] == ["Three is far.", "Four is near."]
    assert [event.spoken for event in told.of(UtteranceStarted)] == [True, True]  # type: ignore[attr-defined]
    assert not any(event.interrupted for event in told.of(UtteranceEnded))  # type: ignore[attr-defined]
    main.ill = ""
    await asyncio.sleep(5)
    assert len(told.of(Problem)) == len(told.of(Recovered)) == 1
    await mouth.say(3, "Five.", "answer", "en")
    assert main.log[-1][:2] == ("made", "Five.")
    await voice.aclose()


async def test_who_is_interrupted_leaves_nothing_running() -> None:
    told, kokoro = Heard(), ScriptedVoice(takes=0.1, lasts=5.0, chunk=0.1)
    voice = StandbyVoice(MoodyVoice("cut"), lambda: kokoro, told.append, QUICK)
    mouth = Mouth(voice, NullSink(), told.append, asyncio.get_running_loop().time)
    said = asyncio.create_task(mouth.say(1, "A long story begins here.", "answer", "en"))
    await asyncio.sleep(1.5)
    mouth.stop()
    await said
    await asyncio.sleep(0.1)
    assert kokoro.log[-1][0] == "abandoned"
    await voice.aclose()


MALFORMED = [
    Reply(b"no json at all"),
    Reply(b'{"text": 7}'),
    Reply(b"<html>", kind="text/html"),
    Reply(b"{}", status=500),
    Reply(b"[" * 300_000),
]


@pytest.mark.real_time
@pytest.mark.parametrize("reply", MALFORMED)
async def test_a_malformed_server_over_http(reply: Reply) -> None:
    told = Heard()
    with speech_server(reply) as server:
        ears = StandbyRecognizer(
            OpenAIRecognizer(server.url, "m"), lambda: ScriptedRecognizer("from whisper"), told.append, QUICK
        )
        voice = StandbyVoice(OpenAIVoice(server.url, "m", "s"), lambda: ScriptedVoice(takes=0.0), told.append, QUICK)
        assert (await ears.transcribe(tone(1.0), "en")).text == "from whisper"
        if not reply.body.startswith(b"no json"):  # bytes of the right kind are sound to anybody
            sound = [pcm async for pcm in voice.synthesise("Hello.", "en")]
            assert sum(map(len, sound)) >= RATE
        await ears.aclose()
        await voice.aclose()
    assert {event.where for event in told} <= {"speech recognition server", "speech server"}  # type: ignore[union-attr]
    assert told


@pytest.mark.real_time
async def test_a_house_whose_server_comes_up_later_uses_it_then(tmp_path: Path) -> None:
    """Dead at first, then our own speech server on that very port."""
    url = dead_url()
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        data_dir=tmp_path,
        hearing={"recognizer": "openai", "url": url},
        speaking={"voice": "openai", "url": url, "speaker": "alloy"},
        fallback={"probe_first_s": 0.1, "probe_longest_s": 0.1},
        memory={"enabled": False},
    )
    rooms = Rooms(settings)
    ears, mouth = rooms._recognizer, rooms._voice
    assert isinstance(ears, StandbyRecognizer) and isinstance(mouth, StandbyVoice)
    ears._standby._open = lambda: ScriptedRecognizer("from whisper")
    mouth._standby._open = lambda: ScriptedVoice(takes=0.0, lasts=0.1)
    session = rooms.session("s", "p")
    seen: list[Event] = []
    session.post = seen.append  # type: ignore[method-assign, assignment]
    assert (await ears.transcribe(tone(1.0), "en")).text == "from whisper"
    assert [pcm.size async for pcm in mouth.synthesise("Hello.", "en")] == [RATE // 10]
    assert set(rooms.problems) == {"speech recognition server", "speech server"}
    later = rooms.session("t", "p")
    assert {problem.where for problem in later.services.missing} >= set(rooms.problems)
    with serving(ScriptedRecognizer("from the server"), ScriptedVoice(takes=0.0), port=int(url.rsplit(":", 1)[1])):
        async with asyncio.timeout(20):
            await ears._standby._scope.ended("probing")
            await mouth._standby._scope.ended("probing")
        assert (await ears.transcribe(tone(1.0), "en")).text == "from the server"
        assert not rooms.problems
    assert [type(event).__name__ for event in seen] == ["Problem", "Problem", "Recovered", "Recovered"]
    for one in (session, later):
        await one.aclose()
    await rooms.aclose()


async def test_what_is_built_in_has_nothing_behind_it(tmp_path: Path) -> None:
    for values in ({}, {"hearing": {"recognizer": "openai", "url": dead_url()}, "fallback": {"enabled": False}}):
        settings = Settings(_env_file=None, data_dir=tmp_path, memory={"enabled": False}, **values)  # type: ignore[arg-type]
        rooms = Rooms(settings, voice=False)
        assert not isinstance(rooms._recognizer, StandbyRecognizer)
        await rooms.aclose()


async def test_what_stands_in_is_opened_once_though_whoever_waited_went_on() -> None:
    opened: list[Recognizer] = []
    go = threading.Event()

    def open_slowly() -> Recognizer:
        go.wait(10)
        opened.append(Moody("fine"))
        return opened[-1]

    standby = StandbyRecognizer(Moody(HearingError("gone")), open_slowly, lambda event: None, QUICK)
    first = asyncio.ensure_future(standby.transcribe(tone(1.0), "en"))
    await asyncio.sleep(0.1)
    first.cancel()  # the person talked on
    second = asyncio.ensure_future(standby.transcribe(tone(1.0), "en"))
    await asyncio.sleep(0.1)
    go.set()
    assert (await second).text == "from the server" and len(opened) == 1
    await standby.aclose()
    standby._standby.failed(HearingError("late"))
    assert standby._standby._scope.names == [], "nobody asks for a house that is closed"
