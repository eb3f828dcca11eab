"""What becomes of a proposal."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from interaction.observers.base import Proposal
from interaction.policy import Policy, normalised


def alert(text: str, watch: str | None = "w1") -> Proposal:
    return Proposal("speak", text, "because", watch=watch, kind="alert")


def policy() -> Policy:
    return Policy(cooldown_s=2.0, repeat_s=10.0)


def test_a_watch_speaks_again_only_after_its_cooldown() -> None:
    rules = policy()
    actions = [rules.rule(alert(f"Someone, number {t}."), t).action for t in (0.0, 1.0, 2.5)]
    assert actions == ["speak", "silence", "speak"]


def test_what_was_held_back_says_why() -> None:
    rules = policy()
    rules.rule(alert("One."), 0.0)
    held = rules.rule(alert("Two."), 1.0)
    assert held.reason == "held back: this watch spoke 1.0 s ago (Two.)"


def test_urgency_bypasses_the_cooldown_but_not_the_repeat() -> None:
    rules = policy()
    rules.rule(alert("One."), 0.0)
    assert rules.rule(alert("Two."), 1.0, urgent=True).action == "speak"
    assert rules.rule(alert("two"), 1.5, urgent=True).action == "silence"


def test_commentary_is_not_repeated_but_new_numbers_are_news() -> None:
    rules = policy()
    assert rules.rule(alert("91 percent.", None), 0.0).action == "speak"
    assert rules.rule(alert("91 Percent", None), 5.0).action == "silence"
    assert rules.rule(alert("95 percent.", None), 5.0).action == "speak"
    assert rules.rule(alert("91 percent.", None), 20.0).action == "speak"


def test_an_answer_is_never_held_back() -> None:
    rules = policy()
    answer = Proposal("speak", "A cup.", "asked", answers=True, kind="answer")
    assert [rules.rule(answer, t).action for t in (0.0, 0.1, 0.2)] == ["speak"] * 3


def test_nothing_to_say_and_nothing_to_delegate_is_silence() -> None:
    assert policy().rule(Proposal("speak", "  "), 0.0).action == "silence"
    assert policy().rule(Proposal("delegate", "Hold on.", question=" "), 0.0).action == "silence"


def test_words_are_compared_without_case_and_punctuation_in_both_languages() -> None:
    assert normalised("It says: 14:35!") == normalised("it says 14:35")
    assert normalised("有人进来了。") == normalised("有人进来了")


@given(
    st.lists(
        st.tuples(st.floats(0, 5), st.sampled_from(["a", "b"]), st.sampled_from(["w1", "w2", None]), st.booleans())
    )
)
def test_whatever_comes_the_same_words_of_a_watch_keep_their_distance(steps: list[tuple]) -> None:
    rules, now = policy(), 0.0
    spoken: list[tuple[float, str, str | None]] = []
    for gap, text, watch, urgent in steps:
        now += gap
        ruling = rules.rule(alert(text, watch), now, urgent)
        assert ruling.action in ("speak", "silence") and ruling.reason
        if ruling.action == "speak":
            assert not [s for s in spoken if s[1:] == (text, watch) and now - s[0] < 2.0]
            spoken.append((now, text, watch))
