"""Arithmetic of rectangles, and the joining of what two tiles saw. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from interaction.seeing.base import Box, Detection

# Two tiles of this part of the longer side: they share 14 %, so that a distant person is cut by one of them at most.
TILE = 0.57
_TOUCHES = 0.025  # a box that ends this near to a tile's inner edge was cut by it


def tiles(width: int, height: int) -> list[tuple[int, int, int, int]]:
    """Two overlapping parts of a picture (x0, y0, x1, y1 in pixels), side by side along its longer side."""
    if width >= height:
        part = max(1, round(TILE * width))
        return [(0, 0, part, height), (width - part, 0, width, height)]
    part = max(1, round(TILE * height))
    return [(0, 0, width, part), (0, height - part, width, height)]


def area(box: Box) -> float:
    return max(0.0, box.x1 - box.x0) * max(0.0, box.y1 - box.y0)


def shared(a: Box, b: Box) -> float:
    """The area that two boxes have in common."""
    return max(0.0, min(a.x1, b.x1) - max(a.x0, b.x0)) * max(0.0, min(a.y1, b.y1) - max(a.y0, b.y0))


def overlap(a: Box, b: Box) -> float:
    """Intersection over union, 0…1."""
    common = shared(a, b)
    union = area(a) + area(b) - common
    return common / union if union > 0 else 0.0


def inside(a: Box, b: Box) -> float:
    """The part of `a` that lies in `b`, 0…1."""
    size = area(a)
    return shared(a, b) / size if size > 0 else 0.0


def best_of_each(found: Iterable[Detection], limit: float) -> list[Detection]:
    """Non-maximum suppression by label: of boxes that overlap by more than `limit`, the best; best first."""
    kept: list[Detection] = []
    for candidate in sorted(found, key=lambda d: -d.score):
        rivals = (other.box for other in kept if other.label == candidate.label)
        if not any(overlap(candidate.box, box) > limit for box in rivals):
            kept.append(candidate)
    return kept


def join_tiles(first: list[Detection], second: list[Detection], *, upright: bool) -> list[Detection]:
    """What two tiles saw, as seen in the whole picture (boxes are in its parts). `upright`: one tile above the other.

    A thing that both tiles cut is put together; a piece of a thing that the other tile saw whole is dropped.
    """
    first, second = list(first), list(second)
    joined: list[Detection] = []
    for a in [d for d in first if _end(d.box, upright) > TILE - _TOUCHES]:
        for b in [d for d in second if _start(d.box, upright) < 1 - TILE + _TOUCHES]:
            if a.label == b.label and _alike_across(a.box, b.box, upright):
                first.remove(a)
                second.remove(b)
                joined.append(Detection(a.label, max(a.score, b.score), _union(a.box, b.box)))
                break
    whole = joined + [d for d in first + second if not _cut(d, d in first, upright)]
    pieces = [d for d in first + second if _cut(d, d in first, upright)]
    pieces = [p for p in pieces if not any(p.label == w.label and inside(p.box, w.box) > 0.4 for w in whole)]
    return best_of_each(whole + pieces, 0.4)


def _cut(seen: Detection, in_first: bool, upright: bool) -> bool:
    if in_first:
        return _end(seen.box, upright) > TILE - _TOUCHES
    return _start(seen.box, upright) < 1 - TILE + _TOUCHES


def _start(box: Box, upright: bool) -> float:
    return box.y0 if upright else box.x0


def _end(box: Box, upright: bool) -> float:
    return box.y1 if upright else box.x1


def _alike_across(a: Box, b: Box, upright: bool) -> bool:
    """Do two boxes span much the same stretch of the side along which the tiles do not differ?"""
    low_a, high_a, low_b, high_b = (a.x0, a.x1, b.x0, b.x1) if upright else (a.y0, a.y1, b.y0, b.y1)
    common = min(high_a, high_b) - max(low_a, low_b)
    return common > 0.5 * (max(high_a, high_b) - min(low_a, low_b))


def _union(a: Box, b: Box) -> Box:
    return Box(min(a.x0, b.x0), min(a.y0, b.y0), max(a.x1, b.x1), max(a.y1, b.y1))
