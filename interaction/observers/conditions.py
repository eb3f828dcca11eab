"""Does a condition hold? Pure evaluation of `Condition`s over percepts, one `Checker` a watch and lane.

A state ("more than two people") fires when it becomes true, and at once if it is true when the watch is armed.
A happening ("someone comes in") fires when it happens after the watch was armed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from interaction.intents import Condition
from interaction.seeing.base import PerceptEvent, Percepts, Side
from interaction.seeing.within import Within
from interaction.zones import Zone

# Which percept events make a happening fire.
HAPPENINGS: dict[str, tuple[str, ...]] = {
    "arrives": ("arrived",),
    "leaves": ("left",),
    "stops": ("motion_stopped",),
    "changes": ("arrived", "left", "motion_started", "scene_cut", "text_changed"),
    "text_changes": ("text_changed",),
}
# Of the happenings that are a change, the most telling first.
TELLING = ("scene_cut", "arrived", "left", "text_changed", "motion_started")

# A number must stand this long. Who walks out is counted for 0.7 s more (`tracks.OUT_S`), so one who leaves and another
# who comes would make two; and in its first looks the seer has not confirmed who is there.
STEADY_S = 0.7
# Part of the picture that differs from half a second ago: something appeared that does not move. A tenth of the height
# and a fifth of the width; a page that turns, a thing put down.
JUMP = 0.02


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

    def __init__(self, condition: Condition, within: Within | None = None) -> None:
        self.condition = condition
        self._within = within
        self.step = 0  # of the guide that it checks for
        self.tally = 0
        self._held = False
        self._since: float | None = None  # a number: since when the condition holds, or the count is another
        self._count: int | None = None
        self._other: int | None = None
        self._motion = 0.0

    @property
    def zone(self) -> Zone | None:
        """The part of the picture that it looks at; None: all of it."""
        return self._within.zone if self._within else None

    def check(self, percepts: Percepts) -> Firing | None:
        """Look at the next percepts (in order of time), of the whole picture."""
        percepts = self._within.look(percepts) if self._within else percepts
        kind = self.condition.kind
        if kind == "count" and self.condition.tally:
            return self._happened(percepts, ("arrived",))
        if kind == "count":
            return self._count_changed(percepts)
        if kind in HAPPENINGS:
            return self._happened(percepts, HAPPENINGS[kind]) or self._jumped(percepts)
        return self._became_true(percepts)

    def _happened(self, percepts: Percepts, kinds: tuple[str, ...]) -> Firing | None:
        events = [event for event in percepts.events if event.kind in kinds and self._concerns(event)]
        if not events:
            return None
        self.tally += len(events)
        if self.condition.kind == "changes":
            events.sort(key=lambda event: TELLING.index(event.kind))
        first = events[0]
        number = self.tally if self.condition.tally else len(events)
        return Firing(first.t, number, first.side, first.text, first.kind)

    def _jumped(self, percepts: Percepts) -> Firing | None:
        """Something is suddenly there that does not go on moving: a change, though no movement."""
        before, self._motion = self._motion, percepts.motion
        jumped = self.condition.kind == "changes" and before < JUMP <= percepts.motion and not percepts.moving
        return Firing(percepts.t, event="jumped") if jumped else None

    def _concerns(self, event: PerceptEvent) -> bool:
        if event.kind in ("arrived", "left") and self.condition.kind != "changes":
            return event.label == self.condition.label
        return event.kind != "text_changed" or self.condition.kind == "changes" or bool(event.text.strip())

    def _count_changed(self, percepts: Percepts) -> Firing | None:
        count = percepts.counts.get(self.condition.label, 0)
        if percepts.dark or count == self._count:
            self._since = None
            return None
        if self._since is None or count != self._other:
            self._since, self._other = percepts.t, count
        if percepts.t - self._since < STEADY_S:
            return None
        first, self._count, self._since = self._count is None, count, None
        return None if first else Firing(percepts.t, count, percepts.sides.get(self.condition.label))

    def _became_true(self, percepts: Percepts) -> Firing | None:
        if percepts.dark and self.condition.kind != "moves":
            return None  # nobody is seen to be there, nor to be away
        holds, firing = self._holds(percepts)
        if not holds:
            self._held, self._since = False, None
            return None
        self._since = percepts.t if self._since is None else self._since
        if self._held or (self._numeric and percepts.t - self._since < STEADY_S):
            return None
        self._held = True
        return firing

    @property
    def _numeric(self) -> bool:
        """It is about how many, and not just whether any."""
        kind, number = self.condition.kind, self.condition.number or 0
        return kind == "fewer_than" or (kind == "more_than" and number > 0)

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


# Small numbers: who asks for step two may mean "Step 2", and a recogniser writes either.
_FIGURES = {
    "en": {"zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7",
           "eight": "8", "nine": "9", "ten": "10", "eleven": "11", "twelve": "12"},
    "zh": {word: str(number) for number, word in enumerate("零一二三四五六七八九十")},
}  # fmt: skip


def contains(lines: tuple[str, ...], wanted: str) -> str | None:
    """The line in which the wanted words stand, ignoring case, spacing and whether a small number is written in figures
    or words; also across lines. None: nowhere."""
    return next((line for words in _written(wanted) if (line := _line_with(lines, words)) is not None), None)


def _written(wanted: str) -> list[str]:
    """As it is, in figures, and in words of either language."""
    ways = [wanted, _rewritten(wanted, _FIGURES["en"] | _FIGURES["zh"])]
    ways += [_rewritten(wanted, {figure: word for word, figure in table.items()}) for table in _FIGURES.values()]
    return list(dict.fromkeys(ways))


def _rewritten(text: str, table: dict[str, str]) -> str:
    return re.sub(r"[a-z]+|\d+|[一-鿿]+", lambda found: table.get(found[0].lower(), found[0]), text, flags=re.I)


def _line_with(lines: tuple[str, ...], wanted: str) -> str | None:
    """Whole words and numbers: "next" is not in "context", "5" neither in "15" nor in "1.5". A reader that loses a
    space ("PressNext") is forgiven where the case changes."""
    characters = [re.escape(character) for character in wanted if not character.isspace()]
    if not characters:
        return None
    letters = r"\s*".join(characters)
    pattern = re.compile(letters, re.IGNORECASE)
    for line in (*lines, " ".join(lines)):
        if any(_apart(line, *match.span()) for match in pattern.finditer(line)):
            return line
    return None


def _apart(line: str, start: int, end: int) -> bool:
    """Whether what stands at `start`…`end` is no part of a longer word or number."""
    before, after = line[max(0, start - 2) : start], line[end : end + 2]
    return not _joined(before, line[start]) and not _joined(line[max(0, end - 2) : end], after)


def _joined(left: str, right: str) -> bool:
    """Whether the end of `left` and the beginning of `right` are one word or one number."""
    if not left or not right:
        return False
    if left[-1].isdigit() or right[0].isdigit():
        digits = left[-1].isdigit() and right[0].isdigit()
        decimals = len(left) == 2 and left[0].isdigit() and left[1] in ".,:" and right[0].isdigit()
        decimals = decimals or (left[-1].isdigit() and len(right) == 2 and right[0] in ".,:" and right[1].isdigit())
        return digits or decimals
    if not (left[-1].isascii() and left[-1].isalpha() and right[0].isascii() and right[0].isalpha()):
        return False  # Chinese has no spaces between words
    return not (left[-1].islower() and right[0].isupper())
