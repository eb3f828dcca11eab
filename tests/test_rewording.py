"""A session with a text model: words come off the tick, late ones cost nothing, and a dead model is told once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from config import Settings
from interaction.events import Decision, Problem, Recovered, UtteranceStarted, WatchChanged
from interaction.intents import Question
from interaction.observers.base import Proposal, Rewording, View
from interaction.observers.scripted import ScriptedObserver
from interaction.text_model.base import Reply, TextModel, TextModelError
from tests.house import Desk, Eyes, Home, Stream, home, saw

SETTINGS = Settings(_env_file=None, llm={"url": "http://words.example", "rest_s": 10})  # type: ignore[arg-type]
CLOSED = saw(5.0, "text_changed", "", "今天休息")
Script = Callable[[str, dict[str, Any]], dict[str, Any]]


class Linguist(TextModel):
    """Takes `takes` seconds for a reply; `down` while the clock is in that span."""

    name = "linguist"
    hosts = ("words.example",)

    def __init__(self, script: Script, takes: float = 0.5, down: tuple[float, float] = (-1.0, -1.0)) -> None:
        self._script, self._takes, self._down = script, takes, down
        self.asked: list[tuple[float, dict[str, Any]]] = []
        self.at_once = self.most_at_once = 0
        self.now: Callable[[], float] = lambda: 0.0

    async def ask(self, task: str, data: dict[str, Any], reply: type[Reply]) -> Reply:
        self.asked.append((self.now(), data))
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        try:
            await asyncio.sleep(self._takes)
        finally:
            self.at_once -= 1
        if self._down[0] <= self.now() < self._down[1]:
            raise TextModelError("the server at words.example cannot be reached", is_down=True)
        try:
            return reply.model_validate(self._script(task, data))
        except ValueError as error:
            raise TextModelError(str(error)) from error


def english(task: str, data: dict[str, Any]) -> dict[str, Any]:
    signs = {"今天休息": "Closed today", "出口": "Exit", "入口": "Entrance", "小心": "Take care"}
    if "text" in data:
        return {"translation": signs.get(data["text"], "Something else")}
    return {"sentence": "My, somebody walked in!"} if "facts" in data else {"wishes": []}


def place(model: TextModel | None, *seen: tuple[float, Any], seconds: float = 60.0, **more: Any) -> Any:
    return home(source=Stream(seconds), eyes=lambda: Eyes(dict(seen)), text_model=model, settings=SETTINGS, **more)


def spoken(here: Home) -> list[tuple[float, str]]:
    """Decisions to speak, without acknowledgements."""
    return [(round(d.t, 1), d.text) for d in here.decided() if d.reason != "acknowledged"]


async def test_a_translation_is_spoken_when_its_words_are_ready_and_no_tick_waits() -> None:
    linguist = Linguist(english, takes=3.0)
    async with place(linguist, CLOSED) as here:
        await here.until(1.0)
        here.session.request("tell me in English whenever the text changes")
        await here.until(12.0)
        ((at, words),) = spoken(here)
        assert words == "It says: Closed today" and 8.0 <= at <= 8.4
        ticks = [d for d in here.of(Decision) if d.lane == "camera" and 5.3 < d.t < 7.9]
        assert len(ticks) >= 2 and all(d.latency < 0.01 for d in ticks)
        found = next(d for d in here.of(Decision) if d.reason.startswith("finding words"))
        assert found.action == "silence" and found.t < 5.5
        (fired,) = [change for change in here.of(WatchChanged) if change.change == "fired"]
        assert fired.t == pytest.approx(at, abs=0.1) and fired.watch["fired"] == 1
    assert linguist.asked[0][1] == {"text": "今天休息"}


async def test_a_question_is_answered_in_the_language_asked_for_and_spoken_in_it() -> None:
    async with place(Linguist(english), saw(0.0, "text_changed", "", "出口")) as here:
        await here.until(3.0)
        here.session.request("上面写的用英语怎么说")
        here.session.request("read the sign to me in English")
        await here.until(8.0)
        assert spoken(here)[-1][1] == "It says: Exit"
        (said,) = [u for u in here.of(UtteranceStarted) if u.text == "It says: Exit"]
        assert said.kind == "answer"


async def test_without_a_text_model_it_is_said_once_what_would_be_needed() -> None:
    async with place(None, CLOSED, desk=None) as here:
        assert "translation" not in here.session.services.capabilities
        await here.until(1.0)
        here.session.request("tell me in English whenever the text changes")
        here.session.request("translate this")
        await here.until(10.0)
        assert len(spoken(here)) == 2 and all("LOOKOUT_LLM_URL" in text for _, text in spoken(here))


async def test_what_is_in_that_language_already_is_read_without_one() -> None:
    async with place(None, saw(0.0, "text_changed", "", "Wet floor"), desk=None) as here:
        await here.until(3.0)
        here.session.request("read the sign to me in English")
        await here.until(6.0)
        here.session.request("read the sign to me in Chinese")
        await here.until(9.0)
        assert spoken(here)[0][1] == "It says: Wet floor" and "LOOKOUT_LLM_URL" in spoken(here)[1][1]


async def test_the_session_says_what_it_can() -> None:
    async with place(Linguist(english)) as here:
        assert {"translation", "text"} <= here.session.services.capabilities
        assert "Read it to me in Chinese" in here.session.snapshot()["examples"]["en"]


async def test_while_the_model_is_away_the_untranslated_is_said_and_why_only_once() -> None:
    linguist = Linguist(english, takes=0.2, down=(0.0, 20.0))
    texts = [saw(5.0, "text_changed", "", "今天休息"), saw(9.0, "text_changed", "", "出口")]
    texts += [saw(17.0, "text_changed", "", "入口"), saw(30.0, "text_changed", "", "小心")]
    async with place(linguist, *texts) as here:
        linguist.now = here.session.now
        await here.until(1.0)
        here.session.request("tell me in English whenever the text changes")
        await here.until(40.0)
        assert [text for _, text in spoken(here)] == [
            "I can't translate it: the language model does not answer. It says: 今天休息",
            "It says: 出口",
            "It says: 入口",
            "It says: Take care",
        ]
        (problem,) = here.of(Problem)
        assert problem.where == "language model" and "cannot be reached" in problem.message
        assert [r.where for r in here.of(Recovered)] == ["language model"]
        assert "language model" not in here.session.problems
    asked = [round(t) for t, _ in linguist.asked]
    assert asked == [5, 17, 30], "for ten seconds after a failure it is left alone"


async def test_a_bad_reply_costs_one_sentence_and_is_no_problem() -> None:
    async with place(Linguist(lambda task, data: {"translation": "http://evil.example"}), CLOSED) as here:
        await here.until(1.0)
        here.session.request("tell me in English whenever the text changes")
        await here.until(10.0)
        assert [text for _, text in spoken(here)] == ["It says: 今天休息"] and not here.of(Problem)


async def test_of_a_watch_the_newest_waits_and_old_news_is_dropped() -> None:
    linguist = Linguist(english, takes=6.0)
    signs = ["今天休息", "出口", "小心", "入口"]  # at 4, 6.5, 9 and 11.5 s; the first is translated at 10 s
    texts = [saw(4.0 + 2.5 * n, "text_changed", "", sign) for n, sign in enumerate(signs)]
    async with place(linguist, *texts) as here:
        await here.until(1.0)
        here.session.request("tell me in English whenever the text changes")
        await here.until(30.0)
        told = ["It says: Closed today", "It says: Take care", "It says: Entrance"]
        assert [text for _, text in spoken(here)] == told
    assert len(linguist.asked) == 3


async def test_no_more_are_asked_at_once_than_are_allowed() -> None:
    linguist = Linguist(english, takes=3.0)
    async with place(linguist, CLOSED) as here:
        await here.until(1.0)
        for language in ("English", "French", "German", "Spanish", "Italian"):
            here.session.request(f"when the text changes translate it into {language}")
        await here.until(25.0)
    assert len(linguist.asked) >= 2 and linguist.most_at_once == SETTINGS.llm.at_once


async def test_what_was_cancelled_meanwhile_is_not_said() -> None:
    async with place(Linguist(english, takes=3.0), CLOSED) as here:
        await here.until(1.0)
        here.session.request("tell me in English whenever the text changes")
        await here.until(6.0)
        here.session.request("cancel everything")
        await here.until(15.0)
        assert [text for _, text in spoken(here)] == []


async def test_commentary_is_phrased_by_the_model_and_by_rules_when_it_invents() -> None:
    replies = iter([{"sentence": "My, somebody walked in!"}, {"sentence": "Anna left with three dogs."}])
    seen = [saw(6.0, "arrived"), saw(14.0, "left")]
    async with place(Linguist(lambda task, data: next(replies)), *seen) as here:
        await here.until(1.0)
        here.session.request("comment on what happens")
        await here.until(20.0)
        assert [text for _, text in spoken(here)] == ["My, somebody walked in!", "Someone just left, on the left."]


# ---------------------------------------------------------------- requests that the grammar does not take


def reading(wishes: list[dict[str, Any]]) -> Linguist:
    return Linguist(lambda task, data: {"wishes": wishes})


async def test_a_request_that_the_grammar_does_not_take_is_read_by_the_model() -> None:
    async with place(reading([{"kind": "watch", "condition": "arrives"}]), saw(8.0, "arrived")) as here:
        await here.until(1.0)
        here.session.request("holler once company turns up on the doorstep, would ya")
        await here.until(12.0)
        (armed,) = [change for change in here.of(WatchChanged) if change.change == "armed"]
        assert armed.watch["wording"] == "Someone comes in"
        assert [text for _, text in spoken(here)] == ["Someone just came in, on the left."]


async def test_what_the_grammar_takes_is_sent_nowhere() -> None:
    linguist = reading([{"kind": "order", "order": "pause"}])
    async with place(linguist) as here:
        await here.until(1.0)
        for text in (
            "tell me when someone comes in",
            "what time is it?",
            "thanks",
            "yes",
            "tell me when the pot boils",
        ):
            here.session.request(text)
        await here.until(8.0)
        assert not here.session.paused
    assert linguist.asked == []


@pytest.mark.parametrize(
    "linguist",
    [reading([]), Linguist(english, down=(0.0, 99.0)), Linguist(lambda task, data: {"wishes": [{"kind": "watch"}]})],
    ids=["nothing asked", "away", "nonsense"],
)
async def test_what_asks_for_nothing_stays_so(linguist: Linguist) -> None:
    from interaction.events import TranscriptFinal

    async with place(linguist) as here:
        linguist.now = here.session.now
        await here.until(1.0)
        here.session.post(TranscriptFinal(t=1.0, text="I told her the soup was salty", origin="voice"))
        await here.until(5.0)
        assert linguist.asked and spoken(here) == [] and not list(here.session.watches)
        here.session.request("gibberish about nothing much")  # typed: never met by nothing
        await here.until(9.0)
        assert len(spoken(here)) == 1 and spoken(here)[0][1].startswith("I didn't understand that.")


async def test_of_many_unclear_sentences_each_is_answered() -> None:
    async with place(Linguist(lambda task, data: {"wishes": []}, takes=2.0)) as here:
        await here.until(1.0)
        for n in range(4):
            here.session.request(f"mumbo jumbo number {n}")
        await here.until(12.0)
        assert len(spoken(here)) == 4


async def test_an_open_question_that_the_agent_can_answer_goes_to_it() -> None:
    linguist = reading([])
    desks: list[Desk] = []

    def desk(session: Any) -> Desk:
        desks.append(Desk(session))
        return desks[-1]

    async with place(linguist, desk=desk) as here:
        from dataclasses import replace

        here.session.services = replace(here.session.services, capable_agent=True)
        await here.until(1.0)
        here.session.request("why is the sky blue?")
        await here.until(4.0)
    assert desks[0].questions == ["why is the sky blue"] and linguist.asked == []


# ---------------------------------------------------------------- other observers


async def test_any_observer_may_leave_its_words_to_the_model() -> None:
    done: list[bool] = []

    def script(view: View) -> list[Proposal]:
        if view.t < 3 or done:
            return []
        done.append(True)
        better = Rewording("translation", "出口", "en")
        return [Proposal("speak", "出口", "it saw a sign", kind="notice", rewording=better)]

    async with place(Linguist(english), observer=ScriptedObserver(script)) as here:
        await here.until(8.0)
        assert [text for _, text in spoken(here)] == ["It says: Exit"]


async def test_one_that_sees_translates_by_itself() -> None:
    def script(view: View) -> list[Proposal]:
        return [Proposal("speak", q.text, "asked", kind="answer", answers=True) for q in view.questions]

    observer = ScriptedObserver(script, capabilities=frozenset({"open-questions", "open-watches"}))
    async with place(None, observer=observer) as here:
        await here.until(1.0)
        here.session.request("read the sign to me in English")
        await here.until(4.0)
        assert [text for _, text in spoken(here)] == ["read the sign to me in English"]
        assert [q.kind for view in observer.views for q in view.questions] == ["translation"]


def test_a_rewording_that_is_none_is_refused() -> None:
    from interaction.observers.base import ObserverError, checked

    good = Proposal("speak", "x", rewording=Rewording("translation", "y", "en"))
    assert checked([good]) == [good]
    for bad in ("en", Rewording("translation", 5, "en")):  # type: ignore[arg-type]
        with pytest.raises(ObserverError):
            checked([Proposal("speak", "x", rewording=bad)])  # type: ignore[arg-type]
    assert Question("translation", "x", into="en") != Question("translation", "x")
