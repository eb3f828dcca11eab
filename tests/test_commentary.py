"""Commentary by rules: what is told of what happens, how often, and never twice."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from interaction.intents import Condition, Question
from interaction.observers.base import Rewording, View
from interaction.observers.commentary import GAP_S, REPEAT_S, Commentary
from interaction.observers.embedded import EmbeddedObserver
from interaction.seeing.base import PerceptEvent, Percepts
from interaction.watches import Watch
from tests.house import Eyes, Home, Stream, home, saw

WALL = datetime(2026, 11, 23, 9, 5, tzinfo=UTC)
CAME, WENT = PerceptEvent(0, "arrived", "person", "left"), PerceptEvent(0, "left", "person", "right")
CAT, CUT = PerceptEvent(0, "arrived", "cat"), PerceptEvent(0, "scene_cut")
MOVED = PerceptEvent(0, "motion_started")


def reads(text: str) -> PerceptEvent:
    return PerceptEvent(0, "text_changed", text=text)


def heard(commentary: Commentary, t: float, *events: PerceptEvent, **fields: Any) -> None:
    commentary.hear(Percepts(t, events=tuple(replace(event, t=t) for event in events), **fields))


@pytest.mark.parametrize(
    ("events", "english", "chinese"),
    [
        ([CAME], "Someone just came in, on the left.", "有人进来了，在左边。"),
        ([CAME, CAME], "Two people just came in.", "两个人进来了。"),
        ([CAME, CAT, WENT], "Someone just came in, on the left. A cat appeared. Someone just left, on the right.",
         "有人进来了，在左边。一只猫出现了。有人离开了，在右边。"),
        ([reads("Half time")], "It says now: Half time.", "现在写着：Half time。"),
        ([reads("A"), reads("Go!")], "It says now: Go!", "现在写着：Go!"),
        ([reads("A"), reads("")], "The text is gone.", "文字不见了。"),
        ([MOVED], "Something started to move.", "有东西动起来了。"),
        ([MOVED, CAME], "Someone just came in, on the left.", "有人进来了，在左边。"),
        ([CUT, MOVED], "The whole picture just changed.", "整个画面变了。"),
        ([PerceptEvent(0, "motion_stopped"), PerceptEvent(0, "count_changed", "person", count=2)], "", ""),
        ([], "", ""),
    ],
)  # fmt: skip
def test_what_happened_in_words(events: list[PerceptEvent], english: str, chinese: str) -> None:
    for language, words in (("en", english), ("zh", chinese)):
        commentary = Commentary()
        heard(commentary, 5.0, *events)
        assert commentary.tell(5.0, language) == words


def test_it_keeps_its_distance_and_tells_together_what_waited() -> None:
    commentary = Commentary()
    heard(commentary, 5.0, CAME)
    assert commentary.tell(5.0, "en")
    heard(commentary, 6.0, CAT)
    assert commentary.tell(6.0, "en") == ""
    heard(commentary, 8.0, reads("Goal"))
    assert commentary.tell(5.0 + GAP_S, "en") == "A cat appeared. It says now: Goal."
    assert commentary.tell(30.0, "en") == ""


def test_old_news_is_not_told() -> None:
    commentary = Commentary()
    heard(commentary, 5.0, CAME)
    assert commentary.tell(20.0, "en") == ""


def test_the_same_again_is_told_with_the_number_and_else_not_at_all() -> None:
    commentary = Commentary()
    said = []
    for n in range(1, 5):
        heard(commentary, 5.0 * n, CAME, counts={"person": min(n, 3)})
        said.append(commentary.tell(5.0 * n, "en"))
    assert said == [
        "Someone just came in, on the left.",
        "Someone just came in, on the left; two people now.",
        "Someone just came in, on the left; three people now.",
        "",
    ]
    for t in (31.0, 40.0):
        heard(commentary, t, MOVED)
    assert commentary.tell(40.0, "en") and not commentary.tell(45.0, "en")


def test_whatever_happens_nothing_is_said_twice_or_too_often() -> None:
    chance = random.Random(5)
    for language in ("en", "zh"):
        commentary, said = Commentary(), [(-99.0, "")]
        for tick in range(3000):
            t = tick * 0.4
            events = chance.choices(
                [CAME, WENT, CAT, MOVED, CUT, reads(chance.choice("abc")), reads("")], k=chance.randrange(4)
            )
            heard(commentary, t, *events, counts={"person": chance.randrange(4)})
            if words := commentary.tell(t, language):
                assert t - said[-1][0] >= GAP_S and len(words) < 400
                assert all(words != other for before, other in said if t - before < REPEAT_S)
                said.append((t, words))
        assert len(said) > 50


# ---------------------------------------------------------------- the observer


def view(t: float, *percepts: Percepts, **fields: Any) -> View:
    return View(
        **{
            "t": t, "wall": WALL, "lane": "camera", "language": "en", "frame": None, "percepts": percepts,
            "watches": (), **fields,
        }
    )  # fmt: skip


def look(t: float, *events: PerceptEvent, **fields: Any) -> Percepts:
    return Percepts(t, events=tuple(replace(event, t=t) for event in events), **fields)


COMMENT = Watch("w1", "Comment", WALL, Condition("changes"), ask=Question("commentary", "what has happened"))


async def test_commentary_carries_what_a_model_may_say_better() -> None:
    observer = EmbeddedObserver()
    assert (await observer.decide(view(4.0, look(4.0, CAT), watches=(COMMENT,))))[0].action == "silence"
    (proposal,) = await observer.decide(view(5.0, look(5.0, CAME), watches=(COMMENT,)))
    words = "Someone just came in, on the left."
    assert (proposal.text, proposal.watch, proposal.kind) == (words, "w1", "alert")
    assert proposal.rewording == Rewording("commentary", words, "en")


async def test_at_intervals_what_happened_since_is_told_and_nothing_only_once() -> None:
    observer, question = EmbeddedObserver(), (COMMENT.ask,)
    said = []
    for t in range(0, 80, 10):
        seen = [look(t - 5.0, CAT), look(t - 4.0, CAME)] if t in (10, 60) else [look(t - 1.0)]
        for percepts in seen:
            await observer.decide(view(percepts.t, percepts))
        (proposal,) = await observer.decide(view(float(t), questions=question))
        said.append(proposal.text if proposal.action == "speak" else "")
    both = "A cat appeared. Someone just came in, on the left."
    assert said == ["Nothing new.", both, "Nothing new.", "", "", "", both, "Nothing new."]


async def test_lanes_and_watches_are_kept_apart_and_forgotten() -> None:
    observer = EmbeddedObserver()
    for lane in ("door", "yard"):
        await observer.decide(view(4.0, look(4.0), watches=(COMMENT,), lane=lane))
    (door,) = await observer.decide(view(5.0, look(5.0, CAME), watches=(COMMENT,), lane="door"))
    (yard,) = await observer.decide(view(5.0, look(5.0), watches=(COMMENT,), lane="yard"))
    assert (door.action, yard.action) == ("speak", "silence")
    observer.forget("door")
    (anew,) = await observer.decide(view(20.0, look(20.0, CAT), watches=(COMMENT,), lane="door"))
    assert anew.action == "silence"
    assert len(observer._commentaries) <= 4


# ---------------------------------------------------------------- a session


async def spoken(language: str, request: str, until: float, *seen: tuple[float, Any]) -> list[tuple[int, str]]:
    async with home(source=Stream(until + 5), eyes=lambda: Eyes(dict(seen))) as here:
        here.session.modes.language = language
        await here.until(1.0)
        here.session.request(request)
        await here.until(until)
        return told(here)


def told(here: Home) -> list[tuple[int, str]]:
    return [(round(d.t), d.text) for d in here.decided() if d.reason != "acknowledged"]


async def test_what_happens_is_commented_on_in_both_languages() -> None:
    seen = [saw(6.0, "arrived"), saw(20.0, "text_changed", "", "Goal"), saw(30.0, "left")]
    assert await spoken("en", "comment on what happens", 40.0, *seen) == [
        (6, "Someone just came in, on the left."), (20, "It says now: Goal."), (30, "Someone just left, on the left."),
    ]  # fmt: skip
    assert await spoken("zh", "实时解说", 40.0, *seen) == [
        (6, "有人进来了，在左边。"), (20, "现在写着：Goal。"), (30, "有人离开了，在左边。"),
    ]  # fmt: skip


async def test_it_may_come_every_ten_seconds() -> None:
    seen = [saw(6.0, "arrived"), saw(34.0, "left")]
    assert await spoken("en", "describe what happens every ten seconds", 55.0, *seen) == [
        (11, "Someone just came in, on the left."), (21, "Nothing new."), (41, "Someone just left, on the left."),
        (51, "Nothing new."),
    ]  # fmt: skip


async def test_it_stands_beside_a_watch_for_any_change() -> None:
    async with home(source=Stream(20), eyes=lambda: Eyes(dict([saw(6.0, "arrived")]))) as here:
        await here.until(1.0)
        here.session.request("tell me when anything changes")
        here.session.request("comment on what happens")
        await here.until(15.0)
        assert len(here.session.watches) == 2
        assert sorted(text for _, text in told(here)) == [
            "Someone just came in, on the left.", "Something came into the picture, on the left.",
        ]  # fmt: skip
