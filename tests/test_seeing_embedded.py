"""The embedded seer: made-up networks for its wiring, the real ones on real pictures and footage."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

import assets
import config
from interaction.seeing.base import Box, Detection, Line, PerceptEvent, Percepts
from interaction.seeing.embedded import EmbeddedSeer
from interaction.seeing.models import LINE_CHARS, LINES, Models
from interaction.sources.base import Frame
from tests import footage

pytestmark = pytest.mark.whole

Image = np.ndarray


class Scripted(Models):
    """Networks that say what they are told, and note the threads that ask them."""

    def __init__(self, detect: Callable[[Image], list[Detection]] = lambda _: [], lines: tuple[str, ...] = ()) -> None:
        super().__init__(lambda name: Path(name))
        self.script, self.lines = detect, lines
        self.asked: list[str] = []
        self.threads: set[str] = set()

    def detect(self, image: Image) -> list[Detection]:
        self.asked.append("detect")
        self.threads.add(threading.current_thread().name)
        return self.script(image)

    def read(self, image: Image) -> tuple[Line, ...]:
        self.asked.append("read")
        self.threads.add(threading.current_thread().name)
        return tuple(Line(text, Box(0.1, 0.1, 0.5, 0.2)) for text in self.lines)


def still(t: float, level: int = 120) -> Frame:
    """A structured picture that does not move."""
    image = np.full((480, 640, 3), level, np.uint8)
    image[::40] = 20
    return Frame(t, image)


def moving(t: float) -> Frame:
    frame = still(t)
    x = int(t * 200) % 500
    frame.image[100:400, x : x + 100] = 250
    return frame


async def looks(
    seer: EmbeddedSeer, make: Callable[[float], Frame], seconds: float, begin: float = 0.0
) -> list[Percepts]:
    said, t = [], begin
    while t < begin + seconds:
        said.append(await seer.look(make(t)))
        t += 1 / seer.pace
    return said


def events(said: list[Percepts], *kinds: str) -> list[PerceptEvent]:
    return [e for p in said for e in p.events if e.kind in kinds]


async def test_it_rests_at_two_looks_a_second_and_quickens_while_something_moves() -> None:
    seer = EmbeddedSeer(Scripted())
    assert len(await looks(seer, still, 5)) == 10
    assert len(await looks(seer, moving, 4, begin=5)) >= 16
    assert seer.pace == 5
    await looks(seer, still, 4, begin=9)
    assert seer.pace == 2


async def test_the_networks_are_not_asked_again_about_a_picture_that_did_not_change() -> None:
    models = Scripted()
    await looks(EmbeddedSeer(models), still, 10)
    assert models.asked.count("detect") <= 5
    assert models.asked.count("read") == 1


async def test_a_picture_that_they_know_is_looked_at_less_and_less_until_it_changes() -> None:
    models = Scripted()
    seer = EmbeddedSeer(models, config.Seeing(still_s=10))
    await looks(seer, still, 60)
    passes = models.asked.count("detect")
    assert passes <= 1 + 5 + 5, "soon at first, then every ten seconds"

    def creeps(t: float) -> Frame:
        """A spot on the wall gets brighter, so slowly that no two pictures in a row differ enough."""
        frame = Frame(t, still(t).image)
        frame.image[45:75, 300:330] = 120 + min(100, int(10 * (t - 60)))
        return frame

    await looks(seer, creeps, 12, begin=60)
    assert models.asked.count("detect") > passes + 1


async def test_somebody_who_was_missed_in_the_last_pass_is_looked_for_soon() -> None:
    somebody = Detection("person", 0.9, Box(0.4, 0.2, 0.5, 0.8))
    models = Scripted(detect=lambda _: [] if models.asked.count("detect") > 6 else [somebody])
    await looks(EmbeddedSeer(models), still, 60)
    assert models.asked.count("detect") >= 14


async def test_every_network_has_a_thread_of_its_own_that_is_not_the_loops() -> None:
    models = Scripted()
    await asyncio.gather(looks(EmbeddedSeer(models), moving, 4), looks(EmbeddedSeer(models), still, 4))
    assert models.threads == {"seeing_0", "reading_0"}


async def test_text_that_changes_is_an_event_with_the_old_and_the_new() -> None:
    models = Scripted(lines=("Step 1", "Open it"))
    seer = EmbeddedSeer(models)
    said = await looks(seer, still, 3)
    models.lines = ("Step 2",)
    said += await looks(seer, lambda t: still(t, 200), 4, begin=3)
    assert [(e.text, e.detail) for e in events(said, "text_changed")] == [
        ("Step 1\nOpen it", ""),
        ("Step 2", "Step 1\nOpen it"),
    ]
    assert said[-1].text == ("Step 2",)
    assert said[-1].text_t == 3.5, "the frame that was read"


async def test_reading_can_be_switched_off() -> None:
    models = Scripted(lines=("x",))
    await looks(EmbeddedSeer(models, config.Seeing(text=False)), moving, 5)
    assert "read" not in models.asked


@pytest.mark.parametrize("part", ["detect", "read"])
async def test_a_network_that_fails_is_an_error_of_look_and_a_fresh_start_helps(part: str) -> None:
    models = Scripted()
    seer = EmbeddedSeer(models)

    def fail(_image: Image) -> tuple[str, ...]:
        raise RuntimeError("out of memory")

    setattr(models, part, fail)
    with pytest.raises(RuntimeError, match="out of memory"):
        await looks(seer, still, 3)
    delattr(models, part)
    seer.close()
    assert (await looks(seer, still, 3, begin=3))[-1].t > 5


async def test_a_missing_weight_surfaces_from_look() -> None:
    def find(name: str) -> Path:
        raise FileNotFoundError(f"no {name}")

    with pytest.raises(FileNotFoundError, match="vision/"):
        await EmbeddedSeer(Models(find)).look(still(0.0))


async def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="not a BGR picture"):
        await EmbeddedSeer(Scripted()).look(Frame(0.0, np.zeros((0, 0, 3), np.uint8)))


async def test_nobody_leaves_when_the_camera_is_covered() -> None:
    person = [Detection("person", 0.6, Box(0.4, 0.2, 0.5, 0.8))]
    seer = EmbeddedSeer(Scripted(lambda image: person if image.mean() > 50 else []))
    before = await looks(seer, moving, 3)
    covered = await looks(seer, lambda t: Frame(t, np.full((480, 640, 3), 4, np.uint8)), 20, begin=3)
    after = await looks(seer, moving, 3, begin=23)
    assert [p.dark for p in (before[-1], covered[-1], after[-1])] == [False, True, False]
    assert events(before + covered + after, "left", "arrived") == []
    assert after[-1].counts == {"person": 1}


async def test_a_face_appears_when_sure_stays_in_half_profile_and_goes() -> None:
    face = {"score": 0.6}
    at = Box(0.4, 0.2, 0.5, 0.35)
    seer = EmbeddedSeer(Scripted(lambda _: [Detection("face", face["score"], at)] if face["score"] else []))
    said = []
    for begin, score in ((0, 0.6), (3, 0.9), (6, 0.55), (9, 0.0)):
        face["score"] = score
        said += await looks(seer, moving, 3, begin=begin)
    told = events(said, "face_appeared", "face_gone")
    assert [e.kind for e in told] == ["face_appeared", "face_gone"]
    assert 3.0 < told[0].t < 3.6
    assert 10.4 < told[1].t < 11.1
    assert [p.faces for p in said if p.t > 4][:1] == [1]


async def test_a_thing_that_comes_is_told_and_one_that_was_there_is_only_counted() -> None:
    car, cat = (Detection(name, 0.8, Box(0.1, 0.1, 0.9, 0.9)) for name in ("car", "cat"))
    shown = [car]
    seer = EmbeddedSeer(Scripted(lambda _: shown))
    said = await looks(seer, moving, 3)
    shown = [car, cat]
    said += await looks(seer, moving, 3, begin=3)
    assert [(e.kind, e.label) for e in events(said, "arrived")] == [("arrived", "cat")]
    assert said[-1].counts == {"car": 1, "cat": 1}
    assert said[-1].sides == {"car": "middle", "cat": "middle"}


async def test_a_cut_is_told_and_is_no_movement() -> None:
    rng = np.random.default_rng(3)
    scenes = [np.kron(rng.integers(0, 255, (6, 8, 3), np.uint8), np.ones((80, 80, 1), np.uint8)) for _ in range(2)]
    said = await looks(EmbeddedSeer(Scripted()), lambda t: Frame(t, scenes[t >= 3]), 6)
    assert [e.t for e in events(said, "scene_cut")] == [3.0]
    assert events(said, "motion_started") == []


# The real networks


@pytest.fixture(scope="module")
def models() -> Iterator[Models]:
    models = Models(assets.find)
    models.load()
    yield models
    models.close()


def page(*lines: str) -> Image:
    image = np.full((480, 640, 3), 235, np.uint8)
    for i, line in enumerate(lines):
        cv2.putText(image, line, (40, 90 + 80 * i), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (20, 20, 60), 2)
    return image


def test_the_reader_tells_91_from_95_and_reads_nothing_on_an_empty_page(models: Models) -> None:
    first, second = models.read(page("Gate B12 boarding 14:35", "Server disk is 91 percent full"))
    assert (first.text, second.text) == ("Gate B12 boarding 14:35", "Server disk is 91 percent full")
    assert first.box.y0 < 90 / 480 < second.box.y0 < 170 / 480 < second.box.y1 and 0 < first.box.x0 < 0.1
    assert [line.text for line in models.read(page("Server disk is 95 percent full"))] == [
        "Server disk is 95 percent full"
    ]
    assert models.read(page()) == ()


def test_what_is_read_is_bounded(models: Models) -> None:
    image = np.full((960, 960, 3), 235, np.uint8)
    for row in range(60):
        cv2.putText(image, f"line {row} of many", (20, 14 + 16 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (0, 0, 0), 1)
    lines = models.read(image)
    assert 20 < len(lines) <= LINES
    assert all(len(line.text) <= LINE_CHARS for line in lines)


@pytest.mark.parametrize("size", [(1, 1), (2, 700), (700, 2), (1080, 1920)])
def test_pictures_of_any_size_can_be_looked_at(models: Models, size: tuple[int, int]) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (*size, 3), np.uint8)
    for detection in models.detect(noise):
        box = detection.box
        assert 0 <= box.x0 <= box.x1 <= 1 and 0 <= box.y0 <= box.y1 <= 1


def shown(name: str) -> Image:
    path = footage.PLACES[0] / name
    if not path.is_file():
        pytest.skip(f"{name} is not on this machine: it comes with Debian's package opencv-doc")
    return np.asarray(cv2.imread(str(path)), np.uint8)


@pytest.mark.footage
@pytest.mark.parametrize(
    ("picture", "counts", "faces"),
    [("messi5.jpg", {"person": 1}, 1), ("apple.jpg", {}, 0), ("baboon.jpg", {}, 0), ("fruits.jpg", {}, 0),
     ("licenseplate_motion.jpg", {"car": 1}, 0)],
)  # fmt: skip
async def test_real_pictures(models: Models, picture: str, counts: dict[str, int], faces: int) -> None:
    image = shown(picture)
    rng = np.random.default_rng(0)

    def noisy(t: float) -> Frame:
        return Frame(t, np.clip(image + rng.normal(0, 2, image.shape), 0, 255).astype(np.uint8))

    seer = EmbeddedSeer(models, config.Seeing(text=False))
    last = (await looks(seer, noisy, 6))[-1]
    assert (last.counts, last.faces) == (counts, faces)
    seer.close()


async def replay(models: Models, name: str) -> list[Percepts]:
    try:
        return await footage.play(footage.clip(name), EmbeddedSeer(models, config.Seeing(text=False)))
    except footage.NoFootage as missing:
        pytest.skip(str(missing))


@pytest.mark.footage
async def test_arrivals_and_departures_on_real_footage(models: Models) -> None:
    total = footage.Score()
    for name in ("strip", "grass", "path-later"):
        total += footage.score(footage.clip(name), await replay(models, name))
    told = f"missed {total.missed}, false {total.false}"
    assert min(total.noted.values()) >= 6
    assert total.recall >= 0.85, told
    assert total.precision >= 0.95, told


@pytest.mark.footage
@pytest.mark.parametrize("name", ["tree", "cup", "box"])
async def test_nobody_is_ever_seen_in_leaves_and_hands(models: Models, name: str) -> None:
    said = await replay(models, name)
    assert len(said) > 8
    for label in footage.clip(name).never:
        assert [p.t for p in said if p.counts.get(label) or any(e.label == label for e in p.events)] == []
