"""The contract between a tick and the model that decides."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from interaction.events import Action
from interaction.intents import Question
from interaction.seeing.base import Percepts
from interaction.sources.base import Frame
from interaction.wire import clean

if TYPE_CHECKING:
    from interaction.watches import Watch
    from interaction.zones import Zone


class ObserverError(Exception):
    """The observer could not decide. The message says what happened and what to do; costs one tick."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One past tick of a lane as a model sees it: what was asked, when, and what was answered."""

    t: float
    query: str
    answer: str
    frame: Frame | None = None


@dataclass(frozen=True, slots=True)
class View:
    """Everything an observer may look at in one tick of one lane.

    `percepts`: those since the last tick, newest last (may be empty); `questions`: asked since the last tick;
    `watches`: those that stand and apply to this lane; `armed`: ids of those armed since the last tick;
    `results`: texts of background tasks that ended since the last tick, to be told; `turns`: the recent past;
    `zones`: places of the picture that have a name.
    """

    t: float
    wall: datetime
    lane: str
    language: str
    frame: Frame | None
    percepts: tuple[Percepts, ...]
    watches: tuple[Watch, ...]
    armed: frozenset[str] = frozenset()
    questions: tuple[Question, ...] = ()
    results: tuple[str, ...] = ()
    turns: tuple[Turn, ...] = ()
    zones: tuple[Zone, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an observer wants to do; the policy has the last word.

    `reason`: why, in a few words, for the person who looks at the heartbeat strip; `watch`: the id it serves;
    `question`: what to delegate; `answers`: it answers the person (never held back by a cooldown);
    `event_t`: session time of what it speaks about, when known; `p_speak`: probability of speaking, when known;
    `rewording`: what a text model may say instead of `text`; `language`: of the text, "": the watch's, or the page's;
    `model`: words of a model's own, or its silence: it may say the same again in other words, or in another language.
    """

    action: Action
    text: str = ""
    reason: str = ""
    watch: str | None = None
    question: str | None = None
    kind: Literal["alert", "answer", "result", "notice"] = "notice"
    answers: bool = False
    event_t: float | None = None
    p_speak: float | None = None
    rewording: Rewording | None = None
    language: str = ""
    model: bool = False


@dataclass(frozen=True, slots=True)
class Rewording:
    """What a text model makes better words of, off the tick, where there is one; else the proposal's text is said.

    "translation": `source`, as it was read, in the language with the code `into`; "commentary": `source`, sentences of
    what happened, as one sentence in the language `into`.
    """

    kind: Literal["translation", "commentary"]
    source: str
    into: str


@dataclass(slots=True)
class Usage:
    """What an observer's model was asked so far: requests, tokens of their prompts, those of them from a cache."""

    calls: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0


# What one tick may bring: every watch of a person twice over; a text is a minute of speech, a question a long task.
PROPOSALS, TEXT_CHARS, QUESTION_CHARS, REASON_CHARS = 100, 4000, 4000, 300


def checked(proposals: object) -> list[Proposal]:
    """What an observer, which may be anybody's, returned: proposals of bounded size. Raises `ObserverError`."""
    if not isinstance(proposals, list | tuple) or not all(isinstance(p, Proposal) for p in proposals):
        raise ObserverError("the observer did not return proposals")
    for p in proposals:
        texts = all(isinstance(text, str) for text in (p.text, p.reason, p.language, p.watch or "", p.question or ""))
        kinds = p.action in ("silence", "speak", "delegate") and p.kind in ("alert", "answer", "result", "notice")
        better = p.rewording is None or (isinstance(p.rewording, Rewording) and isinstance(p.rewording.source, str))
        if not texts or not kinds or not better:
            raise ObserverError("the observer returned a proposal that is none")
    return [
        replace(
            p,
            text=clean(p.text[:TEXT_CHARS]),
            reason=clean(p.reason[:REASON_CHARS]),
            question=clean(p.question[:QUESTION_CHARS]) if p.question else p.question,
        )
        for p in proposals[:PROPOSALS]
    ] or [Proposal("silence", reason="the observer had nothing to say")]


class ObserverModel(ABC):
    """Decides, for one tick of one lane, between silence, speech and delegation.

    `capabilities`: names used by scenarios' `needs` (e.g. "people", "text", "open-questions"); `hosts`: hosts that
    receive pictures; `sees`: what it can see in about five words, by language, for the page's header.
    """

    name: str
    capabilities: frozenset[str]
    gated: bool = True  # asking it costs something: only when the gate finds a reason
    hosts: tuple[str, ...] = ()
    sees: dict[str, str]
    usage: Usage | None = None  # None: it does not count
    told = False  # somebody else tells of its present trouble, and better than a tick can
    loading: dict[str, Any] | None = None  # its model is: {"stage": a key of the page's words, "percent": or None}

    @abstractmethod
    async def decide(self, view: View) -> list[Proposal]:
        """One proposal or more; a single silence with its reason if there is nothing to say. Raises `ObserverError`."""

    def forget(self, lane: str) -> None:
        """A lane ended: drop what is kept of it."""

    async def aclose(self) -> None: ...

    def described(self) -> dict[str, Any]:
        """For the page's header."""
        return {"name": self.name, "sees": dict(self.sees), "hosts": list(self.hosts), "loading": self.loading}
