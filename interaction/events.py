"""The vocabulary of the house: everything that happens in a session, as frozen values.

`t` is session time in seconds (see `clock.py`). Rooms send these to `Session.post`; the session
publishes them, with a sequence number, to its subscribers. What happens to an event when the person
interrupts belongs to its type: only utterances are cut short; decisions, tasks and memory stay.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from interaction.both import NOTHING, Both

Action = Literal["silence", "speak", "delegate"]
UtteranceKind = Literal["alert", "answer", "acknowledgement", "result", "notice"]
LaneState = Literal["connecting", "watching", "stalled", "down", "ended", "paused"]
Severity = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Base of all events. `t`: session seconds."""

    t: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonSpeaking(Happening):
    """The voice activity detector's view of the person: a turn began (`active`) or ended."""

    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingSaid(Happening):
    """A turn that was announced held no words: a cough, a noise, the house's own voice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptPartial(Happening):
    """What has been recognised so far of a turn that goes on. `stable`: the beginning of `text` that will not change
    before the final replaces it all."""

    text: str
    stable: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overheard(Happening):
    """Words that were not meant for the house (see `hearing/attention.py`): shown, never acted on, kept nowhere."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptFinal(Happening):
    """A finished turn of the person, spoken or typed. `language`: "en" or "zh"."""

    text: str
    language: str = "en"
    origin: Literal["voice", "typed"] = "typed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision(Happening):
    """What the house did with one tick of one lane, and why. `latency`: seconds spent asking the observer."""

    lane: str
    action: Action
    text: str = ""
    reason: str = ""
    watch: str | None = None
    latency: float = 0.0
    skipped: bool = False
    late: bool = False
    p_speak: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UtteranceStarted(Happening):
    """The first sample of an utterance was handed to the transport (or its caption, in text-only mode)."""

    utterance: int
    text: str
    kind: UtteranceKind
    watch: str | None = None
    spoken: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class UtteranceEnded(Happening):
    """An utterance ended. `heard`: the part of the text that reached the person; `stalls`: how often the house stood
    still for more than 50 ms meanwhile, which is heard as a gap."""

    utterance: int
    heard: str
    interrupted: bool = False
    stalls: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSubmitted(Happening):
    """Work was handed to the background agent."""

    task: str
    question: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskProgress(Happening):
    """The present step of a task in plain words. `fraction`: 0…1 or None when unknown."""

    task: str
    step: str
    fraction: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDone(Happening):
    """A task ended. `text` is what to tell the person; for a failure, what happened and what to do."""

    task: str
    question: str
    status: Literal["completed", "failed", "timeout", "cancelled"]
    text: str
    seconds: float = 0.0
    artefacts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchChanged(Happening):
    """A watch changed. `watch` is its snapshot (`Watch.snapshot()`)."""

    change: Literal["armed", "changed", "paused", "resumed", "cancelled", "expired", "fired"]
    watch: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryStored(Happening):
    """A moment is safely in long-term memory."""

    moment: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipKept(Happening):
    """The seconds around a fired watch are on disk as a film. `clip`: its file name; `moment`: id of the first moment
    that it shows, or ""; `wording`: of the watch that fired first; `start`: session second of its first picture;
    `seconds`: its length. Watches that fired in the same clip are told of one by one."""

    lane: str
    watch: str
    clip: str
    moment: str = ""
    wording: str = ""
    start: float = 0.0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MomentShown(Happening):
    """The person asked to be shown something: the page plays `clip`, or shows `picture` where there is no clip."""

    at: str
    text: str
    lane: str = ""
    clip: str = ""
    picture: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneChanged(Happening):
    """A source's health changed. `state`: connecting, watching, stalled, down, ended, paused."""

    lane: str
    state: LaneState
    detail: Both = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class AreasChanged(Happening):
    """What is drawn on a lane's picture is another now: `LaneAreas.to_json` of it. From this event on no picture of the
    lane shows what is masked; who keeps pictures of before drops them if `hides_more`."""

    lane: str
    zones: list[dict[str, Any]]
    masks: list[list[list[float]]]
    hides_more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen(Happening):
    """What the seeing room noticed on a lane (arrived, left, text changed, …): memory's and the journal's view."""

    lane: str
    kind: str
    label: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeChanged(Happening):
    """A control of the person took effect, e.g. `paused`, `voice`, `language`, `microphone`, `verbosity`, `pace`,
    `wake`; `attentive` changes by itself (see `hearing/attention.py`)."""

    name: str
    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem(Happening):
    """Something went wrong; shown and counted, never spoken as the observer's words.

    `where` names the part (camera, microphone, observer, memory, agent, voice, hearing, seeing, disk);
    `message` what happened; `kept` what goes on working; `advice` what to do.
    """

    where: str
    message: Both
    kept: Both = NOTHING
    advice: Both = NOTHING
    severity: Severity = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered(Happening):
    """The part named `where` works again."""

    where: str
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObserverChanged(Happening):
    """Another observer decides now, or its model is further loaded: what the snapshot says of it."""

    name: str
    sees: dict[str, str]
    hosts: list[str]
    loading: dict[str, Any] | None = None
    examples: dict[str, list[str]] = field(default_factory=dict)  # by language: what can be asked for now


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerted(Happening):
    """Something that its person wants to hear of wherever they are (`outlets/collecting.py`): the page may show it as
    the browser's notification. `watch`: its id; `wording`: what was asked for."""

    lane: str
    watch: str
    wording: str
    text: str
    urgent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertDelivered(Happening):
    """What became of an alert at one outlet: it is there, is tried again, or never got there. `watch`: its wording, ""
    for a test; `detail`: why, and the same in Chinese."""

    outlet: str
    watch: str
    status: Literal["delivered", "waiting", "failed"]
    detail: str = ""
    detail_zh: str = ""


Event = (
    PersonSpeaking
    | NothingSaid
    | TranscriptPartial
    | TranscriptFinal
    | Overheard
    | Decision
    | UtteranceStarted
    | UtteranceEnded
    | TaskSubmitted
    | TaskProgress
    | TaskDone
    | WatchChanged
    | MemoryStored
    | ClipKept
    | MomentShown
    | LaneChanged
    | AreasChanged
    | Seen
    | ModeChanged
    | Problem
    | Recovered
    | ObserverChanged
    | Alerted
    | AlertDelivered
)


# Shown and forgotten: not kept for pages that reload, never written down.
PASSING = (TranscriptPartial, Overheard)
