"""Areas drawn on a lane's picture: zones with a name, and masks under which nobody sees anything. Pure.

An area is what its line encloses, however the line crosses itself: a mask that somebody drew in a hurry has no hole.
Corners are parts of the picture's width and height, 0…1, origin top left, so that they hold at any size of it.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

import config
from interaction.both import Both
from interaction.seeing.base import Box

Image = NDArray[np.uint8]  # [height, width, 3], BGR
Point = tuple[float, float]

GREY = (127, 127, 127)  # neither dark nor bright: no eye takes it for the night or for a lamp
GRID = 256  # cells along each side in which an area is measured; a box that the eyes find has ten and more
# A mask is painted this part of the longer side beyond its line, and two pixels at least: what a camera's codec smears
# over the line, and what the rounding of corners leaves out, is covered too.
MARGIN, MARGIN_LEAST = 0.005, 2


@dataclass(frozen=True, slots=True)
class Area:
    """`points`: the corners of its line, which ends where it began."""

    points: tuple[Point, ...]

    @property
    def described(self) -> str:
        """Where it lies, in words for a model: "the lower left part of the picture, x 10-35 %, y 50-90 %"."""
        xs, ys = [x for x, _ in self.points], [y for _, y in self.points]
        across, down = _third((min(xs) + max(xs)) / 2), _third((min(ys) + max(ys)) / 2)
        words = [("upper", "", "lower")[down], ("left", "", "right")[across]]
        part = " ".join(word for word in words if word) or "middle"
        spans = f"x {min(xs):.0%}-{max(xs):.0%}, y {min(ys):.0%}-{max(ys):.0%}"
        return f"the {part} part of the picture, {spans} from its top left corner"

    def to_json(self) -> list[list[float]]:
        return [[x, y] for x, y in self.points]


@dataclass(frozen=True, slots=True)
class Zone:
    name: str
    area: Area


@dataclass(frozen=True, slots=True)
class LaneAreas:
    """What is drawn on one lane."""

    zones: tuple[Zone, ...] = ()
    masks: tuple[Area, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """`read` takes it back."""
        zones = [{"name": zone.name, "points": zone.area.to_json()} for zone in self.zones]
        return {"zones": zones, "masks": [mask.to_json() for mask in self.masks]}

    def hides_more_than(self, other: LaneAreas) -> bool:
        """Whether something may be hidden here that the other shows."""
        return bool(set(self.masks) - set(other.masks))


NOTHING = LaneAreas()


def read(zones: object, masks: object, bounds: config.Areas) -> LaneAreas:
    """From JSON: `[{"name", "points": [[x, y], …]}, …]` and `[[[x, y], …], …]`. Raises `ValueError` for anything else,
    in words for the person."""
    if not isinstance(zones, list | tuple) or not isinstance(masks, list | tuple):
        raise ValueError(Both("Zones and masks are lists.", "区域和遮挡应是列表。"))
    if len(zones) + len(masks) > bounds.most:
        raise ValueError(
            Both(f"{bounds.most} zones and masks fit on one picture.", f"一个画面上最多 {bounds.most} 个区域和遮挡。")
        )
    found = LaneAreas(tuple(_zone(zone, bounds) for zone in zones), tuple(_area(mask, bounds) for mask in masks))
    names = [normalised(zone.name) for zone in found.zones]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ValueError(Both(f"Two zones are named {twice!r}.", f"有两个区域都叫“{twice}”。"))
    return found


def _zone(body: Any, bounds: config.Areas) -> Zone:
    if not isinstance(body, dict) or not isinstance(body.get("name"), str):
        raise ValueError(Both("A zone has a name and points.", "区域要有名称和顶点。"))
    name = " ".join(body["name"].split())
    if not normalised(name) or len(name) > bounds.name_chars or not name.isprintable():
        en = f"A zone's name has 1 to {bounds.name_chars} characters, letters or digits among them."
        raise ValueError(Both(en, f"区域名称应有 1 到 {bounds.name_chars} 个字符，其中要有文字或数字。"))
    return Zone(name, _area(body.get("points"), bounds))


def _area(points: object, bounds: config.Areas) -> Area:
    if not isinstance(points, list | tuple) or not 3 <= len(points) <= bounds.corners:
        raise ValueError(
            Both(f"An area has 3 to {bounds.corners} corners.", f"一块区域应有 3 到 {bounds.corners} 个顶点。")
        )
    area = Area(tuple(_point(point) for point in points))
    if not cv2.erode(cells(area), np.ones((3, 3), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0).any():
        en = "An area must enclose something: its corners lie on one line, or it is too thin."
        raise ValueError(Both(en, "区域要围住一块地方：现在顶点在一条线上，或者太窄。"))
    return area


def _point(point: object) -> Point:
    if not isinstance(point, list | tuple) or len(point) != 2:
        raise ValueError(Both("A corner is a pair of numbers.", "顶点应是一对数字。"))
    if not all(isinstance(part, int | float) and not isinstance(part, bool) for part in point):
        raise ValueError(Both("A corner is a pair of numbers.", "顶点应是一对数字。"))
    x, y = (float(part) for part in point)
    if not (math.isfinite(x) and math.isfinite(y) and 0 <= x <= 1 and 0 <= y <= 1):
        raise ValueError(Both("A corner lies within the picture: 0 to 1.", "顶点应在画面之内：0 到 1。"))
    return x, y


def _third(part: float) -> int:
    return 0 if part < 1 / 3 else 1 if part <= 2 / 3 else 2


def normalised(name: str) -> str:
    """A name as it is compared: without case, signs, spacing and article. Chinese in either script is for
    `understanding.places`."""
    words = re.sub(r"[\W_]+", " ", unicodedata.normalize("NFKC", name).casefold()).strip()
    return re.sub(r"^(?:the|my|our) (?=.)", "", words)


def named(name: str, zones: Iterable[Zone]) -> Zone | None:
    """The zone of this name."""
    return next((zone for zone in zones if normalised(zone.name) == normalised(name)), None)


# Where things are.


def share(box: Box, area: Area) -> float:
    """The part of a box that lies in the area, 0…1."""
    x0, x1 = _span(box.x0, box.x1)
    y0, y1 = _span(box.y0, box.y1)
    return float(cells(area)[y0:y1, x0:x1].mean())


def holds(point: Point, area: Area) -> bool:
    """Whether a point of the picture lies in the area."""
    return bool(cells(area)[_cell(point[1]), _cell(point[0])])


def stands_in(box: Box, area: Area, most: float = 0.5) -> bool:
    """Whether what has this box is in the area: its foot is, or at least `most` of it.

    The foot tells it of areas of the ground, which are often smaller than who stands in them; the share tells it of
    areas of the wall, and of people whose feet are below the picture or behind a table.
    """
    foot = (min(1.0, max(0.0, (box.x0 + box.x1) / 2)), min(1.0, max(0.0, box.y1)))
    return holds(foot, area) or share(box, area) >= most


def _span(low: float, high: float) -> tuple[int, int]:
    """The cells from `low` to `high`, at least one."""
    first = _cell(low)
    return first, max(first + 1, min(GRID, math.ceil(high * GRID)))


def _cell(part: float) -> int:
    return min(GRID - 1, max(0, math.floor(part * GRID)))


@lru_cache(maxsize=128)
def cells(area: Area, rows: int = GRID, columns: int = GRID) -> NDArray[np.uint8]:
    """The picture in rows × columns cells, 1 where the area is."""
    found = np.zeros((rows, columns), np.uint8)
    cv2.drawContours(found, _outline(area, columns, rows), -1, 1, cv2.FILLED)
    return found


@lru_cache(maxsize=128)
def _outline(area: Area, width: int, height: int) -> Sequence[NDArray[np.int32]]:
    """What encloses everything that the line encloses, in pixels."""
    corners = np.array([[round(x * (width - 1)), round(y * (height - 1))] for x, y in area.points], np.int32)
    filled = np.zeros((height, width), np.uint8)
    cv2.fillPoly(filled, [corners], 1)
    cv2.polylines(filled, [corners], True, 1)
    found, _ = cv2.findContours(filled, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    return [np.asarray(contour, np.int32) for contour in found]


# Masks.


def painted(image: Image, masks: Sequence[Area]) -> Image:
    """A copy of the picture that is flat grey under each mask; the picture itself where there is none."""
    if not masks:
        return image
    height, width = image.shape[:2]
    copy = image.copy()
    margin = max(MARGIN_LEAST, round(MARGIN * max(height, width)))
    for mask in masks:
        outline = _outline(mask, width, height)
        cv2.drawContours(copy, outline, -1, GREY, cv2.FILLED)
        cv2.drawContours(copy, outline, -1, GREY, 2 * margin + 1)
    return copy
