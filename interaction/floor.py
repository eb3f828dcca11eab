"""Who may speak: the person, the assistant, or nobody. A pure state machine.

The person always wins the floor; what the assistant was saying is cut. Utterances that must wait are few,
ordered by what they are, and go stale: an alert about the door is worth nothing half a minute later.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from interaction.events import UtteranceKind

Holder = Literal["nobody", "assistant", "person"]
Verdict = Literal["now", "interrupt", "wait", "dropped"]

# Which of two waiting utterances goes first. The answer: in a busy scene there is always one more alert, and the
# person would wait for ever; an urgent alert goes before everything.
RANK: dict[UtteranceKind, int] = {"answer": 0, "alert": 1, "result": 2, "acknowledgement": 3, "notice": 4}
# Seconds after which a waiting utterance is stale.
STALE_S: dict[UtteranceKind, float] = {
    "alert": 12.0,  # still news
    "answer": 30.0,  # the person waits for it
    "result": 120.0,  # worth hearing also after a long talk
    "acknowledgement": 6.0,  # late, it confuses
    "notice": 4.0,  # commentary on what is gone
}

URGENT_S = 120.0  # a reminder is worth hearing also after a long talk


@dataclass(frozen=True, slots=True)
class Utterance:
    """Something to be said. `born`: session seconds; `urgent`: may cut the assistant's own speech; `place`: of
    those that share one, or a watch, only the newest waits; `lasting`: it is not told a second time soon."""

    id: int
    text: str
    kind: UtteranceKind
    language: str
    born: float
    watch: str | None = None
    urgent: bool = False
    place: str = ""
    lasting: bool = False

    @property
    def seat(self) -> str:
        return self.watch or self.place

    @property
    def stale_s(self) -> float:
        return max(STALE_S[self.kind], URGENT_S) if self.urgent or self.lasting else STALE_S[self.kind]


class Floor:
    """Grants the floor. `generation` rises with every cut: what belongs to an older one is void."""

    def __init__(self, waiting: int) -> None:
        self.holder: Holder = "nobody"
        self.speaking: Utterance | None = None
        self.generation = 0
        self._bound = waiting
        self._waiting: list[Utterance] = []

    @property
    def waiting(self) -> tuple[Utterance, ...]:
        return tuple(self._waiting)

    def offer(self, utterance: Utterance) -> tuple[Verdict, Utterance | None]:
        """What to do with it, and the utterance that had to give way (never said), if any."""
        if self.holder == "nobody":
            self._take(utterance)
            return "now", None
        if self.holder == "assistant" and utterance.urgent and self.speaking and not self.speaking.urgent:
            cut = self.speaking
            self._take(utterance)
            self.generation += 1
            return "interrupt", cut
        older = next((w for w in self._waiting if w.seat and w.seat == utterance.seat), None)
        if older:
            self._waiting.remove(older)
        self._waiting.append(utterance)
        self._waiting.sort(key=lambda w: (not w.urgent, RANK[w.kind], w.born))
        if len(self._waiting) <= self._bound:
            return "wait", older
        last = self._waiting.pop()
        return ("dropped" if last is utterance else "wait"), last

    def person_started(self) -> Utterance | None:
        """The person took the floor; returns what was cut."""
        cut, self.speaking = self.speaking, None
        self.holder = "person"
        self.generation += cut is not None
        return cut

    def person_stopped(self) -> None:
        if self.holder == "person":
            self.holder = "nobody"

    def silence(self, everything: bool = True) -> Utterance | None:
        """Stop speaking now (Esc, "stop"); returns what was cut. `everything`: also what waits."""
        cut, self.speaking = self.speaking, None
        self.generation += cut is not None
        if self.holder == "assistant":
            self.holder = "nobody"
        if everything:
            self._waiting.clear()
        return cut

    def ended(self, utterance: int) -> None:
        """The assistant finished this one (ignored if it was cut meanwhile)."""
        if self.speaking and self.speaking.id == utterance:
            self.speaking = None
            self.holder = "nobody"

    def next(self, now: float) -> tuple[Utterance | None, list[Utterance]]:
        """The one to say now, if the floor is free, and those that went stale."""
        stale = [w for w in self._waiting if now - w.born > w.stale_s]
        self._waiting = [w for w in self._waiting if w not in stale]
        if self.holder != "nobody" or not self._waiting:
            return None, stale
        utterance = self._waiting.pop(0)
        self._take(utterance)
        return utterance, stale

    def _take(self, utterance: Utterance) -> None:
        self.holder = "assistant"
        self.speaking = utterance
