"""What a session needs of the other rooms, handed over by the composition root."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from interaction.both import NOTHING, Both
from interaction.events import Problem
from interaction.observers.base import ObserverModel
from interaction.seeing.base import Seer
from interaction.speaking.base import Voice
from interaction.text_model.base import TextModel

if TYPE_CHECKING:
    from agent.board import TaskBoard
    from interaction.clips import Clips
    from interaction.hearing.ears import Ears
    from interaction.outlets.alerting import Alerting
    from interaction.session import Session
    from memory.recall import Memory


# What can be asked for wherever a text model is configured, whatever the observer is.
TEXT_CAPABILITIES = frozenset({"translation", "phrasing", "reading-requests"})


class CommandRefused(Exception):
    """A command was not taken. `advice`: what to do instead."""

    def __init__(self, message: Both, advice: Both = NOTHING) -> None:
        super().__init__(message)
        self.advice = advice


@dataclass(frozen=True)
class Services:
    """A missing one (None) costs its feature, not the session.

    `folder`: this person's folder, None keeps nothing on disk; `keeps_watches`: load and save the watches there (one
    session of a person does); `hosts`: what each outside host receives ("pictures", "sound", "text"); `missing`: what
    could not be had at the start, shown to the person; `beside`: by name, what runs beside the session as long as it
    lives, and is started again if it breaks.
    """

    observer: ObserverModel
    fallback: ObserverModel
    make_seer: Callable[[], Seer]
    make_board: Callable[[Session], TaskBoard | None] | None = None
    make_ears: Callable[[Session], Ears | None] | None = None
    voice: Voice | None = None
    memory: Memory | None = None
    clips: Clips | None = None
    folder: Path | None = None
    keeps_watches: bool = True
    hosts: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[Problem, ...] = ()
    text_model: TextModel | None = None  # translates, phrases, reads requests; shared by sessions
    capable_agent: bool = False  # a language model plans: open questions may be delegated
    beside: Mapping[str, Callable[[Session], Coroutine[Any, Any, None]]] = field(default_factory=dict)
    alerting: Alerting | None = None  # where alerts go; one for all sessions of a person
    ended: Callable[[], None] = lambda: None  # told when the session has closed everything of its own

    @property
    def capabilities(self) -> frozenset[str]:
        """What can be asked for here: of the observer, and of a text model where there is one."""
        return self.observer.capabilities | (TEXT_CAPABILITIES if self.text_model else frozenset())
