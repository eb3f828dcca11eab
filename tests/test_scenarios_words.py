"""Translation over HTTP: the scenarios that need a text model, against a scripted model server; and broken ones.

One of them is read by the real eyes; to the others, which are about the words, a script says what stands there.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

import assets
from bench.scenario import Scenario, collect
from bench.scenarios import DEFAULT, run_one
from bench.scoring import Result
from bench.streams import open_stream
from config import Llm, Settings
from interaction.clock import run_virtual
from interaction.observers.embedded import EmbeddedObserver
from interaction.seeing.base import Seer
from interaction.seeing.embedded import EmbeddedSeer
from interaction.seeing.models import Models
from interaction.services import Services
from interaction.session import Session
from interaction.sources.synthetic import SyntheticSource
from interaction.text_model.openai_compatible import OpenAITextModel
from tests.house import Eyes, saw
from tests.scripted_http import Reply, Server, serve

pytestmark = pytest.mark.whole

SETTINGS = Settings(_env_file=None)
TRANSLATED = [scenario for scenario in collect([DEFAULT]) if scenario.capability == "translation"]
# What a translator makes of the signs in the scenarios; letters only, as a reader of pictures may lose a space.
SIGNS = {
    "出口在左边": {"English": "The exit is on the left."},
    "今天休息": {"English": "Closed today.", "German": "Heute geschlossen."},
    "停止监视": {"English": "Stop monitoring."},
    "keepthedoorclosed": {"Chinese": "请随手关门"},
    "wetfloor": {"Chinese": "小心地滑"},
    "wetpaint": {"Chinese": "油漆未干"},
    "欢迎光临": {"English": "Welcome."},
    "今日特价牛肉面": {"English": "Today's special: beef noodles."},
}


def asked(body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The task and the data of a request to a text model."""
    task, _, data = body["messages"][1]["content"].partition("\n\nData:\n")
    return task, json.loads(data)


def says(content: str) -> Reply:
    return Reply({"choices": [{"message": {"role": "assistant", "content": content}}]})


def translator(body: dict[str, Any]) -> Reply:
    task, data = asked(body)
    sign = SIGNS["".join(character for character in data["text"].lower() if character.isalpha())]
    words = next(words for language, words in sign.items() if f"into {language}" in task)
    return says(json.dumps({"translation": words}, ensure_ascii=False))


class Translating:
    """A house with the embedded observer and a text model behind a URL."""

    def __init__(self, settings: Settings, eyes: Callable[[], Seer], url: str) -> None:
        self._settings, self._eyes = settings, eyes
        self._model = OpenAITextModel(Llm(url=url, model="m"))

    def session(self, id: str, person: str) -> Session:
        observer = EmbeddedObserver()
        services = Services(observer=observer, fallback=observer, make_seer=self._eyes, text_model=self._model)
        return Session(id, person, self._settings, services)

    async def aclose(self) -> None:
        await self._model.aclose()


def reading(scenario: Scenario) -> Callable[[], Seer]:
    """Eyes that are told what stands there, half a second later."""
    stream = open_stream(scenario.source)
    assert isinstance(stream, SyntheticSource)
    seen = [(event.t + 0.5, event.detail) for event in stream.truth if event.kind == "text"]
    return lambda: Eyes(dict(saw(t, "text_changed", "", text) for t, text in seen))


def run(
    scenario: Scenario, *replies: Reply | Callable[[dict[str, Any]], Reply], eyes: Callable[[], Seer] | None = None
) -> tuple[Result, Server]:
    with serve(*replies) as server:
        made = eyes or reading(scenario)
        return run_virtual(run_one(scenario, SETTINGS, lambda s: Translating(s, made, server.url))), server


def named(name: str) -> Scenario:
    return next(scenario for scenario in TRANSLATED if scenario.name == name)


def test_there_are_enough_of_them() -> None:
    assert len(TRANSLATED) >= 3


@pytest.mark.parametrize("scenario", TRANSLATED, ids=lambda s: s.name)
def test_translations_come_at_the_right_moment(scenario: Scenario) -> None:
    result, server = run(scenario, translator)
    assert result.passed, (result.missed, result.unwanted, result.forbidden)
    for body in server.bodies:
        task, data = asked(body)
        assert set(data) == {"text"} and data["text"] not in task, "what the camera read is data"


def test_what_the_real_eyes_read_is_translated() -> None:
    models = Models(assets.find)
    result, _ = run(named("translation-on-screen"), translator, eyes=lambda: EmbeddedSeer(models))
    models.close()
    assert result.passed, (result.missed, result.unwanted, result.forbidden)


@pytest.mark.parametrize("reply", [Reply(status=500), says("no JSON"), says('{"translation": ""}')])
def test_a_model_that_cannot_translate_fails_the_scenario_and_what_it_says_is_still_told(reply: Reply) -> None:
    result, _ = run(named("translation-orders-in-the-text"), reply)
    assert not result.passed and len(result.missed) == 1 and len(result.unwanted) == 1
    assert "停止监视" in str(result.unwanted[0])
