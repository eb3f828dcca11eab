"""What becomes of an observer's proposal. Pure: the same history and proposals give the same rulings.

An answer to the person is never held back. Anything else is: when the person's own limits forbid it, when its watch
spoke a moment ago (cooldown), or when nothing in it was not said a moment ago (repeat). Urgency bypasses the
cooldown. Every ruling carries its reason, shown on the heartbeat strip and kept in the journal.

A model says what it sees in ever other words for as long as it sees it. So its words count as said until it was silent
for a moment or said something else; what goes on for long is told again now and then.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field, replace

from interaction.floor import Utterance
from interaction.observers.base import Proposal
from interaction.repeats import Gist, gist, repeats

# A model that was silent for less speaks of the same; for longer, and somebody else came in.
FLICKER_S = 3.0
# The gate asks a model more often than this; one that said nothing for longer was not silent but away.
AWAY_S = 30.0


@dataclass(slots=True)
class Said:
    """Something spoken. `t`: when (session seconds); `again`: when it was last proposed; `goes_on`: a model has neither
    been silent since nor said anything else."""

    t: float
    watch: str | None
    lane: str
    gist: Gist
    better: str
    again: float = field(default=0.0)
    goes_on: bool = False


def normalised(text: str) -> str:
    """Words and numbers of a text, without case, punctuation and spacing differences."""
    return " ".join(re.findall(r"\d+(?:[.,:]\d+)*|[^\W\d_]+", text.casefold()))


class Policy:
    """Rules on proposals, remembering what was said lately (bounded). Times in session seconds.

    `longest_s`: after so long what a model goes on saying is told again.
    """

    def __init__(self, *, cooldown_s: float, repeat_s: float, longest_s: float = 60.0, memory: int = 50) -> None:
        self._cooldown_s = cooldown_s
        self._repeat_s = repeat_s
        self._longest_s = longest_s
        self._said: deque[Said] = deque(maxlen=memory)

    def rule(
        self, proposal: Proposal, now: float, urgent: bool = False, *, lane: str = "", forbidden: str = ""
    ) -> Proposal:
        """The proposal itself, or a silence that says why it was held back. `forbidden`: what else is against it."""
        if proposal.action == "silence":
            self._settle(proposal, lane)
            return proposal
        if proposal.action == "speak" and not proposal.text.strip():
            return _held(proposal, "nothing to say")
        if proposal.action == "delegate" and not (proposal.question or "").strip():
            return _held(proposal, "a delegation without a question")
        better = f"{proposal.rewording.kind} {proposal.rewording.into}" if proposal.rewording else ""
        words = f"{proposal.text} {proposal.question or ''}"
        new = Said(now, proposal.watch, lane, gist(words) or (words,), better, now)
        if not proposal.answers:
            same = self._same(proposal, new)
            self._settle(proposal, lane, but=same)
            if same:
                same.again = now
            why = forbidden or (f"said {now - same.t:.1f} s ago" if same else "") or self._too_soon(new, urgent)
            if why:
                return _held(proposal, why)
        new.goes_on = proposal.model
        self._said.append(new)
        return proposal

    def unsaid(self, utterance: Utterance) -> None:
        """What was to be said never was: it is news still, unless the same words took its place."""
        never = gist(utterance.text)
        kept = (old for old in self._said if old.gist != never or old.t > utterance.born)
        self._said = deque(kept, maxlen=self._said.maxlen)

    def _same(self, proposal: Proposal, new: Said) -> Said | None:
        """What was said lately and is proposed again."""
        for old in reversed(self._said):
            if old.better == new.better and self._is_fresh(old, proposal, new) and repeats(new.gist, old.gist):
                return old
        return None

    def _is_fresh(self, old: Said, proposal: Proposal, new: Said) -> bool:
        age, gap = new.t - old.t, new.t - old.again
        if age < (self._cooldown_s if proposal.watch else self._repeat_s):
            return True
        if not proposal.model or old.lane != new.lane:
            return False
        if proposal.watch and old.watch not in (None, proposal.watch):
            return False  # another watch has come true by the same
        return age < self._longest_s and gap < (AWAY_S if old.goes_on else FLICKER_S)

    def _too_soon(self, new: Said, urgent: bool) -> str:
        if not new.watch or urgent:
            return ""
        last = next((old.t for old in reversed(self._said) if old.watch == new.watch), None)
        return (
            f"this watch spoke {new.t - last:.1f} s ago" if last is not None and new.t - last < self._cooldown_s else ""
        )

    def _settle(self, proposal: Proposal, lane: str, but: Said | None = None) -> None:
        """A model was silent, or said something else: what it said before is over."""
        for old in self._said if proposal.model else ():
            if old.lane == lane and old is not but:
                old.goes_on = False


def _held(proposal: Proposal, why: str) -> Proposal:
    return replace(proposal, action="silence", reason=f"held back: {why} ({proposal.text[:80]})", question=None)
