"""Does a condition hold? Pure evaluation of `Condition`s over percepts, one `Checker` a watch and lane.

A state ("more than two people") fires when it becomes true, and at once if it is true when the watch is armed.
A happening ("someone comes in") fires when it happens after the watch was armed.
"""

from __future__ import annotations

from dataclasses import dataclass

from interaction.intents import Condition
from interaction.seeing.base import PerceptEvent, Percepts, Side

# Which percept events make a happening fire.
HAPPENINGS: dict[str, tuple[str, ...]] = {
    "arrives": ("arrived",),
    "leaves": ("left",),
    "stops": ("motion_stopped",),
    "changes": ("arrived", "left", "motion_started", "scene_cut", "text_changed"),
    "text_changes": ("text_changed",),
}


@dataclass(frozen=True, slots=True)
class Firing:
    """A condition came true. `t`: frame time; `number`: how many (in view, at once, or so far for a tally)."""

    t: float
    number: int = 1
    side: Side | None = None
    text: str = ""
    event: str = ""


class Checker:
    """Remembers what is needed to see a condition *become* true. `tally`: events counted since it was armed."""

    def __init__(self, condition: Condition) -> None:
        self.condition = condition
        self.tally = 0
        self._held = False
        self._count: int | None = None

    def check(self, percepts: Percepts) -> Firing | None:
        """Look at the next percepts (in order of time)."""
        kind = self.condition.kind
        if kind == "count" and self.condition.tally:
            return self._happened(percepts, ("arrived",))
        if kind == "count":
            return self._count_changed(percepts)
        if kind in HAPPENINGS:
            return self._happened(percepts, HAPPENINGS[kind])
        return self._became_true(percepts)

    def _happened(self, percepts: Percepts, kinds: tuple[str, ...]) -> Firing | None:
        events = [event for event in percepts.events if event.kind in kinds and self._concerns(event)]
        if not events:
            return None
        self.tally += len(events)
        first = events[0]
        number = self.tally if self.condition.tally else len(events)
        return Firing(first.t, number, first.side, first.text, first.kind)

    def _concerns(self, event: PerceptEvent) -> bool:
        if event.kind in ("arrived", "left") and self.condition.kind != "changes":
            return event.label == self.condition.label
        return event.kind != "text_changed" or self.condition.kind == "changes" or bool(event.text.strip())

    def _count_changed(self, percepts: Percepts) -> Firing | None:
        count = percepts.counts.get(self.condition.label, 0)
        if count == self._count:
            return None
        first, self._count = self._count is None, count
        return None if first else Firing(percepts.t, count, percepts.sides.get(self.condition.label))

    def _became_true(self, percepts: Percepts) -> Firing | None:
        holds, firing = self._holds(percepts)
        before, self._held = self._held, holds
        return firing if holds and not before else None

    def _holds(self, percepts: Percepts) -> tuple[bool, Firing]:
        wanted = self.condition
        count = percepts.counts.get(wanted.label, 0)
        firing = Firing(percepts.t, count, percepts.sides.get(wanted.label))
        match wanted.kind:
            case "more_than":
                return count > (wanted.number or 0), firing
            case "fewer_than":
                return count < (wanted.number or 0), firing
            case "sees":
                return count > 0, firing
            case "face":
                return percepts.faces > 0, Firing(percepts.t, percepts.faces, percepts.sides.get("face"))
            case "moves":
                return percepts.moving, Firing(percepts.t)
            case "text_says":
                found = contains(percepts.text, wanted.text or "")
                return found is not None, Firing(percepts.t, text=found or "")
            case _:
                return False, firing


def contains(lines: tuple[str, ...], wanted: str) -> str | None:
    """The line in which the wanted text stands, ignoring case and spacing; also across lines. None: nowhere."""

    def squeeze(text: str) -> str:
        return "".join(text.casefold().split())

    needle = squeeze(wanted)
    if not needle:
        return None
    for line in lines:
        if needle in squeeze(line):
            return line
    return " ".join(lines) if needle in squeeze("".join(lines)) else None
