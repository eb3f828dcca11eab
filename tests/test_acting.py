"""What becomes of proposals in a session: limits of a watch, a model's own words, its language, and what waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from config import Gate, Settings
from interaction.events import Decision, PersonSpeaking, Problem, Recovered, UtteranceStarted
from interaction.intents import AddWatch, Condition, Limits, Schedule
from interaction.observers.base import Proposal, View
from interaction.observers.openai_compatible import OpenAICompatibleObserver
from interaction.observers.scripted import ScriptedObserver
from interaction.understanding.languages import is_foreign
from tests.house import START, Eyes, Home, Speaker, Stream, home, saw
from tests.model_server import chats, model
from tests.test_text_model import Saying

NIGHT = Limits(quiet=(22 * 60, 7 * 60))
SEES = frozenset({"open-watches", "open-questions"})


def own(text: str, watch: str | None = None) -> Proposal:
    return Proposal("speak", text, "the model decided to speak", watch=watch, kind="alert", model=True)


def at(script: dict[int, Any]) -> Callable[[View], list[Proposal]]:
    """Proposals by the second; a silence of the model in the others."""
    left = dict(script)

    def decide(view: View) -> list[Proposal]:
        second = next((second for second in sorted(left) if second <= view.t), None)
        found = left.pop(second) if second is not None else Proposal("silence", reason="quiet", model=True)
        return found if isinstance(found, list) else [found]

    return decide


def arm(place: Home, **wish: Any) -> None:
    place.session.requests.arm(AddWatch("Someone comes in", **wish), "en")


def held(place: Home) -> list[str]:
    return [d.reason for d in place.of(Decision) if d.reason.startswith(("held back", "not said"))]


# ---------------------------------------------------------------- limits


@pytest.mark.parametrize(("urgent", "alerts"), [(False, 0), (True, 2)])
async def test_in_quiet_hours_an_alert_stands_in_the_journal_alone_unless_it_is_urgent(
    urgent: bool, alerts: int
) -> None:
    eyes = Eyes(dict([saw(3.0, "arrived"), saw(8.0, "arrived")]))
    async with home(eyes=lambda: eyes, source=Stream(12), started=START.replace(hour=23)) as place:
        arm(place, condition=Condition("arrives"), urgent=urgent, limits=NIGHT)
        await place.until(12)
        assert sum(d.watch == "w1" and d.reason.startswith("watch:") for d in place.decided()) == alerts
        assert len(held(place)) == 2 - alerts
        assert all("quiet hours until 07:00 (Someone just came in" in why for why in held(place))


async def test_a_watch_that_was_asked_to_speak_seldom_does_also_for_the_embedded_eyes() -> None:
    eyes = Eyes(dict(saw(t, "arrived") for t in (3.0, 20.0, 40.0, 70.0)))
    async with home(eyes=lambda: eyes, source=Stream(80)) as place:
        place.session.request("tell me when someone comes in, at most once every minute")
        await place.until(80)
        told = [round(d.t) for d in place.decided() if d.text.startswith("Someone just")]
        assert told == [3, 70] and len(held(place)) == 2
        assert "asked for at most every 60 s, and told 17 s ago" in held(place)[0]


@pytest.mark.parametrize("urgent", [False, True])
async def test_a_reminder_in_quiet_hours_waits_for_their_end_unless_it_is_urgent(urgent: bool) -> None:
    night = START.replace(hour=6, minute=50)
    async with home(started=night) as place:
        arm(place, schedule=Schedule(every=180.0), say="Drink.", urgent=urgent, limits=NIGHT)
        await place.until(900)
        rung = [round(d.t) for d in place.decided() if d.text == "Drink."]
        assert rung == ([180, 360, 540, 720, 900][: len(rung)] if urgent else [600, 780])
        assert len(rung) >= 2 and bool(held(place)) != urgent


@pytest.mark.parametrize(
    ("capabilities", "reply"),
    [
        (SEES, "I'll tell you when someone comes in, only when I am certain."),
        (
            frozenset(),
            "I'll tell you when someone comes in. How sure I have to be can only be set with a vision-language model.",
        ),
    ],
)
async def test_how_sure_to_be_is_acknowledged_only_where_it_can_be_kept(
    capabilities: frozenset[str], reply: str
) -> None:
    observer = ScriptedObserver(lambda view: [], capabilities=capabilities)
    async with home(observer=observer, source=Stream(3)) as place:
        place.session.request("tell me when someone comes in, but only if you are certain")
        await place.until(2)
        assert place.texts() == [reply]


# ---------------------------------------------------------------- a model's own words


async def test_what_a_model_goes_on_saying_is_said_once_and_what_is_new_at_once() -> None:
    said = {t: own("Someone is at the door.") for t in range(3, 20)}
    said |= {20: own("Two people are at the door."), 21: own("There are 2 people at the door now.")}
    async with home(observer=ScriptedObserver(at(said)), source=Stream(30)) as place:
        await place.until(28)
        assert place.texts() == ["Someone is at the door.", "Two people are at the door."]
        assert len(held(place)) == 17 and all(why.startswith("held back: said ") for why in held(place))


async def test_of_a_models_own_words_only_the_newest_waits_but_alerts_reminders_and_answers_all_do() -> None:
    said = {3: own("The kettle boils."), 4: own("The milk boils over."), 5: own("A cup fell.", "w1"), 6: own("Rain.")}
    async with home(observer=ScriptedObserver(at(said)), source=Stream(30), voice=Speaker()) as place:
        arm(place, condition=Condition("moves"))
        arm(place, schedule=Schedule(after=5.0), say="Tea!")
        await place.until(2.5)
        place.session.post(PersonSpeaking(t=2.5, active=True))
        await place.until(2.6)
        place.session.say("The first answer.", "answer")
        place.session.say("The second answer.", "answer")
        await place.until(6.8)
        waiting = {utterance.text for utterance in place.session.talk.floor.waiting}
        assert waiting == {"Tea!", "The first answer.", "The second answer.", "A cup fell.", "Rain."}
        assert [why for why in held(place) if "something newer" in why] == [
            "not said: something newer had to be said (The kettle boils.)",
            "not said: something newer had to be said (The milk boils over.)",
        ]


async def test_an_alert_that_nobody_heard_is_no_repeat_when_the_model_goes_on_telling_it() -> None:
    said = {t: own("The milk boils over.", "w1") for t in range(3, 30)}
    async with home(observer=ScriptedObserver(at(said)), source=Stream(30), voice=Speaker()) as place:
        arm(place, condition=Condition("moves"))
        await place.until(2)
        place.session.post(PersonSpeaking(t=2.0, active=True))
        await place.until(18)
        place.session.post(PersonSpeaking(t=18.0, active=False))
        await place.until(22)
        assert [e.text for e in place.of(UtteranceStarted) if e.t > 2] == ["The milk boils over."]
        assert "not said: waited too long (The milk boils over.)" in held(place)


@pytest.mark.parametrize("seldom", [{"once": True}, {"limits": Limits(at_most=3600.0)}])
async def test_what_is_told_once_or_seldom_waits_for_a_person_who_talks_long(seldom: dict[str, Any]) -> None:
    eyes = Eyes(dict([saw(3.0, "arrived")]))
    async with home(eyes=lambda: eyes, source=Stream(40), voice=Speaker()) as place:
        arm(place, condition=Condition("arrives"), **seldom)
        await place.until(2)
        place.session.post(PersonSpeaking(t=2.0, active=True))
        await place.until(20)
        place.session.post(PersonSpeaking(t=20.0, active=False))
        await place.until(24)
        assert any(e.text.startswith("Someone just came in") for e in place.of(UtteranceStarted))


async def test_what_waits_when_silence_is_asked_for_stands_in_the_journal() -> None:
    async with home(voice=Speaker()) as place:
        place.session.say("A long answer that takes some seconds to be said, all of it.", "answer")
        place.session.say("And a second one.", "answer")
        await place.until(1)
        place.session.request("stop")
        await place.until(2)
        assert held(place) == ["not said: silence was asked for (And a second one.)"]


# ---------------------------------------------------------------- its language


@pytest.mark.parametrize(
    ("text", "english", "chinese"),
    [
        ("Someone is at the door.", False, True),
        ("有人在门口。", True, False),
        ("OK.", False, False),
        ("42", False, False),
        ("小心！", False, False),
        ("The sign says “出口在左边，请勿入内”.", False, False),
        ("It says: 出口在左边，请勿入内", False, False),
        ("牌子上写着：please do not enter this room.", False, False),
        ("屏幕显示 Microsoft Windows Update Center。", False, False),
        ("小明和 John Smith 在门口。", True, False),
        ("Дверь открыта и кто-то вошёл.", True, True),
        ("", False, False),
    ],
)
def test_a_foreign_sentence_is_told_from_a_foreign_name_and_a_sign(text: str, english: bool, chinese: bool) -> None:
    assert (is_foreign(text, "en"), is_foreign(text, "zh")) == (english, chinese)


def served(url: str, **settings: Any) -> OpenAICompatibleObserver:
    return OpenAICompatibleObserver(Settings(_env_file=None, observer=url, gate=Gate(enabled=False), **settings))  # type: ignore[call-arg]


async def test_a_model_in_the_wrong_language_is_held_back_and_told_of_once_and_answers_are_said_as_they_can_be() -> (
    None
):
    def answer(asked: dict[str, Any]) -> str:
        newest = str(asked["messages"][-1])
        n = len(chats(server))
        if "有几个人" in newest:
            return "</response> There are two people in the room."
        return f"</response> Someone walks past window number {n}." if n < 8 else "</response> 有人走过去了。"

    voice = Speaker()
    settings = Settings(_env_file=None, language="zh", gate=Gate(enabled=False))  # type: ignore[call-arg]
    with model(answer) as server:
        async with home(observer=served(server.url), source=Stream(14), settings=settings, voice=voice) as place:
            await place.until(3.5)
            place.session.request("这里有几个人在看书？")
            await place.until(14)
    problems = [problem for problem in place.of(Problem) if problem.where == "observer language"]
    assert len(problems) == 1 and "LOOKOUT_OBSERVER_MODEL" in problems[0].advice and "Chinese" in problems[0].message
    assert len([event for event in place.of(Recovered) if event.where == "observer language"]) == 1
    assert place.texts() == ["There are two people in the room.", "有人走过去了。"]
    assert sum("in another language (Someone walks past" in why for why in held(place)) >= 4


@pytest.mark.parametrize("urgent", [True, False])
async def test_what_a_watch_waits_for_is_said_in_whatever_language_the_model_has(urgent: bool) -> None:
    said = at({3: own("The pan on the stove is burning.", "w1")})
    settings = Settings(_env_file=None, language="zh")  # type: ignore[call-arg]
    async with home(observer=ScriptedObserver(said), source=Stream(8), settings=settings, voice=Speaker()) as place:
        place.session.requests.arm(AddWatch("着火", Condition("moves"), urgent=urgent), "zh")
        await place.until(8)
        assert "The pan on the stove is burning." in [e.text for e in place.of(UtteranceStarted)]


# ---------------------------------------------------------------- wishes that only a model can judge


@pytest.mark.parametrize(
    ("said", "wording"),
    [
        ("Keep an eye on the stove.", "Anything noteworthy happens with the stove"),
        ("帮我看着炉子", "炉子有什么值得注意的情况"),
    ],
)
async def test_a_thing_to_be_minded_is_a_watch_for_a_model_and_an_honest_no_for_the_embedded_eyes(
    said: str, wording: str
) -> None:
    async with home(observer=ScriptedObserver(lambda view: [], capabilities=SEES), source=Stream(5)) as place:
        place.session.request(said)
        await place.until(3)
        assert [watch.wording for watch in place.session.watches] == [wording]
    async with home(source=Stream(5)) as place:
        place.session.request(said)
        await place.until(3)
        (text,) = place.texts()
        assert not list(place.session.watches)
        assert ("vision-language model" in text and "anything changes" in text) or "视觉语言模型" in text


@pytest.mark.parametrize(
    ("said", "wording"),
    [
        ("could you mind the soup while i am away", "anything noteworthy happens with the soup"),
        ("我锅里炖着汤，你帮忙照应一下", "汤快要溢出来"),
    ],
)
async def test_what_the_grammar_does_not_take_a_text_model_reads_into_a_watch(said: str, wording: str) -> None:
    reader = Saying({"wishes": [{"kind": "watch", "wording": wording}]})
    sees = ScriptedObserver(lambda view: [], capabilities=SEES)
    async with home(observer=sees, source=Stream(5), text_model=reader) as place:
        place.session.request(said)
        await place.until(3)
        assert [watch.wording for watch in place.session.watches] == [wording[:1].upper() + wording[1:]]
    async with home(source=Stream(5), text_model=reader) as place:
        place.session.request(said)
        await place.until(3)
        (text,) = place.texts()
        assert not list(place.session.watches) and ("vision-language model" in text or "视觉语言模型" in text)


# ---------------------------------------------------------------- the gate, and a slow model


async def test_a_question_is_never_gated_and_gated_ticks_are_shown_as_such() -> None:
    quiet = ScriptedObserver(at({}), gated=True, capabilities=SEES)
    async with home(observer=quiet, source=Stream(20)) as place:
        await place.until(5.2)
        place.session.request("is the cup blue?")
        await place.until(15)
        skipped = [d for d in place.of(Decision) if d.skipped]
        asked = [view.t for view in quiet.views if view.questions]
        assert len(quiet.views) == 2 and asked == [pytest.approx(5.3, abs=0.3)]
        assert len(skipped) >= 12 and {d.reason for d in skipped} == {"nothing changed"}
    settings = Settings(_env_file=None, gate=Gate(enabled=False))  # type: ignore[call-arg]
    always = ScriptedObserver(at({}), gated=True)
    async with home(observer=always, source=Stream(20), settings=settings) as place:
        await place.until(15)
        assert len(always.views) >= 14 and not [d for d in place.of(Decision) if d.skipped]


async def test_a_timer_is_on_time_though_the_served_model_takes_two_and_a_half_seconds() -> None:
    class Slow(OpenAICompatibleObserver):
        async def decide(self, view: View) -> list[Proposal]:
            await asyncio.sleep(2.5)
            return await super().decide(view)

    settings = Settings(_env_file=None, gate=Gate(enabled=False))  # type: ignore[call-arg]
    with model("</silence>") as server:
        slow = Slow(settings.model_copy(update={"observer": server.url}))
        async with home(observer=slow, source=Stream(25), settings=settings) as place:
            await place.until(1)
            place.session.request("remind me in 12 seconds to take the tea out")
            await place.until(20)
        assert len(chats(server)) >= 5
    (rung,) = [d for d in place.decided() if d.reason == "a timer"]
    assert rung.t == pytest.approx(13, abs=0.3)
