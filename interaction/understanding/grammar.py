"""What the grammars of both languages share: tables of patterns, what they know besides the words, and builders.

A pattern is a regular expression for a whole clause in which `{name}` stands for a fragment of the language's
vocabulary. A builder turns a match into a value, or returns None to let the next pattern try.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Generic, Literal, TypeVar

from interaction import intents
from interaction.intents import UNLIMITED, Condition, Control, Intent, Limits, Question, Remark, Schedule, Task
from interaction.understanding.times import duration

T = TypeVar("T")

# A larger number of things cannot be counted in one picture.
MOST_THINGS = 1_000

Verb = Literal[
    "stop_talking", "cancel_last", "cancel_watch", "cancel_all", "pause_watch", "resume_watch", "cancel_task",
    "pause", "resume", "quiet", "voice", "repeat", "slower", "faster", "brief", "normal", "chatty", "forget",
    "step_next", "step_back", "step_again", "other_voice", "wake_words", "no_wake_words",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class WatchRef:
    """A standing watch as far as words can refer to it. Order of a sequence of them: oldest first."""

    id: str
    wording: str
    condition: Condition | None = None
    schedule: Schedule | None = None
    say: str | None = None
    source: str | None = None
    once: bool = False
    urgent: bool = False
    ask: Question | None = None
    steps: int = 0  # of a guide
    limits: Limits = UNLIMITED


@dataclass(frozen=True, slots=True)
class Manner:
    """How a wish is to be fulfilled: said beside it ("right away", "for the next hour", "in the kitchen")."""

    once: bool = False
    urgent: bool = False
    expires: float | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known besides the words."""

    language: str
    now: datetime
    watches: tuple[WatchRef, ...] = ()
    lanes: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    capabilities: frozenset[str] = frozenset()
    cameras: tuple[str, ...] = ()  # configured sources, added or not
    manner: Manner = field(default_factory=Manner)


@dataclass(frozen=True, slots=True)
class Action:
    """What to do when a watch fires: fixed words, a question to answer, counting; all empty: just tell.

    `hands`: something that would need hands ("turn on the light"), which the house does not have.
    """

    say: str | None = None
    ask: Question | None = None
    tally: bool = False
    urgent: bool = False
    hands: str | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """A wish taken apart, condition not understood yet: "tell me | when | someone comes in"."""

    condition: str
    action: Action = field(default_factory=Action)
    once: bool = False
    doubt: str = ""  # what cannot be told if the condition is not understood; empty: whether it holds


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a wish cannot be fulfilled. `sense`: not even by a model that sees (a sound, a smell, hands)."""

    needs: str
    nearest: str | None
    sense: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a guide: what is waited for (`condition` in words, or `after` seconds), what is told then, or both."""

    condition: str = ""
    after: float | None = None
    action: Action | None = None


Build = Callable[[re.Match[str], Situation], T | None]


class Table(Generic[T]):
    """Patterns in the order in which they are tried. The first builder that takes the match wins."""

    def __init__(self, fragments: Mapping[str, str], *rows: tuple[str, Build[T]]) -> None:
        self._fragments = dict(fragments)
        self._rows = rows
        self._compiled: list[re.Pattern[str] | None] = [None] * len(rows)  # compiled when first needed

    def read(self, text: str, situation: Situation) -> T | None:
        """What the first fitting pattern makes of the whole of `text`; None if none fits."""
        for i, (pattern, build) in enumerate(self._rows):
            wanted = self._compiled[i] = self._compiled[i] or compiled(expand(pattern, self._fragments))
            match = wanted.fullmatch(text)
            if match is not None and (made := build(match, situation)) is not None:
                return made
        return None


class Grammar(ABC):
    """One language. Tables are tried in the order of `understanding.STAGES`; all texts are tidied clauses."""

    language: Literal["en", "zh"]
    joints: re.Pattern[str]  # where a second request may begin
    controls: Table[list[Intent]]
    requests: Table[list[Intent]]  # timers, intervals, cancelling by name, changing
    standing: Table[list[Intent]]  # watches that need no "tell me when": "count the cups"
    questions: Table[list[Intent]]
    tasks: Table[list[Intent]]
    wishes: Table[list[Intent]]  # requests that were recognised but cannot be fulfilled
    remarks: Table[list[Intent]]

    @abstractmethod
    def tidy(self, text: str) -> tuple[str, bool]:
        """The text without fillers and courtesy; and whether it addresses somebody ("please", "hey Lookout")."""

    @abstractmethod
    def manner(self, text: str, situation: Situation) -> tuple[str, Manner]:
        """Take what is said about the manner out of a clause."""

    @abstractmethod
    def limits(self, text: str, situation: Situation) -> tuple[str, Limits]:
        """Take what is said about how often, how surely and at which hours it may speak out of a clause."""

    @abstractmethod
    def frames(self, text: str, situation: Situation) -> Iterator[Frame]:
        """Ways to read a clause as condition and action."""

    @abstractmethod
    def conditions(self, text: str, situation: Situation) -> list[Condition]: ...

    @abstractmethod
    def reason(self, text: str) -> Reason:
        """Why the embedded observer cannot judge a condition in these words."""

    @abstractmethod
    def guide(self, text: str) -> list[str] | None:
        """The parts of "guide me: when …, then …" in order, empty if none was named; None: it is no guide."""

    @abstractmethod
    def part(self, text: str, situation: Situation) -> Part:
        """One of them, understood."""

    @abstractmethod
    def asks(self, text: str) -> bool:
        """Has the clause the form of a question?"""


def expand(pattern: str, fragments: Mapping[str, str]) -> str:
    """Replace `{name}` by the fragment, until none is left."""
    while (filled := re.sub(r"\{([a-z_]+)\}", lambda m: f"(?:{fragments[m[1]]})", pattern)) != pattern:
        pattern = filled
    return pattern


@lru_cache(maxsize=2048)
def compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def group(match: re.Match[str], name: str) -> str:
    """A named group's text; empty when the pattern has no such group or it took no part."""
    return (match.groupdict().get(name) or "").strip(" ,，")


# ---------------------------------------------------------------- builders for the tables


def control(verb: Verb) -> Build[list[Intent]]:
    """An order; a group named `lasts` in the pattern says for how long it holds ("for a while": until told)."""
    return lambda match, situation: [Control(verb, lasts=duration(group(match, "lasts"), situation.language))]


def question(kind: intents.QuestionKind, label: str | None = None) -> Build[list[Intent]]:
    return lambda match, situation: [Question(kind, match.string, label)]


def remark(reply: str | None) -> Build[list[Intent]]:
    return lambda match, situation: [Remark(match.string, reply)]


def task(match: re.Match[str], situation: Situation) -> list[Intent] | None:
    return [Task(match.string)]


def is_(condition: Condition) -> Build[Condition]:
    """A builder for a pattern that always means the same condition."""
    return lambda match, situation: condition


def compare(relation: str, count: int | None, label: str | None) -> Condition | None:
    """A condition on a number. `relation`: "more", "fewer", "least", "most" ("least" of 2: more than 1)."""
    if count is None or label is None or not 0 <= count <= MOST_THINGS:
        return None
    number = {"more": count, "least": count - 1, "fewer": count, "most": count + 1}[relation]
    if relation in ("fewer", "most"):
        return Condition("fewer_than", label, number) if number > 0 else None
    return Condition("more_than", label, number) if number >= 0 else None


# ---------------------------------------------------------------- several conditions in one wish


def ellipses(text: str, joint: re.Pattern[str], spaced: bool) -> Iterator[tuple[list[str], list[str]]]:
    """Ways to read "A or B" when one half borrows words from the other: candidates for A, candidates for B.

    "someone comes in or leaves" → B may be "leaves", "someone leaves", …; `spaced`: words are separated by spaces.
    """
    between = " " if spaced else ""
    for match in joint.finditer(text):
        left, right = text[: match.start()].strip(), text[match.end() :].strip()
        if not left or not right:
            continue
        before, after = (left.split(), right.split()) if spaced else (list(left), list(right))
        ends = [left] + [between.join([left, *after[i:]]) for i in range(1, len(after))]
        starts = [right] + [between.join([*before[:i], right]) for i in range(1, len(before))]
        yield ends[:12], starts[:12]


# ---------------------------------------------------------------- which watch is meant


def meant(watches: Sequence[WatchRef], what: Condition | str | None, words: frozenset[str]) -> tuple[str, ...]:
    """Ids of the watches that `what` (a condition, or a label) or some of the `words` of their wording refer to."""
    if isinstance(what, Condition):
        same = [w for w in watches if w.condition and replace(w.condition, tally=False) == replace(what, tally=False)]
        same = same or [
            w for w in watches if w.condition and (w.condition.kind, w.condition.label) == (what.kind, what.label)
        ]
        if same:
            return tuple(w.id for w in same)
    elif isinstance(what, str):
        labelled = [w for w in watches if w.condition and _about(w.condition) == what]
        if labelled:
            return tuple(w.id for w in labelled)
    scored = [(len(words & words_of(f"{w.wording} {w.say or ''}")), w) for w in watches]
    best = max((score for score, _ in scored), default=0)
    return tuple(w.id for score, w in scored if score == best) if best else ()


def _about(condition: Condition) -> str:
    """The label that a condition is about; "text", "motion" or "face" for those without one."""
    if condition.kind in ("text_changes", "text_says"):
        return "text"
    if condition.kind in ("moves", "stops", "changes"):
        return "motion"
    return "face" if condition.kind == "face" else condition.label


_LITTLE_ZH = frozenset("的了我你他她它在有没人把就来去到是不和给时候告诉提醒说一个这那里上下看着")
_LITTLE = frozenset(
    "a an the my your to of for in on at when if is are it that this me you and or someone".split()  # noqa: SIM905
)


def words_of(text: str) -> frozenset[str]:
    """What two texts may have in common: English words, Chinese characters and pairs of them; no little ones."""
    english = {w.rstrip("s") for w in re.findall(r"[a-z0-9]+", text.lower()) if w not in _LITTLE}
    chinese = re.findall(r"[㐀-鿿]+", text)
    pairs = {run[i : i + 2] for run in chinese for i in range(len(run) - 1)}
    return frozenset(english | pairs | {char for run in chinese for char in run if char not in _LITTLE_ZH})
