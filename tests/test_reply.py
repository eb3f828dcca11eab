"""Every known form of a model's answer, and any other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interaction.observers.reply import parse

FORMS = [
    ("</silence>", "silence", "", None),
    ("", "silence", "", None),
    ("  \n", "silence", "", None),
    ("</response> Someone came in.", "speak", "Someone came in.", None),
    ("Someone came in.", "speak", "Someone came in.", None),
    ("</response> first line\nsecond line", "speak", "first line\nsecond line", None),
    ("</silence></response> no", "silence", "", None),
    ("</response> yes </silence>", "speak", "yes", None),
    ("</response> On it. </delegation> What is 17 % of 2340?", "delegate", "On it.", "What is 17 % of 2340?"),
    ("</response> On it.\n</delegation> later line", "delegate", "On it.", "later line"),
    ("</response> On it. </delegate> q", "delegate", "On it.", "q"),
    ("</response> On it. <delegation> q", "delegate", "On it.", "q"),
    ('</response> On it. <|background_call|>{"query": "q"}', "delegate", "On it.", "q"),
    ('<|background_call|>{"query": "q"} trailing', "delegate", "", "q"),
    ("</response> On it. </delegation>", "speak", "On it.", None),
    ("</response>", "silence", "", None),
    ("</response> ok <|im_end|>", "speak", "ok", None),
]


@pytest.mark.parametrize(("answer", "action", "text", "question"), FORMS)
def test_known_forms(answer: str, action: str, text: str, question: str | None) -> None:
    parsed = parse(answer)
    assert (parsed.action, parsed.text, parsed.question) == (action, text, question)


PIECES = st.sampled_from(
    [
        "</silence>",
        "</response>",
        "</delegation>",
        "<delegation>",
        "<|background_call|>",
        '{"query":',
        '"x"}',
        "\n",
        "hi ",
    ]
)


@given(st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=12).map("".join)))
def test_no_input_raises_and_nothing_but_the_three_actions_comes_out(answer: str) -> None:
    parsed = parse(answer)
    assert parsed.action in ("silence", "speak", "delegate")
    assert (parsed.question is not None) == (parsed.action == "delegate")
    assert parsed.action != "speak" or parsed.text
    assert "</silence>" not in parsed.text and "</response>" not in parsed.text
