"""What a person can want, as values: made by `understanding`, acted on by `session.py`.

A `Condition` is something that the seeing room can check; a `Schedule` is something that the clock can.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ConditionKind = Literal[
    "arrives",       # a `label` comes into the picture
    "leaves",        # a `label` leaves the picture
    "count",         # say the new number whenever the number of `label` changes; with `tally`, count arrivals
    "more_than",     # more than `number` of `label` are in view
    "fewer_than",    # fewer than `number`
    "sees",          # a `label` is in view (fires at once if it already is)
    "face",          # a face is in view
    "moves",         # anything starts to move
    "stops",         # movement ends
    "changes",       # anything changes (motion, arrival, scene cut, text)
    "text_changes",  # the text in the picture changes: read the new text
    "text_says",     # the text contains `text`
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that can be seen. `label`: a detector class in English lower case ("person", "cup", …).

    `tally`: count events since the watch was armed ("count aloud each time someone comes in"); `zone`: the name of the
    part of the picture that it is about, "" for all of it; `place`: that part in the person's words ("at the door").
    """

    kind: ConditionKind
    label: str = "person"
    number: int | None = None
    text: str | None = None
    tally: bool = False
    zone: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When the clock speaks: once after `after` seconds, or every `every` seconds, or at `at` (aware ISO time).

    `at` with `every`: first at `at`, then every `every` seconds ("every day at eight").
    """

    after: float | None = None
    every: float | None = None
    at: str | None = None


Certainty = Literal["", "eager", "sure"]


@dataclass(frozen=True, slots=True)
class Limits:
    """When a watch may speak, as the person said beside the wish.

    `certainty`: of a model: "eager" (rather a false alarm than a miss), "sure" (rather a miss), "" (neither);
    `at_most`: seconds that two firings are apart; `quiet`: from and to which minute of the local day it is silent, over
    midnight where the second is smaller.
    """

    certainty: Certainty = ""
    at_most: float | None = None
    quiet: tuple[int, int] | None = None


UNLIMITED = Limits()


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a guide. It is told when its `condition` comes true or `after` seconds after the step before; with
    neither, when the person says "next" (`by_hand`) or when a model finds that the wording holds.

    `wording`: the line in the list while this step is waited for; `say`: what is told; None: what came true.
    """

    wording: str
    condition: Condition | None = None
    after: float | None = None
    say: str | None = None
    ask: Question | None = None
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class AddWatch:
    """Arm a watch: a condition, a schedule, or (both None) a wording that only a model can judge.

    `say`: fixed words to speak when it fires ("tell me step 2" → "step 2"); None: the observer phrases it.
    `source`: name of the lane it is bound to; `once`: gone after firing; `urgent`: may interrupt;
    `expires`: seconds after which it lapses, None for never; `ask`: a question to answer whenever it fires
    ("every five minutes tell me the time"); `steps`: of a guide, each armed when the one before was told (then
    `condition`, `schedule` and `say` are those of the first); `nowhere`: a place that it names and that is not known.
    """

    wording: str
    condition: Condition | None = None
    schedule: Schedule | None = None
    say: str | None = None
    source: str | None = None
    once: bool = False
    urgent: bool = False
    expires: float | None = None
    ask: Question | None = None
    steps: tuple[Step, ...] = ()
    limits: Limits = UNLIMITED
    nowhere: str = ""


QuestionKind = Literal[
    "scene", "count", "text", "memory", "elapsed", "time", "watches", "tally", "tasks", "ability", "translation",
    "commentary", "step", "sources", "clip", "shown", "open",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """Something to be answered now. `kind` says from where.

    scene: from what is in view ("what do you see?"); count: how many `label` now; text: read what it says;
    memory: from long-term memory ("when did someone come in?"); elapsed: time since a remembered event
    ("how long since someone left?"); time: the clock; watches: what is being watched; tally: how many so far;
    tasks: how the background work goes; ability: what it can do; translation: what it says, in the language with the
    code `into` (None: that of the person); commentary: what has happened since it was last told; step: where a guide
    is; sources: which cameras there are; clip: play the last clip; shown: play what is remembered ("show me when
    someone came in"); open: anything else (a model's, or the agent's).
    """

    kind: QuestionKind
    text: str
    label: str | None = None
    into: str | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """Work for the background agent ("work out 17 percent of 2,340")."""

    text: str


@dataclass(frozen=True, slots=True)
class Control:
    """A direct order. `target`: watch id(s) for cancel_watch/pause_watch/resume_watch, empty: the latest one;
    `lasts`: seconds after which "quiet" or "pause" ends by itself, None: until told; `step_…`: of a guide."""

    verb: Literal[
        "stop_talking", "cancel_last", "cancel_watch", "cancel_all", "pause_watch", "resume_watch", "cancel_task",
        "pause", "resume", "quiet", "voice", "repeat", "slower", "faster", "brief", "normal", "chatty", "forget",
        "step_next", "step_back", "step_again", "other_voice", "wake_words", "no_wake_words",
    ]  # fmt: skip
    target: tuple[str, ...] = ()
    lasts: float | None = None


@dataclass(frozen=True, slots=True)
class SourceOrder:
    """Add a configured source, or remove, pause or resume one. `name`: of a source or as it was said, "": none was."""

    verb: Literal["add", "remove", "pause", "resume"]
    name: str


@dataclass(frozen=True, slots=True)
class Unable:
    """A wish that nothing configured can fulfil. `what`: the thing; `needs`: what would be needed;
    `nearest`: what can be watched instead, as a wording that `understand` would take, or None."""

    text: str
    what: str
    needs: str
    nearest: str | None = None


@dataclass(frozen=True, slots=True)
class Remark:
    """Said to the house or not, with nothing to do: thanks, a greeting, a mumble. `reply`: a short one or None."""

    text: str
    reply: str | None = None


Intent = AddWatch | Question | Task | Control | SourceOrder | Unable | Remark
