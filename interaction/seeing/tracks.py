"""People followed from pass to pass, and from that: who comes and who goes. Pure.

A person arrives who comes in over an edge of the picture, who appears in a picture that had nobody in it, or who has
been there for a while beside the others. A person leaves whose track ends: soon after walking out over an edge, later
when lost in the middle of the picture (detectors lose people behind posts and other people).
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from interaction.seeing.base import Box, PerceptEvent
from interaction.seeing.belief import Candidate
from interaction.seeing.boxes import area, inside, shared
from interaction.seeing.presence import Same

SETTLE_S = 0.8  # who is seen in the first moments was there before, unless coming in over an edge
FRESH_S = 3.0  # a new person stands where the picture changed in this time, or was there all along, undetected
EDGE = 0.05  # part of the picture that counts as its edge
OUT_S, LOST_S, HIDDEN_S, HELD_S = 0.7, 2.5, 6.0, 20.0  # not seen for so long: gone (see `_patience`)
BESIDE_S = 1.2  # a person who appears among others is believed after this
SWAP_S = 0.3  # a track unseen for this long may be taken up by a person who appears near it


@dataclass(slots=True)
class Track:
    """One person. Velocity in parts of the picture per second; `passes`: seen or not, the last three."""

    box: Box
    born: float
    seen: float
    view: Any
    at_edge: bool
    sure: bool
    score: float
    velocity: tuple[float, float] = (0.0, 0.0)
    passes: deque[bool] = field(default_factory=lambda: deque([True], maxlen=3))
    confirmed: bool = False
    widest: float = 0.0
    loose: bool = False  # after a cut nobody is where they were
    held: bool = False  # not seen, but nothing changed where the person is

    def at(self, t: float) -> Box:
        """Where it should be now, were it to go on as it went; not followed further than a second."""
        ahead = min(t - self.seen, 1.0)
        dx, dy = self.velocity[0] * ahead, self.velocity[1] * ahead
        return Box(self.box.x0 + dx, self.box.y0 + dy, self.box.x1 + dx, self.box.y1 + dy)

    def see(self, candidate: Candidate, t: float, view: Any) -> None:
        (x, y), (x0, y0) = _centre(candidate.box), _centre(self.box)
        gap = max(t - self.seen, 0.05)
        if self.loose:
            self.velocity = (0.0, 0.0)
        else:
            self.velocity = tuple(  # type: ignore[assignment]
                0.5 * old + 0.5 * moved / gap for old, moved in zip(self.velocity, (x - x0, y - y0), strict=True)
            )
        self.box, self.seen, self.view, self.loose = candidate.box, t, view, False
        self.widest = max(self.widest, candidate.box.x1 - candidate.box.x0)
        self.sure, self.held, self.score = self.sure or candidate.sure, False, candidate.score
        self.passes.append(True)


class People:
    """All tracks of one lane."""

    def __init__(self, same: Same) -> None:
        self._same = same
        self._tracks: list[Track] = []
        self._start: float | None = None
        self._past: deque[tuple[float, Any]] = deque(maxlen=64)  # three seconds at any pace that a seer has
        self._told = 0

    @property
    def present(self) -> list[Track]:
        """Who is in the picture, seen in this very pass or not."""
        return [track for track in self._tracks if track.confirmed]

    @property
    def unsettled(self) -> bool:
        """Is there somebody to confirm, or to give up, so that more passes are wanted soon?"""
        return any(not track.confirmed or not track.passes[-1] for track in self._tracks if not track.held)

    @property
    def all_seen(self) -> bool:
        """Was everybody seen in the last pass?"""
        return all(track.passes[-1] for track in self._tracks)

    def cut(self) -> None:
        """The whole picture changed: those who were in it may be anywhere in the new one."""
        self._tracks = [track for track in self._tracks if track.confirmed]
        for track in self._tracks:
            track.loose = True
        self._past.clear()

    def hold(self, t: float) -> None:
        """Nothing changed in the picture since the last pass: whoever was seen in it is still there."""
        for track in self._tracks:
            if track.passes[-1]:
                track.seen = t

    def update(self, t: float, candidates: Iterable[Candidate], aspect: float, view: Any) -> list[PerceptEvent]:
        """Take in one detector pass. `aspect`: width : height of the picture in pixels."""
        if self._start is None:
            self._start = t
        fresh = self._match(t, list(candidates), aspect, view)
        for candidate in fresh:
            if candidate.sure or candidate.score >= 0.4:
                self._tracks.append(_new_track(candidate, t, view))
        left = self._give_up(t, view)
        arrived = self._confirm(t, aspect, view)
        self._past.append((t, view))
        while self._past[0][0] < t - FRESH_S:
            self._past.popleft()
        return self._tell(t, arrived, left)

    def _match(self, t: float, candidates: list[Candidate], aspect: float, view: Any) -> list[Candidate]:
        """Give each track its candidate, known people and nearest pairs first; returns those that are left over."""
        pairs = [
            (not track.confirmed, _distance(track, candidate.box, t, aspect), i, j)
            for i, track in enumerate(self._tracks)
            for j, candidate in enumerate(candidates)
        ]
        matched: dict[int, int] = {}
        for _, distance, i, j in sorted(pairs):
            if distance > _reach(self._tracks[i], t) or i in matched or j in matched.values():
                continue
            matched[i] = j
        for i, track in enumerate(self._tracks):
            if i in matched:
                track.see(candidates[matched[i]], t, view)
            else:
                track.passes.append(False)
        seen = [candidates[j].box for j in matched.values()]
        rest = [c for j, c in enumerate(candidates) if j not in matched.values()]
        return [c for c in rest if not any(inside(c.box, box) > 0.6 or inside(box, c.box) > 0.8 for box in seen)]

    def _confirm(self, t: float, aspect: float, view: Any) -> list[Track]:
        """Believe in tracks that two of three passes have seen; returns those that arrived."""
        arrived = []
        for track in [track for track in self._tracks if not track.confirmed]:
            if sum(track.passes) < 2 or not track.sure or not track.passes[-1]:
                continue
            others = self.present
            known = self._swapped(track, t, aspect)
            if known is not None:  # somebody we had lost sight of
                track.confirmed = True
                self._tracks.remove(known)
            elif self._was_there(track, view):
                track.confirmed = True
            elif track.at_edge or not others or t - track.born >= BESIDE_S:
                track.confirmed = True
                arrived.append(track)
        return arrived

    def _was_there(self, track: Track, view: Any) -> bool:
        age = track.born - (self._start or 0.0)
        if age < SETTLE_S and not (track.at_edge and age > 0):
            return True
        return bool(self._past) and all(self._same(track.box, old, view) for _, old in self._past)

    def _swapped(self, track: Track, t: float, aspect: float) -> Track | None:
        lost = [
            other
            for other in self.present
            if t - other.seen >= SWAP_S and not _walked_out(other, t) and other.seen <= track.born + SWAP_S
        ]
        near = [(_distance(other, track.box, t, aspect), other) for other in lost]
        near = [(distance, other) for distance, other in near if distance < 1.0 + 1.2 * (t - other.seen)]
        return min(near, key=lambda pair: pair[0])[1] if near else None

    def _give_up(self, t: float, view: Any) -> list[Track]:
        """Drop tracks that were not seen for long enough; returns the people who left."""
        kept, left = [], []
        for track in self._tracks:
            if not track.confirmed:
                if any(track.passes):
                    kept.append(track)
            elif any(list(track.passes)[-2:]) or t - track.seen < self._patience(track, t, view):
                kept.append(track)
            else:
                left.append(track)
        self._tracks = kept
        return left

    def _patience(self, track: Track, t: float, view: Any) -> float:
        """For how many seconds a person may go unseen before being given up."""
        if _walked_out(track, t):
            return OUT_S
        track.held = not track.loose and self._same(track.box, track.view, view)
        if track.held:
            return HELD_S  # the detector missed a pass
        others = (other.box for other in self.present if other is not track and other.passes[-1])
        if any(inside(track.at(t), box) > 0.3 for box in others):
            return HIDDEN_S
        return LOST_S

    def _tell(self, t: float, arrived: list[Track], left: list[Track]) -> list[PerceptEvent]:
        count = len(self.present)
        events = [_event(t, "left", track, count) for track in left]
        events += [_event(t, "arrived", track, count) for track in arrived]
        if count != self._told:
            events.append(PerceptEvent(t, "count_changed", "person", count=count))
            self._told = count
        return events


def _event(t: float, kind: Any, track: Track, count: int) -> PerceptEvent:
    return PerceptEvent(t, kind, "person", side=track.box.side, count=count)


def _new_track(candidate: Candidate, t: float, view: Any) -> Track:
    box = candidate.box
    at_edge = box.x0 < EDGE or box.x1 > 1 - EDGE or box.y0 < EDGE / 2
    return Track(box, t, t, view, at_edge, candidate.sure, candidate.score)


def _centre(box: Box) -> tuple[float, float]:
    return (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2


def _distance(track: Track, box: Box, t: float, aspect: float) -> float:
    """How far a box is from where the track should be, in heights of the person; unlike sizes count as distance."""
    if track.loose:
        return 0.5
    expected = track.at(t)
    (x, y), (x0, y0) = _centre(box), _centre(expected)
    tall, tall0 = box.y1 - box.y0, expected.y1 - expected.y0
    if min(tall, tall0) <= 0:
        return math.inf
    if _comes_back(track, box, min(t - track.seen, 1.0), 0.08 * max(tall, tall0) / aspect):
        return math.inf
    return math.hypot((x - x0) * aspect, y - y0) / max(tall, tall0) + 0.3 * abs(math.log(tall / tall0))


def _comes_back(track: Track, box: Box, ahead: float, slack: float) -> bool:
    """Is this box further in than somebody can be who walks out over the left or right edge and is half outside?

    Then it is another person who comes in where the first went out, moments later.
    """
    was, speed = track.box, 1.7 * track.velocity[0]  # the centre of a box that an edge cuts moves at half the pace
    if was.x1 - was.x0 > 0.6 * track.widest:
        return False
    if was.x0 < EDGE / 2 and speed < -0.15 * track.widest:
        return box.x1 > max(was.x1 + speed * ahead, 0.0) + slack
    if was.x1 > 1 - EDGE / 2 and speed > 0.15 * track.widest:
        return box.x0 < min(was.x0 + speed * ahead, 1.0) - slack
    return False


def _reach(track: Track, t: float) -> float:
    """The largest `_distance` at which a candidate may be this track: people walk about a height a second."""
    if _walked_out(track, t):
        return 0.3
    return min(0.45 + 0.7 * (t - track.seen), 1.3)


def _walked_out(track: Track, t: float) -> bool:
    """Has it gone out over an edge: touched one when last seen, was on its way out, and should be mostly outside?"""
    box, (dx, dy) = track.box, track.velocity
    tall, wide = box.y1 - box.y0, box.x1 - box.x0
    outward = (
        (box.x0 < EDGE / 2 and dx < -0.15 * wide)
        or (box.x1 > 1 - EDGE / 2 and dx > 0.15 * wide)
        or (box.y0 < EDGE / 2 and dy < -0.1 * tall)
        or (box.y1 > 1 - EDGE / 2 and dy > 0.1 * tall)
    )
    expected = track.at(t)
    size = area(expected)
    return outward or (size > 0 and shared(expected, Box(0.0, 0.0, 1.0, 1.0)) / size < 0.6)
