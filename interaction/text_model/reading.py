"""A request that the grammar does not take, read by a model: the same intents, or none.

What comes back passes through the builders of the grammar (`understanding/wishes.py`), so a wish that a model read has
the bounds and the wording of one that was said plainly. Nothing that destroys (cancelling, forgetting) can be read.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from interaction.intents import Condition, ConditionKind, Control, Intent, Question, Schedule, Task
from interaction.seeing.words import BY_LABEL
from interaction.text_model.base import TextModel, TextModelError
from interaction.text_model.checks import in_language, plain
from interaction.understanding import GRAMMARS
from interaction.understanding.grammar import Action, Frame, Situation, words_of
from interaction.understanding.places import at_place
from interaction.understanding.times import LONGEST_S
from interaction.understanding.wishes import refused, scheduled, watch
from interaction.understanding.wording import WORDING_CHARS
from interaction.wire import clean

TASK = (
    "A person spoke near an assistant that watches a camera. If 'said' asks the assistant for something on this list, "
    "say for what; if it is talk with somebody else, a remark, or asks for anything not on the list, reply "
    '{"wishes": []}. Be strict: never stretch a wish to something else than was asked.\n'
    "- watch: tell when a condition holds. conditions: arrives, leaves, sees, count, more_than, fewer_than (with "
    "'label', the last two with 'number'), face, moves, stops, changes, text_changes, text_says (with 'text'). Of "
    "anything else that can be seen: no condition, but 'wording', a short clause in the person's language of what is "
    "to be told, made of their words ('the milk boils over'; of a thing to be minded: 'anything noteworthy happens "
    "with the stove').\n"
    "- timer: remind once after 'seconds'; interval: every 'seconds'. 'say': the words to be said then.\n"
    "- question: scene (what is in view), count (of 'label'), text (what it says), memory (the past, in words), clip "
    "(play the last clip again), shown (see a moment of the past: the picture or clip of when something happened), "
    "time, watches, tally, tasks, ability.\n"
    "- order: stop_talking, pause, resume, quiet, voice, repeat, brief, chatty.\n"
    "- task: work something out in the background.\n"
    f"labels: {', '.join(BY_LABEL)}."
)


class Wish(BaseModel):
    """One thing that was asked for. Which fields count depends on `kind`."""

    kind: Literal["watch", "timer", "interval", "question", "order", "task"]
    condition: ConditionKind | None = None
    label: str | None = Field(None, max_length=60)
    number: int | None = Field(None, ge=0, le=1000)
    text: str | None = Field(None, max_length=200)
    wording: str | None = Field(None, max_length=120)
    say: str | None = Field(None, max_length=200)
    seconds: float | None = Field(None, gt=0, le=LONGEST_S)
    question: (
        Literal["scene", "count", "text", "memory", "clip", "shown", "elapsed", "time", "watches", "tally"]
        | Literal["tasks", "ability"]
        | None
    ) = None
    order: Literal["stop_talking", "pause", "resume", "quiet", "voice", "repeat", "brief", "chatty"] | None = None


class Reading(BaseModel):
    """What was asked for; empty: nothing."""

    wishes: list[Wish] = Field(default=[], max_length=3)


async def read(model: TextModel, said: str, situation: Situation) -> list[Intent]:
    """The intents of a sentence; none if it asks for nothing. Raises `TextModelError`."""
    reading = await model.ask(TASK, {"said": said, "language": situation.language}, Reading)
    for wish in reading.wishes:
        wish.say = clean(wish.say).strip() if wish.say else None
    return [intent for wish in reading.wishes for intent in _intents(wish, said, situation)]


def _intents(wish: Wish, said: str, situation: Situation) -> list[Intent]:
    if wish.label is not None and wish.label not in BY_LABEL:
        raise TextModelError(f"the text model named a thing that cannot be seen: {wish.label}")
    match wish:
        case Wish(kind="watch", condition=str()):
            plainly = watch(_condition(wish, said), Action(say=wish.say), situation.manner, False, situation.language)
            return [at_place(plainly, said, situation)]
        case Wish(kind="watch", wording=str(wording)):
            return _open(plain(wording, WORDING_CHARS), said, wish.say, situation)
        case Wish(kind="timer", seconds=float(seconds)):
            return scheduled(Schedule(after=seconds), Action(say=wish.say), situation, said)
        case Wish(kind="interval", seconds=float(seconds)):
            asked = Question(wish.question, said, wish.label) if wish.question else None
            return scheduled(Schedule(every=seconds), Action(say=wish.say, ask=asked), situation, said)
        case Wish(kind="question", question=str(kind)):
            return [Question(kind, said, wish.label)]
        case Wish(kind="order", order=str(verb)):
            return [Control(verb)]
        case Wish(kind="task"):
            return [Task(said)]
        case _:
            raise TextModelError(f"the text model left out what a {wish.kind} needs")


def _open(wording: str, said: str, say: str | None, situation: Situation) -> list[Intent]:
    """A wish in words: about what was said, not about something of the model's own."""
    in_language(wording, situation.language)
    if not words_of(wording) & words_of(said):
        raise TextModelError("the text model watches for something that was not said")
    grammar = GRAMMARS[situation.language]
    whether = wording if situation.language == "zh" else f"whether {wording}"
    return refused(Frame(wording, Action(say=say), doubt=whether), grammar.reason(wording), situation, said)


def _condition(wish: Wish, said: str) -> Condition:
    kind = wish.condition
    assert kind is not None
    if kind in ("more_than", "fewer_than") and (wish.number is None or (kind, wish.number) == ("fewer_than", 0)):
        raise TextModelError("the text model left out the number")
    if kind == "text_says" and (not wish.text or wish.text.lower() not in said.lower()):
        raise TextModelError("the text model waits for words that were not said")
    number = wish.number if kind in ("more_than", "fewer_than") else None
    return Condition(kind, wish.label or "person", number, wish.text if kind == "text_says" else None)
