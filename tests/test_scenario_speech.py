"""Lines that are spoken, not typed: when they begin, what is typed all the same, and what the recogniser changed."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bench.performance import Deaf, Stage
from bench.person import BEFORE_S, NOISE, Person, misheard, resampled, stranger, typed
from bench.scenario import collect, load
from bench.scenarios import DEFAULT, run_one
from bench.scoring import Result
from bench.suite import Manner, run_all
from bench.trace import Said
from config import Settings
from interaction.clock import run_virtual
from interaction.events import TranscriptFinal
from interaction.headless import Line
from interaction.hearing.base import RATE
from interaction.hearing.ears import Ears
from interaction.observers.embedded import EmbeddedObserver
from interaction.services import Services
from interaction.session import Session
from interaction.speaking.normalise import speakable
from rooms import Rooms
from tests.fakes_speech import LoudnessVad, ScriptedRecognizer, ScriptedVoice
from tests.house import Eyes, saw

SETTINGS = Settings(_env_file=None)  # type: ignore[call-arg]
BODY: dict[str, Any] = {
    "name": "spoken",
    "capability": "monitoring",
    "source": {"generator": "still", "seconds": 14, "fps": 5},
    "user": [{"t": 1, "say": "tell me when someone comes in"}],
    "expect": [{"event": "speak", "within": [4.7, 7.5], "at": 5, "matches": "came in"}],
}
# Lines that are typed in a spoken run too, and why.
TYPED = {
    ("delegation-times-out", "Run this Python: import time; time.sleep(600)"): "nobody dictates a program",
    ("counting-people-in-view", "现在有几个人？"): "Chinese on an English page",
    ("robustness-chinese", "有人进来的时候告诉我"): "Chinese on an English page",
    ("robustness-chinese", "七秒后提醒我喝水"): "Chinese on an English page",
    ("robustness-chinese", "你看到了什么？"): "Chinese on an English page",
}


class Loudness(LoudnessVad):
    """Sound that is louder than the noise of the room is speech."""

    def __call__(self, chunk: NDArray[np.float32]) -> float:
        return 0.95 if float(np.abs(chunk).max()) > 10 * NOISE else 0.02


class Hearing:
    """A house with eyes, and ears that hear what a script says."""

    def __init__(self, settings: Settings, *heard: str, arrives: float = 5.0) -> None:
        self._settings, self._arrives = settings, arrives
        self._recognizer = ScriptedRecognizer(*heard, takes=0.0)

    def session(self, id: str, person: str) -> Session:
        observer = EmbeddedObserver()
        services = Services(
            observer=observer,
            fallback=observer,
            make_seer=lambda: Eyes(dict([saw(self._arrives, "arrived")])),
            make_ears=lambda session: Ears(
                self._recognizer,
                Loudness(),
                session.post,
                session.now,
                lambda: session.language,
                session.talk.saying,
                self._settings.hearing,
            ),
        )
        return Session(id, person, self._settings, services)

    async def aclose(self) -> None:
        return


def spoken(tmp_path: Path, heard: Sequence[str], lasts: float = 1.2, **changes: Any) -> Result:
    path = tmp_path / "spoken.yaml"
    path.write_text(json.dumps(BODY | changes))
    (scenario,) = load(path)
    person = Person(ScriptedVoice(takes=0.0, lasts=lasts, languages=("en", "zh")))
    stage = Stage(person, filmed=True)
    return run_virtual(run_one(scenario, SETTINGS, lambda settings: Hearing(settings, *heard), stage))


def test_a_line_is_spoken_before_the_stream_so_that_its_words_are_there_in_time(tmp_path: Path) -> None:
    result = spoken(tmp_path, ["Tell me when someone comes in."], lasts=2.5)
    assert result.passed and (result.misheard, result.typed) == ([], [])
    (said,) = result.trace.said
    assert said.aloud and said.start == pytest.approx(1.0 - 2.5 - SETTINGS.hearing.silence_s + 0.15)
    (final,) = [line for line in result.trace.lines if line["type"] == "transcript_final"]
    assert final["origin"] == "voice" and 1.0 <= final["t"] < 1.4
    frames = [t for t, _ in result.trace.pictures]
    assert frames[0] == pytest.approx(0.0) and 14.0 <= result.seconds < 16.0  # the stream's own seconds


def test_the_voice_is_interrupted_by_the_person_and_the_stop_is_timed(tmp_path: Path) -> None:
    asks = [{"t": 1, "say": "tell me when someone comes in"}, {"t": 6.9, "say": "what do you see?"}]
    anything = [{"event": "speak", "within": [6.9, 9.0]}]
    heard = ["tell me when someone comes in", "what do you see?"]
    result = spoken(tmp_path, heard, lasts=1.4, user=asks, expect=BODY["expect"] + anything)
    assert result.passed
    (stop,) = result.barge_in_stops
    assert SETTINGS.hearing.barge_in_s - 0.05 < stop < 0.5


def test_what_nobody_could_say_in_time_or_the_page_would_not_hear_is_typed(tmp_path: Path) -> None:
    lines = [
        {"t": 1, "say": "tell me when someone comes in"},
        {"t": 2, "say": "what time is it?"},
        {"t": 9, "say": "你看到了什么？"},
    ]
    result = spoken(tmp_path, ["Tell me when someone comes in."], user=lines, expect=[])
    assert result.typed == ["2 s: 'what time is it?' (no time to say it)", "9 s: '你看到了什么？' (the page hears en)"]
    finals = [line for line in result.trace.lines if line["type"] == "transcript_final"]
    assert [line["origin"] for line in finals] == ["voice", "typed", "typed"]


def test_a_scenario_with_sound_of_its_own_keeps_it(tmp_path: Path) -> None:
    lines = [{"t": 1, "say": "what can you do?"}, {"t": 3, "say": "what time is it?", "speaking": 1.2}]
    result = spoken(tmp_path, ["never heard"], user=lines, expect=[])
    assert result.typed == ["1 s: 'what can you do?' (the scenario has sound of its own)"] and not result.misheard
    assert [said.aloud for said in result.trace.said] == [False, True]
    assert result.barge_in_stops == [pytest.approx(0.3, abs=0.2)]


def test_after_a_restart_nobody_speaks_before_it(tmp_path: Path) -> None:
    lines = [{"t": 1, "say": "tell me when someone comes in"}, {"t": 6.5, "say": "what time is it?"}]
    result = spoken(tmp_path, ["tell me when someone comes in"], user=lines, expect=[], restart=6)
    assert result.typed == ["6.5 s: 'what time is it?' (no time to say it)"]


class Estimate(Person):
    """Takes as long for a line as the person of a spoken run, or longer: on the 81 lines of the scenarios by 0.03–1 s,
    once by 1.5 s. Numbers and pauses take longer than their letters."""

    def __init__(self) -> None:
        super().__init__(ScriptedVoice(takes=0.0))

    async def _sound(self, text: str, language: str) -> NDArray[np.float32]:
        first, each = (0.25, 0.17) if language == "zh" else (0.5, 0.056)
        slow = re.findall(r"\d+(?:[.,]\d+)*|[,:;](?= )", text)
        seconds = first + each * len(speakable(text, language)) + 0.25 * len(slow)
        return np.zeros(round(seconds * RATE), np.float32)


async def test_scenarios_leave_the_time_to_say_each_line() -> None:
    """A line that is typed in a spoken run was not heard. Move it (before the stream, if need be), or tell the reason
    in `TYPED`."""
    hurried: dict[tuple[str, str], str] = {}
    for scenario in collect([DEFAULT]):
        if scenario.aloud:  # has sound of its own
            continue
        settings = SETTINGS.model_copy(update={"language": scenario.language})
        parted = scenario.restart or float("inf")
        lines = [Line(said.t, said.say) for said in scenario.user]
        acts = [([line for line in lines if line.t < parted], float("-inf"))]
        acts += [([line for line in lines if line.t >= parted], parted)]
        for act, since in acts:
            planned = await Estimate().plan(act, settings, since)
            hurried |= {(scenario.name, spoken.line.text): spoken.why for spoken in planned if spoken.why}
    assert {line: why for line, why in hurried.items() if line not in TYPED} == {}
    assert set(TYPED) <= set(hurried), "these are spoken after all"


def test_a_line_before_the_stream_is_typed_before_the_stream(tmp_path: Path) -> None:
    path = tmp_path / "before.yaml"
    path.write_text(json.dumps(BODY | {"user": [{"t": -3, "say": "tell me when someone comes in"}]}))
    (scenario,) = load(path)
    result = run_virtual(run_one(scenario, SETTINGS, Hearing, Stage(filmed=True)))
    assert result.passed
    assert [(line["t"], line["origin"]) for line in result.trace.lines if line["type"] == "transcript_final"] == [
        (pytest.approx(-3.0), "typed")
    ]
    assert result.trace.pictures[0][0] == pytest.approx(0.0)


def test_what_the_recogniser_changed_is_noted_but_not_how_it_is_written() -> None:
    said = [Said(1, -1, 1, "Remind me in 5 seconds.", True), Said(9, 7, 9, "to take the tea out", True)]
    said += [Said(12, 12, 12, "typed"), Said(20, 18, 20, "hello", True)]

    def final(t: float, text: str) -> TranscriptFinal:
        return TranscriptFinal(t=t, text=text, origin="voice")

    events = [final(1.1, "remind me in five seconds"), final(8.5, "to take"), final(9.1, "the T out")]
    assert misheard(said, events) == [
        "9 s: 'to take the tea out' was heard as 'to take | the T out'",
        "20 s: 'hello' was heard as ''",
    ]
    assert typed(said) == []


async def test_each_text_is_synthesised_once() -> None:
    voice = ScriptedVoice(takes=0.0)
    person = Person(voice)
    for _ in range(2):
        await person.plan([Line(9.0, "Hello there."), Line(3.0, "Hello there.")], SETTINGS)
    assert [what for what, _, _ in voice.log] == ["asked", "made"]


def test_sound_keeps_its_length_and_level_at_another_rate() -> None:
    tone = (8000 * np.sin(2 * np.pi * 440 * np.arange(24_000) / 24_000)).astype(np.int16)
    sound = resampled(tone)
    assert sound.dtype == np.float32 and len(sound) == pytest.approx(RATE, abs=40)
    assert float(np.abs(sound).max()) == pytest.approx(8000 / 32768, rel=0.05)
    assert resampled(np.empty(0, np.int16)).size == 0


def test_a_house_without_ears_says_so(tmp_path: Path) -> None:
    class Eared(Hearing):
        def session(self, id: str, person: str) -> Session:
            session = super().session(id, person)
            session.ears = None
            return session

    path = tmp_path / "spoken.yaml"
    path.write_text(json.dumps(BODY))
    (scenario,) = load(path)
    with pytest.raises(Deaf, match="no ears"):
        run_virtual(run_one(scenario, SETTINGS, Eared, Stage(Person(ScriptedVoice(takes=0.0)))))


@pytest.mark.weights
def test_a_spoken_scenario_goes_through_the_real_voice_and_the_real_recogniser(tmp_path: Path) -> None:
    path, out = tmp_path / "spoken.yaml", tmp_path / "out.json"
    said = {"user": [{"t": 0.5, "say": "Remind me in 3 seconds to stretch."}], "needs": ["timers"]}
    said["expect"] = [{"event": "speak", "within": [3.2, 6], "at": 3.5, "matches": "stretch"}]
    path.write_text(json.dumps(BODY | said | {"source": {"generator": "still", "seconds": 6, "fps": 1}}))

    def make(settings: Settings) -> Rooms:
        return Rooms(settings, voice=False, hearing=True)

    assert run_all([path], SETTINGS, make, Manner(speech=True, json=out)) == 0
    (result,) = json.loads(out.read_text())["results"]
    assert result["misheard"] == result["typed"] == [] and result["clock_errors"] == [pytest.approx(0.0, abs=0.3)]


@pytest.mark.weights
async def test_the_person_is_somebody_else_than_the_assistant() -> None:
    voice = stranger(SETTINGS)
    assert SETTINGS.speaking.speaker not in voice.name and voice.languages == {"en", "zh"}
    await voice.aclose()
    assert SETTINGS.hearing.pre_roll_s <= BEFORE_S
