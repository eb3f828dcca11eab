"""Who may speak."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from interaction.floor import STALE_S, Floor, Utterance


def said(
    number: int, kind: str = "answer", born: float = 0.0, watch: str | None = None, urgent: bool = False
) -> Utterance:
    return Utterance(number, f"text {number}", kind, "en", born, watch, urgent)  # type: ignore[arg-type]


def test_a_free_floor_is_granted_at_once_and_free_again_afterwards() -> None:
    floor = Floor(3)
    assert floor.offer(said(1)) == ("now", None)
    assert floor.holder == "assistant"
    floor.ended(1)
    assert floor.holder == "nobody"


def test_the_person_cuts_the_assistant_and_what_waits_is_said_afterwards() -> None:
    floor = Floor(3)
    floor.offer(said(1))
    floor.offer(said(2, "alert"))
    cut = floor.person_started()
    assert cut is not None and cut.id == 1 and floor.generation == 1
    assert floor.next(1.0) == (None, [])
    floor.person_stopped()
    utterance, stale = floor.next(1.0)
    assert utterance is not None and utterance.id == 2 and stale == []


def test_an_urgent_alert_interrupts_the_assistant_but_not_the_person() -> None:
    floor = Floor(3)
    floor.offer(said(1))
    verdict, cut = floor.offer(said(2, "alert", urgent=True))
    assert verdict == "interrupt" and cut is not None and cut.id == 1
    floor.person_started()
    assert floor.offer(said(3, "alert", urgent=True))[0] == "wait"


def test_an_answer_goes_before_alerts_and_the_same_watch_waits_once() -> None:
    floor = Floor(3)
    floor.offer(said(1))
    floor.offer(said(2, "answer"))
    floor.offer(said(3, "alert", watch="w1"))
    verdict, gave_way = floor.offer(said(4, "alert", watch="w1"))
    assert verdict == "wait" and gave_way is not None and gave_way.id == 3
    assert [u.id for u in floor.waiting] == [2, 4]


def test_the_least_important_gives_way_when_too_many_wait() -> None:
    floor = Floor(2)
    floor.offer(said(1))
    floor.offer(said(2, "alert"))
    floor.offer(said(3, "notice"))
    assert floor.offer(said(4, "answer"))[1] == said(3, "notice")
    verdict, gave_way = floor.offer(said(5, "notice"))
    assert verdict == "dropped" and gave_way is not None and gave_way.id == 5


def test_old_news_is_not_told() -> None:
    floor = Floor(3)
    floor.offer(said(1))
    floor.offer(said(2, "alert", born=0.0))
    floor.ended(1)
    utterance, stale = floor.next(STALE_S["alert"] + 0.1)
    assert utterance is None and [u.id for u in stale] == [2]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("offer"), st.sampled_from(["alert", "answer", "result", "notice"]), st.booleans()),
        st.tuples(st.sampled_from(["person", "quiet", "end", "next", "silence"])),
    ),
    max_size=60,
)


@given(STEPS)
def test_in_any_order_one_speaks_the_wait_is_bounded_and_the_generation_never_falls(steps: list[tuple]) -> None:
    floor = Floor(3)
    generation = 0
    for number, (step, *rest) in enumerate(steps):
        match step:
            case "offer":
                floor.offer(said(number, rest[0], born=float(number), urgent=rest[1]))
            case "person":
                floor.person_started()
            case "quiet":
                floor.person_stopped()
            case "end" if floor.speaking:
                floor.ended(floor.speaking.id)
            case "next":
                floor.next(float(number))
            case "silence":
                floor.silence()
        assert (floor.holder == "assistant") == (floor.speaking is not None)
        assert len(floor.waiting) <= 3 and floor.generation >= generation
        generation = floor.generation
