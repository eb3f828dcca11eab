"""The tiny observer's streams, its conversations and its folder; the model itself is examined on the real engine."""

from __future__ import annotations

import json
import re
from collections import Counter
from math import prod
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from bench.scenario import collect
from bench.scenarios import check
from interaction.observers.dialects import DIALECTS, Name
from interaction.observers.reply import parse
from interaction.sources.synthetic import synthetic
from interaction.sources.synthetic.shapes import picture, shapes
from tests.tiny_observer.batches import moment
from tests.tiny_observer.conversation import conversation, view
from tests.tiny_observer.evaluate import Score
from tests.tiny_observer.packing import FIRST, HARD, pack
from tests.tiny_observer.streams import CORE, WATCHES, Tick, stream

MODEL = Path(__file__).parent / "tiny_observer" / "model"
BOTH: tuple[Name, Name] = ("joyai", "instructed")


def letters(text: str) -> tuple[int, ...]:
    """A tokenizer of single letters, and of one mark each."""
    return tuple(-1 if mark.startswith("<|") else ord(mark) for mark in re.findall(r"<\|\w+\|>|.", text, re.DOTALL))


def test_a_seed_is_a_promise() -> None:
    first, again, other = stream(3, 10), stream(3, 10), stream(4, 10)
    assert first == again != other
    assert all(np.array_equal(first.picture(i), again.picture(i)) for i in range(3))
    times = [tick.t for tick in first.ticks]
    assert times == sorted(set(times))


def test_what_is_right_follows_from_what_is_seen() -> None:
    seen: Counter[str] = Counter()
    for seed in range(150):
        before: Tick | None = None
        for tick in stream(seed, 10).ticks:
            seen[tick.act] += 1
            came = bool(before and not before.shapes and tick.shapes)
            went = bool(before and before.shapes and not tick.shapes)
            asked = tick.question or tick.result
            covered = any(w in WATCHES["appears" if came else "disappears"] for w in tick.watches)
            triangle = came and tick.shapes[0].kind == "triangle"
            assert bool(tick.delegated) == (triangle and not asked)
            assert bool(tick.text) == bool(asked or triangle or ((came or went) and covered))
            if tick.act in ("appear", "disappear"):
                shape = (tick.shapes or (before.shapes if before else ()))[0]
                assert shape.name in tick.text and tick.watch is not None
                assert tick.watches[tick.watch - 1] in WATCHES[f"{tick.act}s"]
            before = tick
    assert set(CORE) < set(seen) and min(seen.values()) > 20


@pytest.mark.parametrize("name", BOTH)
def test_the_right_answers_are_what_the_house_reads(name: Name) -> None:
    dialect = DIALECTS[name]()
    for seed in range(30):
        for tick in stream(seed, 8).ticks:
            read = dialect.read(tick.reply(name), view(tick))
            assert read is not None
            assert (read[0].text, read[0].question or "") == (tick.text, tick.delegated)
    assert parse("</silence>").action == "silence"


@pytest.mark.parametrize("name", BOTH)
def test_a_conversation_is_what_the_observer_sends(name: Name) -> None:
    made = conversation(stream(5, 9), DIALECTS[name](), "The rules.", 6)
    roles = [message["role"] for message in made.messages]
    assert roles[:2] == ["system", "user"] and roles[-1] == "user" and len(made.asked) < 9
    assert [asked.whole for asked in made.asked][:2] == [False, False], "carried over: what was before is not shown"
    answers = [message["content"] for message in made.messages if message["role"] == "assistant"]
    assert answers == [asked.answer for asked in made.asked[:-1]]
    assert all(bool(asked.suffix) == (name == "instructed") for asked in made.asked)


def test_a_branch_sees_its_own_turn_and_no_other_branch() -> None:
    made = conversation(stream(5, 4), DIALECTS["instructed"](), "The rules.", 100)
    packed = pack(made, letters, Random(1), branches=4)
    assert packed.first.sum() == 4 and (packed.weights > 0).sum() == sum(len(a.answer) + 1 for a in made.asked)
    begins = np.flatnonzero(packed.first)
    assert not packed.may[begins[2], begins[1]] and packed.may[begins[1], 0]
    seen = packed.may[begins].sum(axis=1)
    assert np.all(np.diff(seen) > 0), "the later the turn, the more of the trunk"
    assert not np.triu(packed.may, 1).any()


@pytest.mark.parametrize("name", BOTH)
def test_a_silence_although_something_happened_is_learned_like_speech_and_weighs_more(name: Name) -> None:
    made = stream(3, 20, ("shape",))
    hard = [index for index, tick in enumerate(made.ticks) if tick.act == "unwatched"]
    spoken = [index for index, tick in enumerate(made.ticks) if tick.text]
    assert len(hard) > 1 and spoken
    talk = conversation(made, DIALECTS[name](), "The rules.", 100)
    times: Counter[int] = Counter()
    for seed in range(30):
        packed = pack(talk, letters, Random(seed), len(hard + spoken))
        times.update(packed.learned)
        weights = dict(zip(packed.learned, packed.weights[packed.first], strict=True))
        assert all(weight == (HARD if index in hard else FIRST) for index, weight in weights.items())
        assert packed.branched == (name == "instructed")
    quiet = [times[index] for index, tick in enumerate(made.ticks) if tick.act == "nothing"]
    if packed.branched:
        assert min(times[index] for index in hard) > max(quiet)
    else:
        assert set(times.values()) == {30}, "where answers stay in the history, all are learned"


def test_the_tutor_knows_what_is_right_to_ask() -> None:
    """What happened and what is watched for decide what is told, but for triangles."""
    for seed in range(30):
        made = stream(seed, 12, ("shape", "digit"))
        for index, tick in enumerate(made.ticks):
            happened, appears, disappears = moment(made, index)
            if not tick.question and not tick.result:
                assert bool(tick.text) == bool((appears, disappears)[happened - 1] if happened else False)
                assert (tick.act == "unwatched") == bool(happened and not tick.text)


def test_the_drawn_scene_is_one_that_the_model_was_shown() -> None:
    scene = shapes(Random(2), 10.0, [{"kind": "circle", "colour": "red", "appears": 3, "disappears": 6}, {"kind": "7"}])
    assert [(truth.t, truth.kind, truth.detail) for truth in scene.truth] == [
        (3, "appears", "red circle"), (6, "disappears", "red circle"),
    ]  # fmt: skip
    red = [int((scene.draw(t)[..., 2].astype(int) - scene.draw(t)[..., 0] > 120).sum()) for t in (2, 3, 5.8, 6)]
    assert red[0] == red[3] == 0 < 5000 < red[1] == red[2]
    with pytest.raises(ValueError, match="no shape"):
        synthetic("shapes", seconds=1, shown=[{"kind": "cup", "colour": "red"}])
    assert picture((), (9, 9, 9), (32, 24)).shape == (24, 32, 3)


def test_a_score_counts_decisions_and_words_apart() -> None:
    from interaction.observers.base import Proposal

    tick = Tick(1.0, (), ("Something disappears",), "disappear", "The red circle is gone.", watch=1)
    score = Score()
    score.note(tick, Proposal("speak", "The red square is gone.", p_speak=0.9))
    score.note(tick, Proposal("speak", "The red circle is gone.", watch="w1", p_speak=0.8))
    score.note(Tick(2.0, (), (), "nothing"), Proposal("speak", "Oh.", p_speak=0.8))
    assert (score.decisions(), score.words()) == (2 / 3, 1 / 3)
    assert score.separation() == 0.75 and len(score.wrong) == 2 and "first four" in score.report()


def header(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        found: dict[str, Any] = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    return found


def test_the_model_is_small_and_says_how_it_was_made() -> None:
    assert sum(file.stat().st_size for file in MODEL.iterdir()) <= 8_000_000
    tensors = {name: entry for name, entry in header(MODEL / "model.safetensors").items() if name != "__metadata__"}
    assert 500_000 < sum(prod(entry["shape"]) for entry in tensors.values()) <= 3_000_000
    card = (MODEL / "README.md").read_text()
    assert "PYTHON -m tests.tiny_observer.train" in card and "Apache-2.0" in card and "Limits" in card
    vocabulary = json.loads((MODEL / "tokenizer.json").read_text())
    added = {token["content"]: token["special"] for token in vocabulary["added_tokens"]}
    assert [added[marker] for marker in ("</silence>", "</response>", "</delegation>")] == [False] * 3
    assert {"silence", "speak", "delegate"} <= set(vocabulary["model"]["vocab"])


def test_its_scenarios_can_be_played() -> None:
    found = collect([Path(__file__).parent / "scenarios_vllm"])
    assert len(found) == 5
    for scenario in found:
        check(scenario)
