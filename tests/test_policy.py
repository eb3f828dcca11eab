"""What becomes of a proposal."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from interaction.floor import Utterance
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


def test_two_delegations_with_one_note_and_two_questions_are_two() -> None:
    rules = policy()
    asked = [
        Proposal("delegate", note, question=q, model=True) for note in ("", "One moment.") for q in ("a?", "why b?")
    ]
    assert [rules.rule(proposal, 0.0).action for proposal in [*asked, *asked]] == ["delegate"] * 4 + ["silence"] * 4


def test_words_are_compared_without_case_and_punctuation_in_both_languages() -> None:
    assert normalised("It says: 14:35!") == normalised("it says 14:35")
    assert normalised("有人进来了。") == normalised("有人进来了")


@settings(deadline=None)
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


def own(text: str, watch: str | None = None) -> Proposal:
    return Proposal("speak", text, "the model decided to speak", watch=watch, kind="alert", model=True)


SILENCE = Proposal("silence", reason="the model saw no reason to speak", model=True)


def spoken(rules: Policy, script: list[tuple[float, Proposal]]) -> list[float]:
    return [t for t, proposal in script if rules.rule(proposal, t).action == "speak"]


def test_what_a_model_goes_on_saying_is_told_again_only_when_it_was_silent_or_after_a_minute() -> None:
    on = [(float(t), own("Someone is at the door.", "w1")) for t in range(0, 130, 2)]
    assert spoken(policy(), on) == [0, 60, 120]
    beats = [(20.0 * n, own("Someone is at the door.")) for n in range(3)]
    assert spoken(policy(), beats) == [0], "a heartbeat of the gate shows the same picture"
    came = own("Someone came in.")
    came_back = [(0.0, came), (5.0, SILENCE), (8.0, came), (9.0, SILENCE), (19.0, came)]
    assert spoken(policy(), came_back) == [0, 19], "a flicker is no news, a second arrival is"
    between = [(0.0, own("Someone came in.")), (5.0, own("A dog barks.")), (16.0, own("Someone came in."))]
    assert spoken(policy(), between) == [0, 5, 16]


def test_each_who_comes_in_is_told_by_the_watch_that_waits_for_them() -> None:
    came = own("Someone came in.", "w1")
    three = [(t + after, what) for t in (0.0, 8.0, 16.0) for after, what in ((0.0, came), (1.0, came), (2.0, SILENCE))]
    assert spoken(policy(), three) == [0, 8, 16]
    flickers = [(float(t), came if t % 2 else SILENCE) for t in range(40)]
    assert spoken(policy(), flickers) == [1], "silent for a second, it sees the same"


def test_a_car_that_came_while_the_model_was_away_is_another() -> None:
    came = own("A car came.")
    assert spoken(policy(), [(0.0, came), (1.0, came), (45.0, came)]) == [0, 45]


def test_at_two_doors_the_same_comes_true_twice() -> None:
    rules = policy()
    assert rules.rule(own("Someone came in.", "w1"), 0.0, lane="front").action == "speak"
    assert rules.rule(own("Someone came in.", "w1"), 5.0, lane="back").action == "speak"


def test_another_watch_that_comes_true_by_the_same_is_told_and_another_lane_is_another_matter() -> None:
    same = [(0.0, own("Smoke rises.", "w1")), (1.0, own("Smoke rises.", "w2")), (3.0, own("Smoke rises.", "w2"))]
    assert spoken(policy(), same) == [0, 3]
    rules = policy()
    rules.rule(own("Someone came in."), 0.0, lane="door")
    rules.rule(SILENCE, 5.0, lane="desk")
    assert rules.rule(own("Someone came in."), 15.0, lane="door").action == "silence"
    assert rules.rule(own("Someone came in."), 15.0, lane="desk").action == "speak"


def test_what_else_forbids_it_is_the_reason_but_no_answer_is_forbidden() -> None:
    held = policy().rule(own("One."), 0.0, urgent=True, forbidden="quiet hours until 07:00")
    assert held.reason == "held back: quiet hours until 07:00 (One.)"
    answer = Proposal("speak", "A cup.", "asked", answers=True, kind="answer")
    assert policy().rule(answer, 0.0, forbidden="quiet hours").action == "speak"


def test_what_was_forbidden_was_not_said() -> None:
    rules = policy()
    rules.rule(own("One."), 0.0, forbidden="quiet hours")
    assert rules.rule(own("One."), 1.0).action == "speak"


def test_what_was_never_said_after_all_is_news() -> None:
    rules = policy()
    rules.rule(own("The milk boils over.", "w1"), 0.0)
    rules.unsaid(Utterance(1, "The milk boils over.", "alert", "en", 0.0))
    assert rules.rule(own("The milk boils over.", "w1"), 1.0).action == "speak"


def test_the_same_words_that_took_its_place_count_as_said() -> None:
    rules = policy()
    rules.rule(own("Someone came in.", "w1"), 0.0)
    rules.rule(own("Someone came in.", "w1"), 30.0)
    rules.unsaid(Utterance(1, "Someone came in.", "alert", "en", 0.0))  # of the two only the newer waits
    assert rules.rule(own("Someone came in.", "w1"), 30.8).action == "silence"


NUMBERS = {1: "one", 2: "two", 3: "three", 91: "91"}
SENTENCES = ["{} people are here.", "There are {} people now.", "{} cups."]


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.floats(0.1, 30),
            st.sampled_from([*SENTENCES, ""]),
            st.sampled_from(list(NUMBERS)),
            st.booleans(),
            st.sampled_from([None, "w1", "w2"]),
        ),
        max_size=40,
    )
)
def test_of_a_model_nothing_new_is_lost_and_nothing_old_is_soon_said_again(steps: list[tuple]) -> None:
    rules, now = policy(), 0.0
    spoken: list[tuple[float, str | None, frozenset[str]]] = []
    for gap, sentence, number, digits, watch in steps:
        now += gap
        text = sentence.format(number if digits else NUMBERS[number])
        ruling = rules.rule(own(text, watch) if text else SILENCE, now, urgent=True)
        fact = frozenset({str(number), "cups" if "cups" in sentence else "people"})
        like = [(t, w) for t, w, said in spoken if said == fact]
        if ruling.action == "speak":
            assert not [t for t, w in like if now - t < 2.0], "not twice in the same breath"
            assert not [t for t, w in like if now - t < 10.0 and watch is None]
            spoken.append((now, watch, fact))
        elif text:
            assert [t for t, w in like if now - t < 60.0], "only what was said is held back"
    assert len(rules._said) <= 50
