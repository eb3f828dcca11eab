"""What the seeing room tells the rest of the house: percepts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from interaction.sources.base import Frame

PerceptKind = Literal[
    "arrived", "left",              # a tracked object came into or went out of the picture
    "face_appeared", "face_gone",
    "motion_started", "motion_stopped",
    "scene_cut",                    # the whole picture changed at once (camera moved, channel switched)
    "text_changed",                 # what can be read changed; `text` new, `detail` old (either may be empty)
    "count_changed",                # the debounced number of `label` changed to `count`
]  # fmt: skip
Side = Literal["left", "middle", "right"]
CHANGED_GRID = (120, 160)  # rows and columns in which movement is told


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in parts of the picture, 0…1, origin top left."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def side(self) -> Side:
        """Where its centre lies in the picture (not mirrored)."""
        middle = (self.x0 + self.x1) / 2
        return "left" if middle < 0.36 else "right" if middle > 0.64 else "middle"


@dataclass(frozen=True, slots=True)
class Detection:
    """One detected object in one frame. `label`: lower case ("person", "coffee cup", "face"); `score`: 0…1."""

    label: str
    score: float
    box: Box


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text that was read, and where it stands."""

    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class PerceptEvent:
    """Something that changed, after debouncing. `t`: the frame at which it was confirmed."""

    t: float
    kind: PerceptKind
    label: str = ""
    side: Side | None = None
    count: int | None = None
    text: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Percepts:
    """What was seen in one frame, debounced over the last ones.

    `counts`: confirmed number of each label in view (absent: 0); `sides`: where the largest of each label is;
    `faces`: number of faces; `moving`: something moves now; `motion`: share of the picture that changed, 0…1;
    `changed`: which cells of it, of `CHANGED_GRID`, as bits packed row by row, b"" for none;
    `text`: lines that can be read, top to bottom, as of `text_t` (the text reader runs on change, off this path);
    `text_at`: where each of them stands;
    `events`: what changed since the percepts before.
    """

    t: float
    detections: tuple[Detection, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    sides: dict[str, Side] = field(default_factory=dict)
    faces: int = 0
    moving: bool = False
    motion: float = 0.0
    changed: bytes = b""
    text: tuple[str, ...] = ()
    text_at: tuple[Box, ...] = ()
    text_t: float | None = None
    events: tuple[PerceptEvent, ...] = ()
    dark: bool = False  # too dark or covered to see anything


class Seer(ABC):
    """Turns frames of one lane into percepts. Stateful (debouncing, tracks); one a lane.

    `look` is called for frames in order, from the lane's seeing worker; it computes off the event loop (an
    executor, so that virtual time stands still meanwhile). `pace` says how many frames a second it wants now
    (2 for presence, 5 while things move). Models are shared between lanes by `models`, not per seer.
    """

    def turn(self) -> AbstractAsyncContextManager[None]:
        """To be held around `look`; waiting for it is waiting for other lanes. Take the newest frame once it is had."""
        return nullcontext()

    @abstractmethod
    async def look(self, frame: Frame) -> Percepts: ...

    @property
    @abstractmethod
    def pace(self) -> float: ...

    def close(self) -> None:
        """Forget everything."""


def jpeg(image: NDArray[np.uint8], longest: int = 640, quality: int = 80) -> bytes:
    """The picture as JPEG bytes, its longest side at most `longest` pixels."""
    import cv2

    height, width = image.shape[:2]
    scale = min(1.0, longest / max(height, width))
    if scale < 1.0:
        image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    ok, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not ok:
        raise ValueError("the picture cannot be encoded as JPEG")
    return data.tobytes()
