"""What happens on a lane, in short sentences: bounded in rate, and nothing twice. Pure.

Arrivals and departures that came together are told together. Movement is worth a word only when nothing better is to be
told, and not again and again.
"""

from __future__ import annotations

from collections import deque

from interaction import phrases
from interaction.seeing.base import PerceptEvent, Percepts
from interaction.seeing.within import Within
from interaction.seeing.words import number_of
from interaction.zones import Zone

# Seconds between two sentences: one takes two to three to say, and a person wants to hear something else too.
GAP_S = 4.0
# What waited longer is not what happens now.
FRESH_S = 8.0
# The same sentence again within this time says nothing.
REPEAT_S = 30.0
# Mere movement is told at most this often.
MOTION_S = 30.0
# Sentences in one breath.
MOST = 3
_TELLING = frozenset({"arrived", "left", "scene_cut", "text_changed", "motion_started"})


class Commentary:
    """Of one lane, for one watch. Call `hear` with all percepts in order, and `tell` whenever it may speak.

    `within`: the part of the picture that it is about; None: all of it.
    """

    def __init__(self, within: Within | None = None) -> None:
        self._within = within
        self._events: deque[PerceptEvent] = deque(maxlen=50)
        self._said: deque[tuple[float, str]] = deque(maxlen=20)
        self._told_t = -GAP_S
        self._counts: dict[str, int] = {}

    @property
    def zone(self) -> Zone | None:
        return self._within.zone if self._within else None

    def hear(self, percepts: Percepts) -> None:
        percepts = self._within.look(percepts) if self._within else percepts
        self._events += [event for event in percepts.events if event.kind in _TELLING]
        self._counts = dict(percepts.counts)

    def tell(self, t: float, language: str, since: float | None = None) -> str:
        """What happened, in one to three sentences; "" for nothing new, or not yet. `since`: also what is older than
        news, from this second on (and at once)."""
        if since is None and t - self._told_t < GAP_S:
            return ""
        oldest = t - FRESH_S if since is None else since
        events = [event for event in self._events if event.t >= oldest]
        self._events.clear()
        lines = [line for line in self._lines(events, language) if not self._was_said(line, t)][:MOST]
        if not lines:
            return ""
        self._told_t = t
        self._said += [(t, line) for line in lines]
        return "".join(lines) if language == "zh" else " ".join(lines)

    def _was_said(self, line: str, t: float) -> bool:
        return any(words == line and t - said < REPEAT_S for said, words in self._said)

    def _lines(self, events: list[PerceptEvent], language: str) -> list[str]:
        kinds = {event.kind for event in events}
        lines = [phrases.cut(language)] if "scene_cut" in kinds else []
        for kind in ("arrived", "left"):
            lines += self._moved([event for event in events if event.kind == kind], language)
        texts = [event for event in events if event.kind == "text_changed"]
        lines += [phrases.reads(texts[-1].text, language)] if texts else []
        if not lines and "motion_started" in kinds and not self._moved_lately(events[-1].t):
            lines = [phrases.movement(language)]
        return lines

    def _moved_lately(self, t: float) -> bool:
        movements = (phrases.movement("en"), phrases.movement("zh"))
        return any(words in movements and t - said < MOTION_S for said, words in self._said)

    def _moved(self, events: list[PerceptEvent], language: str) -> list[str]:
        """Who came, or who went, a line a label; with how many there are now where the same was said before."""
        lines = []
        for label in dict.fromkeys(event.label for event in events):
            which = [event for event in events if event.label == label]
            line = phrases.noticed(which[0], language) if len(which) == 1 else phrases.several(which, language)
            if self._was_said(line, events[-1].t):
                line = self._with_count(line, label, language)
            lines.append(line)
        return lines

    def _with_count(self, line: str, label: str, language: str) -> str:
        count = self._counts.get(label, 0)
        now = number_of(label, count, language)
        if language == "zh":
            return f"{line.rstrip('。')}，现在{'有' if count else ''}{now}。"
        return f"{line.rstrip('.')}; {now} now."
