"""Real footage with times noted by eye (`tests/footage/*.yaml`), played to a seer, and the score of what it says.

The clips come with Debian's package `opencv-doc` and are not kept here; a clip counts only with its sha256.
"""

from __future__ import annotations

import gzip
import hashlib
import math
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import yaml
from numpy.typing import NDArray

from interaction.seeing.base import PerceptEvent, Percepts, Seer
from interaction.sources.base import Frame

NOTES = Path(__file__).parent / "footage"
PLACES = (
    Path("/usr/share/doc/opencv-doc/examples/data"),
    Path("/usr/share/doc/opencv-doc/opencv4/html"),
)
# An event is found when it is reported in this window around the noted time (seconds).
WINDOWS = {"arrived": (-0.6, 2.5), "left": (-0.6, 4.0)}


class NoFootage(Exception):
    """The clip is not on this machine."""


@dataclass(frozen=True)
class Optional:
    """Something that may be reported once or not at all, at a time or any time in between."""

    kind: str
    start: float
    end: float


@dataclass(frozen=True)
class Clip:
    """A noted clip. `crop`: x, y, width, height in pixels, or None; `span`: the seconds of the file that were noted."""

    name: str
    file: str
    sha256: str
    crop: tuple[int, int, int, int] | None
    span: tuple[float, float]
    noted: dict[str, tuple[float, ...]]
    optional: tuple[Optional, ...]
    never: tuple[str, ...]
    text: tuple[float, ...] = ()

    @property
    def path(self) -> Path:
        return find(self.file, self.sha256)


@cache
def clip(name: str) -> Clip:
    """The clip with its notes."""
    raw = yaml.safe_load((NOTES / f"{name}.yaml").read_text(encoding="utf-8"))
    optional = tuple(Optional(o["kind"], o["at"], o.get("until", o["at"])) for o in raw.get("optional", ()))
    crop = tuple(raw["crop"]) if "crop" in raw else None
    span = (raw.get("span") or [0.0, math.inf])[:2]
    noted = {kind: tuple(raw[kind]) for kind in WINDOWS}
    return Clip(
        raw["name"],
        raw["file"],
        raw["sha256"],
        crop,
        (span[0], span[1]),
        noted,
        optional,
        tuple(raw.get("never", ())),
        tuple(raw.get("text", ())),
    )


@cache
def find(file: str, sha256: str) -> Path:
    """Where the clip is; a packed one is unpacked into the machine's temporary folder. Raises `NoFootage`."""
    unpacked = Path(tempfile.gettempdir()) / f"lookout-footage-{os.getuid()}" / file
    for place in (*PLACES, unpacked.parent):
        if (place / file).is_file() and _hash(place / file) == sha256:
            return place / file
        packed = place / f"{file}.gz"
        if packed.is_file():
            unpacked.parent.mkdir(mode=0o700, exist_ok=True)
            partial = unpacked.with_suffix(f".{os.getpid()}")
            partial.write_bytes(gzip.decompress(packed.read_bytes()))
            partial.replace(unpacked)
    if unpacked.is_file() and _hash(unpacked) == sha256:
        return unpacked
    raise NoFootage(f"{file} is not on this machine: it comes with Debian's package opencv-doc")


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Player:
    """Decodes a clip frame by frame; only frames that are asked for are converted."""

    def __init__(self, shown: Clip, *, mirrored: bool = False) -> None:
        """`mirrored`: left and right swapped."""
        self._video = cv2.VideoCapture(str(shown.path))
        self._fps = self._video.get(cv2.CAP_PROP_FPS)
        self._crop, self._span = shown.crop, shown.span
        self._mirrored = mirrored
        self._next = 0

    def frame(self, t: float) -> Frame | None:
        """The first frame at or after second `t` of the file; None at the end. Times must not fall."""
        while self._video.grab():
            now = self._next / self._fps
            self._next += 1
            if now > self._span[1]:
                return None
            if now + 1e-6 >= max(t, self._span[0]):
                _, image = self._video.retrieve()
                return Frame(now, self._cropped(np.asarray(image, np.uint8)))
        return None

    def _cropped(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        if self._crop:
            x, y, width, height = self._crop
            image = image[y : y + height, x : x + width]
        return np.ascontiguousarray(image[:, ::-1] if self._mirrored else image)


async def play(shown: Clip, seer: Seer, *, mirrored: bool = False) -> list[Percepts]:
    """Everything that the seer says about the clip, looking as often as it wants to."""
    player = Player(shown, mirrored=mirrored)
    said, t = [], 0.0
    while (frame := player.frame(t)) is not None:
        said.append(await seer.look(frame))
        t = frame.t + 1 / seer.pace
    return said


@dataclass
class Score:
    """What was found of what was noted, and what was reported that is not so."""

    found: dict[str, int] = field(default_factory=lambda: dict.fromkeys(WINDOWS, 0))
    noted: dict[str, int] = field(default_factory=lambda: dict.fromkeys(WINDOWS, 0))
    missed: list[tuple[str, float]] = field(default_factory=list)
    false: list[tuple[str, float]] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)

    @property
    def recall(self) -> float:
        return sum(self.found.values()) / max(1, sum(self.noted.values()))

    @property
    def precision(self) -> float:
        hits = sum(self.found.values())
        return hits / max(1, hits + len(self.false))

    def __add__(self, other: Score) -> Score:
        return Score(
            {kind: self.found[kind] + other.found[kind] for kind in WINDOWS},
            {kind: self.noted[kind] + other.noted[kind] for kind in WINDOWS},
            self.missed + other.missed,
            self.false + other.false,
            self.delays + other.delays,
        )


def people_events(said: list[Percepts]) -> Iterator[PerceptEvent]:
    """Arrivals and departures of people."""
    return (e for p in said for e in p.events if e.label == "person" and e.kind in WINDOWS)


def score(shown: Clip, said: list[Percepts]) -> Score:
    """Match each noted event to at most one reported one, earliest first; optional ones count neither way."""
    result = Score()
    for kind, (early, late) in WINDOWS.items():
        reported = sorted(event.t for event in people_events(said) if event.kind == kind)
        for noted in sorted(t for t in shown.noted[kind] if t >= shown.span[0]):
            result.noted[kind] += 1
            near = [t for t in reported if noted + early <= t <= noted + late]
            if not near:
                result.missed.append((kind, noted))
                continue
            result.found[kind] += 1
            result.delays.append(near[0] - noted)
            reported.remove(near[0])
        for allowed in (o for o in shown.optional if o.kind == kind):
            near = [t for t in reported if allowed.start + early <= t <= allowed.end + late]
            if near:
                reported.remove(near[0])
        result.false += [(kind, t) for t in reported]
    return result
