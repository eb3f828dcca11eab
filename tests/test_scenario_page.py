"""The page of a run: what is drawn where, and that nothing on it can do anything."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from bench.page import page
from bench.scenario import Scenario
from bench.scoring import Result, score
from bench.suite import Manner, run_all
from bench.timeline import Lane, Scale, Timeline, timeline
from bench.trace import KEPT, PICTURE_PX, PICTURES, Filmed, Said, Trace
from interaction.clock import Clock
from interaction.sources.scripted import ScriptedSource
from tests.house import IMAGE
from tests.test_scenario_suite import SETTINGS, arriving, small_scenario

BODY = {"observer": "o", "model": "m", "machine": "x", "date": "d", "commit": "c", "manner": "typed", "against": ""}
EVIL = "<img src=x onerror=alert(1)>\"'&"


def spoke(t: float, text: str, **fields: Any) -> dict[str, Any]:
    base = {"t": t, "type": "decision", "lane": "camera", "action": "speak", "text": text, "reason": "watch: x"}
    return {**base, "watch": "w1", "latency": 0.1, "skipped": False, "late": False, **fields}


def silent(t: float, **fields: Any) -> dict[str, Any]:
    return spoke(t, "", action="silence", **fields)


def voice(start: float, end: float, text: str, number: int = 1, interrupted: bool = False) -> list[dict[str, Any]]:
    began = {"t": start, "type": "utterance_started", "utterance": number, "text": text}
    return [began, {"t": end, "type": "utterance_ended", "utterance": number, "interrupted": interrupted, "heard": ""}]


def ran(lines: list[dict[str, Any]], said: tuple[Said, ...] = (), pictures: int = 0, **parts: Any) -> Result:
    """The result of a scenario of 100 s, so that a second is a percent."""
    body = {"name": "s", "capability": "monitoring", "source": {"generator": "still", "seconds": 100}, **parts}
    scenario = Scenario.model_validate(body)
    trace = Trace(scenario, lines=sorted(lines, key=lambda line: line["t"]), said=list(said), ends=100.0)
    trace.pictures = [(float(t), b"jpeg") for t in range(pictures)]
    result = score(scenario, trace.lines, 100.0)
    result.trace = trace
    return result


def lane(drawn: Timeline, name: str) -> Lane:
    return next(lane for lane in drawn.lanes if lane.name == name)


def marks(drawn: Timeline, name: str) -> list[tuple[str, float, float]]:
    return [(mark.kind, mark.x, mark.width) for mark in lane(drawn, name).marks]


def test_windows_are_found_missed_or_optional_and_keep_apart() -> None:
    windows = [
        {"event": "speak", "within": [9, 12], "at": 10, "matches": "came in"},
        {"event": "speak", "within": [11, 14]},
        {"event": "speak", "within": [12, 15], "optional": True},
    ]
    expected = lane(timeline(ran([spoke(10.2, "Someone came in.")], expect=windows)), "expected")
    found = [(m.kind, m.x, m.width, m.row, m.label) for m in expected.marks]
    assert found == [
        ("found", 9, 3, 0, "✓ came in"),
        ("missed", 11, 3, 1, "✗ speak"),
        ("optional", 12, 3, 0, "speak"),
    ]
    assert [m.note for m in expected.marks] == [10, None, None] and expected.rows == 2


def test_decisions_show_what_each_was_worth() -> None:
    lines = [
        silent(1),
        silent(2),
        silent(3, skipped=True),
        silent(20, late=True),
        spoke(10, "Someone came in."),
        spoke(30, "Hello."),
        spoke(40, "I'll tell you.", reason="acknowledged", lane=""),
        spoke(50, "I'm on it.", action="delegate"),
    ]
    windows = [{"event": "speak", "within": [9, 12]}, {"event": "delegate", "within": [49, 52]}]
    shown = marks(timeline(ran(lines, expect=windows)), "decisions")
    assert shown == [
        ("silent", 1, 1), ("skipped", 3, 0.2), ("silent", 20, 0.2), ("late", 20, 0),
        ("spoke", 10, 0), ("unwanted", 30, 0), ("acknowledged", 40, 0), ("delegated", 50, 0),
    ]  # fmt: skip


def test_two_sources_have_a_lane_each() -> None:
    drawn = timeline(ran([spoke(5, "a"), spoke(6, "b", lane="door"), spoke(7, "c", lane="")]))
    assert marks(drawn, "camera") == [("unwanted", 5, 0), ("unwanted", 7, 0)]
    assert marks(drawn, "door") == [("unwanted", 6, 0)]


def test_voice_tasks_and_what_must_not_happen() -> None:
    lines = [*voice(10, 12, "whole"), *voice(20, 21, "cut", 2, interrupted=True), spoke(60, "hello")]
    lines += [{"t": 30, "type": "task_submitted", "task": "t1", "question": "17 % of 2340?"}]
    lines += [{"t": 34, "type": "task_done", "task": "t1", "text": "397.8", "status": "completed"}]
    never = [{"event": "speak", "between": [50, 70]}, {"event": "delegate", "between": [80, 90]}]
    drawn = timeline(ran(lines, forbid=never))
    assert marks(drawn, "voice") == [("said", 10, 2), ("cut", 20, 1)]
    assert marks(drawn, "agent") == [("task", 30, 4)]
    assert marks(drawn, "forbidden") == [("violated", 50, 20), ("forbidden", 80, 10)]
    assert [kind for _, kind, _ in drawn.told] == ["cut off", "task done", "forbidden"]


def test_labels_have_room_up_to_the_next_mark_or_are_left_out() -> None:
    said = (Said(10, 8, 10, "first", True), Said(11, 11, 11, "second"), Said(40, 40, 40, "third"))
    person = lane(timeline(ran([], said)), "person")
    assert [(m.kind, m.room) for m in person.marks] == [("aloud", 0), ("typed", 29), ("typed", 60)]


def test_who_speaks_before_the_stream_begins_is_on_the_axis() -> None:
    drawn = timeline(ran([], (Said(1, -2.3, 0.9, "first", True),), pictures=20))
    assert marks(drawn, "person")[0][:2] == ("aloud", 0) and drawn.axis[0] == (2.25, "0 s")


@pytest.mark.parametrize(("ends", "numbers"), [(7, 8), (50, 6), (1800, 7), (20_000, 6), (0.3, 2)])
def test_the_axis_has_few_round_numbers(ends: float, numbers: int) -> None:
    assert len(Scale(0.0, ends).numbers()) == numbers


def test_pictures_stand_evenly_along_the_axis() -> None:
    drawn = timeline(ran([], pictures=100))
    assert [words for words, _ in drawn.pictures] == ["8.0 s", "25.0 s", "42.0 s", "58.0 s", "75.0 s", "92.0 s"]
    assert all(data == "data:image/jpeg;base64,anBlZw==" for _, data in drawn.pictures)


async def test_a_stream_of_any_length_keeps_a_few_small_pictures() -> None:
    trace = ran([]).trace
    large = cv2.resize(IMAGE, (640, 480))
    passed = [frame async for frame in Filmed(ScriptedSource([large] * 700, fps=1), trace).frames(Clock().now)]
    times = [t for t, _ in trace.pictures]
    assert len(passed) == 700 and PICTURES <= len(times) <= KEPT and times[0] == 0 and times[-1] > 600
    picture = cv2.imdecode(np.frombuffer(trace.pictures[0][1], np.uint8), cv2.IMREAD_COLOR)
    assert picture.shape == (90, PICTURE_PX, 3)


# ---------------------------------------------------------------- the page


class Tags(HTMLParser):
    """Tags with their attributes, and the text between them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def evil_page() -> str:
    lines = [spoke(10, EVIL, reason=EVIL), *voice(10, 12, EVIL)]
    lines += [{"t": 30, "type": "task_submitted", "task": "t1", "question": EVIL}]
    expected = [{"event": "speak", "within": [50, 60], "matches": re.escape(EVIL)}]
    bad = ran(lines, (Said(1, 1, 1, EVIL),), pictures=3, name=EVIL, expect=expected)
    bad.misheard, bad.typed, bad.detail = [EVIL], [EVIL], EVIL
    other = Result(EVIL, "other", "broken", detail=EVIL)
    body = dict.fromkeys(BODY, EVIL)
    return page(body, [bad, other], {EVIL: [other]}, [EVIL])


def test_nothing_from_outside_becomes_part_of_the_page() -> None:
    parsed = Tags(evil_page())
    assert {tag for tag, _ in parsed.tags} & {"script", "iframe", "link", "object", "form"} == set()
    images = [attributes for tag, attributes in parsed.tags if tag == "img"]
    assert len(images) == PICTURES and all(str(image["src"]).startswith("data:image/jpeg;") for image in images)
    assert all(image["alt"] for image in images)
    assert not any(name.startswith("on") or name == "style" for _, attributes in parsed.tags for name in attributes)
    assert sum(text.count(EVIL) for text in parsed.text) >= 10


def test_the_page_asks_nobody_and_its_policy_knows_its_one_style() -> None:
    text = evil_page()
    assert not re.search(r"(?:src|href|url)\s*[=(]\s*[\"']?(?:https?:|//)", text)
    parsed = Tags(text)
    (policy,) = [a["content"] for tag, a in parsed.tags if tag == "meta" and "http-equiv" in a]
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.S)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy and policy.startswith("default-src 'none'; img-src data:;") and f"'sha256-{digest}'" in policy


def test_every_link_leads_to_a_scenario_and_failed_ones_come_first() -> None:
    good, bad = ran([], name="good"), ran([spoke(5, "x")], name="bad")
    parsed = Tags(page(BODY, [good, bad, Result("odd", "other", "not supported")], {}, []))
    ids = [a["id"] for tag, a in parsed.tags if tag == "section"]
    assert [a["href"] for tag, a in parsed.tags if tag == "a"] == [f"#{name}" for name in ids]
    headings = [text for text in parsed.text if text in ("good", "bad", "odd")]
    assert headings == ["bad", "good", "odd"]


def test_a_run_writes_its_page(tmp_path: Path) -> None:
    out, other = tmp_path / "out.html", tmp_path / "out.json"
    paths = [small_scenario(tmp_path), small_scenario(tmp_path, name="b", needs=["dancing"])]
    manner = Manner(html=out, json=other, baselines=True)
    assert run_all(paths, SETTINGS, arriving, manner, quiet=True) == 0
    text = "".join(Tags(out.read_text()).text)
    assert "1 of 1" in text and "1 not supported" in text and "always silent" in text and "Someone just came in" in text
    assert out.stat().st_size < 60_000 and "trace" not in json.loads(other.read_text())["results"][0]
