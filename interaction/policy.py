"""What becomes of an observer's proposal. Pure: the same history and proposals give the same rulings.

An answer to the person is never held back. Anything else is: when its watch spoke a moment ago (cooldown), or
when the same words with the same numbers were said a moment ago (repeat). Urgency bypasses the cooldown.
Every ruling carries its reason, shown on the heartbeat strip.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, replace

from interaction.observers.base import Proposal


@dataclass(frozen=True, slots=True)
class Said:
    """Something spoken: when (session seconds), for which watch, its words without case and punctuation."""

    t: float
    watch: str | None
    words: str


def normalised(text: str) -> str:
    """Words and numbers of a text, without case, punctuation and spacing differences."""
    return " ".join(re.findall(r"\d+(?:[.,:]\d+)*|[^\W\d_]+", text.casefold()))


class Policy:
    """Rules on proposals, remembering what was said lately (bounded)."""

    def __init__(self, *, cooldown_s: float, repeat_s: float, memory: int = 50) -> None:
        self._cooldown_s = cooldown_s
        self._repeat_s = repeat_s
        self._said: deque[Said] = deque(maxlen=memory)

    def rule(self, proposal: Proposal, now: float, urgent: bool = False) -> Proposal:
        """The proposal itself, or a silence that says why it was held back."""
        if proposal.action == "silence":
            return proposal
        if proposal.action == "speak" and not proposal.text.strip():
            return _held(proposal, "nothing to say")
        if proposal.action == "delegate" and not (proposal.question or "").strip():
            return _held(proposal, "a delegation without a question")
        if not proposal.answers and (why := self._why_not(proposal, now, urgent)):
            return _held(proposal, why)
        self._said.append(Said(now, proposal.watch, _words(proposal)))
        return proposal

    def _why_not(self, proposal: Proposal, now: float, urgent: bool) -> str:
        words = _words(proposal)
        for said in reversed(self._said):
            age = now - said.t
            if proposal.watch and said.watch == proposal.watch and age < self._cooldown_s and not urgent:
                return f"this watch spoke {age:.1f} s ago"
            if said.words == words and age < (self._cooldown_s if proposal.watch else self._repeat_s):
                return f"said {age:.1f} s ago"
        return ""


def _words(proposal: Proposal) -> str:
    """What is said, as far as it repeats itself: the same sign in another language is something else."""
    better = proposal.rewording
    return normalised(f"{proposal.text} {better.kind} {better.into}" if better else proposal.text)


def _held(proposal: Proposal, why: str) -> Proposal:
    return replace(proposal, action="silence", reason=f"held back: {why} ({proposal.text[:80]})", question=None)
