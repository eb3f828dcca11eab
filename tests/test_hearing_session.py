"""A session with ears: wake words, the button, captions, and what is kept of them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from config import Settings
from interaction.events import (
    Decision,
    Event,
    ModeChanged,
    Overheard,
    TranscriptFinal,
    TranscriptPartial,
    UtteranceEnded,
)
from interaction.hearing.attention import Attention
from interaction.hearing.ears import Ears
from interaction.observers.embedded import EmbeddedObserver
from interaction.services import CommandRefused, Services
from interaction.session import Session
from interaction.speaking.base import Voice
from tests.fakes_speech import LoudnessVad, ScriptedRecognizer, hiss, tone
from tests.house import Eyes, Speaker, Stream, saw


class Hearing:
    """A running session that hears what a script says."""

    def __init__(self, *texts: str, folder: Path | None = None, partials: tuple[str, ...] = (), arrives: float = 9.0,
                 **settings: Any) -> None:  # fmt: skip
        self.recognizer = ScriptedRecognizer(*texts, partials=partials)
        given = Settings(_env_file=None, hearing=settings)  # type: ignore[call-arg, arg-type]
        observer = EmbeddedObserver()
        voice: Voice = Speaker()
        services = Services(
            observer=observer,
            fallback=observer,
            make_seer=lambda: Eyes(dict([saw(arrives, "arrived")])),
            make_ears=self._ears,
            voice=voice,
            folder=folder,
        )
        self.session = Session("s1", "p1", given, services)

    def _ears(self, session: Session) -> Ears:
        attention = Attention(session.settings.hearing, session.now, session.talk.reply_since)
        return Ears(
            self.recognizer, LoudnessVad(), session.post, session.now, lambda: session.language, session.talk.saying,
            session.settings.hearing, attention,
        )  # fmt: skip

    async def __aenter__(self) -> Hearing:
        self._subscription = self.session.subscribe()
        self.events: list[Event] = []
        self.running = asyncio.create_task(self.session.run())
        await asyncio.sleep(0)
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.session.aclose()
        await self.running

    async def hears(self, *sounds: np.ndarray) -> None:
        sound = np.concatenate(sounds)
        for k in range(0, len(sound), 320):
            self.session.hear(sound[k : k + 320])
            await asyncio.sleep(0.02)

    async def told(self, text: str) -> None:
        """Somebody says what the script has next, and a second passes."""
        await self.hears(tone(0.8), hiss(1.2))
        assert text in [e.text for e in self.all(TranscriptFinal, Overheard)]

    def all(self, *kinds: type) -> list[Any]:
        self.events += [event for _, event in self._subscription.events.drain()]
        return [event for event in self.events if isinstance(event, kinds)]


async def test_others_may_talk_while_it_watches_and_answers() -> None:
    talk = ("Look out, tell me when someone comes in.", "did you see the game last night", "it was a great game")
    async with Hearing(*talk, wake=True, follow_s=0) as house:
        house.session.add_lane(Stream(20))
        await house.told("Tell me when someone comes in.")
        await house.told(talk[1])
        await house.hears(hiss(3.0))
        await house.told(talk[2])
        await house.hears(hiss(6.0))
        assert [e.text for e in house.all(TranscriptFinal)] == ["Tell me when someone comes in."]
        assert [w.wording for w in house.session.watches] == ["Someone comes in"]
        alert = [e for e in house.all(Decision) if e.watch and e.lane]
        assert any("came in" in e.text for e in alert), "the watch goes on"
        assert not any(e.interrupted for e in house.all(UtteranceEnded)), "and nobody stopped its voice"


async def test_wake_words_are_switched_by_voice_and_by_the_page() -> None:
    talk = ("Only listen when I say Lookout.", "blah blah", "Lookout, just listen normally.", "what time is it?")
    async with Hearing(*talk, follow_s=0) as house:
        await house.told(talk[0])
        await house.hears(hiss(5.0))
        assert house.session.modes.wake and house.session.snapshot()["wake"]
        await house.told("blah blah")
        await house.told("Just listen normally.")
        assert not house.session.modes.wake
        await house.hears(hiss(5.0))
        await house.told("what time is it?")
        assert [e.text for e in house.all(Overheard)] == ["blah blah"]
        said = [e.text for e in house.all(Decision)]
        assert "All right. I'll only listen when you say Lookout." in said
        house.session.command("wake", on=True)
        assert house.session.snapshot()["wake_word"] == {"en": "Lookout", "zh": "观察员"}
        assert house.session.ears and house.session.ears.attention.on


async def test_after_an_answer_it_listens_without_its_name_for_a_while() -> None:
    talk = ("Lookout, what time is it?", "how many people are here?", "and then he left")
    async with Hearing(*talk, wake=True, follow_s=6) as house:
        house.session.add_lane(Stream(60))
        await house.told("What time is it?")
        await house.hears(hiss(4.0))  # it has answered by now
        assert house.session.snapshot()["attentive"]
        await house.told(talk[1])
        await house.hears(hiss(14.0))
        assert not house.session.snapshot()["attentive"]
        await house.told(talk[2])
        assert [e.text for e in house.all(TranscriptFinal)] == ["What time is it?", talk[1]]
        shown = [e.value for e in house.all(ModeChanged) if e.name == "attentive"]
        assert shown[0] is True and shown[-1] is False


async def test_what_was_overheard_is_kept_nowhere(tmp_path: Path) -> None:
    async with Hearing("my secret", "Lookout, stop", partials=("Look out",) * 9, folder=tmp_path, wake=True) as house:
        await house.told("my secret")
        await house.told("Stop")
        await house.hears(hiss(3.0))
        kept = [event for _, event in house.session.subscribers.history]
        assert not any(isinstance(event, Overheard | TranscriptPartial) for event in kept)
        assert house.all(Overheard)
    (journal,) = (tmp_path / "journal").glob("*.jsonl")
    text = journal.read_text()
    assert "secret" not in text and "transcript_final" in text


async def test_the_button_works_while_muted_and_only_while_held() -> None:
    async with Hearing("what time is it?") as house:
        house.session.command("microphone", on=False)
        await house.hears(tone(1.0), hiss(1.0))
        assert house.recognizer.calls == []
        house.session.command("talk", on=True)
        await house.hears(tone(1.0))
        house.session.command("talk", on=False)
        await house.hears(hiss(1.0), tone(1.0), hiss(1.0))
        assert len(house.recognizer.calls) == 1
        assert [e.text for e in house.all(TranscriptFinal)] == ["what time is it?"]


async def test_muting_drops_what_was_being_said() -> None:
    async with Hearing("secret") as house:
        await house.hears(tone(1.0))
        house.session.command("microphone", on=False)
        await house.hears(hiss(3.0))
        assert (house.all(TranscriptFinal), house.recognizer.calls) == ([], [])


async def test_a_house_without_ears_refuses_the_button() -> None:
    observer = EmbeddedObserver()
    services = Services(observer=observer, fallback=observer, make_seer=lambda: Eyes({}))
    session = Session("s1", "p1", Settings(_env_file=None), services)  # type: ignore[call-arg]
    with pytest.raises(CommandRefused):
        session.command("talk", on=True)
    session.command("wake", on=True)
    assert session.modes.wake
