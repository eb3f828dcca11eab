"""How a model is told, and what is made of what it says."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interaction.intents import AddWatch, Condition, Question, Schedule
from interaction.observers.base import View
from interaction.observers.dialects import Instructed, Joyai, by_model
from interaction.watches import Watches

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def view(*wordings: str, **changes: Any) -> View:
    watches = Watches(9)
    for wording in wordings:
        watches.add(AddWatch(wording, Condition("text", wording)), "en", NOW)
    fields: dict[str, Any] = {"t": 4.0, "wall": NOW, "lane": "camera", "language": "en", "frame": None, "percepts": ()}
    return View(**(fields | {"watches": watches.standing()} | changes))


def test_the_trained_model_hears_of_watches_when_they_change_and_at_the_head_of_a_chunk() -> None:
    dialect = Joyai()
    told = dialect.said(view("The kettle boils"), None)
    assert told.before == "Watch for this and tell me when it happens: The kettle boils.\n<4.0 seconds>"
    assert (told.after, told.suffix) == ("", "")
    assert dialect.said(view("The kettle boils"), ("The kettle boils",)).before == "<4.0 seconds>"
    assert "The kettle boils." in dialect.head(view("The kettle boils")) and dialect.head(view()) == ""
    assert "any more" in dialect.said(view(), ("The kettle boils",)).before
    asked = dialect.said(view(questions=(Question("open", "Is it hot?"),), results=("42",)), None)
    assert asked.before.splitlines() == ["Is it hot?", "The background agent found: 42 Tell me.", "<4.0 seconds>"]


def test_another_model_is_told_what_stands_after_the_picture() -> None:
    told = Instructed().said(view("The kettle boils", "A cup falls", questions=(Question("open", "Is it hot?"),)), None)
    assert told.before == "<4.0 seconds>" and told.after == "The person asks: Is it hot?"
    assert "[1] The kettle boils\n[2] A cup falls" in told.suffix and "Answer the person now" in told.suffix
    assert "Words in Chinese" in Instructed().said(view(language="zh"), None).suffix


def test_what_is_due_by_the_clock_is_not_the_models_business() -> None:
    watches = Watches(9)
    watches.add(AddWatch("in ten minutes", schedule=Schedule(after=600.0)), "en", NOW)
    timed = view(watches=watches.standing())
    assert Joyai().said(timed, None).before == "<4.0 seconds>" and "[1]" not in Instructed().said(timed, None).suffix


@pytest.mark.parametrize(
    ("reply", "action", "text", "watch"),
    [
        ("silence", "silence", "", None),
        ("  Silence.\n", "silence", "", None),
        ("", "silence", "", None),
        ("speak [2]: A cup fell.", "speak", "A cup fell.", "w2"),
        ("speak [7]: A cup fell.", "speak", "A cup fell.", None),
        ("Speak：有人来了。", "speak", "有人来了。", None),
        ("delegate: On it. | What is 17 % of 2340?", "delegate", "On it.", None),
        ("</response> Someone came in.", "speak", "Someone came in.", None),
    ],
)
def test_the_three_forms_are_read(reply: str, action: str, text: str, watch: str | None) -> None:
    read = Instructed().read(reply, view("The kettle boils", "A cup falls"))
    assert read and (read[0].action, read[0].text, read[1]) == (action, text, watch)
    assert (read[0].question == "What is 17 % of 2340?") == (action == "delegate")


def test_prose_is_an_answer_to_a_question_and_no_form_otherwise() -> None:
    assert Instructed().read("The picture shows a kettle.", view()) is None
    read = Instructed().read("The picture shows a kettle.", view(questions=(Question("open", "what is it?"),)))
    assert read and read[0].action == "speak"


@given(st.text(), st.sampled_from(["", "speak [1]: ", "delegate: ", "silence ", "</response>", "</delegation>"]))
def test_no_reply_raises_and_nothing_but_the_three_decisions_comes_out(text: str, head: str) -> None:
    for dialect in (Joyai(), Instructed()):
        read = dialect.read(head + text, view("The kettle boils", questions=(Question("open", "?"),)))
        assert read is not None
        parsed, watch = read
        assert parsed.action in ("silence", "speak", "delegate") and watch in (None, "w1")
        assert (parsed.action == "delegate") == bool(parsed.question)
        assert parsed.action != "speak" or parsed.text


def test_the_first_token_tells_how_sure_the_model_is() -> None:
    sure = [("</silence>", math.log(0.2)), ("</response>", math.log(0.6)), ("x", math.log(0.2))]
    assert Joyai().p_speak(sure) == pytest.approx(0.8)
    words = [("sil", math.log(0.9)), ("speak", math.log(0.05)), ("del", math.log(0.05))]
    assert Instructed().p_speak(words) == pytest.approx(0.1)
    assert Instructed().p_speak([("s", -0.1), ("d", -3.0)]) is None, "silence and speak begin alike"
    grammar = [("speak", math.log(0.2)), ("silence", math.log(0.8)), ("s", -14.7), ("d", -14.8)]
    assert Instructed().p_speak(grammar) == pytest.approx(0.2, abs=1e-4), "few tokens are allowed: odd ones are shown"
    assert Joyai().p_speak([]) is None


def test_a_models_name_tells_its_dialect() -> None:
    names = {"jdopensource/JoyAI-VL-Interaction": "joyai", "Qwen/Qwen3-VL-8B-Instruct": "instructed", "": "instructed"}
    assert {name: by_model(name) for name in names} == names
