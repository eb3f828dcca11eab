"""Names and sentences about what is seen."""

from __future__ import annotations

import subprocess
import sys

import pytest

from interaction.seeing.base import Percepts
from interaction.seeing.words import BY_LABEL, LABELS, MERGED, NARROWER, TESTED, describe, name, number_of


def test_importing_the_words_loads_no_heavy_library() -> None:
    code = "import sys, interaction.seeing.words; print({'cv2', 'ai_edge_litert', 'onnxruntime'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize(
    ("word", "label"),
    [("mug", "coffee cup"), ("bikes", "bicycle"), ("someone", "person"), ("people", "person"), ("人", "person"),
     ("猫", "cat"), ("杯子", "coffee cup"), ("汽车", "car"), ("自行车", "bicycle"), ("脸", "face")],
)  # fmt: skip
def test_words_ask_for_labels(word: str, label: str) -> None:
    assert LABELS[word] == label


def test_every_word_means_one_thing_and_every_label_is_known() -> None:
    words = [w for e in BY_LABEL.values() for w in {e.label, e.one, e.many, e.zh, *e.words}]
    assert len(words) == len(set(words)), sorted(w for w in words if words.count(w) > 1)
    assert all(word == word.lower() for word in words)
    assert set(BY_LABEL) >= TESTED | set(NARROWER.values()) | set(MERGED.values())
    assert not NARROWER.keys() & LABELS.keys()


@pytest.mark.parametrize(
    ("percepts", "english", "chinese"),
    [
        (
            Percepts(0, counts={"coffee cup": 1, "person": 1}, sides={"person": "left"}, text=("Gate B12",)),
            "One person, on the left; a cup. The text says: Gate B12.",
            "左边有一个人；一个杯子。文字是：Gate B12。",
        ),
        (Percepts(0, counts={"car": 12}, moving=True), "12 cars. Something is moving.", "12辆汽车。有东西在动。"),
        (Percepts(0, faces=1), "One face.", "一张脸。"),
        (Percepts(0, counts={"person": 2}, faces=2), "Two people.", "两个人。"),
        (Percepts(0), "Nothing that I know by name.", "没有我认得的东西。"),
        (Percepts(0, text=("  ", "")), "Nothing that I know by name.", "没有我认得的东西。"),
        (Percepts(0, text=("Stop!",)), "The text says: Stop!", "文字是：Stop!"),
        (
            Percepts(0, counts={"person": 1}, dark=True),
            "It is too dark to see, or the camera is covered.",
            "画面太暗，或者镜头被挡住了，什么也看不见。",
        ),
    ],
)
def test_descriptions(percepts: Percepts, english: str, chinese: str) -> None:
    assert describe(percepts, "en") == english
    assert describe(percepts, "zh") == chinese


def test_a_page_of_text_is_cut_short_when_described() -> None:
    said = describe(Percepts(0, text=("word " * 100,) * 40), "en")
    assert len(said) < 230
    assert said.endswith("…")


def test_numbers_of_things() -> None:
    assert [number_of("person", n, "en") for n in (0, 1, 2, 11)] == [
        "no people",
        "one person",
        "two people",
        "11 people",
    ]
    assert [number_of("cat", n, "zh") for n in (0, 1, 2)] == ["没有猫", "一只猫", "两只猫"]
    assert name("spaceship", 1, "en") == "spaceship"
