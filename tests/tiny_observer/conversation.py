"""A stream as a conversation, rendered by the observer's own dialects and context: what the model is shown in training
is what it will be shown in service."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from interaction.intents import AddWatch, Question
from interaction.observers.base import View
from interaction.observers.budget import Plan
from interaction.observers.context import Context, Message, Picture, Turn
from interaction.observers.dialects import Dialect, watched
from interaction.sources.base import Frame
from interaction.sources.synthetic.scene import Image
from interaction.watches import Watches
from tests.tiny_observer.streams import Stream, Tick

_WALL = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
_NO_PICTURE = np.zeros((1, 1, 3), np.uint8)


@dataclass(frozen=True)
class Asked:
    """One turn of a chunk as the model sees it. `suffix`: after its newest picture, not kept; `answer`: the right one;
    `index`: of the tick in its stream; `whole`: everything before it that matters is in this chunk; `hard`: something
    happened, and yet nothing is to be said."""

    turn: Turn
    suffix: str
    answer: str
    index: int
    whole: bool
    hard: bool


@dataclass(frozen=True)
class Conversation:
    """The last chunk of a stream. `messages`: all of it as sent at its last tick, without that tick's suffix."""

    asked: tuple[Asked, ...]
    messages: tuple[Message, ...]


def view(tick: Tick, image: Image | None = None) -> View:
    """What the observer is given at a tick."""
    watches = Watches(10)
    for wording in tick.watches:
        watches.add(AddWatch(wording), "en", _WALL)
    return View(
        t=tick.t, wall=_WALL, lane="camera", language="en", percepts=(), watches=watches.standing(),
        frame=Frame(tick.t, _NO_PICTURE if image is None else image),
        questions=(Question("scene", tick.question),) if tick.question else (),
        results=(tick.result,) if tick.result else (),
    )  # fmt: skip


def conversation(stream: Stream, dialect: Dialect, system: str, turns: int) -> Conversation:
    """`turns`: of a chunk; the last one is returned, with what was carried over and remembered at its head."""
    context = Context(Plan(10**6, 256, 10**6, 2, 800), system, by_id=True)
    stated: tuple[str, ...] | None = None
    chunk: list[Asked] = []
    messages: list[Message] = []
    for index, tick in enumerate(stream.ticks):
        seen = view(tick)
        if len(context.turns) >= turns:
            context = context.renewed(dialect.head(seen))
        said = dialect.said(seen, stated)
        turn = Turn(tick.t, said.before, Picture(str(index), ""), said.after)
        messages = context.messages(turn)
        if len(context.turns) < len(chunk):  # a new one began with the newest turns of the last
            chunk = [replace(asked, whole=False) for asked in chunk[-len(context.turns) :]]
        answer = tick.reply(dialect.name)
        chunk.append(Asked(turn, said.suffix, answer, index, whole=True, hard=tick.act == "unwatched"))
        note = f"<{tick.t:.1f} seconds> you said {tick.text!r}" if tick.text else ""
        context = context.kept(replace(turn, answer=answer, note=note))
        stated = watched(seen)
    return Conversation(tuple(chunk), tuple(messages))
