"""Which detections to believe. Pure.

What was measured on real pictures shaped these rules: the detector takes a forearm that reaches into the picture for a
person with a score of 0.64, more than many real people have; the face model gives an apple 0.60 and a bottle 0.68,
real faces 0.75–0.91.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from interaction.seeing.base import Box, Detection
from interaction.seeing.boxes import area, inside
from interaction.seeing.words import TESTED

PERSON_WEAK, PERSON_SURE = 0.36, 0.47  # goes on being a person; becomes one
FACE_WEAK, FACE_SURE = 0.5, 0.75
THING, UNTESTED_THING = 0.5, 0.6  # classes known by name only were seen to be wrong at 0.56
LARGE = 0.06  # part of the picture from which on an arm may look like a person
UPRIGHT = 1.8  # height : width, in pixels, of a whole body; arms and knees that reach in are wider
ANIMALS = frozenset({"cat", "dog", "cattle"})


@dataclass(frozen=True, slots=True)
class Candidate:
    """Perhaps a person. `sure`: enough to become one; otherwise only enough to go on being one."""

    box: Box
    score: float
    sure: bool


@dataclass(frozen=True, slots=True)
class Sight:
    """What one detector pass shows: people (perhaps), faces and things that are believed."""

    people: tuple[Candidate, ...] = ()
    faces: tuple[Detection, ...] = ()
    things: tuple[Detection, ...] = ()


def weigh(found: Iterable[Detection], aspect: float) -> Sight:
    """Sort detections into a `Sight`. `aspect`: width : height of the picture in pixels."""
    found = list(found)
    things = tuple(d for d in found if d.label not in ("person", "face") and d.score >= _needed(d.label))
    animals = [d.box for d in found if d.label in ANIMALS and d.score >= 0.4]
    faces = tuple(
        d
        for d in found
        if d.label == "face" and d.score >= FACE_WEAK and not any(inside(d.box, animal) > 0.5 for animal in animals)
    )
    sure_faces = [d.box for d in faces if d.score >= FACE_SURE]
    bodies = [d for d in found if d.label == "person" and d.score >= PERSON_WEAK]
    people = [Candidate(d.box, d.score, _is_person(d, sure_faces, aspect)) for d in bodies]
    for face in sure_faces:  # a face implies a person
        if not any(inside(face, body.box) > 0.6 for body in bodies):
            people.append(Candidate(_body_below(face), 0.5, True))
    return Sight(tuple(people), faces, things)


def _needed(label: str) -> float:
    return THING if label in TESTED else UNTESTED_THING


def _is_person(body: Detection, faces: list[Box], aspect: float) -> bool:
    if any(inside(face, body.box) > 0.6 for face in faces):
        return True
    box = body.box
    width, height = (box.x1 - box.x0) * aspect, box.y1 - box.y0
    plausible = area(box) < LARGE or height >= UPRIGHT * width
    return plausible and body.score >= PERSON_SURE


def _body_below(face: Box) -> Box:
    """Where the body of a face is: twice as wide to either side, down to the picture's lower edge at most."""
    width, height = face.x1 - face.x0, face.y1 - face.y0
    return Box(
        max(0.0, face.x0 - width), max(0.0, face.y0 - 0.3 * height),
        min(1.0, face.x1 + width), min(1.0, face.y1 + 4 * height),
    )  # fmt: skip
